"""Neighbours in a latent space: classes that lie together, and gaps between the codes."""

import numpy as np


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
