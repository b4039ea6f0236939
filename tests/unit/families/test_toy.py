"""A family is one file: the toy of `tests/fixtures`, and nothing else, in a copy of the project."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch

import aecore
from aecore import jobs
from aecore.errors import LabError
from aecore.families import Description, register
from aecore.runs import Recorder, open_run
from aecore.runs.workspaces import Workspace
from aecore.training import FitConfig, fit
from aecore.training.checkpoint import load_checkpoint

ROOT = Path(__file__).parents[3]
SMALL = {"hidden": [16], "roundness": 2.0}


@pytest.fixture(scope="module")
def project(copied, tmp_path_factory):
    """A copy of the project with one more file."""
    return copied(tmp_path_factory.mktemp("project"), "toy_family.py", "aecore/families/toy.py")


def call(project, *command, option="-m"):
    """A Python module's command in the copy: exit code, output, errors."""
    return subprocess.run(
        [sys.executable, option, *command],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )


def test_the_command_line_trains_it_with_its_option(project):
    quick = ["--epochs", "3", "--hidden", "16", "--batch-size", "64", "--precision", "float32"]
    command = ["aecore", "train", "toy", *quick, "--roundness", "2", "--labels", "50"]
    done = call(project, *command, "--out", "runs/toy", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["figures"]["reconstruction"] > 0
    run = open_run(project / "runs" / "toy")
    assert run.config.options["roundness"] == 2
    assert run.config.fit["labels"] == 50
    assert (run.about.short, [term.name for term in run.about.terms]) == (
        "Toy",
        ["reconstruction", "round"],
    )
    assert [record["phase"] for record in run.records() if record["test"]] == [
        *("rebuild", "round", "round")
    ]


REFUSED = {
    "toy --roundness 11": "roundness must be a number from 0 to 10",
    "toy --labels 7": "as many known labels",
    "ae --roundness 1": "no option 'roundness'",
    "ae --labels 50": "leave out the setting labels",
}
IN_ONE_PROCESS = """
import sys
from aecore.__main__ import main
print([main(["train", *wrong.split(), "--out", "runs/wrong"]) for wrong in sys.argv[1:]])
"""


def test_the_command_line_refuses_what_it_does_not_take(project):
    done = call(project, IN_ONE_PROCESS, *REFUSED, option="-c")
    assert done.stdout == f"{[2] * len(REFUSED)}\n", done.stderr
    for line, words in zip(done.stderr.splitlines(), REFUSED.values(), strict=True):
        assert words in line
    assert not (project / "runs" / "wrong").exists()


def test_the_tests_over_the_registry_take_it_in(project):
    tests = [f"tests/unit/families/test_{name}.py" for name in ("families", "options")]
    quiet = ["-n", "0", "-q", "-p", "no:cacheprovider", "-k", "toy"]
    done = call(project, "pytest", *tests, *quiet)
    assert done.returncode == 0, done.stdout[-3000:]
    assert len(re.findall(r"\.", done.stdout)) > 40  # a dot for each


def test_its_run_is_stopped_continued_and_opened_like_any_other(toy, few, tmp_path, same):
    settings = FitConfig(epochs=3, batch_size=32, precision="float32", labels=20, seed=4)
    whole = aecore.build_model("toy", **SMALL)
    records = list(fit(whole, few, settings, report_every=1))
    model = aecore.build_model("toy", **SMALL)
    recorder = Recorder(tmp_path / "toy", model, "digits", settings)
    training = fit(model, few, settings, report_every=1)
    for record in islice(training, 13):
        recorder.record(record)
    recorder.checkpoint(training)
    run = open_run(tmp_path / "toy")
    copy = aecore.build_model("toy", **SMALL)
    again = Recorder.of(run, 13)
    for record in fit(copy, few, settings, report_every=1, resume=load_checkpoint(run.checkpoint)):
        again.record(record)
    again.keep(copy)
    assert same(copy, whole)
    assert same(open_run(tmp_path / "toy").model(), whole)
    assert [r["losses"] for r in run.records()] == [r.losses for r in records]


def test_its_labels_reach_the_decoder(toy):
    model = aecore.build_model("toy", **SMALL)
    z = torch.zeros(2, 2)
    three, four = model.decode(z, torch.tensor([3, 4]))
    assert not torch.equal(three, four)
    assert Description.of(model).symbols[0].symbol == "ρ"


@pytest.mark.parametrize("labels", [7, 5000])
def test_known_labels_that_cannot_be_are_refused_before_the_run_waits(toy, labels, tmp_path):
    workspace = Workspace(tmp_path / "runs")
    spec = jobs.Spec("toy", options=SMALL, fit={"labels": labels})
    with pytest.raises(LabError, match="known labels"):
        jobs.submit(workspace, spec)
    assert not workspace.folder.exists()
    assert jobs.check(replace(spec, fit={"labels": 20}))[1].labels == 20


@pytest.mark.parametrize("name", ["", "Toy", "a b", "x" * 32, None, 3])
def test_a_family_needs_a_name(toy, name):
    with pytest.raises(LabError, match="A family's name"):
        register(type("Other", (toy,), {"name": name}))


def test_a_name_is_taken_once(toy):
    with pytest.raises(LabError, match="There is a family 'toy' already: Toy"):
        register(type("Other", (toy,), {}))
