"""Compare: strips, table, files and links say what torch and the run's card say."""

import csv
import io

import numpy as np
import pytest
from PIL import Image

from aecore.analysis.latent import class_means, fitted_gaussian, midpoints, standard_normal
from aecore.runs import shipped_run

PAIR = ("mnist-ae", "mnist-vae")
SIXTEEN = ("mnist-ae-16", "mnist-vae-16")
AT_SIXTEEN = "/compare?left={}&right={}".format(*SIXTEEN)


@pytest.fixture
def agrees(drawn, judged):
    """Whether a strip's cells show the codes, and are labelled as the classifier reads them."""

    def check(strip, name, codes, classes=None):
        images = drawn(name, codes)
        read = judged(images)
        assert len(strip["cells"]) == len(codes)
        for i, cell in enumerate(strip["cells"]):
            assert np.abs(cell["pixels"] - images[i]).max() < 1 / 255
            digit = int(cell["label"][-1])
            assert read[i, digit] > read[i].max() - 0.005
            assert abs(cell["sure"] - read[i].max()) < 0.01
            if classes is not None:
                expected = f"{digit}" if classes[i] in (digit, None) else f"{classes[i]}→{digit}"
                assert cell["label"] == expected
        return read.max(1)

    return check


@pytest.mark.parametrize(("address", "names"), [("/compare", PAIR), (AT_SIXTEEN, SIXTEEN)])
def test_class_means_and_their_midpoints_are_decoded_and_labelled(lab, agrees, address, names):
    lab.open(address)
    for strip, name in zip(lab.strips(0), names, strict=True):
        codes = shipped_run(name).codes
        means = class_means(codes.mean.values, codes.labels)
        agrees(strip, name, np.concatenate([means, midpoints(means)]), [*range(10), *[None] * 9])


def test_samples_follow_their_source_and_seed(lab, agrees):
    lab.open("/compare")
    dims = [shipped_run(name).latent_dim for name in PAIR]

    def prior(seed):
        return [standard_normal(16, dim, np.random.default_rng(seed)) for dim in dims]

    def fitted(seed):
        return [
            fitted_gaussian(
                shipped_run(name).codes.reference.values, 16, np.random.default_rng(seed)
            )
            for name in PAIR
        ]

    def check(codes):
        expected = [np.float32(c[0]).tolist() for c in codes]
        lab.page.wait_for_function(
            """([{ live }, expected]) => live.built && live.data.strips.every((strip, k) =>
                strip.rows[0].codes[0].every((v, j) => Math.abs(v - expected[k][j]) < 1e-5))""",
            arg=[lab.page.locator(".strips").nth(1).element_handle(), expected],
        )
        for strip, name, z in zip(lab.strips(1), PAIR, codes, strict=True):
            sure = agrees(strip, name, z)
            said = int(strip["caption"].split(". ")[1].split(" ")[0])
            assert (sure > 0.901).sum() <= said <= (sure > 0.899).sum()
            assert strip["caption"].endswith("of 16 read with .90 or more.")

    check([fitted(0)[0], prior(0)[1]])
    lab.pill("N(0, I)").click()
    check(prior(0))
    lab.pill("Fitted").click()
    check(fitted(0))
    lab.page.get_by_label("Seed").fill("7")
    lab.page.get_by_label("Seed").press("Enter")
    check(fitted(7))


def test_the_table_holds_the_card_s_figures(lab):
    lab.open("/compare")
    cells = lab.page.locator(".lab-table tr").evaluate_all(
        "rows => rows.map((row) => [...row.children].map((cell) => cell.textContent))"
    )
    shown = {row[0]: row[1:3] for row in cells[1:]}
    figures = [shipped_run(name).card["figures"] for name in PAIR]

    def values(digits, get):
        return [f"{get(f):.{digits}f}".replace("-", "−") for f in figures]

    assert shown["Reconstruction error at f(x) or μ(x), nats"] == values(
        1, lambda f: f["reconstruction"]
    )
    assert shown["KL to the prior, nats"] == ["–", f"{figures[1]['kl']:.1f}"]
    assert shown["Trustworthiness"] == values(3, lambda f: f["trustworthiness"])
    for kind, way in [("N(0, I)", "standard_normal"), ("fitted Gaussian", "fitted")]:
        for title, key in [("Gap", "gap_fraction"), ("Recognised", "recognised_fraction")]:
            found = shown[f"{title} fraction, {kind}"]
            assert found == values(3, lambda f, key=key, way=way: f[key][way])


