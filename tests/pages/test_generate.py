"""Generate as Python builds it: which runs it offers, edited addresses, missing runs."""

import json
import shutil

import pytest

import aecore
from aecore.analysis.generation import Drawn, Nearest
from aecore.runs import SHIPPED, shipped_run
from aecore.ui import choosers, session
from aecore.ui.generate import draws, styles
from aecore.ui.text import generate as words
from tests.pages.conftest import address


@pytest.fixture
def show(at, monkeypatch, tmp_path):
    """Run the page at an address: `show(model="mnist-cvae")`."""
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path))
    choosers.runs.clear()
    yield lambda **query: whole(at("generate", **query).run())
    choosers.runs.clear()


def whole(app):
    assert not app.exception
    assert not app.error
    return app


def sent(app, module):
    """What a component of the page was sent; None where it is not there."""
    found = [part.proto for part in app.main if part.type == "bidi_component"]
    return next(
        (json.loads(p.json) for p in found if p.component_name == f"latent_lab_generate_{module}"),
        None,
    )


def test_the_page_asks_and_shows_the_conditional_run(show):
    app = show()
    assert [title.value for title in app.title] == ["Which digit, in whose hand?"]
    data = sent(app, "generate")
    (model,) = data["models"]
    assert (model["name"], model["title"]) == ("mnist-cvae", "Plane of styles")
    assert data["leakage"] == shipped_run("mnist-cvae").card["figures"]["leakage"]
    assert data["view"]["fields"] == json.loads(json.dumps(styles.VIEW.spec()))


def test_only_runs_are_offered_whose_decoder_is_told_the_class():
    offered = {name for name in ("mnist-ae", "mnist-vae", "mnist-classifier", "mnist-cvae")
               if styles.conditional(shipped_run(name))}  # fmt: skip
    assert offered == {"mnist-cvae"}


@pytest.mark.parametrize("damage", ["model.safetensors", "codes.npz", "card.json"])
def test_a_run_that_is_damaged_breaks_nothing_before_it_is_chosen(show, tmp_path, damage):
    shutil.copytree(SHIPPED / "mnist-cvae", tmp_path / "torn")
    config = tmp_path / "torn" / "config.json"
    config.write_text(config.read_text().replace('"mnist-cvae"', '"torn"'))
    torn = tmp_path / "torn" / damage
    torn.write_bytes(torn.read_bytes()[:300])
    assert sent(show(), "generate")["models"][0]["name"] == "mnist-cvae"


@pytest.mark.parametrize("size", [2, 3])
def test_a_run_of_ones_own_is_offered_whose_style_makes_a_plane(show, few, tmp_path, size):
    from aecore.analysis.card import finish
    from aecore.runs import Recorder
    from aecore.training import FitConfig, fit

    settings = FitConfig(epochs=1, batch_size=64, precision="float32")
    model = aecore.build_model("m2", latent_dim=size, hidden=[16])
    recorder = Recorder(tmp_path / "mine", model, "digits", settings)
    for record in fit(model, few, settings):
        recorder.record(record)
    finish(recorder, model, few)
    app = show(model="mine")
    assert app.selectbox(key="model").value == "mine"
    assert sent(app, "generate")["models"][0]["name"] == "mine"


def test_without_a_conditional_run_the_page_says_what_to_do(show, monkeypatch):
    monkeypatch.setattr(session, "by_name", lambda workspace, suits: {})
    app = show()
    assert sent(app, "generate") is None
    assert any(text.value == "No conditional model yet." for text in app.markdown)
    assert [one.proto.label for one in app.main if one.type == "page_link"] == ["Train one"]


@pytest.mark.parametrize(
    "query",
    [
        {"model": "../../etc"},
        {"model": "mnist-vae"},
        {"model": "<b>*x*" + "a" * 400},
        *({"z": z} for z in ("nan", "1e99,0", "abc", "", "1," * 400, "inf,-inf")),
        {"class": "11", "view": "all", "circles": "2", "own": "stolen", "taken": "-1"},
        {"image": "A" * 100_000, "hide": "x", "axes": "9.9"},
    ],
    ids=lambda query: "&".join(f"{k}={v[:12]}" for k, v in query.items()),
)
def test_an_address_edited_by_hand_fails_nowhere(show, query):
    app = show(**query)
    assert sent(app, "generate")["models"][0]["name"] == "mnist-cvae"
    if "model" in query:
        (said,) = [toast.value for toast in app.toast]
        assert "was not told the class; this is mnist" in said.replace("\\", "")
        assert address(app, "model") is None


def html(app):
    return "\n".join(element.proto.body for element in app.main if element.type == "html")


def answers(app):
    return [text.value for text in app.markdown]


