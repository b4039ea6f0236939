"""Generated digits: strokes of a round pen with known thickness, slant, rotation and scale.

No file and no network is needed, there are as many images as one asks for, and what a real
dataset hides is known for each of them: the factors that made it. They look like MNIST's: white
on black, in a box of 20 x 20 pixels, centred by mass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aecore.errors import LabError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

TRAIN, TEST = 20_000, 4_000  # images of the dataset

_SIDE, _BOX, _CENTRE = 28, 20.0, 14.0  # MNIST's: the centre of mass lies in the middle of pixel 14
_PIXELS = np.arange(_SIDE, dtype=np.float32)
_EDGE = 1.4  # pixels from white to black across the edge of a stroke
_CHUNK = 64  # images at a time, so that their distances stay in the processor's cache

# The control points of each variant's strokes, x to the right and y down in a box of 20 x 20. A
# point given twice is a corner, a stroke that ends where it began is closed, and points that are
# equal move together.
_GLYPHS = {
    0: (
        ("10,0 16,1 18,10 16,19 10,20 4,19 2,10 4,1 10,0",),
        ("13,2 8,-1 2,7 2,16 8,21 15,19 18,9 15,1 8,2",),
    ),
    1: (
        ("10,0 10,6 10,13 10,20",),
        ("7,4 10.5,0 10.5,0 10.5,10 10.5,20",),
        ("6,5 10.5,0 10.5,0 10.5,10 10.5,20", "5,20 16,20"),
    ),
    2: (
        ("3,5 6,-1 14,-1 16,5 12,12 4,19 4,19 11,18.5 18,19",),
        ("3,5 6,-1 13,-1 15,6 11,14 6,20 2,18 5,14 11,18 18,19",),
    ),
    3: (
        ("4,3 8,-1 15,-1 15,7 8,9.5 8,9.5 17,9 17,19 9,22 3,17",),
        ("4,0.5 10,0 15,0 15,0 9,8 9,8 17,8 17,18 10,22 3,18",),
    ),
    4: (
        ("5,1 4,11 4,11 10,11 17,10", "15,0 14,10 13,20"),
        ("13,0 3,13 3,13 10,13 17,12.5", "13,0 13,10 13,20"),
    ),
    5: (
        ("16,0 6,0 6,0 5,8 5,8 11,6 16,10 15,19 9,21 3,18",),
        ("17,0.5 9,0 5,3 6,8 14,9 16,17 9,22 3,18",),
    ),
    6: (
        ("13,0 7,5 4,13 6,20 13,21 16,15 12,9 6,12 5,16",),
        ("9,0 5,9 4,19 10,21 16,19 15,11 9,10 5,15",),
    ),
    7: (
        ("3,3 4,0.5 10,1 16,0.5 16,0.5 12,9 10,20",),
        ("3,1 10,1 16,0.5 16,0.5 12,9 10,20", "6,11 11,10.5 15,10"),
    ),
    8: (
        ("16,3 10,-1 3,2 10,10 18,15 10,23 2,16 10,10 16,3",),
        (
            "10,9 10,9 15,7 15,1 10,-1 5,1 5,7 10,9",
            "10,9 10,9 16,11 16,19 10,21 4,19 4,11 10,9",
        ),
    ),
    9: (
        ("14,3 10,-1 4,2 4,10 11,11 14,3 14,3 14,12 12,20",),
        ("14,3 10,-1 4,2 4,10 11,11 14,3 14,3 15,14 12,21 5,19",),
    ),
}


@dataclass(frozen=True, eq=False)
class Factors:
    """What made each image; all arrays have the shape (N,).

    A point p of the prototype, in a box one unit high, is drawn at R(rotation) · S(slant) ·
    (19.3 − thickness) · (scale_x p_x, scale_y p_y) and centred by mass, where S moves what is
    h above the middle by h tan(slant) to the right.

    Arguments:
        thickness: the pen's diameter in pixels, float32.
        slant: radians, float32; positive leans to the right, as italics do.
        rotation: radians, float32; positive turns anticlockwise.
        scale_x, scale_y: width and height against those of the prototype, float32. At 1 the
            prototype, with its pen and the pen's soft edge, fills the box of 20 pixels. A figure
            that would leave the box is drawn smaller, and its scales say so.
        jitter: standard deviation of the control points about the prototype's, in pixels, float32.
        variant: which of its digit's prototypes, counted from 0, uint8.
    """

    thickness: NDArray[np.float32]
    slant: NDArray[np.float32]
    rotation: NDArray[np.float32]
    scale_x: NDArray[np.float32]
    scale_y: NDArray[np.float32]
    jitter: NDArray[np.float32]
    variant: NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.thickness)

    def __getitem__(self, index: slice | NDArray) -> Factors:
        """The factors of some of the images."""
        return Factors(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


class Drawing(NamedTuple):
    """Images uint8 (N, 28, 28), their labels uint8 (N,), and the factors that made them."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    factors: Factors


