"""What a visitor waits for: decoding, the pointer, opening a page; measured in Chromium."""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import urlopen

from aecore.layout import SITE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, FloatRect, Locator, Page, ViewportSize

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WINDOW: "ViewportSize" = {"width": 1280, "height": 900}
WARMING = 2  # visits after which a browser keeps a page's scripts compiled
HALF_FRAME = 1000 / 120  # milliseconds: an event waits about as long for the screen's next frame
PAGES = {
    "home": "/",
    "decode": "/decode",
    "compare": "/compare",
    "interpolate": "/interpolate",
    "denoise": "/denoise",
}
EMPTY = "<!doctype html><body style='height: 90vh'></body>"
# What is moved over or dragged, and on which page: planes by the pointer, sliders from end to end,
# and sliders that jump from stop to stop.
POINTERS = {
    "pointer": ("/compare", ".panel .frame"),
    "generate_pointer": ("/generate", ".panel .frame"),
}
SLIDERS = {
    "interpolate_slider": ("/interpolate", ".interpolate input[type=range]"),
    "denoise_slider": ("/denoise", ".noise-bar input[type=range]"),
}
STOPS = {
    "family_slider": ("/family", ".stops input"),
    "jacobian_slider": ("/family?member=contractive", ".stops input"),
    "few_labels_slider": ("/few_labels", ".few-labels .track input"),
}
MOVED = (*POINTERS, *SLIDERS, *STOPS)
READY = (
    ":is(.panel, .interpolate, .denoise)[data-ready=true]"  # set once the first image is painted
)
NAMES = (
    "decode_ms",
    "empty_page_to_paint_ms",
    *(f"{name}_to_paint_{unit}" for unit in ("ms", "ratio") for name in MOVED),
    "warm_first_decode_s",
    "warm_first_decode_s_by_page",
    "first_visit_s_by_page",
    "bare_page_s",
    *(f"{name}_opening_ratio" for name in PAGES),
    "cold_first_decode_s",
    "compare_bytes",
    "compare_rerun_bytes",
    "compare_rerun_message_bytes",
    "compare_return_bytes",
    "return_file_bytes",
    "server_imports_torch",
)

# Mean times of batches of decodes at random points: the browser's clock ticks ten times a
# millisecond, too coarse for one.
DECODES = """root => {
    const view = root.live.models.at(-1), times = [];
    const z = Array.from({ length: 32 }, () => Float32Array.from({ length: view.dim },
        () => 4 * Math.random() - 2));
    for (let batch = 0; batch < 120; batch++) {
        const start = performance.now();
        for (const point of z) view.network.decode(point);
        times.push((performance.now() - start) / z.length);
    }
    return times.slice(20); }"""

# A frame's callbacks run before it is painted; a message sent from one arrives after.
WATCH = """() => {
    window.latencies = [];
    addEventListener("pointermove", (event) => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => latencies.push(performance.now() - event.timeStamp);
        port2.postMessage(null);
    }), { capture: true }); }"""

# Notes when a selector first fits anything, in shadow trees too, by the page's own clock: to one
# who asks from outside, a page answers only once it has drawn what comes after.
OPENED = """(ready) => {
    window.opened = new Promise((done) => {
        const look = (root) => root.querySelector(ready) && done(performance.now());
        const follow = (root) => new MutationObserver(() => look(root)).observe(root,
            { subtree: true, childList: true, attributes: true });
        const { attachShadow } = Element.prototype;
        Element.prototype.attachShadow = function (options) {
            const root = attachShadow.call(this, options);
            follow(root);
            return root;
        };
        follow(document);
    }); }"""

BARE = 'import streamlit as st\n\nst.title("A page")\nst.slider("A number", 0, 100)\n'
BARE_READY = "[data-testid=stSlider]"

Say = Callable[[str], None]


