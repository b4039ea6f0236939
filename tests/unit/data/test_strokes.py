"""Generated digits: the factors said to have made an image can be measured in it."""

import numpy as np
import pytest

from aecore.data import load_dataset, load_test_images, strokes
from aecore.data.strokes import draw, grid
from aecore.errors import LabError

PIXELS = np.arange(28)
PLAIN = {"variant": 0, "scale_x": 1, "scale_y": 1, "rotation": 0, "jitter": 0}


@pytest.fixture(scope="module")
def many():
    return draw(2000, seed=3)


def moments(images):
    """Mass, centre (x, y), and the covariances xx, xy and yy of images (..., 28, 28)."""
    ink = images / 255
    mass = ink.sum((-2, -1))
    mean = [(ink * axis).sum((-2, -1)) / mass for axis in (PIXELS, PIXELS[:, None])]
    dx, dy = (a - m[..., None, None] for a, m in zip((PIXELS, PIXELS[:, None]), mean, strict=True))
    spread = [(ink * part).sum((-2, -1)) / mass for part in (dx * dx, dx * dy, dy * dy)]
    return mass, mean, spread


def lean(images):
    """The tangent of the shear that would make an upright figure lean as this one does."""
    _, _, (_, xy, yy) = moments(images)
    return -xy / yy


def width(images):
    """Twice the area over the perimeter, which is the total variation of the ink."""
    ink = np.pad(images / 255, ((0, 0), (1, 1), (1, 1)))
    falling, rising = ink[:, 1:, 1:] - ink[:, :-1, :-1], ink[:, 1:, :-1] - ink[:, :-1, 1:]
    return 2 * ink.sum((1, 2)) / (np.hypot(falling, rising) / np.sqrt(2)).sum((1, 2))


# The factors


@pytest.mark.parametrize("thickness", [1.5, 2, 3, 4, 5])
def test_the_ink_of_a_straight_stroke_is_length_times_thickness(thickness):
    image = grid(1, [thickness], [0])[0, 0]
    length = strokes._BOX - strokes._EDGE / 2 - thickness
    area = thickness * length + np.pi / 4 * thickness**2  # and two half discs
    assert image.sum() / 255 == pytest.approx(area, rel=0.03)


def test_the_width_of_a_closed_stroke_is_its_thickness():
    thickness = np.linspace(2, 5, 12)
    found = width(draw([0] * 12, thickness=thickness, slant=0.1, **PLAIN).images)
    assert np.abs(found / thickness - 1).max() < 0.03


@pytest.mark.parametrize("digit", range(10))
def test_images_tell_their_thickness(many, digit):
    chosen = many.labels == digit
    found = width(many.images[chosen])
    assert np.corrcoef(found, many.factors.thickness[chosen])[0, 1] > 0.95


def test_a_straight_stroke_leans_by_its_slant():
    slant = np.linspace(-0.5, 0.5, 11)
    images = draw([1] * 11, thickness=2, slant=slant, **PLAIN).images
    assert np.abs(np.arctan(lean(images)) - slant).max() < 0.02


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("variant", [0, 1])
def test_images_that_differ_in_slant_only_tell_by_how_much(digit, variant):
    """Within a quarter: a shear lengthens some strokes more than others, so the ink shifts."""
    slant = np.linspace(-0.5, 0.5, 11)
    given = {"thickness": 2.5, "rotation": 0, "variant": variant, "jitter": 0.5}
    hands = [draw([digit] * 11, seed=4, **given | {"slant": s}).images for s in slant]
    found = lean(np.stack(hands))
    assert np.all(np.diff(found, axis=0) > 0)
    ratio = np.delete(found - found[5], 5, 0) / np.tan(np.delete(slant, 5))[:, None]
    assert ratio.min() > 0.75
    assert ratio.max() < 1.1


def test_positive_rotation_turns_anticlockwise():
    up, left = (
        draw([2], thickness=3, slant=0, **PLAIN | {"rotation": angle}).images[0, 1:, 1:]
        for angle in (0, np.pi / 2)
    )
    assert np.abs(np.rot90(up).astype(int) - left).max() <= 8
    flag, left = (
        draw([7], thickness=3, slant=0, **PLAIN | {"rotation": r, "scale_x": 0.8, "scale_y": 0.8})
        for r in (0, 0.5)
    )
    (xx, xy, yy), (xx2, xy2, yy2) = (moments(d.images)[2] for d in (flag, left))
    turned = (np.arctan2(2 * xy, xx - yy) - np.arctan2(2 * xy2, xx2 - yy2)) / 2
    assert turned % np.pi == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(("axis", "name"), [(1, "scale_x"), (0, "scale_y")])
def test_scales_stretch_the_centreline(axis, name):
    thickness, scales = 3, np.array([0.5, 0.75, 1])
    images = draw([0] * 3, thickness=thickness, slant=0, **PLAIN | {name: scales}).images
    sides = images.max(1 + (1 - axis)).astype(float).sum(1) / 255  # edges count by their ink
    assert np.allclose((sides - thickness) / (sides[-1] - thickness), scales, atol=0.04)


def test_a_figure_that_would_leave_the_box_is_smaller_and_says_so():
    drawn = draw([7, 7], thickness=2, slant=[0, 0.8], **PLAIN)
    assert drawn.factors.scale_y[0] == 1
    assert drawn.factors.scale_y[1] < 0.9
    assert drawn.factors.scale_x[1] == drawn.factors.scale_y[1]


