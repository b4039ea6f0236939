import gzip
import json
from math import prod

import numpy as np
import pytest
import torch

import aecore
from aecore.analysis import card
from aecore.analysis.card import finish
from aecore.errors import LabError
from aecore.families import REGISTRY, known_options
from aecore.files import pack, read_header, read_tensors
from aecore.runs import SHIPPED, Recorder, list_runs, open_run, shipped_run
from aecore.runs.networks import networks_of
from aecore.training import FitConfig, fit
from aecore.web.blocks import block, url_of


def unpack(content):
    """What `pack` packed, read as `assets/live/core/nn.js` reads it."""
    length = int.from_bytes(content[:4], "little")
    about = json.loads(content[4 : 4 + length])
    arrays, at = {}, 4 + length
    for entry in about.pop("arrays"):
        dtype, count = np.dtype("<" + entry["type"]), prod(entry["shape"])
        planes = np.frombuffer(content, np.uint8, count * dtype.itemsize, at)
        values = np.ascontiguousarray(planes.reshape(dtype.itemsize, count).T).view(dtype)
        arrays[entry["name"]] = values.reshape(entry["shape"])
        at += count * dtype.itemsize
    assert at == len(content)
    return about, arrays


@pytest.mark.parametrize("dtype", ["u1", "<u2", "<f2", "<f4"])
@pytest.mark.parametrize("shape", [(1,), (7,), (3, 5), (2, 3, 4, 5), (0,), (0, 4)])
def test_packing_keeps_every_array(dtype, shape):
    rng = np.random.default_rng(0)
    arrays = {
        "first": rng.integers(0, 200, shape).astype(dtype),
        "turned": np.arange(prod(shape)).reshape(shape).astype(dtype).T,
    }
    about, found = unpack(pack({"name": "σ"}, arrays))
    assert about == {"name": "σ"}
    assert list(found) == ["first", "turned"]
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)


def test_bytes_lie_plane_by_plane():
    content = pack({}, {"a": np.array([0x0102, 0x0304], "<u2")})
    assert content[-4:] == b"\x02\x04\x01\x03"


NAMES = [run.name for run in list_runs(SHIPPED)]


@pytest.mark.parametrize("name", NAMES)
def test_the_block_holds_the_runs_weights(name):
    run = shipped_run(name)
    parts = [unpack(gzip.decompress(block(run)))]
    if run.latent_dim:
        parts.append(unpack(gzip.decompress(block(run, "encoder"))))
    nets = networks_of(read_header(run.weights)).values()
    layers = [layer for net in nets for layer in net["layers"]]
    named = {layer[k] for layer in layers for k in ("weight", "bias") if k in layer}
    assert named
    sent = {k: v for _, arrays in parts for k, v in arrays.items() if k in named}
    assert sent.keys() == named  # a critic, which no network of the browser has, stays here
    for weight, values in read_tensors(run.weights, sorted(named)).items():
        assert np.array_equal(sent[weight], values)
    for about, arrays in parts:
        assert (about["name"], about["family"]) == (name, run.family)
        for net in about["networks"].values():
            for layer in net["layers"]:
                assert {layer[k] for k in ("weight", "bias") if k in layer} <= set(arrays)


@pytest.mark.parametrize("name", [name for name in NAMES if open_run(name).has_codes])
def test_the_block_holds_the_runs_codes(name):
    run = shipped_run(name)
    about, arrays = unpack(gzip.decompress(block(run)))
    assert about["latent_dim"] == run.latent_dim
    prior = run.model().prior()
    assert about["prior"] == (prior and json.loads(json.dumps(prior.describe())))
    codes = run.codes
    sent = arrays["mean_low"] + arrays["mean_step"] * arrays["mean"].T  # one row per dimension
    assert np.array_equal(sent, codes.mean.values)
    assert np.array_equal(arrays["labels"], codes.labels)
    assert np.array_equal(arrays["nats"], codes.nats)
    assert arrays["distances"].tolist() == pytest.approx([codes.spacing, codes.radius])
    assert ("log_std" in arrays) == (codes.log_std is not None)
    reference = arrays["reference"].T
    assert (np.diff(reference[:, 0].astype(int)) >= 0).all()  # in order of the first dimension
    as_rows = {rows.tobytes() for rows in np.ascontiguousarray(reference)}
    assert as_rows == {rows.tobytes() for rows in np.ascontiguousarray(codes.reference.levels)}


