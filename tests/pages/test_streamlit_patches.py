"""Faults of Streamlit's own: each is shown as it comes, and gone with the patch or the option.

A test that fails `as it comes` says that its patch is no longer needed.
"""

import asyncio
import gc
import socket
import textwrap
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import MagicMock

import pytest
from streamlit import config, net_util
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.forward_msg_cache import populate_hash_if_needed
from streamlit.runtime.script_data import ScriptData
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.web import bootstrap
from streamlit.web.server.starlette.starlette_server import _bind_socket
from uvicorn import Config, Server

from aecore.ui import streamlit_patches

CLICKS = 10


@pytest.fixture
def as_it_comes(monkeypatch):
    """Streamlit without the patches."""
    for (owner, name), original in streamlit_patches.ORIGINALS.items():
        monkeypatch.setattr(owner, name, original)


@pytest.fixture
def option(monkeypatch):
    """Set an option of the config for one test."""
    before = {}

    def set_option(name, value):
        before.setdefault(name, config.get_option(name))
        config.set_option(name, value)

    yield set_option
    for name, value in before.items():
        config.set_option(name, value)


@pytest.fixture
def visit(monkeypatch, tmp_path):
    """A browser's visit to a script: `visit(script, acts)`, an async function of a `Visit`."""
    monkeypatch.setattr(Runtime, "_instance", MagicMock())

    def run(script, acts):
        path = tmp_path / "app.py"
        path.write_text(textwrap.dedent(script), encoding="utf-8")

        async def whole():
            tab = Visit(path)
            try:
                await acts(tab)
                return tab
            finally:
                tab.session.shutdown()

        with ThreadPoolExecutor(1) as own:  # this thread may have a loop of the browser's
            return own.submit(lambda: asyncio.run(whole())).result()

    return run


class Visit:
    """A session, what it said, and what its widgets are called."""

    def __init__(self, path):
        self.session = AppSession(
            ScriptData(str(path), False), MagicMock(), ScriptCache(), None, user_info={}
        )
        self.said = []

    def ask(self, clicked="", slider=0):
        """A message as a browser sends it: a click, and where the slider is."""
        state = ClientState()
        for element in self.elements():
            if element.HasField("button") and element.button.label == clicked:
                state.widget_states.widgets.add(id=element.button.id, trigger_value=True)
            if element.HasField("slider"):
                place = state.widget_states.widgets.add(id=element.slider.id)
                place.double_array_value.data.append(slider)
        self.session.request_rerun(state)

    def elements(self):
        found = [message.delta.new_element for message in self.said]
        return {element.SerializeToString(): element for element in found}.values()

    def texts(self):
        texts = [message.delta.new_element.text.body for message in self.said]
        return [text for text in texts if text]

    async def rest(self):
        """Wait until nothing runs, and read all that was said."""
        async with asyncio.timeout(60):
            quiet = 0
            while quiet < 5:
                new = self.session.flush_browser_queue()
                self.said += new
                runner = self.session._scriptrunner
                busy = new or (runner and runner._script_thread.is_alive())
                quiet = 0 if busy else quiet + 1
                await asyncio.sleep(0.004)


CLICKED = """
    import time
    import streamlit as st

    def click():
        st.session_state["called"] = st.session_state.get("called", 0) + 1

    st.button("calls", on_click=click)
    if st.button("tells"):
        st.session_state["told"] = st.session_state.get("told", 0) + 1
    st.slider("place", 0, 1000)
    time.sleep(0.1)  # long enough that a click during a run is one on a busy machine, too
    st.text(f"{st.session_state.get('called', 0)} {st.session_state.get('told', 0)}")
"""


def clicks(visit, button, *, during):
    """How many of CLICKS arrive, each followed at once by a message of the slider.

    With ``during`` each comes while a run is under way.
    """

    async def acts(tab):
        tab.session.request_rerun(ClientState())
        await tab.rest()
        for place in range(CLICKS):
            if during:
                tab.ask(slider=place)
                await asyncio.sleep(0.02)
            tab.ask(button, slider=place)
            tab.ask(slider=place + 1)
            await tab.rest()

    called, told = visit(CLICKED, acts).texts()[-1].split()
    return int(called if button == "calls" else told)


