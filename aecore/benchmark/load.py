"""How the app holds up with a class in it: thirty visitors at a time, and two hundred in a row."""

import asyncio
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import quantiles

import psutil
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketError

from aecore.benchmark.browser import serving
from aecore.benchmark.client import PATIENCE, Visitor, somewhere

NAMES = (
    "load_p50_ms",
    "load_p95_ms",
    "load_p50_training_ms",
    "load_p95_training_ms",
    "load_answers",
    "load_errors",
    "load_first_errors",
    "load_cores_of_server",
    "load_cores_of_visitors",
    "memory_of_server_mb",
    "memory_per_visitor_mb",
    "memory_growth",
)
MEGABYTE = 1 << 20
TRAINING = {"images": "Digits, 1,352", "epochs": 200, "batch_few": 1}  # longer than it is watched

Say = Callable[[str], None]


@dataclass(frozen=True)
class Class:
    """Who comes, and for how long.

    Attributes:
        moving: visitors on Decode and on Compare in turn, who pin a point about once a second,
            and use a control of the page at first and then about every tenth time.
        training: visitors on Train; the first two of them press the button.
        seconds: that the class is watched, without jobs and with two.
        visits: after how many visits the memory is read, twice.
        together: visits at a time.
    """

    moving: int = 26
    training: int = 4
    seconds: float = 30.0
    visits: tuple[int, int] = (20, 200)
    together: int = 5


@dataclass
class Window:
    """What was seen while the class was watched."""

    times: list[float] = field(default_factory=list)
    server: float = 0.0
    visitors: float = 0.0


def measure(say: Say, size: Class | None = None) -> tuple[dict, dict[str, str]]:
    """Let a class in, and measure how long each answer takes and what the server keeps.

    An answer is to a control of a page or to a repetition of a fragment: from the message that
    asks for it to the end of the script's run. A pinned point asks for none.

    Returns:
        The figures, and for each that could not be measured (then None) the reason.

        - `load_p50_ms`, `load_p95_ms`: of an answer, with nobody's job running;
          `load_p50_training_ms`, `load_p95_training_ms`: while two are trained.
          `load_answers`: how many there were, without and with.
        - `load_errors`: answers and files that did not come, errors shown on a page, connections
          closed, jobs that ended early; `load_first_errors`: the first few, in words.
        - `load_cores_of_server`, `load_cores_of_visitors`: processors that each kept busy,
          without and with.
        - `memory_of_server_mb`: resident, before the class; `memory_per_visitor_mb`: how much more
          with the class in it, for each.
        - `memory_growth`: after 200 visits over after 20, of another server.
    """
    figures = asyncio.run(_measure(say, size or Class()))
    return figures, {k: "No answer came." for k, value in figures.items() if value is None}


async def _measure(say: Say, size: Class) -> dict:
    errors: list[str] = []
    figures = await _class(say, size, errors) | await _row(say, size, errors)
    return figures | {"load_errors": len(errors), "load_first_errors": errors[:5]}


async def _class(say: Say, size: Class, errors: list[str]) -> dict:
    """Figures of a class that is in the app at the same time."""
    with _server() as (server, process):
        say("load: the first visitor")
        await _first(server, errors)
        before = process.memory_info().rss
        say(f"load: {size.moving + size.training} visitors come")
        movers, trainers = await _come(server, size)
        say(f"load: {size.seconds:g} s without jobs")
        alone = await _watch(movers, trainers, process, size.seconds)
        inside = process.memory_info().rss
        say("load: two jobs start")
        await _train(trainers[:2])
        say(f"load: {size.seconds:g} s with two jobs")
        busy = await _watch(movers, trainers, process, size.seconds)
        for visitor in trainers[:2]:
            if not _running(visitor):
                errors.append("A job was not running when the visitors left.")
        await _leave([*movers, *trainers], errors)
    return {
        **_times("", alone.times),
        **_times("_training", busy.times),
        "load_answers": [len(alone.times), len(busy.times)],
        "load_cores_of_server": [round(alone.server, 2), round(busy.server, 2)],
        "load_cores_of_visitors": [round(alone.visitors, 2), round(busy.visitors, 2)],
        "memory_of_server_mb": round(before / MEGABYTE),
        "memory_per_visitor_mb": round(
            (inside - before) / MEGABYTE / (size.moving + size.training), 2
        ),
    }


async def _row(say: Say, size: Class, errors: list[str]) -> dict:
    """Figures of visitors who come one after the other."""
    with _server() as (server, process):
        few, many = await _visits(server, process, size, say, errors)
    return {"memory_growth": round(many / few, 3)}


def _times(name: str, times: list[float]) -> dict[str, float | None]:
    parts = [round(1000 * part, 1) for part in quantiles(times, n=20)] if len(times) > 1 else []
    return {
        f"load_p50{name}_ms": parts[9] if parts else None,
        f"load_p95{name}_ms": parts[18] if parts else None,
    }


