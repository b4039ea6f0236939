"""Family: two members on the same images, chosen by hand and by keys, with nothing said."""

import numpy as np
import torch

from aecore.families.jacobian import jacobian
from aecore.runs import shipped_run

READY = (
    """p.built && p.rows && p.drawn && p.sides.chosen.run === (p.shows.chosen.run?.name ?? null)"""
)
SHOWN = """root => { const p = root.live; return {
    chosen: p.shows.chosen.run?.name, against: p.shows.against.run?.name,
    rows: p.rows.map(({ x, digit, index }) => ({ x: [...x], digit, index })),
    drawn: p.drawn.map((row) => row.map((image) => image && [...image])),
    errors: p.table.rows.map(({ cells }) => cells.map(({ error }) => error.textContent)) } }"""


SPARSE = """root => { const { rows, figure: { grids: [grid], units: [units] } } = root.live;
    return { x: [...rows[0].x], code: [...grid.code], order: units.order,
        count: grid.count.textContent } }"""
SPECTRA = """root => { const { rows, view, shows, figure: { found } } = root.live; return {
    x: [...rows[view.values.row].x], names: [shows.chosen.run.name, shows.against.run.name],
    values: found.map(({ values }) => [...values]) } }"""


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
    bare.open("/family?member=m1m2&option=9&unit=9999&images=9999&row=9&a=3")
    bare.until(READY)
    # What is of no use here is not in the address; beyond the last images lie the last ones.
    last = bare.ask("root => root.live.count") - 4
    assert bare.address()[0] == {"member": "m1m2", "images": str(last), "a": "3"}
    heads = bare.root.locator(".pair thead th")
    assert [head.split()[-1] for head in heads.all_inner_texts()] == ["image", "M1+M2", "VAE"]
    bare.root.locator(".stops input").press("ArrowLeft")
    bare.until("p.shows.chosen.short === 'M2' && !p.frame")
    assert heads.nth(1).inner_text().endswith(" M2")

    # Members with one figure take each other's place: what was said of one does not stay.
    runs = "p.data.members.find(({ name }) => name === 'adversarial')"
    bare.root.evaluate(f"({{ live: p }}) => Object.assign({runs}, {{ runs: [], plain: [] }})")
    unrun = bare.root.get_by_text("No run of this kind yet.")
    out = bare.root.locator(".left-out")
    said = {"beta": 0, "adversarial": 1, "conditional": 0, "sparse": 0}
    for member in ("beta", "adversarial", "conditional", "adversarial", "sparse"):
        bare.root.locator(f"[data-member={member}]").click()
        bare.until("p.shows?.chosen.member.name === a && !p.frame", member)
        assert unrun.count() == said[member]
        assert not out.is_visible()
    bare.root.locator("select").select_option("adversarial")
    bare.until("p.shows?.against.member.name === 'adversarial' && !p.frame")
    assert out.inner_text().startswith(
        "No run of Adversarial is shipped, so its images are left out"
    )
    assert heads.nth(2).is_hidden()
    assert bare.root.locator(".measures").is_hidden()
    bare.root.locator("[data-member=denoising]").click()
    bare.root.get_by_role("link", name="Open Denoise").click()
    bare.arrive("/denoise")


# Small studies, as a page takes them, and where the sliders of their members stop.
STUDIES = {
    "figures": {
        "beta": {
            "latent_dim": 3,
            "betas": [0.5, 1, 4],
            "kl": [9, 5, 2],
            "reconstruction": [80, 85, 97],
            "per_dimension": [[5, 4, 0.02], [4, 1, 0], [2, 0, 0]],
            "squared_error": [9, 11, 20],
        },
        "importance": {
            "network": [784, 8, 2],
            "pixels": "binarised",
            "tested": 10,
            "k": [1, 50, 5000],
            "models": {
                "vae": {"draws": 1, "bound": [93, 89, 88], "epochs": [1, 9], "nll": [99, 88]},
                "iwae": {"draws": 50, "bound": [97, 88, 87], "epochs": [9, 10], "nll": [88, 87]},
            },
        },
    },
    "members": {
        "beta": {"stops": [".50", "1", "4"], "runs": [None, "mnist-vae", None], "usual": 1},
        "iwae": {"stops": ["1", "50", "5000"], "runs": [None, None, None], "usual": 1},
    },
}
GIVE = """({ live: { data } }, { figures, members }) => {
    Object.assign(data.figures, figures);
    for (const one of data.members) Object.assign(one, members[one.name]); }"""


