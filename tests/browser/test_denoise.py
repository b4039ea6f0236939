"""Denoise: noise, reconstructions and figures are Python's, however the level is moved."""

import csv
import io
import re

import numpy as np
import pytest
import torch
from PIL import Image

from aecore.data import load_dataset
from aecore.data.digit_image import from_upload
from aecore.data.noise import LEVELS, corrupt
from aecore.runs import shipped_run

FIVE = ["mnist-ae-32", "mnist-vae-32", "mnist-dae-10", "mnist-dae-30", "mnist-dae-50"]

STEPS = {"gaussian": 1 / 28, "salt_and_pepper": 1 / 28, "masking": 1 / 28, "occlusion": 1}

READ = """root => { const p = root.live; return {
    source: p.images.source.name, kind: p.kind, level: p.level, seed: p.seed, diff: p.diff,
    means: p.table.means.map((mean) => mean.text()),
    rows: p.table.rows.map((row) => ({
        index: row.index, caption: row.caption, clean: [...row.clean], noisy: [...row.noisy],
        shown: [...row.spoiled.pixels], text: row.figures.text(),
        best: row.host.classList.contains("best"),
        cells: row.cells.map((cell) => ({ name: cell.model.name, shown: [...cell.canvas.pixels],
            text: cell.figures.text(), best: cell.host.classList.contains("best") })) })) } }"""
WHOLE = """p.table?.cells.length && !p.frame && p.table.frame == null
    && p.table.cells.every((cell) => cell.version === p.table.version && cell.canvas.pixels)"""


def look(lab):
    """What the table holds once every cell is up to date."""
    return lab.until(WHOLE, then=READ)


def errors(text):
    """Squared error and PSNR as they are written."""
    error, psnr = text.removesuffix(" dB").split("  ")
    return float(error), float(psnr.replace("∞", "inf"))


@pytest.fixture
def agrees(model):
    """Whether noise, reconstructions and figures of a table are Python's."""

    def check(seen):
        assert seen["rows"]
        for row in seen["rows"]:
            x = np.array(row["clean"], np.float32)
            noisy = corrupt(
                x[None], seen["kind"], seen["level"], seen["seed"], index=[row["index"]]
            )
            assert np.abs(np.array(row["noisy"]) - noisy[0]).max() < 1e-5
            shown = [(noisy[0], row)]
            for cell in row["cells"]:
                with torch.no_grad():
                    drawn = model(cell["name"]).reconstruct(noisy).numpy().reshape(784)
                shown.append((drawn, cell))
            for image, found in shown:
                expected = image - x if seen["diff"] else image
                assert np.abs(np.array(found["shown"]) - expected).max() < 1 / 255
                wanted = ((image - x) ** 2).sum()
                error, psnr = errors(found["text"])
                assert abs(error - wanted) < 0.06 + 1e-3 * wanted
                if wanted > 1:
                    assert abs(psnr - 10 * np.log10(784 / wanted)) < 0.06
            found = [errors(one["text"])[0] for one in (row, *row["cells"])]
            best = [errors(one["text"])[0] for one in (row, *row["cells"]) if one["best"]]
            assert best == [min(found)]  # to leave the image alone may be best
        return True

    return check


def means(names, kind, level):
    curves = [shipped_run(name).card["figures"]["under_noise"][kind] for name in names]
    values = [(curves[0]["level"], curves[0]["noisy"])]
    values += [(curve["level"], curve["error"]) for curve in curves]
    return [np.interp(level, *pair) for pair in values]


def test_the_table_is_what_python_gives(lab, agrees, mnist):
    lab.open("/denoise")
    seen = look(lab)
    assert [cell["name"] for cell in seen["rows"][0]["cells"]] == FIVE
    assert lab.root.locator("thead th").all_inner_texts()[4].split("\n")[-1] == "s = .1"
    for i, row in enumerate(seen["rows"]):
        assert row["caption"] == f"a {mnist.test.labels[i]}, no. {i}"
        assert np.allclose(row["clean"], mnist.test.images[i].reshape(784) / 255)
    assert agrees(seen)

    lab.root.get_by_role("button", name="New noise").click()
    lab.page.wait_for_url("**seed=1*")
    for kind, about in LEVELS.items():
        lab.root.get_by_role("button", name=about.title, exact=True).click()
        lab.until("p.kind === a", kind)
        seen = look(lab)
        assert (seen["level"], seen["seed"]) == (about.default, 1)
        assert agrees(seen)
        found = [errors(text)[0] for text in seen["means"]]
        assert np.allclose(found, means(FIVE, kind, about.default), atol=0.06)

    lab.page.get_by_role("button", name="Others").click()
    lab.until("p.table.rows[0].index === 4")
    assert agrees(look(lab))
    assert lab.address()[0]["first"] == "4"


