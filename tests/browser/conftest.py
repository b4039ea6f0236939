"""A server, and pages of it that fail a test at any word in the console and any request out."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urljoin, urlsplit
from urllib.request import urlopen

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
STREAMLIT = (sys.executable, "-m", "streamlit", "run", "app.py")
BESIDE = ROOT.parent / "shared" / "data"
WIDE = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}

# One worker, made when a page is opened that may train: each loads torch and what measures models.
ONE = {"LATENT_LAB_RUNNING": "1"}

POLLING = 50  # milliseconds; to look at every frame makes Chromium paint every frame

# What a panel holds, read in one go.
READ = """root => { const panel = root.live; return {
    pinned: panel.pinned, driver: panel.models.indexOf(panel.driver), linked: panel.linked,
    dark: panel.colours.dark, ink: panel.colours.ink,
    pixels: [...root.querySelectorAll("canvas.decoded")].map((canvas) => [...canvas.pixels]),
    z: panel.models.map((view) => [...view.z]),
    counts: panel.models.map((view) => view.count.textContent),
    planes: panel.models.map(({ plane }) => ({ axes: plane.axes, inner: plane.inner,
        show: plane.show, ...plane.window })) } }"""
NEXT_FRAME = f"root => new Promise((done) => requestAnimationFrame(() => done(({READ})(root))))"

# A whole point of the screen near the given share of a plane's inner width and height, and its z.
PLACE = """(root, [k, across, down]) => { const { frame, plane } = root.live.models[k];
    const visible = frame.getBoundingClientRect();
    if (visible.top < 60 || visible.bottom > innerHeight) frame.scrollIntoView({ block: "center" });
    const box = frame.getBoundingClientRect(), { inner } = plane;
    const x = Math.round(box.left + inner.x + across * inner.w);
    const y = Math.round(box.top + inner.y + down * inner.h);
    return { x, y, z: plane.toPlane(x - box.left, y - box.top) } }"""

# A copy is read: reading a canvas itself more than once makes Chromium warn.
PAINTED = """(canvas) => { const { width, height } = canvas;
    const copy = Object.assign(document.createElement("canvas"), { width, height });
    const context = copy.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    return [height, width, [...context.getImageData(0, 0, width, height).data]] }"""

# Until a component's view is in the address.
WRITTEN = """async ({ live }) => {
    while (live?.view?.timer) await new Promise((done) => setTimeout(done, 20)) }"""

# The components of a page that keep a view, which comes anew with each address.
PARTS = """const parts = () => [...document.querySelectorAll("*")]
    .flatMap((one) => [...one.shadowRoot?.querySelectorAll("[data-root]") ?? []])
    .filter((part) => part.live?.view);"""

# To an address as Back leads there, with nothing remembered of its page; what is left is marked.
GO = f"""url => {{ {PARTS}
    for (const part of parts()) part.dataset.left = "";
    document.querySelector("[data-testid=stMain]").scrollTo(0, 0);
    document.body.tabIndex = -1; // Tab begins at the beginning
    document.body.focus();
    document.body.removeAttribute("tabindex");
    sessionStorage.clear();
    history.pushState(null, "", url);
    dispatchEvent(new PopStateEvent("popstate", {{ state: null }})) }}"""
GONE = (
    f"() => {{ {PARTS} return parts().length > 0 && parts().every((p) => !('left' in p.dataset)) }}"
)
PARTED = f"() => {{ {PARTS} return parts().length > 0 }}"
OPEN = "details[open], [data-testid=stPopoverBody]"  # what stays as it is at another address
PAGES = {f"/{path.stem}" for path in (ROOT / "pages").glob("[a-z]*.py")} - {"/home"} | {"/"}

STRIPS = """strips => [...strips.querySelectorAll(".strip")].map((strip, k) => ({
    caption: strip.querySelector(".caption").textContent,
    cells: [...strip.querySelectorAll(".cell")].map((cell, i) => ({
        pixels: [...strips.live.strips[k].rows.flat()[i].canvas.pixels],
        label: cell.querySelector(".label").textContent,
        sure: Number(cell.querySelector(".sure").textContent) })) }))"""


class Lab:
    """A tab of the app, with the words for what tests look at in it."""

    def __init__(self, page, server, stay=False):
        self.page = page
        self.server = server
        self.stay = stay
        self.opened = False
        self.asked = []
        self.said = []
        page.set_default_timeout(45_000)  # a busy machine is slow, not wrong
        self.listeners = {
            "request": lambda request: self.asked.append(request.url),
            "websocket": lambda socket: self.asked.append(socket.url),
            "console": lambda m: self.said.append((m.text, m.location.get("url", ""))),
            "pageerror": lambda error: self.said.append((error.stack or str(error), "page error")),
        }
        for event, listener in self.listeners.items():
            page.on(event, listener)

    def open(self, address="/", ready=".panel[data-whole]"):
        """Go to an address as Back does, where the tab has the app on a page: a third of a load."""
        path, here = urlsplit(address).path, urlsplit(self.page.url)
        inside = here.path.removeprefix(urlsplit(self.server).path)
        if not self.server.endswith(here.netloc + here.path.removesuffix(inside)):
            inside = ""
        if path not in PAGES or inside not in PAGES or not self.page.evaluate(PARTED):
            return self.load(address, ready)
        self.opened = True
        if path == inside and self.page.locator(OPEN).count():
            self.go("/decode" if path != "/decode" else "/")
        self.go(address)
        self.settle(ready)
        return self

    def go(self, address):
        """To another page's address within the app."""
        self.page.evaluate(GO, self.server + address)
        self.page.wait_for_function(GONE, polling=POLLING).dispose()

    def load(self, address="/", ready=".panel[data-whole]"):
        """Load an address: the app starts anew."""
        if not self.opened and self.page.url.startswith(self.server):
            self.page.evaluate("sessionStorage.clear()")  # of the last test
        self.opened = True
        self.page.goto(self.server + address, wait_until="commit")
        self.settle(ready)
        return self

    def reload(self):
        self.page.reload(wait_until="commit")
        self.settle()

    def settle(self, ready=".panel[data-whole]"):
        self.page.locator(ready).first.wait_for()
        self.page.locator("[data-test-script-state=notRunning]").first.wait_for()

    def arrive(self, path):
        """Wait for a page that was chosen: until the server answers, the last one stays."""
        self.page.wait_for_url(lambda url: urlsplit(url).path == path)
        self.settle()
        self.until("p.view?.path === a && root.dataset.ready", path)

    @property
    def root(self):
        return self.page.locator(".panel")

    def ask(self, script, argument=None, of=None):
        """What a script finds on the panel, or another element.

        It travels as one text: number by number, those of a picture would take seconds.
        """
        text = f"async (root, a) => JSON.stringify(await ({script})(root, a))"
        return json.loads((of or self.root).evaluate(text, argument))

    def read(self, when=READ):
        """What the panel holds, its pixels and codes as arrays."""
        found = SimpleNamespace(**self.ask(when))
        found.pixels = np.array(found.pixels, np.float32)
        found.z = [np.array(z, np.float32) for z in found.z]
        found.planes = [SimpleNamespace(**plane) for plane in found.planes]
        return found

    def read_next(self):
        """What the panel holds one frame from now."""
        return self.read(NEXT_FRAME)

    def painted(self, canvas, met=lambda colours: True):
        """Colours of the first such canvas of the panel, (height, width, 3), once they are so.

        What is asked for may be painted some frames later, on a busy machine many.
        """
        end = time.monotonic() + 45
        while True:
            height, width, data = self.ask(PAINTED, of=self.root.locator(canvas).first)
            colours = np.reshape(data, (height, width, 4))[..., :3]
            if met(colours) or time.monotonic() > end:
                return colours
            self.page.wait_for_timeout(POLLING)

    def until(self, condition, argument=None, then="() => null"):
        """Wait for a condition on the panel: a JavaScript function's body with `p`, `root`, `a`.

        Returns what a script finds on the panel in the same moment: a frame later it may differ.
        """
        met = f"""([root, a]) => {{ const p = root.live;
            return ({condition}) ? JSON.stringify(({then})(root)) : "" }}"""
        found = "gone"
        while found == "gone":  # the panel was another page's, which has left
            root = self.root.element_handle()
            held = self.page.wait_for_function(
                f"([root, a]) => root.isConnected ? ({met})([root, a]) : 'gone'",
                arg=[root, argument],
                polling=POLLING,
            )
            found = held.json_value()
            for handle in (root, held):  # what is held here stays in memory, its whole page with it
                handle.dispose()
        return json.loads(found)

    def place(self, model, across, down):
        return SimpleNamespace(**self.root.evaluate(PLACE, [model, across, down]))

    def hover(self, model, across, down):
        """Put the pointer on a plane; the place, and what the panel holds a frame later."""
        place = self.place(model, across, down)
        self.page.mouse.move(place.x, place.y)
        return place, self.read_next()

    def click(self, model, across, down):
        """Pin a place of a plane, and wait until the address holds it."""
        place = self.place(model, across, down)
        before = self.page.url
        self.page.mouse.click(place.x, place.y)
        self.page.wait_for_url(lambda url: "z=" in url and url != before)
        self.settle()
        return place

    def strips(self, which):
        """The strips of the `which`-th of the page's components, once they are drawn."""
        self.page.locator(".strips[data-ready]").nth(which).wait_for()
        strips = self.ask(STRIPS, of=self.page.locator(".strips").nth(which))
        for strip in strips:
            for cell in strip["cells"]:
                cell["pixels"] = np.array(cell["pixels"], np.float32)
        return strips

    def pill(self, name):
        return self.page.locator(".stButtonGroup").get_by_text(name, exact=True)

    def address(self):
        """The address' parameters once its view has been written, and its z as numbers."""
        for root in self.page.locator("[data-root]").all():
            root.evaluate(WRITTEN)
        query = {k: v[0] for k, v in parse_qs(urlsplit(self.page.url).query).items()}
        return query, [float(v) for v in query.get("z", "").split(",") if v]

    def fetched(self):
        """Addresses of the blocks asked for so far, without test images and sentences."""
        other = self.root.evaluate(
            "({ live: { data } }) => [data.images?.url, data.words].map((url) => `/${url}`)"
        )
        blocks = [url for url in self.asked if "/lab/block/" in url]
        return [url for url in blocks if urlsplit(url).path not in other]

    def close(self):
        """Leave the tab; nothing may have been said, asked elsewhere, or shown as failed.

        The next test may go on in the app, unless its session has a workspace.
        """
        failed = self.page.locator(".stException, [data-root] .error:visible").count()
        self.page.unroute_all()  # a tab with routes keeps nothing in its cache
        self.page.remove_listener("request", self.listeners.pop("request"))
        if not self.stay or "/train" in self.page.url or "w=" in self.page.url:
            self.page.goto(f"{self.server}/_stcore/health")
        self.page.evaluate("sessionStorage.clear()")
        self.page.mouse.move(0, 0)
        for event, listener in self.listeners.items():
            self.page.remove_listener(event, listener)
        icon = urljoin(self.server, "/favicon.ico")  # the page that it is left for has none
        said = [words for words in self.said if words[1] != icon]
        home = self.server.removeprefix("http")
        allowed = re.compile(rf"(https?|wss?){re.escape(home)}/|(blob:|data:)")
        away = [url for url in self.asked if not allowed.match(url)]
        assert not said
        assert not away
        assert not failed


