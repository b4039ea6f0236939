"""The queue: one small file for each run that waits or is trained, beside the runs.

So a server that starts again finds it, and two servers on one folder share it. Nothing here starts
anything.
"""

import heapq
import json
import secrets
import time
from collections import Counter
from collections.abc import Container
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aecore.errors import LabError, unwritten
from aecore.files import write_json
from aecore.runs import open_run, runs_folder
from aecore.runs.limits import limit
from aecore.runs.status import Status, read_status, write_status

YOUNG = 60.0  # seconds for which a run in the queue may lack its files: it is being written


@dataclass(frozen=True)
class Entry:
    """A run in the queue, as its file has it.

    Attributes:
        file: its place in the queue.
        folder: of the run; its parent is its workspace's.
        job: which of the run's jobs this is (see `aecore.runs.status`).
        kind: ``train`` or ``measure``.
        seconds: that it is expected to need, at most as long as a run may take.
    """

    file: Path
    folder: Path
    job: str
    kind: str
    seconds: float

    @property
    def workspace(self) -> str:
        """The name of its workspace's folder."""
        return self.folder.parent.name


def queue_folder() -> Path:
    """Where the queue is."""
    return runs_folder().absolute() / "queue"


def enqueue(folder: Path, kind: str, seconds: float) -> None:
    """Put a run at the end of the queue, under a new job.

    Raises:
        LabError: when it cannot be written.
    """
    job, now = secrets.token_hex(8), time.time_ns()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        queue_folder().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(
            f"The run could not be written to {folder}: {error.strerror}.", unwritten(error)
        ) from error
    # Status before the line in the queue: a reader of the line finds it.
    write_status(folder, Status("queued", kind=kind, job=job, submitted=now / 1e9))
    line = {
        "run": folder.absolute().relative_to(runs_folder().absolute()).as_posix(),
        "job": job,
        "kind": kind,
        "seconds": seconds,
    }
    write_json(queue_folder() / f"{now:020}-{job}.json", line)


def entries() -> list[Entry]:
    """What stands in the queue, the earliest first."""
    found, longest = [], 60 * limit("minutes")
    for file in sorted(queue_folder().glob("*.json")):
        with suppress(OSError, ValueError, KeyError, TypeError):  # removed at this moment, damaged
            line = json.loads(file.read_bytes())
            folder = runs_folder().absolute() / line["run"]
            seconds = min(float(line["seconds"]), longest)
            found.append(Entry(file, folder, line["job"], line["kind"], seconds))
    return found


def split(
    lines: list[Entry], with_worker: Container[str] = ()
) -> tuple[list[tuple[Entry, float]], list[Entry]]:
    """Those that run, with the seconds that they still need; and those that wait.

    A job in ``with_worker`` counts as running from the moment that it was handed over.
    """
    running, waiting = [], []
    for entry in lines:
        status = read_status(entry.folder)
        if status.job != entry.job or not status.under_way:
            continue
        if status.state == "running" or entry.job in with_worker:
            running.append((entry, _left(entry, status)))
        else:
            waiting.append(entry)
    return running, waiting


def order(waiting: list[Entry], running: list[tuple[Entry, float]]) -> list[tuple[Entry, float]]:
    """In which order those that wait will start, and in how many seconds.

    Next is the earliest of the workspace that has the fewest running, so that one who starts a
    series of five does not keep a whole class waiting; no workspace has more than it may.
    """
    slots, each = max(1, limit("running")), max(1, limit("running_each"))
    ends = [(seconds, number, entry.workspace) for number, (entry, seconds) in enumerate(running)]
    heapq.heapify(ends)
    busy = Counter(workspace for _, _, workspace in ends)
    left, found, now = list(waiting), [], 0.0
    while left:
        able = [entry for entry in left if busy[entry.workspace] < each]
        if len(ends) < slots and able:
            entry = min(able, key=lambda entry: busy[entry.workspace])  # the first of the least
            left.remove(entry)
            found.append((entry, now))
            busy[entry.workspace] += 1
            heapq.heappush(ends, (now + entry.seconds, len(running) + len(found), entry.workspace))
        else:
            now, _, workspace = heapq.heappop(ends)
            busy[workspace] -= 1
    return found


def clear(entry: Entry) -> None:
    """Take a run out of the queue if it is no longer under way."""
    status = read_status(entry.folder)
    if status.job == entry.job and status.under_way:
        return
    since = time.time() - int(entry.file.name.split("-")[0]) / 1e9
    if since > YOUNG or (entry.folder / "config.json").exists():
        entry.file.unlink(missing_ok=True)


def seconds_left(record: dict) -> float:
    """Of training, from its speed so far."""
    return (record["steps"] - record["step"]) * record["seconds"] / record["step"]


def _left(entry: Entry, status: Status) -> float:
    """Seconds that a run still needs, as far as one can say."""
    gone = time.time() - status.started if status.started else 0.0
    seconds = entry.seconds - gone
    with suppress(LabError, KeyError, ZeroDivisionError):
        if record := open_run(entry.folder).last_record():
            seconds = min(seconds_left(record), 60 * limit("minutes") - gone)
    return max(1.0, seconds)
