"""The event stream of a page that follows trainings, and the same as JSON for one that asks.

    lab/events?w=TOKEN&run=NAME&run=NAME     text/event-stream
    lab/progress?w=TOKEN&run=NAME&since=ID   the same events at once, for a proxy that holds back

An event is the newest value of a part (``status``, ``terms``, ``snapshots``, ``bars``, ``planes``
of a run, ``answer`` of all runs together, ``queue`` and ``stand`` of the workspace), or ``records``
with the place of the first. A listener that was cut off names the id that it has seen last, by
``Last-Event-ID`` or ``since``, and gets what came later; being sent a thing twice does no harm.
``end`` says that nothing will follow.

One thread looks at the folders, however many listen; what it finds is formatted once.
"""

import asyncio
import json
import logging
import math
import re
import secrets
import signal
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from aecore import jobs
from aecore.errors import LabError, for_visitor
from aecore.runs import Run
from aecore.runs.workspaces import Workspace, open_workspace
from aecore.web import progress
from aecore.web.progress import changed, planes_of

TICK = 0.2  # seconds between two looks at a run that is trained
CALM = 1.0  # seconds between two looks at what changes seldom
SLICE = 0.15  # seconds of making blocks after which others have their turn
LINGER = 30.0  # seconds for which a folder is remembered after its last listener has gone
HEARTBEAT = 12.0  # seconds after which a silent stream gives a sign of life
STOP_CHECK = 1.0  # seconds between two looks at whether the server is about to end
ANSWER_IN = 5.0  # seconds in which who asks is answered, whatever is found by then
MOST_RUNS = 16  # that a page follows
MOST_STREAMS = 400  # open at the same time; beyond, a page asks now and then

ID = re.compile(r"[0-9a-f]{8}\.[0-9]{1,12}")
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

log = logging.getLogger(__name__)
W = TypeVar("W", bound="Watch")


@dataclass(frozen=True)
class Words:
    """What a stream asks of the pages, which know the words.

    Attributes:
        answer: a sentence or two about the runs that are followed together, from what was read.
        queue: a workspace's rows of the queue.
        bars: a measure of each dimension of a measured run's code; None of a run without.
    """

    answer: Callable[[Sequence["RunWatch"]], str] = lambda runs: ""
    queue: Callable[[Workspace, Sequence[jobs.Place]], dict] = lambda workspace, places: {}
    bars: Callable[[Run], dict | None] = lambda run: None


# ---------------------------------------------------------------- what is sent


class Log:
    """What was found of one thing: each part with the version at which it came, as text to send.

    The watching thread writes it while the server reads it: a version counts once its part is in.

    Example:
        >>> log = Log("vae-1")
        >>> log.put("status", {"epoch": 1}); log.add([[1, 2]], at=0); log.add([[2, 3]], at=1)
        >>> for event, data in log.since(1): print(event, data)
        records {"of":"vae-1","at":0,"rows":[[1,2],[2,3]]}
        >>> list(log.since(2))
        [('records', '{"of":"vae-1","at":1,"rows":[[2,3]]}')]
    """

    def __init__(self, name: str) -> None:
        self.name, self.id, self.version = name, secrets.token_hex(4), 0
        self._parts: dict[str, tuple[int, str]] = {}
        self._rows: list[tuple[int, int, str]] = []  # version, place of the first row, the rows

    def put(self, part: str, value: object) -> None:
        """A part's newest value; one that is the same as before is not sent again."""
        text = json.dumps({"of": self.name, "value": value}, separators=(",", ":"))
        if self._parts.get(part, (0, ""))[1] != text:
            self._parts[part] = self.version + 1, text
            self.version += 1

    def add(self, rows: Sequence[list], at: int) -> None:
        """Rows of records that follow ``at`` others; at 0 they replace all."""
        text = json.dumps(rows, separators=(",", ":"))[1:-1]
        self._rows = [*(self._rows if at else []), (self.version + 1, at, text)]
        self.version += 1

    def since(self, version: int) -> Iterator[tuple[str, str]]:
        """Events that came after a version: the records, then the parts in the order they came."""
        rows, first = self._rows, len(self._rows)
        while first and rows[first - 1][0] > version:
            first -= 1
        if new := rows[first:]:
            texts = ",".join(text for *_, text in new if text)
            yield "records", f'{{"of":{json.dumps(self.name)},"at":{new[0][1]},"rows":[{texts}]}}'
        for part, (came, text) in sorted(self._parts.items(), key=lambda item: item[1]):
            if came > version:
                yield part, text


