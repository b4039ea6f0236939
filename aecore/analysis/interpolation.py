"""Paths through the latent space, and the cross-fade of pixels to compare them with. NumPy only.

All is computed in float64 and given as float32; the browser's
`interpolation.js` does the same, number for number.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from aecore.errors import LabError

PARALLEL = 1e-6  # below this sine of the angle between two codes, an arc is a line
MOST = 100_000  # points of one path


def lerp(a: ArrayLike, b: ArrayLike, t: ArrayLike) -> np.ndarray:
    """The straight line from a to b, (1 − t) a + t b.

    Args:
        a: where it begins, (d,).
        b: where it ends, (d,).
        t: how far along, in [0, 1]: one number, or (n,).

    Returns:
        One point (d,), or (n, d); a itself at t = 0, b itself at t = 1.

    Raises:
        LabError: for other shapes, values that are not finite, or t outside [0, 1].

    Example:
        >>> lerp([0, 0], [4, 2], 0.5).tolist()
        [2.0, 1.0]
    """
    return _between(_lerp, a, b, t)


def slerp(a: ArrayLike, b: ArrayLike, t: ArrayLike) -> np.ndarray:
    """The arc from a to b around the origin, at an even pace in angle and in norm.

    With Ω the angle between a and b, and r(t) = (1 − t) |a| + t |b|,

        r(t) [sin((1 − t) Ω) a/|a| + sin(t Ω) b/|b|] / sin Ω,

    so that the norm stays as it is where |a| = |b|. Draws of N(0, I) in many dimensions have
    nearly one norm, which a straight line between two of them falls short of. Where there is no
    one arc (a code at the origin, or two in line with it) this is `lerp`.

    Args:
        a: where it begins, (d,).
        b: where it ends, (d,).
        t: how far along, in [0, 1]: one number, or (n,).

    Returns:
        One point (d,), or (n, d); a itself at t = 0, b itself at t = 1.

    Raises:
        LabError: for other shapes, values that are not finite, or t outside [0, 1].

    References:
        Shoemake, Animating Rotation with Quaternion Curves, 1985.
        White, Sampling Generative Networks, 2016.

    Example:
        >>> slerp([1, 0], [0, 1], [0, 0.5, 1]).round(3).tolist()
        [[1.0, 0.0], [0.707..., 0.707...], [0.0, 1.0]]
    """
    return _between(_slerp, a, b, t)


def along(points: ArrayLike, position: ArrayLike, kind: str = "lerp") -> np.ndarray:
    """Where one is on the chain through some points, after so many legs.

    Args:
        points: the stops, (k, d), at least two.
        position: in [0, k − 1]: 1.25 is a quarter of the way from stop 1 to stop 2 (the first is
            stop 0). One number, or (n,).
        kind: ``"lerp"`` or ``"slerp"``, the way from each stop to the next.

    Returns:
        One point (d,), or (n, d); the stop itself at every whole position.

    Raises:
        LabError: for fewer than two points, other shapes, values that are not finite, an unknown
            kind, or a position that is off the path.

    Example:
        >>> along([[0, 0], [1, 0], [1, 4]], 1.25).tolist()
        [1.0, 1.0]
    """
    points, way = _polyline(points), _way(kind)
    position = _positions(position, len(points) - 1)
    leg = np.minimum(position.astype(int), len(points) - 2)
    t = (position - leg)[..., None]
    return way(points[leg], points[leg + 1], t).astype(np.float32)


def chain(points: ArrayLike, n: int, kind: str = "lerp") -> np.ndarray:
    """The frames of a walk through all points: n steps from each stop to the next.

    Every leg takes as long as any other, and frame i n shows stop i exactly, which is what a strip
    of images and an animation need; for steps of one length, `resample` the result.

    Args:
        points: the stops, (k, d), at least two; repeat the first at the end for a round trip.
        n: steps a leg.
        kind: ``"lerp"`` or ``"slerp"``, the way from each stop to the next.

    Returns:
        float32 ((k − 1) n + 1, d).

    Raises:
        LabError: for fewer than two points, other shapes, values that are not finite, an unknown
            kind, or a number of steps that is not whole or too large.

    Example:
        >>> chain([[0, 0], [2, 0], [2, 6]], 2).tolist()
        [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [2.0, 3.0], [2.0, 6.0]]
    """
    points = _polyline(points)
    legs = len(points) - 1
    _check_count(n, "A chain's number of steps a leg", 1, MOST // legs)
    return along(points, np.arange(legs * n + 1) / n, kind)


def resample(points: ArrayLike, n: int) -> np.ndarray:
    """n points evenly spaced along a polyline, by the length of the way.

    For a path drawn by hand, whose points lie close where the hand was slow: walked at an even
    pace, its i-th point is i/(n − 1) of the length from the start.

    Args:
        points: the corners, (k, d), at least two; repeated ones do no harm.
        n: how many, at least two.

    Returns:
        float32 (n, d); the first and the last corner are kept exactly. A path without length
        stays where it is.

    Raises:
        LabError: for fewer than two points, other shapes, values that are not finite, or an n
            that is not whole, too small or too large.

    Example:
        >>> resample([[0, 0], [1, 0], [1, 3]], 5).tolist()
        [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]]
    """
    points = _polyline(points)
    _check_count(n, "A path's number of points", 2, MOST)
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    corners = points[np.r_[True, lengths > 0]]
    if len(corners) == 1:
        return np.repeat(corners, n, axis=0).astype(np.float32)
    lengths = lengths[lengths > 0]
    reached = np.r_[0, np.cumsum(lengths)]
    wanted = np.arange(n) * reached[-1] / (n - 1)
    leg = np.minimum(np.searchsorted(reached, wanted, side="right") - 1, len(lengths) - 1)
    t = np.minimum((wanted - reached[leg]) / lengths[leg], 1)[:, None]
    way = _lerp(corners[leg], corners[leg + 1], t)
    way[-1] = corners[-1]
    return way.astype(np.float32)


def cross_fade(x0: ArrayLike, x1: ArrayLike, t: ArrayLike) -> np.ndarray:
    """One image laid over another, pixel by pixel: (1 − t) x₀ + t x₁.

    What an interpolation of codes is to be compared with: it shows both images at once, and never
    a third.

    Args:
        x0: an image of any shape, uint8 or floats in [0, 1].
        x1: another of the same shape.
        t: how far along, in [0, 1]: one number, or (n,).

    Returns:
        float32 in [0, 1], of the images' shape, or (n, ...).

    Raises:
        LabError: for images of two shapes, values that are not finite, or t outside [0, 1].

    Example:
        >>> cross_fade([0, 1], [1, 1], 0.25).tolist()
        [0.25, 1.0]
    """
    x0, x1 = _grey(x0), _grey(x1)
    if x0.shape != x1.shape:
        raise LabError(f"A cross-fade needs two images of one shape, not {x0.shape}, {x1.shape}.")
    faded = _between(_lerp, x0.ravel(), x1.ravel(), t)
    return faded.reshape(*faded.shape[:-1], *x0.shape)


def _lerp(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    return (1 - t) * a + t * b


def _slerp(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    r, s = _norm(a), _norm(b)
    u, v = a / np.where(r > 0, r, 1), b / np.where(s > 0, s, 1)
    angle = 2 * np.arctan2(_norm(u - v), _norm(u + v))  # exact for small angles, unlike arccos
    sine = np.sin(angle)
    curved = (r > 0) & (s > 0) & (sine > PARALLEL)
    r, s, sine = (np.where(curved, value, 1) for value in (r, s, sine))
    norm = (1 - t) * r + t * s
    from_a = norm / r * (np.sin((1 - t) * angle) / sine)  # 1 at t = 0, exactly
    from_b = norm / s * (np.sin(t * angle) / sine)
    return np.where(curved, from_a * a + from_b * b, _lerp(a, b, t))


WAYS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]] = {
    "lerp": _lerp,
    "slerp": _slerp,
}


def _way(kind: str) -> Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]:
    if not isinstance(kind, str) or kind not in WAYS:
        raise LabError(f"There is no kind of path {kind!r}. Choose one of: {', '.join(WAYS)}.")
    return WAYS[kind]


def _between(way: Callable, a: ArrayLike, b: ArrayLike, t: ArrayLike) -> np.ndarray:
    a, b = _finite(a), _finite(b)
    if a.ndim != 1 or a.shape != b.shape or not a.size:
        raise LabError(f"A path needs two points of one shape (d,), not {a.shape} and {b.shape}.")
    return way(a, b, _positions(t, 1)[..., None]).astype(np.float32)


def _polyline(points: ArrayLike) -> np.ndarray:
    points = _finite(points)
    if points.ndim != 2 or not points.shape[1]:
        raise LabError(f"The points of a path must have the shape (n, d), not {points.shape}.")
    if len(points) < 2:
        raise LabError(f"A path needs at least two points, not {len(points)}.")
    return points


def _positions(t: ArrayLike, end: int) -> np.ndarray:
    try:
        t = np.asarray(t, np.float64)
    except (TypeError, ValueError):
        raise LabError("A position on a path must be a number, or a list of them.") from None
    if t.ndim > 1:
        raise LabError(f"Positions on a path must have the shape (n,), not {t.shape}.")
    if not ((t >= 0) & (t <= end)).all():  # so put, NaN fails too
        raise LabError(f"A position on this path must lie in [0, {end}].")
    return t


def _finite(values: ArrayLike) -> np.ndarray:
    """float64 of float32's precision and range."""
    try:
        with np.errstate(over="ignore"):
            values = np.asarray(values, np.float32).astype(np.float64)
    except (TypeError, ValueError):  # rows of unequal length, text
        raise LabError("The points of a path must be numbers, as many in each point.") from None
    if not np.isfinite(values).all():
        raise LabError("The points of a path must be finite numbers.")
    return values


def _grey(image: ArrayLike) -> np.ndarray:
    image = np.asarray(image)
    return image.astype(np.float32) / 255 if image.dtype == np.uint8 else image


def _norm(points: np.ndarray) -> np.ndarray:
    return np.linalg.norm(points, axis=-1, keepdims=True)


def _check_count(n: object, what: str, low: int, high: int) -> None:
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not low <= n <= high:
        raise LabError(f"{what} must be a whole number from {low} to {high}, not {n!r}.")
