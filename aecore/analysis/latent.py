"""Points of the latent space: codes of images, grids, means, draws."""

from statistics import NormalDist

import numpy as np

from aecore.errors import LabError


def generator(seed: int, use: str) -> np.random.Generator:
    """Random numbers for one use. Those of two uses are independent, whatever their seeds.

    Args:
        seed: of everything that is drawn for one result.
        use: what is drawn, in words: of each result, every use has a name of its own.

    Example:
        >>> first, again, other = (generator(0, use) for use in ("codes", "codes", "prior"))
        >>> x = first.random()
        >>> x == again.random(), x == other.random()
        (True, False)
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(use.encode())))


def draw(mean: np.ndarray, std: np.ndarray | None, random: np.random.Generator) -> np.ndarray:
    """One draw z = μ + σ ε for each code; the codes themselves where there is no posterior."""
    if std is None:
        return mean
    return mean + std * random.standard_normal(mean.shape, np.float32)


def uniform_grid(low: float, high: float, n: int) -> np.ndarray:
    """n x n points evenly over [low, high]², shape (n, n, 2), rows from top (high) to bottom.

    Example:
        >>> uniform_grid(-1, 1, 3)[0].tolist()
        [[-1.0, 1.0], [0.0, 1.0], [1.0, 1.0]]
    """
    _check_side(n)
    axis = np.linspace(low, high, n)
    return _square(axis)


def gaussian_grid(n: int) -> np.ndarray:
    """n x n points at the quantiles of N(0, 1), (i + ½)/n: each stands for an equal share of
    the prior. Shape (n, n, 2), rows from top to bottom.

    Example:
        >>> gaussian_grid(2)[0].astype(float).round(3).tolist()
        [[-0.674, 0.674], [0.674, 0.674]]
    """
    _check_side(n)
    return _square(np.array([NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)]))


def class_means(codes: np.ndarray, labels: np.ndarray, classes: int = 10) -> np.ndarray:
    """The mean code of each class, (classes, d).

    Raises:
        LabError: when a class has no image.
    """
    if missing := sorted(set(range(classes)) - set(np.unique(labels).tolist())):
        raise LabError(f"There is no image of class {missing[0]}, so it has no mean code.")
    return np.stack([codes[labels == c].mean(0) for c in range(classes)])


def midpoints(points: np.ndarray) -> np.ndarray:
    """The point halfway from each to the next, (n - 1, d)."""
    return (points[1:] + points[:-1]) / 2


def standard_normal(n: int, latent_dim: int, random: np.random.Generator) -> np.ndarray:
    """n draws from N(0, I), float32 (n, d)."""
    return random.standard_normal((n, latent_dim), np.float32)


def fitted_gaussian(codes: np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
    """n draws from the Gaussian with the codes' mean and full covariance, float32 (n, d).

    Example:
        >>> points = generator(0, "codes").normal([3, 0], [1, 2], (5000, 2))
        >>> fitted_gaussian(points, 5000, generator(0, "fitted")).std(0).round(1).tolist()
        [1.0, 2.0]
    """
    mean = codes.mean(0, dtype=np.float64)
    covariance = np.cov(codes, rowvar=False, dtype=np.float64).reshape(len(mean), len(mean))
    # Eigenvalues rather than Cholesky: an unused dimension makes the covariance singular.
    values, vectors = np.linalg.eigh(covariance)
    noise = standard_normal(n, len(mean), random).astype(np.float64)
    spread = vectors * np.sqrt(values.clip(0))
    return (mean + noise @ spread.T).astype(np.float32)


def _square(axis: np.ndarray) -> np.ndarray:
    across, up = np.meshgrid(axis, axis[::-1])
    return np.stack([across, up], axis=-1).astype(np.float32)


def _check_side(n: int) -> None:
    if not 1 <= n <= 100:
        raise LabError(f"A grid has from 1 to 100 points a side, not {n}.")