def measure(say: Say, *, repetitions: int = 5) -> tuple[dict, dict[str, str]]:
    """Start the app on a port of its own, open it in Chromium, and time it.

    Returns:
        The figures, and for each that could not be measured (then None) the reason.

        - `decode_ms`: one decode of the shipped two-dimensional VAE.
        - `pointer_to_paint_ms`: the 95th percentile, over moves of the mouse across both planes
          of Compare with their gaps shown, of the time from the event's `timeStamp` to a task
          after the next frame's paint. What the compositor does after that is not in it.
          `generate_pointer_to_paint_ms`: the same over Generate's plane, where ten are decoded.
        - `interpolate_slider_to_paint_ms`, `denoise_slider_to_paint_ms`: the same for drags of
          those pages' sliders, with all models that they show decoding.
        - `family_slider_to_paint_ms`: the same for moves from stop to stop of a sparse code's
          strengths, `jacobian_slider_to_paint_ms` of a contractive one's,
          `few_labels_slider_to_paint_ms` of the numbers of labels.
        - `empty_page_to_paint_ms`: the same for moves over an empty page, in turn with these.
        - `pointer_to_paint_ratio` and so on: those over the empty page's, or over half a frame of
          the screen where that is longer.
        - `warm_first_decode_s`: from `goto` on a running server, in a browser that has been here
          before, to the first decoded image: the slowest page of `warm_first_decode_s_by_page`.
          `first_visit_s_by_page`: the same in a browser that must fetch Streamlit's 7 MB first.
        - `home_opening_ratio` and so on: the same over `bare_page_s`, until a bare page of
          Streamlit's shows its title and its slider, each page opened in turn with it.
        - `cold_first_decode_s`: from starting the server's process to the first decoded image on
          Compare, in a running browser.
        - `compare_bytes`: received for opening Compare, but for the page and `/static/`, which
          are Streamlit's own: files on the wire, and payloads on the websocket.
          `compare_rerun_bytes`: for a click that pins a point, pieces of test images that the
          pointer met included; `compare_rerun_message_bytes`: without files.
          `compare_return_bytes`: for going to Decode and back. `return_file_bytes`: of scripts,
          styles, weights, codes and images when that browser then opens Decode
          and Compare again.
        - `server_imports_torch`: whether, after all this, torch is mapped into the server.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        return _skipped("Playwright is not installed.")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=_chromium(), args=CHROMIUM)
        except Error as error:
            return _skipped(f"No Chromium starts: {str(error).splitlines()[0]}")
        try:
            return _measure(browser, say, repetitions)
        finally:
            browser.close()


def _measure(browser: "Browser", say: Say, repetitions: int) -> tuple[dict, dict[str, str]]:
    cold = []
    for i in range(repetitions):
        say(f"cold server, {i + 1} of {repetitions}")
        start = time.perf_counter()
        with serving() as (server, _), _page(browser) as page:
            page.goto(server + "/compare", wait_until="commit")
            page.wait_for_selector(READY)
            cold.append(time.perf_counter() - start)

    with serving() as (server, process):
        first: dict[str, list[float]] = {name: [] for name in PAGES}
        again: dict[str, list[float]] = {name: [] for name in PAGES}
        for i in range(repetitions + 1):
            say(f"warm server, {i} of {repetitions}")
            for name, path in PAGES.items():
                with _page(browser) as page:
                    first[name].append(_opening(page, server + path))
                    page.close()
                    again[name].append(_opening(page.context.new_page(), server + path))
        first_visit, by_page = (
            {name: round(median(times[1:]), 3) for name, times in visits.items()}
            for visits in (first, again)
        )

        say("bytes received")
        received = _received(browser, server)
        with _page(browser) as page:
            page.goto(server + "/compare", wait_until="commit")
            _settle(page)
            say("decoding")
            decoding = page.locator(".panel").evaluate(DECODES)
        painting = _painting(browser, server, say, repetitions)
        openings = _openings(browser, server, say, repetitions)
        torch, why = _has_torch(process.pid)
    figures = {
        "decode_ms": round(median(decoding), 3),
        **painting,
        "warm_first_decode_s": max(by_page.values()),
        "warm_first_decode_s_by_page": by_page,
        "first_visit_s_by_page": first_visit,
        **openings,
        "cold_first_decode_s": round(median(cold), 3),
        **received,
        "server_imports_torch": torch,
    }
    return figures, why


def _opening(page: "Page", url: str, ready: str = READY) -> float:
    """Seconds from going to a page to its first decoded image, or to what else is waited for."""
    page.add_init_script(f"({OPENED})({json.dumps(ready)})")
    page.goto(url, wait_until="commit")
    return page.evaluate("opened") / 1000


def _openings(browser: "Browser", server: str, say: Say, repetitions: int) -> dict[str, float]:
    """What our pages take to open, warm, over a bare page that is opened in turn with them."""
    times: dict[str, list[float]] = {"bare": [], **{name: [] for name in PAGES}}
    with serving_bare() as (other, _), _page(browser) as page:
        for i in range(repetitions + WARMING):
            say(f"beside a bare page, {i + 1} of {repetitions + WARMING}")
            for name, path in PAGES.items():
                for key, url, ready in (
                    ("bare", other, BARE_READY),
                    (name, server + path, READY),
                ):
                    tab = page.context.new_page()
                    seconds = _opening(tab, url, ready)
                    tab.close()
                    if i >= WARMING:
                        times[key].append(seconds)
    return over_bare({name: median(seconds) for name, seconds in times.items()})


def over_bare(seconds: dict[str, float]) -> dict[str, float]:
    """Times until pages are open over a bare page's.

    Example:
        >>> over_bare({"bare": 0.5, "home": 0.75})
        {'bare_page_s': 0.5, 'home_opening_ratio': 1.5}
    """
    return {"bare_page_s": round(seconds["bare"], 3)} | {
        f"{name}_opening_ratio": round(time / seconds["bare"], 2)
        for name, time in seconds.items()
        if name != "bare"
    }


def _painting(browser: "Browser", server: str, say: Say, repetitions: int) -> dict[str, float]:
    """What the pointer and sliders take to be painted, and an empty page in turn with them."""
    ways = {"empty_page": ("", "body"), **POINTERS, **SLIDERS, **STOPS}
    hands = dict.fromkeys(SLIDERS, _drags) | dict.fromkeys(STOPS, _jumps)
    tails: dict[str, list[float]] = {name: [] for name in ways}
    with ExitStack() as stack:
        pages = {name: stack.enter_context(_page(browser)) for name in ways}
        for name, (path, _) in ways.items():
            if path:
                pages[name].goto(server + path, wait_until="commit")
                _settle(pages[name])
            else:
                pages[name].set_content(EMPTY)
        for i in range(repetitions):
            say(f"the pointer, {i + 1} of {repetitions}")
            for name, (_, places) in ways.items():
                pages[name].bring_to_front()
                times = hands.get(name, _moves)(pages[name], places)
                tails[name].append(quantiles(times, n=20)[-1])
    return over_empty({name: median(times) for name, times in tails.items()})


def over_empty(tails: dict[str, float]) -> dict[str, float]:
    """Times from a pointer's event to the painted frame, and those of pages over an empty page's.

    Example:
        >>> over_empty({"empty_page": 7.0, "pointer": 16.7})["pointer_to_paint_ratio"]
        2.0
    """
    least = max(tails["empty_page"], HALF_FRAME)
    return {f"{name}_to_paint_ms": round(time, 1) for name, time in tails.items()} | {
        f"{name}_to_paint_ratio": round(time / least, 2)
        for name, time in tails.items()
        if name != "empty_page"
    }


def _moves(page: "Page", places: str, count: int = 120) -> list[float]:
    """Latencies, in milliseconds, of mouse moves along a curve over each of some places in turn."""
    page.evaluate(f"if (!window.latencies) ({WATCH})(); window.latencies.length = 0")
    for frame in page.locator(places).all():
        frame.scroll_into_view_if_needed()
        box = _box(frame)
        for i in range(count):
            k = i / count
            across, down = 0.15 + 0.7 * k, 0.5 + 0.35 * (1 - 2 * abs((5 * k) % 2 - 1))
            page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
            time.sleep(0.008)  # a mouse reports about 125 times a second
    page.wait_for_timeout(100)
    return page.evaluate("latencies")


def _box(place: "Locator") -> "FloatRect":
    if (box := place.bounding_box()) is None:
        raise RuntimeError("The app does not show what is to be measured.")
    return box


def _drags(page: "Page", slider: str, count: int = 120) -> list[float]:
    """Latencies, in milliseconds, of a slider's thumb dragged from one end to the other."""
    return _pulled(page, slider, [i / (count - 1) for i in range(count)], 0.008)


