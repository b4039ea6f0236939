"""Interpolate as Python builds it: every run, every address, and what the component is told."""

import json

import pytest

from aecore.data import load_dataset
from aecore.runs import SHIPPED, list_runs
from aecore.ui import interpolate

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


@pytest.mark.parametrize("source", interpolate.DIGITS)
def test_the_first_stops_offline_are_a_2_a_4_a_5_and_a_6(source):
    assert load_dataset(source).test.labels[interpolate.FIRST[source]].tolist() == [2, 4, 5, 6]


def test_it_asks_its_question_and_walks_from_digit_to_digit(show, mnist):
    app = show()
    assert [title.value for title in app.title] == ["What lies between two digits?"]
    data = told(app)
    assert [model["name"] for model in data["models"]] == ["mnist-ae", "mnist-vae"]
    assert data["source"] == "mnist"
    assert mnist.test.labels[data["first"]].tolist() == [2, 4, 5, 6]
    assert data["view"] == {
        "source": None, "stops": [], "at": 0, "band": None, "drawn": None, "axes": [],
    }  # fmt: skip
    assert {source["name"]: source["ready"] for source in data["sources"]} == {
        "mnist": True, "digits": False, "strokes": False,
    }  # fmt: skip


def test_without_mnist_the_stops_are_digits(show, monkeypatch, tmp_path, digits):
    monkeypatch.setenv("LATENT_LAB_DATA", str(tmp_path))
    data = told(show())
    assert data["source"] == "digits"
    sources = {source["name"]: source for source in data["sources"]}
    assert sources["mnist"]["images"] is None
    assert sources["digits"]["images"]["starts"]
    assert len(sources["digits"]["labels"]) > len(digits.test)


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


def test_an_address_is_understood(show):
    query = {
        "source": "mnist", "stops": "3,digits.4,9999", "at": "1.57", "band": "1-slerp",
        "path": "1:-2.5,2,0,1e-2", "axes": "2.11,1.3",
    }  # fmt: skip
    assert told(show(**query))["view"] == {
        "source": "mnist",
        "stops": [
            {"from": "mnist", "i": 3},
            {"from": "digits", "i": 4},
            {"from": "mnist", "i": 9999},
        ],
        "at": 1.57,
        "band": "1-slerp",
        "drawn": {"m": 1, "points": [[-2.5, 2], [0, 0.01]]},
        "axes": [[1, 10], [0, 2]],
    }


@pytest.mark.parametrize(
    "query",
    [
        {"left": "../../etc", "right": "mnist-classifier", "also": "nothing"},
        *({"source": source} for source in ("nothing", "../etc", "", "fashion_mnist")),
        *({"stops": s} for s in ("1", "x", "1,99999", "-1,2", "1," * 9, "1,²", "1,", "9" * 5000)),
        {"source": "digits", "stops": "1,445"},
        *({"at": at} for at in ("nan", "1e99", "x", "1,2", "٣x")),
        *({"band": band} for band in ("9-lerp", "pixels2", "1-", "<b>")),
        *({"path": p} for p in ("", "1", "1:", "7:0,0,1,1", "1:0,0", "1:0,0,1", "1:0,0,0,0")),
        *({"path": f"0:{p}"} for p in ("nan,0,1,1", "1e9,0,1,1", "a,b,c,d", "1," * 400)),
        *({"axes": axes} for axes in ("0.1", "1", "1.2.3", "x.y", "-1.2", "pca,", "1.2," * 4)),
    ],
    ids=lambda query: "&".join(f"{k}={v[:12]}" for k, v in query.items()),
)
def test_an_address_edited_by_hand_fails_nowhere(show, query):
    view = told(show(**query))["view"]
    assert view["stops"] == []
    assert view["at"] == 0
    assert view["band"] is view["drawn"] is None
    assert view["axes"] == []


def test_what_the_component_shows_is_kept_in_the_address(monkeypatch):
    kept = {"path": "1:0,0,1,1", "left": "mnist-ae"}
    monkeypatch.setattr(interpolate.st, "query_params", kept)
    view = {
        "source": "digits",
        "stops": [{"from": "digits", "i": 7}, {"from": "mnist", "i": 12}],
        "at": 0.25,
        "band": "0-lerp",
        "drawn": None,
        "axes": [[0, 1], [3, 2]],
    }
    interpolate.view_to_address({"view": view})
    expected = {"source": "digits", "stops": "7,mnist.12", "at": "0.25", "band": "0-lerp"}
    assert kept == {"left": "mnist-ae", **expected, "axes": "1.2,4.3"}
    interpolate.view_to_address({})
    interpolate.view_to_address({"view": view | {"drawn": {"m": 0, "points": [[0.5, 2], [-3, 1]]}}})
    assert kept["path"] == "0:0.5,2,-3,1"
    assert interpolate.view_from_address() == view | {
        "drawn": {"m": 0, "points": [[0.5, 2], [-3, 1]]}
    }
