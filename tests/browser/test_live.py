"""The live panel under mouse, keyboard and touch: what it shows is what torch computes."""

import json

import numpy as np
import pytest

from aecore.runs import shipped_run
from aecore.ui.text.en.live import DIGITS

LEFT, RIGHT = "mnist-ae", "mnist-vae"
PAIR = (LEFT, RIGHT)


def codes(name):
    return shipped_run(name).codes.mean.values


def nearest(name, z):
    """Rows of the codes that are as near as any, but for rounding."""
    distances = np.linalg.norm(codes(name).astype(float) - z, axis=1)
    return np.flatnonzero(distances <= distances.min() + 1e-6)


@pytest.mark.parametrize("side", [0, 1])
def test_the_pointer_decodes_and_the_other_plane_follows(lab, same_image, side):
    lab.open("/compare")
    pinned = lab.read()
    other = 1 - side
    for across, down in [(0.5, 0.5), (0.04, 0.06), (0.97, 0.03), (0.31, 0.72)]:
        place, seen = lab.hover(side, across, down)
        assert np.allclose(seen.z[side], place.z, atol=1e-5)
        same_image(seen.pixels[side], PAIR[side], place.z)
        assert seen.driver == side
        assert seen.linked in nearest(PAIR[side], place.z)
        code = codes(PAIR[other])[seen.linked]
        assert np.allclose(seen.z[other], code, atol=1e-5)
        same_image(seen.pixels[other], PAIR[other], code)
        assert seen.pinned == pinned.pinned
    lab.page.mouse.move(640, 20)
    left = lab.read()
    assert np.array_equal(left.z[0], pinned.z[0])
    assert np.array_equal(left.pixels, pinned.pixels)


def test_the_canvas_shows_the_pixels_in_the_theme_s_ink(lab):
    lab.open("/decode")
    _, seen = lab.hover(0, 0.4, 0.4)
    painted = lab.painted("canvas.decoded")
    paper, ink = np.array(seen.ink)
    expected = paper + (ink - paper) * seen.pixels[0][:, None]
    assert np.abs(painted.reshape(784, 3) - expected).max() <= 1


def test_a_click_pins_and_a_reload_restores_it(lab, same_image):
    lab.open("/compare")
    for model, across in [(0, 0.3), (0, 0.7), (1, 0.6)]:  # the last of several is what counts
        place = lab.click(model, across, 0.55)
        query, z = lab.address()
        assert query.get("at", "0") == str(model)
        assert np.allclose(z, place.z, rtol=1e-4)
        assert lab.read().pinned["m"] == model
        assert np.allclose(lab.read().pinned["z"], place.z)
    before = lab.read()
    lab.reload()
    lab.until("p.pinned.m === 1")
    after = lab.read()
    assert after.pinned == {"m": 1, "z": z}
    assert np.allclose(after.z[1], before.z[1], rtol=1e-4)
    same_image(after.pixels[1], RIGHT, z)
    assert np.abs(after.pixels - before.pixels).max() < 2 / 255


def test_keys_reach_the_plane_move_the_point_and_zoom(lab, same_image):
    lab.open("/compare")
    active = """() => { let e = document.activeElement;
        while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
        return [e.className, e.matches(":focus-visible"), getComputedStyle(e).outlineStyle,
            parseFloat(getComputedStyle(e).outlineWidth)] }"""
    for _ in range(60):
        lab.page.keyboard.press("Tab")
        name, visible, outline, width = lab.page.evaluate(active)
        if name == "frame":
            break
    assert (name, visible, outline) == ("frame", True, "solid")
    assert width >= 2
    z = lab.read().z[0]
    unit = lab.read().planes[0].unit
    moves = {"ArrowRight": (1, 0), "ArrowLeft": (-1, 0), "ArrowUp": (0, 1), "ArrowDown": (0, -1)}
    for shift, step in [("", 4), ("Shift+", 40)]:
        for key, way in moves.items():
            lab.page.keyboard.press(shift + key)
            z = z + np.multiply(way, step * unit)
            seen = lab.read()
            assert np.allclose(seen.z[0], z, atol=1e-4)
            same_image(seen.pixels[0], LEFT, seen.z[0])
    for key, factor in [("+", 1.5), ("=", 1.5), ("-", 1 / 1.5)]:
        lab.page.keyboard.press(key)
        unit /= factor
        assert np.isclose(lab.read().planes[0].unit, unit)
    lab.page.keyboard.press("0")
    plane = lab.read().planes[0]
    assert plane.unit == plane.full


