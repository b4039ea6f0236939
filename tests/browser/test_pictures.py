"""Filters and the curve on the Denoise page: painted as Python has them, moved by every hand."""

import math
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from PIL import Image

from aecore.analysis import first_layer, spiral_demo
from aecore.runs import shipped_run
from aecore.ui.denoise import figures
from aecore.ui.text import denoise

AT = "/denoise"
READY = ".manifold[data-ready]"
START = [0.32, 0.32]
NAMES = ["mnist-tied-0", "mnist-tied-25", "mnist-tied-50"]

# Each grid's filters, small and large.
CELLS = """root => root.live.grids.map(({ cells, pictures }) =>
    [cells.map(({ canvas }) => canvas), pictures].map((all) => all.map((canvas) => {
        const copy = Object.assign(document.createElement("canvas"), { width: 28, height: 28 });
        const context = copy.getContext("2d", { willReadFrequently: true });
        context.drawImage(canvas, 0, 0);
        return [...context.getImageData(0, 0, 28, 28).data] })))"""

STATE = """root => { const { live } = root; return { level: live.level, pinned: live.pinned,
    way: live.spiral.way, squared: live.squared, dark: live.colours.dark } }"""

# A point of the screen over a point of the plane.
SPOT = """(root, at) => { const { plane } = root.live;
    plane.host.scrollIntoView({ block: "center" });
    const box = plane.host.getBoundingClientRect(), [x, y] = plane.toScreen(...at);
    return [box.left + x, box.top + y] }"""


class Curve:
    """The curve's component in a tab."""

    def __init__(self, tab, query=""):
        self.tab = tab
        tab.open(AT + query, READY)
        self.root = tab.page.locator(".manifold")

    @property
    def state(self):
        return self.root.evaluate(STATE)

    def spot(self, *at):
        return self.root.evaluate(SPOT, list(at))

    def agrees(self):
        """The level's network takes the point where Python's does; what is seen of it now."""
        seen = self.state
        level = spiral_demo.LEVELS[seen["level"]]
        start = np.array([seen["way"][0]])
        for k, point in enumerate(seen["way"]):
            assert np.allclose(spiral_demo.reconstruct(start, level, steps=k)[0], point, atol=1e-3)
        ends = [seen["way"][k] for k in (0, 1, -1)]
        assert np.allclose(np.sqrt(seen["squared"]), spiral_demo.distance(ends), atol=1e-5)
        shown = [f"{value:.4f}" for value in seen["squared"]]
        assert self.root.locator(".away .value").all_text_contents() == shown
        return seen

    def told(self):
        """Wait until the address holds the level and the point that are shown."""
        seen = self.state
        at = ",".join(f"{round(v, 3) + 0.0:g}" for v in seen["pinned"])
        wanted = {"curve_level": f"{spiral_demo.LEVELS[seen['level']]:g}", "curve_at": at}
        defaults = {"curve_level": "0.1", "curve_at": "0.32,0.32"}  # they stand in no address

        def holds(url):
            query = dict(parse_qsl(urlsplit(url).query))
            return all(query.get(k, defaults[k]) == v for k, v in wanted.items())

        self.tab.page.wait_for_url(holds)
        self.tab.settle(READY)
        return seen


def test_filters_are_painted_and_described_as_python_has_them(lab):
    lab.open(AT, ".filters[data-ready]")
    root = lab.page.locator(".filters")
    found = [first_layer.shapes(first_layer.first_layer(shipped_run(name))) for name in NAMES]
    scale = first_layer.scale_of(np.stack([shapes.filters for shapes in found]))
    painted = np.reshape(lab.ask(CELLS, of=root), (3, 2, 50, 28, 28, 4))
    assert (painted[..., :3] == painted[..., :1]).all()
    titles = root.locator("h4").all_text_contents()
    levels = [shipped_run(name).config.options["level"] for name in NAMES]
    assert titles == [denoise.masked(level) for level in levels]
    findings = [denoise.finding(f.shaped.sum(), len(f.filters), f.mean_extent) for f in found]
    assert root.locator(".finding").all_text_contents() == findings
    for k, shapes in enumerate(found):
        units = shapes.spaced(50)
        weights = np.clip(shapes.filters[units], -scale, scale)
        small, large = (painted[k, ..., 0] - 128.0) / 127
        assert np.abs(small * scale - weights).max() < scale / 250
        own = shapes.filters[units] / np.abs(shapes.filters[units]).max((1, 2), keepdims=True)
        assert np.abs(large - own).max() < 1 / 250
        grid = root.locator(".grid").nth(k)
        labels = grid.locator("[role=option]").evaluate_all(
            "cells => cells.map((cell) => cell.getAttribute('aria-label'))"
        )
        for unit, label in zip(units, labels, strict=True):
            word = "Extent" if shapes.shaped[unit] else "Strongest spot"
            plural = "" if shapes.extent[unit] == 1 else "s"
            assert label.startswith(f"Unit {unit}. {word} {shapes.extent[unit]} pixel{plural}. ")
        shown = grid.locator(".one b").text_content()
        assert shown == f"Unit {units[figures.typical(shapes, units)]}"

    with lab.page.expect_download() as saved:
        root.get_by_role("button", name="PNG").click()
    assert saved.value.suggested_filename == "filters.png"
    with Image.open(saved.value.path()) as picture:
        picture.load()
        assert picture.size[0] > 1800
        assert len(picture.convert("L").getcolors()) > 200


