"""From the bytes of a PNG or JPEG file to a small grey picture, with bounded memory.

What a file costs is known before its pixels are decoded: width times height in the file's own
mode, and the coefficients of a progressive JPEG. The picture is then averaged strip by strip, so
that no second copy of its size is made.
"""

from io import BytesIO

import numpy as np
from PIL import Image

from aecore.errors import LabError

MOST_BYTES = 16_000_000
MOST_JPEG, MOST_PNG = 50_000_000, 20_000_000  # pixels; a JPEG can be decoded at a fraction
NO_FIGURE = "There is no figure in this image. Show one digit that stands out from its background."
LEAST_SIDE = 8  # pixels; less holds no digit
LONGEST = 400  # side of the picture that is given; a digit in it is still larger than 28

_MOST_WORK = 80_000_000  # bytes that the decoder may take
_STRIP = 250_000  # pixels that are averaged at a time
_OTHER_FORMAT = "This file is no PNG or JPEG image. Save the picture as PNG or JPEG and try again."
_DAMAGED = "This image is damaged or cut short. Save it again as PNG or JPEG and try once more."
_SMALLER = "Crop it to the digit or save it smaller."
_LEAST_RANGE = 0.06  # of the grey values of a picture that can be read
_TURNS = {  # what undoes EXIF's orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_grey(content: bytes) -> np.ndarray:
    """Read a still PNG or JPEG file as a small grey picture, turned as its EXIF tag says.

    What is transparent takes the light beside it where an opaque sheet shows a figure; where the
    figure itself is what is opaque, it is white behind a dark figure and black behind a light one.

    Arguments:
        content: the bytes of the file, at most 16 MB.

    Returns:
        Grey values in [0, 1], float32 (H, W), whose longer side has at most 400 pixels.

    Raises:
        LabError: for other files, and for pictures that are damaged, too large or too small.

    Example:
        >>> file = BytesIO()
        >>> Image.new("L", (900, 600), 51).save(file, "PNG")
        >>> grey = read_grey(file.getvalue())
        >>> grey.shape, round(float(grey.mean()), 3)
        ((200, 300), 0.2)
    """
    if not content:
        raise LabError("This file is empty. Choose a PNG or JPEG image of a digit.")
    if len(content) > MOST_BYTES:
        raise LabError(
            f"This file has {len(content) / 1e6:.1f} MB where at most {MOST_BYTES // 10**6} MB can "
            "be read. Crop the picture to the digit or save it smaller."
        )
    if not content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        raise LabError(_OTHER_FORMAT)
    # Decoders raise whatever they trip over: OSError, SyntaxError, struct.error and many more.
    try:
        return _decode(content)
    except LabError:
        raise
    except Image.DecompressionBombError:
        raise LabError(f"This picture has too many pixels. {_SMALLER}") from None
    except Exception:
        raise LabError(_DAMAGED) from None


def check_side(width: int, height: int) -> None:
    """Refuse a picture that is too small, or that is once its longer side has 400 pixels."""
    if min(width, height) < LEAST_SIDE:
        raise LabError(
            f"This picture has {width} x {height} pixels, too few for a digit. "
            f"Choose one of at least {LEAST_SIDE} x {LEAST_SIDE}."
        )
    if min(width, height) // _step(width, height) < LEAST_SIDE:
        raise LabError(
            f"This picture has {width} x {height} pixels, too narrow for a digit. "
            "Crop it to the digit and try again."
        )


def reduced(pixels: np.ndarray) -> np.ndarray:
    """Average squares of pixels of (H, W) so that the longer side has at most 400."""
    return _averaged(pixels, _step(pixels.shape[1], pixels.shape[0]))


def _decode(content: bytes) -> np.ndarray:
    with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as image:
        _check_size(image)
        width, height = image.size
        step = _step(width, height)
        rows = step * max(1, _STRIP // (width * step))
        strips = []
        for top in range(0, height, rows):
            strip = image.crop((0, top, width, min(top + rows, height)))
            strips.append([_averaged(layer, step) for layer in _layers(strip)])
        shown, alpha = (np.concatenate(layers) for layers in zip(*strips, strict=True))
        grey = shown if alpha.min() == 1 else _opaque(shown, alpha)
        if content[24:26] in (b"\x10\x02", b"\x10\x06") and np.ptp(grey) < _LEAST_RANGE:
            raise LabError(  # only the upper 8 of the 16 bits of a colour are read
                "This picture has 16 bits for each colour and uses hardly any of them. "
                "Save it as JPEG, or as PNG with 8 bits, and try again."
            )
        turn = _TURNS.get(image.getexif().get(0x0112, 1))
    return grey if turn is None else np.asarray(Image.fromarray(grey).transpose(turn))


def _check_size(image: Image.Image) -> None:
    """Refuse what takes too much to decode; ask a JPEG's decoder for a fraction of its size."""
    width, height = image.size
    most = MOST_PNG if image.format == "PNG" else MOST_JPEG
    if (count := width * height) > most:
        raise LabError(
            f"This picture has {count / 1e6:.0f} million pixels where a {image.format} may have "
            f"at most {most // 10**6} million. {_SMALLER}"
        )
    check_side(width, height)
    if image.format == "PNG" and getattr(image, "is_animated", False):
        raise LabError("This picture moves. Save one still image as PNG or JPEG and try again.")
    coefficients = 2 * count * len(image.getbands()) if image.info.get("progressive") else 0
    image.draft("L", (2 * LONGEST, 2 * LONGEST))
    plain = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}
    work = image.width * image.height * plain.get(image.mode, 4) + coefficients
    if work > _MOST_WORK:
        raise LabError(f"This picture takes too much memory to be read. {_SMALLER}")


def _layers(strip: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    """Grey values times opacity, and opacity, float32 in [0, 1]."""
    if strip.mode.startswith("I"):  # 16 bits
        grey = (np.asarray(strip, np.float32) / 65535).clip(0, 1)
    elif strip.has_transparency_data:
        layers = np.asarray(strip.convert("RGBA").convert("LA"), np.float32) / 255
        return layers[..., 0] * layers[..., 1], layers[..., 1]
    else:
        grey = np.asarray(strip.convert("L"), np.float32) / 255
    return grey, np.ones_like(grey)


def _opaque(shown: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Put grey values times opacity on the background that the figure stands out from."""
    solid = alpha > 0.9
    grey = np.where(solid, shown / alpha.clip(0.5), 0)
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    box = solid[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if rows.size else solid
    if box.mean() > 0.6 and np.ptp(np.percentile(grey[solid], [1, 99])) > _LEAST_RANGE:
        around = np.pad(solid, 1)
        inner = around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
        return np.where(solid, grey, np.median(grey[solid & ~inner])).astype(np.float32)
    light = shown.sum() > 0.5 * alpha.sum()
    return shown + (0 if light else 1) * (1 - alpha)


def _step(width: int, height: int) -> int:
    return max(1, -(-max(width, height) // LONGEST))


def _averaged(pixels: np.ndarray, step: int) -> np.ndarray:
    """Means over squares of `step` pixels a side; those at the right and bottom may be cut."""
    for axis in (0, 1):
        starts = np.arange(0, pixels.shape[axis], step)
        counts = np.diff(np.append(starts, pixels.shape[axis]))
        sums = np.add.reduceat(pixels, starts, axis)
        pixels = sums / np.expand_dims(counts.astype(np.float32), 1 - axis)
    return pixels
