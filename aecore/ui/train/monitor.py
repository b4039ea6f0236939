"""The page Train: what its component is told of runs under way and of finished ones.

All of it is read from the runs' folders at each look. Moments and all but the latest records
travel by address, so that the browser fetches each once.
"""

import gzip
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from aecore import jobs
from aecore.analysis.training_summary import RunHistory, SnapshotStats, compare, summarise
from aecore.data import available_datasets, load_dataset
from aecore.errors import LabError
from aecore.files import pack
from aecore.runs import Run
from aecore.runs.codes import MOST_DIMENSIONS, Codes, Quantised
from aecore.runs.snapshots import (
    IMAGES,
    Plane,
    Snapshot,
    examples,
    fixed_plane,
    list_snapshots,
    load_snapshot,
)
from aecore.runs.workspaces import Workspace
from aecore.ui import component, page, router
from aecore.ui.text import train, training
from aecore.web.images import single_images

EVERY = 0.5  # seconds between two looks at a run under way
TOGETHER = 64  # records that travel by one address
AT_ONCE = 24  # moments that one look reads from disk: nobody waits for all of a long run
LATEST = 1e6  # epoch that an address may name
URLS, BEFORE = "lab-studio-urls", "lab-studio-urls-before"
SAID = "lab-studio-said"
SHOWN, MORE, LAST = "lab-studio-shown", "lab-studio-more", "lab-studio-last"


def chosen(workspace: Workspace) -> tuple[list[Run], str]:
    """The runs that the address opens, and a sentence where it names none that there is.

    ``group`` opens a batch side by side, ``run`` one run; without them what was shown last, else
    the latest under way.
    """
    query, runs = st.query_params, workspace.runs()

    def named(what: str, value: str) -> list[Run]:
        if what == "run":
            return [run for run in runs if run.name == value]
        found = [run for run in runs if value and workspace.note(run).group == value]
        return sorted(found, key=in_group)

    if not ("group" in query or "run" in query):
        what, value = st.session_state.get(LAST, ("run", ""))
        if not named(what, value):
            what, value = "run", next((run.name for run in runs if run.status.under_way), "")
        if named(what, value):
            query[what] = value  # back from another page, or to stay with it when it ends
    what = "group" if "group" in query else "run"
    if found := named(what, query.get(what, "")):
        st.session_state[LAST] = what, query[what]
        return found, ""
    return runs[:1], train.not_here(what == "group") if what in query else ""


def in_group(run: Run) -> tuple[str, float]:
    """The order of runs beside each other: by kind, then by β."""
    return run.family, run.config.options.get("beta", 0.0)


def stage(workspace: Workspace, runs: Sequence[Run]) -> None:
    """The component, fed anew as long as one of its runs is under way."""
    names = [run.name for run in runs]
    if st.session_state.setdefault(SHOWN, names) != names:
        st.query_params.pop("moment", None)  # it was one of another run
        st.session_state[SHOWN] = names
    # A page drawn anew serves everything anew; what the last one served may still be on its way.
    before = st.session_state.get(URLS, {})
    st.session_state[URLS] = {}
    st.session_state[BEFORE] = {name: content for name, (_, content) in before.items()}
    stand = _stand(runs)
    lively = any(stand) or st.session_state.get(MORE) == names
    for number, content in enumerate(st.session_state[BEFORE].values()):
        component.serve(content, f"studio-before-{number}")
    st.fragment(_stage, run_every=EVERY if lively else None)(workspace, list(runs), stand, lively)


def _stand(runs: Sequence[Run]) -> tuple[bool, bool]:
    """Whether a run is busy, and whether something of it is still to come."""
    found = [run.status for run in runs]
    return any(s.busy for s in found), any(s.busy or s.phase for s in found)


@router.guard()
def _stage(workspace: Workspace, runs: list[Run], stand: tuple[bool, bool], lively: bool) -> None:
    present = [run for run in runs if (run.folder / "config.json").exists()]
    each = AT_ONCE // max(1, len(present))
    data = {
        "runs": [told(workspace, run, each) for run in present],
        "images": _images(present[0].config.dataset) if present else None,
        "tests": _tests(present[0].config.dataset) if present else None,
        "moment": moment_from_address(),
    }
    whole = all(url for run in data["runs"] for *_, url in run["moments"])
    st.session_state[MORE] = None if whole else [run.name for run in runs]
    data["answer"] = _answer(present) if whole else ""
    component.mount(
        "train/train", "studio", data,
        on_stop_change=lambda: _stop(workspace), on_moment_change=_moment_to_address,
        on_resume_change=lambda: _resume(workspace),
    )  # fmt: skip
    if said := st.session_state.pop(SAID, ""):
        st.error(page.plain(said), icon=":material/error:")
    now = _stand(present)
    if now != stand or lively != (any(now) or not whole):
        st.rerun()


