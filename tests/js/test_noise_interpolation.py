"""Noise, paths and tied weights in the browser against Python's."""

import gzip
from functools import partial

import numpy as np
import pytest
import torch

import aecore
from aecore.analysis import interpolation
from aecore.data import as_pixels, noise
from aecore.files import pack

RNG = np.random.default_rng(0)
CODES = {d: RNG.normal(0, 2, (6, d)).astype("f4") for d in (1, 2, 16)}
STUCK = np.array([[0, 0], [1, 2], [2, 4], [2, 4], [-1, -2], [0, 0], [3, -1]], "f4")
PATHS = [*CODES.values(), STUCK]


@pytest.fixture(scope="module")
def js(evaluate):
    """The value of an expression with the modules by their names and `x`."""
    return partial(
        evaluate,
        noise="images/noise.js",
        paths="components/interpolate/interpolation.js",
        nn="core/nn.js",
        models="core/model.js",
    )


# Noise


def test_the_numbers_are_the_same(js):
    counters = RNG.integers(0, 2**32, (2000, 4)).tolist()
    counters += [[0, 0, 0, 0], [2**32 - 1] * 4, [1, 0, 0, 0], [0, 0, 0, 1], [2**31 - 1, 4, 0, 783]]
    found = js("x.map((counters) => noise.randomBits(...counters))", counters)
    assert found == noise.random_bits(*np.array(counters).T).tolist()


@pytest.mark.parametrize("kind", noise.LEVELS)
def test_the_noise_is_the_same(js, digits, kind):
    """To a rounding of float32, everywhere: 1/255 is far away."""
    about = noise.LEVELS[kind]
    fine = [0.01, 0.1, 1 / 3, 0.77] if about.step < 1 else [1, 2, 15, 27]
    images = digits.test.images[:4].reshape(4, 784) / np.float32(255)
    index = [0, 1, 9999, 2**32 - 1]
    for level in (0, *fine, about.default, about.high):
        for seed in (0, 7, 2**31 - 1):
            wanted = noise.corrupt(images, kind, level, seed, index=index)
            found = js(
                """x.images.map((image, i) => noise.corrupt(
                    Float32Array.from(image), x.kind, x.level, x.seed, x.index[i]))""",
                {"images": images.tolist(), "kind": kind, "level": level, "seed": seed,
                 "index": index},
            )  # fmt: skip
            assert np.abs(np.array(found) - wanted).max() < 1e-6
            if kind != "gaussian" or level == 0:
                assert np.array_equal(np.array(found, "f4"), wanted)


def test_the_image_is_left_alone_and_an_array_can_be_used_again(js):
    found = js("""((image, result) => [
        noise.corrupt(image, "masking", 1, 0, 0, result) === result, image[0], result[0]
    ])(new Float32Array(784).fill(0.5), new Float32Array(784))""")
    assert found == [True, 0.5, 0]


# Paths


@pytest.mark.parametrize("points", PATHS, ids=lambda points: f"{points.shape[1]}-d")
@pytest.mark.parametrize("way", ["lerp", "slerp"])
def test_ways_are_the_same(js, points, way):
    given = {"points": points.tolist(), "t": np.linspace(0, 1, 13).tolist()}
    found = js(
        f"""x.points.flatMap((a) => x.points.map((b) => x.t.map((t) =>
            paths.{way}(Float32Array.from(a), Float32Array.from(b), t))))""",
        given,
    )
    pairs = [(a, b) for a in points for b in points]
    wanted = np.array([getattr(interpolation, way)(a, b, given["t"]) for a, b in pairs])
    assert np.allclose(found, wanted, atol=1e-6)
    ends = np.array(found, "f4")[:, [0, -1]]
    assert np.array_equal(ends, np.array(pairs))


