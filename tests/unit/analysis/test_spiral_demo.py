"""The curve in the plane: noisy points come back to it, as far as each level of noise allows."""

import numpy as np
import pytest
import torch
from torch import nn

from aecore.analysis import spiral_demo
from aecore.errors import LabError
from aecore.ui.denoise import figures

# Shares of the mean distance that may be left after one step, and how far a point of the curve may
# be moved off it. Measured: .05 .05 .10 .33 .61, and .003 .005 .013 .045 .20.
LEFT = {0.02: 0.1, 0.05: 0.1, 0.1: 0.15, 0.2: 0.4, 0.4: 0.7}
MOVED = {0.02: 0.01, 0.05: 0.01, 0.1: 0.02, 0.2: 0.06, 0.4: 0.25}

levels = pytest.mark.parametrize("level", spiral_demo.LEVELS)


def cosine(a, b):
    return (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)


def as_torch(level):
    """The stored network of a level in torch."""
    layers, arrays = spiral_demo.networks()
    model = nn.Sequential()
    for layer in layers[str(level)]:
        if layer["op"] == "tanh":
            model.append(nn.Tanh())
        else:
            weight, bias = (torch.tensor(arrays[layer[part]]) for part in ("weight", "bias"))
            linear = nn.Linear(*weight.shape[::-1])
            linear.load_state_dict({"weight": weight, "bias": bias})
            model.append(linear)
    return model.requires_grad_(False)


def test_the_curve_is_a_spiral_with_even_steps():
    x = spiral_demo.curve(1001)
    steps = np.hypot(*np.diff(x, axis=0).T)
    assert np.ptp(steps) < 1e-4
    assert np.abs(x).max() == pytest.approx(1.2, abs=1e-5)
    turns = np.unwrap(np.arctan2(x[:, 1], x[:, 0])) / (2 * np.pi)
    assert turns[-1] - turns[0] == pytest.approx(1.5, abs=1e-3)
    assert (np.diff(np.hypot(*x.T)) > 0).all()


def test_distances_are_those_to_the_nearest_point():
    points = np.random.default_rng(0).uniform(-1.6, 1.6, (500, 2))
    dense = spiral_demo.curve(20_001)
    brute = np.sqrt(((points[:, None] - dense) ** 2).sum(2).min(1))
    assert np.allclose(spiral_demo.distance(points), brute, atol=2e-4)
    assert spiral_demo.distance(spiral_demo.curve(777)).max() < 1e-4
    assert np.allclose(spiral_demo.distance(spiral_demo.beside(0.15)), 0.15, atol=0.002)


def test_noise_is_gaussian_and_the_same_at_every_level():
    x, spoiled = spiral_demo.noisy(20_000, 0.2)
    assert spiral_demo.distance(x[::20]).max() < 1e-4
    steps = (spoiled - x) / 0.2
    assert np.allclose(steps.mean(0), 0, atol=0.03)
    assert np.allclose(np.cov(steps.T), np.eye(2), atol=0.03)
    other, further = spiral_demo.noisy(20_000, 0.4)
    assert np.array_equal(x, other)
    assert np.allclose(further - x, 2 * (spoiled - x), atol=1e-6)


@levels
def test_noisy_points_come_closer_in_one_step(level):
    _, spoiled = spiral_demo.noisy(4000, level, seed=5)
    before = spiral_demo.distance(spoiled).mean()
    assert (
        spiral_demo.distance(spiral_demo.reconstruct(spoiled, level)).mean() < LEFT[level] * before
    )


@levels
def test_points_of_the_curve_stay_near_it(level):
    moved = spiral_demo.distance(spiral_demo.reconstruct(spiral_demo.curve(1000), level))
    assert moved.max() < MOVED[level]


@levels
def test_arrows_follow_the_slope_of_the_log_density(level):
    """(g(f(x̃)) − x̃) / s² ≈ ∇ log p(x̃), in direction and in length, where noise came to."""
    _, spoiled = spiral_demo.noisy(2000, level, seed=6)
    arrows = (spiral_demo.reconstruct(spoiled, level) - spoiled) / level**2
    slope = spiral_demo.score(spoiled, level)
    long = np.linalg.norm(slope, axis=1) > 0.3 / level  # near the curve no direction stands out
    assert long.mean() > 0.6
    assert np.quantile(cosine(arrows, slope)[long], 0.05) > 0.97
    share = (arrows * slope).sum() / (slope * slope).sum()
    assert share == pytest.approx(1, abs=0.03)


