"""Home: the encoder runs in the browser too, and the doors lead where they say."""

import numpy as np
import pytest

NAME = "mnist-vae"


def test_an_image_put_in_is_encoded_and_z_can_be_moved_away(lab, digits, model, same_image):
    lab.open("/")
    for digit in (3, 5, 8):
        button = lab.root.get_by_role("button", name=f"Put in image {digit}")
        if digit != 3:  # the one that is in at first
            button.click()
        assert button.get_attribute("aria-pressed") == "true"
        image = digits.test.images[np.flatnonzero(digits.test.labels == digit)[0]]
        z = model(NAME).encode(image).detach().numpy()[0]
        seen = lab.read()
        assert np.allclose(seen.z[0], z, atol=1e-3)
        same_image(seen.pixels[0], NAME, seen.z[0])
        put = lab.root.locator(".stage .of-x canvas").evaluate("canvas => [...canvas.pixels]")
        assert np.allclose(put, image.reshape(784) / 255)

    slider = lab.root.locator("input[type=range]").first
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    lab.page.mouse.move(box["x"] + box["width"] * 0.5, y)
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + box["width"] * 0.2, y, steps=3)
    moved = lab.read()
    lab.page.mouse.up()
    assert moved.z[0][0] != seen.z[0][0]
    same_image(moved.pixels[0], NAME, moved.z[0])
    assert lab.root.locator(".picker [aria-pressed=true]").count() == 0
    place, seen = lab.hover(0, 0.4, 0.4)
    assert np.allclose(seen.z[0], place.z, atol=1e-5)


@pytest.mark.parametrize(
    ("door", "address", "asked"),
    [
        ("What does a point mean?", "/decode", ".panel.decode"),
        ("What lives in the gaps?", "/compare", ".panel.compare"),
        ("What lies between two digits?", "/interpolate", ".interpolate"),
        ("What does noise teach?", "/denoise", ".denoise"),
        ("How far do a hundred labels go?", "/few_labels", ".few-labels"),
    ],
)
def test_a_door_leads_where_it_says(lab, door, address, asked):
    lab.open("/")
    lab.page.get_by_role("link", name=door).click()
    lab.page.locator(f"{asked}[data-ready]").wait_for()
    lab.page.get_by_role("heading", name=door, level=1).wait_for()
    assert lab.page.url.split("?")[0] == lab.server + address


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (1000, 800), (390, 844)])
def test_nothing_jumps_when_the_figure_comes_and_both_images_are_level(lab, size):
    lab.page.set_viewport_size({"width": size[0], "height": size[1]})
    held = []
    lab.page.route("**/components/home/home.js*", lambda route: held.append(route))
    lab.load("/", ready="h3:has-text('Ways in')")
    below = lab.page.get_by_role("heading", name="Ways in")
    styled = "() => getComputedStyle(document.querySelector('.st-key-home')).minHeight !== 'auto'"
    lab.page.wait_for_function(styled)
    before = below.bounding_box()["y"]
    for route in held:
        route.continue_()
    lab.page.unroute("**/components/home/home.js*")
    lab.settle()
    lab.until("p.built && p.models[0].plane.width")
    assert below.bounding_box()["y"] == pytest.approx(before, abs=12)
    first, second = lab.root.locator(".tile").evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect().top)"
    )
    assert first == pytest.approx(second, abs=1)


def test_on_a_phone_ten_images_stand_in_two_rows_and_tables_keep_names_whole(phone):
    phone.open("/")
    boxes = phone.root.locator(".picker button").evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect()).map(({ top, height }) => [top, height])"
    )
    tops = [top for top, _ in boxes]
    assert [tops.count(top) for top in sorted(set(tops))] == [5, 5]
    assert min(height for _, height in boxes) >= 40
    legend, png = (phone.root.locator(part).bounding_box() for part in (".legend", ".png"))
    assert legend["y"] < png["y"] + png["height"] / 2 < legend["y"] + legend["height"]
    table = phone.page.locator(".lab-table").first
    assert table.locator("th:visible").count() == 3
    folded = phone.page.locator(".lab-folded")
    folded.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")
    heights = folded.locator("td:first-child").evaluate_all("all => all.map((e) => e.clientHeight)")
    assert min(heights) > 0
    assert max(heights) < 65  # two lines
