"""M2: the class summed out or drawn, known or not, against the sums written out."""

from math import log

import numpy as np
import pytest
import torch

import aecore
from aecore.errors import LabError
from aecore.families.distributions import reparameterise

SMALL = {"latent_dim": 3, "hidden": [16]}


def seeded():
    return torch.Generator().manual_seed(0)


def without_noise(monkeypatch):
    """Draws of z are means: so the sums can be written out."""
    monkeypatch.setattr("aecore.families.m2.reparameterise", lambda q, generator: q.mean)


def bound(model, image, label):
    """L(x, y) at z = μ, by the model's distributions."""
    y = torch.tensor([label])
    q = model.posterior(image[None], y)
    nats = -model.observation(q.mean, y).log_prob(image[None])
    return (nats + model.prior().kl(q) + log(10)).item()


def test_an_unknown_class_is_summed_out_and_a_known_one_is_not(images, monkeypatch):
    without_noise(monkeypatch)
    model, y = aecore.build_model("m2", alpha=2.5, **SMALL), torch.tensor([3, -1, -1, 0, -1])
    q, total = model.classify(images), 0.0
    for image, label, p in zip(images, y.tolist(), q.tolist(), strict=True):
        if label >= 0:
            total += bound(model, image, label)
        else:
            total += sum(p[c] * (bound(model, image, c) + log(p[c])) for c in range(10))
    label = -(q[0, 3].log() + q[3, 0].log()) / 2
    found = model.losses(images, y)
    assert found["label"].item() == pytest.approx(label.item(), rel=1e-5)
    assert found["loss"].item() == pytest.approx(total / 5 + 2.5 * label.item(), rel=1e-5)
    parts = found["reconstruction"] + found["kl"] + found["class"] + 2.5 * found["label"]
    assert found["loss"].item() == pytest.approx(parts.item())


def test_with_every_label_it_is_the_conditional_vae_and_a_classifier(images):
    """To the last bit, its gradients too, but for log p(y)."""
    y = torch.tensor([3, 1, 4, 1, 5])
    model, cvae = aecore.build_model("m2", alpha=0.1, **SMALL), aecore.build_model("cvae", **SMALL)
    both = {k: v for k, v in model.state_dict().items() if not k.startswith("classifier")}
    cvae.load_state_dict(both)
    found, wanted = (one.losses(images, y, generator=seeded()) for one in (model, cvae))
    assert found["kl"].item() == pytest.approx(wanted["kl"].item(), rel=1e-6)
    assert found["reconstruction"].item() == pytest.approx(
        wanted["reconstruction"].item(), rel=1e-6
    )
    cross_entropy = torch.nn.functional.cross_entropy(model.classifier(images), y)
    assert found["label"].item() == pytest.approx(cross_entropy.item(), rel=1e-6)
    total = wanted["loss"] + log(10) + 0.1 * cross_entropy
    assert found["loss"].item() == pytest.approx(total.item(), rel=1e-6)
    found["loss"].backward()
    wanted["loss"].backward()
    for name, p in cvae.named_parameters():
        assert torch.allclose(model.get_parameter(name).grad, p.grad, atol=1e-5)


def test_a_drawn_class_costs_the_same_on_average_and_has_the_gradient_of_the_sum(
    images, monkeypatch
):
    without_noise(monkeypatch)
    summed, drawn = (aecore.build_model("m2", unknown=way, **SMALL) for way in ("sum", "draw"))
    drawn.load_state_dict(summed.state_dict())
    summed.losses(images[:1])["loss"].backward()
    many = images[:1].expand(20_000, 1, 28, 28)
    found = drawn.train().losses(many, generator=seeded())
    found["loss"].backward()
    assert found["loss"].item() == pytest.approx(summed.losses(images[:1])["loss"].item(), rel=1e-3)
    one, other = (model.classifier[-1].bias.grad for model in (drawn, summed))
    assert torch.allclose(one, other, atol=0.2 * other.abs().max())


