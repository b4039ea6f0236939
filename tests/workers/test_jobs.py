"""Jobs on a real local cluster: each test that needs workers shares one engine."""

import errno
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

import aecore
from aecore import jobs
from aecore.errors import LabError
from aecore.jobs import Spec, dispatcher, job_queue, subprocesses, worker
from aecore.jobs import cluster as engine
from aecore.jobs.job_queue import Entry, order
from aecore.runs import Recorder, open_run, status
from aecore.runs.codes import Codes
from aecore.runs.snapshots import list_snapshots, load_snapshot, moments
from aecore.runs.status import Status, read_status, write_status
from aecore.runs.workspaces import new_token, open_workspace
from aecore.training import FitConfig, fit
from aecore.training.checkpoint import load_checkpoint

ROOT = Path(__file__).parents[2]
EXACT = {"batch_size": 16, "precision": "float32", "device": "cpu"}
SHORT = Spec("ae", options={"hidden": [8]}, fit={"epochs": 1, **EXACT, "batch_size": 256})
WIDE = Spec("ae", options={"hidden": [8], "latent_dim": 3}, fit=SHORT.fit)
MIDDLE = Spec("vae", options={"hidden": [16]}, fit={"epochs": 10, **EXACT})
BRIEF = Spec("vae", options={"hidden": [16]}, fit={"epochs": 3, **EXACT})
LONG = Spec("vae", options={"hidden": [16]}, fit={"epochs": 200, **EXACT, "batch_size": 1})


def wait(true, seconds=60.0):
    """Wait for a condition; returns what it gave and the seconds that it took."""
    start = time.monotonic()
    while not (value := true()):
        assert time.monotonic() - start < seconds, "it did not come to pass"
        time.sleep(0.02)
    return value, time.monotonic() - start


def over(run):
    return not read_status(run.folder).busy


def records_are_whole(run):
    """Every step once, in order, and at each moment one snapshot, and one where it was stopped."""
    steps = [record["step"] for record in run.records()]
    assert all(one < other for one, other in pairwise(steps))
    looks = [load_snapshot(path).step for path in list_snapshots(run.folder)]
    planned = {s for s in moments(run.records()[-1]["steps"]) if s <= steps[-1]}
    if run.status.state == "stopped":
        planned.add(int(load_checkpoint(run.checkpoint)["step"]))
    assert looks == sorted(planned)


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path / "runs"))
    yield
    for entry in job_queue.entries():
        if (entry.folder / "config.json").exists():
            jobs.cancel(open_run(entry.folder))
    wait(lambda: dispatcher._thread is None)


@pytest.fixture
def workspace():
    return open_workspace(new_token())


@pytest.fixture(scope="module")
def here():
    """The engine of this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)
        patch.setenv("LATENT_LAB_RUNNING", "2")
        patch.setenv("LATENT_LAB_NICE", "0")
        jobs.close()
        jobs.warm()
        yield
        jobs.close()


class Cluster:
    """A scheduler and a worker that someone else started, with Dask's own commands."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"

    def start(self):
        for command in (["scheduler", "--port", str(self.port)],
                        ["worker", "--nthreads", "1", self.address]):  # fmt: skip
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *command, "--host", "127.0.0.1", "--no-dashboard"],
                env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
                cwd=self.folder, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self.processes.append(process)

    def kill_scheduler(self):
        self.processes[-2].kill()

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(40)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    cluster.start()
    yield cluster
    cluster.close()


@pytest.fixture
def elsewhere(cluster, monkeypatch):
    """Runs are trained on that cluster."""
    jobs.close()
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", cluster.address)
    yield cluster
    jobs.close()


def trained(spec, digits):
    """A model, trained here without a break."""
    seed = spec.fit.get("seed", 0)
    model = aecore.build_model(spec.family, seed=seed, **spec.options)
    list(fit(model, digits, FitConfig(**spec.fit)))
    return model


