"""Interpolate under mouse, keys and touch: frames, readings and sentences are what torch gives."""

import csv
import io
import re

import numpy as np
import pytest
import torch
from PIL import Image

from aecore.analysis import interpolation
from aecore.analysis.neighbours import nearest_distances
from aecore.data import as_pixels
from aecore.runs import shipped_run

PAIR = ("mnist-ae", "mnist-vae")
DONE = "p.route?.done && !p.frame && !p.unread?.size"

# What the path holds, read in one go.
READ = """root => { const p = root.live, { route } = p, list = (v) => v && [...v]; return {
    position: p.position, legs: route.legs, fine: route.fine, step: route.step,
    stops: route.stops.map(({ from, i, label, codes, image, rebuilt }) =>
        ({ from, i, label, rebuilt, codes: codes.map(list), image: list(image) })),
    rows: route.rows.map((row, k) => ({ kind: row.kind, m: row.m,
        code: list(route.codeAt(row, p.position)), codes: row.codes.map(list),
        digits: row.samples.map((sample) => sample.digit),
        pixels: list(p.tiles[k].canvas.pixels),
        label: [".label", ".sure"].map((c) => p.tiles[k].cell.querySelector(c).textContent),
        frames: p.films.rows[k].frames.map(({ canvas }) => list(canvas.pixels)),
        stopFrames: p.films.rows[k].frames.map(({ cell }) => !!cell.querySelector(".of-x")) })),
    answer: p.answer.textContent.replaceAll("\u00a0", " "), shown: p.slider.value,
    gaps: p.planes.map((pathPlane) => pathPlane.gaps.textContent.replaceAll("\u00a0", " ")) } }"""

# Where the path is, and what its tiles show.
NOW = """root => { const p = root.live; return { position: p.position,
    rows: p.route.rows.slice(1).map((row, k) => ({ m: row.m,
        pixels: [...p.tiles[k + 1].canvas.pixels],
        code: [...p.route.codeAt(row, p.position)] })) } }"""

# A whole point of the screen at a share of a plane, or near a place of its two axes.
PLACE = """(root, [m, across, down, place]) => { const { frame, plane } = root.live.planes[m];
    frame.scrollIntoView({ block: "center" });
    const box = frame.getBoundingClientRect(), { inner } = plane;
    const [x, y] = place ? plane.toScreen(...place)
        : [inner.x + across * inner.w, inner.y + down * inner.h];
    return [Math.round(box.left + x), Math.round(box.top + y)] }"""


@pytest.fixture
def read():
    """What the path of a tab holds, once its samples are taken and drawn."""

    def look(tab):
        return tab.until(DONE, then=READ)

    return look


@pytest.fixture
def position(same_image):
    """Where the path of a tab is, after a look that its tiles show that place."""

    def look(tab):
        now = tab.until("p.route && !p.frame", then=NOW)
        for row in now["rows"]:
            same_image(row["pixels"], PAIR[row["m"]], row["code"])
        return now["position"]

    return look


def place(tab, m, across=0, down=0, at=None):
    return tab.root.evaluate(PLACE, [m, across, down, at])


def codes_of(tab, m):
    """The stops' codes in a model, (k, d)."""
    stops = "root.live.route.stops.map((stop) => [...stop.codes[m]])"
    return np.array(tab.root.evaluate(f"(root, m) => {stops}", m))


def kept(tab, pattern):
    """Wait until the address holds what the page shows."""
    tab.page.wait_for_url(re.compile(pattern))
    tab.settle()


def numbers(text):
    """Shares in a text by the words before them, in percent."""
    return [int(share) for share in re.findall(r"(\d+) %", text)]


def share_of(holds):
    """The share of the way: the trapezoid rule over even samples."""
    return np.trapezoid(np.asarray(holds, float)) / (len(holds) - 1)