def test_the_variants_differ_and_jitter_moves_points():
    bare, barred = draw([7, 7], thickness=2, slant=0, **PLAIN | {"variant": [0, 1]}).images
    assert barred.sum() > 1.1 * bare.sum()
    calm, rough = (draw([3], thickness=2, slant=0, **PLAIN | {"jitter": j}) for j in (0, 1))
    assert not np.array_equal(calm.images, rough.images)
    assert np.array_equal(calm.images[0], grid(3, [2], [0])[0, 0])


def test_a_grid_has_thickness_down_and_slant_across():
    pictures = grid(7, thickness=[1.5, 3, 5], slant=[-0.3, 0.3])
    assert pictures.shape == (3, 2, 28, 28)
    mass, _, _ = moments(pictures)
    assert np.all(np.diff(mass, axis=0) > 0)
    assert np.all(np.diff(lean(pictures), axis=1) > 0.4)


# The images


@pytest.mark.parametrize("n", [0, 1, 7, 130])
def test_any_number_with_types_and_shapes(n):
    images, labels, factors = draw(n, seed=1)
    assert (images.shape, images.dtype) == ((n, 28, 28), np.uint8)
    assert (labels.shape, labels.dtype) == ((n,), np.uint8)
    assert len(factors) == n
    for name, values in vars(factors).items():
        assert values.shape == (n,)
        assert values.dtype == (np.uint8 if name == "variant" else np.float32)
    assert np.ptp(np.bincount(labels, minlength=10)) <= 1
    assert len(draw([], seed=1).images) == 0


def test_the_seed_gives_the_images(many):
    assert np.array_equal(draw(2000, seed=3).images, many.images)
    assert not np.array_equal(draw(2000, seed=4).images, many.images)
    assert len({image.tobytes() for image in many.images}) == 2000


def test_what_is_given_leaves_the_rest_as_it_was(many):
    other = draw(2000, seed=3, slant=0.2)
    for name in ("thickness", "rotation", "jitter", "variant"):
        assert np.array_equal(getattr(other.factors, name), getattr(many.factors, name))
    assert np.all(other.factors.slant == np.float32(0.2))
    assert np.array_equal(many.factors[:5].thickness, many.factors.thickness[:5])


def test_images_look_like_mnist_s_in_numbers(many):
    """White on black, in a box of 20, about the same ink, grey and lean as in MNIST."""
    assert np.all(many.images.max((1, 2)) > 240)
    inked = many.images > 127
    for axis in (1, 2):
        sides = inked.any(axis).sum(1)
        assert sides.max() <= 21
    assert np.percentile(np.maximum(inked.any(1).sum(1), inked.any(2).sum(1)), 5) >= 17
    assert many.images.mean() / 255 == pytest.approx(0.1307, abs=0.015)
    assert (many.images > 251).mean() == pytest.approx(0.070, abs=0.015)
    assert lean(many.images).mean() == pytest.approx(0.1, abs=0.05)
    assert lean(many.images).std() == pytest.approx(0.25, abs=0.05)
    _, (x, y), _ = moments(many.images)
    for centre in (x, y):
        assert np.abs(centre - 14).mean() < 0.15
        assert np.abs(centre - 14).max() < 1.2


def test_the_shipped_classifier_of_mnist_reads_them(many, judged):
    assert (judged(many.images).argmax(1) == many.labels).mean() > 0.97


# The dataset


def test_the_dataset_comes_with_its_factors():
    data = load_dataset("strokes")
    assert (len(data.train), len(data.test), data.classes) == (20_000, 4_000, tuple("0123456789"))
    alone = load_test_images("strokes")
    assert (alone.images == data.test.images).all()
    assert (alone.labels == data.test.labels).all()
    for split, drawing in zip((data.train, data.test), strokes.dataset(), strict=True):
        assert np.array_equal(split.images, drawing.images)
        assert np.array_equal(split.labels, drawing.labels)
        assert len(drawing.factors) == len(split)
        with pytest.raises(ValueError, match="read-only"):
            drawing.factors.slant[0] = 0


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")  # 12 epochs are enough
def test_a_classifier_trained_on_it_recognises_held_out_ones():
    from sklearn.neural_network import MLPClassifier

    train, test = (
        (split.images.reshape(-1, 784) / np.float32(255), split.labels)
        for split in (load_dataset("strokes").train, load_dataset("strokes").test)
    )
    reader = MLPClassifier((128,), max_iter=12, learning_rate_init=2e-3, random_state=0)
    assert reader.fit(*train).score(*test) > 0.99


# What is refused


@pytest.mark.parametrize("labels", [-1, [10], [-1], [1.5], [[1]], ["7"], 2.5])
def test_other_labels_are_refused(labels):
    with pytest.raises(LabError, match="digits"):
        draw(labels)


@pytest.mark.parametrize(
    "given",
    [
        {"thicknes": 3},
        {"thickness": 0},
        {"thickness": np.nan},
        {"thickness": [1, 2, 3]},
        {"slant": 1.2},
        {"scale_x": 0},
        {"jitter": -1},
        {"variant": 2},
    ],
)
def test_factors_out_of_range_are_refused(given):
    with pytest.raises(LabError, match=r"factor|variant"):
        draw([7, 3], **given)