@pytest.fixture(scope="module")
def uninterrupted(digits):
    """The weights of MIDDLE."""
    return trained(MIDDLE, digits)


@pytest.fixture(scope="module")
def brief(digits):
    """The weights of BRIEF."""
    return trained(BRIEF, digits)


def worker_of(run):
    """The process that trains a run."""
    address = dispatcher._turns[run.folder].address
    pids = engine.running().client.run(os.getpid)
    return pids[address] if address else next(iter(pids.values()))


# Submit, follow, cancel, resume


def test_a_run_is_trained_stopped_and_continued(here, workspace, uninterrupted, same):
    trained_stopped_and_continued(workspace, uninterrupted, same)


def trained_stopped_and_continued(workspace, uninterrupted, same):
    run = jobs.submit(workspace, MIDDLE, title="Mine", group="pair")
    assert run.status.state in ("queued", "running")
    assert workspace.note(run).title == "Mine"
    wait(lambda: jobs.follow(run).share > 0.1)
    progress = jobs.follow(run)
    assert progress.epochs == 10
    assert progress.epoch == pytest.approx(10 * progress.share)
    assert progress.seconds_left > 0
    jobs.cancel(run)
    _, seconds = wait(lambda: run.status.state == "stopped")
    assert seconds < 5  # under 1 where nothing else runs
    assert run.status.reason == worker.STOPPED
    kept = run.model()
    assert not same(kept, uninterrupted)
    wait(lambda: over(run))
    assert run.card["figures"]["reconstruction"] > 0
    assert len(run.codes) == 445
    assert 0 < run.last_record()["step"] < run.last_record()["steps"]
    records_are_whole(run)
    # What is shown at the end is what was kept.
    step = int(list_snapshots(run.folder)[-1].stem)
    assert step == load_checkpoint(run.checkpoint)["step"]

    assert run.can_continue
    jobs.resume(workspace, run)
    wait(lambda: over(run))
    assert run.status.state == "done"
    assert same(run.model(), uninterrupted)
    assert jobs.follow(run).share == 1
    assert run.status.started > run.status.submitted
    records_are_whole(run)
    assert not run.checkpoint.exists()
    assert not run.can_continue
    wait(lambda: not [p.name for p in run.folder.iterdir() if p.name.startswith(".")])
    with pytest.raises(LabError, match="cannot be continued"):
        jobs.resume(workspace, run)
    jobs.cancel(run)
    assert run.status.state == "done"


def test_two_workspaces_train_at_once_without_crossing(here, digits, same):
    one, other = open_workspace(new_token()), open_workspace(new_token())
    specs = {
        one: Spec("ae", options={"hidden": [16]}, fit={**MIDDLE.fit, "epochs": 4, "seed": 1}),
        other: Spec("vae", options={"hidden": [16]}, fit={**MIDDLE.fit, "epochs": 4, "seed": 2}),
    }
    runs = {workspace: jobs.submit(workspace, spec) for workspace, spec in specs.items()}
    wait(lambda: all(run.last_record() for run in runs.values()))
    assert {place.folder for place in jobs.queue() if place.running} == {
        run.folder for run in runs.values()
    }
    for workspace, run in runs.items():
        wait(lambda run=run: over(run))
        assert workspace.runs() == [run]
        assert same(run.model(), trained(specs[workspace], digits))
        records_are_whole(run)


def test_an_upload_is_measured(here, workspace):
    run = jobs.submit(workspace, SHORT)
    wait(lambda: over(run))
    other = open_workspace(new_token())
    copy = jobs.submit_upload(other, run.weights.read_bytes(), title="From a friend")
    wait(lambda: over(copy))
    assert copy.status.state == "done"
    assert copy.card["figures"] == run.card["figures"]
    assert copy.card["seed"] == run.card["seed"]
    assert copy.card["seconds"] == run.card["seconds"]
    assert (copy.codes.mean.values == run.codes.mean.values).all()


