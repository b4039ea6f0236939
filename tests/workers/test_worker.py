"""What a worker does, done here: quicker to break."""

import errno
import math
import os
import threading
import time
from itertools import islice

import pytest

import aecore
from aecore import jobs
from aecore.jobs import cluster as engine
from aecore.jobs import dispatcher, job_queue, worker
from aecore.runs import Recorder
from aecore.runs.snapshots import list_snapshots
from aecore.runs.status import Status, read_status, write_status
from aecore.training import FitConfig, fit
from tests.workers.conftest import (
    BRIEF,
    MIDDLE,
    SHORT,
    open_workspace_of,
    records_are_whole,
    train,
    wait,
)


def test_a_run_is_written_as_it_is_trained(queued, digits):
    run = queued(SHORT)
    assert run.status.state == "queued"
    assert run.last_record() is None
    assert train(run)
    assert run.status.state == "done"
    assert [(r["step"], bool(r["test"])) for r in run.records()][-1] == (6, True)
    assert run.last_record() == run.records()[-1]
    assert len(list_snapshots(run.folder)) == 7
    assert sorted(path.name for path in run.folder.iterdir()) == [
        *("config.json", "metrics.jsonl", "model.safetensors", "note.json"),
        *("snapshots", "status.json"),
    ]


def test_stopped_before_its_first_step_it_starts_from_the_beginning(queued, same):
    run = queued(SHORT)
    (run.folder / worker.STOP).touch()
    assert not train(run)
    assert (run.status.state, run.status.reason) == ("stopped", worker.STOPPED)
    assert not run.weights.exists()
    assert run.can_continue
    jobs.resume(open_workspace_of(run), run)
    assert train(run)
    assert run.status.state == "done"


def test_a_run_beyond_its_time_is_stopped_and_goes_on(queued, brief, same):
    run = queued(BRIEF)
    train(run, minutes=0)
    assert run.status.state == "stopped"
    assert run.status.reason.startswith("Stopped after 0 minutes, the longest")
    for _ in range(3):
        jobs.resume(open_workspace_of(run), run)
        train(run, minutes=0)
    assert run.last_record()["step"] == 4
    jobs.resume(open_workspace_of(run), run)
    train(run)
    assert same(run.model(), brief)
    assert [r["step"] for r in run.records()][:5] == [1, 2, 3, 4, 5]
    records_are_whole(run)


def test_only_one_worker_takes_a_run(queued):
    run = queued(SHORT)
    (run.folder / f".claim-{run.status.job}").write_text("another turn")
    before = run.status
    assert not train(run)
    assert run.status == before
    assert not worker.train(str(run.folder), "another job", "turn", 30)
    assert run.status == before


def test_a_task_that_is_tried_again_says_that_its_worker_died(queued):
    """As an engine does that was not told to try once only."""
    run = queued(SHORT)
    (run.folder / f".claim-{run.status.job}").write_text("turn")
    write_status(run.folder, Status("running", phase="training", job=run.status.job))
    assert not train(run, "other turn")
    assert run.status.state == "running"
    assert not train(run, "turn")
    assert (run.status.state, run.status.reason) == ("failed", worker.died(run.folder))


def test_a_worker_leaves_a_run_that_was_continued_elsewhere(queued, monkeypatch):
    """As after a machine slept: its run was found interrupted, and goes on under another job."""
    run = queued()
    record = Recorder.record

    def taken(self, seen):
        record(self, seen)
        if seen.step > 5:
            write_status(run.folder, Status("queued", job="new"))

    monkeypatch.setattr(Recorder, "record", taken)
    train(run)
    assert (run.status.state, run.status.job) == ("queued", "new")
    assert run.last_record()["step"] < 20


def test_a_worker_leaves_a_run_that_was_deleted(queued, monkeypatch):
    run = queued()
    record = Recorder.record

    def gone(self, seen):
        record(self, seen)
        if seen.step > 5:
            import shutil

            shutil.rmtree(run.folder)

    monkeypatch.setattr(Recorder, "record", gone)
    train(run)
    assert not run.folder.exists()


