from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest
import torch

from aecore.data.noise import LEVELS, check_level, corrupt, corrupt_batch, random_bits
from aecore.errors import LabError

COUNT = 500
PIXELS = COUNT * 784
SOME = {"gaussian": 0.1, "salt_and_pepper": 0.3, "masking": 0.3, "occlusion": 9}


def shown(images, kind, level, seed=1):
    return corrupt(images, kind, level, seed)


def trained(images, kind, level, seed=1):
    generator = torch.Generator().manual_seed(seed)
    x = torch.as_tensor(images, dtype=torch.float32)[:, None]
    return corrupt_batch(x, kind, level, generator)[:, 0].numpy()


@pytest.fixture(params=[shown, trained], ids=lambda spoil: spoil.__name__)
def spoil(request):
    """Both makers of noise: they draw from the same distributions."""
    return request.param


def plain(value):
    """Images of one grey level."""
    return np.full((COUNT, 28, 28), value, np.float32)


def near(value, share=None, *, std=None):
    """A mean over all pixels, to within five standard errors: of a share, or of a std."""
    std = np.sqrt(value * (1 - value)) if std is None else std
    return pytest.approx(value, abs=5 * std / np.sqrt(PIXELS))


# What each kind does


@pytest.mark.parametrize("s", [0.02, 0.1])
def test_gaussian_noise_has_the_normal_moments(spoil, s):
    noise = (spoil(plain(0.5), "gaussian", s).astype(float) - 0.5) / s
    assert noise.mean() == near(0, std=1)
    assert (noise**2).mean() == near(1, std=np.sqrt(2))
    assert (noise**3).mean() == near(0, std=np.sqrt(15))
    assert (noise**4).mean() == near(3, std=np.sqrt(96))
    for z in (-2.5, -1, 0, 0.5, 2):
        assert (noise < z).mean() == near(NormalDist().cdf(z))


def test_gaussian_noise_is_clipped_at_black_and_white(spoil):
    seen = spoil(plain(0.3), "gaussian", 0.5)
    assert (seen == 0).mean() == near(NormalDist().cdf(-0.3 / 0.5))
    assert (seen == 1).mean() == near(NormalDist().cdf(-0.7 / 0.5))
    assert seen.min() == 0
    assert seen.max() == 1


@pytest.mark.parametrize("p", [0.05, 0.5, 0.9])
def test_salt_and_pepper_are_as_likely(spoil, p):
    seen = spoil(plain(0.5), "salt_and_pepper", p)
    assert set(np.unique(seen)) == {0, 0.5, 1}
    assert (seen == 0).mean() == near(p / 2)
    assert (seen == 1).mean() == near(p / 2)


@pytest.mark.parametrize("p", [0.05, 0.5, 0.9])
def test_masking_takes_pixels_away(spoil, p):
    seen = spoil(plain(0.7), "masking", p)
    assert set(np.unique(seen)) == {0, np.float32(0.7)}
    assert (seen == 0).mean() == near(p)


@pytest.mark.parametrize("side", [1, 9, 27])
def test_occlusion_is_one_block_anywhere(spoil, side):
    gone = spoil(plain(0.7), "occlusion", side) == 0
    assert (gone.sum((1, 2)) == side**2).all()
    for lines in (gone.any(1), gone.any(2)):  # rows, then columns
        assert (lines.sum(1) == side).all()
        first = lines.argmax(1)
        assert (first + side - 1 == 27 - lines[:, ::-1].argmax(1)).all()  # without holes
        places = 29 - side
        assert set(first) <= set(range(places))
        std = np.sqrt((places**2 - 1) / 12)
        assert first.mean() == pytest.approx((places - 1) / 2, abs=5 * std / np.sqrt(COUNT))
        assert np.ptp(first) >= 0.9 * (places - 1)


@pytest.mark.parametrize("kind", ["salt_and_pepper", "masking", "occlusion"])
def test_the_largest_level_leaves_nothing(spoil, kind):
    seen = spoil(plain(0.5), kind, LEVELS[kind].high)
    assert not (seen == 0.5).any()
    assert (seen == 0).all() or kind == "salt_and_pepper"


