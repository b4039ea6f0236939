"""Planes for codes of many dimensions: PCA, which can be undone, and UMAP, which cannot.

`python -m aecore.analysis.projections CODES` writes UMAP's plane of a file of codes to standard
output, as an array in NumPy's format. It ends when its standard input is closed: with whoever
started it.
"""

import os
import sys
import threading
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from aecore.errors import LabError
from aecore.runs.codes import Codes, Quantised

NEIGHBOURS = 15


@dataclass(frozen=True)
class Linear:
    """A plane through the space of codes: p = A (z − m), with orthonormal rows in A.

    Attributes:
        mean: m, float32 (d,).
        axes: A, float32 (n, d).
        share: of the codes' variance that each row of A holds, (n,).
    """

    mean: np.ndarray
    axes: np.ndarray
    share: np.ndarray

    def project(self, codes: np.ndarray) -> np.ndarray:
        """Where codes (N, d) stand on the plane, (N, n)."""
        return (codes - self.mean) @ self.axes.T

    def unproject(self, points: np.ndarray) -> np.ndarray:
        """The codes on the plane itself at its points (N, n): m + Aᵀ p, (N, d)."""
        return self.mean + points @ self.axes


def pca(codes: np.ndarray, n: int = 2) -> Linear:
    """The plane that holds most of the codes' variance, each axis the next most.

    The sign of an axis is chosen so that its largest entry is positive: the same codes give the
    same plane on every machine.

    Args:
        codes: (N, d) with N > 1.
        n: axes, at most d.

    Raises:
        LabError: when there are too few codes or dimensions.

    References:
        Pearson, On Lines and Planes of Closest Fit to Systems of Points in Space, 1901.

    Example:
        >>> plane = pca(np.array([[0.0, 0, 1], [1, 1, 1], [3, 3, 1]]), n=1)
        >>> plane.axes.round(3), plane.share.round(3)
        (array([[0.707, 0.707, 0.   ]], dtype=float32), array([1.], dtype=float32))
    """
    codes = np.asarray(codes, np.float64)
    if codes.ndim != 2 or len(codes) < 2 or not 1 <= n <= codes.shape[1]:
        raise LabError(f"Codes of the shape {codes.shape} have no {n} principal axes.")
    mean = codes.mean(0)
    variances, vectors = np.linalg.eigh(np.cov(codes - mean, rowvar=False).reshape(2 * [len(mean)]))
    axes = vectors[:, ::-1].T[:n]
    axes = axes * np.sign(axes[np.arange(n), np.abs(axes).argmax(1)])[:, None]
    share = variances[::-1][:n].clip(0) / max(variances.sum(), np.finfo(float).tiny)
    return Linear(mean.astype(np.float32), axes.astype(np.float32), share.astype(np.float32))


def umap(codes: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """A plane that keeps neighbours together, float32 (N, 2); distances on it mean little.

    There is no way back from it to a code. The same seed on the same machine gives the same plane.

    Raises:
        LabError: for fewer codes than it looks at neighbours.

    References:
        McInnes, Healy & Melville, UMAP: Uniform Manifold Approximation and Projection, 2018.
    """
    if len(codes) <= NEIGHBOURS:
        raise LabError(f"UMAP needs more than {NEIGHBOURS} codes, not {len(codes)}.")
    from sklearn.neighbors import NearestNeighbors
    from umap import UMAP

    # Its own search for neighbours is approximate, and takes 20 seconds to compile.
    distances, neighbours = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(codes).kneighbors(codes)
    settings = {
        "n_neighbors": NEIGHBOURS,
        "precomputed_knn": (neighbours, distances.astype(np.float32)),
        "random_state": seed,
        "n_jobs": 1,
    }
    with warnings.catch_warnings(category=UserWarning, action="ignore"):  # no codes will be added
        return np.asarray(UMAP(**settings).fit_transform(codes), np.float32)


def is_of_use(codes: Codes) -> bool:
    """Whether these codes may have UMAP's plane: more than two dimensions, and not too few."""
    return codes.latent_dim > 2 and len(codes) > NEIGHBOURS


def add_umap(path: Path) -> None:
    """Add UMAP's plane to a file of codes that has none and for which it is of use.

    Raises:
        LabError: when the file is missing or damaged, or cannot be written.
    """
    codes = Codes.load(path)
    if is_of_use(codes) and codes.umap is None:
        replace(codes, umap=Quantised.of(umap(codes.mean.values))).save(path)


def main(path: str) -> None:
    """Write the plane, unless standard input is closed before."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    np.save(sys.stdout.buffer, umap(Codes.load(path).mean.values))


def _end_with_input() -> None:
    while os.read(0, 4096):  # not through sys.stdin, whose lock would outlive the work
        pass
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
