"""What tests of jobs share: short specs, an engine of this machine and one elsewhere."""

import os
import socket
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

import aecore
from aecore import jobs
from aecore.errors import LabError
from aecore.jobs import Spec, dispatcher, job_queue, worker
from aecore.jobs import cluster as engine
from aecore.runs import open_run
from aecore.runs.snapshots import list_snapshots, load_snapshot, moments
from aecore.runs.status import read_status
from aecore.runs.workspaces import new_token, open_workspace
from aecore.training import FitConfig, fit
from aecore.training.checkpoint import load_checkpoint
from tests.conftest import busy

ROOT = Path(__file__).parents[2]
EXACT = {"batch_size": 16, "precision": "float32", "device": "cpu"}
SHORT = Spec("ae", options={"hidden": [8]}, fit={"epochs": 1, **EXACT, "batch_size": 256})
WIDE = Spec("ae", options={"hidden": [8], "latent_dim": 3}, fit=SHORT.fit)
MIDDLE = Spec("vae", options={"hidden": [16]}, fit={"epochs": 10, **EXACT})
BRIEF = Spec("vae", options={"hidden": [16]}, fit={"epochs": 3, **EXACT})
LONG = Spec("vae", options={"hidden": [16]}, fit={"epochs": 200, **EXACT, "batch_size": 1})


def wait(true, seconds=60.0):
    """Wait for a condition; returns what it gave and the seconds that it took."""
    start, seconds = time.monotonic(), seconds * busy()
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


def children(pid):
    """The processes that a process has started."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(number) for path in lists for number in path.read_text().split()]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def trained(spec, digits):
    """A model, trained here without a break."""
    seed = spec.fit.get("seed", 0)
    model = aecore.build_model(spec.family, seed=seed, **spec.options)
    list(fit(model, digits, FitConfig(**spec.fit)))
    return model


def worker_of(run):
    """The process that trains a run."""
    address = dispatcher._turns[run.folder].address
    pids = engine.running().client.run(os.getpid)
    return pids[address] if address else next(iter(pids.values()))


def open_workspace_of(run):
    from aecore.runs.workspaces import Workspace

    return Workspace(run.folder.parent)


def train(run, turn="turn", minutes=30.0):
    return worker.train(str(run.folder), run.status.job, turn, minutes)


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
    assert seconds < 5 * busy()  # under 1 where nothing else runs
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
def here(request):
    """The engine of this machine, of two workers or as many as the module says (`WORKERS`)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)
        patch.setenv("LATENT_LAB_RUNNING", getattr(request.module, "WORKERS", "2"))
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


@pytest.fixture(scope="module")
def uninterrupted(digits):
    """The weights of MIDDLE."""
    return trained(MIDDLE, digits)


@pytest.fixture(scope="module")
def brief(digits):
    """The weights of BRIEF."""
    return trained(BRIEF, digits)


@pytest.fixture
def queued(workspace, monkeypatch):
    """A run that waits for nobody: `queued(spec)`; its figures are left out."""
    monkeypatch.setattr(dispatcher, "wake_up", lambda: None)
    monkeypatch.setattr(worker, "describe", lambda recorder, data, **more: None)
    return lambda spec=MIDDLE: jobs.submit(workspace, spec)
