"""The figure in a grey picture: which side of the light it is on, and what about it is not figure.

Light that changes slowly is background, and so is what lies at the rim: the desk about a sheet, a
frame, a margin line, the squares of the paper.
"""

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image
from scipy import ndimage

from aecore.data.picture_file import NO_FIGURE
from aecore.errors import LabError

_LEAST_CONTRAST = 0.06  # of the figure against its background, whose light is 1
_LEAST_SHARE = 0.12  # of the rim's contrast that the figure inside it has
_LEAST_EXTENT = 0.1  # of the picture's longer side that a figure inside a rim takes
_RIM = 0.08  # of a side; what lies wholly within it belongs to the rim
_AS_DARK = 0.15  # of the contrast to paper that what is as dark as ink may lack
_LEAST_INSIDE = 0.2  # of what is beside ink that is as dark, where the ink is but an outline
_LINE = 0.03  # of a side that a line of the paper may be wide


def figures(grey: np.ndarray) -> Iterator[np.ndarray]:
    """What may be the figure of a picture, the likeliest first.

    The figure is the minority that differs from slow light, dark or light. With g the grey value
    and b that of the background there, found by closing all that is narrower than a third of the
    picture, its ink is (b − g)/b, stretched so that what the background's noise reaches is 0 and
    the strokes' full strength is 1. Without lines and rim it is likelier than with them. Strokes
    thinner than a twelfth of it are thickened to that: MNIST's were drawn small with a broad pen.

    Arguments:
        grey: float (H, W) in [0, 1].

    Yields:
        Ink, float (h, w) in [0, 1], of what is well seen and a blank rim.

    Example:
        >>> paper = np.full((60, 60), 0.9)
        >>> paper[10:50, 28:33] = 0.1
        >>> round(next(figures(paper)).sum())
        200
    """
    likely = _is_light_on_dark(grey)
    for light in (likely, not likely):
        dark = 1 - grey if light else grey
        contrast = _contrast(dark)
        for found in _from_inside_out(contrast):
            ink = _filled(found, dark, contrast)
            # The box of what is well seen, so that the ripples of JPEG do not widen it.
            rows, columns = np.nonzero(ink > 0.1)
            if rows.size:
                box = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
                yield _thickened(box)


def is_possible(image: np.ndarray) -> bool:
    """Whether an image may be a digit; what is solid, a frame and a carpet are none.

    All but one or two in a thousand of MNIST's images are within these bounds.

    Arguments:
        image: uint8 (28, 28), white on black.

    Example:
        >>> square = np.pad(np.full((20, 20), 255, np.uint8), 4)
        >>> is_possible(square)
        False
        >>> square[6:22, 6:22] = 0  # a frame
        >>> is_possible(square)
        False
        >>> square[4:24, 7:24] = 0  # one side of it
        >>> is_possible(square)
        True
    """
    ink = np.pad(image > 127, 1)
    if not ink.any():
        return False
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    narrow = min(box.shape) < 0.6 * max(box.shape)
    sides = [box[:3].any(0), box[-3:].any(0), box[:, :3].any(1), box[:, -3:].any(1)]
    framed = min(side.mean() for side in sides) > 0.9
    crossings = sum((np.diff(ink.astype(int), axis=axis) == 1).sum() for axis in (0, 1))
    widest = ndimage.distance_transform_cdt(ink, "chessboard").max()
    pieces = ndimage.label(ink, np.ones((3, 3)))[1]
    # A stroke is longer than broad: so many squares of its breadth have its area.
    long = ink.sum() / (2 * ndimage.distance_transform_edt(ink).max()) ** 2
    solid = long < 1.6 or (not narrow and (box.mean() > 0.7 or framed))
    plain = widest <= 5 and crossings <= 100 and pieces <= 8
    return bool(16 <= ink.sum() <= 260 and plain and not solid)


