"""What the event stream of the page Train says in words, from what was read of the runs."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from aecore import jobs
from aecore.analysis.training_summary import RunHistory, SnapshotStats, compare, summarise
from aecore.data import load_dataset
from aecore.errors import LabError
from aecore.runs import Run
from aecore.runs.workspaces import Workspace
from aecore.ui.text import train as text
from aecore.ui.text import training
from aecore.web.events import RunWatch, Words
from aecore.web.progress import Found, snapshot


def answer(runs: Sequence[RunWatch]) -> str:
    """What became of the codes of one run, or what differs between runs beside each other."""
    if len(runs) == 1:
        (one,) = runs
        stats = statistics(one.snapshots.found, one.run.config.dataset)
        posterior = "kl" in one.records.terms
        return training.summary(summarise(stats, posterior=posterior, ended=one.ended))
    histories = [history(one) for one in runs if "reconstruction" in one.records.terms]
    return training.comparison(compare(histories))


def history(one: RunWatch) -> RunHistory:
    """A run as it is compared with others: its snapshots, and its losses on test images."""
    terms, options = one.records.terms, one.run.config.options
    tests = [(epoch, dict(zip(terms, test))) for epoch, _, test in one.records.rows if test]  # noqa: B905
    tests = [(epoch, losses.get("reconstruction"), losses.get("kl")) for epoch, losses in tests]
    return RunHistory(
        one.run.about.short,
        options.get("beta"),
        statistics(one.snapshots.found, one.run.config.dataset),
        [test for test in tests if test[1] is not None],
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
    return {"ahead": text.ahead(ahead(places, folder)) if rows else "", "rows": rows}


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
        "what": text.place(kind, run.latent_dim, run.config.options.get("beta", 1), epoch, epochs),
        "share": round(progress.share, 3) if progress and epoch else None,
    }


WORDS = Words(answer, queue)