def draw(labels: int | ArrayLike, seed: int = 0, **given: ArrayLike) -> Drawing:
    """Draw digits with factors at random, as spread as MNIST's, or with those given.

    A pixel at distance d from the nearest stroke has the ink e(½ + (thickness/2 − d)/1.4), where
    e(t) = 3t² − 2t³ for t clipped to [0, 1]. A stroke is a chain of segments; with u the unit
    vector along a segment of half-length h about m, and q = p − m, the distance of p from it is

        d² = (q × u)² + max(|q · u| − h, 0)²

    What is given leaves everything else as it was: two calls with the same labels and seed that
    differ in `slant` give the same hand at two slants.

    Arguments:
        labels: the digits (N,), or how many to draw, each digit equally often.
        seed: of everything that is drawn at random.
        given: factors by name (see `Factors`), one value for all or one for each image.

    Raises:
        LabError: for labels that are no digits, and factors that are unknown or out of range.

    Example:
        >>> images, labels, factors = draw([7, 1], seed=0, thickness=3, variant=[1, 0])
        >>> images.shape, labels.tolist(), factors.thickness.tolist()
        ((2, 28, 28), [7, 1], [3.0, 3.0])
        >>> np.array_equal(images, draw([7, 1], seed=0, thickness=3, variant=[1, 0]).images)
        True
    """
    rng = np.random.default_rng(seed)
    labels = _labels(labels, rng)
    factors = _factors(labels, rng, given)
    shifts = rng.standard_normal((len(labels), _most_points(), 2), np.float32)
    images = np.zeros((len(labels), _SIDE, _SIDE), np.uint8)
    for digit, glyphs in _GLYPHS.items():
        for variant in range(len(glyphs)):
            chosen = np.flatnonzero((labels == digit) & (factors.variant == variant))
            for part in np.split(chosen, range(_CHUNK, len(chosen), _CHUNK)):
                pen = factors.thickness[part]
                a, b, fit = _place(_glyph(digit, variant), factors[part], shifts[part])
                images[part] = np.rint(255 * _ink(*_centred(a, b, pen), pen, _PIXELS))
                factors.scale_x[part] *= fit
                factors.scale_y[part] *= fit
    for array in (images, labels, *vars(factors).values()):
        array.setflags(write=False)
    return Drawing(images, labels, factors)


def grid(
    label: int, thickness: Sequence[float], slant: Sequence[float], **given: float
) -> NDArray[np.uint8]:
    """One digit over thicknesses (pixels) and slants (radians), uint8 (T, S, 28, 28).

    Everything else is the prototype's: variant 0, scale 1, no rotation and no jitter, unless given.

    Example:
        >>> grid(7, thickness=[2, 4], slant=[-0.3, 0, 0.3]).shape
        (2, 3, 28, 28)
    """
    across, down = np.meshgrid(slant, thickness)
    plain = {"variant": 0, "scale_x": 1, "scale_y": 1, "rotation": 0, "jitter": 0}
    factors: dict[str, Any] = plain | given
    labels = np.full(across.size, label)
    images = draw(labels, thickness=down.ravel(), slant=across.ravel(), **factors).images
    return images.reshape(*across.shape, _SIDE, _SIDE)


@cache
def dataset() -> tuple[Drawing, Drawing]:
    """The training and test images of `load_dataset("strokes")`, with their factors.

    Example:
        >>> train, test = dataset()
        >>> len(train.images), len(test.factors)
        (20000, 4000)
    """
    return draw(TRAIN, seed=1), test_part()


