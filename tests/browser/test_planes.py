"""Runs of sixteen dimensions on a plane by PCA and by UMAP, on the pages that have planes."""

import numpy as np
import pytest

from aecore.analysis.projections.pca import pca
from aecore.runs import shipped_run

NAME = "mnist-vae-16"
CODES = shipped_run(NAME).codes
PLANE = pca(CODES.mean.values)


def test_a_point_of_the_pca_plane_is_decoded_through_its_inverse(lab, same_image):
    lab.open(f"/decode?model={NAME}")
    lab.root.locator(".axes select").first.select_option("pca")
    words = lab.root.locator(".axes").inner_text()
    assert f"{100 * PLANE.share.sum():.0f}\u00a0% of the variance of 16 dimensions" in words
    place, seen = lab.hover(0, 0.7, 0.3)
    expected = PLANE.unproject(np.float32(place.z))
    assert np.allclose(seen.z[0], expected, atol=1e-3)
    same_image(seen.pixels[0], NAME, seen.z[0])
    lab.click(0, 0.3, 0.6)
    before = lab.read()
    query, z = lab.address()
    assert query["axes"] == "pca"
    assert np.allclose(z, before.pinned["z"], rtol=1e-4)
    lab.root.locator(".frame").focus()
    lab.page.keyboard.press("ArrowRight")
    moved = PLANE.project(lab.read().z[0]) - PLANE.project(before.z[0])
    assert moved[0] > 0
    assert abs(moved[1]) < 1e-3
    lab.reload()
    lab.until("p.models[0].plane.axes === 'pca'")


def test_a_point_of_umap_is_the_nearest_images_code(lab, same_image):
    lab.open(f"/decode?model={NAME}")
    lab.root.locator(".axes select").first.select_option("umap")
    place, seen = lab.hover(0, 0.62, 0.42)
    nearest = ((CODES.places["umap"].values - np.float32(place.z)) ** 2).sum(1).argmin()
    assert np.allclose(seen.z[0], CODES.mean.values[nearest], atol=1e-5)
    assert seen.linked == nearest
    same_image(seen.pixels[0], NAME, seen.z[0])
    lab.root.locator(".frame").focus()
    lab.page.mouse.move(0, 0)
    pinned = lab.read().pinned["z"]
    lab.page.keyboard.press("ArrowLeft")
    moved = np.float32(lab.read().pinned["z"])
    assert not np.array_equal(moved, np.float32(pinned))
    assert np.abs(CODES.mean.values - moved).max(1).min() < 1e-5
    lab.page.wait_for_url("**axes=umap*")
    # Streamlit takes what a fragment and a page tell at the same moment for the fragment's alone.
    lab.page.wait_for_function(
        "z => Math.abs(parseFloat(new URLSearchParams(location.search).get('z')) - z) < 1e-3",
        arg=float(moved[0]),
    )
    lab.page.get_by_text("Images", exact=True).click()
    lab.until("p.models[0].plane.show.grid && /decoded points/.test(p.models[0].count.textContent)")


def test_two_planes_of_different_kinds_stand_side_by_side(lab):
    lab.open(f"/interpolate?left=mnist-ae-16&right={NAME}&axes=pca,umap")
    planes = "root => root.live.planes.map(({ plane }) => plane.axes)"
    assert lab.root.evaluate(planes) == ["pca", "umap"]
    left = shipped_run("mnist-ae-16").codes
    stop = lab.root.evaluate(
        """root => { const { route, planes } = root.live;
            return { i: route.stops[1].i, places: planes.map(({ plane }, m) =>
                plane.projection.place(route.stops[1].codes[m])) } }"""
    )
    expected = [pca(left.mean.values).project(left.mean.values[stop["i"]])]
    expected.append(CODES.places["umap"].values[stop["i"]])
    assert np.allclose(stop["places"], expected, atol=1e-3)
    lab.root.locator(".axes select").first.select_option("axes")
    lab.page.wait_for_url(lambda url: "umap" in url and "pca" not in url)


@pytest.mark.parametrize(
    ("link", "said"),
    [
        # Dimensions beyond its own; two dimensions without a map; a name that nothing has.
        ("/compare?left=mnist-ae-16&right=mnist-vae-16&axes=40.41,1.2", "z₄₀, z₄₁, which {} does"),
        ("/decode?model=mnist-vae&axes=umap", "UMAP, which {} does not have; this is dimensions 1"),
        ("/decode?model=mnist-vae-16&axes=tsne", "names no plane that there is; this is dim"),
        ("/interpolate?left=mnist-ae-16&right=mnist-vae-16&axes=1.2,1.40", "z₁, z₄₀, which {} do"),
    ],
)
def test_another_plane_than_the_link_asks_for_is_not_shown_without_a_word(lab, link, said):
    lab.open(link)
    lab.settle()
    notes = lab.root.locator(".axes").filter(has_text="The link")
    title = lab.root.evaluate(
        "root => (root.live.planes ?? root.live.models).find((shown) =>"
        " /The link/.test(shown.head.nextSibling.textContent))?.title"
    )
    assert notes.count() == 1
    assert said.format(title) in notes.inner_text()
    if (chooser := notes.locator("select")).count():
        chooser.first.select_option("pca")
        assert notes.count() == 0
    lab.address()  # it is put right
    lab.reload()
    lab.settle()
    assert notes.count() == 0


def test_a_plane_that_is_there_is_shown_without_a_word(lab):
    for axes in ("umap", "3.12", "pca"):
        lab.open(f"/decode?model={NAME}&axes={axes}")
        assert "The link" not in lab.root.inner_text()