def moment_from_address() -> float | None:
    """The epoch that the address names for the time machine; None for any text that is none."""
    try:
        epoch = float(st.query_params["moment"])
    except (KeyError, ValueError):
        return None
    return epoch if 0 <= epoch <= LATEST else None


def _moment_to_address() -> None:
    try:
        epoch = st.session_state["studio"]["moment"]["epoch"]
        if epoch is None:
            st.query_params.pop("moment", None)  # one who watches is nowhere in particular
        elif math.isfinite(epoch):
            st.query_params["moment"] = f"{epoch:.4g}"
    except (KeyError, TypeError):
        return  # not from the component


def _stop(workspace: Workspace) -> None:
    try:
        jobs.cancel(workspace.run(st.session_state["studio"]["stop"]))
    except (LabError, KeyError, TypeError):
        return  # it is gone, or has ended


def _resume(workspace: Workspace) -> None:
    try:
        jobs.resume(workspace, workspace.run(st.session_state["studio"]["resume"]))
    except LabError as error:
        st.session_state[SAID] = str(error)
    except (KeyError, TypeError):
        return  # not from the component


def told(workspace: Workspace, run: Run, most: int = AT_ONCE) -> dict:
    """All that the component shows of a run; of its moments, up to ``most`` that are new."""
    progress = jobs.follow(run)
    status = progress.status
    rows, terms = _rows(run)
    whole = len(rows) // TOGETHER * TOGETHER
    plane, looks = _moments(run, most, ended=not status.under_way)
    return {
        "name": run.name,
        "title": workspace.title(run),
        "what": what(run),
        "family": run.family,
        "beta": run.config.options.get("beta"),
        "dim": run.latent_dim,
        "state": status.state,
        "says": train.state(status.state, status.phase),
        "reason": status.reason,
        "busy": status.busy,
        "bare": status.kind == "measure" and not rows and not looks,  # it came as a file
        "can_stop": status.under_way and status.kind == "train",
        "can_continue": run.can_continue,
        "epoch": progress.epoch,
        "epochs": progress.epochs,
        "share": progress.share,
        "left": progress.seconds_left,
        "position": progress.position,
        "starts_in": progress.starts_in,
        "terms": terms,
        "records": [
            _once(f"{run.name}-records-{start}-{rows[start + TOGETHER - 1]}", packed)
            for start in range(0, whole, TOGETHER)
            for packed in [lambda start=start: _zipped(rows[start : start + TOGETHER])]
        ],
        "latest": rows[whole:],
        "moments": looks,
        "plane": plane,
        "kl": _kl(run, status.busy),
        "umap": _umap(run, status.busy),
    }


def what(run: Run) -> str:
    """Kind, size of the code and images of a run, in words."""
    kind = run.about.title
    beta, dataset = run.config.options.get("beta"), _dataset(run.config.dataset)[0]
    return train.run(kind, run.latent_dim, beta, dataset)


# Records


@dataclass(frozen=True)
class _Read:
    """What was read of a file of records: up to which byte, its last line, all as short rows."""

    end: int = 0
    line: bytes = b""
    rows: tuple[list, ...] = ()
    terms: tuple[str, ...] = ()


_records: dict[Path, _Read] = {}


def _rows(run: Run) -> tuple[list[list], list[str]]:
    """Records as short rows [epoch, train losses, test losses or None], and the losses' names.

    Only what was added since the last look is read: a long training has many.

    Raises:
        LabError: when the records are damaged.
    """
    read = _records.pop(run.folder, _Read())
    try:
        with open(run.folder / "metrics.jsonl", "rb") as file:
            file.seek(read.end - len(read.line))
            if file.read(len(read.line)) != read.line:
                read = _Read()  # written anew
                file.seek(0)
            added = file.read().rpartition(b"\n")[0]
        lines = added.split(b"\n") if added else []
        records = [json.loads(line) for line in lines]
        terms = read.terms or tuple(records[0]["losses"] if records else ())
        rows = [
            [round(r["epoch"], 4), _numbers(r["losses"], terms), _numbers(r["test"], terms)]
            for r in records
        ]
    except FileNotFoundError:
        return [], []
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LabError(f"metrics.jsonl of the run {run.name!r} is damaged.") from error
    if records:
        read = _Read(read.end + len(added) + 1, lines[-1] + b"\n", (*read.rows, *rows), terms)
    _records[run.folder] = read
    while len(_records) > 64:
        _records.pop(next(iter(_records)), None)
    return list(read.rows), list(read.terms)


