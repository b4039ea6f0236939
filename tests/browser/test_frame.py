"""What holds for every page: bad addresses, the dark theme, a phone, an address without a page."""

from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np
import pytest

PAGES = ["/", "/decode", "/compare", "/compare?left=mnist-ae-16&right=mnist-vae-16"]


@pytest.mark.parametrize(
    "query",
    [
        "z=nan,1",
        "z=1e99,0",
        "z=abc",
        "z=1,2,3",
        "at=7&z=1,1",
        "z=999999,-999999&axes=9.1,x&hide=0123456789",
        "left=../../etc&right=%00&show=nothing&draws=none&seed=-5&hide=x&axes=1.1",
    ],
)
def test_an_address_edited_by_hand_gives_a_page_that_works(lab, same_image, query):
    lab.open(f"/compare?{query}")
    place, seen = lab.hover(0, 0.5, 0.5)
    assert np.allclose(seen.z[0], place.z, atol=1e-5)
    same_image(seen.pixels[0], "mnist-ae", place.z)
    assert not lab.page.locator(".stAlert").count()
    assert lab.page.get_by_role("combobox", name="Left").input_value() == "mnist-ae"


@pytest.mark.parametrize("address", ["/nowhere", "/compare2?z=1,1"])
def test_an_address_without_a_page_says_so(lab, address):
    name = address.split("?")[0]
    lab.open(address, ready=f"h1:has-text('There is no page {name}')")
    lab.page.locator(".stPageLink").get_by_role("link", name="Compare").click()
    lab.settle()
    assert lab.page.url.split("?")[0].endswith("/compare")


def test_the_theme_changes_colours_and_pictures_at_once(lab):
    lab.open("/compare")
    light = lab.read()
    colour = "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    ground = lab.page.evaluate(colour)
    paper = lab.painted("canvas.decoded")[0, 0]
    assert not light.dark
    assert min(paper) > 230
    lab.page.emulate_media(color_scheme="dark")
    lab.until("p.colours.dark")
    dark = lab.read()
    assert lab.page.evaluate(colour) != ground
    assert np.mean(dark.ink[0]) < np.mean(dark.ink[1])
    assert max(lab.painted("canvas.decoded", lambda seen: max(seen[0, 0]) < 90)[0, 0]) < 90
    assert np.array_equal(dark.pixels, light.pixels)


@pytest.mark.parametrize("address", PAGES)
def test_on_a_phone_nothing_scrolls_sideways_and_planes_stack(phone, address):
    phone.open(address)
    if "compare" in address:
        phone.strips(1)
    wide = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
        .map((e) => e.scrollWidth - e.clientWidth)"""
    assert max(phone.page.evaluate(wide)) <= 0
    boxes = phone.root.locator(".frame").evaluate_all(
        """all => all.map((e) => e.getBoundingClientRect()).map(
            ({ left, right, top, bottom }) => [left, right, top, bottom])"""
    )
    for left, right, _, _ in boxes:
        assert left >= 0
        assert right <= 390
        assert right - left > 300
    if len(boxes) == 2:
        assert boxes[1][2] > boxes[0][3]


def test_a_model_that_does_not_arrive_is_said_so(lab):
    lab.page.route("**/lab/block/*", lambda route: route.fulfill(status=500))
    lab.load("/", ready="[role=alert]")
    assert "did not arrive" in lab.page.get_by_role("alert").inner_text()
    lab.said = [words for words in lab.said if "status of 500" not in words[0]]
    lab.page.unroute("**/lab/block/*")
    lab.page.reload()
    lab.settle()


@pytest.mark.parametrize("address", ["/", "/decode"])
def test_a_phone_on_its_side_shows_some_of_the_plane_at_once(phone, address):
    phone.page.set_viewport_size({"width": 844, "height": 390})
    phone.open(address)
    box = phone.root.locator(".tile, .frame").first.bounding_box()
    assert 390 - box["y"] > 90


@pytest.mark.parametrize(
    "address", ["/", "/decode", "/compare", "/interpolate", "/denoise", "/family"]
)
def test_on_a_phone_nothing_but_what_scrolls_in_itself_is_wider_than_the_screen(phone, address):
    phone.open(address)
    wider = """(root) => {
        const scrolls = (e) => e && !e.matches(".stMain, .stMainBlockContainer")
            && (/auto|scroll|hidden|clip/.test(getComputedStyle(e).overflowX)
                || scrolls(e.parentElement));
        const inside = (e) => scrolls(e.parentElement) && !e.closest(".scroller");
        return [...root.querySelectorAll("*"), ...document.querySelectorAll(".stMain *")]
            .filter((e) => e.getBoundingClientRect().right > 391
                && !inside(e))
            .map((e) => e.outerHTML.slice(0, 90)) }"""
    assert phone.ask(wider) == []


def test_an_address_that_was_opened_before_names_what_it_needs(lab):
    """A browser fetches it while Streamlit starts; the page itself is as before."""
    lab.load("/decode")
    asked = Request(f"{lab.server}/decode", headers={"Accept": "text/html"})
    with urlopen(asked) as answer:
        head = answer.read().decode().partition("</head>")[0]
    assert "components/panel/panel.js" in head
    for block in lab.fetched():
        assert urlsplit(block).path.lstrip("/") in head
    lab.asked.clear()
    lab.load("/decode")
    first = next(i for i, url in enumerate(lab.asked) if url.startswith("ws"))
    assert any("/components/panel/panel.js" in url for url in lab.asked[:first])