def test_each_way_of_drawing_sends_its_run_and_tints_its_column(show):
    app = show()
    ways = draws.there()
    for name in ways:
        app = whole(app.get("button_group")[0].set_value(name).run())
        data = sent(app, "draws")
        way = next(iter(ways[name].values()))
        assert data["model"]["name"] == way.run.name
        assert data["asked"] == ("read_as_asked" in way.run.card["figures"])
        assert html(app).count('class="chosen"') == 1 + html(app).count("<tr><td>")
    assert "10,000 draws each" in " ".join(one.value for one in app.subheader)


def test_a_run_without_a_prior_is_drawn_from_the_gaussians_of_its_codes(monkeypatch):
    run = shipped_run("mnist-ae")
    card = {name: value for name, value in run.card["figures"].items() if name != "mixture"}
    monkeypatch.setitem(run.__dict__, "card", {"figures": card})
    alone = draws.Way.of("mixture", run)
    codes = run.codes.reference.values
    assert alone.source["means"][0] == pytest.approx(codes.mean(0).tolist(), abs=1e-3)
    assert alone.figures.recognised == card["recognised_fraction"]["fitted"]
    mixture = {
        "weights": [0.5, 0.5],
        "means": [[0, 0], [1, 1]],
        "covariances": [[[1, 0], [0, 1]]] * 2,
    }
    shares = card["recognised_fraction"] | {"mixture": 0.91}
    monkeypatch.setitem(card, "recognised_fraction", shares)
    monkeypatch.setitem(card, "mixture", mixture)
    several = draws.Way.of("mixture", run)
    assert several.source == {"kind": "gaussians"} | mixture
    assert several.figures.recognised == 0.91


def test_a_way_whose_run_is_not_there_or_damaged_is_left_out(show, monkeypatch, tmp_path):
    monkeypatch.setitem(draws.RUNS, "aae", {"mixture": "no-such-run"})
    monkeypatch.setitem(draws.RUNS, "mixture", {"": "mnist-classifier"})
    app = show(draw="aae", prior="roll", seed="-4", picked="99", place="1,2,3")
    assert list(draws.there()) == ["vae", "cvae"]
    assert sent(app, "draws")["model"]["name"] == "mnist-vae"
    for name in ("vae", "cvae"):
        monkeypatch.setitem(draws.RUNS, name, {"": "no-such-run"})
    assert sent(show(), "draws") is None


def test_one_of_several_priors_is_chosen_where_there_are_such_runs(show, monkeypatch):
    monkeypatch.setitem(draws.RUNS, "aae", {"mixture": "mnist-vae", "gaussian": "mnist-cvae"})
    app = show()
    assert sent(app, "draws")["model"]["name"] == "mnist-vae"
    app = show(draw="aae", prior="gaussian")
    assert sent(app, "draws")["model"]["name"] == "mnist-cvae"
    assert sent(show(prior="roll"), "draws")["model"]["name"] == "mnist-vae"


def nearest(**figures):
    found = {
        "test": [4.0, 5.0],
        "rebuilt": [3.0],
        "draws": {"prior": [3.5]},
        "copied": {"prior": 0.0},
    }
    return {"nearest": found | figures}


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        {"nearest": None},
        nearest(test="x"),
        nearest(test=[]),
        nearest(draws=[1.0]),
        nearest(draws={"fitted": [1.0]}),
        nearest(copied={}),
        nearest(rebuilt=[None]),
    ],
)
def test_distances_that_were_not_measured_are_left_out(damaged):
    assert Nearest.of(damaged, "prior") is None
    assert Drawn.of(damaged, "prior") == Drawn()


def test_what_is_said_of_draws_follows_the_figures():
    found = Drawn.of(
        {"recognised_fraction": {"prior": 0.8}, "read_as_asked": 0.93} | nearest(), "prior"
    )
    said = words.answer("aae", "mixture", found, Drawn(recognised=0.9))
    assert said.endswith("rebuilt test images 3.0: nothing is memorised.")
    copies = Drawn.of(nearest(copied={"prior": 0.05}), "prior")
    assert words.answer("vae", "prior", copies).endswith(
        "5\xa0% of them are nearer than they should be."
    )
    assert words.answer("vae", "prior", Drawn()) == ""
    rows = {row[0]: row[1:-1] for row in words.measures([found, copies, Drawn()])}
    assert rows["Distance to the nearest training image"] == ["3.50", "3.50", "–"]
    assert rows["Read as the class asked"] == [".93", "–", "–"]
    assert "Squared error, test images" not in rows


def test_the_code_runs_as_it_stands(show):
    app, found = show(), {}
    app.session_state["lab-The code"] = True
    exec(app.run().code[0].value, found)
    assert found["images"].shape == (10, 1, 28, 28)
    assert found["drawn"].shape == (16, 1, 28, 28)


def test_without_mnist_the_page_has_no_images_of_it(show, monkeypatch, tmp_path):
    assert sent(show(), "draws")["training"] == "lab/nearest/mnist"
    monkeypatch.setenv("LATENT_LAB_DATA", str(tmp_path))
    app = show()
    assert sent(app, "generate")["images"] is None
    assert sent(app, "draws")["training"] is None
