"""Denoise as Python builds it: every source, addresses edited by hand, damaged figures."""

import ast
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aecore.data.noise import LEVELS
from aecore.errors import LabError
from aecore.runs import SHIPPED, Run, open_run, shipped_run
from aecore.ui import choosers
from aecore.ui.denoise import stage
from aecore.web import blocks

ROOT = Path(__file__).parents[2]


@pytest.fixture
def show(at, monkeypatch, tmp_path):
    """Run the page at an address: `show(images="Draw")`."""
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path))
    choosers.runs.clear()

    def run(**query):
        return whole(at("denoise", **query).run())

    yield run
    choosers.runs.clear()


def whole(app):
    assert not app.exception
    assert not app.error
    return app


def told(app):
    """What the component is told."""
    (component,) = (
        element.proto
        for element in app.main
        if element.type == "bidi_component" and element.proto.component_name.endswith("_denoise")
    )
    return json.loads(component.json)


def test_the_page_asks_and_tells_the_five_models(show):
    app = show()
    assert [title.value for title in app.title] == ["What does noise teach?"]
    models = told(app)["models"]
    assert [model["name"] for model in models] == stage.DEFAULTS
    assert [model["detail"] for model in models] == ["", "", "s = .1", "s = .3", "s = .5"]
    assert told(app)["measured"] == "1,000 test images of MNIST"
    assert models[0]["says"] == "the AE"
    assert models[4]["says"] == "the DAE of s = .5"
    assert models[4]["trained"] == {"kind": "gaussian", "level": 0.5}
    for model in models:
        assert model["curves"] == shipped_run(model["name"]).card["figures"]["under_noise"]


def test_the_page_offers_datasets_that_are_here_a_pad_and_a_file(
    show, mnist, monkeypatch, tmp_path
):
    def offered():
        return [source["title"] for source in told(show())["sources"]]

    assert offered() == ["MNIST", "Digits", "Strokes", "Draw", "Upload"]
    monkeypatch.setenv("LATENT_LAB_DATA", str(tmp_path))
    assert offered() == ["Digits", "Strokes", "Draw", "Upload"]


def test_a_page_that_opens_reads_no_images(show, monkeypatch):
    monkeypatch.setattr("aecore.web.images.load_test_images", None)
    show(images="digits", first="8")


@pytest.mark.parametrize(
    "query",
    [
        *({"kind": kind} for kind in ("fog", "__proto__", "x" * 5000)),
        *({"level": level} for level in ("nan", "1e400", "9" * 5000)),
        {"seed": "²", "diff": "maybe", "image": "A" * 100_000},
        *({"first": first} for first in ("-4", "99999999", "x", "9" * 5000, "3")),
        {"images": "../../etc/passwd"},
        *({"models": models} for models in ("../../etc", "mnist-classifier", "", ["x"] * 50)),
        {"curve_level": "nan", "curve_at": "inf,x"},
    ],
    ids=lambda query: "&".join(f"{k}={v[:12]}" for k, v in query.items()),
)
def test_an_address_edited_by_hand_fails_nowhere(show, query):
    data = told(show(**query))
    assert data["view"]["fields"] == json.loads(json.dumps(stage.VIEW.spec()))
    assert [model["name"] for model in data["models"]] == stage.DEFAULTS


def test_the_view_falls_back_field_by_field():
    plain = {
        "images": None, "first": 0,
        "kind": "gaussian", "level": None, "seed": 0, "diff": False, "image": None,
    }  # fmt: skip
    assert stage.VIEW.read({}) == plain
    spoiled = {"images": "../etc", "first": "-4"}
    spoiled |= {"kind": "fog", "level": "nan", "seed": "10000", "diff": "maybe", "image": "é"}
    assert stage.VIEW.read(spoiled) == plain
    asked = {"images": "Upload", "first": "8", "kind": "occlusion", "level": "6"}
    asked |= {"seed": "3", "diff": "1", "image": "eNpj"}
    whole = {"images": "upload", "first": 8, "kind": "occlusion", "level": 6}
    whole |= {"seed": 3, "diff": True, "image": "eNpj"}
    assert stage.VIEW.read(asked) == whole
    for name, text in spoiled.items():
        assert stage.VIEW.read(asked | {name: text}) == whole | {name: plain[name]}


