"""What a worker does: train a run, measure one, time a few steps.

All that others see of it is in the run's folder. Nothing here knows a page or an engine, and torch
is imported where it is used.
"""

import logging
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from aecore.analysis import projections
from aecore.analysis.card import classifier_for, describe
from aecore.errors import LabError, for_visitor
from aecore.jobs import subprocesses
from aecore.runs import Recorder, Run, open_run
from aecore.runs.codes import Codes
from aecore.runs.limits import limit
from aecore.runs.status import HEARTBEAT, Status, beat, read_status, write_status

if TYPE_CHECKING:
    from aecore.data import Dataset
    from aecore.families import Autoencoder, Phase
    from aecore.training import FitConfig, Record, Training

LOOK_EVERY = 0.3  # seconds between two looks at whether to stop
KEEP_EVERY = 5.0  # seconds between two checkpoints
TIMED = 0.5  # seconds of training from which an estimate is made
TIMING = 20.0  # seconds after which a timing is given up
FIGURES = 120.0  # seconds of measuring that a run has even when its minutes are over
STOP = "stop"  # this file in the run's folder asks to stop; the worker that obeys removes it
RESERVE = 16_384  # bytes of a file that is freed at the end: a full disk still takes the status

STOPPED = "Stopped by hand."
ENDED = "The engine that trained it was ended. Continue the run from where it was."
UNPLACED = "{}'s plane of its codes could not be computed."
LATE = "There was no time left for {}'s plane of its codes."
BROKE_OFF = "It broke off, for a reason that the server's log has. Try again, or ask who runs it."
NO_MEMORY = "There was not enough memory for it. Try smaller layers or a smaller batch."

_jobs: set[str] = set()  # that this process has begun and not ended
_at_work = threading.Event()  # set once a run has begun in this process
_warming = threading.Lock()  # held while the process warms up, which would spoil any timing
_placing = threading.Lock()  # held while codes are placed, which takes as much memory as a training
_building = threading.Lock()  # held while weights are drawn from torch's one global generator


class LeaseLost(Exception):
    """The run belongs to another job: it was continued or deleted meanwhile."""


class Diverged(Exception):
    """Training ended by itself, with the reason as a sentence."""


class Unmeasured(Exception):
    """Measuring was ended before its end, with the reason as a sentence."""


class RunLease:
    """A worker's right to a run: claims it, writes heartbeats, and writes how the run ended.

    Args:
        folder: the run's.
        job: the status carries it as long as the run is this job's.
        turn: of handing the job to a worker; the same when an engine starts a lost task again.
    """

    def __init__(self, folder: Path, job: str, turn: str) -> None:
        self.folder, self.job, self.turn = folder, job, turn
        self._over, self._begun = threading.Event(), False

    def begin(self) -> bool:
        """Claim the run; False when there is nothing to do here."""
        status, claim = read_status(self.folder), self.folder / f".claim-{self.job}"
        if status.job != self.job:
            return False
        if status.state != "queued":
            # A task that the engine starts again has ended its worker before.
            if status.under_way and claim.exists() and claim.read_text("utf-8") == self.turn:
                self.tell("failed", died(self.folder))
            return False
        try:
            with open(claim, "x", encoding="utf-8") as file:
                file.write(self.turn)
        except FileExistsError:
            return False  # another worker has it
        self._begun = True
        _at_work.set()
        _jobs.add(self.job)
        if self.stop_requested():
            self.tell("stopped", STOPPED)
            return False
        (self.folder / ".reserve").write_bytes(os.urandom(RESERVE))
        self.tell("running", phase="preparing", started=time.time())
        threading.Thread(target=self._beat, daemon=True).start()
        return True

    def tell(self, state: str, reason: str = "", phase: str = "", **more: float) -> None:
        """Write the run's status. Raises LeaseLost when the run is another job's."""
        status = self.status()
        if state not in ("queued", "running"):
            more["ended"] = time.time()
            (self.folder / ".reserve").unlink(missing_ok=True)
        write_status(self.folder, replace(status, state=state, reason=reason, phase=phase, **more))

    def status(self) -> Status:
        """The status on disk. Raises LeaseLost when it is another job's."""
        status = read_status(self.folder)
        if status.job != self.job:
            raise LeaseLost
        return status

    def stop_requested(self) -> bool:
        """Whether it was asked to stop since this was answered last with yes."""
        try:
            (self.folder / STOP).unlink()
        except OSError:  # mostly: there is none
            return (self.folder / STOP).exists()
        return True

    def _beat(self) -> None:
        while not self._over.wait(HEARTBEAT):
            beat(self.folder)

    def __enter__(self) -> "RunLease":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        """Write any error into the run's status as one sentence; the engine sees none."""
        self._over.set()
        _jobs.discard(self.job)
        if isinstance(error, Exception) and not isinstance(error, LeaseLost):
            if not isinstance(error, LabError):
                logging.getLogger(__name__).error("A run broke off.", exc_info=error)
            with suppress(LabError, OSError, LeaseLost):
                self.tell("failed", _sentence(error))
        if self._begun:
            tidy(self.folder, self.job)
        return isinstance(error, Exception)