def test_a_slider_moves_z_by_keyboard_and_while_it_is_dragged(lab, same_image):
    lab.open("/compare")
    slider = lab.root.locator("input[type=range]").nth(1)
    slider.focus()
    before = lab.read()
    lab.page.keyboard.press("ArrowRight")
    seen = lab.read()
    assert seen.z[0][1] > before.z[0][1]
    assert seen.z[0][0] == before.z[0][0]
    same_image(seen.pixels[0], LEFT, seen.z[0])

    mouse = lab.page.mouse
    box = slider.bounding_box()
    low, high, value = (
        float(slider.evaluate(f"e => e.{name}")) for name in ("min", "max", "value")
    )
    x = box["x"] + 10 + (box["width"] - 20) * (value - low) / (high - low)
    y = box["y"] + box["height"] / 2
    mouse.move(x, y)
    mouse.down()
    drawn_at = []
    for share in (0.3, 0.7, 0.9):
        mouse.move(box["x"] + box["width"] * share, y, steps=3)
        seen = lab.read()
        drawn_at.append(seen.z[0][1])
        assert np.isclose(seen.z[0][1], low + share * (high - low), atol=0.1 * (high - low))
        same_image(seen.pixels[0], LEFT, seen.z[0])
    assert len(set(drawn_at)) == 3
    mouse.up()


def test_the_wheel_zooms_about_the_pointer_a_drag_pans_and_a_double_click_resets(lab):
    lab.open("/compare")
    mouse = lab.page.mouse
    start = lab.read()
    place, _ = lab.hover(0, 0.7, 0.35)
    mouse.wheel(0, -400)
    lab.until("p.models[0].plane.window.unit < a", start.planes[0].unit)
    zoomed = lab.read()
    assert np.allclose(lab.place(0, 0.7, 0.35).z, place.z)
    assert zoomed.counts[0] != start.counts[0]
    assert zoomed.planes[1] == start.planes[1]

    mouse.down()
    mouse.move(place.x - 60, place.y + 25, steps=4)
    panned = lab.read()
    mouse.up()
    shift = np.array([60, 25]) * zoomed.planes[0].unit
    assert np.allclose(
        [panned.planes[0].x, panned.planes[0].y],
        np.add([zoomed.planes[0].x, zoomed.planes[0].y], shift),
    )
    assert lab.read().pinned == start.pinned

    mouse.dblclick(place.x, place.y)
    reset = lab.read().planes[0]
    assert (reset.x, reset.y, reset.unit) == tuple(
        getattr(start.planes[0], name) for name in ("x", "y", "unit")
    )
    assert lab.read().pinned == start.pinned  # its two clicks are no pins


def test_a_drag_of_the_pinned_ring_takes_the_point_along(lab):
    lab.open("/compare")
    before = lab.read()
    x, y = lab.root.evaluate("""panel => {
        const { frame, plane, z } = panel.live.models[0];
        const [x, y] = plane.toScreen(...z), box = frame.getBoundingClientRect();
        return [box.x + x, box.y + y]; }""")
    mouse = lab.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x - 40, y - 20, steps=4)
    mouse.up()
    after = lab.read()
    assert after.planes[0].x == before.planes[0].x  # the plane stays
    moved = np.subtract(after.pinned["z"], before.pinned["z"]) / before.planes[0].unit
    assert np.allclose(moved, [-40, 20], atol=1.5)


def test_the_page_scrolls_on_where_a_plane_shows_all_it_has(lab):
    lab.open("/compare")
    lab.hover(0, 0.5, 0.5)
    lab.page.mouse.wheel(0, 300)
    lab.page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 100")


def test_the_view_follows_a_point_that_leaves_it(lab):
    lab.open("/compare")
    lab.root.locator(".frame").first.focus()
    for _ in range(14):
        lab.page.keyboard.press("Shift+ArrowRight")
    assert lab.root.evaluate("""panel => {
        const { plane, z } = panel.live.models[0];
        return plane.contains(...plane.toScreen(...z)); }""")


def test_three_models_stand_under_one_cursor(lab, same_image):
    lab.open("/compare")
    lab.root.evaluate("""panel => {
        const { live } = panel, [ae, vae] = live.data.models;
        live.receive({ data: { ...live.data, models: [ae, vae, ae] } }); }""")
    lab.until("p.models.length === 3 && p.pinned")
    lab.hover(1, 0.4, 0.6)
    seen = lab.read()
    assert np.array_equal(seen.z[0], seen.z[2])  # both at the code of the linked image
    for pixels, name, z in zip(
        seen.pixels, ["mnist-ae", "mnist-vae", "mnist-ae"], seen.z, strict=True
    ):
        same_image(pixels, name, z)