def _jumps(page: "Page", slider: str, count: int = 48) -> list[float]:
    """Latencies, in milliseconds, of a thumb dragged to and fro by a quarter of its track."""
    return _pulled(page, slider, [abs((i + 4) % 8 - 4) / 4 for i in range(count)], 0.05)


def _pulled(page: "Page", slider: str, shares: list[float], pause: float) -> list[float]:
    page.evaluate(f"if (!window.latencies) ({WATCH})(); window.latencies.length = 0")
    track = page.locator(slider).first
    track.scroll_into_view_if_needed()
    box = _box(track)
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 12, y)
    page.mouse.down()
    for share in shares:
        page.mouse.move(box["x"] + 12 + (box["width"] - 24) * share, y)
        time.sleep(pause)
    page.wait_for_timeout(100)
    found = page.evaluate("latencies")
    page.mouse.up()
    return found


# ---------------------------------------------------------------- bytes


class _Counter:
    """Counts what a page receives, but for Streamlit's own files: files, and messages.

    Attributes:
        ours: bytes of the files of `aecore.web`: scripts, styles, weights, codes and images.
    """

    def __init__(self, session: "CDPSession") -> None:
        self.files = self.messages = self.ours = 0
        self.paths: dict[str, str] = {}
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._loaded)
        session.on("Network.webSocketFrameReceived", self._frame)
        session.send("Network.enable")

    def take(self) -> tuple[int, int]:
        """Bytes of files and of messages since the last call."""
        taken = self.files, self.messages
        self.files = self.messages = 0
        return taken

    def _asked(self, event: dict) -> None:
        if event.get("type") != "Document":
            self.paths[event["requestId"]] = urlsplit(event["request"]["url"]).path

    def _loaded(self, event: dict) -> None:
        path = self.paths.get(event["requestId"], "/static/")
        if not path.startswith("/static/"):
            self.files += int(event["encodedDataLength"])
        if path.startswith("/lab/"):
            self.ours += int(event["encodedDataLength"])

    def _frame(self, event: dict) -> None:
        frame = event["response"]
        binary = frame["opcode"] == 2
        data = frame["payloadData"]
        self.messages += len(base64.b64decode(data) if binary else data.encode())