@pytest.mark.parametrize(
    ("query", "source", "first"),
    [
        ("images=Digits&first=436", "digits", [436, 440, 0]),
        ("images=strokes&first=8", "strokes", [8]),
        ("images=digits&first=3", "digits", [0]),
        ("images=digits&first=444", "digits", [0]),
        ("images=fashion_mnist&first=99999999", "mnist", [0]),
    ],
)
def test_every_dataset_has_its_images_four_at_a_time(lab, query, source, first):
    lab.open(f"/denoise?{query}")
    test = load_dataset(source).test
    for k, start in enumerate(first):
        if k:
            lab.root.get_by_role("button", name="Others").click()
        lab.until("p.table.rows[0]?.index === a", start)
        seen = look(lab)
        assert seen["source"] == source
        for i, row in enumerate(seen["rows"], start):
            assert np.allclose(row["clean"], test.images[i].reshape(784) / 255)
            assert row["caption"].endswith(f" {test.labels[i]}, no. {i}")
        wanted = {"first": str(start)} if start else {}
        wanted |= {} if source == "mnist" else {"images": source}
        assert lab.address()[0] == wanted


def test_buttons_pressed_before_the_models_are_there_do_no_harm(lab):
    held = []

    def hold(route):
        """Weights and codes; the sentences come."""
        answer = route.fetch()
        if "json" in answer.headers["content-type"]:
            route.fulfill(response=answer)
        else:
            held.append(route)

    lab.page.route("**/lab/block/*", hold)
    lab.load("/denoise", ".panel.denoise .keep")
    buttons = ".kinds button, .differ, .keep button"
    lab.root.evaluate(
        "(root, a) => root.querySelectorAll(a).forEach((one) => one.click())", buttons
    )
    for route in held:
        route.continue_()
    lab.page.unroute("**/lab/block/*", hold)
    lab.settle()


def test_images_that_do_not_arrive_can_be_asked_for_again(lab, agrees):
    lab.load("/denoise")
    look(lab)
    lab.page.route("**/lab/test-images/strokes", lambda route: route.abort())
    lab.root.get_by_role("button", name="Strokes").click()
    alert = lab.root.get_by_role("alert")
    alert.get_by_text("The test images did not arrive.").wait_for()
    lab.page.unroute("**/lab/test-images/strokes")
    lab.said.clear()  # what Chromium says of the request that was aborted
    alert.get_by_role("button", name="Try again").click()
    lab.until("p.table.rows.length && p.images.source.name === 'strokes'")
    assert agrees(look(lab))


def test_the_level_is_dragged_and_only_then_told(lab, agrees):
    lab.open("/denoise")
    look(lab)
    slider = lab.root.locator("input[type=range]").first
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    mouse = lab.page.mouse
    mouse.move(box["x"] + box["width"] / 2, y)
    mouse.down()
    for share in (0.4, 0.2):
        mouse.move(box["x"] + share * box["width"], y, steps=3)
        seen = look(lab)
        assert abs(seen["level"] - share) < 0.05
        assert agrees(seen)
    assert "level=" not in lab.page.url
    mouse.up()
    lab.until("new URLSearchParams(location.search).get('level') === a", f"{seen['level']:g}")

    slider.press("ArrowRight")
    assert np.isclose(look(lab)["level"], seen["level"] + 0.01)

    chart = lab.root.locator(".chart svg").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    left, inner = chart.evaluate(
        "svg => [38, svg.getRootNode().querySelector('.panel').live.errors.inner]"
    )
    x, y = box["x"] + left, box["y"] + box["height"] / 2
    mouse.move(x + 0.9 * inner, y)
    mouse.down()
    mouse.move(x + 0.7 * inner, y, steps=4)
    mouse.up()
    seen = look(lab)
    assert abs(seen["level"] - 0.7) < 0.011
    assert agrees(seen)
    assert lab.root.locator(".level-tag").first.text_content() == f"s = {seen['level']:.2f}"
    lab.until("new URLSearchParams(location.search).get('level') === a", f"{seen['level']:g}")


