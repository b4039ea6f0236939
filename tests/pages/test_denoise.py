"""Denoise as Python builds it: every source, addresses edited by hand, damaged figures."""

import ast
import base64
import json
import os
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from aecore.data import strokes
from aecore.data.noise import LEVELS
from aecore.errors import LabError
from aecore.runs import SHIPPED, open_run, shipped_run
from aecore.ui.denoise import stage
from aecore.web import blocks

ROOT = Path(__file__).parents[2]
IMAGE = np.arange(784, dtype=np.uint8)


@pytest.fixture
def show(monkeypatch, tmp_path):
    """Run the page at an address: `show(images="Draw")`."""
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path))
    stage.choosable.clear()

    def run(**query):
        app = AppTest.from_file(str(ROOT / "aecore/ui/router.py"), default_timeout=20).run()
        app.switch_page("../../pages/denoise.py")
        for name, value in query.items():
            app.query_params[name] = value
        return whole(app.run())

    yield run
    stage.choosable.clear()


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


def kept(app, name):
    """What the address holds; AppTest gives a list or the value itself."""
    value = app.query_params[name]
    return value[-1] if isinstance(value, list) else value


def pixels(text):
    return np.frombuffer(base64.b64decode(text), np.uint8)


def address(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


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
        assert told(show(images=source))["image"] == ""
        data = told(show(images=source, image=stage.packed(IMAGE)))
        assert np.array_equal(pixels(data["image"]), IMAGE)


def test_others_are_the_next_four_and_the_last_are_followed_by_the_first(show, digits):
    app = show(images="Digits", first="436")
    for first in (440, 0, 4):
        whole(app.button[0].click().run())
        assert told(app)["first"] == first


@pytest.mark.parametrize(
    "query",
    [
        *({"kind": kind} for kind in ("fog", "", "__proto__", "x" * 5000)),
        *({"level": level} for level in ("nan", "inf", "-1", "1e400", "2", "", "x", "9" * 5000)),
        {"kind": "occlusion", "level": "2.5"},
        {"kind": "occlusion", "level": "29"},
        *({"seed": seed} for seed in ("-1", "1e3", "²", "9" * 5000, "10000", "")),
        {"diff": "maybe"},
        *({"first": first} for first in ("-4", "99999999", "x", "9" * 5000, "3")),
        {"images": "../../etc/passwd"},
        *({"models": models} for models in ("../../etc", "mnist-classifier", "", ["x"] * 50)),
        {"curve_level": "nan", "curve_at": "inf,x"},
    ],
    ids=lambda query: "&".join(f"{k}={v[:12]}" for k, v in query.items()),
)
def test_an_address_edited_by_hand_fails_nowhere(show, query):
    data = told(show(**query))
    start = data["start"]
    about = LEVELS[start["kind"]]
    assert start["kind"] == query.get("kind") or start["kind"] == "gaussian"
    assert start["level"] == about.default
    assert start["seed"] == 0
    assert not start["diff"]
    assert data["first"] == 0
    assert len(data["labels"]) == 4
    assert [model["name"] for model in data["models"]] == stage.DEFAULTS


@pytest.mark.parametrize(
    "text",
    [
        "seven",
        "é" * 8,
        "=",
        "A" * 100_000,
        address(zlib.compress(bytes(783))),
        address(zlib.compress(bytes(785))),
        address(zlib.compress(bytes(10_000_000), 9)),
        address(zlib.compress(bytes(784)) + b"more"),
        address(zlib.compress(IMAGE.tobytes())[:-3]),
        address(b"\x80\x04." + bytes(50)),
        "/etc/passwd",
    ],
    ids=lambda text: text[:8],
)
def test_only_an_image_is_taken_for_one(show, text):
    assert stage.unpacked(text) is None
    assert told(show(images="Draw", image=text))["image"] == ""


def test_every_image_fits_into_an_address():
    rng = np.random.default_rng(0)
    for image in (np.zeros(784), rng.integers(0, 256, 784)):
        image = image.astype(np.uint8)
        text = stage.packed(image)
        assert len(text) <= stage.MOST_TEXT
        assert np.array_equal(stage.unpacked(text), image)


def test_what_the_component_tells_is_kept_and_checked(show):
    app = show()
    app.session_state["denoise"] = {
        "noise": {"kind": "occlusion", "level": 6, "seed": 3, "diff": True}
    }
    whole(app.run())
    query = {name: kept(app, name) for name in ("kind", "level", "seed", "diff")}
    assert query == {"kind": "occlusion", "level": "6", "seed": "3", "diff": "1"}
    for noise in ({"kind": [], "level": {}, "seed": None, "diff": []}, {"level": "<b>"}, [1]):
        app.session_state["denoise"] = {"noise": noise}
        whole(app.run())
        assert kept(app, "kind") == "gaussian"
        assert kept(app, "level") == "0.5"
        assert kept(app, "seed") == "0"
        assert "diff" not in app.query_params


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
