"""A hand that does at random what hands do, while pieces of content fail or come late."""

import random
import time
from collections import Counter
from contextlib import suppress
from urllib.parse import urlsplit

from playwright.sync_api import Error

SIZES = [(1280, 900), (1280, 720), (900, 700), (640, 900), (1600, 1000)]
PHONES = [(390, 844), (360, 640), (844, 390)]
PAGES = ["Home", "Decode", "Compare", "Interpolate", "Generate", "Denoise", "Few labels", "Train"]
KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Tab", "Shift+Tab", "Enter", "Escape"]
KEYS += ["Space", "Home", "End", "PageUp", "PageDown", "Shift+ArrowUp", "+", "-", "0", "7", "x"]
PICTURES = ".frame, canvas, .track, .rail, svg.chart"
CONTROLS = "button, select, input, [role=slider], [role=option], [role=combobox], summary"
CONTENT = "**/lab/**"

BOTH = ["press", "press", "press", "theme", "menu", "history", "resize", "key"]
MOUSE = ["move", "move", "click", "click", "double", "drag", "drag", "wheel", "key", "keys", *BOTH]
FINGERS = ["tap", "tap", "tap", "swipe", "swipe", "pinch", *BOTH]

# Such a part of the page, through shadow roots, brought into view: its name and box.
PART = """([which, share]) => {
    const found = [];
    const fits = (one) => one.matches(which) && one.checkVisibility()
        && !one.textContent.includes("Download"); // from another machine
    const walk = (node) => { for (const one of node.querySelectorAll("*")) {
        if (fits(one)) found.push(one);
        if (one.shadowRoot) walk(one.shadowRoot) } };
    for (const place of document.querySelectorAll("[data-testid=stMain], [data-baseweb=popover]"))
        walk(place);
    const one = found[Math.floor(share * found.length)];
    if (!one) return null;
    const seen = one.getBoundingClientRect();
    if (seen.top < 60 || seen.bottom > innerHeight) one.scrollIntoView({ block: "center" });
    const { left, top, width, height } = one.getBoundingClientRect();
    const name = one.getAttribute("aria-label") ?? one.textContent.trim() ?? "";
    if (one.tagName === "SELECT") {
        one.selectedIndex = Math.floor(share * 997) % one.options.length;
        const events = ["input", "change"].map((type) => new Event(type, { bubbles: true }));
        for (const event of events) one.dispatchEvent(event);
    }
    return { name: `${one.tagName} ${name.slice(0, 30)}`, left, top, width, height } }"""

MENU = """name => [...document.querySelectorAll("[data-testid=stSidebarNavLink]")]
    .find((link) => link.textContent.trim().endsWith(name))?.click()"""
# Only to what this document has shown itself: whatever lies before was another test's.
HISTORY = """step => { const { index } = navigation.currentEntry;
    const entry = navigation.entries()[index + step];
    if (entry?.sameDocument) history.go(step) }"""


# Words for what is on a page, through shadow roots.
ROOTS = """
    const roots = () => { const found = [];
        const walk = (node) => { for (const one of node.querySelectorAll("*")) {
            if (one.matches("[data-root]")) found.push(one);
            if (one.shadowRoot) walk(one.shadowRoot) } };
        walk(document);
        return found };
    const alertOf = (root) => root.querySelector(":scope > [role=alert]");
    const failed = () => roots().map(alertOf).filter(Boolean).map((said) => said.textContent);
    const tryAgain = () => {
        const buttons = roots().map((root) => alertOf(root)?.querySelector("button"));
        return buttons.filter((button) => button && (button.click(), true)).length };
    const written = (view) => !view || (view.here && !view.timer);
    const still = ({ live }) => live?.built && !live.playing && written(live.view);
    const told = (root) => `${root.className} ${root.live?.built} ${still(root)}`;
    const state = () => document.querySelector("[data-test-script-state]")?.dataset.testScriptState;
    const quiet = () => state() === "notRunning" && !document.querySelector("[data-stale=true]")
        && roots().length > 0 && roots().every((root) => alertOf(root) || still(root));
    const choices = [
        "[data-testid=stSelectbox] input",
        "[data-testid=stButtonGroup] :is([aria-checked=true], [aria-pressed=true], [kind$=Active])",
        "[data-testid=stNumberInput] input",
    ];
    const agrees = (view) => {
        const before = location.href;
        view.write();
        return view.here && location.href === before };
    const textOf = (one) => one.value || one.innerText;
    const shown = () => ({
        page: location.pathname,
        query: [...new URLSearchParams(location.search)].map(String).sort(),
        views: roots().map(({ live }) => live).filter((live) => live?.view).map((live) => ({
            agrees: agrees(live.view),
            pinned: live.pinned?.z, hidden: live.hidden && [...live.hidden].sort() })),
        choices: choices.map((which) => [...document.querySelectorAll(which)].map(textOf)) });
"""
# Whether it is quiet for a while; what plays is paused.
CALM = f"""async () => {{ {ROOTS}
    for (let k = 0; k < 12; k++) {{
        for (const {{ live }} of roots()) if (live?.playing) (live.pause ?? live.rest).call(live);
        if (!quiet()) return `${{state()}} ${{roots().map(told)}}`;
        await new Promise((done) => setTimeout(done, 50));
    }}
    return "" }}"""


