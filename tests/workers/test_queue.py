"""The queue, and what it takes in."""

import subprocess
import sys
from pathlib import Path

import pytest

from aecore import jobs
from aecore.errors import LabError
from aecore.jobs import Spec, dispatcher, job_queue
from aecore.jobs import cluster as engine
from aecore.jobs.job_queue import Entry, order
from aecore.runs.status import Status, write_status
from aecore.runs.workspaces import new_token, open_workspace
from tests.workers.conftest import ROOT, SHORT, train, wait


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