def test_the_time_of_a_run_is_measured_here_before_it_starts(here, monkeypatch):
    jobs._timings.clear()
    assert jobs.estimate(SHORT, wait=0) is None
    short, _ = wait(lambda: jobs.estimate(SHORT))
    start = time.monotonic()
    again = jobs.estimate(Spec("ae", options={"hidden": [8]}, fit={**SHORT.fit, "epochs": 101}))
    assert time.monotonic() - start < 0.5  # known by now
    assert again > short > 0
    with pytest.raises(LabError, match="There is no model"):
        jobs.estimate(Spec("gan"))
    # What was timed beside a training is timed again once there is none.
    timed = []
    monkeypatch.setattr(
        jobs, "_time", lambda *_: timed.append(1) or {"step": 1, "test": 0, "snapshot": 0}
    )
    jobs._timings.clear()
    for busy, times in ((True, 1), (True, 1), (False, 2), (False, 2), (True, 2)):
        monkeypatch.setattr(jobs, "at_work", lambda busy=busy: busy)
        jobs.estimate(SHORT)
        assert len(timed) == times


def test_the_codes_of_a_run_that_is_done_are_placed_beside(here, workspace):
    """By a process that ends with the wish for it, and with its worker."""
    run = jobs.submit(workspace, WIDE)
    wait(lambda: run.status.phase == "placing")
    assert (run.status.state, run.status.busy) == ("done", False)
    assert run.card["figures"]["reconstruction"] > 0
    (child,) = wait(lambda: children(worker_of(run)))[0]
    following = jobs.submit(workspace, SHORT)
    wait(lambda: over(following))
    assert run.status.phase == "placing"
    jobs.cancel(run)
    _, seconds = wait(lambda: not run.status.phase)
    assert seconds < 5  # under 1 where nothing else runs
    assert (run.status.state, run.status.reason) == ("done", "")
    assert not alive(child)
    assert not open_run(run.folder).codes.places


