"""The thread that hands queued runs to workers, and says what became of a run whose worker died."""

import logging
import math
import secrets
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from aecore.errors import LabError, for_visitor
from aecore.jobs import cluster, worker
from aecore.jobs.job_queue import Entry, clear, entries, order, split
from aecore.runs.limits import limit
from aecore.runs.status import Status, read_status, write_status

if TYPE_CHECKING:
    from distributed import Future

TICK = 0.25  # seconds between two looks at the queue while something is in it
PATIENCE = 5.0  # seconds until one asks what has become of a run that does not begin
OBEY = 1.5  # seconds in which a worker obeys; then its process is ended
START = 60.0  # seconds that the engine may take to start

NOBODY = (
    "No process that trains is there at this time. What waits begins as soon as there is one; "
    "if this stays so, ask whoever runs the server."
)
UNTOLD = "How it ended could not be written. Free some space, then continue it."


@dataclass(frozen=True)
class Turn:
    """A run that was handed to a worker."""

    entry: Entry
    future: "Future"
    address: str  # of the worker, where it matters
    since: float


log = logging.getLogger(__name__)
_lock = threading.RLock()  # of what follows; never held during slow work
_turns: dict[Path, Turn] = {}  # by the run's folder: one worker at a time writes there
_alone = 0.0  # since when there has been no worker; 0 while there is one
_thread: threading.Thread | None = None
_wake = threading.Event()
_trouble = ""


def wake_up() -> None:
    """See to it that the queue moves."""
    global _thread
    with _lock:
        _wake.set()
        if _thread is None:
            _thread = threading.Thread(target=_move, name="queue", daemon=True)
            _thread.start()


def with_worker() -> set[str]:
    """The jobs that were handed over and are not over yet."""
    with _lock:
        return {turn.entry.job for turn in _turns.values()}


def trouble() -> str:
    """Why no run can start at this time, in a sentence; else empty."""
    return _trouble


def _move() -> None:
    """Runs until there is nothing more to do."""
    global _thread, _trouble
    while True:
        _wake.wait(TICK)
        _wake.clear()
        try:
            _tend()
            _trouble = ""
        except LabError as error:
            _trouble = error.visitor if _trouble else for_visitor(error)  # into the log once
        except Exception:  # of one moment; the next may be better
            log.exception("The queue could not move.")
        with _lock:
            if not _turns and not _wake.is_set() and not entries():
                _thread = None
                return


def _tend() -> None:
    """Settle what has ended, clear the queue of it, and start what may start."""
    workers = cluster.running()
    lost = workers is not None and workers.lost
    died = workers is not None and workers.lost and workers.own
    with _lock:
        turns = list(_turns.values())
    for turn in turns:
        if not lost and not turn.future.done():
            if workers and (reason := _deaf(turn)):
                _end(turn, workers, reason)
            if not _stuck(turn, workers):
                continue
            turn.future.cancel()
        _settle(turn, died=died)
        with _lock:
            del _turns[turn.entry.folder]
    if lost:
        cluster.close()
    lines = entries()
    for entry in lines:
        clear(entry)
    running, waiting = split(lines, with_worker())
    for entry, starts_in in order(waiting, running):
        # A run stopped a moment ago may still be measured by the worker that had it.
        here = (entry.folder / "config.json").exists() and entry.folder not in _turns
        if starts_in == 0 and here:
            _hand_over(entry)


def _hand_over(entry: Entry) -> None:
    workers = cluster.get(START)
    if workers is None or not _anyone(workers):
        return  # another thread starts it; it starts another worker
    task = worker.measure if entry.kind == "measure" else worker.train
    # Our own workers take several tasks each, of which only one shall be a training. Others' may
    # come and go, and a task bound to one that went would wait for ever.
    addresses = workers.workers() if workers.own else []
    turn = secrets.token_hex(8)
    with _lock:
        turns = list(_turns.values())
    taken = Counter(turn.address for turn in turns if read_status(turn.entry.folder).under_way)
    with _lock:
        address = min(addresses, key=lambda address: taken[address], default="")
        future = workers.client.submit(
            task,
            *(str(entry.folder), entry.job, turn, limit("minutes")),
            key=f"{entry.kind}-{turn}",
            workers=[address] if address else None,
            allow_other_workers=bool(address),
            pure=False,
        )
        _turns[entry.folder] = Turn(entry, future, address, time.monotonic())


