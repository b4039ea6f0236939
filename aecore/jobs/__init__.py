"""Where training happens: submit, follow, cancel and resume runs, on Dask.

A run that is submitted waits in a queue on disk (`job_queue`); a thread hands it to a worker as
soon as one is free (`dispatcher`), on this machine or on a cluster (`cluster`); the worker trains
it (`worker`). The run's folder holds its status, so that every process reads the same.
"""

import atexit
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from aecore.errors import LabError, unwritten
from aecore.jobs import cluster, dispatcher, worker
from aecore.jobs.job_queue import enqueue, entries, order, seconds_left, split
from aecore.jobs.spec import Spec, check, seconds, weights
from aecore.runs import Recorder, Run, open_run
from aecore.runs.limits import MEGABYTE, limit
from aecore.runs.status import Status, write_status
from aecore.runs.workspaces import Workspace

GUESS = 60.0  # seconds that a run is taken to need while nothing is known of it
PER_WEIGHT = 20  # bytes on disk of a run under way: weights, and three times that to go on from
BESIDE = 6 * MEGABYTE  # bytes of its codes, snapshots and records

KNOWN_FOR = 600.0  # seconds for which a timing is taken as it is: the machine may get busier


@dataclass(frozen=True)
class _Timing:
    """What was timed on this machine, when, and whether runs were trained meanwhile."""

    speed: dict[str, float]
    when: float
    busy: bool


_timings: dict[str, _Timing] = {}  # by shape


@dataclass(frozen=True)
class Progress:
    """How far a run has come, for whoever follows it.

    Attributes:
        status: where it stands.
        epoch, epochs: finished, a fraction within one; and in all.
        share: of the steps, from 0 to 1.
        seconds_left: of training, from its speed so far; None before its first record.
        position: in the queue, 1 for the next to start; None when it does not wait.
        starts_in: seconds until it is expected to start; None when it does not wait.
    """

    status: Status
    epoch: float = 0.0
    epochs: int = 0
    share: float = 0.0
    seconds_left: float | None = None
    position: int | None = None
    starts_in: float | None = None


@dataclass(frozen=True)
class Place:
    """A run in the queue.

    Attributes:
        folder: of the run; its parent is its workspace's.
        running: whether it is with a worker.
        seconds: that it is expected to need, or still to need.
        starts_in: seconds until it is expected to start; 0 when it runs.
    """

    folder: Path
    running: bool
    seconds: float
    starts_in: float = 0.0


def submit(workspace: Workspace, spec: Spec, *, title: str = "", group: str = "") -> Run:
    """Put a training into the queue; it starts as soon as a worker is free.

    Several runs that belong together, such as a β series, are as many calls with one ``group``.

    Raises:
        LabError: for a model, setting or dataset that does not exist, for one beyond the limits,
            and when the workspace or the disk is full.
    """
    model, settings = check(spec)
    _admit(workspace, PER_WEIGHT * weights(model) + BESIDE)
    known = _timings.get(spec.shape)
    folder = workspace.new_folder(spec.family).absolute()
    with _whole(folder):
        enqueue(folder, "train", GUESS if known is None else seconds(spec, known.speed))
        Recorder(folder, model, spec.dataset, settings)
        run = open_run(folder)
        workspace.write_note(run, title=title, group=group)
    dispatcher.wake_up()
    return run


def submit_upload(
    workspace: Workspace, content: bytes, *, dataset: str | None = None, title: str = ""
) -> Run:
    """Take in a model file, and put the measuring of it into the queue.

    Raises:
        LabError: as `Workspace.receive`, and when too many runs of the workspace wait.
    """
    _admit(workspace, len(content))
    run = workspace.receive(content, dataset)
    with _whole(run.folder):
        workspace.write_note(run, title=title)
        enqueue(run.folder, "measure", GUESS / 6)
    dispatcher.wake_up()
    return run


def resume(workspace: Workspace, run: Run) -> None:
    """Put a run that was left before its end into the queue, to go on from where it was.

    Raises:
        LabError: when it cannot go on, or beyond the limits.
    """
    run = workspace.run(run.name)
    if not run.can_continue:
        raise LabError("This run cannot be continued: it has come to its end, or is under way.")
    _admit(workspace, 0)
    (run.folder / worker.STOP).unlink(missing_ok=True)
    enqueue(run.folder, run.status.kind, follow(run).seconds_left or GUESS)
    dispatcher.wake_up()


def cancel(run: Run) -> None:
    """Ask a run to stop; within two seconds it does, and keeps what it learned.

    One that waits leaves the queue; one that is measured goes without figures, one that is done,
    but for UMAP's plane, without that. Does nothing to one that is not under way.

    Raises:
        LabError: when the request cannot be written.
    """
    if not run.status.can_stop:
        return
    try:
        (run.folder / worker.STOP).touch()
    except OSError as error:
        raise LabError(
            f"The run could not be stopped: {error.strerror}.",
            f"The run could not be stopped. {unwritten(error)}",
        ) from error
    status = run.status
    if status.state == "queued":
        # Should a worker take it at this moment, it will find the request and say the same.
        stopped = replace(status, state="stopped", reason=worker.STOPPED, ended=time.time())
        write_status(run.folder, stopped)
    dispatcher.wake_up()


