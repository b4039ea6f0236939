"""The status of a run: a small file in its folder, which any process may read at any time."""

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from aecore.files import write_json

STATES = ("queued", "running", "stopped", "failed", "interrupted", "done")
FILE = "status.json"
HEARTBEAT = 1.0  # seconds between two heartbeats of a run under way
STALE = 15.0  # seconds without a heartbeat after which a run counts as interrupted

INTERRUPTED = "The server or the process that trained it was ended. Continue it from where it was."


@dataclass(frozen=True)
class Status:
    """Where a run stands: plain values, stored as ``status.json``.

    Attributes:
        state: ``queued``, ``running``, ``stopped``, ``failed``, ``interrupted`` or ``done``.
        reason: why it stopped, failed or was interrupted, in one sentence; else empty.
        phase: what is done at this moment: ``preparing``, ``training`` or ``measuring``; a run
            that was stopped is measured, too. ``placing``, when UMAP's plane is added to one that
            is done. Empty while it waits and when all is written.
        kind: what is to be done: ``train``, or ``measure`` a model that was uploaded.
        job: who may write here. A worker whose job this is no longer stops.
        submitted, started, ended: seconds since 1970, or None.
        beat: when the last sign of life came, in the same seconds.

    Example:
        >>> Status("queued").under_way, Status("done").under_way
        (True, False)
    """

    state: str
    reason: str = ""
    phase: str = ""
    kind: str = "train"
    job: str = ""
    submitted: float | None = None
    started: float | None = None
    ended: float | None = None
    beat: float | None = None

    @property
    def under_way(self) -> bool:
        """Whether it waits or is trained."""
        return self.state in ("queued", "running")

    @property
    def can_stop(self) -> bool:
        """Whether anything waits or is done that a person can stop, in whatever phase."""
        return self.under_way or bool(self.phase)

    @property
    def busy(self) -> bool:
        """Whether its weights, codes and figures may still change: nothing waits for a plane."""
        return self.under_way or self.phase not in ("", "placing")


def read_status(folder: Path) -> Status:
    """Where the run in this folder stands; a run without the file is a finished one.

    What claims to be trained but has shown no sign of life for some time was interrupted. A
    damaged file says so as a failure.

    Example:
        >>> from aecore.runs import SHIPPED
        >>> read_status(SHIPPED / "mnist-vae").state
        'done'
    """
    path = folder / FILE
    try:
        beat = path.stat().st_mtime
        values = json.loads(path.read_bytes())
        status = replace(Status(**values), beat=beat)
        if status.state not in STATES or not isinstance(status.reason, str):
            raise ValueError(status.state)
    except (FileNotFoundError, NotADirectoryError):
        return Status("done")
    except (OSError, ValueError, TypeError, RecursionError):
        return Status("failed", "status.json of the run is damaged. Start it anew.")
    if time.time() - beat < STALE:
        return status
    if status.state == "running":
        return replace(status, state="interrupted", reason=INTERRUPTED, phase="", ended=beat)
    return status if status.state == "queued" else replace(status, phase="")


def write_status(folder: Path, status: Status) -> None:
    """Write ``status.json``, atomically.

    Raises:
        LabError: when it cannot be written.
    """
    values = asdict(status)
    del values["beat"]  # the file's own time
    write_json(folder / FILE, values)


def beat(folder: Path) -> None:
    """Write a heartbeat."""
    with suppress(OSError):
        os.utime(folder / FILE)
