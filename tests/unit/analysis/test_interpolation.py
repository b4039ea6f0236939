import numpy as np
import pytest

from aecore.analysis.interpolation import WAYS, along, chain, cross_fade, lerp, resample, slerp
from aecore.errors import LabError

T = np.linspace(0, 1, 21)
RNG = np.random.default_rng(0)
PAIRS = [RNG.normal(0, 2, (2, d)).astype("f4") for d in (1, 2, 2, 3, 16)] + [
    np.array(pair, "f4")
    for pair in ([[0, 0], [1, 2]], [[1, 2], [0, 0]], [[1, 2], [2, 4]], [[1, 2], [-2, -4]])
]
STOPS = RNG.normal(0, 2, (5, 3)).astype("f4")


def norm(points):
    return np.linalg.norm(points.astype(float), axis=-1)


# From one code to another


@pytest.mark.parametrize("way", [lerp, slerp])
@pytest.mark.parametrize("pair", PAIRS, ids=repr)
def test_both_ends_are_exact(way, pair):
    a, b = pair
    assert np.array_equal(way(a, b, 0), a)
    assert np.array_equal(way(a, b, 1), b)
    both = way(a, b, [0, 1])
    assert both.dtype == np.float32
    assert np.array_equal(both, pair)


@pytest.mark.parametrize("way", [lerp, slerp])
@pytest.mark.parametrize("pair", PAIRS, ids=repr)
def test_the_way_back_is_the_way(way, pair):
    a, b = pair
    assert np.allclose(way(a, b, T), way(b, a, 1 - T), atol=1e-6)
    assert np.allclose(way(a, a, T), a, atol=1e-6)  # and to stay is to stay


def test_a_line_is_walked_at_an_even_pace():
    line = lerp([1, -2, 3], [5, 0, -1], T)
    assert np.allclose(np.diff(line, axis=0), (line[-1] - line[0]) / 20, atol=1e-6)


@pytest.mark.parametrize("dimensions", [2, 3, 16, 100])
def test_an_arc_keeps_the_norm_and_turns_at_an_even_pace(dimensions):
    a, b = RNG.normal(0, 1, (2, dimensions))
    b *= norm(a) / norm(b)
    arc = slerp(a, b, T)
    assert norm(arc) == pytest.approx(np.full(21, norm(a)), rel=1e-6)
    steps = norm(np.diff(arc, axis=0))
    assert steps == pytest.approx(np.full(20, steps[0]), rel=1e-4)
    assert norm(lerp(a, b, 0.5)) < norm(a)
    plane = np.linalg.qr(np.stack([a, b], 1))[0]  # it stays in the plane of a, b and the origin
    assert np.allclose(arc @ plane @ plane.T, arc, atol=1e-5)


def test_an_arc_between_two_norms_changes_it_evenly():
    assert norm(slerp([2, 0], [0, 6], T)) == pytest.approx(2 + 4 * T, rel=1e-6)
    assert np.allclose(slerp([2, 0], [0, 6], 0.5), np.full(2, 4 / np.sqrt(2)))


@pytest.mark.parametrize("pair", PAIRS[5:], ids=repr)
def test_where_there_is_no_arc_it_is_a_line(pair):
    assert np.array_equal(slerp(*pair, T), lerp(*pair, T))


@pytest.mark.parametrize("angle", [1e-9, 1e-6, 2e-6, 1e-3, np.pi - 1e-3])
def test_an_arc_is_good_at_any_angle(angle):
    arc = slerp([1, 0], [np.cos(angle), np.sin(angle)], T)
    wanted = np.stack([np.cos(T * angle), np.sin(T * angle)], 1)
    assert np.allclose(arc, wanted, atol=1e-6)


# Through several codes


@pytest.mark.parametrize("kind", WAYS)
@pytest.mark.parametrize("n", [1, 3, 7, 10, 49])
def test_every_stop_of_a_chain_is_a_frame(kind, n):
    frames = chain(STOPS, n, kind)
    assert frames.shape == (4 * n + 1, 3)
    assert np.array_equal(frames[::n], STOPS)
    assert np.allclose(frames, chain(STOPS[::-1], n, kind)[::-1], atol=1e-5)


@pytest.mark.parametrize("kind", WAYS)
def test_a_chain_of_two_is_the_way_between_them(kind):
    way = {"lerp": lerp, "slerp": slerp}[kind]
    assert np.allclose(chain(STOPS[:2], 20, kind), way(*STOPS[:2], T), atol=1e-6)
    assert np.array_equal(along(STOPS, 2.25, kind), way(STOPS[2], STOPS[3], 0.25))
    assert np.array_equal(along(STOPS, np.arange(5), kind), STOPS)