@pytest.mark.parametrize("points", PATHS, ids=lambda points: f"{points.shape[1]}-d")
def test_chains_and_hand_drawn_paths_are_the_same(js, points):
    x = points.tolist()
    for kind in interpolation.WAYS:
        for n in (1, 3, 10):
            found = js(f'paths.chain(x, {n}, "{kind}")', x)
            assert np.allclose(found, interpolation.chain(points, n, kind), atol=1e-6)
            assert np.array_equal(np.array(found, "f4")[::n], points)
        assert np.allclose(
            js(f'paths.along(x, 2.7, "{kind}")', x),
            interpolation.along(points, 2.7, kind),
            atol=1e-6,
        )
    for n in (2, 5, 100):
        found = js(f"paths.resample(x, {n})", x)
        assert np.allclose(found, interpolation.resample(points, n), atol=1e-5)
        assert np.array_equal(np.array(found, "f4")[[0, -1]], points[[0, -1]])


def test_a_long_hand_drawn_path_is_the_same(js):
    drawn = np.cumsum(RNG.normal(0, 1, (3000, 2)) * (RNG.random((3000, 1)) < 0.7), axis=0)
    drawn = drawn.astype("f4")
    found = js("paths.resample(x, 240)", drawn.tolist())
    assert np.allclose(found, interpolation.resample(drawn, 240), atol=1e-4)
    assert js("paths.resample([[1, 2], [1, 2]], 3)") == [[1, 2]] * 3


def test_cross_fades_are_the_same(js, digits):
    x0, x1 = digits.test.images[:2].reshape(2, 784) / np.float32(255)
    for t in (0, 0.3, 1):
        found = js(f"paths.crossFade(x[0], x[1], {t})", [x0.tolist(), x1.tolist()])
        assert np.allclose(found, interpolation.cross_fade(x0, x1, t), atol=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("paths.lerp([1, 2], [1], 0)", "one shape"),
        ("paths.lerp([1], [NaN], 0)", "finite"),
        ("paths.slerp([1], [2], 1.1)", r"lie in \[0, 1\]"),
        ("paths.lerp([1], [2], NaN)", r"lie in \[0, 1\]"),
        ("paths.chain([[1, 2]], 3)", "at least two"),
        ("paths.chain([[1], [2]], 0)", "whole number from 1"),
        ("paths.chain([[1], [2]], 2, 'bezier')", "no kind of path"),
        ("paths.along([[1], [2]], 1.5)", r"lie in \[0, 1\]"),
        ("paths.resample([[1], [2]], 1)", "whole number from 2"),
        ("noise.corrupt(new Float32Array(784), 'fog', 1)", "no corruption"),
        ("noise.corrupt(new Float32Array(784), 'masking', -1)", "level"),
        ("noise.corrupt(new Float32Array(784), 'masking', NaN)", "level"),
        ("noise.corrupt(new Float32Array(784), 'occlusion', 2.5)", "level"),
        ("noise.corrupt(new Float32Array(784), 'occlusion', 29)", "level"),
        ("noise.corrupt(new Float32Array(784), 'gaussian', 1.5)", "level"),
    ],
)
def test_the_browser_refuses_as_python_does(js, call, words):
    with pytest.raises(Exception, match=words):
        js(call)


# Tied weights


def test_a_tied_model_runs_as_in_torch(js, digits):
    torch.manual_seed(0)
    model = aecore.build_model("tied-dae", latent_dim=30)
    with torch.no_grad():
        for value in model.parameters():
            value.copy_((value * 4 + 0.01 * torch.randn_like(value)).half())
        images = digits.test.images[:4]
        z = model.encode(images)
        drawn = model.decode(z).view(4, 784).numpy()
    assert drawn.std() > 0.03
    arrays = {k: v.numpy().astype("<f2") for k, v in model.state_dict().items()}
    about = {"networks": {k: net.plain() for k, net in model.networks().items()}, "latent_dim": 30}
    content = list(gzip.compress(pack(about, arrays), 1))
    found = js(
        """await (async () => {
            const block = nn.unpack(await nn.gunzip(Uint8Array.from(x.content).buffer));
            const model = new models.Model(block);
            return x.images.map((image) => {
                const z = model.encode(Float32Array.from(image));
                return [...z, ...model.decode(z)];
            });
        })()""",
        {"content": content, "images": as_pixels(images).view(4, 784).tolist()},
    )
    assert np.allclose(np.array(found)[:, :30], z, atol=1e-5)
    assert np.abs(np.array(found)[:, 30:] - drawn).max() < 1 / 255