def test_frames_readings_shares_and_sentence_are_what_torch_gives(
    lab, read, mnist, drawn, judged, same_image
):
    lab.open("/interpolate?at=1.57")
    seen = read(lab)
    assert [stop["label"] for stop in seen["stops"]] == [2, 4, 5, 6]
    numbers_of = [stop["i"] for stop in seen["stops"]]
    images = mnist.test.images[numbers_of].reshape(4, 784) / np.float32(255)
    stop_codes = [shipped_run(name).codes.mean.values[numbers_of] for name in PAIR]
    assert [(row["kind"], row["m"]) for row in seen["rows"]] == [
        ("pixels", None), ("lerp", 0), ("lerp", 1), ("slerp", 1),
    ]  # fmt: skip
    passed, gaps = {}, {}
    for row in seen["rows"]:
        reading = judged(np.array([row["pixels"], *row["frames"]], "f4").reshape(-1, 1, 28, 28))
        digit, sure = row["label"]
        assert reading[0, int(digit)] > reading[0].max() - 0.005
        assert abs(float(sure) - reading[0].max()) < 0.01
        if row["kind"] == "pixels":
            faded = interpolation.cross_fade(images[1], images[2], 0.57)
            assert np.allclose(row["pixels"], faded, atol=1e-6)
            assert np.allclose(row["frames"][::5], images, atol=1e-6)
            continue
        name, codes = PAIR[row["m"]], stop_codes[row["m"]]
        chain = interpolation.chain(codes, seen["fine"], row["kind"])
        assert np.allclose(row["codes"], chain, atol=1e-5)
        assert np.allclose(row["code"], interpolation.along(codes, 1.57, row["kind"]), atol=1e-5)
        same_image(row["pixels"], name, row["code"])
        same_image(row["frames"], name, interpolation.chain(codes, seen["step"], row["kind"]))
        same_image(row["frames"][::5], name, codes)
        assert row["stopFrames"] == [i % 5 == 0 for i in range(16)]
        known = shipped_run(name).codes
        beyond = nearest_distances(chain, known.reference.values) > known.radius
        gaps[row["m"], row["kind"]] = beyond
        digits = judged(drawn(name, chain).reshape(-1, 1, 28, 28)).argmax(1)
        assert (digits == row["digits"]).mean() > 0.99
        passed[row["m"], row["kind"]] = digits
    assert numbers(seen["gaps"][0]) == pytest.approx([100 * share_of(gaps[0, "lerp"])], abs=1)
    assert numbers(seen["gaps"][1]) == pytest.approx(
        [100 * share_of(gaps[1, kind]) for kind in ("lerp", "slerp")], abs=1
    )
    # The sentence: from the 4 to the 5, on straight lines.
    leg = slice(seen["fine"], 2 * seen["fine"] + 1)
    assert seen["answer"].startswith("Straight from the 4 to the 5, ")
    passing, crossing = seen["answer"].split("; ")
    for m, called in enumerate(("the AE", "the VAE")):
        digits = passed[m, "lerp"][leg]
        shares = {d: 100 * share_of(digits == d) for d in set(digits.tolist()) - {4, 5}}
        third = max(shares, key=shares.get)
        said = re.search(rf"{called} (?:passes )?through an? (\d) for (\d+) %", passing)
        assert int(said[1]) == third
        assert int(said[2]) == pytest.approx(shares[third], abs=1)
        gap = 100 * share_of(gaps[m, "lerp"][leg])
        said = re.search(rf"{called} (?:is in a gap )?for (\d+) %", crossing)
        assert gap == pytest.approx(int(said[1]) if said else 0, abs=0.51)


def test_the_position_follows_pointer_keys_plane_and_clock_and_a_reload_restores_it(lab, position):
    lab.open("/interpolate")
    page, slider = lab.page, lab.root.locator(".track input")
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2

    page.mouse.move(box["x"] + 10, y)
    page.mouse.down()
    for part in (0.2, 0.5, 0.75):
        page.mouse.move(box["x"] + 10 + part * (box["width"] - 20), y)
        assert position(lab) == pytest.approx(3 * part, abs=0.03)
    page.mouse.up()
    before = position(lab)
    page.keyboard.press("ArrowLeft")
    assert position(lab) == pytest.approx(before - 0.01)
    kept(lab, rf"at={before - 0.01:.2f}")

    # On a plane: half way from the 4 to the 5, and a little beside the path.
    x, y = place(lab, 0, at=codes_of(lab, 0)[1:3].mean(0).tolist())
    page.mouse.move(x + 1, y)
    page.mouse.down()
    page.mouse.move(x + 2, y + 1, steps=2)
    page.mouse.up()
    assert position(lab) == pytest.approx(1.5, abs=0.03)
    lab.root.locator(".frame").nth(1).press("Shift+ArrowRight")
    moved = position(lab)
    assert moved == pytest.approx(1.6, abs=0.03)

    lab.root.locator(".film-frames").nth(2).locator(".cell").nth(12).click()
    assert position(lab) == pytest.approx(2.4)
    lab.root.get_by_role("button", name="Autoencoder", exact=True).click()
    kept(lab, r"at=2\.4&band=0-lerp")

    play = lab.root.locator(".play")
    assert not lab.root.evaluate("root => root.live.playing")
    play.press("Space")
    lab.until("p.position > 2.5")
    assert play.get_attribute("aria-label") == "Pause"
    play.press("Enter")
    resting = position(lab)
    assert 2.5 < resting < 3
    kept(lab, rf"at={resting:.3f}".rstrip("0"))

    lab.reload()
    assert position(lab) == pytest.approx(resting, abs=1e-3)
    assert lab.root.locator(".segments [aria-pressed=true]").all_inner_texts() == [
        "Move", "Autoencoder",
    ]  # fmt: skip


