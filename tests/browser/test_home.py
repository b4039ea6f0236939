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
    ],
)
def test_a_door_leads_where_it_says(lab, door, address, asked):
    lab.open("/")
    lab.page.get_by_role("link", name=door).click()
    lab.page.locator(f"{asked}[data-ready]").wait_for()
    lab.page.get_by_role("heading", name=door, level=1).wait_for()
    assert lab.page.url.split("?")[0] == lab.server + address