def _anyone(workers: "cluster.Engine") -> bool:
    """Whether there is a worker; raises LabError when there has been none for some time."""
    global _alone
    if workers.workers():
        _alone = 0.0
        return True
    _alone = _alone or time.monotonic()
    if time.monotonic() - _alone > PATIENCE:
        raise LabError(NOBODY)
    return False


def _deaf(turn: Turn) -> str:
    """Why its run should have stopped by now; empty when it need not."""
    folder, status = turn.entry.folder, read_status(turn.entry.folder)
    if status.job != turn.entry.job or status.state == "queued" or not status.phase:
        return ""
    with suppress(OSError):
        if time.time() - (folder / worker.STOP).stat().st_mtime > OBEY:
            return worker.STOPPED
    minutes = limit("minutes")
    longest = 60 * minutes + worker.FIGURES + OBEY
    late = status.busy and time.time() - (status.started or math.inf) > longest
    return worker.overdue(minutes) if late else ""


def _end(turn: Turn, workers: "cluster.Engine", reason: str) -> None:
    """End the process that has a run and does not listen, as amid one long product."""
    folder = turn.entry.folder
    log.warning("A run did not stop in time; the process that had it is ended.")
    workers.client.run(
        worker.end_process,
        turn.entry.job,
        workers=[turn.address] if turn.address else None,
        wait=False,  # there is no answer
        on_error="ignore",
    )
    status = read_status(folder)
    if status.job == turn.entry.job and status.phase:
        state = "stopped" if status.under_way else status.state
        # Without a job: should the process live on, it may not write here.
        status = replace(status, state=state, reason=status.reason or reason, job="")
        _write(turn.entry, status)
    (folder / worker.STOP).unlink(missing_ok=True)
    worker.tidy(folder, turn.entry.job)


def _stuck(turn: Turn, workers: "cluster.Engine | None") -> bool:
    """Whether the worker that it was meant for has gone before it began."""
    waits = read_status(turn.entry.folder).state == "queued"
    if not waits or time.monotonic() - turn.since < PATIENCE:
        return False
    there = workers.workers() if workers else []
    return turn.address not in there if turn.address else not there


def _settle(turn: Turn, *, died: bool) -> None:
    """Say what became of a run whose worker could not say it."""
    status, future = read_status(turn.entry.folder), turn.future
    if status.job != turn.entry.job:
        return
    if not status.under_way:
        if status.phase:  # it was being measured, or placed
            _write(turn.entry, replace(status, phase=""))
    elif future.status == "error":
        error = future.exception()
        killed = type(error).__name__ == "KilledWorker"
        if killed:
            log.warning("A process that trains was ended from outside, or for its memory.")
            worker.tidy(turn.entry.folder, turn.entry.job)
        else:
            log.warning("A run could not be trained.", exc_info=error)
        reason = worker.died(turn.entry.folder) if killed else worker.BROKE_OFF
        _write(turn.entry, replace(status, state="failed", reason=reason))
    elif future.status == "finished" and future.result() and status.state == "running":
        _write(turn.entry, replace(status, state="failed", reason=UNTOLD))
    elif died and status.state == "running":
        _write(turn.entry, replace(status, state="interrupted", reason=worker.ENDED))


def _write(entry: Entry, status: Status) -> None:
    with suppress(LabError):  # a full disk: without a heartbeat the run counts as interrupted
        write_status(entry.folder, replace(status, phase="", ended=time.time()))