def tidy(folder: Path, job: str) -> None:
    """Remove what a job that is over needed in the run's folder."""
    for name in (".reserve", f".claim-{job}"):
        with suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def died(folder: Path) -> str:
    """What is said of a run whose process was ended, by a limit or by hand."""
    kept = (folder / "checkpoint.safetensors").exists()
    again = "Continue it from some seconds before" if kept else "Try it again"
    return (
        "Its process was ended from outside, or took more than "
        f"{limit('memory_mb'):,} MB of memory, the most that a training may use here. "
        f"{again}, or choose smaller layers or a smaller batch."
    )


def overdue(minutes: float) -> str:
    """What is said of a run that was stopped by the limit of minutes."""
    return f"Stopped after {minutes:g} minutes, the longest that a run may take at a time."


async def end_process(job: str) -> None:
    """End this process, if it has that job: what is computed in it cannot be ended otherwise.

    The engine's own supervision starts another in its place.
    """
    if job in _jobs:
        os._exit(1)


def train(folder: str, job: str, turn: str, minutes: float) -> bool:
    """Train a queued run to its end, or on from where it was left, for at most so many minutes.

    False when the run is another job's.
    """
    with RunLease(Path(folder), job, turn) as lease:
        if not lease.begin():
            return False
        _train(lease, minutes)
    return True


def _train(lease: RunLease, minutes: float) -> None:
    from aecore.data import load_dataset
    from aecore.runs.snapshots import drop_after, moments, take
    from aecore.training import FitConfig, fit
    from aecore.training.checkpoint import load_checkpoint

    run = open_run(lease.folder)
    data = load_dataset(run.config.dataset)
    model = _new_model(run)
    settings = FitConfig(**run.config.fit)
    state = load_checkpoint(run.checkpoint)
    pace = _Pace()
    training = fit(model, data, settings, report_every=pace, resume=state)
    pace.first, pace.looks = training.step + 1, {*moments(training.steps)}
    # The moment of a stop goes: an uninterrupted run has none there.
    drop_after(run.folder, training.step - (training.step not in pace.looks))
    recorder = Recorder.of(run, training.step, training.seconds)
    if training.step == 0:
        take(model, data, 0, 0.0).save(run.folder)
    lease.tell("running", phase="training")
    reason, saved, start = "", 0.0, time.monotonic()
    try:
        for record in _records(training):
            if pace.worth_keeping(record):
                recorder.record(record)
            if record.step in pace.looks:
                take(model, data, record.step, record.epoch).save(run.folder)
            if time.monotonic() - saved > KEEP_EVERY:
                recorder.checkpoint(training)
                saved = time.monotonic()
            lease.status()
            if _let_go() or (reason := _reason_to_stop(lease, start, minutes)):
                break
            pace.begin()
    except Diverged as error:
        run.checkpoint.unlink(missing_ok=True)  # it would come to the same end
        recorder.keep(model)
        _describe(lease, recorder, data, "failed", str(error))
        return
    if training.step < training.steps:
        recorder.checkpoint(training)
        if reason:
            lease.tell("stopped", reason, phase="measuring")
            take(model, data, record.step, record.epoch).save(run.folder)
            _describe(lease, recorder, data, "stopped", reason)
        else:
            lease.tell("interrupted", ENDED)
        return
    recorder.keep(model)
    if not _describe(lease, recorder, data, "done", "", start, minutes):
        recorder.checkpoint(training)  # to go on from here is to measure it
        return
    run.checkpoint.unlink(missing_ok=True)
    _place(lease, run, start + 60 * minutes)


def measure(folder: str, job: str, turn: str, minutes: float) -> bool:
    """Measure codes and figures of an uploaded model; False when the run is another job's."""
    from aecore.data import load_dataset
    from aecore.files import read_header

    with RunLease(Path(folder), job, turn) as lease:
        if not lease.begin():
            return False
        run, start = open_run(lease.folder), time.monotonic()
        seconds = read_header(run.weights).meta.get("seconds")
        known = isinstance(seconds, (int, float)) and 0 <= seconds < 1e9
        recorder = Recorder.of(run, seconds=float(seconds) if known else 0.0)
        data = load_dataset(run.config.dataset)
        if _describe(lease, recorder, data, "done", "", start, minutes):
            _place(lease, run, start + 60 * minutes)
    return True


