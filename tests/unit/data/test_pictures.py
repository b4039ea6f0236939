"""Pictures of a seven in any scene, by any pen and in any ink: the seven, or one sentence."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from aecore.data.digit_image import from_upload
from aecore.data.figure import is_possible
from aecore.errors import LabError

SIDE = 320

PENS = {"fine": 4, "medium": 14, "broad": 30}  # pixels of the side
INKS = {  # the grey of the figure and of its paper
    "black on white": (0.05, 1.0),
    "pencil": (0.75, 0.95),
    "chalk": (0.95, 0.12),
    "light pencil on dark": (0.42, 0.25),
}


def seven(pen: int) -> np.ndarray:
    return strokes([(0.3, 0.25), (0.68, 0.25), (0.45, 0.78)], pen)


def strokes(corners: list[tuple[float, float]], pen: int) -> np.ndarray:
    """Coverage by strokes between corners, (SIDE, SIDE) in [0, 1]."""
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    away = np.full((SIDE, SIDE), np.inf)
    for a, b in itertools.pairwise(np.array(corners) * SIDE):
        along = ((x - a[0]) * (b - a)[0] + (y - a[1]) * (b - a)[1]) / ((b - a) ** 2).sum()
        along = along.clip(0, 1)
        away = np.minimum(
            away, np.hypot(x - a[0] - along * (b - a)[0], y - a[1] - along * (b - a)[1])
        )
    return (pen / 2 + 0.5 - away).clip(0, 1)


Y, X = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
OUTER = np.maximum(abs(X), abs(Y))


def _lines(every, wide=1):
    step = np.arange(SIDE) % every < wide
    return step[:, None] | step[None, :]


def _noisy(picture, by):
    return picture + np.random.default_rng(0).normal(0, by, picture.shape)


LIGHTS = {
    "even light": lambda picture: picture,
    "a lamp in the middle": lambda p: p * (1 - 0.15 * (X**2 + Y**2)),
    "a lamp beside it": lambda p: p * (1 - 0.25 * np.hypot(X + 1, Y) / 2),
    "a dark middle": lambda p: p * (0.85 + 0.1 * (X**2 + Y**2)),
    "the shadow of a hand": lambda p: p * np.interp(X + 0.4 * Y, [0.1, 0.5], [1, 0.7]),
    "noise": lambda p: _noisy(p, 0.02),
}
RIMS = {  # what is drawn about the figure, in a grey that stands out from the paper or hardly
    "frame of a pixel": (OUTER > 1 - 2 / SIDE, 1),
    "frame of six pixels": (OUTER > 1 - 12 / SIDE, 1),
    "box": ((OUTER > 0.9) & (OUTER < 0.93), 1),
    "desk all around": (OUTER > 0.88, 0.8),
    "wide desk": (OUTER > 0.75, 0.6),
    "desk on one side": (X > 0.8, 0.8),
    "sheet askew on a desk": (np.maximum(abs(X + 0.1 * Y), abs(Y - 0.1 * X)) > 0.85, 0.8),
    "margin line": (abs(X + 0.75) < 0.008, 0.5),
    "squared paper": (_lines(32), 0.25),
    "ruled paper": ((np.arange(9, SIDE + 9) % 36 < 2)[:, None] | np.zeros((1, SIDE), bool), 0.3),
    "rounded corners": (np.hypot((abs(X) - 0.8).clip(0), (abs(Y) - 0.8).clip(0)) > 0.2, 1),
    "a finger in the corner": (np.hypot(X - 1, Y - 1) < 0.35, 0.6),
}


def drawn(pen: str, ink: str, light: str = "even light", rim: str | None = None) -> np.ndarray:
    """Grey values, (SIDE, SIDE) in [0, 1]."""
    figure, paper = INKS[ink]
    picture = np.full((SIDE, SIDE), paper)
    if rim:
        where, strength = RIMS[rim]
        far = 0.0 if paper > 0.5 else 1.0
        picture = np.where(where, paper + strength * (far - paper), paper)
    cover = seven(PENS[pen])
    picture = picture * (1 - cover) + figure * cover
    return LIGHTS[light](picture).clip(0, 1)


def saved(grey: np.ndarray, kind: str = "PNG", alpha: np.ndarray | None = None) -> bytes:
    """The bytes of a file."""
    image = Image.fromarray(np.uint8(255 * grey + 0.5))
    if alpha is not None:
        image = Image.merge("LA", [image, Image.fromarray(np.uint8(255 * alpha + 0.5))])
    file = io.BytesIO()
    image.save(file, kind, quality=90)
    return file.getvalue()


HARD = {"noise", "squared paper", "ruled paper"}  # a faint figure may be refused there
SCENES = [*itertools.product(LIGHTS, [None]), *itertools.product(["even light"], RIMS)]


def apart(one, other):
    """The mean difference in grey values, at the best shift by a pixel."""
    shifts = itertools.product((-1, 0, 1), repeat=2)
    return min(np.abs(np.roll(one, by, (0, 1)).astype(int) - other).mean() for by in shifts)


@pytest.fixture(scope="module")
def plain():
    """What comes of each pen in black on white, in even light."""
    return {pen: from_upload(saved(drawn(pen, "black on white"))) for pen in PENS}


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize(("light", "rim"), SCENES, ids=lambda name: name or "no rim")
def test_a_seven_in_a_scene(plain, light, rim, kind):
    """Half of the pens and inks in one format, the others in the other."""
    for k, (pen, ink) in enumerate(itertools.product(PENS, INKS)):
        if (k + k // 4) % 2 == (kind == "JPEG"):
            continue
        try:
            found = from_upload(saved(drawn(pen, ink, light, rim), kind))
        except LabError:
            assert {light, rim} & HARD, (pen, ink)
        else:
            assert apart(found, plain[pen]) < (16 if {light, rim} & HARD else 9), (pen, ink)


@pytest.mark.parametrize("ink", ["black on white", "pencil", "chalk"])
@pytest.mark.parametrize("pen", PENS)
def test_a_transparent_rim_is_background(plain, pen, ink):
    outer = np.maximum(abs(X), abs(Y))
    shadow = (1 - (outer - 0.85).clip(0) / 0.15) * 0.6
    black = np.where(outer > 0.85, 0, drawn(pen, ink))
    for picture, alpha in [
        (drawn(pen, ink), 1.0 * (outer < 1 - 2 / SIDE)),
        (drawn(pen, ink), 1.0 * (np.hypot(*((abs(v) - 0.8).clip(0) for v in (X, Y))) < 0.2)),
        (black, np.where(outer > 0.85, shadow, 1)),  # a window and its shadow
    ]:
        assert apart(from_upload(saved(picture, alpha=alpha)), plain[pen]) < 9


NO_DIGITS = {
    "a frame": (np.maximum(abs(X), abs(Y)) < 0.7) & (np.maximum(abs(X), abs(Y)) > 0.6),
    "a carpet": (np.arange(SIDE) // 10 % 2)[:, None] ^ (np.arange(SIDE) // 10 % 2)[None],
    "dots": (np.arange(SIDE) // 16 % 2)[:, None] & (np.arange(SIDE) // 16 % 2)[None],
}
SOLID = {  # that reach so far
    "square": lambda reach: reach > OUTER,
    "disc": lambda reach: np.hypot(X, Y) < reach,
    "ellipse": lambda reach: np.hypot(X, 1.5 * Y) < reach,
    "triangle": lambda reach: (abs(Y) < reach) & (2 * abs(X) < reach + Y),
    "diamond": lambda reach: abs(X) + abs(Y) < reach,
    "half a disc": lambda reach: (np.hypot(X, Y) < reach) & (X > 0),
}
REACHES = (0.15, 0.3, 0.5, 0.7, 0.9)  # of which the broader ones are slow light but for an outline


@pytest.mark.parametrize("name", NO_DIGITS)
@pytest.mark.parametrize("light", [False, True])
def test_what_cannot_be_a_digit_is_refused(name, light):
    picture = np.where(NO_DIGITS[name].astype(bool) ^ light, 0.1, 0.9)
    with pytest.raises(LabError, match="Show one digit"):
        from_upload(saved(picture))


@pytest.mark.parametrize("name", SOLID)
@pytest.mark.parametrize("light", [False, True])
def test_what_is_solid_is_refused_at_each_size(name, light):
    for reach in REACHES:
        picture = np.where(SOLID[name](reach) ^ light, 0.1, 0.9)
        with pytest.raises(LabError):
            from_upload(saved(picture))


@pytest.mark.parametrize("lean", [0, 0.12])
@pytest.mark.parametrize(("top", "bottom"), [(0.25, 0.78), (0.1, 0.9), (0.05, 0.95)])
def test_a_bar_is_no_line_of_the_paper(top, bottom, lean):
    """A thin 1 of any length, leaning or upright, on ruled paper."""
    for pen, every, strength in [(3, 20, 0.15), (6, 36, 0.3), (14, 60, 0.3)]:
        cover = strokes([(0.5 + lean / 2, top), (0.5 - lean / 2, bottom)], pen)
        ruled = (np.arange(9, SIDE + 9) % every < 2)[:, None] * np.full((1, SIDE), strength)
        plain = from_upload(saved(1 - 0.95 * cover))
        found = from_upload(saved((1 - ruled) * (1 - cover) + 0.05 * cover))
        assert apart(found, plain) < 12, (pen, every)


def test_every_digit_of_mnist_is_possible(mnist):
    found = [is_possible(image) for image in mnist.test.images[:2000]]
    assert np.mean(found) > 0.998
