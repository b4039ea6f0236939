"""The page Train: what its component is told of runs under way and of finished ones.

All of it is read from the runs' folders at each look. Moments and all but the latest records
travel by address, so that the browser fetches each once.
"""

import gzip
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from aecore import jobs
from aecore.browser import pack
from aecore.codes import MOST_DIMENSIONS, Quantised
from aecore.data import available_datasets, load_dataset
from aecore.errors import LabError
from aecore.runs import Run
from aecore.snapshots import IMAGES, Plane, examples, fixed_plane, list_snapshots, load_snapshot
from aecore.ui import live, shell
from aecore.workspaces import Workspace

EVERY = 0.5  # seconds between two looks at a run under way
TOGETHER = 64  # records that travel by one address
URLS, BEFORE = "lab-studio-urls", "lab-studio-urls-before"

STATES = {
    "queued": "waiting",
    "running": "running",
    "stopped": "stopped",
    "failed": "failed",
    "interrupted": "interrupted",
    "done": "done",
}
PHASES = {"preparing": "getting ready", "measuring": "measuring"}


def chosen(workspace: Workspace) -> tuple[list[Run], str]:
    """The runs that the address opens, and a sentence where it names none that there is.

    ``group`` opens a batch side by side, ``run`` one run; without them the latest under way.
    """
    query = st.query_params
    runs = workspace.runs()
    if group := query.get("group"):
        found = [run for run in runs if workspace.note(run).group == group]
        if found:
            return sorted(found, key=in_group), ""
    elif name := query.get("run"):
        for run in runs:
            if run.name == name:
                return [run], ""
    else:
        return [run for run in runs if run.status.under_way][:1] or runs[:1], ""
    return runs[:1], "The run that the address names is not in this workspace."


def in_group(run: Run) -> tuple[str, float]:
    """The order of runs beside each other: by kind, then by β."""
    return run.family, run.config.options.get("beta", 0.0)


def stage(workspace: Workspace, runs: Sequence[Run]) -> None:
    """The component, fed anew as long as one of its runs is under way."""
    # A page drawn anew serves everything anew; what the last one served may still be on its way.
    before = st.session_state.get(URLS, {})
    st.session_state[URLS] = {}
    st.session_state[BEFORE] = [content for _, content in before.values()]
    busy = any(run.status.busy for run in runs)
    st.fragment(_stage, run_every=EVERY if busy else None)(workspace, list(runs), busy)
    for number, content in enumerate(st.session_state[BEFORE]):
        live.serve(content, f"studio-before-{number}")


@shell.guard()
def _stage(workspace: Workspace, runs: list[Run], busy: bool) -> None:
    present = [run for run in runs if (run.folder / "config.json").exists()]
    data = {"runs": [told(workspace, run) for run in present], "images": None}
    if present:
        data["images"] = _images(present[0].config.dataset)
    live.mount("studio", "studio", data, on_stop_change=lambda: _stop(workspace))
    if busy and not any(run.status.busy for run in present):
        st.rerun()


def _stop(workspace: Workspace) -> None:
    try:
        jobs.cancel(workspace.run(st.session_state["studio"]["stop"]))
    except (LabError, KeyError, TypeError):
        return  # it is gone, or has ended


def told(workspace: Workspace, run: Run) -> dict:
    """All that the component shows of a run."""
    progress = jobs.follow(run)
    status = progress.status
    rows, terms = _rows(run)
    whole = len(rows) // TOGETHER * TOGETHER
    options = run.config.options
    plane, looks = _moments(run, ended=not status.under_way)
    return {
        "name": run.name,
        "title": workspace.title(run),
        "what": what(run),
        "family": run.family,
        "beta": options.get("beta"),
        "dim": run.latent_dim,
        "state": status.state,
        "says": PHASES.get(status.phase, STATES[status.state]),
        "reason": status.reason,
        "busy": status.busy,
        "can_stop": status.under_way and status.kind == "train",
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
    }


def what(run: Run) -> str:
    """Kind, size of the code and images of a run, in words."""
    titles = {info.name: info.title for info in available_datasets()}
    kind = live.TITLES.get(run.family, run.family)
    beta = run.config.options.get("beta")
    extra = "" if beta is None else f", β = {beta:g}"
    units = "1 unit" if run.latent_dim == 1 else f"{run.latent_dim} units"
    return f"{kind}, {units}{extra}, {titles.get(run.config.dataset, run.config.dataset)}"


# Records


def _rows(run: Run) -> tuple[list[list], list[str]]:
    """Records as short rows [epoch, train losses, test losses or None], and the losses' names."""
    try:
        about = (run.folder / "metrics.jsonl").stat()
    except OSError:
        return [], []
    return _read_rows(run.folder, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=64)