# ---------------------------------------------------------------- looking


class Watch(ABC):
    """Something that is looked at for all who listen to it.

    Attributes:
        log: what was found.
        when: the time of the latest look.
        lively: whether more is to come.
        pause: seconds until the next look.
        last_visit: when somebody came last to listen, or went.
        listeners: whom to call when something was found.
    """

    def __init__(self, name: str) -> None:
        self.log = Log(name)
        self.when, self.lively, self.pause, self.last_visit = (
            -math.inf,
            True,
            CALM,
            time.monotonic(),
        )
        self.listeners: dict[object, Callable[[], None]] = {}
        self._failed = False

    @property
    def due(self) -> float:
        """The time of the next look."""
        if self.when < self.last_visit:
            return -math.inf
        return self.when + self.pause if self.listeners else math.inf

    def fail(self, sentence: str) -> None:
        """Say why it cannot be followed now; an empty sentence: it can."""
        if sentence or self._failed:
            self.log.put("error", sentence)
        self._failed = bool(sentence)
        if sentence:
            self.lively, self.pause = False, CALM

    @abstractmethod
    def look(self) -> None:
        """Read what has changed into the log.

        Raises:
            LabError: when something there is damaged.
        """


class RunWatch(Watch):
    """A run's folder.

    Attributes:
        run: the run.
        records, snapshots: what was read of it.
        ended: whether no record and no snapshot will follow.
    """

    def __init__(self, run: Run, words: Words) -> None:
        super().__init__(run.name)
        self.run, self.words, self.ended = run, words, False
        self.records = progress.Records(run.folder)
        self.snapshots = progress.Snapshots()
        self._making: Iterator[None] | None = None
        self._measured: object = None

    def look(self) -> None:
        """The state first: what is read after it is at least as new, so an end comes last."""
        run = self.run
        if not (run.folder / "config.json").exists():
            self.lively = False  # deleted; the workspace's stand says so
            return
        status = run.status
        self.ended = not status.under_way
        had, at = len(self.records.rows), self.records.read()
        if at < max(had, len(self.records.rows)):
            self.log.put("terms", self.records.terms)
            self.log.add(self.records.rows[at:], at)
        if self.snapshots.look(run, ended=self.ended):
            self._making = self.snapshots.make()
        self._make()
        measured = (
            status.busy,
            *map(changed, (run.folder / "card.json", run.folder / "codes.npz")),
        )
        if measured != self._measured:
            self.log.put("bars", None if status.busy else self.words.bars(run))
            self.log.put("planes", [] if status.busy else planes_of(run))
        self._measured = measured
        bare = status.kind == "measure" and not self.records.rows and not self.snapshots.found
        self.log.put("status", progress.state_of(run, status, self.records, bare))
        self.lively = bool(status.busy or status.phase or self._making)
        self.pause = 0.0 if self._making else TICK if status.state == "running" else CALM

    def _make(self) -> None:
        """Some of the blocks of snapshots that are still to be made."""
        end = time.monotonic() + SLICE
        while self._making:
            if next(self._making, self) is self:
                self._making = None
            elif time.monotonic() >= end:
                break
        self.log.put("snapshots", {"plane": self.snapshots.plane, "list": self.snapshots.listed})


class AnswerWatch(Watch):
    """The sentence about runs beside each other, once all that is there of them was read."""

    def __init__(self, runs: Sequence[RunWatch], words: Words) -> None:
        super().__init__("")
        self.runs, self.words = runs, words
        self._read: object = None

    def look(self) -> None:
        """Ask for the sentence anew when a run has moved on."""
        read = [(len(one.records.rows), one.snapshots.found, one.ended) for one in self.runs]
        if read != self._read and all(one.when > 0 and one.snapshots.whole for one in self.runs):
            self._read = read
            self.log.put("answer", self.words.answer(self.runs))
        self.lively = any(one.lively for one in self.runs)
        self.pause = TICK if self.lively else CALM


