"""What spoils an image: Gaussian noise, salt and pepper, masking, occlusion; x becomes x̃.

`corrupt` is for showing: its noise depends on the seed, the image's number and the pixel alone, so
that `assets/live/images/noise.js` makes the same in the browser. `corrupt_batch` is for training:
the same distributions, drawn from torch's generator. Nothing else here needs torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from aecore.errors import LabError

if TYPE_CHECKING:
    import torch

SIDE = 28
PIXELS = SIDE * SIDE


@dataclass(frozen=True)
class Level:
    """How strong a kind of noise can be.

    Attributes:
        title: the kind, as a person reads it.
        symbol: of the level in formulas.
        meaning: what the level is, with its unit.
        high: the largest level; the smallest is 0, which leaves the image as it is.
        default: where a control starts.
        step: of a control; a level of whole pixels has no values in between.
    """

    title: str
    symbol: str
    meaning: str
    high: float
    default: float
    step: float
    low: float = 0.0


LEVELS: dict[str, Level] = {
    "gaussian": Level(
        "Gaussian", "s", "standard deviation, in grey levels of [0, 1]", 1, 0.5, 0.01
    ),
    "salt_and_pepper": Level("Salt and pepper", "p", "share of pixels set", 1, 0.25, 0.01),
    "masking": Level("Masking", "p", "share of pixels set to 0", 1, 0.5, 0.01),
    "occlusion": Level("Occlusion", "b", "side of the block, in pixels", SIDE, 10, 1),
}

# Each use of chance has its own stream of numbers.
RADIUS, ANGLE, HIT, SALT, PLACE = range(5)
GOLDEN = np.uint32(0x9E3779B9)  # so that counters of 0 do not stay 0


def check_level(kind: str, level: float | None = None) -> float:
    """The level of a kind of noise, checked; its default for None.

    Raises:
        LabError: for an unknown kind, or a level outside its range.

    Example:
        >>> check_level("gaussian", 1), check_level("occlusion")
        (1.0, 10.0)
    """
    if not isinstance(kind, str) or kind not in LEVELS:
        raise LabError(f"There is no corruption {kind!r}. Choose one of: {', '.join(LEVELS)}.")
    about = LEVELS[kind]
    if level is None:
        return float(about.default)
    whole = about.step == 1
    number = isinstance(level, (int, float, np.integer, np.floating)) and not isinstance(
        level, bool
    )
    if not number or not about.low <= level <= about.high or (whole and level != int(level)):
        raise LabError(
            f"The level of {kind} noise must be a {'whole ' if whole else ''}number from "
            f"{about.low:g} to {about.high:g}, not {level!r}."
        )
    return float(level)


def corrupt(
    images: ArrayLike,
    kind: str,
    level: float,
    seed: int = 0,
    *,
    index: Sequence[int] | None = None,
) -> np.ndarray:
    """Spoil images: the same seed gives the same noise here, tomorrow and in the browser.

    With a seed fixed, noise grows with its level: Gaussian noise is scaled, and a pixel or block
    that was hit stays hit.

    - ``gaussian``: x̃ᵢ = min(max(xᵢ + s εᵢ, 0), 1), εᵢ ~ N(0, 1).
    - ``salt_and_pepper``: with probability p a pixel becomes 0 or 1, each as likely.
    - ``masking``: with probability p a pixel becomes 0.
    - ``occlusion``: a block of b x b pixels, anywhere in the image, becomes 0.

    Args:
        images: uint8, or floats in [0, 1]: (N, 28, 28), (N, 1, 28, 28), (N, 784), or one (28, 28).
        kind: one of `LEVELS`.
        level: s, p or b; at 0 the images come back as they are.
        seed: of the noise.
        index: the images' numbers, by which their noise differs; 0, 1, ... by default.

    Returns:
        float32 in [0, 1], of the images' shape.

    Raises:
        LabError: for an unknown kind, a level, seed or number outside its range, or images of
            another shape or range.

    Example:
        >>> x = np.ones((200, 28, 28))
        >>> [round(1 - float(corrupt(x, "masking", p, seed=3).mean()), 2) for p in (0, 0.25, 1)]
        [0.0, 0.25, 1.0]
    """
    level = check_level(kind, level)
    images = _pixels(images)
    x = images.reshape(-1, PIXELS)
    given = np.arange(len(x)) if index is None else index
    numbers = _counters(given, "An image's number", 2**32)
    if numbers.shape != (len(x),):
        raise LabError(f"{len(x)} images need as many numbers, not {numbers.size}.")
    key = _counters(seed, "seed", 2**31)

    def bits(stream: int, pixel: ArrayLike = range(PIXELS)) -> np.ndarray:
        return random_bits(key, stream, numbers[:, None], pixel)

    if level == 0:
        return images
    if kind == "gaussian":
        radius = np.sqrt(-2 * np.log((bits(RADIUS) + 1.0) / 2**32))  # Box & Muller
        x = (x + level * radius * np.cos(bits(ANGLE) * (2 * np.pi / 2**32))).clip(0, 1)
    elif kind == "occlusion":
        rows, columns = np.divmod(np.arange(PIXELS), SIDE)
        # Whole numbers throughout: floor(u (29 − b)), which the browser finds as well.
        top, left = (bits(PLACE, (0, 1)).astype(np.uint64) * int(SIDE + 1 - level) >> 32).T
        x = x * ~(_within(rows, top, level) & _within(columns, left, level))
    else:
        hit = bits(HIT) < np.uint64(level * 2**32)  # exact: a product with a power of two
        x = np.where(hit, bits(SALT) >> 31 if kind == "salt_and_pepper" else 0, x)
    return x.astype(np.float32).reshape(images.shape)


def corrupt_batch(
    x: "torch.Tensor", kind: str, level: float, generator: "torch.Generator | None" = None
) -> "torch.Tensor":
    """The same corruption of a batch in training, with noise from torch's generator.

    Args:
        x: float images (B, 1, 28, 28) in [0, 1], on any device.
        kind: one of `LEVELS`.
        level: s, p or b; at 0 this is x itself, and nothing is drawn.
        generator: on the device of x; default: torch's own.

    Raises:
        LabError: for an unknown kind, or a level outside its range.

    Example:
        >>> import torch
        >>> x = torch.ones(500, 1, 28, 28)
        >>> round(float(corrupt_batch(x, "masking", 0.3).mean()), 1)
        0.7
    """
    import torch

    level = check_level(kind, level)
    if level == 0:
        return x
    if kind == "gaussian":
        return (x + level * torch.empty_like(x).normal_(generator=generator)).clamp(0, 1)
    if kind == "occlusion":
        choices = int(SIDE + 1 - level)
        places = torch.randint(choices, (2, len(x), 1), generator=generator, device=x.device)
        line = torch.arange(SIDE, device=x.device)
        rows, columns = (line >= places) & (line < places + level)
        return x.masked_fill((rows[:, :, None] & columns[:, None, :])[:, None], 0)
    chance = torch.empty_like(x).uniform_(generator=generator)
    spoiled = x.masked_fill(chance < level, 0)
    return spoiled.masked_fill(chance < level / 2, 1) if kind == "salt_and_pepper" else spoiled


@np.errstate(over="ignore")
def random_bits(*counters: ArrayLike) -> np.ndarray:
    """A number in [0, 2³²) for every combination of counters, as good as drawn at random.

    h ← m(h ⊕ m(k + c)) over the counters k, where m is a bijection of 32 bits that spreads every
    bit over all others. Whole numbers only, so that every machine finds the same.

    Args:
        *counters: whole numbers in [0, 2³²) or arrays of them, broadcast against each other.

    Returns:
        uint32, of the counters' common shape; (1,) for numbers alone.

    References:
        Salmon, Moraes, Dror & Shaw, Parallel Random Numbers: As Easy as 1, 2, 3, 2011.
        Wellons, Prospecting for Hash Functions, 2018 (the constants of m).

    Example:
        >>> random_bits(0, 0, 0, [0, 1])
        array([...], dtype=uint32)
    """
    h = np.zeros(1, np.uint32)
    for counter in counters:
        h = _scramble(h ^ _scramble(np.atleast_1d(np.asarray(counter, np.uint32)) + GOLDEN))
    return h


def _scramble(h: np.ndarray) -> np.ndarray:
    h = (h ^ (h >> 16)) * np.uint32(0x7FEB352D)
    h = (h ^ (h >> 15)) * np.uint32(0x846CA68B)
    return h ^ (h >> 16)


def _within(line: np.ndarray, start: np.ndarray, length: float) -> np.ndarray:
    """Which of the pixels lie in [start, start + length), for each image."""
    start = start[:, None].astype(int)
    return (line >= start) & (line < start + int(length))


def _pixels(images: ArrayLike) -> np.ndarray:
    """A copy as float32 in [0, 1]."""
    try:
        images = np.array(images)
    except ValueError:  # rows of unequal length
        raise LabError("Images must be one array.") from None
    shape = images.shape
    if shape != (SIDE, SIDE) and shape[1:] not in ((SIDE, SIDE), (1, SIDE, SIDE), (PIXELS,)):
        raise LabError(
            "Images must have the shape (N, 784), (N, 28, 28), (N, 1, 28, 28) or (28, 28), "
            f"not {shape}."
        )
    if images.dtype == np.uint8:
        return images.astype(np.float32) / np.float32(255)
    if images.dtype.kind != "f" or not ((images >= 0) & (images <= 1)).all():
        raise LabError("Images must be uint8 (0 to 255), or finite floats in [0, 1].")
    return images.astype(np.float32)


def _counters(values: ArrayLike, what: str, end: int) -> np.ndarray:
    values = np.asarray(values)
    if values.dtype.kind not in "iu" or not ((values >= 0) & (values < end)).all():
        raise LabError(f"{what} must be a whole number from 0 to {end - 1}.")
    return values
