"""Interpolate as Python builds it: every run, every address, and what the component is told."""

import json

import pytest

from aecore.data import load_dataset
from aecore.runs import SHIPPED, list_runs
from aecore.ui import interpolate, sources

RUNS = [run for run in list_runs(SHIPPED) if (run.folder / "codes.npz").exists()]


@pytest.fixture
def show(at, monkeypatch, tmp_path):
    """Run the page at an address: `show(stops="1,2")`."""
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path / "runs"))

    def run(**query):
        return whole(at("interpolate", **query).run())

    return run


def whole(app):
    assert not app.exception
    assert not app.error
    return app


def told(app):
    """What the component was sent."""
    found = [part.proto for part in app.main if part.type == "bidi_component"]
    return json.loads(
        next(p.json for p in found if p.component_name == "latent_lab_interpolate_interpolate")
    )


@pytest.mark.parametrize("source", ["digits", "strokes"])
def test_the_first_stops_offline_are_a_2_a_4_a_5_and_a_6(source):
    assert load_dataset(source).test.labels[list(sources.STOPS[source])].tolist() == [2, 4, 5, 6]


def test_it_asks_its_question_and_walks_from_digit_to_digit(show, mnist):
    app = show()
    assert [title.value for title in app.title] == ["What lies between two digits?"]
    data = told(app)
    assert [model["name"] for model in data["models"]] == ["mnist-ae", "mnist-vae"]
    assert mnist.test.labels[data["sources"][0]["stops"]].tolist() == [2, 4, 5, 6]
    assert [source["name"] for source in data["sources"]] == ["mnist", "digits", "strokes"]


def test_without_mnist_the_stops_are_digits(show, monkeypatch, tmp_path):
    monkeypatch.setenv("LATENT_LAB_DATA", str(tmp_path))
    data = told(show())
    assert data["sources"][0]["name"] == "digits"
    assert {source["name"]: source["url"] for source in data["sources"]} == {
        name: f"lab/test-images/{name}" for name in ("mnist", "digits", "strokes")
    }


def test_a_page_that_opens_reads_no_images(show, monkeypatch):
    monkeypatch.setattr("aecore.web.images.load_test_images", None)
    show(source="digits", stops="1,strokes.2")


def test_every_run_can_be_walked_beside_every_other(show):
    app = show()
    for run in RUNS:
        for key in ("left", "right", "also"):
            app = whole(app.selectbox(key=key).set_value(run.name).run())
        assert [model["name"] for model in told(app)["models"]] == [run.name] * 3
    app = whole(app.selectbox(key="also").set_value(None).run())
    assert len(told(app)["models"]) == 2


def test_the_code_runs_as_it_stands(show):
    app = show()
    app.session_state["lab-The code"] = True
    names = {}
    exec(whole(app.run()).code[0].value, names)
    assert names["frames"].shape == (16, 1, 28, 28)
    assert names["faded"].shape == (28, 28)


def test_an_address_is_understood():
    query = {
        "source": "mnist", "stops": "3,digits.4,9999", "at": "1.57", "band": "1-slerp",
        "path": "1:-2.5,2,0,1e-2", "axes": "2.11,1.3",
    }  # fmt: skip
    assert interpolate.VIEW.read(query) == {
        "source": "mnist",
        "stops": [
            {"from": None, "i": 3},
            {"from": "digits", "i": 4},
            {"from": None, "i": 9999},
        ],
        "at": 1.57,
        "band": "1-slerp",
        "path": {"m": 1, "points": [[-2.5, 2], [0, 0.01]]},
        "axes": [[1, 10], [0, 2]],
    }


@pytest.mark.parametrize(
    "query",
    [
        *({"source": source} for source in ("nothing", "../etc", "")),
        *({"stops": s} for s in ("1", "x", "-1,2", "1," * 9, "1,²", "1,", "9" * 5000)),
        *({"at": at} for at in ("nan", "1e999", "x", "1,2", "٣x")),
        *({"band": band} for band in ("9-lerp", "pixels2", "1-", "<b>")),
        *({"path": p} for p in ("", "1", "1:", "7:0,0,1,1", "1:0,0", "1:0,0,1", "1:0,0,0,0")),
        *({"path": f"0:{p}"} for p in ("nan,0,1,1", "1e9,0,1,1", "a,b,c,d", "1," * 400)),
        *({"axes": axes} for axes in ("0.1", "1", "1.2.3", "x.y", "-1.2", "pca,", "1.2," * 4)),
    ],
    ids=lambda query: "&".join(f"{k}={v[:12]}" for k, v in query.items()),
)
def test_what_makes_no_sense_in_an_address_is_left_out(query):
    assert interpolate.VIEW.read(query) == interpolate.VIEW.read({})


@pytest.mark.parametrize(("at", "nearest"), [("-1", 0), ("1e99", 1000)])
def test_a_place_beyond_the_path_is_the_nearest_on_it(at, nearest):
    assert interpolate.VIEW.read({"at": at}) == interpolate.VIEW.read({}) | {"at": nearest}


def test_runs_that_are_not_there_give_way_to_the_usual_ones(show):
    data = told(show(left="../../etc", right="mnist-classifier", also="nothing"))
    assert [model["name"] for model in data["models"]] == ["mnist-ae", "mnist-vae"]
