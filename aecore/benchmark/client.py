"""A simulated visitor: what a browser says to the app's server, without a browser.

It speaks Streamlit's protocol over a websocket. It keeps the widgets of its page, sends the state
of all of them with each rerun, fetches each file that the page names once, follows the event
stream of its runs, and repeats fragments that ask for it.
"""

import asyncio
import json
import random
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NumberInput_pb2 import NumberInput
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

PATIENCE = 60.0  # seconds after which an answer counts as missing
MOST_ERRORS = 20  # that one visitor tells of
EARLY = ForwardMsg.FINISHED_EARLY_FOR_RERUN
FINE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY, EARLY)

Path = tuple[int, ...]


class Visitor:
    """One browser tab.

    Attributes:
        errors: what went wrong, one sentence each.
        runs: of the script for it, fragments included.
        elements: what is on the page, by its place.
        query: of the address.
        statuses, records: of the runs that it follows, by name, as the event stream brings them: of
            the records, when each came.
    """

    def __init__(self, server: str) -> None:
        self.server = server
        self.errors: list[str] = []
        self.runs = 0
        self.elements: dict[Path, Any] = {}
        self._states: dict[str, tuple[str, Any]] = {}  # by widget: the field, and what it holds
        self.query = ""
        self.statuses: dict[str, dict] = {}
        self.records: dict[str, list[float]] = {}
        self._followed: tuple[str, asyncio.Task] | None = None  # the address of its stream
        self._page = self._script = ""
        self._scripts: dict[str, str] = {}  # by page
        self._cached: dict[str, Any] = {}
        self._fetched: set[str] = set()
        self._tasks: set[asyncio.Task] = set()
        self._timers: dict[str, asyncio.Task] = {}
        self._sent_at: dict[str, float] = {}  # repetitions under way: when each was sent
        self._run: tuple[str, ...] = ()  # the fragments of the run under way; none: the page
        self._fragments: dict[str, str] = {}  # by widget: the fragment that it is in, if any
        self._waiter: asyncio.Future | None = None
        self._awaited = ""  # the fragment that the waiter waits for; none: the page
        self._socket: Any = None
        self._leaving = False

    # What a visitor does

    async def open(self, page: str, **query: object) -> float:
        """Come by an address; returns the seconds until the page is whole."""
        self._page, self.query = page, urlencode(query)
        address = self.server.replace("http", "ws", 1) + "/_stcore/stream"
        request = HTTPRequest(address, headers={"Origin": self.server}, connect_timeout=PATIENCE)
        start = time.perf_counter()
        self._socket = await websocket_connect(request, subprotocols=["streamlit"])
        self._start(self._listen())
        await self._rerun(page_name=page)
        return time.perf_counter() - start

    async def turn_to(self, page: str) -> float:
        """Choose a page in the navigation."""
        self._page, self._script, self.query = page, self._scripts[page], ""
        self._states.clear()
        return await self._rerun()

    def pin(self, z: list[float]) -> None:
        """Pin a point: the browser writes the address, and the server hears nothing."""
        point = {"z": ",".join(f"{value:.5g}" for value in z)}
        self.query = urlencode(dict(parse_qsl(self.query)) | point)

    async def change(self) -> float:
        """Use a control of the page, its first list or slider: choose what comes next there.

        Returns the seconds until the page has been built anew.
        """
        for element in self.elements.values():
            field, held = self._states.get(_id(element), ("", None))
            if (other := _next(element, held)) is not None:
                self._states[_id(element)] = field, other
                break
        return await self._rerun()

    async def press(self, label: str) -> float:
        """Press a button."""
        button = self.widget("button", label)
        self._states[button] = ("trigger_value", True)
        done = self._rerun(button)
        del self._states[button]
        return await done

    async def leave(self) -> None:
        """Close the tab."""
        self._leaving = True
        if self._socket:
            self._socket.close()
        for task in [*self._timers.values(), *self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def settle(self) -> None:
        """Wait for the files that are on their way."""
        while loading := [task for task in self._tasks if task.get_name() == "fetch"]:
            await asyncio.wait(loading)

    def widget(self, kind: str, name: str) -> str:
        """The id of a button with this label, or of a component with this key."""
        for element in self.elements.values():
            if element.WhichOneof("type") == kind:
                found = getattr(element, kind)
                if name in (getattr(found, "label", ""), found.id.rpartition("-")[2]):
                    return found.id
        raise LookupError(f"There is no {kind} {name!r} on the page {self._page!r}.")

    def payload(self, key: str) -> dict:
        """The data that the page sends the component with this key."""
        for element in self.elements.values():
            if element.bidi_component.id.endswith(f"-{key}"):
                return _data(element)
        return {}

    @property
    def token(self) -> str:
        """Of its workspace, as the address of its event stream has it; empty without a stream."""
        stream = self._followed[0] if self._followed else ""
        return dict(parse_qsl(urlsplit(stream).query)).get("w", "")

    @property
    def follows(self) -> bool:
        """Whether a part of the page is being repeated."""
        return bool(self._timers)

    # What it says

    def _rerun(self, widget: str = "", **more: str) -> Awaitable[float]:
        """Ask for the page anew, or for the widget's fragment; gives the seconds that it took."""
        self._awaited = self._fragments.get(widget, "")
        if not self._awaited:
            self._forget_fragments()
        start = time.perf_counter()
        self._waiter = asyncio.get_running_loop().create_future()
        self._say(fragment_id=self._awaited, **more)

        async def answer(waiter: asyncio.Future) -> float:
            try:
                await asyncio.wait_for(waiter, PATIENCE)
            except TimeoutError:
                self._note(f"No answer on {self._page} in {PATIENCE:g} s.")
            return time.perf_counter() - start

        return answer(self._waiter)

    def _say(self, **more: object) -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash = self.query, self._script
        state.cached_message_hashes.extend(self._cached)
        for name, value in more.items():
            setattr(state, name, value)
        for number, (field, value) in self._states.items():
            widget = state.widget_states.widgets.add(id=number)
            if field.endswith("array_value"):
                getattr(widget, field).data.extend(value)
            elif field == "file_uploader_state_value":
                widget.file_uploader_state_value.SetInParent()
            else:
                setattr(widget, field, value)
        about = state.context_info
        about.timezone, about.locale, about.color_scheme = "UTC", "en-US", "light"
        about.url = f"{self.server}/{self._page}"
        self._socket.write_message(message.SerializeToString(), binary=True)

    def _forget_fragments(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._sent_at.clear()

    async def _repeat(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            # A browser sends on, whether or not the last one was answered.
            self._sent_at.setdefault(fragment, time.perf_counter())
            if time.perf_counter() - self._sent_at[fragment] > PATIENCE:
                self._note(f"A fragment of {self._page} was not answered in {PATIENCE:g} s.")
                self._sent_at[fragment] = time.perf_counter()
            self._say(fragment_id=fragment, is_auto_rerun=True)

    # What it hears

    async def _listen(self) -> None:
        while (content := await self._socket.read_message()) is not None:
            message = ForwardMsg.FromString(content)
            kind = message.WhichOneof("type")
            if hear := getattr(self, f"_hear_{kind}", None):
                hear(message)
        if not self._leaving:
            self._note("The server closed the connection.")
            self._finish()

    def _hear_new_session(self, message: ForwardMsg) -> None:
        self.runs += 1
        self._run = tuple(message.metadata.run.fragment_ids)
        if not self._run:
            self._forget_fragments()
            self._fresh: set[Path] = set()

    def _hear_navigation(self, message: ForwardMsg) -> None:
        self._script = message.navigation.page_script_hash
        pages = message.navigation.app_pages
        self._scripts = {page.url_pathname: page.page_script_hash for page in pages}

    def _hear_page_info_changed(self, message: ForwardMsg) -> None:
        self.query = message.page_info_changed.query_string

    def _hear_auto_rerun(self, message: ForwardMsg) -> None:
        number, interval = message.auto_rerun.fragment_id, message.auto_rerun.interval
        if number not in self._timers:
            self._timers[number] = self._start(self._repeat(number, interval))

    def _hear_stop_auto_rerun(self, message: ForwardMsg) -> None:
        for number in message.stop_auto_rerun.fragment_ids:
            if timer := self._timers.pop(number, None):
                timer.cancel()
            self._sent_at.pop(number, None)

    def _hear_ref_hash(self, message: ForwardMsg) -> None:
        if message.ref_hash not in self._cached:
            self._note("The server took for known what was never sent.")
            return
        self._place(tuple(message.metadata.delta_path), self._cached[message.ref_hash])

    def _hear_delta(self, message: ForwardMsg) -> None:
        if message.delta.WhichOneof("type") != "new_element":
            return
        element = message.delta.new_element
        if message.metadata.cacheable:
            self._cached[message.hash] = element
        self._place(tuple(message.metadata.delta_path), element)
        self._fragments[_id(element)] = message.delta.fragment_id

    def _hear_script_finished(self, message: ForwardMsg) -> None:
        if message.script_finished not in FINE:
            self._note("The page does not compile.")
        if self._run:
            for number in self._run:
                self._sent_at.pop(number, None)
            if self._awaited in self._run and message.script_finished != EARLY:
                self._finish()
        elif message.script_finished != EARLY:
            self.elements = {path: self.elements[path] for path in sorted(self._fresh)}
            self._keep_states()
            self._finish()

    def _hear_session_event(self, message: ForwardMsg) -> None:
        if message.session_event.WhichOneof("type") == "script_compilation_exception":
            self._note(message.session_event.script_compilation_exception.message)

    def _place(self, path: Path, element: Any) -> None:
        self.elements[path] = element
        if not self._run:
            self._fresh.add(path)
        kind = element.WhichOneof("type")
        if kind == "exception" or (kind == "alert" and element.alert.format == Alert.ERROR):
            text = element.exception.message if kind == "exception" else element.alert.body
            self._note(f"{self._page} shows an error: {text}")
        elif kind == "bidi_component":
            data = _data(element)
            if follow := data.get("follow"):
                self._follow(follow["stream"])
            for url, part in _files(data):
                if url not in self._fetched:
                    self._fetched.add(url)
                    self._start(self._fetch(url, part), "fetch")
        elif state := _state(kind, getattr(element, kind)):
            number, field, value, changed = state
            if changed or number not in self._states:
                self._states[number] = field, value

    def _keep_states(self) -> None:
        """Forget the widgets that are no longer on the page."""
        there = {_id(element) for element in self.elements.values()}
        self._states = {k: v for k, v in self._states.items() if k in there}
        self._fragments = {k: v for k, v in self._fragments.items() if k in there}

    def _finish(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    async def _fetch(self, url: str, part: str | None) -> None:
        headers = {"Accept-Encoding": "gzip"} | ({"Range": part} if part else {})
        request = HTTPRequest(
            urljoin(f"{self.server}/", url),
            headers=headers,
            decompress_response=False,
            connect_timeout=PATIENCE,
            request_timeout=PATIENCE,
        )
        try:
            await AsyncHTTPClient().fetch(request)
        except Exception as error:
            self._note(f"A file of {self._page} did not arrive: {error}")

    def _follow(self, url: str) -> None:
        """Follow the runs of the page, all of its components by one stream."""
        if self._followed:
            followed, task = self._followed
            if followed == url and not task.done():
                return
            task.cancel()
        self._followed = url, self._start(self._read_stream(url), "follow")

    async def _read_stream(self, url: str) -> None:
        name = rest = b""

        def read(piece: bytes) -> None:
            nonlocal name, rest
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                field, _, value = line.partition(b": ")
                if field == b"event":
                    name = value
                elif field == b"data" and name == b"status":
                    found = json.loads(value)
                    self.statuses[found["of"]] = found["value"]
                elif field == b"data" and name == b"records":
                    found = json.loads(value)
                    came = self.records.setdefault(found["of"], [])
                    came[found["at"] :] = [time.time()] * len(found["rows"])

        # A client of its own: one that is shared has no more than ten requests under way.
        client = AsyncHTTPClient(force_instance=True)
        try:
            await client.fetch(
                urljoin(f"{self.server}/", url),
                streaming_callback=read,
                connect_timeout=PATIENCE,
                request_timeout=0,
            )
        except Exception as error:
            self._note(f"The event stream of {self._page} did not arrive: {error}")
        finally:
            client.close()

    # Its own affairs

    def _start(self, work: Any, name: str | None = None) -> asyncio.Task:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            self._note(f"The visitor stumbled: {task.exception()!r}")
            self._finish()

    def _note(self, error: str) -> None:
        if len(self.errors) < MOST_ERRORS and not self._leaving:
            self.errors.append(error)


def _id(element: Any) -> str:
    return getattr(getattr(element, element.WhichOneof("type")), "id", "")


def _data(element: Any) -> dict:
    component = element.bidi_component
    return json.loads(component.json) if component.WhichOneof("data") == "json" else {}


def _files(data: dict) -> list[tuple[str, str | None]]:
    """What a browser fetches for a component: addresses, each with the part that is wanted.

    What a press asks for (``lab/run/...``) is not among them.

    Test images come in pieces, and only those that the pointer meets; one stands for them.

    Example:
        >>> _files({"models": [{"url": "lab/block/a"}], "images": {"url": "b", "starts": [0, 9]}})
        [('lab/block/a', None), ('b', 'bytes=0-8')]
    """
    data = {name: value for name, value in data.items() if name != "follow"}
    images = data.pop("images", None)
    found: list[tuple[str, str | None]] = [
        (url, None) for url in re.findall(r'"(lab/(?!run/)[^"\\]+)"', json.dumps(data))
    ]
    if isinstance(images, dict):
        found.append((images["url"], f"bytes=0-{images['starts'][1] - 1}"))
    elif images:
        found.append((images, None))
    return found


def _selected(widget: Any) -> tuple[str, Any]:
    value = widget.options[widget.default] if widget.HasField("default") else None
    return "string_value", widget.raw_value if widget.set_value else value


def _pressed(widget: Any) -> tuple[str, Any]:
    names = [option.content for option in widget.options]
    return "string_array_value", list(widget.raw_values) or [names[i] for i in widget.default]


def _slid(widget: Any) -> tuple[str, Any]:
    return "double_array_value", list(widget.value if widget.set_value else widget.default)


def _number(widget: Any) -> tuple[str, Any]:
    value = widget.value if widget.set_value else widget.default
    whole = widget.data_type == NumberInput.INT
    return ("int_value", int(value)) if whole else ("double_value", value)


def _text(widget: Any) -> tuple[str, Any]:
    return "string_value", widget.value if widget.set_value else widget.default


# What a browser sends for a widget that nobody has touched, for the kinds that the pages have.
STATES: dict[str, Callable[[Any], tuple[str, Any]]] = {
    "selectbox": _selected,
    "button_group": _pressed,
    "number_input": _number,
    "slider": _slid,
    "text_input": _text,
    "text_area": _text,
    "file_uploader": lambda widget: ("file_uploader_state_value", True),
}


def _state(kind: str, widget: Any) -> tuple[str, str, Any, bool] | None:
    """A widget's id, the field of its state, what it holds, and whether the page has set it."""
    if kind not in STATES:
        return None
    field, value = STATES[kind](widget)
    return None if value is None else (widget.id, field, value, getattr(widget, "set_value", False))


def _next(element: Any, held: Any) -> Any:
    """Another value than a list or a slider holds; None of what is neither."""
    match element.WhichOneof("type"):
        case "selectbox":
            choices = list(element.selectbox.options)
            return choices[(choices.index(held) + 1) % len(choices)]
        case "slider":
            return [(held[0] + 1) % element.slider.max]
    return None


def somewhere(chance: random.Random) -> list[float]:
    """A point near the middle of a plane, as the pointer sends it."""
    return [round(chance.uniform(-3, 3), 4) for _ in range(2)]
