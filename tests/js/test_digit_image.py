"""The browser's preparation of a drawing against Python's."""

import base64
from itertools import pairwise

import numpy as np
import pytest

from aecore.data.digit_image import from_ink
from aecore.errors import LabError


@pytest.fixture(scope="module")
def prepared(evaluate):
    """What the browser makes of ink (H, W): grey values (28, 28), or None."""

    def run(ink):
        content = base64.b64encode(np.asarray(ink, "<f4").tobytes()).decode()
        found = evaluate(
            """(({ content, width, height }) => {
                const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
                return digit_image.prepare(new Float32Array(bytes.buffer), width, height);
            })(x)""",
            {"content": content, "width": ink.shape[1], "height": ink.shape[0]},
            digit_image="images/digit_image.js",
        )
        return found and np.array(found).reshape(28, 28)

    return run


def drawing(seed, height=280, width=280):
    """Soft strokes of a round pen between random points, float32."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    points = rng.uniform(0.1, 0.9, (5, 2)) * (width, height)
    distance = np.full((height, width), np.inf)
    for a, b in pairwise(points):
        for t in np.linspace(0, 1, 60):
            px, py = (1 - t) * a + t * b
            distance = np.minimum(distance, np.hypot(x - px, y - py))
    return np.clip(rng.uniform(3, 14) + 0.5 - distance, 0, 1).astype("f4")


@pytest.mark.parametrize("size", [(280, 280), (200, 310), (57, 33), (12, 12)])
@pytest.mark.parametrize("seed", range(4))
def test_drawings_are_prepared_as_in_python(prepared, seed, size):
    ink = drawing(seed, *size)
    expected = from_ink(ink)
    assert np.abs(prepared(ink) - expected.astype(int)).max() <= 1
    assert expected.max() == 255


def test_digits_are_prepared_as_in_python(prepared, digits):
    for image in digits.test.images[:20]:
        ink = (image / 255).astype("f4")
        assert np.abs(prepared(ink) - from_ink(ink).astype(int)).max() <= 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (40, 20), (20, 40), (33, 7), (280, 280)])
def test_blocks_whose_centre_lies_between_two_pixels(prepared, shape):
    sheet = np.zeros((280, 280), "f4")
    sheet[: shape[0], 280 - shape[1] :] = 0.3
    assert np.abs(prepared(sheet) - from_ink(sheet).astype(int)).max() <= 1


def test_no_ink_is_no_image(prepared):
    for ink in (np.zeros((280, 280), "f4"), np.full((9, 9), 0.001, "f4")):
        assert prepared(ink) is None
        with pytest.raises(LabError, match="no figure"):
            from_ink(ink)
