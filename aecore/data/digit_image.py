"""From a drawing or a photograph of a digit to an image as MNIST's are made.

MNIST's figures are fitted into a box of 20 x 20 pixels and centred by mass in 28 x 28. The last
step, from ink to image, is `from_ink`; `assets/live/images/digit_image.js` has the same one
for drawings in the browser, and a test holds the two equal.
"""

from collections.abc import Callable
from io import BytesIO

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image, ImageOps

from aecore.errors import LabError

MOST_BYTES = 1_000_000
MOST_PIXELS = 25_000_000
LEAST_SIDE = 8  # pixels; less holds no digit

_SIDE, _BOX, _CENTRE = 28, 20, 14  # MNIST's: the centre of mass is nearest to pixel 14
_LEAST_CONTRAST = 0.06  # of the figure against its background, whose light is 1
_WORK = 400  # longest side while a photograph is cleaned; a digit in it is still larger than 28
_NO_FIGURE = "There is no figure in this image. Show one digit that stands out from its background."
_OTHER_FORMAT = "This file is no PNG or JPEG image. Save the picture as PNG or JPEG and try again."
_DAMAGED = "This image is damaged or cut short. Save it again as PNG or JPEG and try once more."


def from_upload(content: bytes) -> np.ndarray:
    """Prepare an uploaded PNG or JPEG file of a digit.

    The size of the picture is read and bounded before any pixel is decoded. A photograph is
    turned as its EXIF tag says; what is transparent shows the background that the figure stands
    out from.

    Arguments:
        content: the bytes of the file, at most 1 MB.

    Returns:
        A white figure on black, uint8 (28, 28).

    Raises:
        LabError: for anything else than a still PNG or JPEG of at most 25 megapixels with a figure.

    Example:
        >>> from_upload(b"seven")
        Traceback (most recent call last):
        ...
        aecore.errors.LabError: This file is no PNG or JPEG image. Save the picture as PNG or ...
    """
    if not content:
        raise LabError("This file is empty. Choose a PNG or JPEG image of a digit.")
    if len(content) > MOST_BYTES:
        raise LabError(
            f"This file has {len(content) / 1e6:.1f} MB where at most 1 MB can be read. "
            "Crop the picture to the digit or save it smaller."
        )
    if not content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        raise LabError(_OTHER_FORMAT)
    # Decoders raise whatever they trip over: OSError, SyntaxError, struct.error and many more.
    try:
        return from_pixels(_decode(content))
    except LabError:
        raise
    except Image.DecompressionBombError:
        raise LabError(_too_many("too many")) from None
    except Exception:
        raise LabError(_DAMAGED) from None


