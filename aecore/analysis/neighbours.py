"""Neighbours in a latent space: classes that lie together, and gaps between the codes."""

import numpy as np

from aecore.analysis.latent import generator


def knn_accuracy(
    train: np.ndarray,
    train_labels: np.ndarray,
    test: np.ndarray,
    test_labels: np.ndarray,
    k: int = 10,
) -> float:
    """Share of test codes whose class the k nearest training codes vote for."""
    from sklearn.neighbors import KNeighborsClassifier

    return float(KNeighborsClassifier(k).fit(train, train_labels).score(test, test_labels))


def silhouette(codes: np.ndarray, labels: np.ndarray, *, most: int = 4000) -> float:
    """Mean silhouette of the classes in [−1, 1], on at most ``most`` codes.

    (b − a) / max(a, b), with a the mean distance to the own class and b to the nearest other.
    """
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(codes[:most], labels[:most]))


def trustworthiness(
    images: np.ndarray, codes: np.ndarray, *, k: int = 12, most: int = 2000
) -> float:
    """How far neighbours of a code are also neighbours of its image, in [0, 1].

    On at most ``most`` images.

    References:
        Venna & Kaski, Neighborhood Preservation in Nonlinear Projection Methods, 2001.
    """
    from sklearn.manifold import trustworthiness as of

    pixels = images[:most].reshape(len(images[:most]), -1).astype(np.float32)
    return float(of(pixels, codes[:most], n_neighbors=k))


def nearest_distances(points: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Distance from each point (N, d) to the nearest reference point, float64 (N,)."""
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=1).fit(reference).kneighbors(points)[0][:, 0]


def in_gap(points: np.ndarray, reference: np.ndarray, radius: float) -> np.ndarray:
    """Which points lie in a gap: farther than ``radius`` from every reference code, bool (N,).

    Example:
        >>> in_gap(np.array([[0.0], [3.0]]), np.array([[1.0]]), 1.5).tolist()
        [False, True]
    """
    return nearest_distances(points, reference) > radius


def two_sample_accuracy(first: np.ndarray, second: np.ndarray, *, k: int = 25) -> float:
    """How well k neighbours tell points of two sets (N, d) apart, as many of each: .5 where the
    sets are of one distribution, 1 where they lie apart. Half of the points are read by the others.

    References:
        Lopez-Paz & Oquab, Revisiting Classifier Two-Sample Tests, 2017.

    Example:
        >>> draws = np.random.default_rng(0).normal(size=(3, 2000, 2))
        >>> round(two_sample_accuracy(draws[0], draws[1]), 1)
        0.5
        >>> two_sample_accuracy(draws[0], draws[2] + 9)
        1.0
    """
    n = min(len(first), len(second))
    order = generator(0, "two samples").permutation(2 * n)  # either may come in some order
    points, of_first = np.concatenate([first[:n], second[:n]])[order], np.repeat([1, 0], n)[order]
    return knn_accuracy(points[::2], of_first[::2], points[1::2], of_first[1::2], k)


def nearest_images(
    images: np.ndarray, reference: np.ndarray, *, batch: int = 500, block: int = 4000
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest of the reference images to each image, by the distance of their pixels in [0, 1]:
    row numbers (N,) and distances (N,). Of samples: is an image of the training repeated?

    Args:
        images: uint8, or float from 0 to 1, (N, 28, 28).
        reference: the same, (M, 28, 28).
        batch: images at a time.
        block: reference images at a time, which bounds the memory.

    Example:
        >>> shades = np.stack([np.full((28, 28), v, np.uint8) for v in (0, 100, 255)])
        >>> rows, distances = nearest_images(shades[1:2], shades)
        >>> rows.tolist(), distances.tolist()
        ([1], [0.0])
    """
    points = _pixels(images)
    rows, least = np.zeros(len(points), np.int64), np.full(len(points), np.inf, np.float32)
    for first in range(0, len(reference), block):
        known = _pixels(reference[first : first + block])
        square = (known**2).sum(1)
        for start in range(0, len(points), batch):
            part = slice(start, start + batch)
            away = square - 2 * points[part] @ known.T  # squared, less what is the image's own
            found = away.argmin(1)
            nearest = away[np.arange(len(found)), found]
            nearer = nearest < least[part]
            rows[part][nearer], least[part][nearer] = first + found[nearer], nearest[nearer]
    known = _pixels(reference[rows])
    return rows, np.linalg.norm(points - known, axis=1)  # exact, also where it is 0


def _pixels(images: np.ndarray) -> np.ndarray:
    flat = images.reshape(len(images), -1).astype(np.float32)
    return flat / 255 if images.dtype == np.uint8 else flat