class WorkspaceWatch(Watch):
    """All runs of a workspace: where they stand, and their places in the queue."""

    def __init__(self, workspace: Workspace, words: Words) -> None:
        super().__init__("")
        self.workspace, self.words = workspace, words
        self.statuses = progress.Statuses(workspace.folder.absolute())

    def look(self) -> None:
        """Read the states that may have changed."""
        self.statuses.read()
        under_way = any(status.under_way for status in self.statuses.found.values())
        places = progress.queue() if under_way else []
        self.log.put("queue", self.words.queue(self.workspace, places))
        self.log.put("stand", self.statuses.stand)
        self.lively = self.statuses.lively


class Watcher:
    """The one thread that looks, as long as there is something to look at.

    Attributes:
        streams: how many are open.
    """

    def __init__(self) -> None:
        self.streams = 0
        self._watches: dict[object, Watch] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def get(self, key: object, make: Callable[[], W]) -> W:
        """The watch of a key, made when nobody has followed it yet; it is looked at anew."""
        with self._lock:
            watch = cast(W, self._watches.get(key)) or make()
            self._watches[key] = watch
            watch.last_visit = time.monotonic()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="events", daemon=True)
                self._thread.start()
        self._wake.set()
        return watch

    @contextmanager
    def listening(self, watches: Sequence[Watch], found: Callable[[], None]) -> Iterator[None]:
        """Call ``found``, from the thread, each time that one of these has found something."""
        me = object()
        self.streams += 1
        for watch in watches:
            watch.listeners[me] = found
        self._wake.set()
        try:
            yield
        finally:
            self.streams -= 1
            for watch in watches:
                watch.listeners.pop(me, None)
                watch.last_visit = time.monotonic()

    def _work(self) -> None:
        while True:
            self._wake.clear()
            with self._lock:
                now = time.monotonic()
                for key, watch in list(self._watches.items()):
                    if not watch.listeners and now - watch.last_visit > LINGER:
                        del self._watches[key]
                watches = list(self._watches.values())
                if not watches:
                    self._thread = None
                    return
            for watch in watches:
                if watch.due <= now:
                    self._look(watch)
            following = min([now + LINGER, *(watch.due for watch in watches)])
            self._wake.wait(max(0.0, following - time.monotonic()))

    def _look(self, watch: Watch) -> None:
        before, began = (watch.log.version, watch.lively), time.monotonic()
        awaited = watch.when < watch.last_visit
        try:
            watch.look()
            watch.fail("")
        except LabError as error:
            watch.fail(for_visitor(error))
        except Exception:
            log.exception("A run could not be followed")
            watch.fail("It cannot be followed; the server's log has the details.")
        watch.when = began
        if awaited or (watch.log.version, watch.lively) != before:
            for found in list(watch.listeners.values()):
                found()


watcher = Watcher()


# ---------------------------------------------------------------- answering