def test_files_hold_what_is_shown(lab):
    lab.open("/compare")
    with lab.page.expect_download() as saved:
        lab.page.get_by_role("button", name="CSV of the codes").click()
    rows = list(csv.DictReader(io.StringIO(saved.value.path().read_text(encoding="utf-8-sig"))))
    for name in PAIR:
        codes = shipped_run(name).codes
        own = [row for row in rows if row["run"] == name]
        assert [int(row["label"]) for row in own] == codes.labels.tolist()
        z = np.array([[row["z1"], row["z2"]] for row in own], float)
        assert np.allclose(z, codes.mean.values, rtol=1e-4, atol=0)
        if codes.log_std is not None:
            sd = np.array([[row["sd1"], row["sd2"]] for row in own], float)
            assert np.allclose(sd, np.exp(codes.log_std.values), rtol=1e-4)

    lab.strips(1)
    buttons = lab.page.get_by_role("button", name="PNG")
    assert buttons.count() == 3
    for k, name in enumerate(["mnist-ae-mnist-vae", "class-means", "samples"]):
        with lab.page.expect_download() as saved:
            buttons.nth(k).click()
        assert saved.value.suggested_filename == f"{name}.png"
        with Image.open(saved.value.path()) as picture:
            picture.load()
            assert picture.format == "PNG"
            assert min(picture.size) > 300
            assert len(picture.convert("RGB").getcolors(1 << 24)) > 50


def test_a_copied_link_restores_the_view(visit, server, same_image):
    first = visit(server)
    page = first.open("/compare").page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("combobox", name="Right").click()
    page.get_by_role("option", name="mnist-vae-16", exact=True).click()
    first.until("p.models[1]?.dim === 16 && p.pinned")
    first.settle()
    first.root.locator(".legend button").nth(4).click()
    first.pill("Prior").click()
    first.pill("Decoded grid").click()
    first.pill("Fitted").click()
    first.root.locator(".axes .pair select").nth(0).select_option("2")
    first.root.locator(".axes .pair select").nth(1).select_option("10")
    first.click(1, 0.4, 0.6)
    first.until("p.models[1].plane.show.grid && !p.models[1].plane.show.prior")
    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("status").get_by_text("Copied").wait_for(state="attached")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url

    second = visit(server)
    second.open(link.removeprefix(second.server))
    second.until("p.pinned.m === 1 && p.hidden.has(4)")
    page = second.page
    assert page.get_by_role("combobox", name="Left").input_value() == "mnist-ae"
    assert page.get_by_role("combobox", name="Right").input_value() == "mnist-vae-16"
    assert page.locator(".stButtonGroup button[data-selected=true]").all_text_contents() == [
        "Gaps", "Decoded grid", "Fitted",
    ]  # fmt: skip
    seen, before = second.read(), first.read()
    assert [plane.axes for plane in seen.planes] == [[0, 1], [2, 10]]
    assert seen.planes[1].show == before.planes[1].show
    assert np.allclose(seen.pinned["z"], before.pinned["z"], rtol=1e-4)
    same_image(seen.pixels[1], "mnist-vae-16", seen.pinned["z"])


def test_sixteen_dimensions_have_sixteen_sliders_and_a_plane_of_any_two(lab, same_image):
    lab.open(AT_SIXTEEN)
    assert [lab.root.locator(".model").nth(k).locator("input").count() for k in (0, 1)] == [16, 16]
    for k, name in enumerate(SIXTEEN):
        pinned = lab.read().z[k]
        selects = lab.root.locator(".model").nth(k).locator(".axes .pair select")
        selects.nth(0).select_option("4")
        selects.nth(1).select_option("9")
        assert lab.read().planes[k].axes == [4, 9]
        lab.root.evaluate("(root, k) => root.live.pin(k, root.live.models[k].z)", k)
        place, seen = lab.hover(k, 0.7, 0.3)
        expected = pinned.copy()
        expected[[4, 9]] = place.z
        assert np.allclose(seen.z[k], expected, atol=1e-5)
        same_image(seen.pixels[k], name, expected)
        slider = lab.root.locator(".model").nth(k).locator("input").nth(12)
        slider.focus()
        lab.page.keyboard.press("ArrowLeft")
        seen = lab.read()
        assert np.flatnonzero(seen.z[k] != pinned).tolist() == [12]
        same_image(seen.pixels[k], name, seen.z[k])
    lab.page.wait_for_url("**axes=5.10*")


def test_blocks_are_sent_once(lab):
    lab.load("/compare")
    assert len(lab.fetched()) == 3
    lab.click(0, 0.4, 0.4)
    lab.pill("Prior").click()
    lab.until("!p.models[0].plane.show.prior")
    lab.click(1, 0.6, 0.4)
    lab.page.get_by_role("link", name="Decode").click()
    lab.page.locator(".panel.decode[data-ready]").wait_for()
    assert len(lab.fetched()) == len(set(lab.fetched())) == 3