class Window:
    """A window of Chromium whose tabs are used again: a new one has to load Streamlit anew."""

    def __init__(self, context):
        self.context = context
        self.free = []

    @contextmanager
    def tab(self, server, page=None, stay=False):
        """A tab for a test: a free one, or that of ``page``, which is not used again.

        In one that stays in the app, on a server of the whole session, the next test goes on.
        """
        own = page or (self.free.pop() if self.free else self.context.new_page())
        own.bring_to_front()  # Chromium is slow to draw what is behind
        if own.url.startswith("http") and not own.url.startswith(f"{server}/"):
            own.evaluate("sessionStorage.clear()")
            own.goto(f"{server}/_stcore/health")
        size, lab = own.viewport_size, Lab(own, server, stay)
        yield lab  # that of a test that failed is left open, and not used again
        lab.close()
        own.set_viewport_size(size)
        own.emulate_media(color_scheme="null")
        if not page:
            self.free.append(own)


@contextmanager
def serving(folder, base="", root=ROOT, command=STREAMLIT, **environment):
    """The app on a free port of its own, below the path ``base``; its log holds no traceback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"port": port, "address": "127.0.0.1", "headless": "true"}
    options |= {"baseUrlPath": base} if base else {}
    command = [*command, *(f"--server.{name}={value}" for name, value in options.items())]
    environment = {**os.environ, "LATENT_LAB_RUNS": str(folder / "runs"), **ONE} | environment
    log = folder / "server.log"
    with (
        log.open("wb") as out,
        subprocess.Popen(command, cwd=root, env=environment, stdout=out, stderr=out) as process,
    ):
        url = f"http://127.0.0.1:{port}{base}"
        try:
            _wait(f"{url}/_stcore/health", process, log)
            yield url
        finally:
            process.kill()
    text = log.read_text(encoding="utf-8")
    assert "Traceback" not in text, text


def _wait(url, process, log):
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"the server did not start: {log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="session")
def server(browser, tmp_path_factory):
    """The app with the datasets of this machine."""
    known = (
        {}
        if os.environ.get("LATENT_LAB_DATA") or not BESIDE.is_dir()
        else {"LATENT_LAB_DATA": str(BESIDE)}
    )
    with serving(tmp_path_factory.mktemp("server"), **known) as url:
        yield url


@pytest.fixture(scope="session")
def bare_server(browser, tmp_path_factory):
    """The app on a machine without any dataset but the bundled one."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "data").mkdir()
    with serving(folder, LATENT_LAB_DATA=str(folder / "data")) as url:
        yield url