@pytest.mark.parametrize("kind", LEVELS)
def test_no_noise_is_the_image_exactly(spoil, kind, digits):
    images = digits.test.images[:COUNT] / np.float32(255)
    assert np.array_equal(spoil(images, kind, 0), images)
    before = np.array(images)
    spoil(images, kind, SOME[kind])
    assert np.array_equal(images, before)  # what is given is left alone


@pytest.mark.parametrize("kind", LEVELS)
def test_noise_has_no_pattern(spoil, kind):
    """Neighbours, images and seeds are uncorrelated (a block, of course, is one in itself)."""
    noise = spoil(plain(0.5), kind, SOME[kind])
    again = spoil(plain(0.5), kind, SOME[kind], seed=2)
    pairs = [(noise, again), (noise[1:], noise[:-1]), (noise[100:], noise[:-100])]
    bound = 5 / np.sqrt(PIXELS)
    if kind == "occlusion":  # 81 pixels of one block share one chance
        noise, again = (n == 0 for n in (noise, again))
        top, left = noise.any(2).argmax(1), noise.any(1).argmax(1)
        pairs = [(top, left), (top[1:], top[:-1]), (top, again.any(2).argmax(1))]
        bound = 5 / np.sqrt(COUNT)
    else:
        pairs += [(noise[:, 1:], noise[:, :-1]), (noise[:, :, 1:], noise[:, :, :-1])]
        pairs += [(noise[:, 1:, 1:], noise[:, :-1, :-1]), (noise[:, :, 2:], noise[:, :, :-2])]
    for one, other in pairs:
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < bound


def test_every_pixel_is_hit_as_often(spoil):
    hits = (spoil(plain(1), "masking", 0.5) == 0).sum(0)
    spread = (hits - COUNT / 2) / np.sqrt(COUNT / 4)
    assert np.abs(spread).max() < 5
    assert spread.std() == pytest.approx(1, abs=0.15)


# The same noise for the same seed


@pytest.mark.parametrize("kind", LEVELS)
def test_a_seed_fixes_the_noise(spoil, kind):
    one, again, other = (spoil(plain(0.5), kind, SOME[kind], seed) for seed in (4, 4, 5))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert len(np.unique(one.reshape(COUNT, -1), axis=0)) > 0.5 * COUNT  # images differ too


@pytest.mark.parametrize("kind", LEVELS)
def test_noise_belongs_to_the_images_number(kind):
    images = plain(0.5)
    whole = corrupt(images, kind, SOME[kind], 3)
    assert np.array_equal(
        corrupt(images[:3], kind, SOME[kind], 3, index=[7, 499, 0]), whole[[7, 499, 0]]
    )
    assert np.array_equal(corrupt(images[0], kind, SOME[kind], 3), whole[0])
    for shape in [(COUNT, 784), (COUNT, 1, 28, 28)]:
        seen = corrupt(images.reshape(shape), kind, SOME[kind], 3)
        assert seen.shape == shape
        assert seen.dtype == np.float32
        assert np.array_equal(seen.reshape(whole.shape), whole)
    grey = np.full((2, 28, 28), 51, np.uint8)
    assert np.array_equal(
        corrupt(grey, kind, SOME[kind]), corrupt(grey / np.float32(255), kind, SOME[kind])
    )
    assert corrupt(images[:0], kind, SOME[kind]).shape == (0, 28, 28)


@pytest.mark.parametrize("kind", LEVELS)
def test_noise_grows_with_its_level(kind):
    """So that a level can be dragged: what was spoiled stays so, and more."""
    high = LEVELS[kind].high
    levels = range(29) if kind == "occlusion" else np.linspace(0, high, 29)
    changes = [np.abs(corrupt(plain(0.5)[:20], kind, level, 1) - 0.5) for level in levels]
    for less, more in pairwise(changes):
        assert (less <= more).all()
        assert less.sum() < more.sum()


def test_training_draws_nothing_at_level_0():
    generator = torch.Generator().manual_seed(0)
    state, x = generator.get_state(), torch.rand(2, 1, 28, 28)
    for kind in LEVELS:
        assert corrupt_batch(x, kind, 0, generator) is x
    assert torch.equal(generator.get_state(), state)