@pytest.mark.parametrize("n", [2, 3, 10, 500])
def test_resampling_is_even_by_the_length_of_the_way(n):
    turns = np.linspace(0, 3, 4000)[:, None] ** 2  # a spiral, walked ever faster
    spiral = turns * np.hstack([np.cos(turns), np.sin(turns)])
    even = resample(spiral, n)
    assert even.shape == (n, 2)
    assert np.array_equal(even[[0, -1]], spiral[[0, -1]].astype("f4"))
    lengths = np.r_[0, np.cumsum(norm(np.diff(spiral, axis=0)))]
    nearest = [norm(spiral - point).argmin() for point in even]
    step = norm(np.diff(spiral, axis=0)).max()
    assert np.abs(lengths[nearest] - np.linspace(0, lengths[-1], n)).max() < step


def test_resampling_turns_at_corners():
    square = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]
    even = resample(square, 9).tolist()
    assert even == [[0, 0], [1, 0], [2, 0], [2, 1], [2, 2], [1, 2], [0, 2], [0, 1], [0, 0]]
    rested = np.repeat(square, [3, 1, 4, 1, 5], axis=0)
    assert resample(rested, 9).tolist() == even
    assert np.allclose(resample(square[::-1], 9), even[::-1])


def test_resampling_an_even_path_leaves_it():
    line = lerp([0, 1], [4, 4], T)
    assert np.allclose(resample(line, 21), line, atol=1e-6)
    assert resample([[1, 2], [1, 2]], 3).tolist() == [[1, 2]] * 3


# In pixels


def test_a_cross_fade_is_of_pixels(digits):
    x0, x1 = digits.test.images[:2]
    frames = cross_fade(x0, x1, T)
    assert frames.shape == (21, 28, 28)
    assert frames.dtype == np.float32
    assert np.array_equal(frames[0], x0 / np.float32(255))
    assert np.array_equal(frames[-1], x1 / np.float32(255))
    assert np.allclose(frames[5], (0.75 * x0 + 0.25 * x1) / 255, atol=1e-6)
    assert np.array_equal(cross_fade(frames[0], x1, 0.5), cross_fade(x0, x1, 0.5))
    assert frames.min() == 0
    assert frames.max() <= 1


# What is refused


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: lerp([1, 2], [1, 2, 3], 0), "two points of one shape"),
        (lambda: slerp([[1, 2]], [[1, 2]], 0), "two points of one shape"),
        (lambda: slerp([], [], 0), "two points of one shape"),
        (lambda: lerp([1, np.nan], [1, 2], 0), "finite"),
        (lambda: slerp([1, 1e300], [1, 2], 0), "finite"),
        (lambda: lerp(["a"], ["b"], 0), "must be numbers"),
        (lambda: lerp([1], [2], 1.01), r"lie in \[0, 1\]"),
        (lambda: lerp([1], [2], -0.01), r"lie in \[0, 1\]"),
        (lambda: slerp([1], [2], np.nan), r"lie in \[0, 1\]"),
        (lambda: lerp([1], [2], [[0.5]]), "shape"),
        (lambda: lerp([1], [2], "half"), "must be a number"),
        (lambda: chain([[1, 2]], 3), "at least two points, not 1"),
        (lambda: chain(np.zeros((0, 2)), 3), "at least two points, not 0"),
        (lambda: chain([1, 2, 3], 3), "shape"),
        (lambda: chain(np.zeros((3, 0)), 3), "shape"),
        (lambda: chain([[1, 2], [3]], 3), "as many in each"),
        (lambda: chain([[0], [1]], 0), "whole number from 1"),
        (lambda: chain([[0], [1]], 2.0), "whole number from 1"),
        (lambda: chain([[0], [1]], 10**6), "whole number from 1"),
        (lambda: chain([[0], [1]], 2, "bezier"), "no kind of path 'bezier'"),
        (lambda: along([[0], [1]], 1.5), r"lie in \[0, 1\]"),
        (lambda: along([[0], [1]], 0, ["lerp"]), "no kind of path"),
        (lambda: resample([[0, 0]], 3), "at least two points"),
        (lambda: resample([[0, 0], [1, np.inf]], 3), "finite"),
        (lambda: resample([[0], [1]], 1), "whole number from 2"),
        (lambda: cross_fade(np.zeros(3), np.zeros(4), 0), "two images of one shape"),
        (lambda: cross_fade([np.nan], [0.0], 0), "finite"),
    ],
)
def test_what_is_no_path_is_refused(call, words):
    with pytest.raises(LabError, match=words):
        call()
