"""Linear probes and nearest images."""

import numpy as np

from aecore.analysis.neighbours import nearest_images, two_sample_accuracy
from aecore.analysis.probes import linear_probe


def test_a_probe_reads_what_is_linear_and_guesses_what_is_not():
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(4000, 3)).astype("f4")
    above, ring = (codes[:, 0] > 0).astype(int), (codes[:, :2] ** 2).sum(1) > 1.39
    halves = slice(0, 2000), slice(2000, 4000)
    read = [
        linear_probe(codes[halves[0]], y[halves[0]], codes[halves[1]], y[halves[1]])
        for y in (above, ring.astype(int))
    ]
    assert read[0] > 0.98
    assert abs(read[1] - 0.5) < 0.06


def test_unused_dimensions_do_not_matter_to_it():
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(400, 2)).astype("f4")
    labels = (codes[:, 0] > 0).astype(int)
    codes[:, 1] = 7
    assert linear_probe(codes, labels, codes, labels) > 0.97


def test_the_nearest_image_is_the_exact_one(digits):
    """In pieces as in one, and an image of the training is its own nearest, at distance 0."""
    train, test = digits.train.images, digits.test.images[:30]
    rows, distances = nearest_images(test, train, batch=7)
    apart = np.linalg.norm(
        (test.reshape(30, 1, -1) / 255.0) - (train.reshape(1, len(train), -1) / 255.0), axis=2
    )
    assert np.array_equal(rows, apart.argmin(1))
    assert np.allclose(distances, apart.min(1), atol=1e-4)
    again, zero = nearest_images(train[:20] / np.float32(255), train)
    assert np.array_equal(train[again], train[:20])
    assert not zero.any()


def test_two_sets_of_one_distribution_are_not_told_apart_and_a_small_shift_is():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(2, 3000, 2))
    same, moved = (
        two_sample_accuracy(one, other),
        two_sample_accuracy(one, other + np.array([0.5, 0])),
    )
    assert abs(same - 0.5) < 0.03
    assert 0.55 < moved < 0.7