def _received(browser: "Browser", server: str) -> dict[str, int]:
    with _page(browser) as page:
        counter = _Counter(page.context.new_cdp_session(page))
        page.goto(server + "/compare", wait_until="commit")
        _settle(page)
        opened = counter.take()
        box = _box(page.locator(".panel .frame").first)
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_url("**z=*")
        _settle(page)
        rerun = counter.take()
        for name in ("Decode", "Compare"):
            page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
            page.wait_for_url(f"**/{name.lower()}*")
            _settle(page)
        returned = counter.take()
        counter.ours = 0
        for name in ("decode", "compare"):
            page.goto(f"{server}/{name}", wait_until="commit")
            _settle(page)
    return {
        "compare_bytes": sum(opened),
        "compare_rerun_bytes": sum(rerun),
        "compare_rerun_message_bytes": rerun[1],
        "compare_return_bytes": sum(returned),
        "return_file_bytes": counter.ours,
    }


def _settle(page: "Page") -> None:
    """Wait until the page is whole: its panel, its script, and nothing under way."""
    page.wait_for_selector(READY)
    page.wait_for_selector("[data-test-script-state=notRunning]")
    page.wait_for_timeout(1500)


# ---------------------------------------------------------------- the server and the browser


@contextmanager
def serving(
    script: Path = SITE / "app.py", **environment: str
) -> Iterator[tuple[str, subprocess.Popen]]:
    """The app, or another script, on a free port, answering; stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"port": port, "address": "127.0.0.1", "headless": "true"}
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--server.{name}={value}" for name, value in options.items()]
    quiet = subprocess.DEVNULL
    env = os.environ | environment
    with subprocess.Popen(command, env=env, stdout=quiet, stderr=quiet) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url + "/_stcore/health", process)
            yield url, process
        finally:
            process.kill()


@contextmanager
def serving_bare() -> Iterator[tuple[str, subprocess.Popen]]:
    """The page that ours are measured against, under the same settings of Streamlit."""
    with tempfile.TemporaryDirectory() as folder:
        script, settings = Path(folder, "bare.py"), Path(folder, ".streamlit")
        script.write_text(BARE)
        shutil.copytree(SITE / ".streamlit", settings)
        with serving(script) as served:
            yield served


def _wait(url: str, process: subprocess.Popen) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("The app's server did not start; try `streamlit run app.py` by hand.")


@contextmanager
def _page(browser: "Browser") -> Iterator["Page"]:
    """A page in a window of its own: no cache, no cookies."""
    context = browser.new_context(viewport=WINDOW)
    try:
        yield context.new_page()
    finally:
        context.close()


def _chromium() -> str | None:
    """The system's Chromium; None lets Playwright take its own."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    return next(filter(None, map(shutil.which, names)), None)


def _has_torch(process: int) -> tuple[bool | None, dict[str, str]]:
    maps = Path(f"/proc/{process}/maps")
    if not os.access(maps, os.R_OK):
        return None, {"server_imports_torch": "This system has no /proc to look it up in."}
    return "libtorch" in maps.read_text(), {}


def _skipped(reason: str) -> tuple[dict, dict[str, str]]:
    return dict.fromkeys(NAMES), dict.fromkeys(NAMES, reason)