def from_pixels(pixels: np.ndarray) -> np.ndarray:
    """Prepare a picture of a digit, dark on light or light on dark.

    What the rim of the picture shows is background. With g the grey value and b that of the
    background there, found by closing all that is narrower than a third of the picture, the ink is
    (b − g)/b, stretched so that what the background's noise reaches is 0 and the strokes' full
    strength is 1. Strokes thinner than a twelfth of the figure are thickened to that: MNIST's were
    drawn small with a broad pen.

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
    grey = _grey(pixels)
    if _is_light_on_dark(grey):
        grey = 1 - grey
    return from_ink(_thickened(_stretched(_contrast(grey))))


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
        raise LabError(_NO_FIGURE)
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


def _decode(content: bytes) -> np.ndarray:
    with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as image:
        if (count := image.width * image.height) > MOST_PIXELS:
            raise LabError(_too_many(f"{count / 1e6:.0f} million"))
        if image.format == "PNG" and getattr(image, "is_animated", False):
            raise LabError("This picture moves. Save one still image as PNG or JPEG and try again.")
        image.draft("L", (2 * _WORK, 2 * _WORK))  # a JPEG may be decoded at a fraction of its size
        turned = ImageOps.exif_transpose(image)
        if turned.mode.startswith("I"):  # 16 bits
            return (np.asarray(turned, np.float32) / 65535).clip(0, 1)
        if turned.has_transparency_data:
            return _opaque(turned.convert("RGBA"))
        return np.asarray(turned.convert("L"))


def _opaque(image: Image.Image) -> np.ndarray:
    """Put a transparent picture on white where its figure is dark, and on black where light."""
    grey, alpha = (np.asarray(image.convert("LA"), np.float32) / 255).transpose(2, 0, 1)
    light = (grey * alpha).sum() > 0.5 * alpha.sum()
    return grey * alpha + (0 if light else 1) * (1 - alpha)


def _too_many(count: str) -> str:
    return (
        f"This picture has {count} pixels where at most {MOST_PIXELS // 10**6} million can be "
        "read. Crop it to the digit or save it smaller."
    )


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
    grey = _reduced(np.ascontiguousarray(pixels, np.float32), _WORK)
    if min(grey.shape) < LEAST_SIDE:
        height, width = pixels.shape
        raise LabError(
            f"This picture has {width} x {height} pixels, too few for a digit. "
            f"Choose one of at least {LEAST_SIDE} x {LEAST_SIDE}."
        )
    return grey


def _reduced(grey: np.ndarray, most: int) -> np.ndarray:
    """Average squares of pixels so that the longer side has at most `most`."""
    step = -(-max(grey.shape) // most)
    return np.asarray(Image.fromarray(grey).reduce(step)) if grey.size and step > 1 else grey


def _is_light_on_dark(grey: np.ndarray) -> bool:
    """Whether what differs from the rim's light, a plane in x and y, is lighter than it."""
    height, width = grey.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones_like(x), x, y], -1)
    rim = np.ones(grey.shape, bool)
    edge = max(1, min(height, width) // 20)
    rim[edge:-edge, edge:-edge] = False
    light = np.linalg.lstsq(terms[rim], grey[rim])[0]
    return bool(((grey - terms @ light) ** 3).sum() > 0)


def _contrast(grey: np.ndarray) -> np.ndarray:
    """(b − g)/b of a dark figure on a background b that need not be even."""
    small = _reduced(grey, 64)
    reach = max(small.shape) // 6
    around = np.pad(small, 2 * reach, mode="edge")
    closed = _slide(_slide(around, reach, np.max), reach, np.min)
    size = grey.shape[::-1]
    background = np.asarray(Image.fromarray(closed).resize(size, Image.Resampling.BILINEAR))
    return 1 - grey / background.clip(1 / 255)


def _stretched(contrast: np.ndarray) -> np.ndarray:
    """Ink in [0, 1]: the background's noise and specks become 0, strokes 1, edges stay soft."""
    if np.ptp(contrast) < _LEAST_CONTRAST:
        raise LabError(_NO_FIGURE)
    figure = contrast > _otsu(contrast)
    ground, full = contrast[~figure], np.percentile(contrast[figure], 90)
    middle = np.median(ground)
    low = max(middle + 4 * 1.4826 * np.median(np.abs(ground - middle)), 0)
    if full - low < _LEAST_CONTRAST:
        raise LabError(_NO_FIGURE)
    ink = ((contrast - low) / (full - low)).clip(0, 1)
    # A stroke fills a third of the nine pixels about it, a speck does not; its edge is near it.
    stroke = sliding_window_view(np.pad(ink, 1), (3, 3)).mean((-2, -1)) > 0.3
    edge = max(2, max(ink.shape) // 20)
    ink *= _slide(np.pad(stroke, edge), edge, np.max)
    # The box of what is well seen, so that the ripples of JPEG about a figure do not widen it.
    rows, columns = np.nonzero(ink > 0.1)
    if not rows.size:
        raise LabError(_NO_FIGURE)
    return ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def _thickened(ink: np.ndarray) -> np.ndarray:
    """Widen strokes, twice whose area over the perimeter is their width, that are too thin."""
    around = np.pad(ink, 1)
    perimeter = np.hypot(np.diff(around, axis=0)[:, 1:], np.diff(around, axis=1)[1:]).sum()
    least = max(ink.shape) / 12
    reach = max(0, round((least - 2 * ink.sum() / perimeter) / 2))
    return _slide(np.pad(ink, 2 * reach), reach, np.max)


def _slide(array: np.ndarray, reach: int, choose: Callable) -> np.ndarray:
    """Choose (np.max, np.min) from the square about each pixel; `reach` pixels go on each side."""
    for axis in (0, 1):
        array = choose(sliding_window_view(array, 2 * reach + 1, axis), -1)
    return array


def _otsu(values: np.ndarray) -> float:
    """The threshold that leaves the least variance on its two sides (Otsu, 1979)."""
    counts, edges = np.histogram(values, 256)
    middle = (edges[:-1] + edges[1:]) / 2
    below, sums = counts.cumsum(), (counts * middle).cumsum()
    above = below[-1] - below
    apart = (sums * above - (sums[-1] - sums) * below) ** 2 / np.maximum(below * above, 1)
    return float(edges[apart.argmax() + 1])