@cache
def test_part() -> Drawing:
    """The second part of `dataset()`, without the work of the first.

    Example:
        >>> test_part().images.shape
        (4000, 28, 28)
    """
    return draw(TEST, seed=2)


def _labels(labels: int | ArrayLike, rng: np.random.Generator) -> NDArray[np.uint8]:
    if isinstance(labels, int | np.integer):
        if labels < 0:
            raise LabError(f"The number of digits to draw must be 0 or more, not {labels}.")
        return rng.permutation(np.arange(labels, dtype=np.int64) % 10).astype(np.uint8)
    found = np.asarray(labels)
    digits = found.size == 0 or (found.dtype.kind in "iu" and found.min() >= 0 and found.max() <= 9)
    if found.ndim != 1 or not digits:
        raise LabError("The labels must be one row of digits from 0 to 9.")
    return found.astype(np.uint8)


_LIMITS = {
    "thickness": (0.5, 8),
    "slant": (-1, 1),
    "rotation": (-np.pi, np.pi),
    "scale_x": (0.1, 2),
    "scale_y": (0.1, 2),
    "jitter": (0, 5),
    "variant": (0, 2),
}


def _factors(
    labels: NDArray[np.uint8], rng: np.random.Generator, given: dict[str, ArrayLike]
) -> Factors:
    """Draw all factors, then put those that are given in their place."""
    size = len(labels)
    normal = rng.standard_normal((4, size))
    uniform = rng.random((3, size))
    scale_y = 1 - 0.1 * uniform[0]
    variants = np.array([len(_GLYPHS[digit]) for digit in range(10)])
    # The first variant is as frequent as all others together.
    others = (2 * uniform[2] - 1) * (variants[labels] - 1)
    values = {
        "thickness": (2.7 * np.exp(0.26 * normal[0])).clip(1.4, 5),
        "slant": (0.16 + 0.23 * normal[1]).clip(-0.5, 0.65),
        "rotation": 0.1 * normal[2],
        "scale_x": scale_y * np.exp(0.17 * normal[3]),
        "scale_y": scale_y,
        "jitter": 0.2 + uniform[1],
        "variant": np.where(uniform[2] < 0.5, 0, 1 + np.floor(others)),
    }
    for name, value in given.items():
        if name not in values:
            raise LabError(f"There is no factor {name!r}. Choose one of: {', '.join(values)}.")
        low, high = _LIMITS[name]
        value = np.asarray(value, float)
        if value.shape not in ((), (size,)) or not np.all((value >= low) & (value <= high)):
            raise LabError(
                f"The factor {name} must be one value or {size} values "
                f"from {low:.4g} to {high:.4g}."
            )
        values[name] = np.broadcast_to(value, size)
    if np.any(values["variant"] >= variants[labels]):
        raise LabError("A digit has no such variant. The first, 0, is always there.")
    kinds = {name: np.uint8 if name == "variant" else np.float32 for name in values}
    return Factors(**{name: value.astype(kinds[name]) for name, value in values.items()})


class _Glyph(NamedTuple):
    """A prototype: segments run between points that are weighted means of its control points."""

    points: NDArray[np.float32]  # (C, 2), in pixels, y down
    first: NDArray[np.float32]  # (S, C), gives the first end of each segment
    last: NDArray[np.float32]  # (S, C)
    size: float  # the longer side of the curve's box


@cache
def _glyph(digit: int, variant: int) -> _Glyph:
    written = _GLYPHS[digit][variant]
    strokes = [[tuple(map(float, p.split(","))) for p in stroke.split()] for stroke in written]
    points = list(dict.fromkeys(point for stroke in strokes for point in stroke))
    begins, ends = [], []
    for stroke in strokes:
        rows = np.eye(len(points))[[points.index(point) for point in stroke]]
        curve = _curve(rows)
        begins.append(curve[:-1])
        ends.append(curve[1:])
    array = np.array(points, np.float32)
    first, last = (np.concatenate(rows).astype(np.float32) for rows in (begins, ends))
    return _Glyph(array, first, last, float(np.ptp(np.concatenate([first, last]) @ array, 0).max()))