def children(pid):
    """The processes that a process has started."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(number) for path in lists for number in path.read_text().split()]


# Workers, engines and servers that die


def test_a_killed_worker_ends_its_run_only(here, workspace, uninterrupted, same):
    other = open_workspace(new_token())
    run = jobs.submit(workspace, MIDDLE)
    wait(lambda: jobs.follow(run).share > 0.2)
    neighbour = jobs.submit(other, LONG)
    wait(lambda: neighbour.last_record())
    os.kill(worker_of(run), signal.SIGKILL)
    wait(lambda: run.status.state == "failed")
    assert run.status.reason == worker.died(run.folder)
    assert run.status.reason.count(". ") == 1
    assert "4,000 MB" in run.status.reason
    assert "Continue it from" in run.status.reason
    assert run.model().latent_dim == 2
    reached = neighbour.last_record()["step"]
    following = jobs.submit(workspace, SHORT)
    wait(lambda: over(following))
    assert following.status.state == "done"
    wait(lambda: neighbour.last_record()["step"] > reached)
    jobs.cancel(neighbour)

    jobs.resume(workspace, run)
    wait(lambda: over(run))
    assert run.status.state == "done"
    assert same(run.model(), uninterrupted)
    records_are_whole(run)


@pytest.mark.parametrize(
    ("module", "name", "phase"),
    [
        ("aecore.data", "load_dataset", "preparing"),
        ("aecore.training.loop", "evaluate", "training"),
        ("aecore.jobs.worker", "describe", "measuring"),
    ],
)
def test_a_phase_that_does_not_listen_is_ended_with_its_process(
    here, workspace, module, name, phase
):
    """As amid one long product; the worker that comes back trains the next run."""
    client = engine.get(60).client
    there = f"import time, {module} as m; "
    deaf = f"m.real = m.{name}; m.{name} = lambda *_, **__: time.sleep(600)"
    client.run(exec, there + deaf, {})
    try:
        run = jobs.submit(workspace, SHORT)
        wait(lambda: run.status.phase == phase)
        jobs.cancel(run)
        _, seconds = wait(lambda: not run.status.busy)
    finally:
        heal = f"{there} m.{name} = getattr(m, 'real', m.{name})"
        client.run(exec, heal, {}, on_error="ignore")  # the one that was ended needs it no more
    assert seconds < 6  # under 2 where nothing else runs
    assert (run.status.state, run.status.reason) == ("stopped", worker.STOPPED)
    assert run.can_continue
    jobs.resume(workspace, run)
    wait(lambda: over(run))
    assert run.status.state == "done"
    # The worker tidies once it has written how the run ended.
    wait(lambda: not list(run.folder.glob(".*")), 5)


def test_a_killed_engine_interrupts_and_the_next_run_has_a_new_one(here, workspace, monkeypatch):
    other = open_workspace(new_token())
    finished = jobs.submit(other, WIDE)
    wait(lambda: finished.status.phase == "placing")
    (child,) = wait(lambda: children(worker_of(finished)))[0]
    run = jobs.submit(workspace, MIDDLE)
    wait(lambda: jobs.follow(run).share > 0.2)
    monkeypatch.setenv("LATENT_LAB_RUNNING", "1")
    waiting = [jobs.submit(workspace, SHORT) for _ in range(2)]
    engine.running().process.kill()
    wait(lambda: run.status.state == "interrupted")
    assert run.status.reason == worker.ENDED
    assert run.model().latent_dim == 2
    assert run.can_continue
    wait(lambda: not finished.status.phase)
    assert (finished.status.state, finished.status.reason) == ("done", "")
    wait(lambda: not alive(child))
    wait(lambda: all(map(over, waiting)))
    assert [one.status.state for one in waiting] == ["done", "done"]


SERVER = """
import os, sys, time
from aecore import jobs
from aecore.jobs import Spec
from aecore.runs.workspaces import open_workspace
if __name__ == "__main__":
    workspace = open_workspace(sys.argv[1])
    run, *_ = [jobs.submit(workspace, spec) for spec in eval(sys.argv[2])]
    while not run.checkpoint.exists() or not jobs.follow(run).share:
        time.sleep(0.01)
    print(run.name, *jobs.cluster.running().client.run(os.getpid).values(), flush=True)
    time.sleep(600)
"""


def killed_server(token, *specs, **environment):
    """The first run of a server that trained and was killed, and its workers' processes."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, token, repr(specs)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "LATENT_LAB_RUNNING": "1"} | environment,
        stdout=subprocess.PIPE,
    )
    name, *workers = server.stdout.readline().decode().split()
    server.kill()
    server.wait()
    server.stdout.close()
    return open_workspace(token).run(name), [int(pid) for pid in workers]


def test_a_killed_server_leaves_interrupted_runs_and_a_queue(
    here, monkeypatch, tmp_path, uninterrupted, same
):
    token, temporary = new_token(), tmp_path / "temporary"
    temporary.mkdir()
    run, workers = killed_server(token, MIDDLE, SHORT, SHORT, TMPDIR=str(temporary))
    wait(lambda: not any(map(alive, workers)))
    assert not [path for path in temporary.iterdir() if "inductor" not in path.name]
    workspace = open_workspace(token)
    waiting = [other for other in workspace.runs() if other != run]
    assert run.status.state == "running"  # it may still come to be one
    monkeypatch.setattr(status, "STALE", 2.0)
    wait(lambda: run.status.state == "interrupted")
    assert run.status.reason == status.INTERRUPTED
    assert [other.status.state for other in waiting] == ["queued"] * 2
    assert len(jobs.queue()) == 2  # to have asked is enough
    jobs.resume(workspace, run)
    wait(lambda: all(map(over, [run, *waiting])))
    assert {other.status.state for other in waiting} == {"done"}
    assert same(run.model(), uninterrupted)
    records_are_whole(run)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_on_a_cluster_that_runs_elsewhere_it_is_the_same(elsewhere, workspace, uninterrupted, same):
    trained_stopped_and_continued(workspace, uninterrupted, same)
    run = jobs.submit(workspace, MIDDLE)
    wait(lambda: jobs.follow(run).share > 0.2)
    os.kill(worker_of(run), signal.SIGKILL)
    wait(lambda: run.status.state == "failed")
    assert run.status.reason == worker.died(run.folder)
    assert run.model().latent_dim == 2


