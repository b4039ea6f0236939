"""What a browser gets of a training: its records, snapshots and state, read as they come.

All of it is in the run's folder, so a training on another machine is followed like one on this.
"""

import gzip
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from aecore import jobs
from aecore.analysis.projections import stored
from aecore.data import available_datasets
from aecore.errors import LabError, damaged_run
from aecore.files import pack, packed
from aecore.jobs.job_queue import seconds_left
from aecore.runs import Run
from aecore.runs.codes import MOST_DIMENSIONS, Codes, Quantised
from aecore.runs.snapshots import Plane, Snapshot, fixed_plane, list_snapshots, load_snapshot
from aecore.runs.status import FILE as STATUS
from aecore.runs.status import Status, read_status
from aecore.web.content import offer

QUEUE_FOR = 1.0  # seconds for which the queue is taken as it was read

Row = list  # [epoch, losses on training images, losses on test images or None]


# ---------------------------------------------------------------- records


class Records:
    """The records of a run as short rows; each look reads only what was added to the file.

    Attributes:
        terms: names of the losses, in the order of a row's values.
        rows: ``[epoch, train losses, test losses or None]``, values of five digits.
        last: the latest record, as the training wrote it; None before the first.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "metrics.jsonl"
        self._end = 0  # up to which byte it was read
        self._line = b""  # the line that ends there
        self.last: dict | None = None
        self._forget()

    def read(self) -> int:
        """Read what was added; gives how many of the rows had been read before.

        It is fewer than there were when the file was written anew, as by a training that goes on
        from an earlier step.

        Raises:
            LabError: when the records are damaged.
        """
        try:
            with open(self.path, "rb") as file:
                file.seek(self._end - len(self._line))
                if file.read(len(self._line)) != self._line:
                    self._forget()
                    file.seek(0)
                added = file.read().rpartition(b"\n")[0]
            lines = added.split(b"\n") if added else []
            records = [json.loads(line) for line in lines]
            for record in records:
                named = (*record["losses"], *(record["test"] or ()))
                self.terms += [name for name in dict.fromkeys(named) if name not in self.terms]
            rows = [self._row(record) for record in records]
        except FileNotFoundError:
            self._forget()
            return 0
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise damaged_run(self.path) from error
        before = len(self.rows)
        if records:
            self._end += len(added) + 1
            self._line = lines[-1] + b"\n"
            self.last = records[-1]
            self.rows += rows
        return before

    def _forget(self) -> None:
        self._end, self._line = 0, b""
        self.terms: list[str] = []
        self.rows: list[Row] = []
        self.last = None

    def _row(self, record: dict) -> Row:
        return [
            round(record["epoch"], 4),
            _short(record["losses"], self.terms),
            _short(record["test"], self.terms),
        ]


def _short(losses: dict | None, terms: Sequence[str]) -> list[float | None] | None:
    if losses is None:
        return None
    values = [losses.get(name) for name in terms]
    return [float(f"{v:.5g}") if v is not None and np.isfinite(v) else None for v in values]


# ---------------------------------------------------------------- snapshots


@dataclass(frozen=True)
class Found:
    """A snapshot on disk: its file, and when that was written."""

    path: Path
    changed: int

    @property
    def step(self) -> int:
        """When in the training it was taken."""
        return int(self.path.stem)


def found_snapshots(run: Path) -> tuple[Found, ...]:
    """A run's snapshots, in order."""
    found = []
    for path in list_snapshots(run):
        try:
            found.append(Found(path, path.stat().st_mtime_ns))
        except OSError:
            continue  # it was dropped a moment ago
    return tuple(found)


def plane_kind(run: Run, snapshots: Sequence[Found], *, ended: bool) -> str:
    """What the plane of a run's snapshots is.

    ``none`` beyond 64 dimensions, ``axis`` of one, ``space`` itself of two; else a plane by PCA of
    the codes at the ``end``, after the first ``epoch``, or so far (``early``).
    """
    if run.latent_dim is None or run.latent_dim > MOST_DIMENSIONS:
        return "none"
    if run.latent_dim < 3:
        return ["axis", "space"][run.latent_dim - 1]
    if ended:
        return "end"
    begun = bool(snapshots) and snapshots[-1].step >= steps_per_epoch(run)
    return "epoch" if begun else "early"


