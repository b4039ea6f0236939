"""Few labels as Python builds it: with studies and without, with a run that guesses and without."""

import json

import pytest

import aecore
from aecore import studies
from aecore.runs import Recorder
from aecore.training import FitConfig
from aecore.ui import choosers, few_labels

LABELS = [100, 300, 60_000]
STUDY = {
    "labels": LABELS,
    "methods": {
        "m2": {"accuracy": [[0.9, 0.94], None, [0.97]]},
        "pixels": {"accuracy": [[0.75, 0.77], [0.85], [0.98]]},
        "unheard-of": {"accuracy": [[1.0], [1.0], [1.0]]},
        "aae": {"accuracy": [None, None, None]},
    },
}


@pytest.fixture
def show(at, monkeypatch, tmp_path):
    """Run the page at an address, with these studies and the runs in the folder of runs alone."""
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path))
    shipped, of_session = few_labels.choosers.runs, dict.fromkeys(("few_labels", "ablation"))
    monkeypatch.setattr(studies, "load", of_session.get)
    choosers.runs.clear()

    def own(suits):
        return {name: folder for name, folder in shipped(suits).items() if "mnist" not in name}

    own.clear = shipped.clear
    monkeypatch.setattr(choosers, "runs", own)

    def run(given=None, **query):
        of_session.update(given or {})
        app = at("few_labels", **query).run()
        assert not app.exception
        assert not app.error
        return app

    yield run
    shipped.clear()


@pytest.fixture
def guesser(tmp_path):
    """A run that infers the class, untrained."""
    model = aecore.build_model("m2", hidden=[16], latent_dim=3)
    recorder = Recorder(tmp_path / "guesser", model, "digits", FitConfig(epochs=1))
    model.save(recorder.folder / "model.safetensors")


def sent(app, module):
    """What the component of a module was sent; None where it is not on the page."""
    found = [part.proto for part in app.main if part.type == "bidi_component"]
    name = f"latent_lab_few_labels_{module}"
    return next((json.loads(p.json) for p in found if p.component_name == name), None)


def html(app):
    return "\n".join(element.proto.body for element in app.main if element.type == "html")


def test_without_studies_and_runs_it_says_what_is_missing(show):
    app = show()
    assert [title.value for title in app.title] == ["How far do a hundred labels go?"]
    data = sent(app, "few_labels")
    assert data["methods"] == []
    assert data["labels"] == list(few_labels.STOPS)
    assert sent(app, "guesses") is None
    assert any("No run of this kind yet" in text.value for text in app.markdown)
    assert "Measured on" not in str([text.value for text in app.subheader])


def test_a_study_becomes_lines_and_a_table(show):
    app = show({"few_labels": STUDY, "ablation": {"drawn": [0.2], "term": [0.92, 0.94]}})
    data = sent(app, "few_labels")
    assert [(one["idea"], one["label"]) for one in data["methods"]] == [
        ("pixels", "pixels"), ("classes", "M2"),
    ]  # fmt: skip
    assert data["methods"][1]["mean"] == [pytest.approx(0.92), None, pytest.approx(0.97)]
    assert data["methods"][1]["sd"] == [pytest.approx(0.02828, abs=1e-4), None, None]
    assert data["methods"][0]["draws"] == [[0.75, 0.77], [0.85], [0.98]]
    page = html(app)
    for cell in ("100 labels", "all 60,000", ".760", ".920", "–", ".970"):
        assert f">{cell}</t" in page
    assert 'aria-label="label drawn from q, no term for the classifier: .200, one draw' in page
    assert "mean of 2 draws of labels" in page
    assert "label summed out, no term" not in page


def test_a_run_that_infers_the_class_guesses(show, guesser):
    app = show(model="guesser")
    data = sent(app, "guesses")
    assert (data["name"], data["short"]) == ("guesser", "M2")
    assert data["source"]["way"] == "dataset"
    assert app.selectbox(key="model").value == "guesser"


def test_a_page_that_opens_reads_no_images(show, guesser, monkeypatch):
    monkeypatch.setattr("aecore.web.labelled.load_dataset", None)
    monkeypatch.setattr("aecore.web.images.load_test_images", None)
    show({"few_labels": STUDY})


def test_without_mnist_the_bundled_digits_are_labelled(show, monkeypatch, tmp_path):
    monkeypatch.setenv("LATENT_LAB_DATA", str(tmp_path))
    app = show()
    assert any("so the images shown are of Digits" in text.value for text in app.markdown)
    where = sent(app, "few_labels")["labelled"]
    assert where == {"url": "lab/labelled/digits", "title": "Digits", "same": False}


@pytest.mark.parametrize(
    "query",
    [
        *({"labels": labels} for labels in ("-1", "nan", "9" * 400, "x", "7")),
        *({"draw": draw} for draw in ("0", "11", "²", "1.5")),
        *({"digit": digit} for digit in ("-1", "x", "9" * 400)),
        {"model": "../../etc"},
    ],
    ids=lambda query: "&".join(f"{k}={v[:12]}" for k, v in query.items()),
)
def test_what_makes_no_sense_in_an_address_is_left_out(query):
    views = (few_labels.VIEW, few_labels.GUESSES)
    kept = [view.read(query) for view in views]
    if query == {"labels": "7"}:  # a number of labels; the browser stands at its first stop
        kept[0]["labels"] = few_labels.STOPS[0]
    assert kept == [view.read({}) for view in views]


def test_the_code_runs_as_it_stands(show, capsys):
    app = show()
    app.session_state["lab-The code"] = True
    exec(app.run().code[0].value, {})
    assert len(capsys.readouterr().out.splitlines()) >= 11
