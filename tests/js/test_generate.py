"""Generate without a browser: how far ink leans, seeded draws, and what is said of ten images."""

import re
from functools import partial

import numpy as np
import pytest

SIDE = 28


@pytest.fixture(scope="module")
def js(sentences):
    modules = {name: f"components/generate/{name}.js" for name in ("lean", "random", "priors")}
    return partial(sentences, said="components/generate/sentences.js", **modules)


def stroke(degrees):
    """A straight stroke that leans so far to the right, with soft edges."""
    rows, columns = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    away = columns + rows * np.tan(np.radians(degrees))
    return np.where(np.abs(rows) < 9, np.clip(2 - np.abs(away), 0, 1), 0).ravel().tolist()


@pytest.mark.parametrize("degrees", [0, 10, 25, -25, 40])
def test_a_stroke_leans_as_far_as_it_was_drawn(js, degrees):
    assert js("lean.lean(x)", stroke(degrees)) == pytest.approx(degrees, abs=0.5)


def test_where_there_is_no_ink_or_no_height_nothing_leans(js):
    flat = np.zeros((SIDE, SIDE))
    flat[14] = 1
    assert js("[lean.lean(x[0]), lean.lean(x[1])]", [[0] * SIDE**2, flat.ravel().tolist()]) == [
        0,
        0,
    ]


def test_classes_lean_together_that_follow_the_others(js):
    rng = np.random.default_rng(0)
    shared = rng.normal(size=200)
    leans = [(20 * shared + 5 * rng.normal(size=200) + k).tolist() for k in range(10)]
    assert js("lean.together(x)", leans) == [True] * 10
    leans[1] = (-20 * shared).tolist()
    leans[7] = rng.normal(size=200).tolist()
    assert js("lean.together(x)", leans) == [k not in (1, 7) for k in range(10)]
    assert js("lean.together(x)", [[3.0] * 5] * 10) == [False] * 10


def test_a_seed_gives_the_same_draws_again_and_they_are_normal(js):
    draws = np.array(js("Array.from({ length: 4000 }, (_, i) => random.normal(x, i))", 3))
    assert draws[:3].tolist() == js("[0, 1, 2].map((i) => random.normal(x, i))", 3)
    assert draws[:3].tolist() != js("[0, 1, 2].map((i) => random.normal(x, i))", 4)
    assert abs(draws.mean()) < 0.06
    assert draws.std() == pytest.approx(1, abs=0.05)
    even = np.array(js("Array.from({ length: 4000 }, (_, i) => random.uniform(x, i))", 3))
    assert 0 <= even.min() < 0.01 < 0.99 < even.max() < 1


def said(js, leans, together=None, read=None):
    reads = [{"digit": (read or {}).get(k, k), "lean": lean} for k, lean in enumerate(leans)]
    script = "said.leanText(said.factsOf(x.reads, x.together), x.reads.length)"
    text = js(script, {"reads": reads, "together": together})
    assert not re.search(r"undefined|NaN|null|  |\{|-", text)
    return text


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "all ten digits lean right by 19° to 28°: the classes agree"),
        ({"out": {1: 4}}, "28° and the 1, which does not follow them, by 4°: most"),
        ({"out": {1: -4}}, "28° and the 1, which does not follow them, left by 4°: most"),
        ({"out": {1: 4, 7: 0}}, "eight digits lean right by 19° to 28°; the 1 and the 7 do not"),
        ({"out": dict.fromkeys(range(6), 0)}, "right by 0° to 28°: the classes do not agree"),
        ({"turn": -1}, "all ten digits lean left by 19° to 28°: the"),
        ({"turn": -1, "out": {3: 5}}, "28° and the 3, which does not follow them, right by 5°"),
        ({"less": 22}, "all ten digits lean from 3° left to 6° right: the"),
        ({"known": False, "out": {1: 4}}, "all ten digits lean right by 4° to 28°."),
        ({"read": {4: 9}}, "asks them to; the 4 is read as a 9."),
        ({"read": {4: 9, 7: 1}}, "asks them to; the 4 is read as a 9 and the 7 as a 1."),
        ({"read": {4: 9, 7: 1, 5: 6}}, "asks them to; three are read as another."),
    ],
)  # fmt: skip
def test_what_is_said_of_ten_images(js, change, expected):
    turn, out = change.get("turn", 1), change.get("out", {})
    leans = [turn * (19 + k - change.get("less", 0)) for k in range(10)]
    leans = [out.get(k, lean) for k, lean in enumerate(leans)]
    together = [k not in out for k in range(10)] if change.get("known", True) else None
    assert expected in said(js, leans, together, change.get("read"))