def test_a_filter_is_chosen_by_pointer_and_keys(lab):
    lab.open(AT, ".filters[data-ready]")
    grid = lab.page.locator(".filters .grid").nth(1)
    chosen = grid.locator("[aria-selected=true]")
    labels = grid.locator("[role=option]")
    name = grid.locator(".one b")

    def unit(i):
        return labels.nth(i).get_attribute("aria-label").split(".")[0]

    labels.nth(37).hover()
    assert name.text_content() == unit(37)
    grid.locator("h4").hover()
    assert name.text_content() == chosen.get_attribute("aria-label").split(".")[0]
    labels.nth(23).click()
    grid.locator("h4").hover()
    assert name.text_content() == unit(23)
    for key, i in [("ArrowRight", 24), ("ArrowDown", 34), ("ArrowLeft", 33), ("ArrowUp", 23),
                   ("Home", 0), ("ArrowLeft", 0), ("End", 49), ("ArrowDown", 49)]:  # fmt: skip
        lab.page.keyboard.press(key)
        assert name.text_content() == unit(i)
        assert chosen.get_attribute("aria-label") == labels.nth(i).get_attribute("aria-label")
    shapes = first_layer.shapes(first_layer.first_layer(shipped_run(NAMES[1])))
    rough = not shapes.shaped[shapes.spaced(50)[-1]]
    assert grid.locator(".chip").text_content() == ("like noise" if rough else "a shape")
    active = grid.locator("[role=listbox]").get_attribute("aria-activedescendant")
    assert active == labels.nth(49).get_attribute("id")


def test_the_point_is_moved_by_pointer_and_keys_and_a_link_keeps_it(lab):
    curve = Curve(lab)
    mouse, page = lab.page.mouse, lab.page
    start = curve.agrees()
    assert (start["level"], start["pinned"]) == (2, START)

    mouse.move(*curve.spot(0.6, -0.4))  # pointing shows, leaving restores
    assert np.allclose(curve.agrees()["way"][0], [0.6, -0.4], atol=0.006)
    curve.root.locator("h4").hover()
    assert curve.agrees()["way"][0] == start["pinned"]

    mouse.move(*curve.spot(*start["pinned"]))
    mouse.down()
    mouse.move(*curve.spot(-0.7, 0.9), steps=5)
    assert np.allclose(curve.agrees()["pinned"], [-0.7, 0.9], atol=0.006)
    mouse.move(2, 300)  # off the plane: the point stays at its edge
    assert curve.agrees()["pinned"][0] == -1.25 / 0.8
    mouse.move(*curve.spot(-0.7, 0.9))
    mouse.up()
    dragged = curve.told()["pinned"]

    curve.root.locator(".frame").focus()
    for key in ["ArrowRight", "Shift+ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowDown"]:
        page.keyboard.press(key)
    moved = curve.agrees()["pinned"]
    assert np.allclose(np.subtract(moved, dragged), [-0.02, 0.08])
    curve.told()

    radios = curve.root.get_by_role("radio")
    radios.nth(2).focus()
    for key, level in [("ArrowRight", 3), ("ArrowRight", 4), ("ArrowRight", 0), ("ArrowLeft", 4)]:
        page.keyboard.press(key)
        assert curve.agrees()["level"] == level
        said = curve.root.locator(".answer").text_content()
        assert said == denoise.spiral(spiral_demo.effect(spiral_demo.LEVELS[level]))
    radios.nth(1).click()
    last = curve.told()
    assert last["level"] == 1

    page.reload(wait_until="commit")
    lab.settle(READY)
    again = curve.agrees()
    assert again["level"] == 1
    assert np.allclose(again["pinned"], last["pinned"], atol=6e-4)
    with page.expect_download() as saved:
        curve.root.get_by_role("button", name="PNG").click()
    assert saved.value.suggested_filename == "curve.png"
    with Image.open(saved.value.path()) as picture:
        picture.load()
        assert min(picture.size) > 400


