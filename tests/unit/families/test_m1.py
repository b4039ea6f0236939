"""M1 and M1 with M2: what is learned first, by whom, and that labels move no feature."""

from math import log

import pytest
import torch
from torch.distributions import Independent, Normal

import aecore
from aecore.families.m1 import error_of_labels

SMALL = {"latent_dim": 3, "hidden": [16]}
STACKED = {**SMALL, "features": 5, "upper": [12]}
Y = torch.tensor([3, -1, 1, 0, -1])
QUICK = {"epochs": 4, "batch_size": 32, "labels": 20, "precision": "float32"}


def moved_by_phase(model, data, weights):
    """The parts of a model that each phase moves."""
    before, moved = weights(model), {}
    for record in aecore.fit(model, data, report_every=1, **QUICK):
        after = weights(model)
        changed = {
            name.split(".")[0] for name in after if not torch.equal(after[name], before[name])
        }
        moved[record.phase] = moved.get(record.phase, set()) | changed
        before = after
    return moved


def test_m1_learns_codes_first_and_then_to_read_them(few, weights):
    found = moved_by_phase(aecore.build_model("m1", **SMALL), few, weights)
    assert found == {"features": {"encoder", "decoder"}, "classifier": {"classifier"}}


def test_m1s_codes_are_a_vaes_whatever_the_labels_are(few, same):
    """Two sets of labels: the same features to the last bit; the same as with no classifier."""
    model, vae = aecore.build_model("m1", **SMALL), aecore.build_model("vae", **SMALL)
    vae.load_state_dict({k: v for k, v in model.state_dict().items() if "classifier" not in k})
    quick = {"epochs": 2, "batch_size": 32, "precision": "float32"}
    list(aecore.fit(model, few, plan=model.plan()[:1], **quick))
    list(aecore.fit(vae, few, **quick))
    assert same(
        {k: v for k, v in model.state_dict().items() if "classifier" not in k}, vae.state_dict()
    )


@pytest.mark.parametrize("family", ["m1", "m1m2"])
def test_no_label_moves_a_feature(images, family):
    model = aecore.build_model(family, **(STACKED if family == "m1m2" else SMALL))
    features = ("lower",) if family == "m1m2" else ("encoder", "decoder")
    below = [name for name in dict(model.named_parameters()) if name.startswith(features)]
    grads = []
    for y in (Y, (Y + 1) % 10):
        model.zero_grad()
        model.losses(images, y, generator=torch.Generator().manual_seed(0))["loss"].backward()
        grads.append([model.get_parameter(name).grad.clone() for name in below])
    assert below
    assert all(map(torch.equal, *grads))


def test_the_error_of_labels_is_of_known_ones(images):
    model = aecore.build_model("m1", **SMALL)
    p = model.classify(images)
    found = model.losses(images, Y)["label"].item()
    assert found == pytest.approx(-(p[0, 3].log() + p[2, 1].log() + p[3, 0].log()).item() / 3)
    assert error_of_labels(torch.zeros(2, 10), torch.tensor([-1, -1])).item() == 0
    assert error_of_labels(torch.zeros(2, 10), None).item() == 0


def test_m1_reads_digits_of_few_labels(digits):
    model = aecore.build_model("m1", latent_dim=8, hidden=[64])
    quick = {"epochs": 20, "batch_size": 64, "learning_rate": 1e-2, "precision": "float32"}
    list(aecore.fit(model, digits, labels=50, **quick))
    with torch.no_grad():
        read = model.classify(digits.test.images).argmax(1).numpy()
    assert (read == digits.test.labels).mean() > 0.6


def test_m1m2_learns_features_first_and_then_classes(few, weights):
    found = moved_by_phase(aecore.build_model("m1m2", **STACKED), few, weights)
    assert found == {
        "features": {"lower_encoder", "lower_decoder"},
        "classes": {"encoder", "decoder", "classifier", "log_std"},
    }


def test_m1m2s_terms_are_two_bounds(images, monkeypatch):
    """At means instead of draws, written out by torch's distributions."""
    for module in ("m1m2", "m2"):
        monkeypatch.setattr(f"aecore.families.{module}.reparameterise", lambda q, generator: q.mean)
    model = aecore.build_model("m1m2", alpha=2.0, **STACKED)
    with torch.no_grad():
        model.log_std += 0.3
        found, below = model.losses(images, Y), model.features_of(images)
        u, q = below.mean, model.classify(images)
        described = 0.0
        for i, label in enumerate(Y.tolist()):
            for c in [label] if label >= 0 else range(10):
                style = model.style_of(u[i : i + 1], torch.tensor([c]))
                label_in = torch.nn.functional.one_hot(torch.tensor([c]), 10).float()
                mean = model.decoder(torch.cat([style.mean, label_in], 1))
                nats = -Independent(Normal(mean, model.log_std.exp()), 1).log_prob(u[i : i + 1])
                nats = nats + model.prior().kl(style) + log(10)
                described += (1 if label >= 0 else q[i, c]) * (
                    nats + (0 if label >= 0 else q[i, c].log())
                )
        above = found["described"] + found["kl"] + found["class"]
        assert above.item() == pytest.approx(described.item() / 5, rel=1e-5)
        shown = torch.sigmoid(model.lower_decoder(u))
        bce = torch.nn.functional.binary_cross_entropy(shown, images, reduction="sum") / 5
        assert found["reconstruction"].item() == pytest.approx(bce.item(), rel=1e-5)
        total = above + found["reconstruction"] + found["features"] + 2 * found["label"]
        assert found["loss"].item() == pytest.approx(total.item(), rel=1e-5)


def test_m1m2_draws_a_class_through_its_features(images):
    model = aecore.build_model("m1m2", **STACKED)
    z, y = torch.randn(4, 3), torch.tensor([1, 2, 3, 4])
    label = torch.nn.functional.one_hot(y, 10).float()
    u = model.decoder(torch.cat([z, label], 1))
    assert torch.allclose(model.decode(z, y), torch.sigmoid(model.lower_decoder(u)))
    assert torch.equal(model.encode(images), model.encode(images, model.classify(images).argmax(1)))
