"""The app's script: the navigation, and what stands around every page."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.fragment import FragmentHandledException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from aecore.errors import LabError, for_visitor
from aecore.layout import ASSETS
from aecore.ui import address, navigation, session
from aecore.ui import page as parts
from aecore.web import addresses

SIDEBAR = 236
log = logging.getLogger(__name__)


def main() -> None:
    """Draw the navigation and run the page that the address names.

    An address without a page gets a view that says so, with links to the pages there are.
    """
    pages = navigation.sections()
    known = [page for section in pages.values() for page in section]
    unknown = _unknown_address({page.url_path for page in known})
    shown = pages
    if unknown:
        missing = st.Page(
            lambda: _no_such_page(addresses.parts(unknown), known),
            title="No such page",
            url_path=unknown,
            visibility="hidden",
        )
        shown = pages | {"": [*pages[""], missing]}
    # The icon comes first: without one the browser would fetch the page's own from elsewhere.
    st.set_page_config(
        page_title="Latent Lab",
        page_icon=str(ASSETS / "icon.svg"),
        layout="wide",
        initial_sidebar_state=SIDEBAR,
    )
    page = st.navigation(shown)
    address.opened(page.url_path)
    session.keep()
    if page.url_path:
        st.set_page_config(page_title=f"{page.title} · Latent Lab")
    st.logo(str(ASSETS / "logo.svg"), size="large")
    parts.style()
    with guard():
        page.run()
    parts.write_address(address.to_write())


@contextmanager
def guard() -> Iterator[None]:
    """Show one sentence in place of a traceback; the traceback goes to the server's log.

    A `LabError` is shown as it stands. `main` puts this around every page. A fragment that runs
    again runs alone, so it wants its own, as a decorator under `st.fragment`::

        @st.fragment
        @router.guard()
        def panel() -> None: ...
    """
    try:
        yield  # Streamlit's own stop, rerun and page switch are no Exception and pass through
    except FragmentHandledException:
        raise  # a fragment has shown it
    except LabError as error:
        st.error(parts.plain(for_visitor(error)), icon=":material/error:")
    except Exception:
        log.exception("A page failed")
        st.error(
            "Something went wrong on this page; the server's log has the details.",
            icon=":material/error:",
        )
        st.html('<p class="lab-back"><a href="./" target="_self">Back to the start</a></p>')


def _unknown_address(known: set[str]) -> str:
    """The address this session was opened at, if no page has it, else "".

    The browser names the address once, when it connects; from then on it sends a page's hash. So
    what is found at first is kept, and going back to that address still works. Only the page
    manager knows the address as Streamlit reads it, below whatever path the app is served at.
    """
    context = get_script_run_ctx()
    name = context.pages_manager.intended_page_name if context else ""
    if name and "/" not in name and name not in known:
        st.session_state["unknown_address"] = name
    return st.session_state.get("unknown_address", "")


def _no_such_page(path: str, known: list[st.Page]) -> None:
    parts.header(f"There is no page /{path}", "These are the pages there are.")
    for page in known:
        st.page_link(page)


if __name__ == "__main__":  # worker processes import this file again under another name
    main()
