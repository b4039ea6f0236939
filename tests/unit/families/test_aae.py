"""Adversarial autoencoders: priors, who moves in which update, and where codes come to lie."""

from math import log

import numpy as np
import pytest
import torch

import aecore
from aecore.analysis.measures import Subject, measure
from aecore.errors import LabError
from aecore.families import Description
from aecore.families.encoding import encode_images
from aecore.families.priors import PLANES

SMALL = {"latent_dim": 2, "hidden": [16]}
Y = torch.tensor([3, -1, 1, 0, -1])


def seeded():
    return torch.Generator().manual_seed(0)


# Priors


@pytest.mark.parametrize("kind", PLANES)
def test_a_density_sums_to_one_and_its_classes_to_the_whole(kind):
    prior, side = PLANES[kind](classes=3), torch.linspace(-4.5, 4.5, 120)
    z = torch.cartesian_prod(side, side)
    cell = (side[1] - side[0]).item() ** 2
    with torch.no_grad():
        whole = prior.log_prob(z).exp()
        parts = torch.stack([prior.log_prob(z, torch.full((len(z),), c)).exp() for c in range(3)])
    assert whole.sum().item() * cell == pytest.approx(1, abs=0.01)
    assert (parts.sum(1) * cell).tolist() == pytest.approx([1] * 3, abs=0.05)
    assert torch.allclose(parts.mean(0), whole, atol=0.02 * whole.max().item())
    unknown = prior.log_prob(z, torch.full((len(z),), -1)).exp()
    assert torch.allclose(unknown, whole)


@pytest.mark.parametrize("kind", PLANES)
def test_draws_follow_the_density_and_their_class(kind):
    prior = PLANES[kind]()
    y = torch.arange(10).repeat(100)
    own = prior.log_prob(prior.sample(1000, y, generator=seeded()), y)
    assert torch.isfinite(own).all()
    other = prior.log_prob(prior.sample(1000, y, generator=seeded()), (y + 5) % 10)
    assert (other < own).float().mean() > 0.95
    mixed = prior.sample(1000, torch.full((1000,), -1), generator=seeded())
    assert torch.equal(mixed, prior.sample(1000, generator=seeded()))


def test_a_prior_over_the_plane_is_of_two_dimensions():
    with pytest.raises(LabError, match="'roll' is of codes of 2 dimensions"):
        aecore.build_model("aae", prior_kind="roll", latent_dim=3)


# Updates


@pytest.mark.parametrize("family", ["aae", "semi-aae"])
def test_each_update_lowers_its_term_and_moves_its_part_alone(images, family):
    model = aecore.build_model(family, **SMALL)
    parts = {
        update.term: {name.split(".")[0] for name, p in model.named_parameters()
                      if any(p is one for one in update.parameters(model))}
        for phase in model.plan() for update in phase.updates
    }  # fmt: skip
    critics = {"critic"} if family == "aae" else {"critic", "class_critic"}
    wanted = {"reconstruction": {"encoder", "decoder"}, "critic": critics, "generator": {"encoder"}}
    assert parts == wanted | ({"label": {"encoder"}} if family == "semi-aae" else {})
    for term in parts:
        found = model.objective(term, images, Y, generator=seeded())
        assert set(found) == {term}
    critic = model.objective("critic", images, Y, generator=seeded())["critic"]
    critic.backward()
    assert all(p.grad is None for p in model.encoder.parameters())


@pytest.mark.parametrize("told", [False, True])
def test_the_adversaries_are_the_papers(images, told):
    """Cross-entropies of a critic that knows draws from codes, and of codes that pass for draws."""
    model = aecore.build_model("aae", prior_kind="mixture", told=told, **SMALL)
    generator = seeded()
    drawn = model.prior().sample(5, Y if told else None, generator=generator)
    real, fake = (
        torch.sigmoid(model._asked(z, Y, generator)) for z in (drawn, model.encode(images))
    )
    wanted = -(real.log() + (1 - fake).log()).mean()
    found = model.objective("critic", images, Y, generator=seeded())["critic"]
    assert found.item() == pytest.approx(wanted.item(), rel=1e-5)
    passed = -torch.sigmoid(model._asked(model.encode(images), Y, seeded())).log().mean()
    found = model.objective("generator", images, Y, generator=seeded())["generator"]
    assert found.item() == pytest.approx(passed.item(), rel=1e-5)


def test_where_the_critic_can_only_guess_its_terms_say_so(images):
    model = aecore.build_model("aae", **SMALL)
    with torch.no_grad():
        for p in model.critic.parameters():
            p.zero_()
    found = model.losses(images)
    assert found["critic"].item() == pytest.approx(2 * log(2))
    assert found["generator"].item() == pytest.approx(log(2))


def test_what_the_critic_sees_has_less_and_less_noise():
    model, z = aecore.build_model("aae", **SMALL), torch.zeros(4000, 2)
    for progress, wanted in ((0.0, 1.0), (0.5, 0.55), (1.0, 0.1)):
        model.progress = progress
        assert model.noisy(z, seeded()).std().item() == pytest.approx(wanted, rel=0.05)


# What it learns


def test_a_critic_brings_the_codes_to_the_prior(digits):
    """And the plain autoencoder's, of the same shape and as long, lie elsewhere."""
    told = []
    for family, options in (("aae", {"prior_kind": "disc"}), ("ae", {})):
        model = aecore.build_model(family, latent_dim=2, hidden=[64], **options)
        quick = {"epochs": 14, "batch_size": 64, "precision": "float32"}
        list(aecore.fit(model, digits, **quick))
        codes, _ = encode_images(model, digits.test.images)
        told.append(np.linalg.norm(codes, axis=1))
    disc, free = told
    assert (disc < 2.8).mean() > 0.9
    assert (free < 2.8).mean() < 0.7


def test_its_card_says_how_well_codes_are_told_from_the_prior(few):
    model = aecore.build_model("aae", prior_kind="mixture", **SMALL)
    figures = measure(Subject(model, few))
    assert 0.6 < figures["told_from_prior"] <= 1
    assert set(figures["gap_fraction"]) == {"standard_normal", "fitted", "prior"}
    assert not Description.of(model).prior  # none of those who draw N(0, I) may take it for that
    assert Description.of(aecore.build_model("aae", **SMALL)).prior


# With classes


def test_the_class_is_drawn_and_inferred(images):
    model = aecore.build_model("semi-aae", **SMALL)
    logits, z = model.classified(images)
    assert torch.equal(model.encode(images), z)
    p = model.classify(images)
    assert torch.allclose(p, torch.softmax(logits, 1))
    assert torch.equal(model.reconstruct(images), model.decode(z, p.argmax(1)))
    loss = model.objective("reconstruction", images)["reconstruction"].item()
    shown = model.decode(z, p)
    nats = torch.nn.functional.binary_cross_entropy(shown, images, reduction="sum") / 5
    assert loss == pytest.approx(nats.item(), rel=1e-5)


def test_few_labels_are_enough_to_begin(digits):
    model = aecore.build_model("semi-aae", latent_dim=8, hidden=[64])
    quick = {"epochs": 8, "batch_size": 64, "precision": "float32"}
    list(aecore.fit(model, digits, labels=100, **quick))
    with torch.no_grad():
        read = model.classify(digits.test.images).argmax(1).numpy()
    assert (read == digits.test.labels).mean() > 0.5
