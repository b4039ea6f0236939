"""Keys alone: Tab walks every page from end to end and back; Enter and Space press buttons."""

import pytest

from tests.browser.conftest import POLLING

PAGES = ["/", "/decode", "/compare", "/interpolate", "/generate", "/denoise", "/family", "/train"]
PAGES += [f"/denoise?images={source}" for source in ("Draw", "Upload")]
MOST = 200  # more than the elements of any page that take the focus

# Counts what has the focus, through shadow roots: `focused` says its number, what it is, whether it
# is a button of ours. What Shift+Tab leads to is kept in `back`, so that it is read in one go.
# Presses are noted with the key, and go no further, so that the page stays as it is.
WALK = """() => {
    const walked = [], pressed = [], back = [], walk = new AbortController();
    let key = "";
    const deepest = () => {
        let at = document.activeElement;
        while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
        return at };
    const focused = () => {
        const at = deepest();
        if (!at || at === document.body) return null;
        if (!walked.includes(at)) walked.push(at);
        const name = at.getAttribute("aria-label") ?? at.textContent.slice(0, 40);
        return [walked.indexOf(at), `${at.tagName} ${name}`,
            at.tagName === "BUTTON" && at.getRootNode() !== document] };
    const listen = (type, heard) =>
        window.addEventListener(type, heard, { capture: true, signal: walk.signal });
    listen("keydown", (event) => { ({ key } = event) });
    listen("keyup", (event) => { if (event.key === "Tab" && event.shiftKey) back.push(focused()) });
    listen("click", (event) => {
        pressed.push([walked.indexOf(deepest()), key]);
        event.preventDefault();
        event.stopImmediatePropagation() });
    window.walk = { focused, pressed, back, end: () => { walk.abort(); delete window.walk } } }"""

# Whether the page has as many elements, in shadow roots too, as it had for most of a second.
STILL = """() => {
    const all = (root) => [...root.querySelectorAll("*")]
        .reduce((sum, one) => sum + 1 + (one.shadowRoot ? all(one.shadowRoot) : 0), 0);
    const count = all(document), now = performance.now();
    if (window.counted?.count !== count) window.counted = { count, since: now };
    return now - counted.since > 800 }"""


def to_the_end(page, at_each=lambda _: None):
    """What Tab leads to, in order, until it leaves the page."""
    found = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        at = page.evaluate("walk.focused()")
        if at is None:
            return found
        assert at not in found, f"Tab comes from {found[-1][1]} to {at[1]} again"
        found.append(at)
        at_each(at)
    raise AssertionError(f"Tab does not come to an end: {found[-3:]}")


@pytest.mark.parametrize("address", PAGES)
def test_tab_walks_a_page_from_end_to_end_and_back_and_presses_its_buttons(lab, address):
    lab.open(address, "h1" if address == "/train" else ".panel[data-ready]")
    page = lab.page
    page.wait_for_function(STILL, polling=POLLING)  # what comes later, such as a table, is there
    page.evaluate(WALK)

    def press(at):
        if at[2]:
            page.keyboard.press("Enter")
            page.keyboard.press("Space")

    there = to_the_end(page, press)
    assert len(there) > 20
    pressed = [tuple(one) for one in page.evaluate("walk.pressed")]
    ours = [(number, name) for number, name, is_button in there if is_button]
    missed = [(name, key) for k, name in ours for key in ("Enter", " ") if (k, key) not in pressed]
    assert missed == []
    assert len(pressed) == 2 * len(ours)
    for _ in there:
        page.keyboard.press("Shift+Tab")
    assert page.evaluate("walk.back") == there[::-1]
    page.evaluate("delete window.counted, walk.end()")
