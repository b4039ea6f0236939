"""Other words than ours in every place of a component: longer ones, ones that mean harm, none."""

import json
from contextlib import ExitStack, closing
from functools import cache

import pytest

from aecore.ui import component
from aecore.ui.text import live

PAGES = ["/", "/decode", "/compare", "/denoise", "/interpolate", "/generate", "/family"]

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


# Sentences that a page asks for are answered with others.
INSTEAD = """({ address, sentences }) => { const asked = fetch;
    globalThis.fetch = async (url, ...more) => `${url}`.endsWith(address)
        ? new Response(sentences) : asked(url, ...more) }"""


@pytest.fixture(scope="module")
def reading(desk):
    """A tab whose components get changed sentences: `reading(lambda template: "")`."""

    @cache
    def new(change):
        page = desk.context.new_page()
        given = {"address": component.words(), "sentences": changed(change)}
        page.add_init_script(f"({INSTEAD})({json.dumps(given)})")
        return stack.enter_context(closing(page))

    with ExitStack() as stack:
        yield new


def doubled(template):
    return f"<u>{template}</u> &amp; {template}"


def empty(template):
    return ""


@pytest.mark.parametrize("path", [*PAGES, "/train"])
def test_sentences_of_twice_the_length_fit_and_are_text_not_html(reading, desk, server, path):
    with desk.tab(server, reading(doubled), stay=True) as tab:
        tab.open(path)
        for root in tab.page.locator("[data-root]").all():
            assert root.locator("u").count() == 0
            assert tab.ask(OUTSIDE, of=root) == []
        assert "<u>" in tab.root.first.inner_text()
        assert tab.page.evaluate(WIDER) <= 0


@pytest.mark.parametrize("path", PAGES)
def test_a_page_without_sentences_still_works(reading, desk, server, path):
    with desk.tab(server, reading(empty), stay=True) as tab:
        tab.open(path)
        assert tab.page.locator("[data-root] canvas:visible").count()
