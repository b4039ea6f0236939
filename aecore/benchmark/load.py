"""How the app holds up with a class in it: a hundred visitors at once, two hundred in a row."""

import asyncio
import logging
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import psutil
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketError

from aecore.benchmark.browser import serving, serving_bare
from aecore.benchmark.client import PATIENCE, Visitor, somewhere
from aecore.layout import SITE

NAMES = (
    "load_script_runs_of_pins",
    "load_cores_of_pins",
    "load_cores_of_written_files",
    "load_p50_ms",
    "load_p95_ms",
    "load_p50_bare_ms",
    "load_p95_bare_ms",
    "load_p95_over_bare",
    "load_p50_training_ms",
    "load_p95_training_ms",
    "load_p95_training_bare_ms",
    "load_p95_training_over_bare",
    "load_cores_of_watchers",
    "load_record_p50_ms",
    "load_record_p95_ms",
    "load_answers",
    "load_records",
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
FILES = 100  # written each second

Say = Callable[[str], None]


@dataclass(frozen=True)
class Class:
    """Who comes, and for how long.

    Attributes:
        moving: visitors on Decode and on Compare in turn, who pin a point about once a second; as
            many are on the bare page.
        control: share of the pins after which they use a control of the page, too.
        choices: that the first visitor makes on each page, so that the server has every run.
        training: visitors on Train, who press the button.
        watching: visitors who follow what these train.
        seconds: that each is watched.
        visits: after how many visits the memory is read, twice.
        together: visits at a time.
    """

    moving: int = 100
    control: float = 0.1
    choices: int = 10
    training: int = 2
    watching: int = 30
    seconds: float = 12.0
    visits: tuple[int, int] = (20, 200)
    together: int = 5


@dataclass
class Crowd:
    """Visitors of one server."""

    url: str
    process: psutil.Process
    visitors: list[Visitor] = field(default_factory=list)


@dataclass
class Window:
    """What was seen of a crowd for some time.

    Attributes:
        times: seconds from using a control to the end of the script's run.
        server, own: processors that the server and the simulated visitors kept busy.
        runs: of the script.
    """

    times: list[float]
    server: float
    own: float
    runs: int


def measure(say: Say, size: Class | None = None) -> tuple[dict, dict[str, str]]:
    """Let a class in, and measure how long each answer takes and what the server keeps.

    An answer is to a control of a page: from the message that asks for it to the end of the
    script's run. A pinned point asks for none: all that a browser does is to write the address.
    The bare page is a title and a slider on a server of its own with Streamlit's settings as ours,
    with as many visitors; it is watched in turn with the app.

    Returns:
        The figures, and for each that could not be measured (then None) the reason.

        - `load_script_runs_of_pins`, `load_cores_of_pins`: runs of scripts, and processors that
          the server kept busy, while all pin points and nothing else.
          `load_cores_of_written_files`: processors more than that while 100 files a second are
          written below the app's folder.
        - `load_p50_ms`, `load_p95_ms`, `load_p50_bare_ms`, `load_p95_bare_ms`: of an answer of the
          app and of the bare page, with nobody's job running; `load_p95_over_bare`: of the two.
          `load_p50_training_ms`, `load_p95_training_ms`, `load_p95_training_bare_ms`: while two
          are trained; `load_p95_training_over_bare`: over the bare page's without jobs.
          `load_answers`: how many there were of the app, without jobs and with.
        - `load_cores_of_watchers`: processors that the server kept busy with nobody but thirty
          visitors who watch the two jobs.
          `load_record_p50_ms`, `load_record_p95_ms`: from a record's writing to its coming by a
          watcher's event stream; `load_records`: how many were written.
        - `load_errors`: answers, files and records that did not come, errors shown on a page,
          connections closed, jobs that ended early; `load_first_errors`: the first few, in words.
        - `load_cores_of_server`, `load_cores_of_visitors`: processors that each kept busy with the
          app's answers, without jobs and with.
        - `memory_of_server_mb`: resident, before the class; `memory_per_visitor_mb`: how much more
          with the class in it, for each.
        - `memory_growth`: after 200 visits over after 20, of another server.
    """
    # It tells of every stream that a visitor leaves; what goes wrong is counted here.
    logging.getLogger("tornado.application").setLevel(logging.CRITICAL)
    figures = asyncio.run(_measure(say, size or Class()))
    return figures, {name: WHY.get(name, NONE) for name, value in figures.items() if value is None}


NONE = "No answer came."
WHY = {"load_cores_of_written_files": "The app's folder cannot be written."}


async def _measure(say: Say, size: Class) -> dict:
    errors: list[str] = []
    figures = await _class(say, size, errors) | await _row(say, size, errors)
    return figures | {"load_errors": len(errors), "load_first_errors": errors[:5]}


async def _class(say: Say, size: Class, errors: list[str]) -> dict:
    """Figures of a class that is in the app at the same time."""
    with _server() as (app, runs), _bare_server() as bare:
        say("load: the first visitor")
        await _first(app.url, size.choices, errors)
        before = app.process.memory_info().rss
        say(f"load: {size.moving} visitors come to each server")
        await _come(app, ["decode", "compare"], size.moving)
        await _come(bare, [""], size.moving)
        grown = app.process.memory_info().rss - before
        say("load: all pin")
        pins = await _watch(app, size.seconds)
        say("load: files are written")
        files = await _while_files_are_written(app, size.seconds)
        say("load: controls, without jobs")
        alone, alone_bare = await _in_turn(app, bare, size)
        say("load: two jobs start")
        trainers = Crowd(app.url, app.process)
        await _come(trainers, ["train"], size.training, TRAINING)
        await _train(trainers.visitors)
        say("load: controls, with two jobs")
        busy, busy_bare = await _in_turn(app, bare, size)
        await _leave([*app.visitors, *bare.visitors], errors)
        say(f"load: {size.watching} visitors watch the jobs")
        watched, lags = await _follow(trainers, runs, size, errors)
        for visitor in trainers.visitors:
            if not _running(visitor):
                errors.append("A job was not running when the visitors left.")
        await _leave(trainers.visitors, errors)
    usual, waits = _part(alone_bare.times, 95), [one for lag in lags for one in lag]
    return {
        "load_script_runs_of_pins": pins.runs,
        "load_cores_of_pins": round(pins.server, 3),
        "load_cores_of_written_files": files and round(max(0.0, files.server - pins.server), 3),
        "load_p50_ms": _part(alone.times, 50),
        "load_p95_ms": _part(alone.times, 95),
        "load_p50_bare_ms": _part(alone_bare.times, 50),
        "load_p95_bare_ms": usual,
        "load_p95_over_bare": _ratio(_part(alone.times, 95), usual),
        "load_p50_training_ms": _part(busy.times, 50),
        "load_p95_training_ms": _part(busy.times, 95),
        "load_p95_training_bare_ms": _part(busy_bare.times, 95),
        "load_p95_training_over_bare": _ratio(_part(busy.times, 95), usual),
        "load_cores_of_watchers": round(watched.server, 3),
        "load_record_p50_ms": _part(waits, 50),
        "load_record_p95_ms": _part(waits, 95),
        "load_answers": [len(alone.times), len(busy.times)],
        "load_records": len(lags),
        "load_cores_of_server": [round(alone.server, 2), round(busy.server, 2)],
        "load_cores_of_visitors": [round(alone.own, 2), round(busy.own, 2)],
        "memory_of_server_mb": round(before / MEGABYTE),
        "memory_per_visitor_mb": round(grown / MEGABYTE / size.moving, 2),
    }


async def _row(say: Say, size: Class, errors: list[str]) -> dict:
    """Figures of visitors who come one after the other."""
    with _server() as (app, _):
        few, many = await _visits(app.url, app.process, size, say, errors)
    return {"memory_growth": round(many / few, 3)}


def _part(times: Sequence[float], percent: int) -> float | None:
    """A percentile of seconds, in milliseconds."""
    return round(1000 * quantiles(times, n=100)[percent - 1], 1) if len(times) > 1 else None


def _ratio(one: float | None, other: float | None) -> float | None:
    return round(one / other, 2) if one and other else None


@contextmanager
def _server() -> Iterator[tuple[Crowd, Path]]:
    """The app with runs of its own, and their folder."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        serving(LATENT_LAB_RUNS=folder) as (url, process),
    ):
        yield Crowd(url, psutil.Process(process.pid)), Path(folder)


@contextmanager
def _bare_server() -> Iterator[Crowd]:
    with serving_bare() as (url, process):
        yield Crowd(url, psutil.Process(process.pid))


# ---------------------------------------------------------------- the class


async def _first(server: str, choices: int, errors: list[str]) -> None:
    """Have the server load what all visitors share, and time the steps of a job."""
    visitor = Visitor(server)
    with _told(visitor):
        for page in ("decode", "compare"):
            await (visitor.turn_to(page) if visitor.elements else visitor.open(page))
            for _ in range(choices):
                await visitor.change()
    await _leave([visitor], errors)
    visitor = Visitor(server)
    with _told(visitor):
        await visitor.open("train", **TRAINING)
        await _quiet([visitor])
    await _leave([visitor], errors)


async def _come(
    crowd: Crowd, pages: Sequence[str], count: int, query: dict[str, object] | None = None
) -> None:
    """So many more visitors, one after the other, each with a whole page."""
    new = [Visitor(crowd.url) for _ in range(count)]
    for number, visitor in enumerate(new):
        with _told(visitor):
            await visitor.open(pages[number % len(pages)], **query or {})
    await _quiet(new)
    crowd.visitors += new


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


async def _in_turn(app: Crowd, bare: Crowd, size: Class) -> tuple[Window, Window]:
    """The app and the bare page while their visitors use controls: one, the other, and again."""
    seen = [
        [await _watch(crowd, size.seconds / 2, size.control) for crowd in (app, bare)]
        for _ in range(2)
    ]
    first, second = (
        Window(
            [*one.times, *other.times],
            (one.server + other.server) / 2,
            (one.own + other.own) / 2,
            one.runs + other.runs,
        )
        for one, other in zip(*seen, strict=True)
    )
    return first, second


async def _watch(crowd: Crowd, seconds: float, control: float = 0.0) -> Window:
    """Watch visitors who pin, and use a control after that share of their pins."""
    used, own, runs = _used(crowd.process), time.process_time(), _runs(crowd)
    start = time.perf_counter()
    found = await asyncio.gather(
        *(
            _move(visitor, start + seconds, control, random.Random(number))
            for number, visitor in enumerate(crowd.visitors)
        )
    )
    await asyncio.sleep(max(0.0, start + seconds - time.perf_counter()))
    took = time.perf_counter() - start
    return Window(
        [seconds for times in found for seconds in times],
        (_used(crowd.process) - used) / took,
        (time.process_time() - own) / took,
        _runs(crowd) - runs,
    )


async def _move(visitor: Visitor, end: float, control: float, chance: random.Random) -> list[float]:
    """Pin a point about once a second, and use a control now and then."""
    times: list[float] = []
    await asyncio.sleep(chance.uniform(0, min(1.0, (end - time.perf_counter()) / 2)))
    with _told(visitor):
        while (start := time.perf_counter()) < end:
            visitor.pin(somewhere(chance))
            if chance.random() < control:
                times.append(await visitor.change())
            following = min(end, start + chance.uniform(0.5, 1.5))
            await asyncio.sleep(max(0.0, following - time.perf_counter()))
    return times


async def _while_files_are_written(crowd: Crowd, seconds: float) -> Window | None:
    """The same as `_watch`, while files are written below the app's folder; None where none can."""

    async def write(folder: str) -> None:
        for number in range(10**9):
            Path(folder, f"{number}.txt").write_text("A file.")
            await asyncio.sleep(1 / FILES)

    try:
        with tempfile.TemporaryDirectory(dir=SITE, prefix="benchmark-") as folder:
            writing = asyncio.create_task(write(folder))
            window = await _watch(crowd, seconds)
            writing.cancel()
    except OSError:
        return None
    return window


# ---------------------------------------------------------------- two jobs, and who watches them


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


async def _follow(
    trainers: Crowd, runs: Path, size: Class, errors: list[str]
) -> tuple[Window, list[list[float]]]:
    """More visitors at the addresses of those who train; and the seconds after which each record
    of the time that they were watched had come to them, record by record.
    """
    watchers = Crowd(trainers.url, trainers.process)
    for number in range(size.watching):
        trainer = trainers.visitors[number % size.training]
        await _come(watchers, ["train"], 1, {"w": trainer.token})
    await _until(lambda: all(visitor.records for visitor in watchers.visitors))
    window, written = await asyncio.gather(
        _watch(Crowd(trainers.url, trainers.process), size.seconds), _written(runs, size.seconds)
    )

    def came(run: str, number: int) -> list[float]:
        times = [visitor.records.get(run, []) for visitor in watchers.visitors]
        return [some[number] for some in times if len(some) > number]

    share = size.watching // size.training
    await _until(lambda: all(len(came(*record)) >= share for record in written))
    lags = [[time - when for time in came(*record)] for record, when in written.items()]
    missing = sum(len(one) < share for one in lags)
    errors += ["A record did not come to all who watched."] * missing
    await _leave(watchers.visitors, errors)
    return window, lags


async def _written(runs: Path, seconds: float) -> dict[tuple[str, int], float]:
    """When each record of runs below a folder was written, by the run's name and its place."""
    files = {path: path.read_bytes().count(b"\n") for path in runs.rglob("metrics.jsonl")}
    written: dict[tuple[str, int], float] = {}
    end = time.time() + seconds
    while time.time() < end:
        for path, before in files.items():
            files[path] = path.read_bytes().count(b"\n")
            when = path.stat().st_mtime
            written |= {(path.parent.name, n): when for n in range(before, files[path])}
        await asyncio.sleep(0.01)
    return written


# ---------------------------------------------------------------- waiting, and what went wrong


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


def _runs(crowd: Crowd) -> int:
    return sum(visitor.runs for visitor in crowd.visitors)


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