@pytest.fixture(scope="session")
def workshop(browser, tmp_path_factory):
    """The app with runs of its own, which trains at full speed on bundled images."""
    folder = tmp_path_factory.mktemp("workshop")
    (folder / "data").mkdir()
    more = {"LATENT_LAB_NICE": "0"}
    with serving(folder, LATENT_LAB_DATA=str(folder / "data"), **more) as url:
        yield url


@pytest.fixture(scope="session")
def below(browser, tmp_path_factory):
    """A fresh server of the app below a path of two parts, as behind a proxy that keeps them."""
    with serving(tmp_path_factory.mktemp("below"), base="/teach/latent") as url:
        yield url


@contextmanager
def window_of(browser, **options):
    with closing(browser.new_context(**WIDE | options)) as context:
        yield Window(context)


@pytest.fixture(scope="session")
def desk(browser):
    """One window for most tests, so that Streamlit's own files are fetched once."""
    with window_of(browser) as window:
        yield window


@pytest.fixture(scope="session")
def pocket(browser):
    """A phone."""
    with window_of(browser, **PHONE) as window:
        yield window


@pytest.fixture
def lab(desk, server):
    """A tab, 1280 pixels wide."""
    with desk.tab(server, stay=True) as tab:
        yield tab


@pytest.fixture
def phone(pocket, server):
    """A tab on a phone, 390 pixels wide, with touch."""
    with pocket.tab(server, stay=True) as tab:
        yield tab


@pytest.fixture
def visit(desk):
    """Tabs of servers by their addresses: `visit("http://127.0.0.1:80")`."""
    with ExitStack() as stack:
        yield lambda server: stack.enter_context(desk.tab(server))


@pytest.fixture
def bare(desk, bare_server):
    """A tab of the app without MNIST."""
    with desk.tab(bare_server, stay=True) as tab:
        yield tab


@pytest.fixture
def tab(desk, workshop):
    """A tab of the app that trains."""
    with desk.tab(workshop) as tab:
        yield tab


@pytest.fixture
def small_tab(pocket, workshop):
    """The same on a phone."""
    with pocket.tab(workshop) as tab:
        yield tab


@pytest.fixture(scope="session")
def same_image(drawn):
    """Whether pixels are those that torch draws at z, within one grey level of 256."""

    def same(pixels, name, z):
        difference = np.abs(np.asarray(pixels) - drawn(name, np.asarray(z)))
        assert difference.max() < 1 / 255
        return True

    return same
