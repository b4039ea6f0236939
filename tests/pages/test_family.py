"""A family of one file on the pages: the form, and a run of it beside the shipped ones."""

import json

import pytest

import aecore
from aecore import jobs
from aecore.analysis.card import finish
from aecore.runs import Recorder
from aecore.runs.workspaces import new_token
from aecore.training import FitConfig, fit
from aecore.ui import choosers
from aecore.ui.train import estimate

CLASSES = ["any", *map(str, range(10))]


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    """An empty folder of runs, and no estimates."""
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path))
    monkeypatch.setattr(jobs, "estimate", lambda spec, wait=0: jobs.check(spec) and 75.0)
    estimate._timings.clear()
    choosers.runs.clear()
    return tmp_path


@pytest.fixture
def toy_run(toy, few, runs):
    """A finished run of the toy, in the folder of runs."""
    settings = FitConfig(epochs=1, batch_size=64, precision="float32", labels=20)
    model = aecore.build_model("toy", hidden=[16])
    recorder = Recorder(runs / "toy", model, "digits", settings)
    for record in fit(model, few, settings):
        recorder.record(record)
    return finish(recorder, model, few)


def whole(app):
    assert not app.exception
    assert not app.error
    return app


def sent(app, module):
    """What the component of a module was sent."""
    found = [part.proto for part in app.main if part.type == "bidi_component"]
    return json.loads(next(p.json for p in found if p.component_name == f"latent_lab_{module}"))


def test_the_form_of_train_offers_it_with_its_option(at, toy, monkeypatch):
    submitted = []
    monkeypatch.setattr(jobs, "submit", lambda workspace, spec, **words: submitted.append(spec))
    app = whole(at("train", w=new_token(), images="Digits, 1,352").run())
    app = whole(app.selectbox(key="family").set_value(toy.name).run())
    app.number_input(key="roundness").set_value(2.0)
    next(one for one in whole(app.run()).button if one.label == "Train").click().run()
    assert [(spec.family, spec.options["roundness"]) for spec in submitted] == [("toy", 2.0)]


@pytest.mark.parametrize(
    ("page", "chosen", "module"),
    [
        ("compare", "left", "panel_panel"),
        ("decode", "model", "panel_panel"),
        ("interpolate", "left", "interpolate_interpolate"),
    ],
)
def test_a_page_shows_its_run_with_a_class_to_choose(at, toy_run, page, chosen, module):
    app = whole(at(page, **{chosen: "toy"}).run())
    assert app.selectbox(key=chosen).value == "toy"
    model = sent(app, module)["models"][0]
    assert (model["title"], model["short"], model["label"]) == ("Toy autoencoder", "Toy", None)
    assert app.selectbox(key="class").options == CLASSES
    app = whole(app.selectbox(key="class").set_value("4").run())
    assert {one["label"] for one in sent(app, module)["models"]} == {4}


def test_where_no_model_takes_a_class_none_is_asked_for(at):
    assert not [one for one in whole(at("compare").run()).selectbox if one.key == "class"]