def _is_light_on_dark(grey: np.ndarray) -> bool:
    """Whether the few pixels that differ from slow light, the median around, are lighter."""
    small = _small(grey)
    edge = max(1, round(_RIM * min(small.shape)))
    inner = small[edge:-edge, edge:-edge]
    # Slow light is the same at every second pixel, in a sixteenth of the time.
    slow = ndimage.median_filter(inner[::2, ::2], max(small.shape) // 4)
    rows, columns = inner.shape
    left = inner - slow.repeat(2, 0).repeat(2, 1)[:rows, :columns]
    return bool((left**3).sum() > 0)


def _contrast(grey: np.ndarray) -> np.ndarray:
    """(b − g)/b of a dark figure on a background b that need not be even."""
    small = _small(grey)
    reach = max(small.shape) // 6
    around = np.pad(small, 2 * reach, mode="edge")
    closed = ndimage.grey_closing(around, 2 * reach + 1)
    closed = closed[2 * reach : -2 * reach or None, 2 * reach : -2 * reach or None]
    size = grey.shape[::-1]
    background = np.asarray(Image.fromarray(closed).resize(size, Image.Resampling.BILINEAR))
    return 1 - grey / background.clip(1 / 255)


def _small(grey: np.ndarray) -> np.ndarray:
    """Average squares of pixels so that the longer side has at most 64."""
    step = -(-max(grey.shape) // 64)
    grey = np.asarray(grey, np.float32)
    return np.asarray(Image.fromarray(grey).reduce(step)) if step > 1 else grey


def _from_inside_out(contrast: np.ndarray) -> Iterator[np.ndarray]:
    """Ink without lines and rim, then with more and more of them."""
    found: list[np.ndarray] = []
    strongest = 0.0
    for _ in range(4):  # a frame, the desk about it, the lines of the paper
        try:
            raw, full = _stretched(contrast)
        except LabError:
            break
        ink = _strokes(raw)
        strongest = max(strongest, full)
        if full < _LEAST_SHARE * strongest or (found and _extent(ink) < _LEAST_EXTENT):
            break
        found.append(ink)
        outside = _outside(raw > 0.1)
        if not outside.any():
            break
        contrast = np.where(outside, np.median(contrast), contrast)
    yield from reversed(found)


def _filled(ink: np.ndarray, grey: np.ndarray, contrast: np.ndarray) -> np.ndarray:
    """Ink, and where it is only the outline of something as dark inside, all of that.

    What is broader than a third of the picture is slow light but for its outline, so that a disc
    would be a clean 0.
    """
    strong = (ink > 0.5).astype(np.float32)
    side = 2 * max(2, max(ink.shape) // 80) + 1
    near = ndimage.uniform_filter(strong, side, mode="constant")
    beside = (near > 1e-3) & (ink <= 0.5)
    if not beside.any():
        return ink
    local = [
        ndimage.uniform_filter(strong * values, side, mode="constant") / near.clip(1e-3)
        for values in (grey, grey / (1 - contrast).clip(1e-3))  # of the ink, of its paper
    ]
    as_dark = grey < local[0] + _AS_DARK * (local[1] - local[0])
    if (as_dark & beside).sum() < _LEAST_INSIDE * beside.sum():
        return ink
    figure, paper = (np.median(values[strong > 0]) for values in local)
    pieces, _ = ndimage.label((grey < figure + _AS_DARK * (paper - figure)) | (strong > 0))
    return np.maximum(ink, np.isin(pieces, np.unique(pieces[strong > 0])))


def _extent(ink: np.ndarray) -> float:
    """The longer side of the box of ink, as a share of the picture's."""
    rows, columns = np.nonzero(ink > 0.1)
    return max(np.ptp(rows), np.ptp(columns)) / max(ink.shape) if rows.size else 0


def _outside(ink: np.ndarray) -> np.ndarray:
    """Lines of the paper, and pieces of ink that touch the rim, lie in it or surround others."""
    lines = _lines(ink) | _lines(ink.T).T
    dense = ndimage.uniform_filter(ink.astype(np.float32), 3, mode="constant") > 0.3
    pieces, _ = ndimage.label(ink & dense & ~lines, np.ones((3, 3)))
    boxes = ndimage.find_objects(pieces)
    height, width = ink.shape
    edge = max(2, max(ink.shape) // 100)
    gone = []
    for number, (rows, columns) in enumerate(boxes, 1):
        touches = (
            min(rows.start, columns.start) < edge
            or rows.stop > height - edge
            or columns.stop > width - edge
        )
        within = (
            rows.stop < _RIM * height
            or rows.start > (1 - _RIM) * height
            or columns.stop < _RIM * width
            or columns.start > (1 - _RIM) * width
        )
        if touches or within or _surrounds(pieces, number, boxes):
            gone.append(number)
    outside = lines | np.isin(pieces, gone)
    return ndimage.binary_dilation(outside, iterations=edge) & ~((pieces > 0) & ~outside)


def _surrounds(pieces: np.ndarray, number: int, boxes: list) -> bool:
    """Whether a piece of ink has another within it that is at least a quarter as long."""
    rows, columns = boxes[number - 1]
    long = max(rows.stop - rows.start, columns.stop - columns.start)
    if long < _LEAST_EXTENT * max(pieces.shape):
        return False
    filled = None
    for other, (y, x) in enumerate(boxes, 1):
        inside = rows.start < y.start and y.stop < rows.stop
        inside = inside and columns.start < x.start and x.stop < columns.stop
        if other == number or not inside or max(y.stop - y.start, x.stop - x.start) < long / 4:
            continue
        if filled is None:
            filled = ndimage.binary_fill_holes(pieces[rows, columns] == number)
        there = pieces[rows, columns] == other
        if filled[there].mean() > 0.5:
            return True
    return False


def _lines(ink: np.ndarray) -> np.ndarray:
    """Thin level lines from rim to rim, but where a stroke crosses them."""
    height, width = ink.shape
    edge = max(2, width // 50)
    thick = max(2, round(_LINE * height))
    # What is thin: no run of ink upright is longer than a line is wide.
    thin = ink & ~_opened(ink, thick + 1, axis=0)
    # A line may be a pixel askew; others cross it, and strokes that are broader.
    gap = max(3, width // 8)
    joined = np.pad(ndimage.binary_dilation(thin, np.ones((3, 1))), ((0, 0), (gap, gap)), "edge")
    for bridged in (thick, gap):
        joined = _opened(_closed(joined, bridged, axis=1), gap, axis=1)
    pieces, _ = ndimage.label(joined[:, gap:-gap])
    found = np.zeros_like(ink)
    for number, (rows, columns) in enumerate(ndimage.find_objects(pieces), 1):
        across = columns.start <= edge and columns.stop >= width - edge
        if across and rows.stop - rows.start < 4 * thick:
            found |= (pieces == number) & thin
    return found


def _opened(ink: np.ndarray, length: int, axis: int) -> np.ndarray:
    """Runs of at least so many pixels (`ndimage.binary_opening` by a line, a tenth of its time)."""
    return _along(ink, length, axis, ndimage.minimum_filter1d, ndimage.maximum_filter1d)


def _closed(ink: np.ndarray, length: int, axis: int) -> np.ndarray:
    """Runs with the shorter gaps between them filled (`ndimage.binary_closing` by a line)."""
    return _along(ink, length, axis, ndimage.maximum_filter1d, ndimage.minimum_filter1d)


def _along(ink: np.ndarray, length: int, axis: int, first: Callable, then: Callable) -> np.ndarray:
    origin = 0 if length % 2 else -1
    passed = first(ink.view(np.uint8), length, axis, mode="constant", origin=origin)
    return then(passed, length, axis, mode="constant").astype(bool)


def _stretched(contrast: np.ndarray) -> tuple[np.ndarray, float]:
    """Ink in [0, 1], noise as 0 and soft edges between, and the contrast that is 1."""
    if np.ptp(contrast) < _LEAST_CONTRAST:
        raise LabError(NO_FIGURE)
    figure = contrast > _otsu(contrast)
    ground, full = contrast[~figure], np.percentile(contrast[figure], 90)
    middle = np.median(ground)
    low = max(middle + 4 * 1.4826 * np.median(np.abs(ground - middle)), 0)
    if full - low < _LEAST_CONTRAST:
        raise LabError(NO_FIGURE)
    return ((contrast - low) / (full - low)).clip(0, 1), float(full)


def _strokes(ink: np.ndarray) -> np.ndarray:
    """Ink without specks: a stroke fills a third of the nine pixels about it, a speck does not."""
    stroke = ndimage.uniform_filter(ink, 3, mode="constant") > 0.3
    edge = max(2, max(ink.shape) // 20)  # its soft edge is near it
    return ink * ndimage.maximum_filter(stroke, 2 * edge + 1, mode="constant")


def _thickened(ink: np.ndarray) -> np.ndarray:
    """Widen strokes, twice whose area over the perimeter is their width, that are too thin."""
    around = np.pad(ink, 1)
    perimeter = np.hypot(np.diff(around, axis=0)[:, 1:], np.diff(around, axis=1)[1:]).sum()
    least = max(ink.shape) / 12
    reach = max(0, round((least - 2 * ink.sum() / perimeter) / 2))
    return ndimage.maximum_filter(np.pad(ink, reach), 2 * reach + 1, mode="constant")


def _otsu(values: np.ndarray) -> float:
    """The threshold that leaves the least variance on its two sides (Otsu, 1979)."""
    counts, edges = np.histogram(values, 256)
    middle = (edges[:-1] + edges[1:]) / 2
    below, sums = counts.cumsum(), (counts * middle).cumsum()
    above = below[-1] - below
    apart = (sums * above - (sums[-1] - sums) * below) ** 2 / np.maximum(below * above, 1)
    return float(edges[apart.argmax() + 1])