def test_models_keep_their_order_and_six_are_the_most(show):
    names = ["mnist-vae", "mnist-dae-50", "mnist-ae-32", "mnist-ae"]
    models = told(show(models=names))["models"]
    assert [model["name"] for model in models] == names
    assert [model["title"] for model in models] == ["VAE", "DAE", "mnist-ae-32", "mnist-ae"]
    many = [*stage.DEFAULTS, "mnist-tied-50", "mnist-ae"]
    models = told(show(models=many))["models"]
    assert [model["name"] for model in models] == many[:6]
    assert models[5]["label"] == "Tied DAE .5"


def test_a_run_without_noise_is_called_by_what_is_unusual_of_it():
    vae = shipped_run("mnist-vae")

    def called(*betas):
        options = [vae.config.options | {"beta": beta} for beta in betas]
        return stage.names([Run(vae.folder, replace(vae.config, options=o)) for o in options])

    usual, strong = called(1.0, 4.0)
    assert (usual["label"], usual["detail"]) == ("VAE", "")
    assert (strong["label"], strong["detail"]) == ("VAE β 4", "β = 4")
    assert [one["label"] for one in called(4.0, 4.0)] == ["mnist-vae"] * 2


def own(tmp_path, name, change):
    """A run of one's own whose figures under noise were changed."""
    shutil.copytree(SHIPPED / "mnist-dae-10", tmp_path / name)
    for file in ("config.json", "card.json"):
        path = tmp_path / name / file
        content = json.loads(path.read_text())
        if file == "config.json":
            content["name"] = name
        else:
            change(content["figures"])
        path.write_text(json.dumps(content))
    return open_run(tmp_path / name)


def broken(**columns):
    return lambda figures: figures["under_noise"]["masking"].update(columns)


@pytest.mark.parametrize(
    "change",
    [
        broken(error=[1, 2]),
        broken(error=["x"] * 21),
        broken(error=[[1]] * 21),
        broken(error=[float("nan")] * 21),
        broken(error=[-1] * 21),
        broken(error=None),
        broken(level=[0] * 21),
        broken(noisy=[10**400] * 21),
        lambda figures: figures["under_noise"].pop("masking"),
        lambda figures: figures["under_noise"].update(masking=[]),
    ],
)
def test_a_damaged_curve_is_left_out(show, tmp_path, change):
    run = own(tmp_path, "torn", change)
    assert set(stage.curves(run)) == set(LEVELS) - {"masking"}
    (model,) = told(show(models=["torn"], kind="masking"))["models"]
    assert set(model["curves"]) == set(LEVELS) - {"masking"}


@pytest.mark.parametrize("value", [None, [], {}, "x", 3, {"gaussian": 1}])
def test_a_run_without_figures_under_noise_is_not_offered(show, tmp_path, value):
    run = own(tmp_path, "bare", lambda figures: figures.update(under_noise=value))
    assert stage.curves(run) == {}
    models = told(show(models=["bare"]))["models"]
    assert [model["name"] for model in models] == stage.DEFAULTS


def test_a_run_with_torn_weights_is_named_in_one_sentence(tmp_path):
    run = own(tmp_path, "torn", lambda figures: None)
    run.weights.write_bytes(run.weights.read_bytes()[:300])
    with pytest.raises(LabError, match="'torn' cannot be shown"):
        blocks.url_of(run, "networks")


def test_the_code_that_is_shown_runs():
    page = ast.parse((ROOT / "pages" / "denoise.py").read_text(encoding="utf-8"))
    given = {node.arg: node.value for node in ast.walk(page) if isinstance(node, ast.keyword)}
    code = given["code"].value
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    noisy, drawn = (np.array(line.strip("[]").split(), float) for line in done.stdout.splitlines())
    assert drawn.sum() < noisy.sum()


def test_the_page_is_shown_without_torch():
    script = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("aecore/ui/router.py", default_timeout=60).run()
app.switch_page("../../pages/denoise.py").run()
assert not app.exception and not app.error and app.title
print("torch" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=os.environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"