def test_buttons_zoom(lab):
    lab.open("/decode")
    full = lab.read().planes[0].unit
    for name, unit in [("Zoom in", full / 1.5), ("Zoom out", full), ("Zoom out", full * 1.5)]:
        lab.root.get_by_role("button", name=name).click()
        assert np.isclose(lab.read().planes[0].unit, unit)
    lab.root.get_by_role("button", name="Show all").click()
    assert lab.read().planes[0].unit == full


def in_view(name, plane, hidden=()):
    """How many codes a plane shows, by its window."""
    half = np.array([plane.inner["w"], plane.inner["h"]]) / 2 * plane.unit
    inside = (np.abs(codes(name)[:, plane.axes] - [plane.x, plane.y]) <= half).all(1)
    return (inside & ~np.isin(shipped_run(name).codes.labels, hidden)).sum()


def counted(text):
    return int(text.split(" ")[0].replace(",", ""))


def test_the_legend_takes_a_class_off_both_planes_and_a_link_keeps_it(lab):
    lab.open("/compare")
    button = lab.root.locator(".legend button").nth(3)
    for pressed, hidden in [("true", []), ("false", [3])]:
        assert button.get_attribute("aria-pressed") == pressed
        lab.until("!p.models.some((view) => view.plane.changed)")
        seen = lab.read()
        for k, name in enumerate(PAIR):
            expected = in_view(name, seen.planes[k], hidden)
            assert abs(counted(seen.counts[k]) - expected) <= 2
        if not hidden:
            button.click()
    lab.page.wait_for_url("**hide=3*")
    lab.reload()
    lab.until("p.hidden.has(3)")
    assert lab.root.locator(".legend button[aria-pressed=false]").all_text_contents() == ["3"]


# The grid of a plane: whether it is filled, and what it shows at some of its places.
GRID = """([root, k, shares]) => { const { plane, gridSize } = root.live.models[k];
    if (!plane.show.grid || !plane.grid || !gridSize) return null;
    const { inner, scale, grid } = plane, { width, height } = grid.canvas;
    const copy = Object.assign(document.createElement("canvas"), { width, height });
    const context = copy.getContext("2d", { willReadFrequently: true });
    context.drawImage(grid.canvas, 0, 0);
    const [across, up] = gridSize.match(/\\d+/g).map(Number);
    const cell = inner.w / across, rise = inner.h / up, size = Math.min(cell, rise) * scale;
    for (let i = 0; i < across * up; i++) {
        const x = (i % across) * cell * scale, y = Math.floor(i / across) * rise * scale;
        if (!context.getImageData(x + size / 2, y + size / 2, 1, 1).data[3]) return null;
    }
    const classes = root.live.colours.classes.map((text) => text.match(/[\\d.]+/g).map(Number));
    return { classes, cells: shares.map(([right, down]) => {
        const column = Math.floor(right * across), row = Math.floor(down * up);
        const x = Math.ceil(column * cell * scale), y = Math.ceil(row * rise * scale);
        const side = Math.floor(size) - 1, k = 28 / size; // whole pixels inside, and where of 28
        const left = (x - column * cell * scale) * k, top = (y - row * rise * scale) * k;
        return { side, box: [left, top, left + side * k, top + side * k], data: [
            ...context.getImageData(x, y, side, side).data],
            z: plane.toPlane(inner.x + (column + 0.5) * cell, inner.y + (row + 0.5) * rise) };
    }) } }"""


@pytest.mark.parametrize(
    ("address", "pill", "names"),
    [("/compare", "Decoded grid", PAIR), ("/decode", "Images", (RIGHT,))],
)
def test_the_grid_holds_the_decoded_image_of_each_place(lab, drawn, judged, address, pill, names):
    from PIL import Image

    lab.open(address)
    lab.pill(pill).click()
    ink = np.array(lab.read().ink)
    for k, name in enumerate(names):
        wanted = [lab.root.element_handle(), k, [(0.2, 0.3), (0.5, 0.5), (0.8, 0.7), (0.3, 0.8)]]
        text = f"wanted => {{ const grid = ({GRID})(wanted); return grid && JSON.stringify(grid) }}"
        grid = json.loads(lab.page.wait_for_function(text, arg=wanted, polling=200).json_value())
        cells = grid["cells"]
        images = drawn(name, [cell["z"] for cell in cells])
        read = judged(images)
        found, expected = [], []
        for cell, image, p in zip(cells, images, read, strict=True):
            side = cell["side"]
            found.append(np.reshape(cell["data"], (side, side, 4))[..., :3])
            picture = Image.fromarray(image.reshape(28, 28))
            shade = picture.resize((side, side), Image.BILINEAR, cell["box"])
            colour = ink[1] + (np.array(grid["classes"][p.argmax()]) - ink[1]) * 0.7 * p.max()
            expected.append(ink[0] + (colour - ink[0]) * np.array(shade)[..., None])
        apart = np.abs(np.array(found)[:, None] - np.array(expected)).mean((2, 3, 4))
        assert (apart.argmin(1) == np.arange(len(cells))).all()
        assert apart.diagonal().max() < 12


