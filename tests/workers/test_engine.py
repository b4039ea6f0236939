"""Runs that a real local cluster trains, stops, continues and measures, and a worker that dies."""

import os
import signal

import pytest

from aecore import jobs
from aecore.errors import LabError
from aecore.jobs import Spec, worker
from aecore.jobs import cluster as engine
from aecore.runs import open_run
from aecore.runs.workspaces import new_token, open_workspace
from tests.conftest import busy
from tests.workers.conftest import (
    LONG,
    MIDDLE,
    SHORT,
    WIDE,
    alive,
    children,
    over,
    records_are_whole,
    trained,
    trained_stopped_and_continued,
    wait,
    worker_of,
)


def test_a_run_is_trained_stopped_and_continued(here, workspace, uninterrupted, same):
    trained_stopped_and_continued(workspace, uninterrupted, same)


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
    longer = Spec("ae", options={"hidden": [8]}, fit={**SHORT.fit, "epochs": 101})
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_time", lambda *_: pytest.fail("it is known by now"))
        again = jobs.estimate(longer)
    assert again > short > 0
    with pytest.raises(LabError, match="There is no model"):
        jobs.estimate(Spec("gan"))
    # What was timed beside a training is timed again once there is none.
    timed = []
    monkeypatch.setattr(
        jobs, "_time", lambda *_: timed.append(1) or {"step": 1, "test": 0, "snapshot": 0}
    )
    jobs._timings.clear()
    for trains, times in ((True, 1), (True, 1), (False, 2), (False, 2), (True, 2)):
        monkeypatch.setattr(jobs, "at_work", lambda trains=trains: trains)
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
    assert seconds < 5 * busy()  # under 1 where nothing else runs
    assert (run.status.state, run.status.reason) == ("done", "")
    assert not alive(child)
    assert not open_run(run.folder).codes.places


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
    assert seconds < 15 * busy()  # under 2 where nothing else runs; it would sleep for 600
    assert (run.status.state, run.status.reason) == ("stopped", worker.STOPPED)
    assert run.can_continue
    jobs.resume(workspace, run)
    wait(lambda: over(run))
    assert run.status.state == "done"
    # The worker tidies once it has written how the run ended.
    wait(lambda: not list(run.folder.glob(".*")), 5)
