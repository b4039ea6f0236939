import json

import numpy as np
import pytest
import torch

import aecore
from aecore.__main__ import main
from aecore.data import as_pixels
from aecore.data.noise import LEVELS, corrupt, corrupt_batch
from aecore.errors import LabError
from aecore.runs import open_run
from aecore.training import evaluate

SMALL = {"latent_dim": 3, "hidden": [16]}
SETTINGS = {"batch_size": 64, "precision": "float32"}


def trained(data, family, epochs=2, *, learning_rate=2e-3, **options):
    model = aecore.build_model(family, **options)
    settings = {**SETTINGS, "learning_rate": learning_rate}
    records = list(aecore.fit(model, data, epochs=epochs, **settings))
    return model, records


def squared_error(model, clean, seen):
    """Between the clean image and what is drawn from the one seen: summed, mean over images."""
    with torch.no_grad():
        drawn = model.reconstruct(seen).numpy().reshape(clean.shape)
    return float(((drawn - clean) ** 2).sum((1, 2)).mean())


# Losses


@pytest.mark.parametrize("kind", LEVELS)
def test_the_loss_is_of_the_clean_image_given_the_spoiled(images, kind):
    model = aecore.build_model("dae", corruption=kind, **SMALL)
    found = model.losses(images, generator=torch.Generator().manual_seed(1))
    seen = corrupt_batch(images, kind, LEVELS[kind].default, torch.Generator().manual_seed(1))
    assert not torch.equal(seen, images)
    assert torch.equal(seen, model.corrupt(images, torch.Generator().manual_seed(1)))
    nats = torch.nn.functional.binary_cross_entropy(
        model.reconstruct(seen), images, reduction="sum"
    )
    assert found["loss"].item() == pytest.approx(nats.item() / 5, rel=1e-5)
    assert torch.equal(found["loss"], found["reconstruction"])


@pytest.mark.parametrize("family", ["dae", "tied-dae"])
def test_evaluation_spoils_too_and_by_its_seed(few, family):
    model = aecore.build_model(family, latent_dim=8, corruption="masking", level=0.5)
    one, again, other = (evaluate(model, few.test, seed=seed) for seed in (0, 0, 1))
    assert one == again
    assert one != other
    x = as_pixels(few.test.images)
    seen = model.corrupt(x, torch.Generator().manual_seed(0))
    nats = -model.observation(model.encode(seen)).log_prob(x).mean().item()
    assert one["loss"] == pytest.approx(nats, rel=1e-5)


# Without noise it is the autoencoder


@pytest.mark.parametrize("kind", LEVELS)
def test_at_level_0_it_is_the_autoencoder_exactly(images, kind, same):
    plain = aecore.build_model("ae", **SMALL)
    model = aecore.build_model("dae", corruption=kind, level=0, **SMALL)
    assert same(model, plain)
    generator = torch.Generator().manual_seed(1)
    state = generator.get_state()
    found, wanted = model.losses(images, generator=generator), plain.losses(images)
    assert torch.equal(generator.get_state(), state)  # nothing was drawn
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)
    found["loss"].backward()
    wanted["loss"].backward()
    for one, other in zip(model.parameters(), plain.parameters(), strict=True):
        assert torch.equal(one.grad, other.grad)


def test_trained_at_level_0_it_is_the_autoencoder_exactly(few, same):
    plain, wanted = trained(few, "ae", **SMALL)
    model, found = trained(few, "dae", level=0, **SMALL)
    assert same(model, plain)
    for one, other in zip(found, wanted, strict=True):
        assert (one.losses, one.test) == (other.losses, other.test)
    noisy, _ = trained(few, "dae", **SMALL)
    assert not same(noisy, plain)


@pytest.mark.parametrize("family", ["dae", "tied-dae"])
def test_only_the_losses_spoil(images, family):
    """Codes and reconstructions are of the image that is given."""
    one, other = (
        aecore.build_model(family, latent_dim=8, corruption="masking", level=level)
        for level in (0, 0.9)
    )
    assert torch.equal(one.encode(images), other.encode(images))
    assert torch.equal(one.reconstruct(images), other.reconstruct(images))


# What it learns


@pytest.fixture(scope="module")
def held_out(digits):
    return digits.test.images.astype(np.float32) / 255


@pytest.fixture(scope="module")
def autoencoder(digits):
    return trained(digits, "ae", 20, latent_dim=32, hidden=[256])[0]


# Squared error per image, where a blank sheet has 91: at its own level a denoising autoencoder has
# at most `ratio` of the plain one's, and a third of the noisy image's own; on clean images it is
# behind by at most 10.
@pytest.mark.parametrize(
    ("kind", "level", "ratio"), [("gaussian", 0.5, 0.7), ("masking", 0.5, 0.8)]
)
def test_it_beats_the_autoencoder_and_the_noisy_image(
    digits, held_out, autoencoder, kind, level, ratio
):
    model, _ = trained(digits, "dae", 20, latent_dim=32, hidden=[256], corruption=kind, level=level)
    noisy = corrupt(held_out, kind, level, seed=1)
    error = squared_error(model, held_out, noisy)
    assert error < ratio * squared_error(autoencoder, held_out, noisy)
    assert error < ((noisy - held_out) ** 2).sum((1, 2)).mean() / 3
    clean = squared_error(model, held_out, held_out)
    assert clean < squared_error(autoencoder, held_out, held_out) + 10


# The shipped ones on MNIST's test images, each at the noise that it was trained with: its share of
# the plain autoencoder's squared error, and of the noisy image's own; and what it loses on clean
# images, squared error per image, where a digit against a blank sheet has 104.
MARGINS = {
    "mnist-dae-10": (0.35, 1.0, 2),
    "mnist-dae-30": (0.12, 0.2, 7),
    "mnist-dae-50": (0.1, 0.13, 15),
}


