"""A page that is left while it is being built stops: nothing of it is measured or fetched after."""

import re

import pytest

# What is read of an element that is no longer on the page.
WATCH = """() => {
    window.touched = [];
    const left = (what, at) => {
        const root = at.getRootNode();
        const ours = root instanceof ShadowRoot;
        if (ours && !at.isConnected) touched.push(`${what} of ${at.className}`);
    };
    const style = getComputedStyle;
    window.getComputedStyle = (at, ...more) => (left("colour", at), style(at, ...more));
    for (const name of ["clientWidth", "clientHeight", "offsetWidth"]) {
        const home = name === "offsetWidth" ? HTMLElement.prototype : Element.prototype;
        const { get } = Object.getOwnPropertyDescriptor(home, name);
        Object.defineProperty(home, name, { configurable: true, get() {
            left(name, this);
            return get.call(this) } });
    }
    const box = Element.prototype.getBoundingClientRect;
    Element.prototype.getBoundingClientRect = function () {
        left("box", this);
        return box.call(this) };
    addEventListener("unhandledrejection", ({ reason }) => touched.push(`${reason}`)) }"""
# From now on the document remembers no content: it asks for all of it as if it were loaded anew.
FORGET = """async () => {
    const urls = performance.getEntriesByType("resource").map(({ name }) => name);
    const { Cache } = await import(urls.find((url) => url.endsWith("/core/cache.js")));
    Cache.prototype.get = (key, make) => make();
    Cache.prototype.has = () => false }"""
CONTENT = re.compile(r"/lab/(block|test-images)/")
ELSEWHERE = "There is no page /nowhere"  # a page that costs little, and starts no worker


def holding(passing):
    """A route's handler that lets so many requests through, and the list of all that came."""
    came = []

    def hold(route):
        came.append(route)
        if len(came) <= passing:
            route.continue_()

    return hold, came


@pytest.mark.parametrize("name", ["Home", "Decode", "Compare", "Interpolate", "Denoise"])
def test_a_page_left_while_it_is_built_stops(lab, name):
    page = lab.page
    menu = page.locator("[data-testid=stSidebarNav]")
    lab.load("/nowhere", "[data-testid=stSidebarNav] a")
    page.get_by_role("heading", name=ELSEWHERE).wait_for()
    page.evaluate(WATCH)
    for passing in (0, 1, 4):  # of its blocks and images arrive before the page is left
        if passing:
            page.evaluate(FORGET)
        hold, held = holding(passing)
        page.route(CONTENT, hold)
        menu.get_by_text(name, exact=True).click()
        page.get_by_role("heading", name=ELSEWHERE).wait_for(state="detached")
        for _ in range(2000):  # a page may need fewer: then it is left once it is built
            if len(held) > passing or page.locator(".panel[data-whole]").count():
                break
            page.wait_for_timeout(20)
        page.go_back()
        page.get_by_role("heading", name=ELSEWHERE).wait_for()
        page.locator(".panel").first.wait_for(state="detached")
        before = len(lab.asked)
        for route in held[passing:]:
            route.continue_()
        page.unroute(CONTENT)
        page.evaluate("new Promise((done) => setTimeout(() => requestAnimationFrame(done), 150))")
        assert held
        assert page.evaluate("touched") == []
        assert [url for url in lab.asked[before:] if CONTENT.search(url)] == []
