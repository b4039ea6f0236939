from statistics import NormalDist

import numpy as np
import pytest

import aecore
from aecore.analysis.latent import (
    class_means,
    draw,
    fitted_gaussian,
    gaussian_grid,
    generator,
    midpoints,
    standard_normal,
    uniform_grid,
)
from aecore.errors import LabError
from aecore.families.encoding import encode_images


@pytest.mark.parametrize("family", ["ae", "vae"])
def test_encoding_in_batches_is_encoding(family, few):
    model = aecore.build_model(family, hidden=[16])
    images = few.test.images
    mean, std = encode_images(model, images, batch=7)
    assert mean.dtype == np.float32
    assert np.allclose(mean, model.encode(images).detach(), atol=1e-6)
    if family == "vae":
        assert np.allclose(std, model.posterior(images).stddev.detach(), atol=1e-6)
    else:
        assert std is None


# Grids


@pytest.mark.parametrize("grid", [lambda n: uniform_grid(-3, 3, n), gaussian_grid])
@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_the_first_row_is_the_top_and_the_first_column_the_left(grid, n):
    points = grid(n)
    assert points.shape == (n, n, 2)
    assert points.dtype == np.float32
    across, up = points[..., 0], points[..., 1]
    assert (np.diff(across, axis=1) > 0).all()
    assert (np.diff(up, axis=0) < 0).all()
    assert (across == across[0]).all()
    assert (up == up[:, :1]).all()


def test_a_uniform_grid_reaches_its_ends():
    points = uniform_grid(-2, 4, 4)
    assert points[0, 0].tolist() == [-2, 4]
    assert points[-1, -1].tolist() == [4, -2]
    assert points[0, :, 0].tolist() == [-2, 0, 2, 4]


def test_a_gaussian_grid_gives_each_point_an_equal_share():
    axis = gaussian_grid(10)[0, :, 0]
    shares = [NormalDist().cdf(float(z)) for z in axis]
    assert shares == pytest.approx([(i + 0.5) / 10 for i in range(10)], abs=1e-6)


@pytest.mark.parametrize("n", [1, 4, 9])
def test_a_gaussian_grid_is_symmetric(n):
    points = gaussian_grid(n)
    assert np.allclose(points, -points[::-1, ::-1], atol=1e-6)
    assert np.allclose(points[..., 0], points[..., 1].T[::-1, ::-1], atol=1e-6)


@pytest.mark.parametrize("n", [0, -1, 101])
def test_a_grid_of_no_or_too_many_points_is_refused(n):
    for grid in (gaussian_grid, lambda n: uniform_grid(0, 1, n)):
        with pytest.raises(LabError, match="from 1 to 100 points a side"):
            grid(n)


# Means and points between


def test_class_means():
    codes = np.array([[0, 0], [2, 4], [10, 10], [5, 5]], np.float32)
    means = class_means(codes, np.array([0, 0, 1, 2]), classes=3)
    assert means.tolist() == [[1, 2], [10, 10], [5, 5]]


def test_a_class_without_images_has_no_mean():
    with pytest.raises(LabError, match="no image of class 3"):
        class_means(np.zeros((9, 2)), np.delete(np.arange(10), 3))


def test_midpoints_lie_halfway():
    assert midpoints(np.array([[0, 0], [2, 4], [4, 0]])).tolist() == [[1, 2], [3, 2]]
    assert midpoints(np.zeros((1, 2))).shape == (0, 2)


# Draws


def test_a_draw_has_the_posteriors_moments():
    mean = np.full((20_000, 2), [1, -1], np.float32)
    std = np.full((20_000, 2), [0.5, 2], np.float32)
    z = draw(mean, std, generator(0, "a"))
    assert z.dtype == np.float32
    assert z.mean(0) == pytest.approx([1, -1], abs=0.05)
    assert z.std(0) == pytest.approx([0.5, 2], rel=0.02)
    assert np.array_equal(z, draw(mean, std, generator(0, "a")))


def test_without_a_posterior_a_draw_is_the_code():
    codes = np.ones((3, 2), np.float32)
    assert draw(codes, None, generator(0, "a")) is codes


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1, 2**40])
def test_the_draws_of_two_uses_share_nothing(seed):
    """Nor those of one use with two seeds: as near to each other as independent ones are."""
    named = [(seed, "codes"), (seed, "code"), (seed, "s"), (seed, ""), (seed + 1, "codes")]
    drawn = [standard_normal(10_000, 1, generator(*one))[:, 0] for one in named]
    assert np.corrcoef(drawn) == pytest.approx(np.eye(len(named)), abs=5 / 100)
    for one, z in zip(named, drawn, strict=True):
        assert np.array_equal(z, standard_normal(10_000, 1, generator(*one))[:, 0])


def test_standard_normal_draws():
    z = standard_normal(20_000, 3, generator(0, "a"))
    assert (z.shape, z.dtype) == ((20_000, 3), np.float32)
    assert z.mean(0) == pytest.approx([0, 0, 0], abs=0.03)
    assert np.cov(z.T) == pytest.approx(np.eye(3), abs=0.03)


MIX = np.array([[2.0, 0.0, 0.0], [-1.0, 0.5, 0.0], [0.0, 0.3, 0.1]])


@pytest.mark.parametrize(
    "mix",
    [MIX, MIX[:, :1] @ MIX[:1], np.diag([1.0, 0.0, 2.0]), np.zeros((3, 3)), MIX[:1, :1]],
    ids=["full", "of rank 1", "an unused dimension", "one point", "one dimension"],
)
def test_a_fitted_gaussian_has_the_codes_mean_and_covariance(mix):
    rng = np.random.default_rng(0)
    centre = np.array([5.0, -3.0, 0.0])[: len(mix)]
    codes = (centre + rng.normal(size=(4000, len(mix))) @ mix.T).astype(np.float32)
    points = fitted_gaussian(codes, 500_000, generator(0, "a"))
    assert (points.shape, points.dtype) == ((500_000, len(mix)), np.float32)
    assert points.mean(0) == pytest.approx(codes.mean(0), abs=0.04)
    assert np.cov(points.T) == pytest.approx(np.cov(codes.T), abs=0.12)
    assert np.array_equal(points, fitted_gaussian(codes, 500_000, generator(0, "a")))