def test_stops_are_chosen_changed_added_picked_and_removed(lab, read, mnist, same_image):
    lab.open("/interpolate?stops=1,139&source=mnist")
    labels = mnist.test.labels
    lab.root.get_by_role("button", name="Stop 1, a 2: another example").click()
    lab.until("p.route.stops[0].i !== 1")
    lab.root.get_by_label("Digit of stop 2").select_option("7")
    lab.until("p.route.stops[1].label === 7")
    lab.root.get_by_role("button", name="Add a stop").click()
    lab.until("p.route.stops.length === 3")
    numbers_of = lab.root.evaluate("root => root.live.route.stops.map((stop) => stop.i)")
    assert labels[numbers_of].tolist() == [2, 7, 8]
    assert lab.root.locator(".film-frames").first.locator(".cell").count() == 17
    chance = "(_, share) => { globalThis.chance ??= Math.random; Math.random = () => share }"
    lab.root.evaluate(chance, (numbers_of[2] - 1) / len(labels))  # that of the same stop once more
    lab.root.get_by_role("button", name="Others").click()
    lab.until(f"p.route.stops[2].i !== {numbers_of[2]}")
    lab.root.evaluate("() => { Math.random = globalThis.chance }")
    assert lab.root.locator(".stops select").evaluate_all("all => all.map((e) => e.value)") == [
        "2", "7", "8",
    ]  # fmt: skip

    # Picked on the plane of the VAE, by the pointer and by keys.
    lab.root.get_by_role("button", name="Pick stops").click()
    x, y = place(lab, 1, 0.25, 0.6)
    lab.page.mouse.click(x, y)
    lab.until("p.route.stops.length === 4")
    at = lab.root.evaluate(
        """(root, [x, y]) => { const { frame, plane } = root.live.planes[1];
            const box = frame.getBoundingClientRect();
            return plane.toPlane(x - box.left, y - box.top) }""",
        [x, y],
    )
    codes = shipped_run("mnist-vae").codes.mean.values
    picked = lab.root.evaluate("root => root.live.route.stops[3].i")
    distance = np.linalg.norm(codes - at, axis=1)
    assert distance[picked] < distance.min() + 1e-6
    frame = lab.root.locator(".frame").nth(0)
    for key in ("ArrowRight", "Shift+ArrowUp", "Enter"):
        frame.press(key)
    lab.until("p.route.stops.length === 5")
    seen = read(lab)
    for row in seen["rows"][1:]:
        chosen = [stop["codes"][row["m"]] for stop in seen["stops"]]
        same_image(row["frames"][:: seen["step"]], PAIR[row["m"]], chosen)
    for stop in seen["stops"]:
        assert np.allclose(stop["image"], mnist.test.images[stop["i"]].reshape(784) / 255)
    lab.root.get_by_label("Digit of stop 2").select_option("remove")
    lab.until("p.route.stops.length === 4")
    left = [stop["i"] for stop in seen["stops"]]
    left.pop(1)
    kept(lab, "stops=" + "%2C".join(map(str, left)))
    lab.reload()
    assert lab.root.evaluate("root => root.live.route.stops.map((stop) => stop.i)") == left