def test_a_cluster_trains_on_when_the_server_dies(elsewhere):
    """The next server finds the run where it is by then, and can stop it."""
    token = new_token()
    run, (worker,) = killed_server(token, LONG)
    reached = run.last_record()["step"]
    wait(lambda: run.last_record()["step"] > reached + 50)
    assert alive(worker)
    assert run.status.state == "running"
    assert [(place.folder, place.running) for place in jobs.queue()] == [(run.folder, True)]
    jobs.cancel(run)
    wait(lambda: run.status.state == "stopped")
    assert run.can_continue


def test_a_killed_scheduler_interrupts_and_the_queue_goes_on_with_the_next(
    elsewhere, workspace, monkeypatch, uninterrupted, same
):
    monkeypatch.setattr(engine, "ANSWER", 1.0)
    monkeypatch.setenv("LATENT_LAB_RUNNING", "1")
    run = jobs.submit(workspace, MIDDLE)
    wait(lambda: jobs.follow(run).share > 0.2)
    waiting = jobs.submit(workspace, SHORT)
    elsewhere.kill_scheduler()
    _, seconds = wait(lambda: run.status.state == "interrupted")
    assert seconds < 5  # long before the signs of life are missed
    assert run.status.reason == worker.ENDED
    assert jobs.follow(run).share < 1
    assert run.can_continue
    wait(lambda: jobs.trouble() == engine.UNREACHED)  # which names no address and no variable
    assert waiting.status.state == "queued"
    elsewhere.start()
    jobs.resume(workspace, run)
    wait(lambda: over(run) and over(waiting))
    assert {run.status.state, waiting.status.state} == {"done"}
    assert jobs.trouble() == ""
    assert same(run.model(), uninterrupted)
    records_are_whole(run)


# What a worker does, done here: quicker to break


@pytest.fixture
def queued(workspace, monkeypatch):
    """A run that waits for nobody: `queued(spec)`; its figures are left out."""
    monkeypatch.setattr(dispatcher, "wake_up", lambda: None)
    monkeypatch.setattr(worker, "describe", lambda recorder, data, **more: None)
    return lambda spec=MIDDLE: jobs.submit(workspace, spec)


def train(run, turn="turn", minutes=30.0):
    return worker.train(str(run.folder), run.status.job, turn, minutes)


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


def open_workspace_of(run):
    from aecore.runs.workspaces import Workspace

    return Workspace(run.folder.parent)


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


PLANE = """
import sys, numpy as np
np.save(sys.stdout.buffer, np.arange(890, dtype="f4").reshape(445, 2))
"""
WAITS = "import sys; sys.stdin.buffer.read()"


@pytest.fixture
def placed(workspace, monkeypatch):
    """Train a run whose plane a given program makes: `placed(program)`; it is started once."""
    monkeypatch.setattr(dispatcher, "wake_up", lambda: None)
    monkeypatch.setattr("aecore.analysis.card.measure", lambda subject: {})

    def train_it(program, meanwhile=lambda run: None, minutes=30.0, upload=None):
        def start(module, name, path, stdout):
            assert (module, name) == ("aecore.analysis.projections", "umap")
            assert Path(path).exists()
            call = [sys.executable, "-c", program]
            process = subprocess.Popen(call, stdin=subprocess.PIPE, stdout=stdout)
            started.append(process)
            meanwhile(run)
            return process

        started = []
        monkeypatch.setattr(subprocesses, "start", start)
        if upload is None:
            run, task = jobs.submit(workspace, WIDE), worker.train
        else:
            run, task = jobs.submit_upload(workspace, upload), worker.measure
        assert task(str(run.folder), run.status.job, "turn", minutes)
        (process,) = started
        assert process.poll() is not None
        return run

    return train_it


