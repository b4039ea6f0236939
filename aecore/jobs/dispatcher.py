"""The thread that hands queued runs to workers, and says what became of a run whose worker died."""

import logging
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
START = 60.0  # seconds that the engine may take to start

UNTOLD = "How it ended could not be written. Free some space, then continue it."


@dataclass(frozen=True)
class Turn:
    """A run that was handed to a worker."""

    entry: Entry
    future: "Future"
    address: str  # of the worker, where it matters
    since: float


_lock = threading.RLock()  # of what follows; never held during slow work
_turns: dict[Path, Turn] = {}  # by the run's folder: one worker at a time writes there
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
            _trouble = for_visitor(error)
        except Exception:  # of one moment; the next may be better
            logging.getLogger(__name__).exception("The queue could not move.")
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
    if workers is None:
        return  # another thread starts it
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


def _stuck(turn: Turn, workers: "cluster.Engine | None") -> bool:
    """Whether the worker that it was meant for has gone before it began."""
    waits = read_status(turn.entry.folder).state == "queued"
    if not turn.address or not waits or time.monotonic() - turn.since < PATIENCE:
        return False
    return workers is None or turn.address not in workers.workers()


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
        reason = worker.DIED if killed else f"It could not be trained here ({error!s:.200})."
        _write(turn.entry, replace(status, state="failed", reason=reason))
    elif future.status == "finished" and future.result() and status.state == "running":
        _write(turn.entry, replace(status, state="failed", reason=UNTOLD))
    elif died and status.state == "running":
        _write(turn.entry, replace(status, state="interrupted", reason=worker.ENDED))


def _write(entry: Entry, status: Status) -> None:
    with suppress(LabError):  # a full disk: without a heartbeat the run counts as interrupted
        write_status(entry.folder, replace(status, phase="", ended=time.time()))
