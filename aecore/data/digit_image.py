"""From a drawing or a photograph of a digit to an image as MNIST's are made.

MNIST's figures are fitted into a box of 20 x 20 pixels and centred by mass in 28 x 28. The last
step, from ink to image, is `from_ink`; `assets/live/images/digit_image.js` has the same one
for drawings in the browser, and a test holds the two equal.
"""

import numpy as np

from aecore.data.picture_file import NO_FIGURE, check_side, read_grey, reduced
from aecore.errors import LabError

_SIDE, _BOX, _CENTRE = 28, 20, 14  # MNIST's: the centre of mass is nearest to pixel 14
_UNCLEAR = (
    "No digit can be told from its background in this image. "
    "Show one digit on plain paper, without a frame or lines, and try again."
)


def from_upload(content: bytes) -> np.ndarray:
    """Prepare an uploaded PNG or JPEG file of a digit.

    The size of the picture is read and bounded before any pixel is decoded; `picture_file` has
    the limits.

    Arguments:
        content: the bytes of the file.

    Returns:
        A white figure on black, uint8 (28, 28).

    Raises:
        LabError: for anything else than a still PNG or JPEG within the limits with a figure.

    Example:
        >>> from_upload(b"seven")
        Traceback (most recent call last):
        ...
        aecore.errors.LabError: This file is no PNG or JPEG image. Save the picture as PNG or ...
    """
    return _prepared(read_grey(content))


def from_pixels(pixels: np.ndarray) -> np.ndarray:
    """Prepare a picture of a digit, dark on light or light on dark.

    `figures` finds what may be the figure; the first that is possible is taken.

    Arguments:
        pixels: grey (H, W) or RGB (H, W, 3), uint8 or floats in [0, 1].

    Returns:
        A white figure on black, uint8 (28, 28).

    Raises:
        LabError: for other arrays and for a picture without a figure.

    Example:
        >>> paper = np.full((60, 60), 230, np.uint8)
        >>> paper[10:50, 28:33] = 40
        >>> from_pixels(paper)[:, 14].tolist() == [0] * 5 + [255] * 20 + [0] * 3
        True
    """
    return _prepared(_grey(pixels))


def from_ink(ink: np.ndarray) -> np.ndarray:
    """Fit ink on a blank sheet into 20 x 20 pixels and centre it by mass in 28 x 28.

    The sheet is cropped to its ink and scaled by s = 20 / its longer side. Each of its pixels is
    then a square of side s, and a pixel of the image takes the ink that lies in it. The strongest
    becomes white, and whole pixels of shift bring the centre of mass nearest to pixel 14.

    Arguments:
        ink: float (H, W), from 0 (none) to 1.

    Returns:
        uint8 (28, 28).

    Raises:
        LabError: where there is no ink.

    Example:
        >>> sheet = np.zeros((280, 280))
        >>> sheet[100:200, 50:70] = 1
        >>> from_ink(sheet)[:, 14].tolist() == [0] * 5 + [255] * 20 + [0] * 3
        True
    """
    ink = np.asarray(ink, np.float64)
    seen = ink > 1 / 510
    if not seen.any():
        raise LabError(NO_FIGURE)
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    figure = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = _BOX / max(figure.shape)
    down, across = (_cover(side, scale) for side in figure.shape)
    small = down @ figure @ across.T
    small /= small.max()
    image = np.zeros((_SIDE, _SIDE), np.uint8)
    top, left = (_start(small.sum(axis)) for axis in (1, 0))
    place = image[top : top + small.shape[0], left : left + small.shape[1]]
    place[:] = np.floor(255 * small + 0.5 + 1e-9)  # so that a tie is one in JavaScript too
    return image


def _cover(side: int, scale: float) -> np.ndarray:
    """How much of each new pixel each of `side` old ones covers, when these are `scale` wide."""
    new = np.arange(np.ceil(side * scale - 1e-9))[:, None]
    low, high = np.arange(side) * scale, np.arange(1, side + 1) * scale
    return (np.minimum(new + 1, high) - np.maximum(new, low)).clip(0)


def _start(mass: np.ndarray) -> int:
    """Where to put a row of masses so that its centre is nearest to the middle."""
    centre = mass @ np.arange(len(mass)) / mass.sum()
    return int(np.clip(np.floor(_CENTRE - centre + 0.5 + 1e-6), 0, _SIDE - len(mass)))


def _prepared(grey: np.ndarray) -> np.ndarray:
    from aecore.data.figure import figures, is_possible  # and SciPy, once a picture comes

    refusal = NO_FIGURE
    for ink in figures(grey):
        image = from_ink(ink)
        if is_possible(image):
            return image
        refusal = _UNCLEAR
    raise LabError(refusal)


def _grey(pixels: np.ndarray) -> np.ndarray:
    """Grey values, float32 (H, W) in [0, 1]."""
    pixels = np.asarray(pixels)
    if pixels.dtype == np.uint8:
        pixels = pixels / np.float32(255)
    right = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 3)
    if not right or pixels.dtype.kind != "f" or not np.all((pixels >= 0) & (pixels <= 1)):
        raise LabError("A picture must be (H, W) or (H, W, 3), uint8 or floats in [0, 1].")
    if pixels.ndim == 3:
        pixels = pixels @ np.array([0.299, 0.587, 0.114])
    if pixels.size == 0:
        raise LabError("This picture has too few pixels for a digit.")
    check_side(pixels.shape[1], pixels.shape[0])
    return reduced(np.ascontiguousarray(pixels, np.float32))
