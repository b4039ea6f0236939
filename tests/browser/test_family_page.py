"""Family: two members on the same images, chosen by hand and by keys, with nothing said."""

import numpy as np
import torch

READY = (
    """p.built && p.rows && p.drawn && p.sides.chosen.run === (p.shows.chosen.run?.name ?? null)"""
)
SHOWN = """root => { const p = root.live; return {
    chosen: p.shows.chosen.run?.name, against: p.shows.against.run?.name,
    rows: p.rows.map(({ x, digit, index }) => ({ x: [...x], digit, index })),
    drawn: p.drawn.map((row) => row.map((image) => image && [...image])),
    errors: p.table.rows.map(({ cells }) => cells.map(({ error }) => error.textContent)) } }"""


def pair(lab, chosen, against):
    """Wait until these two runs are shown."""
    found = "p.shows?.chosen.run?.name === a[0] && p.shows.against.run?.name === a[1]"
    lab.until(found, [chosen, against])


def test_two_members_draw_the_same_images_as_torch_does(lab, model, mnist):
    lab.open("/family?member=denoising&option=.30")
    lab.until(READY)
    seen = lab.ask(SHOWN)
    assert (seen["chosen"], seen["against"]) == ("mnist-dae-30", "mnist-ae-32")
    for row, drawn, errors in zip(seen["rows"], seen["drawn"], seen["errors"], strict=True):
        x = np.array(row["x"], np.float32)
        assert np.allclose(x, mnist.test.images[row["index"]].reshape(784) / 255)
        for name, image, error in zip(
            (seen["chosen"], seen["against"]), drawn, errors, strict=True
        ):
            with torch.no_grad():
                expected = model(name).reconstruct(x[None]).numpy().reshape(784)
            assert np.abs(np.array(image) - expected).max() < 1 / 255
            assert abs(float(error) - ((expected - x) ** 2).sum()) < 0.06

    # A click chooses, with Shift sets against; the one that stands against changes places.
    card = lab.root.locator(".card")
    lab.root.get_by_role("button", name="Conditional: the class is told").click()
    pair(lab, "mnist-cvae", "mnist-vae")
    lab.root.locator("[data-member=linear]").click(modifiers=["Shift"])
    pair(lab, "mnist-cvae", "mnist-linear-30")
    lab.root.locator("[data-member=linear]").click()
    pair(lab, "mnist-linear-30", "mnist-cvae")
    assert lab.address()[0] == {"member": "linear", "against": "conditional"}

    # By keys: one stop of the Tab key, arrows follow the lines.
    lab.root.locator("[data-member=linear]").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowLeft"):
        lab.page.keyboard.press(key)
    assert card.evaluate_all("all => all.filter((one) => one.tabIndex === 0).length") == 1
    lab.page.keyboard.press("Enter")
    pair(lab, "mnist-vae", "mnist-ae")
    lab.page.keyboard.press("ArrowUp")
    lab.page.keyboard.press("ArrowLeft")
    lab.page.keyboard.press("Shift+Enter")
    pair(lab, "mnist-vae", "mnist-linear-30")

    # The slider steps through shipped runs, and its parent's follow.
    lab.root.locator("select").select_option("ae")
    lab.root.locator(".stops input").press("End")
    pair(lab, "mnist-vae-32", "mnist-ae-32")
    lab.root.get_by_role("button", name="Others").click()
    lab.until("p.rows[0].index === 4")
    assert lab.address()[0] == {"member": "variational", "option": "32", "images": "4"}
    lab.reload()
    lab.until("p.rows[0].index === 4 && p.shows.chosen.run?.name === 'mnist-vae-32'")


def test_a_member_without_a_run_says_so_and_a_door_leads_on(bare):
    bare.open("/family?member=beta")
    bare.until("p.shows?.chosen.member.name === 'beta'")
    assert bare.root.get_by_text("No run of this kind yet.").count() == 1
    bare.root.locator("[data-member=denoising]").click()
    bare.root.get_by_role("link", name="Open Denoise").click()
    bare.arrive("/denoise")