@pytest.mark.parametrize(
    "query", ["curve_level=0.3&curve_at=nan,0", "curve_level=%3Cb%3E&curve_at=1"]
)
def test_an_address_that_makes_no_sense_is_ignored(lab, query):
    seen = Curve(lab, f"?{query}").agrees()
    assert (seen["level"], seen["pinned"]) == (2, START)


def test_arrows_lead_where_the_network_leads(lab):
    """From the middle of a drawn arrow to its tip lies its colour, at every level."""
    curve = Curve(lab, "?curve_level=0.1&curve_at=1.4,1.2")
    found = curve.root.evaluate(
        """(root, points) => { const { plane } = root.live, { base, scale } = plane;
            const copy = Object.assign(document.createElement("canvas"),
                { width: base.width, height: base.height });
            const context = copy.getContext("2d", { willReadFrequently: true });
            context.drawImage(base, 0, 0);
            return points.map((point) => { const [x, y] = plane.toScreen(...point);
                return [...context.getImageData(x * scale - 1, y * scale - 1, 3, 3).data] }) }""",
        (lambda grid: (grid + (spiral_demo.reconstruct(grid, 0.1) - grid) / 6).tolist())(
            np.array([[0.1 * i, 0.1 * j] for i in range(-14, 15, 4) for j in (-11, -9, 11)])
        ),
    )
    pixels = np.reshape(found, (-1, 9, 4))[..., :3]
    blue_green = (pixels[..., 0] < pixels[..., 1] - 20).any(1)
    assert blue_green.mean() > 0.95


def test_a_finger_moves_the_point_and_nothing_scrolls_sideways(phone):
    curve = Curve(phone)
    page = phone.page
    touch = page.context.new_cdp_session(page)
    before = curve.agrees()["pinned"]

    def finger(kind, *at):
        points = [] if kind == "touchEnd" else [{"x": at[0], "y": at[1]}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    finger("touchStart", *curve.spot(*before))
    for k in range(1, 5):
        finger("touchMove", *curve.spot(before[0] + 0.1 * k, before[1] - 0.2 * k))
    page.wait_for_function(  # touches come with the next frame
        "([root, y]) => Math.abs(root.live.pinned[1] - y) < 0.03",
        arg=[curve.root.element_handle(), before[1] - 0.8],
    )
    assert np.allclose(curve.agrees()["pinned"], np.add(before, [0.4, -0.8]), atol=0.03)
    finger("touchEnd")
    curve.told()
    low = curve.root.get_by_role("radio").evaluate_all(
        "buttons => Math.min(...buttons.map((b) => b.getBoundingClientRect().height))"
    )
    assert low >= 44 or not page.evaluate("matchMedia('(pointer: coarse)').matches")

    cell = phone.page.locator(".filters [role=option]").nth(18)
    cell.scroll_into_view_if_needed()
    box = cell.bounding_box()
    finger("touchStart", box["x"] + 5, box["y"] + 5)
    finger("touchEnd")
    phone.page.locator(".filters .grid [role=option]:nth-child(19)[aria-selected=true]").wait_for()
    assert page.evaluate(
        """() => { const main = document.querySelector("[data-testid=stMain]");
            return main.scrollWidth <= main.clientWidth && main.clientWidth <= innerWidth }"""
    )


def test_a_change_of_theme_repaints(lab):
    curve = Curve(lab)
    colours = {}
    for scheme in ("light", "dark"):
        lab.page.emulate_media(color_scheme=scheme)
        lab.page.wait_for_function(
            "([root, dark]) => root.live.colours.dark === dark && !root.live.plane.changed",
            arg=[curve.root.element_handle(), scheme == "dark"],
        )
        colours[scheme] = curve.root.evaluate(
            """(root, at) => { const { plane, colours } = root.live, { base, scale } = plane;
                const copy = Object.assign(document.createElement("canvas"),
                    { width: base.width, height: base.height });
                const context = copy.getContext("2d", { willReadFrequently: true });
                context.drawImage(base, 0, 0);
                const [x, y] = plane.toScreen(...at);
                const place = [x, y].map((v) => Math.round(v * scale));
                const painted = [...context.getImageData(...place, 1, 1).data].slice(0, 3);
                return [painted, colours.x.match(/\\d+/g).map(Number)] }""",
            spiral_demo.curve(9)[5].tolist(),
        )
    for painted, blue in colours.values():
        assert math.dist(painted, blue) < 12
    assert math.dist(colours["light"][0], colours["dark"][0]) > 60
