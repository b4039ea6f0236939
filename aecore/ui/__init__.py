"""What pages are built from. Only here, and in the pages, is streamlit imported."""

from typing import Any

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.state import SafeSessionState

# Streamlit takes a folder named `pages` for its old kind of app until st.navigation has run once,
# and would show the first visitor of a fresh server a page without the router around it.
if PagesManager.uses_pages_directory:
    PagesManager.uses_pages_directory = False
    st.rerun()


def _take_in(state: SafeSessionState, *widgets: Any, **more: Any) -> None:
    """Take in what a browser sent, and run its callbacks, before a newer message may interrupt.

    Streamlit's own lets it interrupt first, and the click that was to be taken in is lost.
    """
    interrupt = state._yield_callback
    object.__setattr__(state, "_yield_callback", lambda: None)  # as attributes are the session's
    try:
        with state._lock:
            state._state.on_script_will_rerun(*widgets, **more)
    finally:
        object.__setattr__(state, "_yield_callback", interrupt)


SafeSessionState.on_script_will_rerun = _take_in