def test_studies_move_where_no_run_is_shipped(bare):
    bare.open("/family?member=linear")
    bare.until(READY)
    bare.root.evaluate(GIVE, STUDIES)
    answer, slider = bare.root.locator(".answer"), bare.root.locator(".stops input")
    out, picked = bare.root.locator(".left-out"), bare.root.locator(".plot .picked")

    def chosen(member, stop):
        bare.until(
            "p.shows.chosen.member.name === a[0] && p.shows.stop === a[1] && !p.frame",
            [member, stop],
        )

    bare.root.locator("[data-member=beta]").click()
    chosen("beta", 1)
    assert answer.inner_text().startswith("β = 1 is the VAE: its code uses 2 of 3 numbers")
    assert (picked.count(), bare.root.locator(".plot .stop").count()) == (1, 2)
    assert not out.is_visible()
    slider.press("ArrowRight")
    chosen("beta", 2)
    assert "That costs 12.0 nats" in answer.inner_text()
    said = "No run at β = 4 is shipped, so its images are left out. There is one at 1."
    assert out.inner_text() == said
    plane = bare.root.locator(".plot.draggable svg").first
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    bare.page.mouse.click(box["x"] + 0.85 * box["width"], box["y"] + 90)
    chosen("beta", 0)
    assert "That buys 5.0 nats" in answer.inner_text()

    bare.root.locator("[data-member=iwae]").click()
    chosen("iwae", 1)
    assert answer.inner_text().startswith("By 50 draws an image takes 89.00 nats of the VAE and ")
    assert picked.count() == 2
    assert "No run of IWAE is shipped" in out.inner_text()
    assert bare.root.get_by_text("No run of this kind yet.").count() == 0
    slider.press("Home")
    chosen("iwae", 0)
    assert answer.inner_text().startswith("One draw is the ELBO")
    assert bare.address()[0] == {"member": "iwae", "option": "1"}


def shows(lab, chosen):
    lab.until("p.shows?.chosen.run?.name === a && !p.frame", chosen)


def test_rho_drags_through_shipped_runs(lab, model):
    lab.open("/family")
    shows(lab, "mnist-sparse-05")
    seen = lab.ask(SPARSE)
    with torch.no_grad():
        code = model("mnist-sparse-05").encode(np.array(seen["x"], np.float32)[None])[0].numpy()
    assert np.abs(np.array(seen["code"]) - code).max() < 1e-2
    assert seen["count"].startswith(f"{(code > 0.5).sum()} of {len(code)} units")
    by_class = np.array(shipped_run("mnist-sparse-05").card["figures"]["class_activation"])
    most = by_class.argmax(1)[seen["order"]]
    assert (np.diff(most) >= 0).all()

    # The tag of the histogram jumps from stop to stop; slider, table, answer and address follow.
    chart = lab.root.locator(".plot.draggable svg").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    inner = lab.root.evaluate("({ live }) => live.figure.grids[0].chart.inner")
    at = [box["x"] + 34 + inner * rho for rho in (0.05, 0.19, 0.11)]
    lab.page.mouse.move(at[0], box["y"] + 60)
    lab.page.mouse.down()
    for x, run in zip(at[1:], ("mnist-sparse-20", "mnist-sparse-10"), strict=True):
        lab.page.mouse.move(x, box["y"] + 60, steps=3)
        shows(lab, run)
    lab.page.mouse.up()
    answer = lab.root.locator(".answer")
    assert answer.inner_text().startswith("Asked for a mean activation of .10, this 7 fires ")
    assert lab.root.locator(".stops input").get_attribute("aria-valuetext").endswith("ρ .10")
    lab.root.locator(".stops input").press("ArrowLeft")
    shows(lab, "mnist-sparse-20")
    lab.root.locator(".strength").first.click()
    shows(lab, "mnist-sparse-off")
    assert answer.inner_text().startswith("Without the penalty the two are one model.")
    lab.root.locator("tbody .tile.of-x").nth(1).click()
    lab.root.locator(".cells").first.press("ArrowRight")
    query, _ = lab.address()
    assert (query["option"], query["row"]) == ("off", "1")
    assert int(query["unit"]) == lab.root.evaluate("({ live }) => live.figure.units[0].order[0]")


def test_the_jacobians_singular_values_are_torchs_to_one_percent(lab, model):
    lab.open("/family?member=contractive&row=2")
    shows(lab, "mnist-contractive-3")
    for weight in (3, 10):
        seen = lab.ask(SPECTRA)
        assert seen["names"] == [f"mnist-contractive-{weight}", "mnist-contractive-0"]
        for name, values in zip(seen["names"], seen["values"], strict=True):
            own = model(name)
            x = torch.tensor(seen["x"]).reshape(1, 1, 28, 28)
            found = jacobian(own.encoder, x, own.latent_dim)[0].detach()
            wanted = torch.linalg.svdvals(found).numpy()
            assert np.allclose(values[:60], wanted[:60], rtol=0.01)
        largest = [f"{values[0]:.2f}" for values in seen["values"]]
        said = f"moves the code by {largest[0]} at most, and not by {largest[1]}."
        assert said in lab.root.locator(".answer").inner_text()
        if weight == 3:
            lab.root.locator(".stops input").press("ArrowRight")
            shows(lab, "mnist-contractive-10")