def test_differences_are_shown_with_their_words(lab, agrees):
    lab.open("/denoise?images=Digits&kind=masking&level=0.3&diff=1")
    seen = look(lab)
    assert seen["diff"]
    assert seen["source"] == "digits"
    assert agrees(seen)
    words = lab.root.locator(".ramp")
    assert words.is_visible()
    assert "missing" in words.inner_text()
    lab.root.get_by_role("button", name="Differences").click()
    lab.page.wait_for_url(lambda url: "diff" not in url)
    assert not look(lab)["diff"]
    assert not words.is_visible()


@pytest.mark.parametrize(
    ("query", "wanted", "address"),
    [
        ("kind=occlusion&level=2.5&seed=x&diff=maybe", ("occlusion", 10, 0, False), {}),
        ("kind=occlusion&level=29", ("occlusion", 10, 0, False), {}),
        ("kind=fog&level=2&seed=10000", ("gaussian", 0.5, 0, False), {}),
        ("kind=masking&level=0.254&seed=3", ("masking", 0.25, 3, False), {"seed": "3"}),
    ],
)
def test_an_address_edited_by_hand_is_put_right(lab, query, wanted, address):
    lab.open(f"/denoise?images=Digits&{query}")
    seen = look(lab)
    assert (seen["kind"], seen["level"], seen["seed"], seen["diff"]) == wanted
    kind = {} if wanted[0] == "gaussian" else {"kind": wanted[0]}
    names = ("kind", "seed", "diff")
    lab.until(
        "a.every(([k, v]) => new URLSearchParams(location.search).get(k) === v)",
        [[name, (kind | address).get(name)] for name in names],
    )


def test_an_image_that_is_none_is_taken_off_the_address(lab):
    lab.open("/denoise?images=Draw&image=seven", ready=".panel .pad")
    lab.page.wait_for_url(lambda url: "image=" not in url)
    assert lab.root.locator(".spoiled .empty").inner_text() == "Draw a digit on the pad above."


SENTENCES = """(root, asked) => asked.map(([kind, level]) => {
    root.live.setKind(kind); root.live.setLevel(level); root.live.draw();
    return [".answer", ".moved"].map((name) => root.querySelector(name).textContent) })"""


def test_the_sentences_follow_the_curves(lab):
    lab.open("/denoise")
    look(lab)

    def at(*asked):
        return lab.root.evaluate(SENTENCES, asked)

    noisy, *found = means(FIVE, "gaussian", 0.5)
    assert min(found) == found[4] < noisy
    assert round(found[0] / found[4]) == 12
    ((best, moved),) = at(["gaussian", 0.5])
    beginning = "At this level the best is the DAE of s = .5: a twelfth of the error of the AE."
    assert best.startswith(f"{beginning} Below ")
    assert best.endswith("use it: it learned to pull points back, not to keep them.")
    cross = float(re.search(r"Below (\d\.\d\d)", best)[1])
    assert abs(np.subtract(*np.array(means(FIVE, "gaussian", cross))[[0, 5]])) < 0.5
    drifts = [shipped_run(name).card["figures"]["under_noise"]["gaussian"] for name in FIVE]
    plain, mended = (np.interp(0.5, drifts[k]["level"], drifts[k]["drift"]) for k in (0, 4))
    assert f"moves {plain:.2f} of the way" in moved
    assert moved.endswith(f"only {mended:.2f}.")

    (none, still), (little, _) = at(["gaussian", 0], ["gaussian", 0.01])
    ((strange, _),) = at(["masking", 0.5])
    assert none.startswith("Without noise there is nothing to mend. The AE changes")
    assert still == "Without noise no code moves."
    assert little.startswith("At this level it is better to leave the image alone: an error of ")
    assert strange.endswith("None of the DAEs was trained with this noise.")
    assert lab.root.locator(".chart .trained").count() == 0

    asked = [[kind, step * k] for kind, step in STEPS.items() for k in range(29)]
    for (kind, level), texts in zip(asked, at(*asked), strict=True):
        assert min(map(len, texts)) > 20
        assert not re.search("undefined|NaN|null|  ", " ".join(texts))
        alone, *others = means(FIVE, kind, level)
        leaves = texts[0].startswith("At this level it is better to leave the image alone")
        assert leaves == (level > 0 and alone <= min(others))


def draw(mouse, canvas):
    """A seven, by mouse."""
    box = canvas.bounding_box()
    points = [(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)]
    places = [(box["x"] + u * box["width"], box["y"] + v * box["height"]) for u, v in points]
    mouse.move(*places[0])
    mouse.down()
    for place in places[1:]:
        mouse.move(*place, steps=6)
    mouse.up()


