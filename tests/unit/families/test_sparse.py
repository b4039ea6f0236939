"""The sparse autoencoder: its penalties, and what becomes of the units."""

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, kl_divergence

import aecore
from aecore.analysis.measures import Subject, measure
from aecore.families.sparse import activity


def test_the_penalty_is_the_kl_of_the_batchs_means():
    model = aecore.build_model("sparse", latent_dim=6, rho=0.1)
    z = torch.rand(40, 6, generator=torch.Generator().manual_seed(0))
    exact = kl_divergence(Bernoulli(torch.tensor(0.1)), Bernoulli(z.mean(0))).sum()
    assert model.penalty(z).item() == pytest.approx(exact.item(), rel=1e-5)


@pytest.mark.parametrize("rho", [0.02, 0.3, 0.9])
def test_at_the_activation_that_is_asked_for_it_is_0_and_flat(rho):
    model = aecore.build_model("sparse", latent_dim=4, rho=rho)
    z = torch.full((8, 4), rho, requires_grad=True)
    penalty = model.penalty(z)
    penalty.backward()
    assert penalty.item() == pytest.approx(0, abs=1e-6)
    assert z.grad.abs().max() < 1e-6
    assert model.penalty(z.detach() * 0.9) > 1e-5


def test_units_that_never_or_always_fire_give_a_finite_penalty():
    model = aecore.build_model("sparse", latent_dim=2)
    assert torch.isfinite(model.penalty(torch.tensor([[0.0, 1.0], [0.0, 1.0]])))


def test_l1_is_the_sum_of_the_activations(images):
    model = aecore.build_model("sparse", sparsity="l1", latent_dim=7)
    found = model.losses(images)
    assert found["sparsity"].item() == pytest.approx(model.encode(images).sum().item() / 5)
    loss = found["reconstruction"] + 2 * found["sparsity"]
    assert found["loss"].item() == pytest.approx(loss.item())


def test_without_weight_it_is_the_reconstruction_alone(images):
    found = aecore.build_model("sparse", weight=0, latent_dim=7).losses(images)
    assert torch.equal(found["loss"], found["reconstruction"])


def test_trained_fewer_units_fire_and_the_card_says_how_many(digits):
    quick = {"epochs": 5, "batch_size": 64, "learning_rate": 1e-2, "precision": "float32"}
    found = []
    for weight in (0, 2):
        model = aecore.build_model("sparse", latent_dim=60, weight=weight)
        list(aecore.fit(model, digits, **quick))
        found.append(activity(Subject(model, digits)))
    free, sparse = found
    assert sparse["mean_activation"] < 0.5 * free["mean_activation"]
    assert sparse["firing"] < 0.5 * free["firing"] <= 60
    assert 0 <= free["silent"] <= sparse["silent"] <= 60


def test_its_card_has_the_activity(few):
    figures = measure(Subject(aecore.build_model("sparse", latent_dim=20), few))
    assert {"mean_activation", "firing", "silent", "squared_error"} <= set(figures)
    of_units, of_classes = (np.array(figures[f"{by}_activation"]) for by in ("unit", "class"))
    assert of_units.shape == (20,)
    assert of_units.mean() == pytest.approx(figures["mean_activation"], abs=1e-3)
    shares = np.bincount(few.test.labels) / len(few.test)
    assert np.allclose(of_classes @ shares, of_units, atol=2e-3)
