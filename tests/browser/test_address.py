"""The browser keeps each page's view in the address: the server hears nothing of what hands do."""

from types import SimpleNamespace
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from aecore.runs.workspaces import new_token

TOKEN = "w"
LAST_ENTRY = "navigation.entries()[navigation.currentEntry.index - 1].url"
ENTRY = "navigation.currentEntry.key"  # of the history; another as soon as one is added
QUIET = 400  # milliseconds, twice as long as Streamlit holds back what it is to send


@pytest.fixture
def watched(lab):
    """A tab that counts what it sends to the server."""
    lab.sent = []

    def watch(socket):
        socket.on("framesent", lambda frame: lab.sent.append(frame))

    lab.page.on("websocket", watch)
    yield lab
    lab.page.remove_listener("websocket", watch)


def texts(tab):
    """All parameters of the address, with a list of texts for each."""
    return parse_qs(urlsplit(tab.page.url).query, keep_blank_values=True).items()


def view_of(tab):
    """What a page keeps in the address: all but the workspace."""
    return {k: v for k, v in parse_qsl(urlsplit(tab.page.url).query) if k != TOKEN}


def pin(tab, model, across, down):
    place, before = tab.place(model, across, down), tab.page.url
    tab.page.mouse.click(place.x, place.y)
    tab.page.wait_for_url(lambda url: url != before)


def by_hand_on_planes(tab):
    """Three pins, one dragged along, and a hidden class."""
    for across in (0.3, 0.5, 0.7):
        pin(tab, 0, across, 0.6)
    start, end = tab.place(0, 0.7, 0.6), tab.place(0, 0.6, 0.4)
    tab.page.mouse.move(start.x, start.y)
    tab.page.mouse.down()
    tab.page.mouse.move(end.x, end.y, steps=8)
    tab.page.mouse.up()
    if tab.root.locator(".class").first.is_visible():
        tab.root.locator(".class").nth(4).click()
    tab.page.mouse.move(640, 10)


def panel_state(tab):
    return tab.ask("root => [root.live.pinned, [...root.live.hidden]]")


def by_hand_on_a_path(tab):
    """Stops from another dataset and of another class, a picked one, playing, and a band."""
    root = tab.root
    root.get_by_label("Where stops come from").select_option("digits")
    tab.until("p.route.stops.every((stop) => stop.from === 'digits')")
    root.get_by_label("Digit of stop 2").select_option("7")
    tab.until("p.route.stops[1].label === 7")
    root.get_by_role("button", name="Pick stops").click()
    box = root.locator(".frame").first.bounding_box()
    tab.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.until("p.route.stops.length === 5")
    root.get_by_role("button", name="Play", exact=True).click()
    tab.until("p.position > 0.2")
    root.get_by_role("button", name="Pause", exact=True).click()
    tab.until("p.route.done")
    root.locator(".segments").last.get_by_role("button", name="Autoencoder").click()


def by_hand_along_a_drawn_path(tab):
    tab.root.get_by_role("button", name="Draw a path").click()
    box = tab.root.locator(".frame").nth(1).bounding_box()
    places = [(0.3, 0.3), (0.4, 0.6), (0.6, 0.7)]
    for k, (across, down) in enumerate(places):
        where = box["x"] + across * box["width"], box["y"] + down * box["height"]
        tab.page.mouse.move(*where, steps=4)
        if not k:
            tab.page.mouse.down()
    tab.page.mouse.up()
    tab.until("p.route.drawn")
    tab.root.locator(".track input").press("End")
    tab.until("p.position === p.route.legs")


def path_state(tab):
    tab.until("p.route")
    state = "({ live: p }) => [p.source, p.stops, p.band, p.drawn, Number(p.position.toFixed(3))]"
    return tab.ask(state)


def by_hand_on_noise(tab):
    tab.root.get_by_role("button", name="Digits").click()
    tab.root.get_by_role("button", name="Others").click()
    tab.until("p.table.rows[0].index === 4")
    tab.root.get_by_role("button", name="Masking").click()
    tab.root.get_by_label("Noise level").press("PageUp")
    tab.root.get_by_role("button", name="New noise").click()
    tab.root.get_by_role("button", name="Differences").click()


def by_hand_on_a_pad(tab):
    tab.root.get_by_role("button", name="Draw").click()
    box = tab.root.locator(".sheet canvas").bounding_box()
    for k, (across, down) in enumerate([(0.4, 0.2), (0.5, 0.5), (0.6, 0.8)]):
        where = box["x"] + across * box["width"], box["y"] + down * box["height"]
        tab.page.mouse.move(*where, steps=4)
        if not k:
            tab.page.mouse.down()
    tab.page.mouse.up()
    tab.until("p.view.values.image")


def noise_state(tab):
    tab.until("p.table?.rows.length")
    state = """({ live: p }) => [p.images.source.name, p.kind, p.level, p.seed, p.diff,
        p.table.rows.map((row) => [...row.clean])]"""
    return tab.ask(state)


def pad_state(tab):
    tab.root.locator(".pad").wait_for()
    one = "new Set(p.table.rows.map((row) => row.clean)).size === 1"
    tab.until(f"p.table?.rows.length && {one}")
    return noise_state(tab)