def test_a_drawing_is_spoiled_four_times_and_survives_a_reload(lab, agrees):
    lab.open("/denoise?images=Draw&kind=salt_and_pepper&level=0.2", ready=".panel .pad")
    pad = lab.root.locator(".pad canvas")
    draw(lab.page.mouse, pad)
    lab.page.wait_for_url("**image=*")
    lab.settle()
    seen = look(lab)
    assert [row["index"] for row in seen["rows"]] == [0, 1, 2, 3]
    assert agrees(seen)
    wanted = np.array(lab.root.evaluate("root => [...root.live.images.pad.drawing.image()]"))
    assert wanted.max() == 255
    assert np.array_equal(np.round(np.array(seen["rows"][0]["clean"]) * 255), wanted)
    lab.root.get_by_role("button", name="New noise").click()
    lab.page.wait_for_url("**seed=1*")
    lab.settle()
    seen = look(lab)

    lab.reload()
    again = look(lab)
    assert again == seen

    pad.press("Space")
    pad.press("ArrowDown")
    lab.until("p.table.rows[0].clean.some((v, i) => v !== a[i])", seen["rows"][0]["clean"])
    assert agrees(look(lab))
    lab.root.get_by_role("button", name="Clear").click()
    lab.page.wait_for_url(lambda url: "image=" not in url)
    assert lab.root.locator(".spoiled .empty").inner_text() == "Draw a digit on the pad above."


def test_undo_by_button_and_keys_brings_back_strokes_and_what_was_cleared(lab):
    lab.open("/denoise?images=Draw", ready=".panel .pad")
    pad, undo = lab.root.locator(".pad canvas"), lab.root.get_by_role("button", name="Undo")
    assert undo.is_disabled()

    def image():
        lab.settle()
        return lab.root.evaluate("root => root.live.view.values.image")

    draw(lab.page.mouse, pad)
    lab.page.wait_for_url("**image=*")
    seven = image()
    for keys in (["Space", "ArrowDown", "ArrowDown", "Space", "Control+z"], ["Space", "Meta+z"]):
        for key in keys:
            pad.press(key)
        lab.until("p.view.values.image === a", seven)
    lab.root.get_by_role("button", name="Clear").click()
    lab.page.wait_for_url(lambda url: "image=" not in url)
    undo.click()
    lab.page.wait_for_url("**image=*")
    assert image() == seven
    undo.click()
    lab.page.wait_for_url(lambda url: "image=" not in url)
    assert undo.is_disabled()


@pytest.mark.parametrize("kind", ["", "kind=occlusion"])
def test_each_crossing_is_named_and_the_charts_have_one_scale(lab, kind):
    lab.open(f"/denoise?{kind}")
    lab.until("p.errors.width")
    errors = lab.root.locator(".chart").first
    assert errors.locator(".crossing").count() == errors.locator(".crossed").count() > 0
    assert errors.locator(".crossed").first.evaluate(
        "(text) => !!(text.compareDocumentPosition(text.parentNode.querySelector('.dot')) & 2)"
    )  # above the dots
    assert "two lines cross" in lab.root.inner_text()
    tags = lab.root.locator(".level-tag rect").evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect().x)"
    )
    assert tags[0] == pytest.approx(tags[1], abs=0.5)


def test_a_finger_draws_and_moves_the_level(phone, agrees):
    phone.open("/denoise?images=Draw", ready=".panel .pad")
    touch = phone.page.context.new_cdp_session(phone.page)

    def drag(locator, *shares):
        locator.scroll_into_view_if_needed()
        box = locator.bounding_box()
        for k, (u, v) in enumerate(shares):
            place = {"x": box["x"] + u * box["width"], "y": box["y"] + v * box["height"]}
            kind = "touchMove" if k else "touchStart"
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    drag(phone.root.locator(".pad canvas"), (0.5, 0.2), (0.5, 0.5), (0.5, 0.8))
    assert agrees(look(phone))
    phone.page.wait_for_url("**image=*")
    drag(phone.root.locator("input[type=range]").first, (0.5, 0.5), (0.6, 0.5), (0.8, 0.5))
    phone.until("p.level > 0.7")
    assert agrees(look(phone))
    phone.page.wait_for_url("**level=*")
    wide = "e => e.scrollWidth - e.clientWidth"
    assert phone.page.locator(".stMain").evaluate(wide) == 0
    assert phone.root.locator(".scroller").evaluate(wide) <= 0
    edges = (
        phone.root.locator("tbody tr")
        .first.locator(".tile")
        .evaluate_all(
            """tiles => tiles.map((tile) => tile.getBoundingClientRect()).map(
            ({ left, right }) => [left, right])"""
        )
    )
    assert len(edges) == 7  # clean, noisy, and what each of five models makes of it
    assert all(left >= 0 and right <= 390 and right - left >= 40 for left, right in edges)