def _curve(rows: NDArray) -> NDArray:
    """Weights of the control points along a stroke.

    The stroke is a quadratic B-spline: Bezier curves from the middle between two control points
    to the middle between the next two, (1 − t)² a + 2t(1 − t) b + t² c.
    """
    closed = np.array_equal(rows[0], rows[-1])
    ring = [rows[-2], *rows] if closed else [rows[0], *rows, rows[-1]]
    found = [(ring[0] + ring[1]) / 2]
    for before, at, after in zip(ring, ring[1:], ring[2:], strict=False):
        a, c = (before + at) / 2, (at + after) / 2
        straight = np.array_equal(before, at) or np.array_equal(at, after)
        for t in (1,) if straight else (0.25, 0.5, 0.75, 1):
            found.append((1 - t) ** 2 * a + 2 * t * (1 - t) * at + t**2 * c)
    steps = np.abs(np.diff(found, axis=0)).sum(1) > 0
    return np.array([found[0], *np.array(found[1:])[steps]])


def _most_points() -> int:
    return max(
        len(_glyph(d, v).points) for d, glyphs in _GLYPHS.items() for v in range(len(glyphs))
    )


def _place(
    glyph: _Glyph, factors: Factors, shifts: NDArray[np.float32]
) -> tuple[NDArray, NDArray, NDArray]:
    """Ends of the segments in pixels, each (B, S, 2), and what made the figures fit, (B,)."""
    room = _BOX - _EDGE / 2 - factors.thickness
    shift = factors.jitter[:, None, None] * shifts[:, : len(glyph.points)]
    control = (glyph.points + shift) / glyph.size * room[:, None, None]
    x, y = control[..., 0] * factors.scale_x[:, None], control[..., 1] * factors.scale_y[:, None]
    x = x - y * np.tan(factors.slant)[:, None]
    cos, sin = np.cos(factors.rotation)[:, None], np.sin(factors.rotation)[:, None]
    control = np.stack([cos * x + sin * y, cos * y - sin * x], -1)
    a, b = glyph.first @ control, glyph.last @ control
    low, high = np.minimum(a, b).min(1), np.maximum(a, b).max(1)
    fit = np.minimum(1, room / (high - low).max(1))
    a, b = ((end - (low + high)[:, None] / 2) * fit[:, None, None] + _CENTRE for end in (a, b))
    return a, b, fit


def _centred(a: NDArray, b: NDArray, thickness: NDArray) -> tuple[NDArray, NDArray]:
    """Move figures so that the centre of their ink, seen at every other pixel, is the middle."""
    pixels = np.arange(0, _SIDE + 1, 2, dtype=np.float32)
    ink = _ink(a, b, thickness, pixels)
    mass = np.stack([ink.sum(1) @ pixels, ink.sum(2) @ pixels], -1) / ink.sum((1, 2))[:, None]
    return a - mass[:, None] + _CENTRE, b - mass[:, None] + _CENTRE


def _ink(a: NDArray, b: NDArray, thickness: NDArray, pixels: NDArray) -> NDArray[np.float32]:
    """The ink in [0, 1] that segments from a to b leave at rows and columns `pixels`, (B, P, P)."""
    half = np.linalg.norm(b - a, axis=-1) / 2
    ux, uy = np.moveaxis((b - a) / np.maximum(2 * half, 1e-6)[..., None], -1, 0)[..., None]
    middle = (a + b) / 2
    # The terms of q · u and q × u that depend on the column, and those that do on the row.
    x, y = pixels - middle[..., :1], pixels - middle[..., 1:]
    along_x, along_y, across_x, across_y = ux * x, uy * y, uy * x, -ux * y
    nearest = np.full((len(a), len(pixels), len(pixels)), np.inf, np.float32)
    along, across = np.empty_like(nearest), np.empty_like(nearest)
    for s in range(half.shape[1]):
        np.add(along_x[:, s, None, :], along_y[:, s, :, None], out=along)
        np.add(across_x[:, s, None, :], across_y[:, s, :, None], out=across)
        np.abs(along, out=along)
        along -= half[:, s, None, None]
        np.maximum(along, 0, out=along)
        along *= along
        across *= across
        along += across
        np.minimum(nearest, along, out=nearest)
    edge = (0.5 + (thickness[:, None, None] / 2 - np.sqrt(nearest)) / _EDGE).clip(0, 1)
    return edge * edge * (3 - 2 * edge)