def _numbers(losses: dict | None, terms: Sequence[str]) -> list[float | None] | None:
    if losses is None:
        return None
    values = [losses.get(name) for name in terms]
    return [float(f"{v:.5g}") if v is not None and np.isfinite(v) else None for v in values]


def _zipped(rows: list) -> bytes:
    return gzip.compress(json.dumps(rows).encode(), 6, mtime=0)


# Moments


def _moments(run: Run, most: int, *, ended: bool) -> tuple[str | None, list[list]]:
    """What the plane is, in words, and each moment's step, epoch and address (None: not yet)."""
    paths = list_snapshots(run.folder)
    if not paths:
        return None, []
    if run.latent_dim is None or run.latent_dim > MOST_DIMENSIONS:
        plane = None
        words = train.not_stored(MOST_DIMENSIONS)
    else:
        plane = _plane(run.folder, len(paths), paths[-1].stat().st_mtime_ns, ended)
        begun = int(paths[-1].stem) >= _steps_per_epoch(run)
        words = train.plane(run.latent_dim, ended=ended, begun=begun)
    key = (plane.origin.tobytes(), plane.axes.tobytes()) if plane else (b"", b"")
    steps_per_epoch = _steps_per_epoch(run)
    looks = []
    for path in reversed(paths):  # the latest is what one waits for
        step = int(path.stem)
        try:
            changed = path.stat().st_mtime_ns
        except OSError:
            continue  # it was dropped a moment ago
        name = f"{run.name}-{path.stem}-{hash((key, changed)):x}"
        url = None  # the next look goes on
        if most or _known(name):
            most -= not _known(name)
            url = _once(name, lambda path=path, changed=changed: _moment(path, changed, *key))
        looks.append([step, round(step / steps_per_epoch, 4), url])
    return words, looks[::-1]