def test_a_plane_is_added_to_the_codes(placed):
    seen = []

    def look(run):
        seen.append((run.status, run.codes, run.card))

    run = placed(PLANE, look)
    ((before, codes, _),) = seen
    assert (before.state, before.phase, before.busy) == ("done", "placing", False)
    assert (run.status.state, run.status.phase, run.status.reason) == ("done", "", "")
    after = open_run(run.folder).codes
    assert not codes.places
    assert np.allclose(after.places["umap"].values, np.arange(890).reshape(445, 2), atol=0.01)
    assert all(np.array_equal(after.arrays()[k], v) for k, v in codes.arrays().items())
    copy = placed(PLANE, upload=run.weights.read_bytes())
    assert (copy.status.state, copy.status.phase, copy.status.reason) == ("done", "", "")
    assert np.array_equal(copy.codes.places["umap"].values, after.places["umap"].values)


@pytest.mark.parametrize(
    ("program", "minutes", "reason"),
    [
        ("raise SystemExit(3)", 30, worker.UNPLACED.format("UMAP")),
        ("print(7)", 30, worker.UNPLACED.format("UMAP")),
        (WAITS, 0.01, worker.LATE.format("UMAP")),
    ],
    ids=["ends", "prints", "waits"],
)
def test_without_a_plane_a_run_is_done_all_the_same(placed, program, minutes, reason):
    run = placed(program, minutes=minutes)
    assert (run.status.state, run.status.phase, run.status.reason) == ("done", "", reason)
    assert not run.codes.places
    assert not run.can_continue


def test_a_disk_too_full_for_a_plane_leaves_the_codes(placed, monkeypatch):
    def full(self, path):
        raise LabError("codes.npz could not be written: No space left on device.")

    run = placed(PLANE, lambda run: monkeypatch.setattr(Codes, "save", full))
    assert run.status.state == "done"
    assert "No space left" in run.status.reason
    assert not run.codes.places


def test_placing_ends_when_it_is_asked_to(placed):
    run = placed(WAITS, jobs.cancel)
    assert (run.status.state, run.status.phase, run.status.reason) == ("done", "", "")
    assert not run.codes.places
    assert not (run.folder / worker.STOP).exists()


def test_placing_ends_when_its_run_is_deleted(placed):
    run = placed(WAITS, lambda run: open_workspace_of(run).delete(run))
    assert not run.folder.exists()


def test_codes_of_two_dimensions_need_no_plane(queued, monkeypatch):
    run = queued(SHORT)
    monkeypatch.setattr(
        subprocesses, "start", lambda *args, **more: pytest.fail("a process started")
    )
    assert train(run)
    assert (run.status.state, run.status.reason) == ("done", "")


# The queue


def entry(number, workspace, seconds=10.0):
    folder = Path("/runs/workspaces") / workspace / f"run-{number}"
    return Entry(
        Path(f"/runs/queue/{number:020}-job.json"), folder, f"job{number}", "train", seconds
    )


def planned(waiting, running=()):
    return [(e.folder.name[4:], t) for e, t in order(list(waiting), list(running))]


def test_the_earliest_starts_first(monkeypatch):
    monkeypatch.setenv("LATENT_LAB_RUNNING", "1")
    assert planned([entry(1, "a"), entry(2, "b"), entry(3, "c", 5)]) == [
        ("1", 0), ("2", 10), ("3", 20),
    ]  # fmt: skip
    assert planned([entry(2, "b")], [(entry(1, "a"), 7.5)]) == [("2", 7.5)]
    assert planned([]) == []