def test_the_numbers_are_these():
    """Whoever changes them changes every shared link; `tests/live` holds the browser to them."""
    assert random_bits(0, 0, 0, [0, 1]).tolist() == [407902920, 1600198682]
    assert random_bits([2**31 - 1], 4, 2**32 - 1, 783).tolist() == [2866505017]


def test_every_bit_is_as_good_as_any():
    numbers = random_bits(0, range(4), np.arange(250)[:, None, None], np.arange(784)[:, None])
    flat = numbers.reshape(-1)
    assert len(np.unique(flat)) > 0.9998 * flat.size  # about n²/2³³ collisions are due
    bits = np.unpackbits(flat.view(np.uint8)).reshape(-1, 32).astype(np.float32)
    bound = 5 / np.sqrt(flat.size)
    assert np.abs(bits.mean(0) - 0.5).max() < bound / 2
    assert np.abs(np.corrcoef(bits.T) - np.eye(32)).max() < bound
    for axis in range(3):  # a counter's next value is a new draw
        one, next_one = np.moveaxis(numbers, axis, 0)[1:], np.moveaxis(numbers, axis, 0)[:-1]
        assert abs(np.corrcoef(one.ravel(), next_one.ravel())[0, 1]) < bound * 1.2


# Levels, and what is refused


def test_levels_are_plain_and_whole():
    for kind, about in LEVELS.items():
        assert about.low == 0 < about.default < about.high
        assert about.default % about.step == pytest.approx(0, abs=1e-9) or about.step < 1
        assert check_level(kind) == check_level(kind, about.default) == about.default
        assert all((about.title, about.symbol, about.meaning))


@pytest.mark.parametrize(
    ("kind", "level", "words"),
    [
        ("fog", 0.5, "no corruption 'fog'. Choose one of: gaussian, salt_and_pepper, masking"),
        (None, 0.5, "no corruption None"),
        (["masking"], 0.5, "no corruption"),
        ("gaussian", -0.01, "number from 0 to 1, not -0.01"),
        ("gaussian", 1.01, "number from 0 to 1"),
        ("masking", float("nan"), "number from 0 to 1"),
        ("masking", "0.5", "number from 0 to 1, not '0.5'"),
        ("masking", True, "number from 0 to 1"),
        ("salt_and_pepper", float("inf"), "number from 0 to 1"),
        ("occlusion", 2.5, "whole number from 0 to 28"),
        ("occlusion", 29, "whole number from 0 to 28"),
        ("occlusion", float("nan"), "whole number from 0 to 28"),
    ],
)
def test_a_bad_kind_or_level_is_named(kind, level, words):
    for call in (
        lambda: check_level(kind, level),
        lambda: corrupt(plain(0.5)[:1], kind, level),
        lambda: corrupt_batch(torch.zeros(1, 1, 28, 28), kind, level),
    ):
        with pytest.raises(LabError, match=words):
            call()


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (np.zeros((2, 28, 27)), "must have the shape"),
        (np.zeros(784), "must have the shape"),
        (np.zeros((2, 3, 28, 28)), "must have the shape"),
        ([[0.0], [0.0, 1.0]], "must be one array"),
        (np.full((1, 784), 1.5), "finite floats"),
        (np.full((1, 784), -0.5), "finite floats"),
        (np.full((1, 784), np.nan), "finite floats"),
        (np.zeros((1, 784), int), "uint8"),
    ],
)
def test_what_is_no_image_is_refused(images, words):
    with pytest.raises(LabError, match=words):
        corrupt(images, "masking", 0.5)


@pytest.mark.parametrize("level", [0, 0.5])
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"seed": -1}, "seed must be"),
        ({"seed": 2**31}, "seed must be"),
        ({"seed": 0.5}, "seed must be"),
        ({"index": [0]}, "2 images need as many numbers, not 1"),
        ({"index": [0, -1]}, "number must be"),
        ({"index": [0, 2**32]}, "number must be"),
    ],
)
def test_a_bad_seed_or_number_is_named(settings, words, level):
    with pytest.raises(LabError, match=words):
        corrupt(np.zeros((2, 784)), "masking", level, **settings)
