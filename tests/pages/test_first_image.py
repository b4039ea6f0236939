"""What stands below a page's first image is sent after it, in the run that opens the app alone."""

import json
from contextlib import contextmanager

import pytest
from streamlit.runtime.context import ContextProxy

from aecore.web import first_image

BROWSER = {"User-Agent": "Mozilla/5.0"}


@pytest.fixture
def waited(monkeypatch):
    """Which tokens a page waited for, without waiting."""
    found = []

    @contextmanager
    def awaited():
        yield "a-token"
        found.append("a-token")

    monkeypatch.setattr(first_image, "awaited", awaited)
    return found


def tokens(app):
    parts = [part.proto for part in app.main if part.type == "bidi_component"]
    sent = [json.loads(part.json) for part in parts if part.json]
    return [data["shown"] for data in sent if "shown" in data]


@pytest.mark.parametrize(
    "page",
    ["home", "decode", "compare", "interpolate", "generate", "denoise", "family", "few_labels"],
)
@pytest.mark.parametrize("headers", [BROWSER, {}, {"User-Agent": "Tornado/6.5"}])
def test_the_run_that_opens_the_app_waits_for_a_browser(at, monkeypatch, waited, page, headers):
    app = at(page)
    monkeypatch.setattr(ContextProxy, "headers", property(lambda _: headers))
    app.run()
    assert not app.exception
    assert tokens(app) == waited == (["a-token"] if headers is BROWSER else [])
    assert tokens(app.run()) == []
    assert len(waited) <= 1
