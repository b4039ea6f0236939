"""Whose runs these are: the token of a visitor's workspace, in the address on every page."""

import streamlit as st

from aecore.errors import LabError
from aecore.workspaces import Workspace, expire, new_token, open_workspace

PARAMETER = "w"
KEY = "lab-workspace"


def keep() -> None:
    """Carry the token along from page to page; the router calls it before each."""
    token = st.query_params.get(PARAMETER)
    if token and _opened(token):
        st.session_state[KEY] = token
    elif not token and KEY in st.session_state:
        st.query_params[PARAMETER] = st.session_state[KEY]


def current() -> Workspace | None:
    """The visitor's workspace; None where there is none yet."""
    token = st.query_params.get(PARAMETER) or st.session_state.get(KEY)
    return _opened(token) if token else None


def settled() -> tuple[Workspace, str]:
    """The visitor's workspace, made on the first visit, and what to say of an odd address."""
    _tidy()
    token, said = st.query_params.get(PARAMETER) or st.session_state.get(KEY), ""
    workspace = _opened(token) if token else None
    if workspace is None:
        if token:
            said = "The address named no workspace, so this is a new one."
        token = new_token()
        workspace = open_workspace(token)
    st.session_state[KEY] = token
    if st.query_params.get(PARAMETER) != token:
        st.query_params[PARAMETER] = token
    return workspace, said


@st.cache_data(ttl=3600, show_spinner=False)
def _tidy() -> None:
    """Delete what has expired; once an hour, whoever comes."""
    expire()


def _opened(token: str) -> Workspace | None:
    try:
        return open_workspace(token)
    except LabError:
        return None
