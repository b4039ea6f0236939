"""PCA: the plane that holds most of the codes' variance, which leads back to codes."""

import numpy as np

from aecore.analysis.projections.base import Linear, Projection, register
from aecore.errors import LabError


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


register(
    Projection(
        name="pca",
        title="PCA",
        symbol="p",
        linear=pca,
        least=2,
        note="{share}\N{NO-BREAK SPACE}% of the variance of {count} dimensions",
        more="; the decoder draws m + Aᵀp",
        explanation=(
            "**PCA** finds the two directions in which the codes vary most, the rows of $A$, and "
            "goes back to the plane itself:\n\n"
            r"$$p = A\,(\sym{z} - m), \qquad \sym{z} = m + A^\top p$$"
        ),
    )
)
