"""Pages as Python builds them: every page is run through the router, as in the browser."""

import json
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from aecore import jobs
from aecore.ui.address import STATE

ROOT = Path(__file__).parents[2]


def address(app, name):
    """What a page has the browser write in the address under a name, or None."""
    parts = [part.proto for part in app.main if part.type == "bidi_component"]
    (part,) = [part for part in parts if part.component_name.endswith("latent_lab_address")]
    about = json.loads(part.json)
    return (about["query"].get(name) or [None])[-1]


@pytest.fixture(scope="session", autouse=True)
def scanned_once():
    """Installed packages are looked through for components once, not for each AppTest."""
    with pytest.MonkeyPatch.context() as patch:
        scan = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(autouse=True)
def no_engine(monkeypatch):
    """No workers are started: tests of jobs and of the browser train."""
    monkeypatch.setattr(jobs, "warm", lambda: None)


@pytest.fixture
def at():
    """The app at a page and an address, before that page is run: `at("compare", z="1,2").run()`."""

    def at_page(name, **query):
        app = AppTest.from_file(str(ROOT / "aecore/ui/router.py"), default_timeout=60).run()
        app.switch_page(f"../../pages/{name}.py")
        del app.session_state[STATE]  # it is the first page that is opened
        for parameter, value in query.items():
            app.query_params[parameter] = value
        return app

    return at_page
