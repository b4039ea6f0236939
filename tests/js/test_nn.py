"""The browser's networks against PyTorch's: what `nn.js` computes from a block that Python made."""

import base64
import copy
import gzip
import json

import numpy as np
import pytest
import torch

from aecore import build_model
from aecore.analysis.card import finish
from aecore.data import as_pixels
from aecore.families import REGISTRY, Autoencoder, known_options
from aecore.families.networks import ACTIVATIONS
from aecore.families.storage import describe_model
from aecore.files import pack
from aecore.runs import SHIPPED, Recorder, list_runs, shipped_run
from aecore.training import FitConfig
from aecore.ui.text import live
from aecore.web.blocks import block

AUTOENCODERS = [run.name for run in list_runs(SHIPPED) if run.latent_dim]
NETWORKS = [("mlp", (32,)), ("mlp", (48, 24)), ("conv", (8,)), ("conv", (6, 10))]


@pytest.fixture(scope="module")
def nn(evaluate):
    """The value of an expression with `nn` (the module), `block` and `x` (a list)."""

    def run(expression, content, x=None):
        return evaluate(
            f"""(async () => {{
                const bytes = Uint8Array.from(atob(x.content), (c) => c.charCodeAt(0));
                const block = nn.unpack(await nn.gunzip(bytes.buffer));
                return ((x) => {expression})(x.x);
            }})()""",
            {"content": base64.b64encode(content).decode(), "x": x},
            nn="core/nn.js",
            model="core/model.js",
        )

    return run


@pytest.fixture(scope="module")
def decoded(nn):
    """Images that the browser decodes from a block, (n, 784)."""

    def decode(content, codes):
        run = "((m) => x.map((z) => [...m.decode(Float32Array.from(z))]))(new model.Model(block))"
        return np.array(nn(run, content, np.asarray(codes).tolist()))

    return decode


@pytest.fixture(scope="module")
def encoded(nn):
    """The browser's codes of uint8 images, (n, d)."""

    def encode(content, images):
        run = """((m) => x.map((image) => [...m.encode(Float32Array.from(image, (v) => v / 255))]))(
            new model.Model(block))"""
        return np.array(nn(run, content, images.reshape(len(images), -1).tolist()))

    return encode