def time_steps(family: str, options: dict, dataset: str, settings: dict) -> dict[str, float]:
    """How long one step, the test of one image and one snapshot take here, in seconds.

    The first steps of each phase of such a training, for about half a second in all.
    """
    from aecore.data import Split, load_dataset
    from aecore.families import build_model
    from aecore.runs.snapshots import take
    from aecore.training import FitConfig, evaluate

    data = load_dataset(dataset)
    config = FitConfig(**{**settings, "epochs": 10_000})
    few = min(len(data.test), 1000)
    part = replace(data, test=Split(data.test.images[:few], data.test.labels[:few]))
    with _building:
        model = build_model(family, **options)
    if _warming.acquire(timeout=20):
        _warming.release()
    plan = model.plan()
    with _looking(_deadline(TIMING)):
        test = _timed(lambda: evaluate(model, part.test))
        snapshot = _timed(lambda: take(model, data, 0, 0.0))
        steps = [_time_phase(model, part, config, phase, TIMED / len(plan), test) for phase in plan]
    whole = sum(phase.share for phase in plan)
    step = sum(phase.share * seconds for phase, seconds in zip(plan, steps, strict=True)) / whole
    return {"step": step, "test": test / few, "snapshot": snapshot}


def _time_phase(
    model: "Autoencoder",
    data: "Dataset",
    config: "FitConfig",
    phase: "Phase",
    long: float,
    test: float,
) -> float:
    """How long one step of a phase takes: the first ones, for so many seconds."""
    from aecore.training import fit

    clock, seen = time.perf_counter(), []
    for record in fit(model, data, config, report_every=2, plan=(phase,)):
        seen.append(record)
        if time.perf_counter() - clock > long and len(seen) > 2:
            break
    rates = [
        (late.seconds - early.seconds - (test if late.test else 0)) / (late.step - early.step)
        for early, late in pairwise(seen[1:])  # the first steps are slow
    ]
    return max(median(rates), 0)


def _timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def warm_up() -> None:
    """Do a little of everything once, so that the first run here need not wait for imports."""
    from aecore.analysis.measures import Subject, describe_codes, measure
    from aecore.data import Split, load_dataset
    from aecore.families import build_model, models
    from aecore.runs.snapshots import take
    from aecore.training import fit

    data = load_dataset("digits")
    few = {
        name: Split(split.images[:60], split.labels[:60])
        for name, split in (("train", data.train), ("test", data.test))
    }
    data = replace(data, **few)
    with _building:
        model = build_model(next(iter(models())))
    list(fit(model, data, epochs=1))
    take(model, data, 0, 0.0)
    if not _at_work.is_set():  # then a run has come already, and needs the time itself
        subject = Subject(model, data)
        describe_codes(subject)
        measure(subject)


def dask_setup(worker: object) -> None:
    """Called by a worker that was started with ``--preload aecore.jobs.worker``: warm up."""
    _warming.acquire()
    threading.Thread(target=_warm_quietly, daemon=True).start()


def _warm_quietly() -> None:
    try:
        warm_up()
    except Exception:  # the first run fails with the same reason, and shows it
        logging.getLogger(__name__).warning("A worker could not warm up.", exc_info=True)
    finally:
        _warming.release()


def _describe(
    lease: RunLease,
    recorder: Recorder,
    data: "Dataset",
    state: str,
    reason: str,
    start: float = 0.0,
    minutes: float = 0.0,
) -> bool:
    """Write the outcome, then measure codes and figures, then write that all is there.

    False when it was stopped before, by hand or so many minutes after its start.
    """
    until = max(start + 60 * minutes, time.monotonic() + FIGURES)

    def look() -> None:
        lease.status()
        if lease.stop_requested():
            raise Unmeasured(STOPPED)
        if time.monotonic() > until:
            raise Unmeasured(overdue(minutes))

    lease.tell("running" if state == "done" else state, reason, phase="measuring")
    try:
        with _looking(look):
            describe(recorder, data, classifier=classifier_for(data.name))
    except Unmeasured as early:
        lease.tell("stopped" if state == "done" else state, reason or str(early))
        return False
    lease.tell(state, reason)
    return True