@pytest.mark.parametrize("name", MARGINS)
def test_the_shipped_ones_beat_the_autoencoder_and_the_noisy_image(name, model, mnist):
    ratio, share, loss = MARGINS[name]
    clean = mnist.test.images.astype(np.float32) / 255
    denoiser, plain = model(name), model("mnist-ae-32")
    noisy = corrupt(clean, denoiser.corruption, denoiser.level, seed=1)
    error = squared_error(denoiser, clean, noisy)
    assert error < ratio * squared_error(plain, clean, noisy)
    assert error < share * ((noisy - clean) ** 2).sum((1, 2)).mean()
    assert squared_error(denoiser, clean, clean) < squared_error(plain, clean, clean) + loss


# One layer, tied weights


def test_tied_weights_are_tied_after_training(few, tmp_path, images):
    model, _ = trained(few, "tied-dae", latent_dim=50, level=0.3)
    copy = aecore.load_model(model.save(tmp_path / "model.safetensors"))
    for one in (model, copy, trained(few, "tied-dae", latent_dim=50, level=0.3)[0]):
        weight, bias = one.encoder[1].weight, one.encoder[1].bias
        assert {name: tuple(p.shape) for name, p in one.named_parameters()} == {
            **{"bias": (784,), "encoder.1.weight": (50, 784), "encoder.1.bias": (50,)}
        }
        with torch.no_grad():
            z = torch.sigmoid(images.flatten(1) @ weight.T + bias)
            drawn = torch.sigmoid(z @ weight + one.bias).view(5, 1, 28, 28)
            assert torch.allclose(one.encode(images), z, atol=1e-6)
            assert torch.allclose(one.reconstruct(images), drawn, atol=1e-6)
        assert torch.equal(one.filters(), weight.view(50, 28, 28))
    assert not torch.equal(model.filters(), aecore.build_model("tied-dae", latent_dim=50).filters())


def test_tied_weights_get_both_gradients(images):
    """∂loss/∂W is the sum over both uses: compared with two matrices of equal values."""
    model = aecore.build_model("tied-dae", latent_dim=20, level=0)
    weight, bias = model.encoder[1].weight, model.encoder[1].bias
    model.losses(images)["loss"].backward()
    into, out = (weight.detach().clone().requires_grad_() for _ in range(2))
    z = torch.sigmoid(images.flatten(1) @ into.T + bias.detach())
    logits = z @ out + model.bias.detach()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, images.flatten(1), reduction="sum"
    )
    (loss / 5).backward()
    assert torch.allclose(weight.grad, into.grad + out.grad, atol=1e-5)


def test_more_units_than_pixels_need_noise(digits, held_out):
    """300 units: trained on masked images, it restores them better than trained on clean ones."""
    clean, noisy = (
        trained(digits, "tied-dae", 20, learning_rate=1e-2, latent_dim=300, level=level)[0]
        for level in (0, 0.5)
    )
    seen = corrupt(held_out, "masking", 0.5, seed=1)
    assert squared_error(noisy, held_out, seen) < 0.85 * squared_error(clean, held_out, seen)
    assert squared_error(clean, held_out, held_out) < squared_error(noisy, held_out, held_out)


# Options


def test_levels_default_to_the_kinds():
    for kind, about in LEVELS.items():
        options = aecore.build_model("dae", corruption=kind, hidden=[4]).options
        assert (options["corruption"], options["level"]) == (kind, about.default)
        assert json.loads(json.dumps(options)) == options
    assert aecore.build_model("tied-dae").options == {
        **{"latent_dim": 500, "corruption": "masking", "level": LEVELS["masking"].default}
    }


@pytest.mark.parametrize(
    ("family", "options", "words"),
    [
        ("dae", {"corruption": "fog"}, "no corruption 'fog'"),
        ("dae", {"level": 1.5}, "number from 0 to 1"),
        ("dae", {"corruption": "occlusion", "level": 0.5}, "whole number from 0 to 28"),
        ("dae", {"beta": 1.0}, "no option 'beta'"),
        ("tied-dae", {"level": -1}, "number from 0 to 1"),
        ("tied-dae", {"hidden": [16]}, "no option 'hidden'"),
        ("tied-dae", {"likelihood": "gaussian"}, "no option 'likelihood'"),
        ("tied-dae", {"latent_dim": 0}, "latent_dim must be"),
        ("ae", {"corruption": "masking"}, "no option 'corruption'"),
    ],
)
def test_a_bad_option_is_named(family, options, words):
    with pytest.raises(LabError, match=words):
        aecore.build_model(family, **options)


@pytest.mark.parametrize(
    ("family", "more"), [("dae", ["--hidden", "16"]), ("tied-dae", [])], ids=["dae", "tied-dae"]
)
def test_the_command_line_takes_corruption_and_level(family, more, tmp_path, capsys):
    command = ["train", family, "--epochs", "1", "--latent-dim", "4", "--corruption", "occlusion"]
    assert main([*command, "--level", "7", *more, "--out", str(tmp_path / "run"), "--json"]) == 0
    run = open_run(tmp_path / "run")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["figures"] == run.card["figures"]
    assert {"corruption": "occlusion", "level": 7.0}.items() <= run.config.options.items()
    assert run.model().level == 7
    assert main([*command, "--level", "0.5", "--out", str(tmp_path / "other")]) == 2
    assert "whole number from 0 to 28" in capsys.readouterr().err
