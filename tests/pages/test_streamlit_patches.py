"""Faults of Streamlit's that are mended: what each mending is there for."""

import asyncio
import textwrap
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import MagicMock

import pytest
from streamlit import config
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.forward_msg_cache import populate_hash_if_needed
from streamlit.runtime.script_data import ScriptData
from streamlit.runtime.scriptrunner import RerunData, RerunException
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.state import SafeSessionState, SessionState

import aecore.ui  # noqa: F401  # mends


def test_a_click_is_taken_in_before_a_newer_message_interrupts():
    class Session(SessionState):
        def on_script_will_rerun(self, widgets):  # what a callback does
            state["taken"] = [*state["taken"], widgets]

    def interrupt():
        raise RerunException(RerunData())

    session = Session()
    session["taken"] = []
    state = SafeSessionState(session, interrupt)
    state.on_script_will_rerun("a click")
    assert session["taken"] == ["a click"]
    with pytest.raises(RerunException):
        _ = state["taken"]
    assert not config.get_option("runner.fastReruns")


def test_no_message_relies_on_what_a_browser_keeps():
    """It may drop it at the end of a run, when it has just told the server that it has it."""
    message = ForwardMsg()
    message.delta.new_element.html.body = 100_000 * "x"
    populate_hash_if_needed(message)
    assert not message.metadata.cacheable


def test_a_page_arrives_whole_though_a_part_of_it_is_asked_for_as_it_ends(monkeypatch, tmp_path):
    """What happens when the server is busy while a script ends and its fragment repeats."""
    script = tmp_path / "app.py"
    script.write_text(
        textwrap.dedent("""
            import streamlit as st

            @st.fragment
            def part():
                st.text("part")

            st.text("head")
            part()
            st.text("foot")
        """)
    )
    monkeypatch.setattr(Runtime, "_instance", MagicMock())

    async def visit():
        session = AppSession(
            ScriptData(str(script), False), MagicMock(), ScriptCache(), None, user_info={}
        )
        session.request_rerun(ClientState())
        # The script runs to its end, and the server hears none of it.
        session._scriptrunner._script_thread.join(10)
        (fragment,) = session._fragment_storage._fragments
        session.request_rerun(ClientState(fragment_id=fragment))
        try:
            await asyncio.wait_for(ended(session, runs=2), 10)
        finally:
            session.shutdown()

    async def ended(session, runs):
        while [message.WhichOneof("type") for message in said].count("script_finished") < runs:
            said.extend(session.flush_browser_queue())
            await asyncio.sleep(0.01)

    said = []
    with ThreadPoolExecutor(1) as own:  # this thread may have a loop of the browser's
        own.submit(lambda: asyncio.run(visit())).result()
    texts = [message.delta.new_element.text.body for message in said]
    assert [text for text in texts if text] == ["head", "part", "foot", "part"]
