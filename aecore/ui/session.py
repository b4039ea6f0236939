"""Whose runs these are: the token of a visitor's workspace, in the address on every page."""

from collections.abc import Callable

import streamlit as st

from aecore.errors import LabError
from aecore.runs import SHIPPED, Run, list_runs
from aecore.runs.workspaces import Workspace, expire, new_token, open_workspace
from aecore.ui import address

PARAMETER = "w"
KEY = "lab-workspace"


def keep() -> None:
    """Carry the token along from page to page; the router calls it before each."""
    token = address.get(PARAMETER)
    if token and _opened(token):
        st.session_state[KEY] = token
    token = token or st.session_state.get(KEY)
    if token:
        address.put(PARAMETER, token)


def current() -> Workspace | None:
    """The visitor's workspace; None where there is none yet."""
    return _opened(token()) if token() else None


def token() -> str:
    """The token of the visitor's workspace; empty where there is none yet."""
    return address.get(PARAMETER) or st.session_state.get(KEY, "")


def owns(run: Run) -> bool:
    """Whether a run is in the visitor's workspace."""
    workspace = current()
    return workspace is not None and run.folder.absolute().parent == workspace.folder.absolute()


def title(run: Run) -> str:
    """What a visitor calls a run: the name given to one's own, else the run's."""
    return current().title(run) if owns(run) else run.name


def by_name(workspace: Workspace | None, suits: Callable[[Run], bool]) -> dict[str, str]:
    """Folders of the runs that suit, by name: the shipped ones, then one's own.

    One's own are those of the folder of runs, and the finished ones of the workspace.
    """
    own = [run for run in workspace.runs() if not run.status.busy] if workspace else []
    folders: dict[str, str] = {}
    for run in filter(suits, [*list_runs(SHIPPED), *list_runs(), *own]):
        called = workspace.title(run) if run in own else run.name
        name = f"{called} (own)" if called in folders else called
        number = 2
        while name in folders:
            name, number = f"{called} (own {number})", number + 1
        folders[name] = str(run.folder)
    return folders


def settled() -> tuple[Workspace, str]:
    """The visitor's workspace, made on the first visit, and what to say of an odd address."""
    _tidy()
    token, message = address.get(PARAMETER) or st.session_state.get(KEY), ""
    workspace = _opened(token) if token else None
    if workspace is None:
        if token:
            message = "The address names no workspace that is here, so this is a new one."
        token = new_token()
        workspace = open_workspace(token)
    st.session_state[KEY] = token
    address.put(PARAMETER, token)
    return workspace, message


@st.cache_data(ttl=3600, show_spinner=False)
def _tidy() -> None:
    """Delete what has expired, at most once an hour, at any visit."""
    expire()


def _opened(token: str) -> Workspace | None:
    try:
        return open_workspace(token)
    except LabError:
        return None