class Streams:
    """The two addresses, for an app that has these words."""

    def __init__(self, words: Words) -> None:
        self.words = words

    async def events(self, request: Request) -> Response:
        """The event stream of one page."""
        since = time.monotonic()
        try:
            watches = await asyncio.to_thread(self._watches, request)
        except LabError as error:
            return _refusal(error)
        if watcher.streams >= MOST_STREAMS:
            return JSONResponse({"error": "Too many pages follow a training."}, 503, HEADERS)
        last = request.headers.get("last-event-id") or request.query_params.get("since", "")
        content = _stream(watches, seen_in(last), since)
        return StreamingResponse(content, media_type="text/event-stream", headers=HEADERS)

    async def progress(self, request: Request) -> Response:
        """The events since, at once."""
        since = time.monotonic()
        try:
            watches = await asyncio.to_thread(self._watches, request)
        except LabError as error:
            return _refusal(error)
        while time.monotonic() - since < ANSWER_IN and any(w.when < since for w in watches):
            await asyncio.sleep(0.02)
        ended = _over(watches, since)
        found, seen = _new(watches, seen_in(request.query_params.get("since", "")))
        listed = ",".join(f'["{name}",{data}]' for name, data in found)
        text = f'{{"id":"{id_of(seen)}","end":{json.dumps(ended)},"events":[{listed}]}}'
        return Response(text, media_type="application/json", headers=HEADERS)

    def _watches(self, request: Request) -> list[Watch]:
        """What a request may follow.

        Raises:
            LabError: for a text that is no token, and for runs that are not in its workspace.
        """
        workspace = open_workspace(request.query_params.get("w", ""))
        names = list(dict.fromkeys(request.query_params.getlist("run")))
        runs = [workspace.run(name) for name in names[:MOST_RUNS]]
        folder = workspace.folder.absolute()
        own = watcher.get(folder, lambda: WorkspaceWatch(workspace, self.words))
        followed = [watcher.get(run.folder, partial(RunWatch, run, self.words)) for run in runs]
        if not followed:
            return [own]
        together = tuple(watch.log.id for watch in followed)
        return [own, *followed, watcher.get(together, lambda: AnswerWatch(followed, self.words))]


def seen_in(text: str) -> dict[str, int]:
    """Versions by log, from the id of the last event that a browser has seen.

    A text that is no such id has seen nothing.

    Example:
        >>> seen_in("0a1b2c3d.7,ffffffff.0"), seen_in("<b>"), seen_in("0a1b2c3d.7,x")
        ({'0a1b2c3d': 7, 'ffffffff': 0}, {}, {'0a1b2c3d': 7})
    """
    parts = [part.split(".") for part in text[:600].split(",") if ID.fullmatch(part)]
    return {name: int(version) for name, version in parts}


def id_of(seen: dict[str, int]) -> str:
    """The inverse of `seen_in`.

    Example:
        >>> id_of({"0a1b2c3d": 7, "ffffffff": 0})
        '0a1b2c3d.7,ffffffff.0'
    """
    return ",".join(f"{name}.{version}" for name, version in seen.items())


def stopping() -> bool:
    """Whether the server was asked to end: it waits for open streams, so they must end first.

    No ASGI server says so to its app. Uvicorn's handler of signals is a method of its server.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return bool(getattr(server, "should_exit", False))


async def _stream(
    watches: Sequence[Watch], seen: dict[str, int], since: float
) -> AsyncIterator[str]:
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def found() -> None:
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(changed.set)

    with watcher.listening(watches, found):
        yield ":\n\n"  # at once: where it does not arrive, something on the way holds back
        spoke = loop.time()
        while not stopping():
            changed.clear()
            ended = _over(watches, since)  # before the rest is read, so that nothing is missed
            events, seen = _new(watches, seen)
            if ended:
                events.append(("end", "{}"))
            if events:
                text = "".join(f"event: {name}\ndata: {data}\n\n" for name, data in events)
                yield f"{text[:-1]}id: {id_of(seen)}\n\n"
                spoke = loop.time()
            elif loop.time() - spoke > HEARTBEAT:
                yield ":\n\n"
                spoke = loop.time()
            if ended:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_CHECK):
                    await changed.wait()


def _new(
    watches: Sequence[Watch], seen: dict[str, int]
) -> tuple[list[tuple[str, str]], dict[str, int]]:
    """What came since, as events and their data; and what is seen with that."""
    now = {watch.log.id: watch.log.version for watch in watches}
    events: list[tuple[str, str]] = []
    for watch in watches:
        before = seen.get(watch.log.id, 0)
        if now[watch.log.id] > before:
            events += watch.log.since(before)
    return events, now


def _over(watches: Sequence[Watch], since: float) -> bool:
    """Whether nothing will follow, by a look at each since this moment."""
    return all(watch.when >= since and not watch.lively for watch in watches)


def _refusal(error: LabError) -> Response:
    return JSONResponse({"error": for_visitor(error)}, 403, HEADERS)
