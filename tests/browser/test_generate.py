"""Generate in a browser: ten images at once as torch draws them, keys, and hands of others."""

import re

import numpy as np
import torch

from aecore.runs import shipped_run

NAME = "mnist-cvae"
READ = "!p.models[0].pending && p.models[0].together"  # what is read belongs to what is shown


def ten(model, z):
    """What torch draws at z, of each class, (10, 784)."""
    with torch.no_grad():
        codes = torch.tensor(np.tile(z, (10, 1)), dtype=torch.float32)
        return model(NAME).decode(codes, torch.arange(10)).reshape(10, 784).numpy()


def test_the_pointer_draws_ten_digits_and_other_hands_move_it(lab, model, judged):
    lab.open("/generate")
    codes = shipped_run(NAME).codes
    lab.until(READ)

    for across, down in [(0.5, 0.5), (0.33, 0.62), (0.95, 0.05)]:
        place, seen = lab.hover(0, across, down)
        expected = ten(model, place.z)
        assert np.abs(seen.pixels - expected).max() < 1 / 255
        lab.until(READ)
        read = judged(expected)
        for k, (label, figures) in enumerate(
            zip(
                lab.root.locator(".style .label").all_inner_texts(),
                lab.root.locator(".style .sure").all_inner_texts(),
                strict=True,
            )
        ):
            digit = int(read[k].argmax())
            if read[k].max() > 0.51:
                assert label == (f"{k}" if digit == k else f"{k}→{digit}")
            assert abs(float(figures.split(" · ")[0]) - read[k].max()) < 0.006
            assert re.fullmatch(r"−?\d+°", figures.split(" · ")[1])
    answer = lab.root.locator(".answer").inner_text()
    assert answer.startswith("At this point ")
    assert "chance is .10" in answer

    # A click pins; leaving restores what is pinned; an arrow moves it; a digit hides its class.
    place = lab.click(0, 0.4, 0.45)
    lab.hover(0, 0.7, 0.7)
    lab.page.mouse.move(640, 20)
    assert np.allclose(lab.read_next().z[0], place.z, atol=1e-5)
    lab.root.locator(".frame").focus()
    lab.page.keyboard.press("Shift+ArrowRight")
    moved = lab.read()
    assert moved.z[0][0] > place.z[0]
    assert np.abs(moved.pixels - ten(model, moved.z[0])).max() < 1 / 255
    lab.page.keyboard.press("3")
    query, z = lab.address()
    assert query["hide"] == "3"
    assert np.allclose(z, moved.z[0], rtol=1e-4)

    # Another hand is the code of a test image, whose own class is drawn from it.
    lab.root.get_by_role("button", name="Another hand").click()
    lab.until("p.pinned.z.some((v, j) => Math.abs(v - a[j]) > 1e-6)", moved.z[0].tolist())
    seen = lab.read()
    assert np.allclose(seen.z[0], codes.mean.values[seen.linked], atol=1e-4)
    drawn = lab.ask("root => [...root.live.strip.drawn.pixels]")
    expected = ten(model, seen.z[0])[codes.labels[seen.linked]]
    assert np.abs(np.array(drawn) - expected).max() < 1 / 255

    # An image of one's own is encoded with the class that it is taken for.
    lab.root.get_by_role("button", name="Draw one").click()
    assert lab.root.locator(".toolbar .kinds [aria-pressed=true]").count() == 0  # it is not there
    assert lab.root.locator(".toolbar .pill").is_hidden()
    pad = lab.root.locator(".pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    for k, (across, down) in enumerate([(0.65, 0.2), (0.33, 0.8)]):
        lab.page.mouse.move(
            box["x"] + across * box["width"], box["y"] + down * box["height"], steps=5
        )
        lab.page.mouse.up() if k else lab.page.mouse.down()
    lab.until("p.encoded && p.pinned.z.every((v, j) => v === p.encoded.z[j])")
    lab.root.get_by_role("button", name="Take it for 7").click()
    lab.until("p.encoded.digit === 7")
    image = lab.ask("root => [...root.live.encoded.image]")
    with torch.no_grad():
        x = torch.tensor(image).reshape(1, 1, 28, 28)
        z = model(NAME).encode(x, torch.tensor([7]))[0].numpy()
    seen = lab.read()
    assert np.allclose(seen.z[0], z, atol=2e-3)
    assert "Your image" in lab.root.locator(".link").inner_text()
    query, _ = lab.address()
    assert (query["own"], query["taken"]) == ("drawn", "7")
    lab.until("p.view.values.image")
    lab.address()
    lab.reload()
    lab.until("p.encoded?.digit === 7")
    assert np.allclose(lab.read().z[0], z, atol=2e-3)
    assert "Your image" in lab.root.locator(".link").inner_text()

    # One of the ten is opened large on Decode, at the same point.
    lab.root.locator(".style").nth(4).click()
    lab.arrive("/decode")
    query, z = lab.address()
    assert (query["model"], query["class"]) == (NAME, "4")
    assert np.abs(lab.read().pixels[0] - ten(model, z)[4]).max() < 1 / 255


def test_sixteen_draws_are_torch_s_and_a_press_draws_another(lab, model, mnist):
    lab.open("/generate?draw=vae&seed=4", ready=".draws[data-whole]")
    root = lab.page.locator(".draws")

    def held(script):
        return lab.ask(f"({{ live: p }}) => {script}", of=root)

    def drawn(codes):
        with torch.no_grad():
            z = torch.tensor(codes, dtype=torch.float32)
            return model("mnist-vae").decode(z).reshape(-1, 784).numpy()

    draws = held("p.draws.map(({ z, image }) => [z, [...image]])")
    images = np.array([image for _, image in draws])
    assert np.abs(images - drawn([z for z, _ in draws])).max() < 1 / 255
    cells = root.locator(".cell")
    cells.nth(5).click()
    assert held("[...p.canvas.pixels]") == draws[5][1]
    root.locator(".nearest .of-x").wait_for()
    near = held("p.draws[5].neighbour")
    away = np.linalg.norm(mnist.train.images.reshape(-1, 784) / np.float32(255) - images[5], axis=1)
    assert near["distance"] == round(float(away.min()), 4) == round(float(away[near["row"]]), 4)
    head, *table = held("p.table()")
    assert head == ["z1", "z2", "asked", "read", "sure", "nearest", "distance"]
    assert [row[-2] for row in table] == held("p.draws.map(({ neighbour }) => neighbour.row)")
    place = held(
        """(() => { const box = p.area.getBoundingClientRect(), { inner } = p.plane;
            const at = [inner.x + 0.97 * inner.w, inner.y + 0.04 * inner.h].map(Math.round);
            return [box.left + at[0], box.top + at[1], ...p.plane.toPlane(...at)] })()"""
    )
    lab.page.mouse.click(*place[:2])
    assert np.abs(np.array(held("[...p.canvas.pixels]")) - drawn([place[2:]])).max() < 2 / 255
    assert root.locator(".cell[aria-pressed=true]").count() == 0
    root.get_by_role("button", name="New draws").click()
    assert held("p.draws.map(({ z }) => z)") != [z for z, _ in draws]
    query, _ = lab.address()
    assert (query["seed"], query["picked"]) == ("5", "5")
    assert "place" not in query
    lab.page.locator(".stButtonGroup").get_by_text("Conditional", exact=True).click()
    arrived = "root => root.live.built && root.live.data.model.name === 'mnist-cvae'"
    lab.page.wait_for_function(arrived, arg=root.element_handle())
    asked = held("p.draws.map(({ asked, digit }) => [asked, digit])")
    assert sum(one == other for one, other in asked) >= 15
    assert lab.page.locator(".lab-table th.chosen").inner_text() == "Conditional"


def test_on_a_phone_without_mnist_plane_and_ten_images_are_in_sight(pocket, bare_server):
    with pocket.tab(bare_server) as phone:
        look_on_a_phone(phone)


def look_on_a_phone(phone):
    phone.open("/generate?view=grid&class=3")
    strip = phone.root.locator(".link")
    assert "shown once MNIST is on disk" in strip.inner_text()
    assert not strip.locator(".of-x").is_visible()
    top, bottom = phone.ask(
        """root => [root.querySelector(".frame"), root.querySelector(".styles")].map((e, k) =>
            e.getBoundingClientRect()[k ? "bottom" : "top"])"""
    )
    assert bottom - top < 590
    wide = "() => document.documentElement.scrollWidth - innerWidth"
    assert phone.page.evaluate(wide) <= 0
    pressed = phone.root.locator(".class[aria-pressed=true]")
    assert pressed.all_inner_texts() == ["3"]
    phone.root.get_by_role("button", name="Points").click()
    phone.page.wait_for_url(lambda url: "view=" not in url)
    assert pressed.count() == 10