def test_one_who_starts_a_series_does_not_keep_the_others_waiting(monkeypatch):
    monkeypatch.setenv("LATENT_LAB_RUNNING", "2")
    monkeypatch.setenv("LATENT_LAB_RUNNING_EACH", "2")
    series = [entry(n, "a") for n in range(1, 6)]
    assert planned([*series, entry(6, "b"), entry(7, "b")]) == [
        ("1", 0), ("6", 0), ("2", 10), ("7", 10), ("3", 20), ("4", 20), ("5", 30),
    ]  # fmt: skip


def test_no_workspace_runs_more_than_it_may(monkeypatch):
    monkeypatch.setenv("LATENT_LAB_RUNNING", "8")
    monkeypatch.setenv("LATENT_LAB_RUNNING_EACH", "2")
    assert planned([entry(n, "a", 10 * n) for n in range(1, 5)]) == [
        ("1", 0), ("2", 0), ("3", 10), ("4", 20),
    ]  # fmt: skip


def test_a_place_in_the_queue_is_told(queued, monkeypatch):
    monkeypatch.setenv("LATENT_LAB_RUNNING", "1")
    jobs._timings.clear()
    runs = [queued() for _ in range(3)]
    assert [jobs.follow(run).position for run in runs] == [1, 2, 3]
    assert [jobs.follow(run).starts_in for run in runs] == [0, jobs.GUESS, 2 * jobs.GUESS]
    assert [place.folder for place in jobs.queue()] == [run.folder for run in runs]
    jobs.cancel(runs[0])
    assert runs[0].status.state == "stopped"
    assert [jobs.follow(run).position for run in runs] == [None, 1, 2]
    assert not train(runs[0])


def test_no_run_is_expected_to_take_longer_than_it_may(queued, monkeypatch):
    monkeypatch.setenv("LATENT_LAB_MINUTES", "2")
    run = queued()
    job_queue.enqueue(run.folder, "train", 1e6)
    assert job_queue.entries()[-1].seconds == 120


def test_a_damaged_line_of_the_queue_is_passed_over(queued):
    run = queued()
    for name, content in (("0-a", b""), ("1-b", b"[]"), ("2-c", b"{}"), ("3-d", b"\xff")):
        (job_queue.queue_folder() / f"{name}.json").write_bytes(content)
    assert [place.folder for place in jobs.queue()] == [run.folder]


def test_a_run_that_left_the_queue_is_cleared_from_it(queued, monkeypatch):
    run = queued()
    (line,) = job_queue.entries()
    job_queue.clear(line)
    assert job_queue.entries() == [line]
    write_status(run.folder, Status("done", job=line.job))
    job_queue.clear(line)
    assert job_queue.entries() == []


# Limits


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (Spec("gan"), "There is no model 'gan'"),
        (Spec("classifier"), "There is no model 'classifier'"),
        (Spec("ae", "../etc"), "There is no dataset '../etc'"),
        (Spec("ae", ["digits"]), "There is no dataset"),
        (Spec("ae", options={"wings": 2}), "has no option 'wings'"),
        (Spec("ae", options={"latent_dim": -1}), "latent_dim must be"),
        (Spec("ae", options={"hidden": "x"}), "hidden must be"),
        (Spec("ae", options=[1]), "cannot be trained"),
        (Spec("ae", fit={"epochs": 0}), "epochs must be"),
        (Spec("ae", fit={"shell": "rm"}), "cannot be trained"),
        (Spec("ae", fit={"epochs": 201}), "would take 201 epochs; here up to 200"),
        (Spec("ae", options={"hidden": [8000]}), "weights; here up to 10,000,000"),
    ],
    ids=str,
)
def test_what_cannot_be_trained_is_refused_at_once(workspace, spec, words):
    with pytest.raises(LabError, match=words):
        jobs.submit(workspace, spec)
    assert not workspace.folder.exists()
    assert jobs.queue() == []