def test_a_path_can_be_drawn_and_the_other_model_follows(lab, read, model, drawn, same_image):
    lab.open("/interpolate")
    lab.root.get_by_role("button", name="Draw a path").click()
    lab.page.mouse.move(*place(lab, 1, 0.2, 0.2))
    lab.page.mouse.down()
    for across, down in [(0.3, 0.6), (0.7, 0.7)]:
        lab.page.mouse.move(*place(lab, 1, across, down), steps=6)
    lab.page.mouse.up()
    lab.until("p.route.drawn")

    def check():
        seen = read(lab)
        pixels, follows, leader = seen["rows"]
        assert (follows["kind"], leader["kind"]) == ("follows", "drawn")
        steps = np.linalg.norm(np.diff(leader["codes"], axis=0), axis=1)
        assert steps.max() < 1.05 * np.median(steps)
        same_image(leader["frames"], "mnist-vae", leader["codes"][:: seen["fine"] // seen["step"]])
        with torch.no_grad():
            encoded = model("mnist-ae").encode(as_pixels(drawn("mnist-vae", leader["codes"])))
        assert np.allclose(follows["codes"], encoded, atol=0.02, rtol=2e-3)
        same_image(follows["pixels"], "mnist-ae", follows["code"])
        assert np.allclose(pixels["frames"][0], leader["frames"][0])
        assert "The AE follows, encoding what the VAE draws." in lab.root.inner_text()
        assert seen["answer"].startswith("Along the drawn path the VAE ")
        return leader["codes"]

    codes = check()
    kept(lab, "path=1%3A")
    lab.reload()
    again = lab.root.evaluate("root => root.live.route.rows[2].codes.map((code) => [...code])")
    assert np.allclose(again, codes, atol=1e-3)

    # By keys, on the other plane.
    lab.root.get_by_role("button", name="Draw a path").click()
    frame = lab.root.locator(".frame").nth(0)
    for key in ("Shift+ArrowLeft", "Enter", "Shift+ArrowUp", "Enter", "ArrowRight", "Enter"):
        frame.press(key)
    frame.press("Escape")
    lab.until("p.route.drawn.m === 0")
    assert len(lab.root.evaluate("root => root.live.drawn.points")) == 3
    lab.root.get_by_role("button", name="Back to the stops").click()
    lab.until("!p.route.drawn")
    assert lab.root.locator(".stops select").count() == 4


def test_a_phone_walks_by_touch_and_never_scrolls_sideways(phone, position):
    phone.open("/interpolate")
    page = phone.page
    touch = page.context.new_cdp_session(page)

    def drag(points):
        for k, (x, y) in enumerate(points):
            kind = "touchMove" if k else "touchStart"
            touch.send(
                "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]}
            )
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    slider = phone.root.locator(".track input")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    drag([(box["x"] + 10, y), (box["x"] + box["width"] / 4, y), (box["x"] + box["width"] / 2, y)])
    assert position(phone) == pytest.approx(1.5, abs=0.05)
    ends = codes_of(phone, 1)[2:]
    x, y = place(phone, 1, at=(0.25 * ends[0] + 0.75 * ends[1]).tolist())
    drag([(x - 20, y), (x - 8, y), (x, y)])
    assert position(phone) == pytest.approx(2.75, abs=0.05)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert phone.root.evaluate("root => root.scrollWidth <= root.clientWidth")
    small = phone.root.locator("button:visible, select:visible").evaluate_all(
        "all => all.filter((e) => e.getBoundingClientRect().height < 43).map((e) => e.outerHTML)"
    )
    assert small == []


def test_what_is_kept_holds_what_is_shown(lab, read, judged, drawn):
    lab.open("/interpolate?left=mnist-ae&right=mnist-vae")
    seen = read(lab)
    files = {}
    for name in ("GIF of the path", "PNG", "CSV"):
        with lab.page.expect_download() as saved:
            lab.root.get_by_role("button", name=name).click()
        path = saved.value.suggested_filename
        assert path.startswith("path-2-4-5-6-mnist-ae-mnist-vae.")
        files[name] = saved.value.path()
    with Image.open(files["GIF of the path"]) as animation:
        assert animation.format == "GIF"
        assert animation.n_frames == 3 * 20 + 1
        assert animation.size == (24 + 4 * 136, 232)
        assert animation.info["duration"] == 130
        ink = np.array(lab.root.evaluate("root => root.live.colours.ink"))
        for k, position in ((0, 0.0), (30, 1.5), (60, 3.0)):
            animation.seek(k)
            pixels = np.array(animation.convert("RGB")).astype(float)
            tile = pixels[50 + 2 : 162 : 4, 24 + 2 * 136 + 2 : 24 + 2 * 136 + 112 : 4]
            codes = [stop["codes"][1] for stop in seen["stops"]]
            image = drawn("mnist-vae", interpolation.along(codes, position)).reshape(28, 28, 1)
            wanted = ink[0] + (ink[1] - ink[0]) * image
            assert np.abs(tile - wanted)[1:-1, 1:-1].max() < 6  # the frame lies on the outermost
    with Image.open(files["PNG"]) as picture:
        picture.load()
        assert picture.size == (280 + 16 * 128 + 24, 76 + 4 * 188 + 8)
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 100
    rows = list(csv.DictReader(io.StringIO(files["CSV"].read_text(encoding="utf-8-sig"))))
    assert len(rows) == (3 * seen["fine"] + 1) * 4
    own = [row for row in rows if row["row"] == "slerp"]
    assert {row["run"] for row in own} == {"mnist-vae"}
    z = np.array([[row["z1"], row["z2"]] for row in own], float)
    assert np.allclose(z, seen["rows"][3]["codes"], rtol=1e-4, atol=1e-5)
    assert [int(row["digit"]) for row in own] == seen["rows"][3]["digits"]
    known = shipped_run("mnist-vae").codes
    away = nearest_distances(z, known.reference.values)
    assert np.allclose([float(row["distance"]) for row in own], away, atol=1e-4)
    gaps = [row["gap"] == "1" for row in own]
    assert (gaps == (away > known.radius)).mean() > 0.98


def test_without_mnist_digits_are_walked_through_and_a_picked_stop_says_what_it_is(
    bare, read, digits, model, same_image
):
    bare.open("/interpolate")
    seen = read(bare)
    assert [stop["from"] for stop in seen["stops"]] == ["digits"] * 4
    chosen = digits.test.images[[stop["i"] for stop in seen["stops"]]]
    for row in seen["rows"][1:]:
        with torch.no_grad():
            codes = model(PAIR[row["m"]]).encode(chosen).numpy()
        found = [stop["codes"][row["m"]] for stop in seen["stops"]]
        assert np.allclose(found, codes, atol=2e-3)
        same_image(row["frames"][::5], PAIR[row["m"]], found)
    assert np.allclose(seen["rows"][0]["frames"][::5], chosen.reshape(4, 784) / 255)
    bare.root.get_by_role("button", name="Pick stops").click()
    bare.page.mouse.click(*place(bare, 0, 0.5, 0.4))
    bare.until("p.route.stops.length === 5")
    picked = bare.root.evaluate(
        """root => { const { rebuilt, image, codes } = root.live.route.stops[4];
            return [rebuilt, [...image], [...codes[0]]] }"""
    )
    assert picked[0]
    same_image(picked[1], "mnist-ae", picked[2])
    assert "MNIST is not on disk: its stops are shown as the AE rebuilds them." in (
        bare.root.inner_text()
    )
    bare.root.get_by_label("Where stops come from").select_option("mnist")
    bare.until("p.route.stops.every((stop) => stop.from === 'mnist' && stop.rebuilt)")
    kept(bare, "source=mnist")


def test_runs_of_sixteen_dimensions_and_a_run_beside_itself(lab, read, same_image):
    names = ["mnist-vae-16", "mnist-vae-16", "mnist-ae"]
    lab.open("/interpolate?left={}&right={}&also={}&at=0.4&axes=3.12,1.7".format(*names))
    seen = read(lab)
    assert len(seen["rows"]) == 6
    for row in seen["rows"][1:]:
        codes = [stop["codes"][row["m"]] for stop in seen["stops"]]
        assert np.allclose(row["code"], interpolation.along(codes, 0.4, row["kind"]), atol=1e-5)
        same_image(row["pixels"], names[row["m"]], row["code"])
    titles = lab.root.locator(".film-name b").all_inner_texts()
    assert titles == [
        "Pixel fade", "VAE (left), lerp", "VAE (left), slerp", "VAE (right), lerp",
        "VAE (right), slerp", "Autoencoder",
    ]  # fmt: skip
    assert lab.root.evaluate("root => root.live.planes.map(({ plane }) => plane.axes)") == [
        [2, 11], [0, 6],
    ]  # fmt: skip
    assert seen["answer"].count("the VAE") <= 2
    lab.root.get_by_label("Where stops come from").select_option("digits")
    lab.until("p.route.stops.every((stop) => stop.from === 'digits')")
    assert len(codes_of(lab, 1)) == 4
    kept(lab, "source=digits")


def test_images_that_do_not_arrive_are_an_alert_and_can_be_asked_for_again(lab):
    lab.load("/interpolate")
    stops = lab.ask("root => root.live.stops")
    lab.page.route("**/lab/test-images/strokes", lambda route: route.abort())
    choose = lab.root.get_by_label("Where stops come from")
    choose.select_option("strokes")
    alert = lab.root.get_by_role("alert")
    alert.get_by_text("The test images did not arrive.").wait_for()
    lab.page.unroute("**/lab/test-images/strokes")
    lab.said.clear()  # what Chromium says of the request that was aborted
    alert.get_by_role("button", name="Try again").click()
    lab.until("p.route?.done")
    assert lab.ask("root => root.live.stops") == stops
    choose.select_option("strokes")
    lab.until("p.route.stops.every((stop) => stop.from === 'strokes')")


def test_at_the_size_of_a_projector_tiles_and_planes_are_in_view_together(lab):
    lab.page.set_viewport_size({"width": 1280, "height": 720})
    lab.open("/interpolate")
    lab.until("p.route")
    boxes = """root => [".now .tile", ".path-plane .frame"].map((one) =>
        [...root.querySelectorAll(one)].map((e) => e.getBoundingClientRect()).map(
            ({ top, bottom }) => [top, bottom]))"""
    tiles, planes = lab.ask(boxes)
    assert all(top >= 0 and bottom <= 720 for top, bottom in tiles)
    assert all(min(bottom, 720) - top >= 300 for top, bottom in planes)
    assert len(planes) == 2
    lines = "h1 => h1.getBoundingClientRect().height"
    assert lab.page.get_by_role("heading", level=1).evaluate(lines) < 50


def test_the_page_opens_amid_the_first_leg_with_its_lines_named(lab):
    lab.open("/interpolate?also=mnist-ae-16")
    assert lab.ask(NOW)["position"] == 0.5
    lab.page.wait_for_function("r => r.querySelector('.ways')", arg=lab.root.element_handle())
    assert lab.root.locator(".ways").all_text_contents() == ["", "lerpslerp"]
    under = """root => { const [label] = root.querySelectorAll(".film-frames .cell .label");
        return getComputedStyle(label).backgroundColor }"""
    ground = "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    assert lab.root.evaluate(under) == lab.page.evaluate(ground)  # the moving line is behind it


def test_a_drawn_path_is_in_view_on_both_planes(lab):
    # Far from one side of the left-hand plane to the other, and the AE's follows the VAE's.
    path = "1:-2.2,0.3,-2,-1,-1,1,1,1,1.5,-1,-1,-2.3"
    lab.open(f"/interpolate?path={path}")
    lab.until("p.route?.done")
    outside = """root => { const p = root.live; return p.planes.map(({ plane, m }) =>
        p.route.rows.filter((row) => row.m === m).flatMap((row) => p.route.trace(plane, row))
            .filter((at) => !plane.contains(...at)).length) }"""
    assert lab.ask(outside) == [0, 0]


def test_the_leg_that_is_shown_is_answered_before_the_others_are_read(lab):
    lab.open("/interpolate?at=1.5")
    lab.until("p.route?.done")
    answers = """async (root) => { const p = root.live, { route } = p;
        for (const row of route.rows) row.samples = [];
        const survey = route.survey(1);
        while (!route.knows(1)) survey.next();
        const early = [0, 1, 2].map((leg) => route.knows(leg));
        const answer = route.sentence(1, (m) => p.models[m].called);
        while (!survey.next().done);
        return [early, answer, route.sentence(1, (m) => p.models[m].called)] }"""
    early, answer, whole = lab.ask(answers)
    assert early == [False, True, False]
    assert answer == whole == lab.root.locator(".answer").inner_text()
