"""The contractive autoencoder: its penalty against autograd's Jacobian."""

import pytest
import torch
from torch.autograd.functional import jacobian as by_autograd

import aecore
from aecore.analysis.measures import Subject
from aecore.families.contractive import examine
from aecore.families.jacobian import estimated_norm, jacobian, squared_norm
from aecore.families.networks import build_encoder


def exact(model, images):
    """‖∂f/∂x‖²_F of each image, one at a time, by autograd."""
    rows = [by_autograd(lambda x: model.encode(x)[0], image[None]) for image in images]
    return torch.stack([row.square().sum() for row in rows])


@pytest.mark.parametrize("hidden", [[], [12], [9, 7]])
@pytest.mark.parametrize("mode", ["train", "eval"])
def test_the_penalty_is_the_norm_of_autograds_jacobian(images, hidden, mode):
    model = aecore.build_model("contractive", latent_dim=6, hidden=hidden, weight=2.0)
    found = getattr(model, mode)().losses(images)
    norms = exact(model, images)
    assert found["contraction"].item() == pytest.approx(norms.mean().item(), rel=1e-5)
    loss = found["reconstruction"] + 2 * found["contraction"]
    assert found["loss"].item() == pytest.approx(loss.item())
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        again = model.losses(images)["contraction"]  # as in a test, and in training
    assert again.item() == pytest.approx(norms.mean().item(), rel=0.03)


def test_one_layer_in_closed_form_is_as_any_other(images):
    """The gradients of the penalty, too."""
    grads = []
    for closed in (True, False):
        model = aecore.build_model("contractive", latent_dim=6)
        norm = (
            model.contraction(images, model.encode(images))
            if closed
            else squared_norm(model.encoder, images, 6)
        )
        norm.sum().backward()
        grads.append((norm, model.encoder[1].weight.grad))
    for one, other in zip(*grads, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-7)


def test_a_code_larger_than_the_image_is_derived_forwards(images):
    encoder = build_encoder("mlp", (4,), 785, "tanh")
    found = jacobian(encoder, images[:2], 785)
    rows = by_autograd(lambda x: encoder(x)[0], images[:1]).flatten(1)
    assert torch.allclose(found[0], rows, atol=1e-6)


def test_the_estimate_is_right_on_average(images):
    model = aecore.build_model("contractive", latent_dim=6, hidden=[8])
    seeded = torch.Generator().manual_seed(0)
    with torch.no_grad():
        draws = torch.stack([estimated_norm(model.encoder, images, seeded) for _ in range(400)])
        wanted = squared_norm(model.encoder, images, 6)
    error = draws.std(0) / 20
    assert ((draws.mean(0) - wanted).abs() < 4 * error).all()
    named = aecore.build_model("contractive", latent_dim=6, hidden=[8], penalty="estimate")
    named.losses(images)["contraction"].backward()
    assert named.encoder[1].weight.grad.abs().sum() > 0


@pytest.mark.parametrize("hidden", [[], [12]])
def test_all_layers_share_their_weights(images, hidden):
    model = aecore.build_model("contractive", latent_dim=6, hidden=hidden)
    layers = len(hidden) + 1
    assert sum("weight" in name for name in model.state_dict()) == layers
    assert sum("bias" in name for name in model.state_dict()) == 2 * layers


def test_trained_codes_move_less_and_the_card_says_how_far(digits):
    found = []
    for weight in (0, 10):
        model = aecore.build_model("contractive", latent_dim=30, weight=weight)
        list(aecore.fit(model, digits, epochs=4, batch_size=64, learning_rate=1e-2))
        found.append(examine(Subject(model, digits)))
    free, contracted = found
    assert contracted["jacobian_norm"] < 0.7 * free["jacobian_norm"]
    assert len(free["singular_values"]) == 30
    assert free["singular_values"] == sorted(free["singular_values"], reverse=True)
    assert 0 <= free["saturated"] <= 1