def test_the_label_is_inferred_where_it_is_not_known(images):
    model = aecore.build_model("m2", **SMALL)
    read, y = model.classify(images), torch.tensor([3, -1, -1, 0, -1])
    assert torch.allclose(read.sum(1), torch.ones(5))
    whole = model.inferred(images, y)
    assert whole.tolist() == [3, *read.argmax(1)[1:3].tolist(), 0, int(read[4].argmax())]
    assert torch.equal(model.encode(images, y), model.encode(images, whole))
    assert torch.equal(model.reconstruct(images, y), model.decode(model.encode(images, y), whole))


def test_without_the_term_its_loss_is_the_bound(images):
    model = aecore.build_model("m2", alpha=0, **SMALL)
    found = model.losses(images, torch.tensor([3, 1, -1, 1, 5]), generator=seeded())
    bound = found["reconstruction"] + found["kl"] + found["class"]
    assert torch.equal(found["loss"], bound)
    assert model.loss_title == "−ELBO"


def test_unlabelled_images_teach_it_and_few_labels_are_enough_to_begin(digits):
    """On digits with 50 labels: it reads better than it would by chance, and its bound falls."""
    model = aecore.build_model("m2", latent_dim=8, hidden=[64])
    quick = {"epochs": 5, "batch_size": 64, "learning_rate": 5e-3, "precision": "float32"}
    records = list(aecore.fit(model, digits, labels=50, **quick))
    bounds = [r.losses["reconstruction"] + r.losses["kl"] + r.losses["class"] for r in records]
    assert bounds[-1] < bounds[0] - 10
    with torch.no_grad():
        read = model.classify(digits.test.images).argmax(1).numpy()
    assert (read == digits.test.labels).mean() > 0.5


def test_a_class_that_does_not_exist_is_refused(images):
    model = aecore.build_model("m2", classes=3, **SMALL)
    for use in (model.losses, model.encode, model.reconstruct):
        for y in ([0, 1, 2, 3, 0], [0, 1]):
            with pytest.raises(LabError, match="from 0 to 2, or -1 where unknown"):
                use(images, torch.tensor(y))


def test_draws_of_the_style_are_the_posteriors(images):
    model, y = aecore.build_model("m2", **SMALL), torch.tensor([3, 1, 4, 1, 5])
    z = reparameterise(model.posterior(images, y), seeded())
    nats, _ = model.bound(images, torch.arange(5), y, seeded())
    assert torch.allclose(nats, -model.observation(z, y).log_prob(images))


def test_the_style_opens_in_training(few):
    """Its KL weighs less and less, by the same factor in every step; in a test, 1."""
    for family in ("m2", "m1m2"):
        model = aecore.build_model(family, opening=5.0, latent_dim=3, hidden=[8])
        weights, plain = [], model.cost

        def watched(*given, model=model, weights=weights, plain=plain):
            weights.append((model.training, model.style_weight))
            return plain(*given)

        model.cost = watched
        list(aecore.fit(model, few, epochs=1, batch_size=32, labels=20))
        found = [weight for training, weight in weights if training]
        steps = 8 if family == "m2" else 4  # the second half of the training
        left = (1 - np.arange(steps) / steps / 0.9).clip(0)
        assert found == pytest.approx(5**left)
        assert {weight for training, weight in weights if not training} == {1}


def test_a_convolution_may_read_the_class(images):
    """With dropout, in training alone; the browser runs it as it is tested."""
    model = aecore.build_model("m2", reader="conv", dropout=0.5, **SMALL).eval()
    assert torch.equal(model.classify(images), model.classify(images))
    read = model.train().classifier(images)
    assert not torch.equal(read, model.classifier(images))
    ops = [layer["op"] for layer in model.networks()["classifier"].layers]
    assert ops == ["reshape", "conv", "gelu", "conv", "gelu", "linear"]


def test_its_weight_is_in_the_loss(images):
    model, y = aecore.build_model("m2", opening=5.0, **SMALL), torch.tensor([3, -1, 1, 0, -1])
    tested = model.losses(images, y, generator=seeded())
    model.train().progress = 0.25
    trained = model.losses(images, y, generator=seeded())
    more = 5 ** (1 - 0.25 / 0.9) - 1
    assert trained["loss"].item() == pytest.approx((tested["loss"] + more * tested["kl"]).item())
