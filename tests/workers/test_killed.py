"""Engines and servers that die, here and on a cluster elsewhere, and workers there."""

import os
import signal
import subprocess
import sys

from aecore import jobs
from aecore.jobs import cluster as engine
from aecore.jobs import worker
from aecore.runs import status
from aecore.runs.workspaces import new_token, open_workspace
from tests.conftest import busy
from tests.workers.conftest import (
    LONG,
    MIDDLE,
    ROOT,
    SHORT,
    WIDE,
    alive,
    children,
    over,
    records_are_whole,
    trained_stopped_and_continued,
    wait,
    worker_of,
)

WORKERS = "1"  # of the engine `here`


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
    assert seconds < 5 * busy()  # long before the signs of life are missed
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
