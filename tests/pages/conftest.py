"""Pages as Python builds them: every page is run through the router, as in the browser."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def at():
    """The app at a page and an address, before that page is run: `at("compare", z="1,2").run()`."""

    def at_page(name, **query):
        app = AppTest.from_file(str(ROOT / "aecore/ui/router.py"), default_timeout=60).run()
        app.switch_page(f"../../pages/{name}.py")
        for parameter, value in query.items():
            app.query_params[parameter] = value
        return app

    return at_page
