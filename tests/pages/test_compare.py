"""Compare says of two runs only what their units and their codes bear out."""

import itertools

import pytest
import torch

import aecore
from aecore.analysis.card import finish
from aecore.runs import Recorder
from aecore.training import FitConfig
from aecore.ui import choosers


@pytest.fixture
def make(tmp_path, monkeypatch, few):
    """Measure a model as a run; ``empty``: one whose posterior is the prior."""
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path))
    choosers.runs.clear()

    def made(name, family="vae", *, empty=False, **options):
        model = aecore.build_model(family, latent_dim=2, hidden=[8], **options)
        with torch.no_grad():
            for weight in model.encoder.parameters() if empty else ():
                weight.zero_()
        return finish(Recorder(tmp_path / name, model, "digits", FitConfig(epochs=1)), model, few)

    yield made
    choosers.runs.clear()


def text(at, left, right):
    app = at("compare", left=left, right=right).run()
    assert not app.exception
    assert not app.error
    return "\n".join(part.value for part in (*app.markdown, *app.main.get("html")))


LIKELIHOODS = ("bernoulli", "gaussian")


@pytest.mark.parametrize(("left", "right"), [*itertools.product(LIKELIHOODS, repeat=2)])
def test_nats_of_two_likelihoods_are_not_compared(at, make, left, right):
    make("one", "ae", likelihood=left)
    make("two", "vae", likelihood=right)
    said = text(at, "one", "two")
    assert ("Nats of two likelihoods are two units" in said) == (left != right)
    assert "Squared error at" in said
    if left != right:
        assert "nats better" not in said
        assert "ahead by" not in said


@pytest.mark.parametrize("order", [1, -1])
def test_a_collapsed_code_is_called_so_before_its_gaps_and_not_praised_for_them(at, make, order):
    make("empty", empty=True, beta=1000.0)
    make("other", "ae")
    said = text(at, *["empty", "other"][::order])
    assert said.index("Posterior collapse") < said.index("few gaps are no merit")
    assert "leaves fewer gaps" not in said


def test_a_run_that_was_measured_before_there_were_squared_errors_opens(at, make):
    card = make("old", "ae").folder / "card.json"
    card.write_text(card.read_text().replace("squared_error", "before"))
    make("new", "ae")
    assert text(at, "old", "new").count("Measured on one of the two only.") == 1