def page(name, hands, state, *, path="", other="hide=12"):
    """How a test uses a page: its name in the menu, and a link to another view."""
    path = path or f"/{name.lower()}"
    return SimpleNamespace(name=name, hands=hands, state=state, path=path, other=other)


PAGES = {
    "home": page("Home", by_hand_on_planes, panel_state, path="/"),
    "decode": page("Decode", by_hand_on_planes, panel_state),
    "compare": page("Compare", by_hand_on_planes, panel_state),
    "interpolate": page("Interpolate", by_hand_on_a_path, path_state, other="at=1.5"),
    "drawn": page("Interpolate", by_hand_along_a_drawn_path, path_state, other="at=1.5"),
    "denoise": page("Denoise", by_hand_on_noise, noise_state, other="seed=7"),
    "pad": page("Denoise", by_hand_on_a_pad, pad_state, other="seed=7"),
}


def same_state(found, expected):
    """Whether two states are the same but for the digits that an address leaves out."""
    if isinstance(expected, float):
        return found == pytest.approx(expected, rel=1e-4, abs=1e-5)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(same_state, found, expected))
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(
            same_state(found[key], expected[key]) for key in expected
        )
    return found == expected


@pytest.mark.parametrize("about", PAGES.values(), ids=PAGES)
def test_hands_send_nothing_and_every_way_back_finds_the_view(watched, about):
    """In a visitor's own workspace, whose token stays in the address."""
    tab = watched
    token = new_token()
    tab.load(f"{about.path}?{TOKEN}={token}")
    tab.page.wait_for_timeout(QUIET)
    entry, sent = tab.page.evaluate(ENTRY), len(tab.sent)

    about.hands(tab)
    tab.page.wait_for_timeout(QUIET)
    assert len(tab.sent) == sent
    assert tab.page.evaluate(ENTRY) == entry
    state, view = about.state(tab), view_of(tab)
    assert view

    def found():
        about.state(tab)
        tab.page.wait_for_url(lambda _: view_of(tab) == view)
        assert same_state(about.state(tab), state)
        assert f"{TOKEN}={token}" in tab.page.url

    def go(name):
        tab.page.get_by_role("link", name=name, exact=True).first.click()
        tab.arrive("/" if name == "Home" else f"/{name.lower()}")

    link = tab.page.url
    tab.reload()
    found()

    other = "Decode" if about.name != "Decode" else "Compare"
    go(other)
    tab.page.go_back()  # one press
    tab.arrive(about.path)
    found()

    go(other)
    go(about.name)
    found()

    # A copied link, in a tab that remembers another view.
    tab.open(f"{about.path}?{about.other}")
    assert view_of(tab) == dict(parse_qsl(about.other))
    tab.page.goto(link, wait_until="commit")
    tab.settle()
    found()


def test_the_history_leads_from_a_page_to_itself(lab):
    """Two steps at once: Streamlit leaves a component of the same page as it is."""
    lab.open("/compare?z=0.5,1&hide=3&left=mnist-ae-16")
    for name in ("Decode", "Compare"):
        lab.page.get_by_role("link", name=name, exact=True).first.click()
        lab.arrive(f"/{name.lower()}")
    lab.root.locator(".class").nth(7).click()
    lab.until("p.view.values.hide.length === 2 && !p.view.timer")
    links = [
        lab.page.evaluate("navigation.entries()[navigation.currentEntry.index - 2].url"),
        lab.page.url,
    ]
    for way, link in ((-2, links[0]), (2, links[1])):
        lab.page.evaluate("way => history.go(way)", way)
        hidden = [int(label) for label in dict(parse_qsl(urlsplit(link).query))["hide"]]
        lab.until("p.hidden.size === a.length && a.every((label) => p.hidden.has(label))", hidden)
        lab.settle()
        assert lab.page.url == link
        assert lab.page.get_by_role("combobox", name="Left").input_value() == "mnist-ae-16"


OLD_LINKS = {
    "/decode?model=mnist-ae&at=0&z=0.5%2C-1.25": {"pinned": {"m": 0, "z": [0.5, -1.25]}},
    "/compare?at=1&z=1,2&hide=37": {"pinned": {"m": 1, "z": [1, 2]}},
    "/interpolate?source=mnist&stops=3,digits.4&at=0.571&band=1-slerp": {
        "stops": [{"from": "mnist", "i": 3}, {"from": "digits", "i": 4}],
        "position": 0.571,
        "band": "1-slerp",
    },
    "/interpolate?source=strokes&stops=1%2C2%2C3&path=0:0.5,2,-3,1e-2&at=1": {
        "source": "strokes",
        "drawn": {"m": 0, "points": [[0.5, 2], [-3, 0.01]]},
        "position": 1,
    },
    "/interpolate?left=mnist-ae-16&right=mnist-vae-16&source=mnist&stops=1,2&axes=3.12,pca": {
        "planes.map(({ plane }) => plane.axes)": [[2, 11], "pca"],
    },
    # Beyond what there is: the first stops, the end of the path.
    "/interpolate?source=mnist&stops=1,99999&at=99": {
        "stops.map(({ i }) => i)": [396, 238, 604, 463],
        "position": 3,
    },
    "/denoise?images=Digits&first=8&level=0.3": {
        "images.source.name": "digits", "table.rows[0].index": 8, "level": 0.3,
    },
    "/denoise?images=Draw": {"images.source.name": "draw"},
    "/denoise?kind=salt_and_pepper&level=0.3&seed=12&diff=1": {
        "kind": "salt_and_pepper", "level": 0.3, "seed": 12, "diff": True,
    },
}  # fmt: skip


