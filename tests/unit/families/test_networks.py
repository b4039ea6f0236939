"""Networks as they are described to the browser, labels as inputs, posteriors and priors."""

import json

import numpy as np
import pytest
import torch
from torch import nn

import aecore
from aecore.errors import LabError
from aecore.families.distributions import StandardNormal
from aecore.families.networks import build_encoder, describe, tied, with_labels
from aecore.families.storage import describe_model
from aecore.files import FORMAT, read_header
from aecore.runs import SHIPPED, list_runs
from aecore.runs.networks import networks_of

CASES = [
    *((family, network) for family in ("ae", "vae", "dae") for network in ("mlp", "conv")),
    ("tied-dae", None),
    ("classifier", None),
]


def small(family, network):
    if network is None:
        return aecore.build_model(family)
    return aecore.build_model(family, latent_dim=3, hidden=[4], network=network)


# Headers


@pytest.mark.parametrize(("family", "network"), CASES)
def test_a_file_of_before_is_described_like_one_of_now(family, network, tmp_path):
    """Before, a header had the layers alone, without the shape of an image."""
    model = small(family, network)
    path = model.save(tmp_path / "model.safetensors")
    now = networks_of(read_header(path))
    assert now == json.loads(json.dumps(describe_model(model)["networks"]))
    layers = {name: list(net["layers"]) for name, net in now.items()}
    for name in layers:
        if name != "decoder" and layers[name][0]["op"] == "reshape":
            del layers[name][0]
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    meta = json.loads(header["__metadata__"][FORMAT])
    del meta["networks"], meta["prior"]
    header["__metadata__"][FORMAT] = json.dumps(meta | {"browser": layers})
    head = json.dumps(header).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + content[8 + size :])
    assert networks_of(read_header(path)) == now
    assert isinstance(aecore.load_model(path), type(model))


@pytest.mark.parametrize("run", list_runs(SHIPPED), ids=lambda run: run.name)
def test_the_shipped_files_are_described_like_their_models(run):
    expected = json.loads(json.dumps(describe_model(run.model())["networks"]))
    assert networks_of(read_header(run.weights)) == expected


def test_a_description_says_what_goes_in_and_what_comes_out():
    nets = describe_model(aecore.build_model("vae", latent_dim=3, hidden=[4]))["networks"]
    assert nets["encoder"]["inputs"] == (("x", 784),)
    assert nets["encoder"]["outputs"] == (("mean", 3), ("log_var", 3))
    assert nets["decoder"]["inputs"] == (("z", 3),)
    assert nets["decoder"]["outputs"] == (("logits", 784),)


def test_a_layer_that_the_browser_cannot_run_is_refused():
    with pytest.raises(LabError, match="cannot run a layer of type BatchNorm1d"):
        describe(nn.Sequential(nn.BatchNorm1d(3)), "network")


# Labels as inputs


def test_labels_lie_behind_the_values():
    values = torch.tensor([[3.0], [4.0], [5.0]])
    found = with_labels(values, torch.tensor([2, -1, 0]), 4)
    assert found.tolist() == [[3, 0, 0, 1, 0], [4, *[0.25] * 4], [5, 1, 0, 0, 0]]
    assert torch.equal(with_labels(values, None, 4)[:, 1:], torch.full((3, 4), 0.25))
    assert torch.equal(with_labels(values, found[:, 1:], 4), found)  # probabilities, as they are
    assert torch.equal(with_labels(values, np.array([2, -1, 0]), 4), found)
    assert with_labels(torch.zeros(2, 1, 28, 28), torch.tensor([0, 1]), 10).shape == (2, 794)


@pytest.mark.parametrize("y", [[0, 4, 0], [0, -2, 0], [0, 1], [[0], [1], [2]]])
def test_labels_that_are_none_are_refused(y):
    with pytest.raises(LabError, match="Labels must be 3 whole numbers from 0 to 3"):
        with_labels(torch.zeros(3, 2), torch.tensor(y), 4)


def test_a_convolution_has_no_place_for_a_label():
    assert build_encoder("mlp", (8,), 2, "relu", extra=10)[1].in_features == 794
    with pytest.raises(LabError, match="takes no label"):
        build_encoder("conv", (8,), 2, "relu", extra=10)


# What a family has, and has not


def test_a_plain_autoencoder_has_no_posterior_and_no_prior(images):
    model = aecore.build_model("ae", hidden=[4])
    assert (model.posterior(images), model.prior(), model.classify(images)) == (None, None, None)
    assert describe_model(model)["prior"] is None


def test_the_prior_of_a_vae_samples_and_describes_itself():
    prior = aecore.build_model("vae", latent_dim=3, hidden=[4]).prior()
    draws = prior.sample(20_000, generator=torch.Generator().manual_seed(0))
    assert draws.shape == (20_000, 3)
    assert draws.mean(0).tolist() == pytest.approx([0] * 3, abs=0.03)
    assert draws.std(0).tolist() == pytest.approx([1] * 3, abs=0.03)
    assert prior.describe() == {"kind": "standard_normal", "size": 3}
    expected = -0.5 * (draws**2).sum(1) - 1.5 * np.log(2 * np.pi)
    assert torch.allclose(prior.log_prob(draws), expected, atol=1e-4)


@pytest.mark.parametrize("family", ["ae", "vae"])
def test_samples_are_decoded_draws_of_the_prior(family):
    model = aecore.build_model(family, latent_dim=3, hidden=[4])
    z = StandardNormal(3).sample(4, generator=torch.Generator().manual_seed(1))
    shown = model.sample(4, generator=torch.Generator().manual_seed(1))
    assert torch.equal(shown, model.decode(z).detach())


def test_tied_is_the_layer_the_other_way_round():
    layer, bias = nn.Linear(5, 3), torch.rand(5)
    z = torch.rand(2, 3)
    assert torch.allclose(tied(z, layer, bias), z @ layer.weight + bias)


# A conditional family: y goes into the encoder and into the decoder


def test_a_conditional_model_reads_its_label(conditional, images):
    model = conditional(latent_dim=3, hidden=(16,))
    y = torch.tensor([0, 1, 2, 3, 4])
    other = (y + 1) % 10
    z = model.encode(images, y)
    assert not torch.allclose(z, model.encode(images, other))
    assert not torch.allclose(model.decode(z, y), model.decode(z, other))
    assert torch.equal(model.reconstruct(images, y), model.decode(z, y))
    assert torch.equal(model.encode(images), model.encode(images, torch.full((5,), -1)))
    shown = model.sample(5, y, generator=torch.Generator().manual_seed(0))
    assert not torch.equal(
        shown, model.sample(5, other, generator=torch.Generator().manual_seed(0))
    )
    assert model.losses(images, y)["loss"] != model.losses(images, other)["loss"]


def test_a_conditional_model_names_its_inputs(conditional):
    nets = conditional(latent_dim=3, hidden=(16,)).networks()
    assert nets["encoder"].inputs == (("x", 784), ("y", 10))
    assert nets["decoder"].inputs == (("z", 3), ("y", 10))
