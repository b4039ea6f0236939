"""Other words than ours in every place of a component: longer ones, ones that mean harm, none."""

import json

import pytest

from aecore.ui import component
from aecore.ui.text import live

PAGES = ["/", "/decode", "/compare", "/denoise", "/interpolate"]

# Elements with text that stand out of their component.
OUTSIDE = """root => { const { left, right } = root.getBoundingClientRect();
    const shows = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    return [...root.querySelectorAll("*")]
        .filter((e) => shows(e) && e.checkVisibility() && !e.closest(".sr, .scroller, svg, option"))
        .filter((e) => { const box = e.getBoundingClientRect();
            return box.left < left - 1 || box.right > right + 1 })
        .map((e) => [e.className, e.textContent.slice(0, 80)]) }"""

WIDER = "() => document.documentElement.scrollWidth - innerWidth"


def changed(change):
    """All sentences of the components with each template changed."""
    modules = {
        module: {
            key: {form: change(part) for form, part in template.items()}
            if isinstance(template, dict)
            else change(template)
            for key, template in keys.items()
        }
        for module, keys in live.WORDS.items()
    }
    return json.dumps({"language": live.LANGUAGE, "modules": modules})


@pytest.fixture
def reading(window):
    """A tab whose components get changed sentences: `reading(lambda template: "")`."""

    def new(change, **options):
        tab = window(**options)
        sentences = changed(change)
        tab.page.route(
            f"**/{component.words()['content']}",
            lambda route: route.fulfill(body=sentences, content_type="application/json"),
        )
        return tab

    return new


@pytest.mark.parametrize("page", [*PAGES, "/train"])
def test_sentences_of_twice_the_length_fit_and_are_text_not_html(reading, page):
    tab = reading(lambda template: f"<u>{template}</u> &amp; {template}").open(page)
    for root in tab.page.locator("[data-root]").all():
        assert root.locator("u").count() == 0
        assert tab.ask(OUTSIDE, of=root) == []
    assert "<u>" in tab.root.first.inner_text()
    assert tab.page.evaluate(WIDER) <= 0


@pytest.mark.parametrize("page", PAGES)
def test_a_page_without_sentences_still_works(reading, page):
    tab = reading(lambda template: "").open(page)
    assert tab.page.locator("[data-root] canvas:visible").count()