def test_the_encoder_travels_alone():
    decoder, encoder = (unpack(gzip.decompress(block(shipped_run("mnist-ae"), part)))
                        for part in ("plane", "encoder"))  # fmt: skip
    assert set(decoder[0]["networks"]) == {"decoder"}
    assert set(encoder[0]["networks"]) == {"encoder"}
    assert all(name.startswith("encoder.") for name in encoder[1])
    assert set(unpack(gzip.decompress(block(shipped_run("mnist-classifier"))))[0]["networks"]) == {
        "classifier"
    }


def run_net(net, arrays, x):
    """A network by its description alone, in torch's functional form; of class 3."""
    f = torch.nn.functional
    for name, size in net["inputs"][1:]:
        assert name == "y"
        x = torch.cat([x.flatten(1), torch.eye(size)[3].expand(len(x), size)], 1)
    given = x.flatten(1)
    for layer in net["layers"]:
        weight, bias = (
            torch.from_numpy(arrays[layer[k]].astype(np.float32)) if k in layer else None
            for k in ("weight", "bias")
        )
        match layer["op"]:
            case "linear":
                x = f.linear(x.flatten(1), weight.T if layer.get("transpose") else weight, bias)
            case "conv":
                x = f.conv2d(x, weight, bias, layer["stride"], layer["pad"])
            case "deconv":
                x = f.conv_transpose2d(x, weight, bias, layer["stride"], layer["pad"])
            case "reshape":
                x = x.view(-1, *layer["shape"])
            case "take":
                x = x.flatten(1)[:, : layer["size"]]
            case "join":
                begin = layer["begin"]
                x = torch.cat([x, given[:, begin : begin + layer["size"]]], 1)
            case "gelu":
                x = f.gelu(x, approximate="tanh")
            case "relu" | "silu" | "tanh" | "sigmoid" as name:
                x = getattr(torch, name)(x) if name != "silu" else f.silu(x)
            case other:
                raise AssertionError(f"unknown layer {other}")
    return x


NETWORKS = [
    {"network": "mlp", "hidden": [16], "activation": "gelu"},
    {"network": "mlp", "hidden": [], "activation": "relu"},
    {"network": "conv", "hidden": [3, 4], "activation": "silu"},
    {"network": "conv", "hidden": [3], "activation": "tanh"},
]
DESCRIBED = [
    (family, options)
    for family in aecore.models()
    for options in (NETWORKS if "network" in known_options(REGISTRY[family]) else [{}])
]


@pytest.mark.parametrize(("family", "options"), DESCRIBED)
def test_the_described_layers_are_the_model(family, options, few, tmp_path, monkeypatch):
    if options not in ({}, NETWORKS[0]):  # of each family one is measured, too
        monkeypatch.setattr(card, "measure", lambda subject: {})
    model = aecore.build_model(family, latent_dim=2, **options)
    config = FitConfig(epochs=1, precision="float32")
    recorder = Recorder(tmp_path / "run", model, "digits", config)
    assert len(list(fit(model, few, config))) == 1
    run = finish(recorder, model, few, half=True)
    stored = run.model()
    images = aecore.data.as_pixels(few.test.images[:4])
    z, three = torch.tensor([[0.5, -1.0], [2.0, 0.0]]), torch.full((4,), 3)
    y = three[:2]
    with torch.no_grad():
        about, arrays = unpack(gzip.decompress(block(run)))
        decoder = about["networks"]["decoder"]
        drawn = run_net(decoder, arrays, z)
        kind = decoder["outputs"][0][0]
        shown = torch.sigmoid(drawn) if kind == "logits" else drawn.clamp(0, 1)
        assert torch.allclose(shown, stored.decode(z, y), atol=1e-6)
        about, arrays = unpack(gzip.decompress(block(run, "encoder")))
        net = about["networks"]["encoder"]
        sizes = dict(net["outputs"])
        given = run_net(net, arrays, images).split(list(sizes.values()), 1)
        codes = dict(zip(sizes, given, strict=True))["mean"]
        assert torch.allclose(codes, stored.encode(images, three), atol=1e-5)


def test_a_retrained_run_is_packed_anew(few, tmp_path):
    model = aecore.build_model("ae", hidden=[4])
    config = FitConfig(epochs=1)
    run = finish(Recorder(tmp_path / "run", model, "digits", config), model, few)
    before, made = block(run), url_of(run)
    assert url_of(open_run(tmp_path / "run")) == made
    with torch.no_grad():
        model.decoder[0].bias += 1
    model.save(run.weights)
    assert block(run) != before
    assert url_of(run) != made


def test_a_run_without_weights_is_refused_in_words(few, tmp_path):
    model = aecore.build_model("ae", hidden=[4])
    Recorder(tmp_path / "run", model, "digits", FitConfig())
    with pytest.raises(LabError, match="has no weights yet"):
        url_of(open_run(tmp_path / "run"))