def follow(run: Run) -> Progress:
    """How far a run has come, from its folder and the queue; cheap enough to ask often.

    Raises:
        LabError: when its records are damaged.
    """
    status = run.status
    progress = Progress(status, epochs=int(run.config.fit.get("epochs", 0)))
    if record := run.last_record():
        progress = replace(
            progress,
            epoch=record["epoch"],
            share=record["step"] / record["steps"],
            seconds_left=seconds_left(record),
        )
    if status.state == "queued":
        waiting = [place for place in queue() if not place.running]
        for position, place in enumerate(waiting, start=1):
            if place.folder == run.folder.absolute():
                return replace(progress, position=position, starts_in=place.starts_in)
    return progress


def queue() -> list[Place]:
    """All that is trained or waits, of every workspace, in the order of starting.

    Asking also sees to it that the queue moves, as it must after a server has started again.
    """
    lines = entries()
    if lines:
        dispatcher.wake_up()
    running, waiting = split(lines, dispatcher.with_worker())
    return [
        *(Place(entry.folder, True, left) for entry, left in running),
        *(Place(e.folder, False, e.seconds, starts_in) for e, starts_in in order(waiting, running)),
    ]


def trouble() -> str:
    """Why no run can start at this time, in a sentence; else empty."""
    return dispatcher.trouble()


def estimate(spec: Spec, *, wait: float = 3.0) -> float | None:
    """Seconds that a training will take here, measuring of the result included.

    From a few steps of such a training, timed on a worker and cached. None when
    no worker has answered within ``wait`` seconds, as while the engine starts.

    Raises:
        LabError: as `submit`, for what cannot be trained.
    """
    check(spec)
    known, busy = _timings.get(spec.shape), at_work()
    old = known and (time.monotonic() - known.when > KNOWN_FOR or (known.busy and not busy))
    if (known is None or old) and (speed := _time(spec, wait)):
        known = _timings[spec.shape] = _Timing(speed, time.monotonic(), busy)
    return None if known is None else seconds(spec, known.speed)


def at_work() -> bool:
    """Whether a run of anybody's is trained now."""
    return any(place.running for place in queue())


def warm() -> None:
    """Get ready in the background: a page that may train calls this when it opens."""
    workers = cluster.running()
    if workers is None or workers.lost:
        threading.Thread(target=_warm, daemon=True).start()


@atexit.register
def close() -> None:
    """End the engine, if it is ours; runs under way will be found interrupted."""
    cluster.close()


def _time(spec: Spec, wait: float) -> dict[str, float] | None:
    """Time a few steps on a worker; None when it takes longer than this."""
    until, workers = time.monotonic() + wait, cluster.running()
    if wait or (workers and not workers.lost):
        workers = cluster.get(wait)
    if workers is None or workers.lost:
        return None
    values = (spec.family, spec.options, spec.dataset, spec.fit)
    future = workers.client.submit(worker.time_steps, *values, pure=False, priority=10)
    try:
        return future.result(timeout=max(0.1, until - time.monotonic()))
    except Exception:  # of the engine, and its time-out
        future.cancel()
        return None


def _warm() -> None:
    with suppress(LabError):  # starting a run raises it again, where it is shown
        cluster.get(0)
    import aecore.families.build  # noqa: F401  (torch, for the checks before a start)


def _admit(workspace: Workspace, needed: int) -> None:
    """Refuse, in one sentence, what would go beyond the limits."""
    folder = workspace.folder.absolute()
    mine, most = (
        [place for place in queue() if place.folder.parent == folder],
        limit("waiting_each"),
    )
    if len(mine) >= most:
        raise LabError(
            f"{len(mine)} runs of this workspace wait or are trained, and it may have {most:g}. "
            "Wait for one of them, or stop it."
        )
    there = next(path for path in (folder, *folder.parents) if path.exists())
    _check_writable(there)
    free = shutil.disk_usage(there).free
    if free < limit("free_mb") * MEGABYTE + needed:
        raise LabError(
            f"The server's disk has only {free / MEGABYTE:,.0f} MB left, too little for a run. "
            "Delete some runs."
        )
    workspace.check_room(needed)


def _check_writable(folder: Path) -> None:
    """Refuse at once what could not be stored at its end."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise LabError(
            f"Runs cannot be stored in {folder} ({error.strerror or error}). Make it writable, or "
            "set LATENT_LAB_RUNS to another folder.",
            unwritten(error),
        ) from error


@contextmanager
def _whole(folder: Path) -> Iterator[None]:
    """A new run is there with all that belongs to it, or not at all."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