class Hands:
    """Acts on a tab, keeps a list of what was done, and decides what becomes of content.

    Args:
        lab: the tab.
        seed: what is drawn from it depends on nothing else; what it meets, on the page's pace.
        touch: whether these are fingers.
        spoil: the share of pieces that do not arrive; as many come late.
    """

    def __init__(self, lab, seed, *, touch=False, spoil=0.12):
        self.lab, self.page, self.spoil = lab, lab.page, spoil
        self.seed, self.random = seed, random.Random(seed)
        self.asked = Counter()
        self.touch = touch
        self.done = []
        self.failed = set()
        self.late = []
        self.devtools = self.page.context.new_cdp_session(self.page) if touch else None
        self.sent = self.heard = 0.0  # times of the last message to the server and from it
        self.page.on("websocket", self.listen)
        self.page.route(CONTENT, self.decide)

    def listen(self, socket):
        """Follow a session's messages."""

        def sent(_):
            self.sent = time.monotonic()

        def heard(_):
            self.heard = time.monotonic()

        socket.on("framesent", sent)
        socket.on("framereceived", heard)

    def decide(self, route):
        """A piece of content is asked for: it comes, comes later, or does not come."""
        url = route.request.url
        self.asked[url] += 1
        name = "/".join(urlsplit(url).path.split("/")[3:])  # without the hash of its content
        lot = random.Random(f"{self.seed} {name} {self.asked[url]}").random()
        share = self.spoil / 8 if name.endswith((".js", ".css")) else self.spoil  # dozens of them
        if lot < share:
            self.failed.add(url)
            self.done.append(f"  fails: {url}")
            route.abort()
        elif lot < share + self.spoil:
            self.done.append(f"  late: {url}")
            self.late.append(route)
        else:
            route.continue_()

    def let_come(self):
        """What is late arrives."""
        late, self.late = self.late, []
        for route in late:
            with suppress(Error):  # nobody waits for it any more
                route.continue_()

    def act(self, slowly):
        """Do one thing; slowly, wait until the page is quiet."""
        name = self.random.choice(FINGERS if self.touch else MOUSE)
        said = getattr(self, name)()
        self.done.append(f"{name} {said}")
        if self.random.random() < 0.3:
            self.let_come()
        if slowly:
            self.let_come()
            self.rest()

    def part(self, which):
        found = self.page.evaluate(PART, [which, self.random.random()])
        across, down = self.random.random(), self.random.random()
        if not found:
            size = self.page.viewport_size
            return "nothing", across * size["width"], down * size["height"]
        x = found["left"] + across * found["width"]
        y = found["top"] + down * found["height"]
        return f"{found['name']} at {x:.0f},{y:.0f}", x, y

    def anywhere(self):
        return self.part(self.random.choice([PICTURES, PICTURES, CONTROLS, "div"]))

    # ---------------------------------------------------------------- with a mouse and keys

    def move(self):
        what, x, y = self.anywhere()
        self.page.mouse.move(x, y, steps=self.random.choice([1, 4]))
        return what

    def click(self):
        what, x, y = self.part(PICTURES)
        self.page.mouse.click(x, y)
        return what

    def double(self):
        what, x, y = self.part(PICTURES)
        self.page.mouse.dblclick(x, y)
        return what

    def drag(self):
        what, x, y = self.part(PICTURES)
        to = x + self.random.randint(-150, 150), y + self.random.randint(-150, 150)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(*to, steps=4)
        if self.random.random() < 0.2:
            self.resize()  # in the middle
        self.page.mouse.up()
        return f"{what} to {to}"

    def wheel(self):
        what, x, y = self.part(PICTURES)
        self.page.mouse.move(x, y)
        by = self.random.randint(-300, 300)
        self.page.mouse.wheel(0, by)
        return f"{what} by {by}"

    def key(self):
        key = self.random.choice(KEYS)
        self.page.keyboard.press(key)
        return key

    def keys(self):
        return [self.key() for _ in range(6)]

    def press(self):
        what, x, y = self.part(CONTROLS)
        self.page.touchscreen.tap(x, y) if self.touch else self.page.mouse.click(x, y)
        return what

    def resize(self):
        width, height = self.random.choice(PHONES if self.touch else SIZES)
        self.page.set_viewport_size({"width": width, "height": height})
        return width, height

    def theme(self):
        scheme = self.random.choice(["light", "dark"])
        self.page.emulate_media(color_scheme=scheme)
        return scheme

    def menu(self):
        name = self.random.choice(PAGES)
        self.page.evaluate(MENU, name)
        return name

    def history(self):
        step = self.random.choice([-1, -1, 1])
        self.page.evaluate(HISTORY, step)
        return step

    # ---------------------------------------------------------------- with fingers

    def tap(self):
        what, x, y = self.part(PICTURES)
        self.page.touchscreen.tap(x, y)
        return what

    def fingers_at(self, kind, *places):
        points = [{"x": x, "y": y, "id": k} for k, (x, y) in enumerate(places)]
        self.devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def swipe(self):
        what, x, y = self.part(PICTURES)
        dx, dy = self.random.randint(-120, 120), self.random.randint(-120, 120)
        self.fingers_at("touchStart", (x, y))
        for k in range(1, 5):
            self.fingers_at("touchMove", (x + k * dx / 4, y + k * dy / 4))
        self.fingers_at("touchEnd")
        return f"{what} by {dx},{dy}"

    def pinch(self):
        what, x, y = self.part(PICTURES)
        near, far = 20, self.random.randint(5, 90)
        for k, apart in enumerate([near, (near + far) / 2, far]):
            self.fingers_at("touchMove" if k else "touchStart", (x - apart, y), (x + apart, y))
        self.fingers_at("touchEnd")
        return f"{what} to {far}"

    # ---------------------------------------------------------------- what comes of it

    def rest(self):
        """Wait until nothing moves: scripts, components, what is to be written to the address."""
        end = time.monotonic() + 45
        while (busy := self.page.evaluate(CALM)) or self.heard < self.sent:
            assert time.monotonic() < end, busy
            self.page.wait_for_timeout(50)
            self.let_come()

    def heal(self):
        """From now on everything arrives; what failed is tried again, as the page says."""
        self.spoil = 0
        self.let_come()
        self.page.keyboard.press("Escape")
        self.page.evaluate("document.activeElement?.blur()")  # what was typed is taken
        self.rest()
        rounds = 0
        while failed := self.page.evaluate(f"() => {{ {ROOTS} return failed() }}"):
            self.done.append(f"said: {failed}")
            rounds += 1
            assert rounds <= 10, f"it arrives, and is said not to: {failed}"
            assert all("again" in said for said in failed), failed
            if self.page.evaluate(f"() => {{ {ROOTS} return tryAgain() }}") < len(failed):
                self.reload()
            self.rest()

    def let_go(self):
        """The tab is another test's."""
        self.page.remove_listener("websocket", self.listen)

    def reload(self):
        self.page.reload(wait_until="commit")
        self.rest()

    def shown(self):
        """What each component of a page holds, and what Streamlit's controls show."""
        return self.page.evaluate(f"() => {{ {ROOTS} return shown() }}")

    def said(self):
        """What was said but for pieces that failed at this hand's will."""
        failed = {("Failed to load resource: net::ERR_FAILED", url) for url in self.failed}
        self.lab.said[:] = [words for words in self.lab.said if words not in failed]
        return self.lab.said