def test_a_click_that_another_message_follows_is_lost_as_it_comes(visit, as_it_comes):
    assert clicks(visit, "calls", during=False) < CLICKS


def test_a_click_is_taken_in_before_a_newer_message_interrupts(visit):
    assert clicks(visit, "calls", during=False) == CLICKS


def test_a_fast_rerun_throws_a_click_away_and_a_slow_one_does_not(visit, option):
    assert not config.get_option("runner.fastReruns")
    assert clicks(visit, "tells", during=True) == CLICKS
    option("runner.fastReruns", True)
    # Whether a click falls into the moment is chance: up to five times as many.
    assert any(clicks(visit, "tells", during=True) < CLICKS for _ in range(5))


def page_with_a_part(visit):
    """What is shown of a page whose part is asked for as the page's script ends.

    It happens when the server is busy while a script ends and its fragment repeats.
    """

    async def acts(tab):
        tab.session.request_rerun(ClientState())
        # The script runs to its end, and the server hears none of it.
        tab.session._scriptrunner._script_thread.join(10)
        (fragment,) = tab.session._fragment_storage._fragments
        tab.session.request_rerun(ClientState(fragment_id=fragment))
        await tab.rest()

    script = """
        import streamlit as st

        @st.fragment
        def part():
            st.text("part")

        st.text("head")
        part()
        st.text("foot")
    """
    return Counter(visit(script, acts).texts())


def test_the_foot_of_a_page_is_lost_as_it_comes(visit, as_it_comes):
    assert page_with_a_part(visit) != {"head": 1, "part": 2, "foot": 1}


def test_a_page_arrives_whole_though_a_part_of_it_is_asked_for_as_it_ends(visit):
    assert page_with_a_part(visit) == {"head": 1, "part": 2, "foot": 1}


def test_no_message_relies_on_what_a_browser_keeps(option):
    """It may drop it at the end of a run, when it has just told the server that it has it."""

    def kept():
        message = ForwardMsg()
        message.delta.new_element.html.body = 100_000 * "x"
        populate_hash_if_needed(message)
        return message.metadata.cacheable

    assert not kept()
    option("global.minCachedMessageSize", 1e4)  # as it comes
    assert kept()


def test_no_run_ends_with_a_full_collection(visit, option, monkeypatch):
    """It would hold each answer up by 0.2 s once torch is loaded."""
    collected = []
    monkeypatch.setattr(gc, "collect", lambda *generation: collected.append(generation))

    async def acts(tab):
        tab.session.request_rerun(ClientState())
        await tab.rest()

    visit("import streamlit", acts)
    assert not collected
    option("runner.postScriptGC", True)  # as it comes
    visit("import streamlit", acts)
    assert collected


def test_a_server_that_starts_asks_nobody_for_its_address(option, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(net_util, "get_external_ip", lambda: asked.append(1))
    monkeypatch.setattr(net_util, "get_internal_ip", lambda: None)
    option("server.headless", True)
    bootstrap._print_url(False)
    assert not asked
    monkeypatch.setattr(config, "is_manually_set", lambda name: False)  # as it comes
    bootstrap._print_url(False)
    assert asked


def without_delay(answer):
    """Whether a connection to a server on Streamlit's socket sends each message at once."""

    async def connect():
        listening = _bind_socket("127.0.0.1", 0, 8)
        server = Server(Config(MagicMock(), lifespan="off", log_level="critical"))
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.startup([listening])
        _, writer = await asyncio.open_connection(*listening.getsockname())
        while not server.server_state.connections:
            await asyncio.sleep(0)
        (protocol,) = server.server_state.connections
        accepted = protocol.transport.get_extra_info("socket")
        found = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.close()
        protocol.transport.close()
        await server.shutdown([listening])
        return bool(found)

    return answer(connect())


def test_as_it_comes_a_small_message_may_wait_for_the_last(as_it_comes, answer):
    assert not without_delay(answer)


def test_a_small_message_is_sent_at_once(answer):
    assert without_delay(answer)
