"""Faults of the pinned Streamlit that visitors would meet, corrected through its private parts.

Look here first when its version is raised: a test shows each fault on Streamlit as it comes, and
fails once it is gone. The options in `.streamlit/config.toml` that belong to them are tested there.
"""

import socket
from typing import Any

from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.state import SafeSessionState
from uvicorn import Server

SOON = 0.005  # seconds

STARTUP = Server.startup
ORIGINALS = {
    (SafeSessionState, "on_script_will_rerun"): SafeSessionState.on_script_will_rerun,
    (AppSession, "_create_scriptrunner"): AppSession._create_scriptrunner,
    (Server, "startup"): STARTUP,
}


def apply() -> None:
    """Put the corrected functions in place of Streamlit's."""
    SafeSessionState.on_script_will_rerun = _take_in  # type: ignore[method-assign]
    AppSession._create_scriptrunner = _create_once_the_last_has_ended  # type: ignore[method-assign]
    Server.startup = _start_without_delay  # type: ignore[assignment, method-assign]


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


def _create_once_the_last_has_ended(session: AppSession, request: RerunData) -> None:
    """Start a run once all messages of the last one have been passed on.

    Streamlit's own starts it at once when the script has ended, and drops what is still on its
    way: the foot of a page, or all of it.
    """
    if session._state == AppSessionState.SHUTDOWN_REQUESTED:
        return
    if session._scriptrunner is None:
        ORIGINALS[AppSession, "_create_scriptrunner"](session, request)
    elif not session._scriptrunner.request_rerun(request):
        session._event_loop.call_later(SOON, _create_once_the_last_has_ended, session, request)


async def _start_without_delay(server: Server, sockets: list[socket.socket] | None = None) -> None:
    """Have connections send each message at once, as they do on a socket of uvicorn's own.

    Streamlit binds its socket without naming the protocol, and asyncio then leaves Nagle's delay
    on: an answer's second part may wait 40 ms until the first is acknowledged.
    """
    for one in sockets or ():
        if one.family != getattr(socket, "AF_UNIX", None):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # those it accepts inherit it
    await STARTUP(server, sockets)
