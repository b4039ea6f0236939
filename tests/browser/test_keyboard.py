"""Keys alone: Tab walks every page from end to end and back; Enter and Space press buttons."""

import pytest

from tests.browser.conftest import POLLING

PAGES = ["/", "/decode", "/compare", "/interpolate", "/generate", "/denoise", "/family", "/train"]
PAGES += [f"/denoise?images={source}" for source in ("Draw", "Upload")]
MOST = 200  # more than the elements of any page that take the focus

# What has the focus, through shadow roots: its number, what it is, whether it is a button of ours.
FOCUSED = """() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    if (!at || at === document.body) return null;
    window.walked ??= [];
    if (!walked.includes(at)) walked.push(at);
    const name = at.getAttribute("aria-label") ?? at.textContent.slice(0, 40);
    return [walked.indexOf(at), `${at.tagName} ${name}`,
        at.tagName === "BUTTON" && at.getRootNode() !== document] }"""
# Presses are counted and go no further, so that the page stays as it is.
COUNTED = """() => {
    window.presses = 0;
    window.counting = new AbortController();
    window.addEventListener("click", (event) => {
        presses += 1;
        event.preventDefault();
        event.stopImmediatePropagation() }, { capture: true, signal: counting.signal }) }"""

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
        at = page.evaluate(FOCUSED)
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
    page.evaluate(COUNTED)

    def press(at):
        if not at[2]:
            return
        for key in ("Enter", "Space"):
            before = page.evaluate("presses")
            page.keyboard.press(key)
            assert page.evaluate("presses") == before + 1, f"{key} does not press {at[1]}"

    there = to_the_end(page, press)
    assert len(there) > 20
    back = []
    for _ in there:
        page.keyboard.press("Shift+Tab")
        back.append(page.evaluate(FOCUSED))
    assert back == there[::-1]
    page.evaluate("() => { counting.abort(); delete window.walked; delete window.counted }")