def steps_per_epoch(run: Run) -> float:
    """Steps of an epoch of the run's training."""
    images = _train_images().get(run.config.dataset, 1)
    return -(-images // min(run.config.fit.get("batch_size", 256), images))


@cache
def _train_images() -> dict[str, int]:
    return {info.name: info.train_images for info in available_datasets()}


@lru_cache(maxsize=64)
def _plane(folder: Path, count: int, changed: int, ended: bool) -> Plane | None:
    return fixed_plane(folder, ended=ended)


@lru_cache(maxsize=2)
def snapshot(found: Found) -> Snapshot:
    """A snapshot, read.

    Raises:
        LabError: when it is missing or damaged.
    """
    return load_snapshot(found.path)


def snapshot_block(found: Found, plane: Plane | None) -> bytes:
    """One snapshot for the browser: places on the fixed plane, reconstructions, decoded grid.

    Raises:
        LabError: when it is missing or damaged.
    """
    taken = snapshot(found)
    arrays: dict[str, np.ndarray] = {"rebuilt": taken.reconstructions}
    if taken.codes is not None and plane is not None:
        assert taken.extent is not None  # a snapshot with codes has both
        assert taken.grid is not None
        places = Quantised.of(plane.project(taken.codes.values))
        arrays |= places.arrays("places")
        arrays["places"] = places.levels.T  # column by column, as the browser reads codes
        arrays["extent"] = taken.extent
        # Neighbours are alike: their differences are half as large when packed.
        arrays["grid"] = np.diff(taken.grid, axis=1, prepend=np.uint8(0))
    return gzip.compress(pack({}, arrays), 2, mtime=0)  # a tenth larger than at 6, in half the time


class Snapshots:
    """The snapshots of a run, each offered to the browser once.

    Attributes:
        found: those on disk.
        plane: what their plane is (see `plane_kind`).
        listed: step, epoch and address of each; the address is None until its block is made.
    """

    def __init__(self) -> None:
        self.found: tuple[Found, ...] = ()
        self.plane = ""
        self.listed: list[list] = []
        self._ended = False
        self._key = ""
        self._urls: dict[tuple, str] = {}
        self._fixed: Plane | None = None

    @property
    def whole(self) -> bool:
        """Whether each has its address."""
        return all(url for *_, url in self.listed)

    def look(self, run: Run, *, ended: bool) -> bool:
        """Look at the folder; whether something has changed since the last look.

        Raises:
            LabError: when the snapshot that the plane is made of is damaged.
        """
        found = found_snapshots(run.folder)
        if (found, ended) == (self.found, self._ended):
            return False
        kind = plane_kind(run, found, ended=ended)
        fixed = None
        if found and kind != "none":
            fixed = _plane(run.folder, len(found), found[-1].changed, ended)
        key = "" if fixed is None else f"{hash((fixed.origin.tobytes(), fixed.axes.tobytes())):x}"
        self._urls = {k: v for k, v in self._urls.items() if k[1] == key and k[0] in found}
        self.found, self.plane, self._ended = found, kind, ended
        self._fixed, self._key = fixed, key
        epoch = steps_per_epoch(run)
        self.listed = [
            [one.step, round(one.step / epoch, 4), self._urls.get((one, key))] for one in found
        ]
        return True

    def make(self) -> Iterator[None]:
        """Make the blocks that are still to be made, the latest first: it is what one waits for."""
        for row, found in zip(reversed(self.listed), reversed(self.found), strict=True):
            if row[2] is None:
                try:
                    row[2] = self._offer(found)
                except LabError:
                    row[2] = ""  # a damaged one stays out, the others still show
                yield

    def _offer(self, found: Found) -> str:
        plane = self._fixed
        key = f"{found.path}-{found.changed}-{self._key}"
        url = offer(key, lambda: snapshot_block(found, plane))
        self._urls[found, self._key] = url
        return url


# ---------------------------------------------------------------- state


def state_of(run: Run, status: Status, records: Records, bare: bool) -> dict:
    """Where a run stands, as plain values.

    ``epoch`` is finished, ``share`` of its steps and ``left`` in seconds as `jobs.Progress` has
    them; ``bare``: it came as a file, without records and snapshots.
    """
    state = {
        "state": status.state,
        "phase": status.phase,
        "reason": status.reason,
        "busy": status.busy,
        "bare": bare,
        "can_stop": status.can_stop,
        "can_continue": not status.under_way and run.can_continue,
        "epoch": 0.0,
        "epochs": int(run.config.fit.get("epochs", 0)),
        "share": 0.0,
        "left": None,
        "position": None,
        "starts_in": None,
    }
    if last := records.last:
        state |= {
            "epoch": last["epoch"],
            "share": last["step"] / last["steps"],
            "left": seconds_left(last),
        }
    if status.state == "queued":
        waiting = [place for place in queue() if not place.running]
        for position, place in enumerate(waiting, start=1):
            if place.folder == run.folder.absolute():
                state |= {"position": position, "starts_in": place.starts_in}
    return state


_queue: tuple[float, list[jobs.Place]] = (-1e9, [])


def queue() -> list[jobs.Place]:
    """All that is trained or waits; read once a second, however many follow it."""
    global _queue
    then, places = _queue
    if time.monotonic() - then > QUEUE_FOR:
        places = jobs.queue()
        _queue = time.monotonic(), places
    return places


def changed(path: Path) -> int | None:
    """When a file was written, in nanoseconds; None where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def planes_of(run: Run) -> list[dict]:
    """The projections that placed the codes at the end, with where the browser fetches each."""
    if run.latent_dim is None or not 2 < run.latent_dim <= MOST_DIMENSIONS:
        return []
    path = run.folder / "codes.npz"
    written = changed(path)
    try:
        places = Codes.load(path).places if written else {}
    except LabError:
        return []

    def url(name: str) -> str:
        key = f"{run.folder}-{name}-{written}"
        return offer(key, lambda: _places_block(run.folder, name))

    return [one.about() | {"url": url(one.name)} for one in stored() if one.name in places]


def _places_block(folder: Path, name: str) -> bytes:
    codes = Codes.load(folder / "codes.npz")
    places = codes.places[name]
    arrays = places.arrays("places") | {"labels": codes.labels}
    arrays["places"] = places.levels.T  # column by column, as the browser reads codes
    return packed({}, arrays)


class Statuses:
    """Where all runs of a workspace stand; the file of one that has ended is read once.

    Attributes:
        found: status by the run's name.

    Example:
        >>> Statuses(Path("nowhere")).stand
        ''
    """

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.found: dict[str, Status] = {}
        self._changed: dict[str, int] = {}
        self.read()

    def read(self) -> None:
        """Look at the files."""
        found: dict[str, Status] = {}
        changed: dict[str, int] = {}
        for path in sorted(self.workspace.glob(f"*/{STATUS}")):
            name = path.parent.name
            with suppress(OSError):  # deleted at this moment
                changed[name] = path.stat().st_mtime_ns
                before = self.found.get(name)
                same = before and changed[name] == self._changed.get(name)
                final = before if same and before and not before.busy and not before.phase else None
                found[name] = final or read_status(path.parent)
        self.found, self._changed = found, changed

    @property
    def lively(self) -> bool:
        """Whether one of them is under way, or something of it is still to come."""
        return any(status.busy or status.phase for status in self.found.values())

    @property
    def stand(self) -> str:
        """All of it in one text, which differs once a run has moved on."""
        return "\n".join(
            f"{name} {status.state} {status.phase}" for name, status in self.found.items()
        )
