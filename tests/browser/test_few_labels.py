"""Few labels: a stop by slider, keys and chart; the images of a draw; the guesses."""

import numpy as np
import pytest
import torch

from aecore import studies
from aecore.data import as_pixels
from aecore.runs import SHIPPED, shipped_run

NAMES = ("mnist-m2-100", "mnist-m1m2-100", "mnist-aae-100")
GUESSING = [name for name in NAMES if (SHIPPED / name).is_dir()]
HELD = "({ live }) => ({ at: live.at, labels: live.data.labels, address: location.search })"
LABELLED = """async ({ live }, asked) => {
    while (live.labelled.shown !== asked)
        await new Promise((done) => setTimeout(done, 20));
    const { numbers, labels } = live.labelled.block.arrays;
    return { numbers: [...numbers.values], labels: [...labels.values] } }"""
DRAWN = """({ live }) => ({ index: live.chosen.index, label: live.chosen.label,
    images: live.drawn.map(({ canvas }) => [...canvas.pixels]) })"""


@pytest.fixture
def page(lab):
    lab.open("/few_labels")
    return lab


def seen(page, labels, draw):
    """Numbers of the images that are shown, once they are those."""
    found = page.ask(LABELLED, f"lab/labelled/mnist/{labels}/{draw}")
    assert found["labels"] == sorted([*range(10)] * 10)
    return set(found["numbers"])


def test_a_stop_moves_readings_and_images(page, mnist):
    def known(labels, draw):
        return set(np.flatnonzero(mnist.few_labels(labels, draw).train.known))

    slider = page.root.locator("input[type=range]")
    labels = page.ask(HELD)["labels"]
    assert seen(page, labels[0], 0) == known(labels[0], 0)
    slider.focus()
    slider.press("ArrowRight")
    assert page.ask(HELD)["at"] == 1
    assert slider.get_attribute("aria-valuetext") == f"{labels[1]:,} labels"
    assert seen(page, labels[1], 0) <= known(labels[1], 0)
    slider.press("End")
    assert page.ask(HELD)["at"] == len(labels) - 1
    slider.press("Home")
    page.root.get_by_role("button", name="Another draw").click()
    assert seen(page, labels[0], 1) == known(labels[0], 1)
    slider.press("ArrowRight")
    assert page.address()[0] == {"labels": str(labels[1]), "draw": "2"}
    page.reload()
    assert page.ask(HELD)["at"] == 1
    study = studies.load("few_labels")
    if study:
        means = sorted(
            (
                np.mean(found["accuracy"][1])
                for found in study["methods"].values()
                if found["accuracy"][1]
            ),
            reverse=True,
        )
        read = page.root.locator(".readings b").all_text_contents()
        assert np.allclose(np.array(read, float), means, atol=6e-4)
        box = page.root.locator("svg").first.bounding_box()
        page.page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 100)
        page.page.mouse.down()
        page.page.mouse.move(box["x"] + 40, box["y"] + 120, steps=4)
        page.page.mouse.up()
        assert page.ask(HELD)["at"] == 0


@pytest.mark.parametrize("name", GUESSING[:1])
def test_a_digit_that_is_pressed_is_drawn_as_each_of_the_ten(lab, mnist, model, name):
    lab.open(f"/few_labels?model={name}", ".guesses[data-whole]")
    guesses = lab.page.locator(".guesses")
    lab.ask("({ live }) => live.choose(live.shown[3].index) ?? 0", of=guesses)
    found = lab.ask(DRAWN, of=guesses)
    label, image = found["label"], mnist.test.images[found["index"]]
    assert mnist.test.labels[found["index"]] == label
    rows, y = as_pixels(image[None]).expand(10, -1, -1, -1), torch.arange(10)
    with torch.no_grad():
        drawn = model(name).decode(model(name).encode(rows, y), y).flatten(1).numpy()
    assert np.abs(np.array(found["images"]) - drawn).max() < 1 / 255
    said = f"{shipped_run(name).about.short} reads this {label} as "
    assert guesses.locator(".answer").inner_text().startswith(said)
