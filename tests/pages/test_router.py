"""The frame around the pages: the router, an address without a page, and a page that fails."""

import runpy
from pathlib import Path

import pytest
import streamlit
from streamlit import config
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from aecore.errors import LabError
from aecore.runs.workspaces import new_token
from aecore.ui import navigation, page
from tests.pages.conftest import address

ROOT = Path(__file__).parents[2]


@pytest.fixture
def app():
    return AppTest.from_file(str(ROOT / "aecore/ui/router.py"), default_timeout=60)


def fail_with(error):
    def header(*_):
        raise error

    return header


def test_a_mistake_is_shown_as_its_sentence(app, monkeypatch):
    sentence = "There is no run 'my_run*'. Choose one of: mnist-ae, mnist-vae."
    monkeypatch.setattr(page, "header", fail_with(LabError(sentence)))
    app.run()
    assert [error.value for error in app.error] == [page.plain(sentence)]
    assert not app.exception


EVERY_PAGE = list(navigation.entries())


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_the_guard_stands_around_every_page(at, name, monkeypatch):
    monkeypatch.setattr(page, "header", fail_with(LabError("No such thing.")))
    app = at(name).run()
    assert [error.value for error in app.error] == ["No such thing."]
    assert not app.exception


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_every_page_has_the_style_and_stays_in_its_workspace(at, name, monkeypatch, tmp_path):
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path))
    token = new_token()
    app = at(name, w=token).run()
    asked = navigation.entries()[name].question  # on its door, too
    assert not asked or [title.value for title in app.title] == [asked]
    sheets = [part.proto.body for part in app.get("html") if part.proto.body.startswith("<style>")]
    assert len(sheets) == 1
    assert "--z:" in sheets[0]
    app.query_params.clear()  # as a link of the menu does
    for other in EVERY_PAGE:
        app.switch_page(f"../../pages/{other}.py").run()
        assert address(app, "w") == token


def test_any_other_error_is_one_sentence_and_its_traceback_is_logged(app, monkeypatch, caplog):
    monkeypatch.setattr(page, "header", fail_with(RuntimeError("the inner detail")))
    app.run()
    assert len(app.error) == 1
    assert "Something went wrong" in app.error[0].value
    assert "the inner detail" not in app.error[0].value
    assert not app.exception
    assert "the inner detail" in caplog.text
    assert "Traceback" in caplog.text


def test_an_address_without_a_page_says_so_and_links_to_the_pages(app, monkeypatch):
    monkeypatch.setattr(PagesManager, "intended_page_name", property(lambda self: "nowhere"))
    app.run()
    assert [title.value for title in app.title] == ["There is no page /nowhere"]
    links = [element.proto.label for element in app.main if element.type == "page_link"]
    assert links[:3] == ["Home", "Decode", "Compare"]
    assert not app.exception


@pytest.mark.parametrize("control", ["stop", "rerun"])
def test_streamlit_s_own_control_flow_passes_through(control):
    def script(control):
        import streamlit as st

        from aecore.ui import router

        with router.guard():
            again = st.session_state.setdefault("again", [])
            if control == "stop" or not again:
                again.append(1)
                getattr(st, control)()
            st.write("second run")
        st.write("after")

    app = AppTest.from_function(script, args=(control,)).run()
    assert not app.error
    written = [element.value for element in app.markdown]
    assert written == ([] if control == "stop" else ["second run", "after"])


def test_a_worker_process_that_imports_the_app_runs_no_page(monkeypatch):
    monkeypatch.setattr(streamlit, "navigation", fail_with(AssertionError("the router ran")))
    runpy.run_path(str(ROOT / "aecore/ui/router.py"), run_name="__mp_main__")


def test_streamlit_knows_every_option_of_the_config():
    import tomllib

    def options(table, prefix=""):
        for name, value in table.items():
            if isinstance(value, dict):
                yield from options(value, f"{prefix}{name}.")
            else:
                yield f"{prefix}{name}"

    given = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert set(options(given)) <= set(config.get_config_options())
    # A folder below the app, such as an environment or its runs, costs the server nothing.
    assert given["server"]["fileWatcherType"] == "none"