# A file of so many bytes, made in the browser: it takes seconds to get there.
CHOOSE = """(chooser, size) => { const { items, files } = new DataTransfer();
    items.add(new File([new Uint8Array(size)], "c.png"));
    chooser.files = files;
    chooser.dispatchEvent(new Event("change", { bubbles: true })) }"""
DROP = """(area, bytes) => { const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([new Uint8Array(bytes)], "dropped.jpg"));
    area.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true })) }"""


def test_a_file_is_prepared_or_refused_in_a_sentence(lab, agrees, digits):
    page = lab.open("/denoise?images=Upload", ready=".panel .spoiled").page
    picture = Image.fromarray(255 - digits.test.images[2]).resize((280, 280))
    content = io.BytesIO()
    picture.save(content, "PNG")
    chooser = page.locator("input[type=file]")
    chooser.set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": content.getvalue()}
    )
    page.wait_for_url("**image=*")
    seen = look(lab)
    wanted = from_upload(content.getvalue()).reshape(784)
    assert np.array_equal(np.round(np.array(seen["rows"][0]["clean"]) * 255), wanted)
    assert agrees(seen)

    chooser.set_input_files({"name": "b.png", "mimeType": "image/png", "buffer": b"seven" * 99})
    refusal = lab.root.get_by_role("alert")
    refusal.wait_for()
    assert refusal.inner_text().endswith("and try again.")
    assert look(lab)["rows"] == seen["rows"]

    chooser.evaluate(CHOOSE, 16_500_000)
    refusal.get_by_text("c.png: This file has 16.5 MB where at most 16 MB can be read.").wait_for()
    assert lab.root.locator(".drop .caption").inner_text() == "a.png"
    lab.reload()
    assert look(lab)["rows"] == seen["rows"]

    content = io.BytesIO()
    Image.fromarray(255 - digits.test.images[4]).resize((280, 280)).save(content, "JPEG")
    lab.root.locator(".drop").evaluate(DROP, list(content.getvalue()))
    lab.until("p.table.rows[0].clean.some((v, i) => v !== a[i])", seen["rows"][0]["clean"])
    wanted = from_upload(content.getvalue()).reshape(784)
    assert np.array_equal(np.round(np.array(look(lab)["rows"][0]["clean"]) * 255), wanted)

    lab.page.route("**/lab/picture", lambda route: route.abort())
    lab.root.locator(".drop").evaluate(DROP, list(content.getvalue()))
    refusal.get_by_text("The picture did not reach the server.").wait_for()
    lab.said.clear()  # what Chromium says of the request that was aborted


def test_chosen_models_keep_their_order_and_the_files_hold_them(lab, agrees):
    names = ["mnist-dae-50", "mnist-vae", "mnist-ae"]
    lab.open("/denoise?" + "&".join(f"models={name}" for name in names))
    seen = look(lab)
    assert [cell["name"] for cell in seen["rows"][0]["cells"]] == names
    assert agrees(seen)
    with lab.page.expect_download() as saved:
        lab.root.get_by_role("button", name="CSV").first.click()
    rows = list(csv.DictReader(io.StringIO(saved.value.path().read_text(encoding="utf-8-sig"))))
    for name in names:
        curves = shipped_run(name).card["figures"]["under_noise"]
        for kind in LEVELS:
            own = [row for row in rows if (row["model"], row["kind"]) == (name, kind)]
            for column, key in [
                ("level", "level"),
                ("noisy_error", "noisy"),
                ("error", "error"),
                ("drift", "drift"),
            ]:
                assert np.allclose(
                    [float(row[column]) for row in own], curves[kind][key], rtol=1e-4
                )
    with lab.page.expect_download() as saved:
        lab.root.get_by_role("button", name="PNG").first.click()
    with Image.open(saved.value.path()) as picture:
        assert min(picture.size) > 900
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 100


def test_it_works_without_any_dataset(bare, agrees):
    bare.open("/denoise?images=MNIST")
    seen = look(bare)
    assert seen["source"] == "digits"
    assert agrees(seen)
    assert bare.root.get_by_role("button", name="MNIST").count() == 0
    bare.root.get_by_role("button", name="Strokes").click()
    bare.until("p.table.rows.length && p.images.source.name === 'strokes'")
    assert agrees(look(bare))
