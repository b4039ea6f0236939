"""What the event stream of the page Train says in words, from what was read of the runs."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from aecore import jobs
from aecore.analysis.training_summary import (
    RunHistory,
    SnapshotStats,
    Usual,
    compare,
    summarise,
)
from aecore.data import load_dataset
from aecore.errors import LabError
from aecore.families.description import Symbol
from aecore.runs import Run, open_run
from aecore.runs.workspaces import Workspace
from aecore.ui import series
from aecore.ui.text import train as text
from aecore.ui.text import training
from aecore.web.events import RunWatch, Words
from aecore.web.progress import Found, snapshot

RECONSTRUCTION = "reconstruction"  # the term that runs of all families are compared by


def answer(runs: Sequence[RunWatch]) -> str:
    """What became of the codes of one run, or what differs between runs beside each other."""
    if len(runs) == 1:
        (one,) = runs
        stats = statistics(one.snapshots.found, one.run.config.dataset)
        posterior = one.run.about.posterior
        return training.summary(summarise(stats, posterior=posterior, ended=one.ended))
    compared = [one for one in runs if RECONSTRUCTION in one.records.terms]
    setting = series.setting([one.run for one in compared])
    histories = [history(one, setting) for one in compared]
    usual = Usual(setting.symbol, setting.default) if setting else None
    return training.comparison(compare(histories, usual))


def history(one: RunWatch, setting: Symbol | None) -> RunHistory:
    """A run as it is compared with others: its snapshots, and its losses on test images."""
    names, about = one.records.terms, one.run.about
    titles = {term.name: term.title for term in about.terms}
    tests = []
    for epoch, _, test in one.records.rows:
        losses = {
            name: nats for name, nats in zip(names, test or (), strict=False) if nats is not None
        }
        if RECONSTRUCTION in losses:
            reconstruction = losses.pop(RECONSTRUCTION)
            losses.pop("loss", None)
            others = {titles.get(name, name): nats for name, nats in losses.items()}
            tests.append((epoch, reconstruction, others))
    return RunHistory(
        about.short,
        one.run.config.options[setting.option] if setting else None,
        statistics(one.snapshots.found, one.run.config.dataset),
        tests,
    )


def statistics(snapshots: Sequence[Found], dataset: str) -> list[SnapshotStats]:
    """Snapshots in numbers; those without codes are left out."""
    found = [_statistics(one, dataset) for one in snapshots]
    return [stats for stats in found if stats is not None]


@lru_cache(maxsize=4096)
def _statistics(found: Found, dataset: str) -> SnapshotStats | None:
    try:
        taken = snapshot(found)
        labels = load_dataset(dataset).test.labels
    except LabError:
        return None
    if taken.codes is None:
        return None
    codes = taken.codes.values[: len(labels)]
    return SnapshotStats.of(taken.epoch, codes, labels[: len(codes)])


def queue(workspace: Workspace, places: Sequence[jobs.Place]) -> dict:
    """The runs of a workspace in the queue, and how many of others are ahead of them.

    Each has a ``title``, its ``turn`` (or its state), ``what`` it is, and the ``share`` of its
    training, None before its first record.
    """
    folder = workspace.folder.absolute()
    rows = []
    for place in places:
        if place.folder.parent == folder:
            try:
                rows.append(_row(workspace, workspace.run(place.folder.name), place))
            except LabError:
                continue  # deleted at this moment
    caption = jobs.trouble() or text.ahead(ahead(places, folder))
    return {"ahead": caption if rows else "", "rows": rows}


def ahead(places: Sequence[jobs.Place], folder: Path) -> int:
    """How many runs of others come before the first of a workspace that waits; else 0."""
    before = 0
    for place in places:
        if place.folder.parent != folder:
            before += 1
        elif not place.running:
            return before
    return 0


def _row(workspace: Workspace, run: Run, place: jobs.Place) -> dict:
    kind = run.about.title.removesuffix(" autoencoder")
    progress = jobs.follow(run) if place.running else None
    epoch, epochs = (progress.epoch, progress.epochs) if progress else (0, 0)
    status = run.status
    return {
        "title": workspace.title(run),
        "turn": text.state(status.state, status.phase)
        if place.running
        else text.turn(place.starts_in),
        "what": text.place(kind, run.latent_dim, series.settings(run, unusual=True), epoch, epochs),
        "share": round(progress.share, 3) if progress and epoch else None,
    }


def bars(run: Run) -> dict | None:
    """The measure of each dimension of a measured run; None of one without.

    It has a ``title``, a ``unit``, a ``colour``, the ``full`` bar's least value, and ``values``.
    """
    try:
        figures = open_run(run.folder).card["figures"]
        for name, (title, unit, colour, full) in text.BARS.items():
            if values := figures.get(name):
                values = [float(f"{value:.4g}") for value in values]
                return {
                    "title": title, "unit": unit, "colour": colour, "full": full, "values": values
                }  # fmt: skip
    except (LabError, KeyError, AttributeError, TypeError, ValueError):
        return None
    return None


WORDS = Words(answer, queue, bars)
