"""What a move costs the browser: one layout, and few layers."""

import pytest

MOVES = 12
FRAME = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
SAME = """({ live }) => { const { canvas, picture } = live.films.rows[0].frames[3];
    const copy = Object.assign(document.createElement("canvas"), { width: 28, height: 28 });
    const context = copy.getContext("2d", { willReadFrequently: true });
    const read = (image) => { context.drawImage(image, 0, 0);
        return [...context.getImageData(0, 0, 28, 28).data] };
    return [read(picture), read(canvas)] }"""


def count(devtools, name):
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == name)


@pytest.mark.parametrize("address", ["/compare", "/decode"])
def test_a_move_lays_the_page_out_once(lab, address):
    """What is read of the page's layout is read before anything is written to it."""
    lab.open(address)
    devtools = lab.page.context.new_cdp_session(lab.page)
    devtools.send("Performance.enable")
    place = lab.root.locator(".frame").first
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    y = box["y"] + box["height"] / 2
    lab.page.mouse.move(box["x"] + 0.3 * box["width"], y)
    lab.page.evaluate(FRAME)
    counts = []
    for i in range(MOVES):
        before = count(devtools, "LayoutCount")
        lab.page.mouse.move(box["x"] + (0.3 + 0.4 * i / MOVES) * box["width"], y)
        lab.page.evaluate(FRAME)
        counts.append(count(devtools, "LayoutCount") - before)
    devtools.detach()
    assert sorted(counts)[MOVES // 2] <= 1, counts


def test_still_images_are_no_canvases(lab):
    """A canvas is a layer of its own; each of them costs time at every frame."""
    lab.open("/compare")
    for which in range(2):
        lab.strips(which)
    few_canvases(lab.page)
    lab.open("/interpolate")
    lab.until("p.route?.done")
    few_canvases(lab.page)


def few_canvases(page):
    assert page.locator("[data-root] canvas:visible").count() <= 12
    pictures = page.locator("[data-root] .tile img")
    assert pictures.count() >= 60
    assert pictures.evaluate_all("all => all.every((image) => image.naturalWidth === 28)")


def test_a_still_image_shows_what_is_painted(lab):
    lab.open("/interpolate")
    lab.until("p.route?.done")
    drawn, painted = lab.root.evaluate(SAME)
    assert drawn == painted