def test_a_loss_that_is_no_number_keeps_the_last_good_weights(queued, monkeypatch, digits, same):
    """The sentence is that of `fit`; to go on would come to the same end."""
    run = queued()
    good = aecore.build_model(MIDDLE.family, **MIDDLE.options)
    list(islice(fit(good, digits, FitConfig(**MIDDLE.fit), report_every=25), 20))
    made = worker._new_model

    def broken(run):
        model, calls = made(run), []
        losses = model.losses

        def wrong(x, y=None, *, generator=None):
            terms = losses(x, y, generator=generator)
            calls.append(model.training)
            return {k: v * math.nan for k, v in terms.items()} if sum(calls) > 410 else terms

        model.losses = wrong
        return model

    monkeypatch.setattr(worker, "_new_model", broken)
    train(run)
    assert run.status.state == "failed"
    assert "loss is no longer a number" in run.status.reason
    assert run.weights.exists()
    assert not run.can_continue
    reached = run.last_record()["step"]
    assert reached <= 410
    again = aecore.build_model(MIDDLE.family, **MIDDLE.options)
    last = {*range(25, 411, 25), *(r["step"] for r in run.records())}
    list(islice(fit(again, digits, FitConfig(**MIDDLE.fit), report_every=lambda s: s in last),
                sum(s <= max(last) for s in last | {85, 170, 255, 340})))  # fmt: skip
    assert same(run.model(), again)


@pytest.fixture
def measuring(workspace, monkeypatch):
    """Measure for ever, by one layer after another: `measuring(kind, meanwhile, minutes)`."""
    monkeypatch.setattr(dispatcher, "wake_up", lambda: None)

    def measure_it(kind, meanwhile=lambda run: None, minutes=30.0):
        if kind == "train":
            run = jobs.submit(workspace, SHORT)
        else:
            file = workspace.folder / "model"
            workspace.folder.mkdir(parents=True, exist_ok=True)
            content = aecore.build_model("ae", hidden=[8]).save(file).read_bytes()
            run = jobs.submit_upload(workspace, content, dataset="digits")

        def endless(subject):
            meanwhile(run)
            start = time.monotonic()
            while time.monotonic() - start < 20:
                subject.model.encode(subject.data.test.images[:1])
            pytest.fail("it did not listen")

        with monkeypatch.context() as patch:
            patch.setattr("aecore.analysis.card.measure", endless)
            assert getattr(worker, kind)(str(run.folder), run.status.job, "turn", minutes)
        return run

    return measure_it


@pytest.mark.parametrize("kind", ["train", "measure"])
def test_measuring_stops_when_it_is_asked_to_and_is_done_later(measuring, kind):
    run = measuring(kind, jobs.cancel)
    assert (run.status.state, run.status.reason) == ("stopped", worker.STOPPED)
    assert (run.status.phase, run.can_continue) == ("", True)
    steps = len(run.records())
    jobs.resume(open_workspace_of(run), run)
    assert getattr(worker, kind)(str(run.folder), run.status.job, "turn", 30)
    assert run.status.state == "done"
    assert run.card["figures"]["reconstruction"] > 0
    assert len(run.records()) == steps  # nothing was trained again


def test_measuring_has_an_end(measuring, monkeypatch):
    monkeypatch.setattr(worker, "FIGURES", 0.1)
    run = measuring("measure", minutes=0.001)
    assert (run.status.state, run.status.reason) == ("stopped", worker.overdue(0.001))


def test_measuring_of_a_stopped_run_can_be_stopped_too(measuring, monkeypatch):
    monkeypatch.setattr(worker, "_reason_to_stop", lambda *_: worker.STOPPED)
    run = measuring("train", jobs.cancel)
    assert (run.status.state, run.status.phase) == ("stopped", "")
    assert not (run.folder / worker.STOP).exists()


def test_measuring_ends_when_its_run_is_deleted(measuring):
    import shutil

    run = measuring("measure", lambda run: shutil.rmtree(run.folder))
    assert not run.folder.exists()


def test_a_timing_is_given_up(monkeypatch):
    monkeypatch.setattr(worker, "TIMING", 0.0)
    monkeypatch.setattr(worker, "LOOK_EVERY", 0.0)
    with pytest.raises(TimeoutError):
        worker.time_steps("ae", {"hidden": [8]}, "digits", {})