@pytest.mark.parametrize("link", OLD_LINKS)
def test_a_link_of_before_opens_what_it_says(lab, link):
    lab.open(link)
    for name, value in OLD_LINKS[link].items():
        assert same_state(lab.ask(f"root => root.live.{name}"), value), name


def select(tab, label, option):
    tab.page.get_by_role("combobox", name=label).click()
    tab.page.get_by_role("option", name=option, exact=True).click()
    tab.page.get_by_role("listbox").wait_for(state="detached")
    tab.settle()


def model_and_view(tab):
    select(tab, "Model", "mnist-ae-16")
    tab.pill("Images").click()


def models_and_shades(tab):
    select(tab, "Left", "mnist-ae-16")
    tab.pill("Decoded grid").click()
    tab.pill("Prior").click()


def a_third_model(tab):
    select(tab, "Also", "mnist-vae-16")


def columns_of_the_table(tab):
    tab.page.get_by_role("button", name="Models").click()
    tab.pill("mnist-vae").click()
    tab.page.keyboard.press("Escape")


def settings_of_a_training(tab):
    select(tab, "Images", "Digits, 1,352")
    tab.page.get_by_label("Epochs").fill("3")
    tab.page.get_by_label("Epochs").press("Enter")


CONTROLS = {
    "decode": (model_and_view, {"model": "mnist-ae-16", "view": "grid"}),
    "compare": (models_and_shades, {"left": "mnist-ae-16", "show": "grid"}),
    "interpolate": (a_third_model, {"also": "mnist-vae-16"}),
    "denoise": (columns_of_the_table, {"models": "mnist-vae"}),
    "train": (settings_of_a_training, {"images": "digits", "epochs": "3"}),
}


CHOICES = """() => [
    "[data-testid=stSelectbox] input",
    "[data-testid=stButtonGroup] :is([aria-checked=true], [aria-pressed=true], [kind$=Active])",
    "[data-testid=stNumberInput] input",
].map((which) => [...document.querySelectorAll(which)].map((one) => one.value || one.innerText))"""


def choices_of(tab):
    """What Streamlit's controls on a page show: in selects, pressed, and typed."""
    folded = tab.page.get_by_role("button", name="Models")
    if folded.count():
        folded.click()
        tab.page.locator("[data-testid=stPopoverBody] button").first.wait_for()
    found = tab.page.evaluate(CHOICES)
    if folded.count():
        tab.page.keyboard.press("Escape")
    return found


# Compare and Interpolate have controls of the same names.
PAIRS = [("compare", "interpolate"), ("decode", "denoise"), ("decode", "train")]


@pytest.mark.parametrize("names", PAIRS)
def test_what_streamlits_controls_chose_is_found_again_and_on_no_other_page(lab, names):
    """A page is one entry of the history, also the first that makes a workspace."""
    tab, ready = lab, "[data-root] > *"

    def arrive(name):
        tab.page.wait_for_url(lambda url: urlsplit(url).path == f"/{name}")
        tab.settle(ready)
        tab.page.wait_for_timeout(QUIET)

    def go(name):
        before = urlsplit(tab.page.url).path
        tab.page.get_by_role("link", name=name.capitalize(), exact=True).first.click()
        arrive(name)
        assert urlsplit(tab.page.evaluate(LAST_ENTRY)).path == before

    tab.load(f"/{names[0]}")
    fresh = {names[0]: choices_of(tab)}
    for name in names[1:]:
        go(name)
        fresh[name] = choices_of(tab)
    chosen, view = {}, {}
    for name in names:
        go(name)
        assert choices_of(tab) == fresh[name]  # whatever was chosen on the pages before
        hands, expected = CONTROLS[name]
        hands(tab)
        tab.page.wait_for_url(
            lambda _, expected=expected: (
                expected.items() <= {k: v[-1] for k, v in texts(tab)}.items()
            )
        )
        chosen[name], view[name] = choices_of(tab), view_of(tab)
        assert any(chosen[name])

    def found(name):
        tab.page.wait_for_url(lambda _: view_of(tab) == view[name])
        assert choices_of(tab) == chosen[name]

    for name in names[-2::-1]:
        tab.page.go_back()
        arrive(name)
        found(name)
    links = {}
    for name in [*names[1:], names[0]]:
        go(name)
        found(name)
        links[name] = tab.page.url.removeprefix(tab.server)
    for name, link in links.items():
        tab.load(link, ready)
        arrive(name)
        found(name)