@contextmanager
def _server() -> Iterator[tuple[str, psutil.Process]]:
    """The app with runs of its own."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        serving(LATENT_LAB_RUNS=folder) as (url, process),
    ):
        yield url, psutil.Process(process.pid)


# ---------------------------------------------------------------- the class


async def _first(server: str, errors: list[str]) -> None:
    """Have the server load what all visitors share, and time the steps of a job."""
    visitor = Visitor(server)
    with _told(visitor):
        await visitor.open("decode")
        await visitor.turn_to("compare")
    await _leave([visitor], errors)
    visitor = Visitor(server)
    with _told(visitor):
        await visitor.open("train", **TRAINING)
        await _quiet([visitor])
    await _leave([visitor], errors)


async def _come(server: str, size: Class) -> tuple[list[Visitor], list[Visitor]]:
    """The class, one after the other, each with a whole page."""
    movers = [Visitor(server) for _ in range(size.moving)]
    trainers = [Visitor(server) for _ in range(size.training)]
    for number, visitor in enumerate(movers):
        with _told(visitor):
            await visitor.open(("decode", "compare")[number % 2])
    for visitor in trainers:
        with _told(visitor):
            await visitor.open("train", **TRAINING)
    await _quiet([*movers, *trainers])
    return movers, trainers


async def _quiet(visitors: list[Visitor]) -> None:
    """Wait until nothing is under way: no file, and no timing of a job's first steps."""
    for visitor in visitors:
        await visitor.settle()
    await _until(lambda: not any(visitor.follows for visitor in visitors))


async def _leave(visitors: list[Visitor], errors: list[str]) -> None:
    for visitor in visitors:
        await visitor.settle()
        await visitor.leave()
        errors += visitor.errors


async def _watch(
    movers: list[Visitor], trainers: list[Visitor], process: psutil.Process, seconds: float
) -> Window:
    window = Window()
    for visitor in trainers:
        visitor.timing = True
    used, own, start = _used(process), time.process_time(), time.perf_counter()
    moves = [_move(v, start + seconds, random.Random(i)) for i, v in enumerate(movers)]
    for found in await asyncio.gather(*moves):
        window.times += found
    await asyncio.sleep(max(0.0, start + seconds - time.perf_counter()))
    took = time.perf_counter() - start
    window.server = (_used(process) - used) / took
    window.visitors = (time.process_time() - own) / took
    for visitor in trainers:
        visitor.timing = False
        window.times += visitor.repeats
        visitor.repeats.clear()
    return window


async def _move(visitor: Visitor, end: float, chance: random.Random) -> list[float]:
    """Pin a point about once a second, and use a control now and then."""
    times: list[float] = []
    await asyncio.sleep(chance.uniform(0, min(1.0, (end - time.perf_counter()) / 2)))
    with _told(visitor):
        while (start := time.perf_counter()) < end:
            visitor.pin(somewhere(chance))
            if not times or chance.random() < 0.1:
                times.append(await visitor.change())
            await asyncio.sleep(max(0.0, start + chance.uniform(0.5, 1.5) - time.perf_counter()))
    return times


async def _train(trainers: list[Visitor]) -> None:
    """Press Train, and wait for the jobs to run."""
    for visitor in trainers:
        with _told(visitor):
            await visitor.press("Train")
    await _until(lambda: all(map(_running, trainers)))


def _running(visitor: Visitor) -> bool:
    """Whether it has shown that its job has learned something, and goes on."""
    found = visitor.statuses.values()
    return any(status["state"] == "running" and status["epoch"] for status in found)


async def _until(met: Callable[[], bool]) -> None:
    end = time.perf_counter() + PATIENCE
    while not met() and time.perf_counter() < end:
        await asyncio.sleep(0.1)


@contextmanager
def _told(visitor: Visitor) -> Iterator[None]:
    """What stops a visitor is one of its errors, and the others go on."""
    try:
        yield
    except (LookupError, OSError, HTTPClientError, WebSocketError) as error:
        visitor.errors.append(f"{type(error).__name__}: {error}")


def _used(process: psutil.Process) -> float:
    """Seconds of processor time so far; its workers are processes of their own."""
    times = process.cpu_times()
    return times.user + times.system


# ---------------------------------------------------------------- visits in a row


async def _visits(
    server: str, process: psutil.Process, size: Class, say: Say, errors: list[str]
) -> tuple[int, int]:
    """Bytes of memory after a few visits, and after many."""
    few, many = size.visits
    gate = asyncio.Semaphore(size.together)

    async def visit(number: int) -> None:
        async with gate:
            errors.extend(await _visit(server, random.Random(number)))

    say(f"load: {few} visits")
    await asyncio.gather(*map(visit, range(few)))
    after_few = process.memory_info().rss
    say(f"load: {many} visits")
    await asyncio.gather(*map(visit, range(few, many)))
    return after_few, process.memory_info().rss


async def _visit(server: str, chance: random.Random) -> list[str]:
    """Come, look at two pages, move a little, go."""
    errors: list[str] = []
    visitor = Visitor(server)
    with _told(visitor):
        await visitor.open("decode")
        visitor.pin(somewhere(chance))
        await visitor.change()
        await visitor.turn_to("compare")
        for _ in range(3):
            visitor.pin(somewhere(chance))
            await visitor.change()
    await _leave([visitor], errors)
    return errors