@pytest.mark.parametrize("seed", range(20))
def test_a_sentence_is_whole_for_every_ten_images(js, seed):
    rng = np.random.default_rng(seed)
    together = None if seed % 5 == 0 else (rng.random(10) < rng.random()).tolist()
    read = dict(enumerate(rng.integers(0, 10, 10).tolist()))
    text = said(js, rng.normal(0, 20, 10).tolist(), together, read)
    assert text.startswith("At this point ")
    assert text.endswith(".")


SOURCES = {
    "standard_normal": {"kind": "standard_normal", "size": 2},
    **dict.fromkeys(("mixture", "roll", "disc")),
    "gaussians": {
        "kind": "gaussians",
        "weights": [0.25, 0.75],
        "means": [[-3.0, 1.0], [2.0, -1.0]],
        "covariances": [[[0.3, 0.1], [0.1, 0.2]], [[0.5, -0.4], [-0.4, 0.6]]],
    },
}


@pytest.mark.parametrize("name", SOURCES)
def test_draws_in_the_browser_are_of_the_distribution_that_python_draws_from(js, name):
    """Means and covariances of all, and where a part is a class, of one."""
    import torch

    from aecore.families.distributions import StandardNormal
    from aecore.families.priors import PLANES

    seeded, count = torch.Generator().manual_seed(0), 6000
    prior = StandardNormal(2) if name == "standard_normal" else name in PLANES and PLANES[name]()
    source = SOURCES[name] or prior.describe()
    script = "Array.from({ length: x[1] }, (_, i) => priors.drawOf(x[0], 2, 5, i))"
    draws = js(script, [source, count])
    z, part = np.array([one["z"] for one in draws]), np.array([one["part"] for one in draws])
    assert draws[:2] == js(script, [source, 2])
    if prior:
        expected = prior.sample(count, generator=seeded).numpy()
        three = prior.sample(count, torch.full((count,), 3), generator=seeded).numpy()
        assert np.allclose(z[part == 3].mean(0), three.mean(0), atol=0.15)
    else:
        rng, chosen = np.random.default_rng(0), np.random.default_rng(1).random(count) > 0.25
        of = zip(source["means"], source["covariances"], strict=True)
        expected = np.where(chosen, *[rng.multivariate_normal(*one, count).T for one in of][::-1]).T
        assert (part == 1).mean() == pytest.approx(0.75, abs=0.02)
    assert np.allclose(z.mean(0), expected.mean(0), atol=0.12)
    assert np.allclose(np.cov(z.T), np.cov(expected.T), atol=0.3)
    assert set(part) <= set(range(10))


def test_the_gaussians_of_a_source_are_drawn_to_scale(js):
    one, two = js("priors.ellipses(x)", SOURCES["gaussians"])
    assert (one["at"], two["at"]) == ([-3, 1], [2, -1])
    values, axes = np.linalg.eigh(SOURCES["gaussians"]["covariances"][1])
    assert [two["rx"] ** 2, two["ry"] ** 2] == pytest.approx(values[::-1])
    assert abs(np.dot(axes[:, 1], [np.cos(two["angle"]), np.sin(two["angle"])])) == pytest.approx(1)
    assert js("priors.ellipses(x)", SOURCES["standard_normal"]) == []


def test_a_class_is_named_beyond_the_far_end_of_its_gaussian(js):
    from aecore.families.priors import Mixture

    source = Mixture().describe()
    ends = np.array(js("priors.farEnds(x, priors.ellipses(x))", source))
    assert np.allclose(np.degrees(np.arctan2(*ends[3, ::-1])), 108)
    assert np.linalg.norm(ends, axis=1).max() < js("priors.reachOf(x)", source)
    assert js("priors.farEnds(x, [])", SOURCES["gaussians"]) == []
