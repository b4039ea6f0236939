"""The browser keeps each page's view in the address: the server hears nothing of what hands do."""

from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest

TOKEN = "w"


@pytest.fixture
def watched(window):
    """A tab of a window of its own that counts what it sends to the server."""
    tab = window()
    tab.sent = []
    tab.page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda frame: tab.sent.append(frame)),
    )
    return tab


def view_of(tab):
    """The address' parameters but for the workspace."""
    return {k: v for k, v in parse_qsl(urlsplit(tab.page.url).query) if k != TOKEN}


def pin(tab, model, across, down):
    place = tab.place(model, across, down)
    tab.page.mouse.click(place.x, place.y)


def by_hand_on_planes(tab):
    """Three pins, one dragged along, and a hidden class."""
    for across in (0.3, 0.5, 0.7):
        pin(tab, 0, across, 0.6)
        tab.page.wait_for_timeout(600)  # so that the clicks stay single
    start, end = tab.place(0, 0.7, 0.6), tab.place(0, 0.6, 0.4)
    tab.page.mouse.move(start.x, start.y)
    tab.page.mouse.down()
    tab.page.mouse.move(end.x, end.y, steps=8)
    tab.page.mouse.up()
    if tab.root.locator(".class").first.is_visible():
        tab.root.locator(".class").nth(4).click()
    tab.page.mouse.move(640, 10)


def panel_state(tab):
    return tab.ask("root => [root.live.pinned, [...root.live.hidden]]")


PAGES = {
    "Home": SimpleNamespace(path="/", hands=by_hand_on_planes, state=panel_state),
    "Decode": SimpleNamespace(path="/decode", hands=by_hand_on_planes, state=panel_state),
    "Compare": SimpleNamespace(path="/compare", hands=by_hand_on_planes, state=panel_state),
}


def same_state(found, expected):
    """Whether two states are the same but for the digits that an address leaves out."""
    if isinstance(expected, float):
        return found == pytest.approx(expected, rel=1e-4, abs=1e-5)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(same_state, found, expected))
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(
            same_state(found[key], expected[key]) for key in expected
        )
    return found == expected


@pytest.mark.parametrize("name", PAGES)
def test_hands_send_nothing_and_every_way_back_finds_the_view(watched, name):
    page = PAGES[name]
    tab = watched.open(page.path)
    tab.page.wait_for_timeout(500)
    entries, sent = tab.page.evaluate("history.length"), len(tab.sent)

    page.hands(tab)
    tab.page.wait_for_timeout(1000)
    assert len(tab.sent) == sent
    assert tab.page.evaluate("history.length") == entries
    state, view = page.state(tab), view_of(tab)
    assert view

    def found():
        tab.page.wait_for_timeout(300)
        assert same_state(page.state(tab), state)
        assert view_of(tab) == view

    link = tab.page.url
    tab.reload()
    found()

    other = "Decode" if name != "Decode" else "Compare"
    go = lambda where: tab.page.get_by_role("link", name=where, exact=True).first.click()  # noqa: E731
    go(other)
    tab.page.wait_for_url(f"**/{other.lower()}*")
    tab.settle()
    tab.page.go_back()  # one press
    tab.page.wait_for_url(lambda url: urlsplit(url).path == page.path)
    tab.settle()
    found()

    go(other)
    tab.page.wait_for_url(f"**/{other.lower()}*")
    tab.settle()
    go(name)
    tab.page.wait_for_url(lambda url: urlsplit(url).path == page.path)
    tab.settle()
    found()

    # A copied link, in a tab that remembers another view.
    tab.page.goto(f"{tab.server}{page.path}?hide=12", wait_until="commit")
    tab.settle()
    assert view_of(tab) == {"hide": "12"}
    tab.page.goto(link, wait_until="commit")
    tab.settle()
    found()
