"""What pages say of a run that was chosen."""

from types import SimpleNamespace

import pytest

from aecore.families import build_model, models
from aecore.families.storage import describe_model
from aecore.runs import SHIPPED, list_runs
from aecore.ui import choosers, session


@pytest.mark.parametrize("kl", [0.0, 0.004, 0.09])
def test_a_collapsed_posterior_is_explained(monkeypatch, kl):
    monkeypatch.setattr(session, "title", lambda run: "my-vae")
    said = choosers.collapse(SimpleNamespace(card={"figures": {"kl": kl}}))
    assert said.startswith("Posterior collapse: the KL of my-vae is ")
    assert "says next to nothing of its image" in said


def test_no_run_that_came_with_the_app_has_collapsed():
    assert not any(choosers.collapse(run) for run in list_runs(SHIPPED))


def test_rows_of_a_kind_say_in_what_its_runs_differ():
    kinds = choosers.runs_by_kind(list_runs(SHIPPED))
    rows = {name: what for rows in kinds.values() for name, _, _, what in rows}
    assert "ρ = 0.02" in rows["mnist-sparse-02"]
    assert "λ = 0" in rows["mnist-sparse-off"]
    assert "α" not in rows["mnist-m2-100"]  # the only one of its kind
    order = [name for name in rows if "contractive" in name]
    assert order == [f"mnist-contractive-{weight}" for weight in (0, 3, 10)]


@pytest.mark.parametrize("family", models())
def test_the_decoder_of_every_family_has_a_formula(family):
    net = describe_model(build_model(family))["networks"]["decoder"]
    formula = choosers.decoder_formula(net)
    assert formula.count("{") == formula.count("}")
    assert formula.count("b_") == sum("weight" in layer for layer in net["layers"])
    assert (", y)" in formula) == any(name == "y" for name, _ in net["inputs"])


def test_the_formula_is_what_is_computed():
    model = build_model("ae", hidden=[8], activation="tanh")
    net = describe_model(model)["networks"]["decoder"]
    hidden = r"\operatorname{tanh}(W_1\,\sym{z} + b_1)"
    whole = rf"\operatorname{{sigmoid}}(W_2\,{hidden} + b_2)"
    assert choosers.decoder_formula(net) == rf"$$\sym{{xh}} = g(\sym{{z}}) = {whole}$$"
    tied = describe_model(build_model("tied-dae"))["networks"]["decoder"]
    assert r"W_1^\top\,\sym{z} + b_1" in choosers.decoder_formula(tied)


def test_a_sum_that_is_multiplied_has_brackets():
    layers = [{"op": "linear", "weight": "a"}, {"op": "linear", "weight": "b"}]
    net = {"inputs": [("z", 2)], "layers": layers, "outputs": [("pixels", 784)]}
    assert choosers.decoder_formula(net).endswith(r"W_2\,(W_1\,\sym{z} + b_1) + b_2$$")