@pytest.mark.parametrize("phase", ["preparing", "training", "measuring"])
@pytest.mark.parametrize("state", ["running", "stopped"])
def test_no_phase_goes_on_for_longer_than_it_may(queued, monkeypatch, state, phase):
    """Should its worker not see to it by itself, its process is ended."""
    monkeypatch.setenv("LATENT_LAB_MINUTES", "1")
    run = queued(SHORT)
    (line,) = job_queue.entries()
    turn = dispatcher.Turn(line, None, "", time.monotonic())
    if (state, phase) in (("stopped", "preparing"), ("stopped", "training")):
        phase = "measuring"

    def ended(before):
        now = time.time() - before
        write_status(run.folder, Status(state, phase=phase, job=line.job, started=now))
        return dispatcher._deaf(turn)

    assert not ended(60)
    assert not ended(60 + worker.FIGURES)
    assert ended(60 + worker.FIGURES + 5) == worker.overdue(1)
    called = []

    class Client:
        def run(self, *arguments, **how):
            called.append(arguments)

    dispatcher._end(turn, engine.Engine(Client(), None), worker.overdue(1))
    assert called == [(worker.end_process, line.job)]
    assert (run.status.state, run.status.phase) == ("stopped", "")
    assert run.status.reason == worker.overdue(1)
    assert not train(run)  # what still has it may not write


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    "file", ["checkpoint.safetensors", "model.safetensors", "00000001.npz", "metrics.jsonl"]
)
def test_a_full_disk_is_told_and_nothing_is_corrupted(queued, monkeypatch, file, brief, same):
    """Full at one file, after a while; then there is room again, and the run goes on."""
    run = queued(BRIEF)
    monkeypatch.setattr(worker, "KEEP_EVERY", 0.05)
    full = threading.Event()
    sync, opened = os.fsync, open

    def fsync(number):
        name = os.readlink(f"/proc/self/fd/{number}")
        if full.is_set() and f".{file}." in name:
            raise FULL
        sync(number)

    def half(path, mode="r", **more):
        if full.is_set() and "a" in mode and str(path).endswith(file):
            with opened(path, "a") as partly:
                partly.write('{"epoch": 0.5, "st')
            raise FULL
        return opened(path, mode, **more)

    record = Recorder.record

    def count(self, seen):
        if seen.step > 40 or file == "00000001.npz":
            full.set()
        record(self, seen)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr("aecore.runs.recorder.open", half, raising=False)
    monkeypatch.setattr(Recorder, "record", count)
    train(run)
    assert run.status.state == "failed"
    assert run.status.reason.count(". ") <= 1
    assert "disk is full" in run.status.reason
    assert file not in run.status.reason
    run.records()
    names = {path.name for path in run.folder.rglob("*")}
    assert not {name for name in names if name.endswith(".tmp") or name.startswith(".")}
    if file != "00000001.npz":
        assert run.model().latent_dim == 2

    monkeypatch.undo()
    monkeypatch.setenv("LATENT_LAB_RUNS", str(run.folder.parents[2]))
    monkeypatch.setattr(dispatcher, "wake_up", lambda: None)
    monkeypatch.setattr(worker, "describe", lambda recorder, data, **more: None)
    jobs.resume(open_workspace_of(run), run)
    train(run)
    assert run.status.state == "done"
    assert same(run.model(), brief)
    records_are_whole(run)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "not enough memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "enough memory"),
        (
            ZeroDivisionError("of a\nkind"),
            r"^It broke off, for a reason that the server's log has\.",
        ),
    ],
)
def test_whatever_goes_wrong_is_one_sentence(queued, monkeypatch, error, words):
    def wrong(run):
        raise error

    run = queued()
    monkeypatch.setattr(worker, "_new_model", wrong)
    train(run)
    assert run.status.state == "failed"
    wait(lambda: run.status.reason)
    import re

    assert re.search(words, run.status.reason)


def test_a_damaged_checkpoint_is_told(queued):
    run = queued()
    train(run, minutes=0)
    run.checkpoint.write_bytes(run.checkpoint.read_bytes()[:-50])
    jobs.resume(open_workspace_of(run), run)
    train(run)
    assert run.status.state == "failed"
    assert "is damaged. Start the run anew" in run.status.reason


def test_signs_of_life_are_given_while_nothing_else_happens(queued, monkeypatch):
    run = queued()
    monkeypatch.setattr(worker, "HEARTBEAT", 0.02)
    beats = []

    def slow(run):
        for _ in range(3):
            last = read_status(run.folder).beat
            wait(lambda last=last: read_status(run.folder).beat > last, 5)
            beats.append(read_status(run.folder).beat)
        raise MemoryError

    monkeypatch.setattr(worker, "_new_model", slow)
    train(run)
    assert len(beats) == 3
