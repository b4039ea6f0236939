"""The stacked autoencoder: a phase for each layer, contrastive divergence, then the whole."""

from itertools import islice

import pytest
import torch

import aecore
from aecore.training import evaluate, fit

SMALL = {"latent_dim": 3, "hidden": [20, 12]}
QUICK = {"epochs": 4, "batch_size": 64, "precision": "float32"}
WAYS = ("ae", "dae", "rbm")


def build(way, **options):
    return aecore.build_model("stacked", pretraining=way, **SMALL, **options)


@pytest.mark.parametrize("way", WAYS)
def test_a_phase_moves_one_pair_of_layers_and_is_seen_in_the_records(few, weights, way):
    model = build(way, share=0.75)
    before, seen = weights(model), []
    for record in fit(model, few, **QUICK):
        after = weights(model)
        moved = {name for name in after if not torch.equal(after[name], before[name])}
        seen.append((record.phase, {name.rsplit(".", 1)[0] for name in moved}))
        assert set(record.losses) == ({record.phase} if "layer" in record.phase
                                      else {"loss", "reconstruction"})  # fmt: skip
        if record.test:
            assert set(record.test) == {"loss", "reconstruction", "layer 1", "layer 2", "layer 3"}
        before = after
    assert seen == [
        ("layer 1", {"encoder.1", "decoder.4"}),
        ("layer 2", {"encoder.3", "decoder.2"}),
        ("layer 3", {"encoder.5", "decoder.0"}),
        ("whole", {f"{part}.{i}" for part, at in (("encoder", (1, 3, 5)), ("decoder", (0, 2, 4)))
                   for i in at}),
    ]  # fmt: skip


def test_without_pretraining_it_is_the_autoencoder(images):
    model = build("none")
    plain = aecore.build_model("ae", activation="sigmoid", **SMALL)
    plain.load_state_dict(model.state_dict())
    assert [phase.name for phase in model.plan()] == ["whole"]
    for name, value in plain.losses(images).items():
        assert torch.equal(model.losses(images)[name], value)


@pytest.mark.parametrize("way", WAYS)
def test_every_layer_learns_to_rebuild_what_enters_it(digits, way):
    model = build(way, share=0.9)
    before = evaluate(model, digits.test)
    *pretrained, _ = fit(model, digits, plan=model.plan()[:3], learning_rate=1e-2, **QUICK)
    after = evaluate(model, digits.test)
    assert pretrained
    for n in (1, 2, 3):
        assert after[f"layer {n}"] < before[f"layer {n}"]
    assert after["reconstruction"] < before["reconstruction"]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_contrastive_divergence_is_the_rule(images, n):
    """The gradient of W is −(⟨v hᵀ⟩ of the data − ⟨v hᵀ⟩ of the reconstruction), by hand."""
    model, v = build("rbm"), images.flatten(1)
    with torch.no_grad():
        for lower, _ in model.pairs[:n]:
            v = lower(v).sigmoid()
        lower, upper = model.pairs[n]
        noise, a = torch.Generator().manual_seed(2), lower(v)
        code = n == 2
        if code:
            h = a + torch.empty_like(a).normal_(generator=noise)
        else:
            h = (torch.empty_like(a).uniform_(generator=noise) < a.sigmoid()).float()
        again = upper(h).sigmoid()
        means = [a, lower(again)] if code else [a.sigmoid(), lower(again).sigmoid()]
        rule = (means[0].T @ v - means[1].T @ again) / len(v)
        hidden, visible = (means[0] - means[1]).mean(0), (v - again).mean(0)
        nats = -(v * again.log() + (1 - v) * (1 - again).log()).sum(1).mean()
    error = model.layer_error(n, images, torch.Generator().manual_seed(2))
    error.backward()
    assert error.item() == pytest.approx(nats.item(), rel=1e-4)
    assert torch.allclose(lower.weight.grad + upper.weight.grad.T, -rule, atol=1e-6)
    assert torch.allclose(lower.weight.grad, upper.weight.grad.T, atol=1e-7)
    assert torch.allclose(lower.bias.grad, -hidden, atol=1e-6)
    assert torch.allclose(upper.bias.grad, -visible, atol=1e-6)


def test_a_machine_is_one_until_the_whole_is_trained(few):
    model = build("rbm", share=0.75)
    for _ in islice(fit(model, few, **QUICK), 3):
        for lower, upper in model.pairs:
            assert torch.equal(lower.weight, upper.weight.T)


def test_the_first_weights_have_the_spread_that_is_asked_for():
    model = aecore.build_model("stacked", hidden=[200], spread=0.1)
    for layer in model.pairs[0]:
        assert layer.weight.std().item() == pytest.approx(0.1, rel=0.02)
        assert not layer.bias.any()
