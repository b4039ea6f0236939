"""Planes of many dimensions in the browser, against NumPy."""

import numpy as np
import pytest

from aecore.analysis.projections.pca import pca

RNG = np.random.default_rng(0)
CODES = (RNG.normal(size=(300, 5)) @ RNG.normal(size=(5, 5))).astype(np.float32)
PLACES = RNG.normal(size=(300, 2)).astype(np.float32)
PLANE = pca(CODES)

SPACE = """(x) => {
    const array = (values) => Float32Array.from(values.flat());
    return { codes: array(x.codes), count: x.codes.length, dim: 5,
        projections: [{ name: "umap", symbol: "u", places: array(x.places) }, { name: "pca",
            symbol: "p", mean: array(x.mean), axes: array(x.axes), share: array(x.share) }] } }"""


@pytest.fixture(scope="module")
def js(evaluate):
    """The value of an expression with `live` (the module), a `space` of five dimensions and `x`."""
    space = {
        "codes": CODES.tolist(),
        "places": PLACES.tolist(),
        "mean": PLANE.mean.tolist(),
        "axes": PLANE.axes.tolist(),
        "share": PLANE.share.tolist(),
    }
    return lambda expression, x=None: evaluate(
        f"((space, x) => {expression})(({SPACE})(x.space), x.x)",
        {"space": space, "x": x},
        live="plane/projections.js",
    )


def test_two_dimensions_leave_the_others_as_they_are(js):
    seen = js(
        """{ const p = live.projection(space, [3, 1]);
        return { places: [...p.places], back: [...p.unproject([7, 8], [1, 2, 3, 4, 5])],
            moved: [...p.move([1, 2, 3, 4, 5], 0.5, -1)], spread: p.spread([1, 2, 3, 4, 5]) } }"""
    )
    assert np.array_equal(np.reshape(seen["places"], (-1, 2)).astype("f4"), CODES[:, [3, 1]])
    assert seen["back"] == [1, 8, 3, 7, 5]
    assert seen["moved"] == [1, 1, 3, 4.5, 5]
    assert seen["spread"] == {"rx": 4, "ry": 2, "angle": 0}


def test_pca_is_that_of_python_and_leads_back_to_the_plane(js):
    seen = js(
        """{ const p = live.projection(space, "pca");
        const back = p.unproject([0.5, -2]);
        return { places: [...p.places], back: [...back], again: p.place(back) } }"""
    )
    assert np.allclose(np.reshape(seen["places"], (-1, 2)), PLANE.project(CODES), atol=1e-4)
    assert np.allclose(seen["back"], PLANE.unproject(np.float32([0.5, -2])), atol=1e-5)
    assert np.allclose(seen["again"], [0.5, -2], atol=1e-5)


def test_a_posterior_on_the_pca_plane_is_an_ellipse_of_its_covariance(js):
    sd = np.float32([0.1, 2, 0.5, 1, 0.3])
    ellipse = js("live.projection(space, 'pca').spread(x)", sd.tolist())
    turn = np.array(
        [
            [np.cos(ellipse["angle"]), -np.sin(ellipse["angle"])],
            [np.sin(ellipse["angle"]), np.cos(ellipse["angle"])],
        ]
    )
    covariance = turn @ np.diag([ellipse["rx"] ** 2, ellipse["ry"] ** 2]) @ turn.T
    assert np.allclose(covariance, PLANE.axes @ np.diag(sd**2) @ PLANE.axes.T, atol=1e-5)


def test_umap_knows_codes_of_images_only(js):
    seen = js(
        """{ const p = live.projection(space, "umap");
        const code = (i) => [...space.codes.slice(5 * i, 5 * i + 5)];
        const step = p.move(code(8), 0.1, 0);
        return { own: p.place(code(7)), back: [...p.unproject(x)],
            far: p.unproject([99, 99], null, 1),
            between: p.place(code(7).map((v, j) => (v + code(8)[j]) / 2)),
            moved: [...step], spread: p.spread([1, 1, 1, 1, 1]) } }""",
        (PLACES[5] + 1e-3).tolist(),
    )
    assert np.allclose(seen["own"], PLACES[7], atol=1e-5)
    assert np.allclose(seen["back"], CODES[5])
    assert seen["far"] is None
    assert seen["spread"] is None
    near = np.argsort(((CODES - (CODES[7] + CODES[8]) / 2) ** 2).sum(1))[:5]
    low, high = PLACES[near].min(0), PLACES[near].max(0)
    assert ((low <= seen["between"]) & (seen["between"] <= high)).all()
    moved = np.flatnonzero((np.float32(seen["moved"]) == CODES).all(1))
    assert moved.size == 1
    assert moved[0] != 8


@pytest.mark.parametrize(
    "key", ["null", "[0, 0]", "[0, 5]", "[-1, 2]", "[1]", "'axes'", "undefined", "[1, 2, 3]"]
)
def test_what_is_no_plane_of_the_space_is_none(js, key):
    assert js(f"live.projection(space, {key})") is None


def test_a_space_without_a_plane_has_none(js):
    assert js("live.projection({ ...space, projections: [] }, 'pca')") is None
    assert js("live.projection({ ...space, projections: undefined }, 'umap')") is None