def test_touch_decodes_pins_and_pinches(phone, same_image):
    phone.open("/compare")
    touch = phone.page.context.new_cdp_session(phone.page)

    def send(kind, *points):
        touch_points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touch_points})

    start, middle, end = (phone.place(0, across, 0.5) for across in (0.3, 0.5, 0.8))
    pinned = phone.read().pinned
    send("touchStart", (start.x, start.y))
    for place in (middle, end):
        send("touchMove", (place.x, place.y))
        seen = phone.read_next()
        assert np.allclose(seen.z[0], place.z, atol=1e-5)
        same_image(seen.pixels[0], LEFT, place.z)
        assert seen.pinned == pinned
    send("touchEnd")
    phone.until("p.pinned.z[0] === a", end.z[0])
    phone.page.wait_for_url("**z=*")
    assert np.allclose(phone.address()[1], end.z, rtol=1e-4)

    unit = phone.read().planes[0].unit
    x, y = middle.x, middle.y
    send("touchStart", (x - 20, y), (x + 20, y))
    for spread in (30, 45, 60):
        send("touchMove", (x - spread, y), (x + spread, y))
    phone.until("Math.abs(p.models[0].plane.window.unit * 3 / a - 1) < 0.05", unit)
    assert np.allclose(phone.place(0, 0.5, 0.5).z, middle.z, atol=2 * unit)
    send("touchEnd")


def test_the_strip_shows_the_nearest_test_image_and_its_rebuilds(lab, mnist, same_image):
    lab.open("/compare")
    link = lab.root.locator(".link")
    for model, across in [(0, 0.25), (1, 0.6)]:
        _, seen = lab.hover(model, across, 0.5)
        i = seen.linked
        lab.until("root.querySelector('.link .of-x canvas').pixels?.some((v) => v > 0)")
        x = mnist.test.images[i].reshape(784) / np.float32(255)
        lab.until(
            "a.every((v, i) => Math.abs(root.querySelector('.of-x canvas').pixels[i] - v) < 1e-6)",
            x.tolist(),
        )
        digit = DIGITS[f"digit_{mnist.test.labels[i]}"]
        assert f"no. {i}, {digit}" in link.inner_text()
        rebuilt = link.locator(".of-xh canvas").evaluate_all("all => all.map((c) => [...c.pixels])")
        said = link.locator(".rebuild div:last-child > span:last-child").all_text_contents()
        for k, name in enumerate(PAIR):
            same_image(rebuilt[k], name, codes(name)[i])
            nats = shipped_run(name).codes.nats[i]
            assert abs(float(said[k].split(" ")[0]) - nats) < 0.051


def test_no_picture_stands_beside_the_words_on_another(lab):
    """A piece of the test images does not arrive; it does when the pointer comes by again."""
    lab.load("/compare?z=0.5,1")
    picture = lab.root.locator(".link .of-x canvas")
    picture.wait_for()
    pieces = lab.ask("({ live }) => live.images.url")
    lab.page.route(f"**/{pieces}", lambda route: route.abort())
    with lab.page.expect_event("requestfailed"):
        lab.until("(p.pin(0, p.models[0].codeOf(9000)), p.linked === 9000)")
    lab.page.wait_for_event("requestfailed")  # it was asked for twice
    picture.wait_for(state="hidden")
    lab.page.unroute_all()
    lab.said = [one for one in lab.said if "net::ERR_FAILED" not in one[0]]
    lab.until("(p.rest(), p.linked === 9000)")
    picture.wait_for()


def test_without_the_dataset_the_page_works_and_says_how_to_get_it(bare, same_image):
    bare.load("/compare")
    place, seen = bare.hover(0, 0.5, 0.5)
    same_image(seen.pixels[0], LEFT, place.z)
    said = bare.root.locator(".link").inner_text()
    assert "downloaded on the page Train" in said
    assert "python" not in said
    assert not bare.root.locator(".of-x").count()
    assert bare.root.evaluate("root => root.live.data.images") is None
    assert len(bare.fetched()) == 3  # two models and the classifier