def test_a_dataset_that_is_not_here_says_how_to_get_it(workspace, tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_LAB_DATA", str(tmp_path))
    with pytest.raises(LabError, match="python -m aecore download mnist") as caught:
        jobs.submit(workspace, Spec("ae", "mnist"))
    assert caught.value.visitor == "MNIST is not here. Download it on this page first."


@pytest.mark.parametrize("folder", ["/proc/x", "a file/runs"])
def test_a_folder_that_cannot_be_written_is_found_at_once(workspace, monkeypatch, folder, tmp_path):
    """The operator is told the folder and the variable, the visitor neither."""
    (tmp_path / "a file").touch()
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path / folder))
    with pytest.raises(LabError, match="LATENT_LAB_RUNS") as caught:
        jobs.submit(open_workspace(new_token()), SHORT)
    assert str(caught.value).startswith("Runs cannot be stored in ")
    assert caught.value.visitor == (
        "The server cannot write to its folder of runs. Ask whoever runs the server."
    )


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("LATENT_LAB_WAITING_EACH", "1", "1 runs of this workspace wait or are trained"),
        ("LATENT_LAB_QUOTA_MB", "1", "keeps 0 of 1 MB; there is no room for"),
        ("LATENT_LAB_FREE_MB", "1e9", "MB left, too little for a run"),
    ],
)
def test_beyond_the_limits_nothing_is_taken_in(
    queued, workspace, monkeypatch, variable, value, words
):
    run = queued()
    before = set(workspace.folder.iterdir())
    monkeypatch.setenv(variable, value)
    with pytest.raises(LabError, match=words):
        queued()
    assert set(workspace.folder.iterdir()) == before
    jobs.cancel(run)
    if variable == "LATENT_LAB_WAITING_EACH":
        queued()


def test_a_title_too_long_leaves_no_run_behind(workspace, monkeypatch):
    monkeypatch.setattr(dispatcher, "wake_up", lambda: None)
    with pytest.raises(LabError, match="title may have up to"):
        jobs.submit(workspace, SHORT, title="a" * 200)
    assert workspace.runs() == []
    assert jobs.queue() == []


def test_an_engine_that_cannot_be_reached_is_told(workspace, monkeypatch):
    def gone(wait):
        raise LabError("The engine at tcp://127.0.0.1:9 does not answer.")

    monkeypatch.setattr(engine, "get", gone)
    run = jobs.submit(workspace, SHORT)
    wait(lambda: "does not answer" in jobs.trouble())
    assert run.status.state == "queued"
    jobs.cancel(run)
    wait(lambda: jobs.trouble() == "")


def test_that_nobody_works_is_told_and_the_queue_waits(workspace, monkeypatch):
    """As after the machine ended all workers, until the engine has new ones."""

    class Empty:
        lost, own = False, True

        def workers(self):
            return []

    monkeypatch.setattr(dispatcher, "PATIENCE", 0.1)
    monkeypatch.setattr(dispatcher, "_alone", 0.0)
    monkeypatch.setattr(engine, "get", lambda wait: Empty())
    run = jobs.submit(workspace, SHORT)
    wait(lambda: jobs.trouble() == dispatcher.NOBODY)
    assert run.status.state == "queued"
    jobs.cancel(run)
    wait(lambda: jobs.trouble() == "")


def test_neither_torch_nor_dask_is_imported_with_the_module():
    code = """
import sys
import aecore.jobs, aecore.runs.snapshots
from aecore.jobs import cluster, dispatcher, job_queue, spec, worker
loaded = {"torch", "distributed", "dask", "sklearn", "streamlit"} & set(sys.modules)
assert not loaded, loaded
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
