"""Denoise as Python builds it: every source, addresses edited by hand, damaged figures."""

import ast
import base64
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from aecore.data import strokes
from aecore.data.digit_image import from_upload
from aecore.data.noise import LEVELS
from aecore.errors import LabError
from aecore.runs import SHIPPED, open_run, shipped_run
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


def pixels(text):
    return np.frombuffer(base64.b64decode(text), np.uint8)


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


def test_every_source_has_its_images(show, mnist, digits):
    for source, images in [("MNIST", mnist.test), ("Digits", digits.test)]:
        data = told(show(images=source, first="4"))
        assert data["first"] == 4
        assert np.array_equal(pixels(data["images"]), images.images[4:8].ravel())
        assert data["labels"] == images.labels[4:8].tolist()
    data = told(show(images="Strokes", first="8"))
    assert data["labels"] == [8, 9, 0, 1]
    drawn = strokes.draw([8, 9, 0, 1], seed=8).images
    assert np.array_equal(pixels(data["images"]), drawn.ravel())
    for source in ("Draw", "Upload"):
        data = told(show(images=source))
        assert (data["source"], data["uploaded"]) == (source.lower(), None)
        assert "images" not in data


def test_others_are_the_next_four_and_the_last_are_followed_by_the_first(show, digits):
    app = show(images="Digits", first="436")
    for first in (440, 0, 4):
        whole(app.button[0].click().run())
        assert told(app)["first"] == first


def test_other_images_are_remembered_on_another_page(show):
    app = show(images="Digits", first="8")
    app.switch_page("../../pages/compare.py").run()
    app.query_params.clear()
    app.switch_page("../../pages/denoise.py").run()
    assert told(app)["first"] == 8


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
    assert data["first"] == 0
    assert len(data["labels"]) == 4
    assert [model["name"] for model in data["models"]] == stage.DEFAULTS


def test_the_view_falls_back_field_by_field():
    plain = {"kind": "gaussian", "level": None, "seed": 0, "diff": False, "image": None}
    assert stage.VIEW.read({}) == plain
    spoiled = {"kind": "fog", "level": "nan", "seed": "10000", "diff": "maybe", "image": "é"}
    assert stage.VIEW.read(spoiled) == plain
    asked = {"kind": "occlusion", "level": "6", "seed": "3", "diff": "1", "image": "eNpj"}
    whole = {"kind": "occlusion", "level": 6, "seed": 3, "diff": True, "image": "eNpj"}
    assert stage.VIEW.read(asked) == whole
    for name, text in spoiled.items():
        assert stage.VIEW.read(asked | {name: text}) == whole | {name: plain[name]}


def test_a_file_is_prepared_or_refused_in_a_sentence(show, digits, monkeypatch, at):
    content = io.BytesIO()
    Image.fromarray(255 - digits.test.images[2]).resize((280, 280)).save(content, "PNG")
    file = SimpleNamespace(file_id="one", getvalue=content.getvalue)
    monkeypatch.setattr(st, "file_uploader", lambda *args, **options: file)
    uploaded = told(show(images="Upload"))["uploaded"]
    assert uploaded["id"] == "one"
    assert np.array_equal(pixels(uploaded["image"]), from_upload(content.getvalue()).ravel())
    file.getvalue = lambda: b"seven" * 99
    app = at("denoise", images="Upload").run()
    assert not app.exception
    assert app.error[0].value.endswith("and try again.")
    assert told(app)["uploaded"] is None


def test_models_keep_their_order_and_six_are_the_most(show):
    names = ["mnist-vae", "mnist-dae-50", "mnist-ae-32", "mnist-ae"]
    models = told(show(models=names))["models"]
    assert [model["name"] for model in models] == names
    assert [model["title"] for model in models] == ["VAE", "DAE", "mnist-ae-32", "mnist-ae"]
    many = [*stage.DEFAULTS, "mnist-tied-50", "mnist-ae"]
    models = told(show(models=many))["models"]
    assert [model["name"] for model in models] == many[:6]
    assert models[5]["label"] == "Tied DAE .5"


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
app = AppTest.from_file("aecore/ui/router.py", default_timeout=20).run()
app.switch_page("../../pages/denoise.py").run()
assert not app.exception and not app.error and app.title
print("torch" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=os.environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"
