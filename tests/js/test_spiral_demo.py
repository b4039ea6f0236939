"""The browser's networks of the curve against torch, and its distances against Python's."""

import base64

import numpy as np
import pytest
import torch

from aecore.analysis import spiral_demo


@pytest.fixture(scope="module")
def js(evaluate):
    """The value of an expression with `nn`, `manifold`, the unpacked `block` and `x`."""
    content = base64.b64encode(spiral_demo.block()).decode()
    return lambda expression, x=None: evaluate(
        f"""(async () => {{
            const bytes = Uint8Array.from(atob(x.content), (c) => c.charCodeAt(0));
            const block = nn.unpack(await nn.gunzip(bytes.buffer));
            return ((x) => {expression})(x.x);
        }})()""",
        {"content": content, "x": x},
        nn="core/nn.js",
        manifold="components/denoise/spiral.js",
    )


POINTS = np.random.default_rng(0).uniform(-1.7, 1.7, (300, 2)).astype("f4")


def in_torch(level, points):
    layers, arrays = spiral_demo.networks()
    x = torch.from_numpy(points)
    for layer in layers[str(level)]:
        if layer["op"] == "tanh":
            x = torch.tanh(x)
        else:
            weight, bias = (torch.tensor(arrays[layer[part]]) for part in ("weight", "bias"))
            x = torch.nn.functional.linear(x, weight, bias)
    return x.numpy()


@pytest.mark.parametrize("level", spiral_demo.LEVELS)
def test_the_networks_are_the_same(js, level):
    found = js(
        """((network) => x.points.map((point) => manifold.walkBack(network, point, 1)[1]))(
            new nn.Network(block.networks[x.level], block.arrays))""",
        {"points": POINTS.tolist(), "level": str(level)},
    )
    assert np.abs(np.array(found) - in_torch(level, POINTS)).max() < 1e-5


def test_repeated_steps_are_the_same(js):
    found = js(
        """((network) => x.map((point) => manifold.walkBack(network, point, 11)))(
            new nn.Network(block.networks["0.2"], block.arrays))""",
        POINTS[:20].tolist(),
    )
    for k in range(12):
        expected = spiral_demo.reconstruct(POINTS[:20], 0.2, steps=k)
        assert np.allclose(np.array(found)[:, k], expected, atol=1e-4)


def test_distances_are_the_same(js):
    found = js(
        "x.map((point) => manifold.nearestOn(block.arrays.curve.values, ...point))",
        POINTS.tolist(),
    )
    squared = [place["squared"] for place in found]
    assert np.allclose(np.sqrt(squared), spiral_demo.distance(POINTS), atol=1e-6)
    feet = np.array([place["at"] for place in found])
    assert spiral_demo.distance(feet).max() < 1e-6
    assert np.allclose(((feet - POINTS) ** 2).sum(1), squared)


def test_the_cloud_is_python_s(js):
    arrays = js(
        "Object.fromEntries(['cloud', 'noise'].map((k) => [k, [...block.arrays[k].values]]))"
    )
    x, noise = (np.reshape(arrays[name], (-1, 2)) for name in ("cloud", "noise"))
    for level in spiral_demo.LEVELS:
        clean, spoiled = spiral_demo.noisy(spiral_demo.CLOUD, level)
        assert np.allclose(x, clean)
        assert np.allclose(x + level * noise, spoiled, atol=1e-5)