def codes_for(run, count=24):
    """Codes over the range of a run's own, and as many up to twice as far out."""
    values = run.codes.mean.values if run.has_codes else np.eye(2, run.latent_dim)  # sigmoids
    middle, half = (values.max(0) + values.min(0)) / 2, np.ptp(values, 0) / 2
    draws = np.random.default_rng(0).uniform(-1, 1, (2, count // 2, run.latent_dim))
    return np.concatenate([middle + half * draws[0], middle + 2 * half * draws[1]]).astype("f4")


def untrained(network, hidden, activation, family="ae", latent_dim=3):
    """A model with float16 weights, large enough for images of contrast, and its block."""
    torch.manual_seed(0)
    model = build_model(
        family, latent_dim=latent_dim, hidden=hidden, network=network, activation=activation
    )
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.copy_((value * (4 if "weight" in name else 1)).half())
    return model.eval(), block_of(model)


def block_of(model):
    """The block of a model that is in no file."""
    arrays = {k: v.detach().numpy().astype("<f2") for k, v in model.state_dict().items()}
    about = describe_model(model) | {"latent_dim": model.options.get("latent_dim")}
    return gzip.compress(pack(about, arrays), 1)


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_shipped_decoders_draw_what_torch_draws(decoded, drawn, name):
    run = shipped_run(name)
    codes = codes_for(run)
    assert np.abs(decoded(block(run), codes) - drawn(name, codes)).max() < 1 / 255


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("network", "hidden"), NETWORKS)
def test_every_network_runs_as_in_torch(decoded, encoded, digits, network, hidden, activation):
    model, content = untrained(network, hidden, activation)
    codes = np.random.default_rng(0).normal(0, 2, (6, 3)).astype("f4")
    images = digits.test.images[:4]
    with torch.no_grad():
        pictures = model.decode(torch.from_numpy(codes)).reshape(6, 784).numpy()
        z = model.encode(as_pixels(images)).numpy()
    assert pictures.std() > 0.03
    assert np.abs(decoded(content, codes) - pictures).max() < 1 / 255
    assert np.allclose(encoded(content, images), z, rtol=1e-4, atol=1e-4 * np.abs(z).max())


def test_a_run_of_one_s_own_is_drawn_from_its_block(decoded, few, tmp_path):
    model, _ = untrained("conv", (4, 8), "gelu", "vae", 2)
    recorder = Recorder(tmp_path / "own", model, "digits", FitConfig(epochs=1))
    run = finish(recorder, model, few)
    codes = codes_for(run, 8)
    with torch.no_grad():
        expected = run.model().decode(torch.from_numpy(codes)).reshape(-1, 784).numpy()
    assert np.abs(decoded(block(run), codes) - expected).max() < 1 / 255


@pytest.mark.parametrize("name", ["mnist-ae", "mnist-vae"])
def test_the_shipped_encoder_gives_the_mean_code(encoded, model, digits, name):
    images = digits.test.images[:10]
    z = model(name).encode(as_pixels(images)).detach().numpy()
    found = encoded(block(shipped_run(name), "encoder"), images)
    assert np.allclose(found, z, rtol=1e-4, atol=1e-3)


def test_the_classifier_gives_torch_s_probabilities(nn, judged, digits):
    images = digits.test.images[:30].reshape(30, 784) / np.float32(255)
    run = """((m) => x.map((image) => { const read = m.classify(image);
        return [...read.probabilities, read.digit, read.sure]; }))(new model.Model(block))"""
    found = np.array(nn(run, block(shipped_run("mnist-classifier")), images.tolist()))
    expected = judged(images)
    assert np.abs(found[:, :10] - expected).max() < 1e-4
    assert (found[:, 10] == expected.argmax(1)).all()
    assert np.abs(found[:, 11] - expected.max(1)).max() < 1e-4


@pytest.mark.parametrize("name", ["mnist-ae", "mnist-vae-16"])
@pytest.mark.parametrize("part", ["mean", "log_std", "reference"])
def test_codes_arrive_as_they_are(nn, name, part):
    run = shipped_run(name)
    codes = getattr(run.codes, part)
    if codes is None:
        assert not nn(f"'{part}' in block.arrays", block(run))
        return
    read = f"""((values) => [values.length, values.slice(0, 600), values.slice(-600)].map(
        (part) => part.length ? [...part] : part))(nn.dequantise(block.arrays, "{part}"))"""
    size, first, last = nn(read, block(run))
    values = codes.values
    if part == "reference":  # a set, sent in the order of its first column
        values = values[np.argsort(codes.levels[:, 0], kind="stable")]
    assert size == values.size
    assert np.allclose(first, values.ravel()[:600], atol=1e-5)
    assert np.allclose(last, values.ravel()[-600:], atol=1e-5)


def test_labels_and_errors_arrive_as_they_are(nn):
    run = shipped_run("mnist-vae")
    read = "[[...block.arrays.labels.values], [...block.arrays.nats.values]]"
    labels, nats = nn(read, block(run))
    assert labels == run.codes.labels.tolist()
    assert np.allclose(nats, run.codes.nats, rtol=1e-3)


def test_every_half_is_read_exactly(nn):
    halves = np.arange(65536, dtype=np.uint16).view("<f2")
    halves = halves[~np.isnan(halves)]
    read = "[...block.arrays.a.values].map(String)"
    found = nn(read, gzip.compress(pack({}, {"a": halves})))
    assert np.array_equal(np.array(found, float), halves.astype(float))


def test_an_unknown_type_is_refused(nn):
    content = gzip.compress(pack({}, {"a": np.zeros(2, np.int64)}))
    with pytest.raises(Exception, match="Unknown array type i8"):
        nn("1", content)


# Descriptions that do not hold

ODD = [
    None,
    -1,
    0,
    0.5,
    3,
    2**31,
    1e300,
    "x",
    "relu",
    "linear",
    "constructor",
    [],
    [7],
    [10**9],
    {},
]


def spoiled(net, rng):
    """A network's description with one value in it replaced, left out, or put twice."""
    net = json.loads(json.dumps(net))
    places = []

    def walk(node):
        for key in range(len(node)) if isinstance(node, list) else list(node):
            places.append((node, key))
            if isinstance(node[key], (list, dict)):
                walk(node[key])

    walk(net)
    node, key = places[rng.integers(len(places))]
    match rng.integers(4):
        case 0:
            del node[key]
        case 1 if isinstance(node, list):
            node.insert(key, node[key])
        case _:
            node[key] = ODD[rng.integers(len(ODD))]
    return net


DESCRIBED = [
    *(("vae", {"network": network, "hidden": hidden}) for network, hidden in NETWORKS),
    ("m1m2", {"hidden": (8,), "features": 4, "upper": (6,)}),  # goes on with parts, and joins them
]


@pytest.mark.parametrize(("family", "options"), DESCRIBED)
def test_a_description_that_cannot_be_run_is_refused_in_a_sentence(sentences, family, options):
    """It runs, with as many numbers as it says, or is refused; nothing else comes of it."""
    model = build_model(family, latent_dim=3, **options)
    content = block_of(model)
    rng = np.random.default_rng(0)
    nets = [net.plain() for net in model.networks().values()]
    odd = [spoiled(net, rng) for net in nets for _ in range(300)]
    run = """(async () => {
        const bytes = Uint8Array.from(atob(x.content), (c) => c.charCodeAt(0));
        const { arrays } = nn.unpack(await nn.gunzip(bytes.buffer));
        return x.nets.map((net) => {
            try {
                const network = new nn.Network(net, arrays);
                const y = network.run(...network.inputs.map(([, size]) => new Float32Array(size)));
                return y.length === network.size && y.every(Number.isFinite) ? "runs" : "wrong";
            } catch (error) {
                return error instanceof refusal.Refusal ? error.message : `${error.stack}`;
            }
        });
    })()"""
    values = {"content": base64.b64encode(content).decode(), "nets": [*nets, *odd]}
    found = sentences(run, values, nn="core/nn.js", refusal="core/refusal.js")
    assert found[: len(nets)] == ["runs"] * len(nets)
    sentence = live.WORDS["core/nn"]["unusable"]
    assert set(found) == {"runs", sentence}
    assert found.count(sentence) > len(odd) / 2


def test_weights_too_large_for_halves_arrive_as_they_are(decoded, few, tmp_path):
    model, _ = untrained("mlp", (16,), "tanh", "ae", 2)
    with torch.no_grad():
        model.decoder[0].weight.mul_(1e6)
    recorder = Recorder(tmp_path / "large", model, "digits", FitConfig(epochs=1))
    run = finish(recorder, model, few)
    codes = codes_for(run, 8) * np.float32(1e-5)
    with torch.no_grad():
        expected = run.model().decode(torch.from_numpy(codes)).reshape(-1, 784).numpy()
    assert np.abs(decoded(block(run), codes) - expected).max() < 1 / 255


# Every family: what the browser computes from a model's own description is what torch computes

MODEL = """((m) => x.images.map((image, i) => {
    const pixels = Float32Array.from(image);
    const y = x.labels && Float32Array.from(x.labels[i]);
    const told = {};
    if (m.has("encoder")) {
        told.code = [...m.encode(pixels, y)];
        const q = m.posterior(pixels, y);
        told.posterior = q && [...q.mean, ...q.sd];
        told.image = [...m.decode(Float32Array.from(told.code), y)];
    }
    if (m.has("classifier")) told.classes = [...m.classify(pixels).probabilities];
    return { ...told, takes: m.classes };
}))(new model.Model(block))"""


def in_torch(model, images, y=None):
    """What the browser should find for each image."""
    with torch.no_grad():
        found = {}
        if isinstance(model, Autoencoder):
            posterior = model.posterior(images, y)
            found["code"] = model.encode(images, y)
            if posterior is not None:
                found["posterior"] = torch.cat([posterior.mean, posterior.stddev], 1)
            found["image"] = model.decode(found["code"], y).flatten(1)
        if (classes := model.classify(images)) is not None:
            found["classes"] = classes
    return {name: value.numpy() for name, value in found.items()}


def compare(nn, model, images, y=None):
    model = copy.deepcopy(model)  # each time three times the weights, and not nine times
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.copy_((value * (3 if "weight" in name else 1)).half())
    content = block_of(model)
    labels = None if y is None else torch.nn.functional.one_hot(y, 10).tolist()
    asked = {"images": images.view(len(images), 784).tolist(), "labels": labels}
    found, expected = nn(MODEL, content, asked), in_torch(model, images, y)
    assert expected
    for name, values in expected.items():
        shown = np.array([each[name] for each in found])
        assert np.allclose(shown, values, rtol=1e-4, atol=1e-4 * max(1, np.abs(values).max())), name
    if "posterior" not in expected:
        assert not any(each.get("posterior") for each in found)
    return found


@pytest.mark.parametrize("family", REGISTRY)
def test_every_family_runs_as_in_torch(nn, images, family):
    small = {"latent_dim": 5, "hidden": [16]}
    known = known_options(REGISTRY[family])
    model = build_model(family, **{k: v for k, v in small.items() if k in known})
    compare(nn, model, images)


def test_a_conditional_model_runs_as_in_torch(nn, images, conditional):
    """Its label goes in behind the image and behind the code; without one, all are alike."""
    model = conditional(latent_dim=5, hidden=(16,)).eval()
    y = torch.tensor([3, 1, 4, 1, 5])
    first = compare(nn, model, images, y)
    second = compare(nn, model, images, (y + 1) % 10)
    assert all(each["takes"] == 10 for each in first)
    assert not np.allclose([e["image"] for e in first], [e["image"] for e in second], atol=1e-3)
    compare(nn, model, images)


def test_a_model_is_put_together_from_several_blocks(nn):
    run = shipped_run("mnist-vae")
    has = "['decoder', 'encoder'].map((name) => new model.Model(block).has(name))"
    assert nn(has, block(run)) == [True, False]
    assert nn(has, block(run, "encoder")) == [False, True]
    both = block(run, "networks")
    assert nn(has, both) == [True, True]
    again = "((m) => m.networks.decoder === m.add(block).networks.decoder)(new model.Model(block))"
    assert nn(again, both)