def _read_rows(folder: Path, changed: int, size: int) -> tuple[list[list], list[str]]:
    from aecore.runs import open_run

    records = open_run(folder).records()
    terms = list(records[0]["losses"]) if records else []
    rows = [
        [round(r["epoch"], 4), _numbers(r["losses"], terms), _numbers(r["test"], terms)]
        for r in records
    ]
    return rows, terms


def _numbers(losses: dict | None, terms: list[str]) -> list[float | None] | None:
    if losses is None:
        return None
    values = [losses.get(name) for name in terms]
    return [float(f"{v:.5g}") if v is not None and np.isfinite(v) else None for v in values]


def _zipped(rows: list) -> bytes:
    return gzip.compress(json.dumps(rows).encode(), 6, mtime=0)


# Moments


def _moments(run: Run, *, ended: bool) -> tuple[str | None, list[list]]:
    """What the plane is, in words, and each moment's step, epoch and address."""
    paths = list_snapshots(run.folder)
    if not paths:
        return None, []
    if run.latent_dim is None or run.latent_dim > MOST_DIMENSIONS:
        plane = None
        words = f"A code of more than {MOST_DIMENSIONS} numbers is not kept, so there is no plane."
    else:
        plane = _plane(run.folder, len(paths), paths[-1].stat().st_mtime_ns, ended)
        words = None
        if run.latent_dim > 2:
            begun = int(paths[-1].stem) >= _steps_per_epoch(run)
            kept = "last moment" if ended else "first epoch" if begun else "latest moment"
            words = (
                f"Not z₁ and z₂: the two widest of {run.latent_dim} dimensions, by PCA of the "
                f"codes at the {kept}, the same plane for all moments."
            )
        elif run.latent_dim == 1:
            words = "The code is one number: it lies along one axis."
    key = (plane.origin.tobytes(), plane.axes.tobytes()) if plane else (b"", b"")
    steps_per_epoch = _steps_per_epoch(run)
    looks = []
    for path in paths:
        step = int(path.stem)
        try:
            changed = path.stat().st_mtime_ns
        except OSError:
            continue  # it was dropped a moment ago
        name = f"{run.name}-{path.stem}-{hash((key, changed)):x}"
        url = _once(name, lambda path=path, changed=changed: _moment(path, changed, *key))
        looks.append([step, round(step / steps_per_epoch, 4), url])
    return words, looks


def _steps_per_epoch(run: Run) -> float:
    sizes = {info.name: info.train_images for info in available_datasets()}
    images = sizes.get(run.config.dataset, 1)
    return -(-images // min(run.config.fit.get("batch_size", 256), images))


@lru_cache(maxsize=64)
def _plane(folder: Path, count: int, changed: int, ended: bool) -> Plane | None:
    return fixed_plane(folder, ended=ended)


@lru_cache(maxsize=256)
def _moment(path: Path, changed: int, origin: bytes, axes: bytes) -> bytes:
    """One moment for the browser: places on the fixed plane, reconstructions, decoded grid."""
    snapshot = load_snapshot(path)
    arrays = {"rebuilt": snapshot.reconstructions}
    if snapshot.codes is not None and origin:
        plane = Plane(np.frombuffer(origin, "f4"), np.frombuffer(axes, "f4").reshape(2, -1))
        places = Quantised.of(plane.project(snapshot.codes.values))
        arrays |= places.arrays("places")
        arrays["places"] = places.levels.T  # column by column, as the browser reads codes
        arrays["extent"] = snapshot.extent
        # Neighbours are alike: their differences are half as large when packed.
        arrays["grid"] = np.diff(snapshot.grid, axis=1, prepend=np.uint8(0))
    return gzip.compress(pack({}, arrays), 6, mtime=0)


def _images(dataset: str) -> str | None:
    """Where the browser fetches the ten fixed test images, and the labels of all that are shown."""
    try:
        data = load_dataset(dataset)
    except LabError:
        return None
    arrays = {"fixed": data.test.images[examples(data)], "labels": data.test.labels[:IMAGES]}
    return _once(f"fixed-{dataset}", lambda: gzip.compress(pack({}, arrays), 6, mtime=0))


def _kl(run: Run, busy: bool) -> list[float] | None:
    """KL of each dimension, once the run is measured."""
    if busy or not (run.folder / "card.json").exists():
        return None
    try:
        values = run.card["figures"].get("kl_per_dimension")
    except (LabError, KeyError, AttributeError):
        return None
    return [float(f"{value:.4g}") for value in values] if values else None


def _once(name: str, content: object) -> str:
    """The address of something served; made when it is first asked for in this page's run."""
    urls = st.session_state.setdefault(URLS, {})
    if name not in urls:
        made = content()
        urls[name] = live.serve(made, f"studio-{name}"), made
    return urls[name][0]