@contextmanager
def _looking(look: Callable[[], None]) -> Iterator[None]:
    """Have ``look`` called between the layers that this thread computes, some times a second.

    What it raises ends the computation.
    """
    from torch.nn.modules.module import register_module_forward_pre_hook

    thread, last = threading.get_ident(), 0.0

    def before(*of_a_layer: object) -> None:
        nonlocal last
        if threading.get_ident() == thread and time.monotonic() - last > LOOK_EVERY:
            look()
            last = time.monotonic()

    hook = register_module_forward_pre_hook(before)
    try:
        yield
    finally:
        hook.remove()


def _deadline(seconds: float) -> Callable[[], None]:
    until = time.monotonic() + seconds

    def look() -> None:
        if time.monotonic() > until:
            raise TimeoutError

    return look


def _place(lease: RunLease, run: Run, until: float) -> None:
    """Add the planes that take long to the codes. The run is done already, and stays so."""
    path, reason = run.folder / "codes.npz", ""
    if not run.has_codes or run.latent_dim <= 2:
        return
    title = ""
    try:
        for projection in projections.missing(Codes.load(path)):
            title = projection.title
            lease.tell("done", phase="placing")
            places = _places(lease, projection, path, until)
            if places is None:
                break
            Codes.load(path).with_places(projection.name, places).save(path)
    except LeaseLost:
        raise
    except Exception as error:
        known = for_visitor(error) if isinstance(error, LabError) else ""
        reason = known or UNPLACED.format(title)
        logging.getLogger(__name__).warning("A run has no plane of %s.", title, exc_info=error)
    with suppress(LabError):  # a full disk: it is done all the same
        lease.tell("done", reason)
    (run.folder / STOP).unlink(missing_ok=True)


def _places(
    lease: RunLease, projection: projections.Projection, path: Path, until: float
) -> np.ndarray | None:
    """Places, from a process of its own, which can be ended at once. None when it was."""

    def stopped() -> bool:
        lease.status()
        if time.monotonic() > until:
            raise LabError(LATE.format(projection.title))
        return lease.stop_requested()

    while not _placing.acquire(timeout=LOOK_EVERY):
        if stopped():
            return None
    try:
        with (
            tempfile.TemporaryFile() as out,
            subprocesses.start(
                "aecore.analysis.projections", projection.name, str(path), stdout=out
            ) as process,
        ):
            try:
                while process.poll() is None:
                    if stopped():
                        return None
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(LOOK_EVERY)
            finally:
                process.kill()
            if process.returncode:
                raise LabError(UNPLACED.format(projection.title))
            out.seek(0)
            return np.load(out)
    finally:
        _placing.release()


def _new_model(run: Run) -> "Autoencoder":
    from aecore.families import build_model

    with _building:
        return build_model(run.family, seed=run.config.fit["seed"], **run.config.options)


def _records(training: "Training") -> "Iterator[Record]":
    """The records; an error of training becomes Diverged, one of a full disk stays as it is."""
    try:
        yield from training
    except LabError as error:
        raise Diverged(for_visitor(error)) from error


def _let_go() -> bool:
    """Whether the engine is gone or retires this worker, which ends half a minute later."""
    from distributed import Status, get_worker

    with suppress(ValueError):  # no worker: a test
        return get_worker().status not in (Status.running, Status.paused)
    return False


def _reason_to_stop(lease: RunLease, start: float, minutes: float) -> str:
    if lease.stop_requested():
        return STOPPED
    return overdue(minutes) if time.monotonic() - start > 60 * minutes else ""


class _Pace:
    """When training is looked at: at its first step, at given ones, and when time has passed."""

    def __init__(self) -> None:
        self.first, self.looks = 1, set()
        self.start = self.last = self.written = time.monotonic()

    def __call__(self, step: int) -> bool:
        due = time.monotonic() - self.last >= LOOK_EVERY
        return due or step == self.first or step in self.looks

    def begin(self) -> None:
        """Count the time anew."""
        self.last = time.monotonic()

    def worth_keeping(self, record: "Record") -> bool:
        """Whether a record is written: of a long training some hundreds make a curve."""
        now = time.monotonic()
        due = now - self.written >= max(LOOK_EVERY, (now - self.start) / 300)
        if due or record.test or record.step == self.first or record.step in self.looks:
            self.written = now
            return True
        return False


def _sentence(error: Exception) -> str:
    if isinstance(error, LabError):
        return for_visitor(error)
    text = " ".join(str(error).split())
    if isinstance(error, MemoryError) or "allocate memory" in text or "out of memory" in text:
        return NO_MEMORY
    return BROKE_OFF
