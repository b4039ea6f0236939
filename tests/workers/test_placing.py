"""The last step of a run: its codes on planes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from aecore import jobs
from aecore.errors import LabError
from aecore.jobs import dispatcher, subprocesses, worker
from aecore.runs import open_run
from aecore.runs.codes import Codes
from tests.workers.conftest import SHORT, WIDE, open_workspace_of, train

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
        (WAITS, 0.05, worker.LATE.format("UMAP")),
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
