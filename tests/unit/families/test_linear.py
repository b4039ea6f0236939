"""The linear autoencoder: at its best it is PCA; with more units than pixels it copies noise."""

import numpy as np
import pytest
import torch

import aecore
from aecore.analysis.measures import Subject, measure
from aecore.data import as_pixels
from aecore.families.linear import beside_pca


def at_the_components(data, turn):
    """A model whose code is that of PCA, or of another basis of the same plane."""
    model = aecore.build_model("linear", latent_dim=len(turn))
    train = data.train.images.reshape(len(data.train), -1) / 255
    axes = np.linalg.svd(train - train.mean(0), full_matrices=False)[2][: len(turn)]
    with torch.no_grad():
        for parameter, value in (
            (model.encoder[1].weight, turn @ axes),
            (model.encoder[1].bias, -turn @ axes @ train.mean(0)),
            (model.decoder[0].weight, axes.T @ np.linalg.inv(turn)),
            (model.decoder[0].bias, train.mean(0)),
        ):
            parameter.copy_(torch.from_numpy(value))
    return model


@pytest.mark.parametrize("turn", [np.eye(3), np.array([[2, 1, 0], [0, -1, 3], [1, 0, 1.0]])])
def test_pca_in_any_basis_is_where_its_training_ends(digits, turn):
    """There the loss has no slope, every principal angle is 0, and a step aside costs."""
    model, x = at_the_components(digits, turn), as_pixels(digits.train.images)
    found = beside_pca(Subject(model, digits))
    assert found["linear_error"] == pytest.approx(found["pca_error"], rel=1e-4)
    assert max(found["principal_angles"]) < 0.1
    least = model.losses(x)["loss"]
    least.backward()
    untrained = aecore.build_model("linear", latent_dim=3)
    untrained.losses(x)["loss"].backward()
    for one, other in zip(model.parameters(), untrained.parameters(), strict=True):
        assert one.grad.norm() < 1e-2 * other.grad.norm()
    with torch.no_grad():
        model.decoder[0].weight.add_(torch.randn(784, 3).mul_(0.01))
        assert model.losses(x)["loss"] > least


def test_training_goes_towards_pca(digits):
    figures = []
    model = aecore.build_model("linear")
    for _ in aecore.fit(model, digits, epochs=3, batch_size=64, learning_rate=1e-2):
        figures.append(beside_pca(Subject(model, digits)))
    assert figures[-1]["principal_angles"] < figures[0]["principal_angles"]
    assert figures[-1]["pca_error"] < figures[-1]["linear_error"] < figures[0]["linear_error"]


def test_untrained_it_is_far_from_pca_and_the_card_says_so(few):
    figures = measure(Subject(aecore.build_model("linear"), few))
    assert figures["linear_error"] > 1.5 * figures["pca_error"]
    assert figures["principal_angles"] == sorted(figures["principal_angles"])
    assert min(figures["principal_angles"]) > 30


def test_of_more_units_than_pixels_nothing_is_compared(few):
    assert beside_pca(Subject(aecore.build_model("linear", latent_dim=900), few)) == {}


def test_with_more_units_than_pixels_it_can_copy_whatever_it_is_shown():
    """With W's pseudo-inverse as V, an untrained encoder of 800 units loses nothing of noise."""
    model = aecore.build_model("linear", latent_dim=800)
    with torch.no_grad():
        weight, bias = model.encoder[1].weight, model.encoder[1].bias
        model.decoder[0].weight.copy_(torch.linalg.pinv(weight))
        model.decoder[0].bias.copy_(-model.decoder[0].weight @ bias)
        noise = torch.from_numpy(np.random.default_rng(0).random((4, 784), "f4"))
        assert torch.allclose(model.reconstruct(noise).flatten(1), noise, atol=1e-3)


@pytest.mark.parametrize("tied", [False, True])
def test_it_is_linear(images, tied):
    model = aecore.build_model("linear", tied=tied, latent_dim=5)
    with torch.no_grad():
        a, b = model.encode(images)[:2]
        low, high, middle = model.logits(torch.stack([a, b, (a + b) / 2]))
        assert torch.allclose((low + high) / 2, middle, atol=1e-6)
        assert torch.equal(model.decode(a[None]), model.logits(a[None]).clamp(0, 1))
    assert ("decoder.0.weight" in model.state_dict()) is not tied


def test_tied_weights_stay_tied_through_training_and_a_file(few, images, tmp_path):
    model = aecore.build_model("linear", tied=True, latent_dim=4)
    list(aecore.fit(model, few, epochs=1, batch_size=64))
    copy = aecore.load_model(model.save(tmp_path / "model.safetensors"))
    for one in (model, copy):
        assert torch.equal(one.encoder[1].weight, model.encoder[1].weight)
        assert torch.allclose(one.directions(), one.encoder[1].weight, atol=1e-5)
    assert torch.equal(copy.reconstruct(images), model.reconstruct(images))
