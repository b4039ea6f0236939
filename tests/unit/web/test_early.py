"""A page names what its components will need, and nothing else is changed."""

import json
import re
from collections import OrderedDict
from urllib.parse import quote, unquote

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route

from aecore.web import early, scripts

NEEDS = {
    "script": scripts.url_of("components/home/home.js"),
    "imports": [scripts.url_of("core/nn.js")],
    "blocks": ["lab/block/</script>"],
}
ETAG = {"etag": '"1"'}


async def _page(request):
    return HTMLResponse("<html><head><title>é</title></head><body></head></body></html>", 200, ETAG)


async def _json(request):
    return JSONResponse({"page": "</head>"}, headers=ETAG)


@pytest.fixture(scope="module")
def ask(asked):
    """The status, headers and text of an answer below /teach."""
    app = early.Early(
        Starlette(
            routes=[Route("/teach/json", _json), Route("/teach/{path:path}", _page)],
            exception_handlers={404: lambda *_: PlainTextResponse("none", 404)},
        ),
        "teach",
    )

    def run(path, query="", accept="text/html", **more):
        found = asked(app, f"{path}?{query}", accept=accept, **more)
        assert int(found.headers["content-length"]) == len(found.content)
        return found.status, found.headers, found.content.decode()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(early, "_known", OrderedDict())  # nothing of what other tests opened
        early.note("decode", {"model": ["a", ""]}, NEEDS)
        early.note("json", {}, NEEDS)
        yield run


def test_a_page_that_was_opened_before_names_what_it_needs(ask):
    status, headers, text = ask("/teach/decode", "model=a&model=", **{"If-None-Match": '"1"'})
    assert status == 200
    assert "etag" not in headers
    head = text.partition("</head>")[0]
    said = re.search(r'<script type="application/json" id="lab-early">(.*?)</script>', head)
    assert json.loads(said[1]) == [NEEDS]
    modules = re.findall(r'<link rel="modulepreload" href="([^"]+)">', head)
    assert {NEEDS["script"], *NEEDS["imports"], scripts.url_of("core/early.js")} <= set(modules)
    assert len(modules) == len(set(modules))


@pytest.mark.parametrize("query", ["", "model=a"])
def test_a_page_that_was_not_opened_so_before_names_its_server_alone(ask, query):
    _, headers, text = ask("/teach/decode", query)
    assert "lab-early" not in text
    assert 'asked = "/decode"' in text
    assert "etag" not in headers


@pytest.mark.parametrize("name", ["decode~foo", "an 8", "é", '"</script>', "a\\b", ""])
def test_the_browser_finds_the_path_that_was_asked_for_at_the_end_of_its_own(ask, name):
    """A proxy may have taken a part off before; the browser's path is percent-encoded."""
    _, _, text = ask(f"/teach/{quote(name, safe='~')}")
    asked = re.search(r'asked = (".*?");', text)[1]
    assert "<" not in asked
    assert unquote(json.loads(asked)) == f"/{name}"


@pytest.mark.parametrize(
    ("path", "query", "accept"),
    [
        ("/teach/decode", "model=a&model=", "*/*"),
        ("/decode", "model=a&model=", "text/html"),
        ("/teach/json", "", "text/html"),
    ],
)
def test_what_is_no_page_stays_as_it_is(ask, path, query, accept):
    _, headers, text = ask(path, query, accept)
    assert "lab-early" not in text
    assert "__streamlit" not in text
    assert headers.get("etag", '"1"') == '"1"'


def test_the_addresses_that_are_remembered_have_an_end(monkeypatch):
    monkeypatch.setattr(early, "MOST", 2)
    for page in ("one", "two", "three"):
        early.note(page, {}, NEEDS)
    assert [bool(early.known(page, {})) for page in ("one", "two", "three")] == [0, 1, 1]