def test_the_slope_is_that_of_the_log_density():
    """Against differences of log p itself."""
    x = spiral_demo.curve(4000).astype("f8")

    def log_p(points):
        power = -((points[:, None] - x) ** 2).sum(2) / (2 * 0.2**2)
        return np.log(np.exp(power).mean(1))

    points = np.random.default_rng(1).uniform(-1, 1, (50, 2))
    step = 1e-4
    slope = [(log_p(points + d) - log_p(points - d)) / (2 * step) for d in step * np.eye(2)]
    assert np.allclose(spiral_demo.score(points, 0.2), np.transpose(slope), atol=0.02)


def test_little_noise_reaches_less_far_and_much_noise_cuts_corners():
    """What the page says of the levels."""
    found = spiral_demo.figures()
    assert found["0.02"]["far"] > 3 * found["0.1"]["far"]
    assert found["0.4"]["on"] > 0.1 > found["0.2"]["on"] > 0.02 > found["0.1"]["on"]
    effects = [spiral_demo.effect(level) for level in spiral_demo.LEVELS]
    assert [one.cuts_corners for one in effects] == [False, False, False, True, True]
    assert [one.reaches_far for one in effects] == [False, False, True, True, True]


@levels
def test_stored_figures_are_measured_again(level):
    found = spiral_demo.measure(level)
    assert found == pytest.approx(spiral_demo.figures()[str(level)], abs=2e-5)


@levels
def test_stored_networks_run_as_in_torch(level):
    points = np.random.default_rng(2).uniform(-1.7, 1.7, (300, 2)).astype("f4")
    expected = as_torch(level)(torch.from_numpy(points)).numpy()
    assert np.allclose(spiral_demo.reconstruct(points, level), expected, atol=2e-6)
    twice = spiral_demo.reconstruct(expected, level)
    assert np.allclose(spiral_demo.reconstruct(points, level, steps=2), twice, atol=1e-5)


def test_the_code_is_no_bottleneck():
    layers, arrays = spiral_demo.networks()
    for level in spiral_demo.LEVELS:
        widths = [arrays[e["weight"]].shape for e in layers[str(level)] if e["op"] == "linear"]
        assert widths == [(64, 2), (64, 64), (2, 64)]


def test_training_is_seeded_and_leaves_torch_s_own_numbers_alone(same):
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    one, again, other = (spiral_demo.train(0.1, seed, steps=20) for seed in (0, 0, 1))
    assert torch.equal(torch.rand(4), expected)
    assert same(one, again)
    assert not same(one, other)


def test_a_few_hundred_steps_already_teach_the_way_back():
    model = spiral_demo.train(0.2, steps=500)
    _, spoiled = spiral_demo.noisy(1000, 0.2, seed=7)
    with torch.no_grad():
        rebuilt = model(torch.from_numpy(spoiled)).numpy()
    assert spiral_demo.distance(rebuilt).mean() < 0.5 * spiral_demo.distance(spoiled).mean()


@pytest.mark.parametrize("level", [0, -1, float("nan")])
def test_a_level_without_noise_is_refused(level):
    with pytest.raises(LabError, match="noise level"):
        spiral_demo.train(level)


def test_a_level_that_is_not_stored_is_refused():
    with pytest.raises(LabError, match=r"0\.02, 0\.05"):
        spiral_demo.reconstruct(np.zeros((1, 2)), 0.3)


@pytest.mark.parametrize(
    ("level", "at", "expected"),
    [
        ("", "", ("0.1", (0.32, 0.32))),
        ("0.4", "1,-0.5", ("0.4", (1, -0.5))),
        ("0.3", "0,0", ("0.1", (0, 0))),
        ("nan", "nan,0", ("0.1", (0.32, 0.32))),
        ("1e999", "1e999,0", ("0.1", (0.32, 0.32))),
        ("<b>", "1,2,3", ("0.1", (0.32, 0.32))),
        ("0.02", "99,0", ("0.02", (0.32, 0.32))),
    ],
)
def test_what_an_address_says_is_checked(level, at, expected):
    found = figures.VIEW.read({"curve_level": level, "curve_at": at})
    assert (found["curve_level"], tuple(found["curve_at"])) == expected