def _steps_per_epoch(run: Run) -> float:
    images = _dataset(run.config.dataset)[1]
    return -(-images // min(run.config.fit.get("batch_size", 256), images))


@cache
def _datasets() -> dict[str, tuple[str, int]]:
    """Title and number of training images of each dataset: these never change."""
    return {info.name: (info.title, info.train_images) for info in available_datasets()}


def _dataset(name: str) -> tuple[str, int]:
    return _datasets().get(name, (name, 1))


@lru_cache(maxsize=64)
def _plane(folder: Path, count: int, changed: int, ended: bool) -> Plane | None:
    return fixed_plane(folder, ended=ended)


@lru_cache(maxsize=2)
def _snapshot(path: Path, changed: int) -> Snapshot:
    return load_snapshot(path)


@lru_cache(maxsize=256)
def _moment(path: Path, changed: int, origin: bytes, axes: bytes) -> bytes:
    """One moment for the browser: places on the fixed plane, reconstructions, decoded grid."""
    snapshot = _snapshot(path, changed)
    arrays = {"rebuilt": snapshot.reconstructions}
    if snapshot.codes is not None and origin:
        plane = Plane(np.frombuffer(origin, "f4"), np.frombuffer(axes, "f4").reshape(2, -1))
        places = Quantised.of(plane.project(snapshot.codes.values))
        arrays |= places.arrays("places")
        arrays["places"] = places.levels.T  # column by column, as the browser reads codes
        arrays["extent"] = snapshot.extent
        # Neighbours are alike: their differences are half as large when packed.
        arrays["grid"] = np.diff(snapshot.grid, axis=1, prepend=np.uint8(0))
    return gzip.compress(pack({}, arrays), 2, mtime=0)  # a tenth larger than at 6, in half the time


def _images(dataset: str) -> str | None:
    """Where the browser fetches the ten fixed test images, and the labels of all that are shown."""
    try:
        data = load_dataset(dataset)
    except LabError:
        return None
    arrays = {"fixed": data.test.images[examples(data)], "labels": data.test.labels[:IMAGES]}
    return _once(f"fixed-{dataset}", lambda: gzip.compress(pack({}, arrays), 6, mtime=0))


def _tests(dataset: str) -> dict | None:
    """Where the browser fetches the test image of a point that is pointed at."""
    return single_images(dataset)


def _kl(run: Run, busy: bool) -> list[float] | None:
    """KL of each dimension, once the run is measured."""
    if busy or not (run.folder / "card.json").exists():
        return None
    try:
        values = run.card["figures"].get("kl_per_dimension")
    except (LabError, KeyError, AttributeError):
        return None
    return [float(f"{value:.4g}") for value in values] if values else None


def _umap(run: Run, busy: bool) -> str | None:
    """Where the browser fetches UMAP's plane of the codes at the end; None where there is none."""
    if busy or run.latent_dim is None or not 2 < run.latent_dim <= MOST_DIMENSIONS:
        return None
    try:
        changed = (run.folder / "codes.npz").stat().st_mtime_ns
    except OSError:
        return None
    content = _umap_plane(run.folder, changed)
    return content and _once(f"{run.name}-umap-{changed:x}", lambda: content)


@lru_cache(maxsize=32)
def _umap_plane(folder: Path, changed: int) -> bytes | None:
    try:
        codes = Codes.load(folder / "codes.npz")
    except LabError:
        return None
    if codes.umap is None:
        return None
    arrays = codes.umap.arrays("places") | {"labels": codes.labels}
    arrays["places"] = codes.umap.levels.T  # column by column, as the browser reads codes
    return gzip.compress(pack({}, arrays), 6, mtime=0)


# The sentence


def _answer(runs: Sequence[Run]) -> str:
    """What became of the codes, or what differs between runs beside each other."""
    if len(runs) == 1:
        (run,) = runs
        posterior = "kl" in _rows(run)[1]
        return _summary(_when(run), run.config.dataset, posterior, not run.status.under_way)
    histories = []
    for run in runs:
        rows, terms = _rows(run)
        if "reconstruction" not in terms:
            continue
        tests = [(epoch, dict(zip(terms, test, strict=True))) for epoch, _, test in rows if test]
        tests = [(e, t["reconstruction"], t.get("kl")) for e, t in tests]
        tests = [test for test in tests if test[1] is not None]
        stats = _stats(_when(run), run.config.dataset)
        kind, beta = run.about.short, run.config.options.get("beta")
        histories.append(RunHistory(kind, beta, stats, tests))
    return training.comparison(compare(histories))


def _when(run: Run) -> tuple[tuple[Path, int], ...]:
    """A run's moments, and when each was written."""
    found = []
    for path in list_snapshots(run.folder):
        try:
            found.append((path, path.stat().st_mtime_ns))
        except OSError:
            continue
    return tuple(found)


@lru_cache(maxsize=256)
def _summary(moments: tuple, dataset: str, posterior: bool, ended: bool) -> str:
    facts = summarise(_stats(moments, dataset), posterior=posterior, ended=ended)
    return training.summary(facts)


def _stats(moments: tuple, dataset: str) -> list[SnapshotStats]:
    found = [_stats_of(*moment, dataset) for moment in moments]
    return [stats for stats in found if stats is not None]


@lru_cache(maxsize=4096)
def _stats_of(path: Path, changed: int, dataset: str) -> SnapshotStats | None:
    """One snapshot in numbers; None without codes."""
    try:
        snapshot = _snapshot(path, changed)
        labels = load_dataset(dataset).test.labels
    except LabError:
        return None
    if snapshot.codes is None:
        return None
    codes = snapshot.codes.values[: len(labels)]
    return SnapshotStats.of(snapshot.epoch, codes, labels[: len(codes)])


# Addresses


def _known(name: str) -> bool:
    """Whether this visitor was offered it before."""
    return any(name in st.session_state.get(known, {}) for known in (URLS, BEFORE))


def _once(name: str, content: object) -> str:
    """The address of something served; made when it is first asked for."""
    urls = st.session_state.setdefault(URLS, {})
    if name not in urls:
        before = st.session_state.get(BEFORE, {})
        made = before[name] if name in before else content()
        urls[name] = component.serve(made, f"studio-{name}"), made
    return urls[name][0]
