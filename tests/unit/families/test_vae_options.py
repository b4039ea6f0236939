"""Options of the VAE: more draws (IWAE), warm-up, free bits."""

from math import log

import pytest
import torch
from torch.distributions import Independent, Normal

import aecore
from aecore.analysis.likelihood import importance_weighted_nll
from aecore.families.distributions import reparameterise

SMALL = {"latent_dim": 3, "hidden": [16]}


def seeded():
    return torch.Generator().manual_seed(0)


def test_one_draw_is_the_vae_whatever_is_said_of_the_rest(images):
    plain, spelled = (
        aecore.build_model("vae", **SMALL, **more)
        for more in ({}, {"samples": 1, "warmup": 0.0, "free_bits": 0.0})
    )
    for name, value in plain.losses(images, generator=seeded()).items():
        assert torch.equal(spelled.losses(images, generator=seeded())[name], value)


@pytest.mark.parametrize("beta", [1.0, 0.5])
def test_the_bound_is_the_papers(images, beta):
    """By torch's own distributions: −log of the mean of the weights of k draws."""
    k, model = 4, aecore.build_model("vae", samples=4, beta=beta, **SMALL)
    found = model.losses(images, generator=seeded())
    q = model.posterior(images)
    q = Independent(Normal(*(v.repeat_interleave(k, 0) for v in (q.mean, q.stddev))), 1)
    z = reparameterise(q, seeded())
    x = images.repeat_interleave(k, 0)
    p = Independent(Normal(torch.zeros_like(z), 1.0), 1)
    nats = model.observation(z).log_prob(x)
    weights = (nats + beta * (p.log_prob(z) - q.log_prob(z))).view(5, k)
    assert found["loss"].item() == pytest.approx(-(weights.logsumexp(1) - log(k)).mean().item())
    assert found["reconstruction"].item() == pytest.approx(-nats.mean().item())
    assert found["kl"].item() == pytest.approx(
        model.prior().kl(model.posterior(images)).mean().item()
    )


def test_the_bound_rises_with_the_draws_in_expectation(images):
    many = images[:1].expand(400, 1, 28, 28)
    with torch.no_grad():
        bounds = []
        for k in (2, 8, 32):
            model = aecore.build_model("vae", samples=k, **SMALL)
            model.encoder[-1].bias[3:] = 1.5  # far from the true posterior, so that draws help
            bounds.append(model.losses(many, generator=seeded())["loss"].item())
        single = aecore.build_model("vae", **SMALL)
        single.encoder[-1].bias[3:] = 1.5
        bounds.insert(0, single.losses(many, generator=seeded())["loss"].item())
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[0] - bounds[-1] > 0.5


def test_one_draw_is_minus_elbo_and_more_fall_below(digits, model):
    """Of the shipped model; draws in pieces are draws."""
    images, vae = digits.test.images[:60], model("mnist-vae")
    nll = {k: importance_weighted_nll(vae, images, k=k) for k in (1, 20, 300)}
    with torch.no_grad():
        x = aecore.data.as_pixels(images)
        elbo = [
            vae.losses(x, generator=torch.Generator().manual_seed(n))["loss"] for n in range(20)
        ]
    elbo = torch.stack(elbo)
    assert nll[1] == pytest.approx(elbo.mean().item(), abs=6 * elbo.std().item())
    assert nll[1] > nll[20] > nll[300]


def test_more_draws_than_fit_into_memory_are_taken_in_pieces(images, monkeypatch):
    vae = aecore.build_model("vae", **SMALL)
    whole = importance_weighted_nll(vae, (images * 255).byte().numpy()[:, 0], k=24)
    decoded, plain = [], vae.observation
    monkeypatch.setattr(vae, "observation", lambda z, y: decoded.append(len(z)) or plain(z, y))
    monkeypatch.setattr("aecore.analysis.likelihood.TOGETHER", 10)
    pieces = importance_weighted_nll(vae, (images * 255).byte().numpy()[:, 0], k=24)
    assert decoded == [10, 10, 4] * 5
    assert pieces == pytest.approx(whole, abs=0.5)


def test_warm_up_weighs_the_kl_by_how_much_is_trained(few):
    model = aecore.build_model("vae", beta=2.0, warmup=0.5, **SMALL)
    weights = []
    plain = model.losses

    def watched(x, y=None, *, generator=None):
        weights.append((model.training, model.weight))
        return plain(x, y, generator=generator)

    model.losses = watched
    list(aecore.fit(model, few, epochs=1, batch_size=32))
    assert [w for training, w in weights if training] == [0, 0.5, 1, 1.5, 2, 2, 2, 2]
    assert {w for training, w in weights if not training} == {2}


def test_free_bits_cost_nothing_in_training_and_count_in_a_test(images):
    model = aecore.build_model("vae", free_bits=0.5, **SMALL)
    tested = model.losses(images, generator=seeded())
    assert torch.equal(tested["loss"], tested["reconstruction"] + tested["kl"])
    trained = model.train().losses(images, generator=seeded())
    each = model.prior().kl_per_dimension(model.posterior(images))
    assert each.sum(1).mean().item() == pytest.approx(trained["kl"].item(), rel=1e-5)
    cost = each.mean(0).clamp(min=0.5).sum().item()
    assert cost > trained["kl"].item()
    total = trained["reconstruction"].item() + cost
    assert trained["loss"].item() == pytest.approx(total)


@pytest.mark.parametrize("options", [{"samples": 0}, {"warmup": 2}, {"free_bits": -1}])
def test_a_wrong_option_is_named(options):
    with pytest.raises(aecore.errors.LabError, match=next(iter(options))):
        aecore.build_model("vae", **options)


def test_its_loss_is_called_what_it_is():
    titles = [aecore.build_model("vae", samples=k).loss_title for k in (1, 5)]
    assert titles == ["−ELBO", "−bound of 5 draws"]
