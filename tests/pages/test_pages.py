"""The pages as Python builds them: no exception in any state, and the figures of the cards."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from aecore.errors import LabError
from aecore.runs import SHIPPED, list_runs, open_run, shipped_run
from aecore.ui import component, navigation
from tests.pages.conftest import address

ROOT = Path(__file__).parents[2]
AUTOENCODERS = [run.name for run in list_runs(SHIPPED) if run.has_codes]


@pytest.fixture
def show(at, monkeypatch, tmp_path):
    """Run the app at a page: `show("compare", z="1,2")`."""
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path))

    def run(page, **query):
        return whole(at(page, **query).run())

    return run


def whole(app):
    """The app, after a look that nothing failed."""
    assert not app.exception
    assert not app.error
    return app


def html(app):
    return "\n".join(element.proto.body for element in app.main if element.type == "html")


def choose(app, key, value):
    control = next(
        c for kind in ("selectbox", "button_group") for c in app.get(kind) if c.key == key
    )
    return whole(control.set_value(value).run())


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("home", "What does an autoencoder learn?"),
        ("decode", "What does a point mean?"),
        ("compare", "What lives in the gaps?"),
    ],
)
def test_a_page_asks_its_question(show, page, title):
    assert [element.value for element in show(page).title] == [title]


@pytest.mark.parametrize(
    ("name", "other"), list(zip(AUTOENCODERS, [*AUTOENCODERS[1:], AUTOENCODERS[0]], strict=True))
)
def test_every_run_can_be_looked_at(show, name, other):
    """Each alone, and each once on either side of Compare: what a side shows is its run's alone."""
    assert choose(show("decode"), "model", name).selectbox(key="model").value == name
    app = choose(choose(show("compare"), "left", name), "right", other)
    assert [app.selectbox(key=side).value for side in ("left", "right")] == [name, other]


def test_every_switch_can_be_thrown(show):
    app = show("compare")
    for shown in ([], ["grid"], ["gaps", "prior", "grid"]):
        choose(app, "show", shown)
    for draws in ("prior", "fitted", "own"):
        choose(app, "draws", draws)
    for seed in (9999, 0, 3):
        whole(app.number_input(key="seed").set_value(seed).run())
    app = show("decode")
    for view in ("grid", "gaps", "points"):
        choose(app, "view", view)
    choose(app, "show", [])


@pytest.mark.parametrize(
    "query",
    [
        {"left": "../../etc", "right": "mnist-classifier"},
        {"show": "nothing", "draws": "none", "seed": "-5"},
        {"seed": "1e9"},
        {"seed": "x"},
        {"seed": "inf"},
        {"seed": "-inf"},
        {"seed": "1e300"},
        {"seed": "9" * 400},
        *({"z": z} for z in ("nan", "1e99,0", "abc", "", ",", "1," * 400, "inf,-inf", "²,1")),
        *({"z": "1,1", "at": at} for at in ("7", "-1", "x", "9" * 5000)),
        *({"z": "1,1", "axes": axes} for axes in ("9.9", "0.1", "-1.2", "1", "1.2.3", "x.y")),
        {"z": "1,1", "hide": "0123456789"},
        {"z": "1,1", "hide": "x"},
    ],
    ids=lambda query: "&".join(f"{k}={v[:12]}" for k, v in query.items()),
)
@pytest.mark.parametrize("page", ["compare", "decode"])
def test_an_address_edited_by_hand_fails_nowhere(show, page, query):
    show(page, **query)


@pytest.mark.parametrize("asked", ["no-such-run", "mnist-classifier", "<b>*x*", "a" * 500])
@pytest.mark.parametrize(("page", "field"), [("decode", "model"), ("compare", "left")])
def test_another_run_than_the_link_names_is_not_shown_without_a_word(at, page, field, asked):
    app = at(page, **{field: asked}).run()
    assert not app.exception
    (said,) = [toast.value for toast in app.toast]
    assert "which is not here or has no plane of codes" in said
    assert len(said) < 300
    assert address(app, field) is None
    assert not app.run().toast


def test_the_tables_hold_the_cards_figures(show):
    page = html(show("compare"))
    for name in ("mnist-ae", "mnist-vae"):
        figures = shipped_run(name).card["figures"]
        assert f"<td>{figures['reconstruction']:.1f}</td>" in page
        for key in ("gap_fraction", "recognised_fraction"):
            for way in ("standard_normal", "fitted"):
                assert f"<td>{figures[key][way]:.3f}</td>" in page
        for key in ("knn_accuracy", "silhouette", "trustworthiness"):
            assert f"<td>{figures[key]:.3f}</td>".replace("-", "−") in page
    page = html(show("home"))
    for run in list_runs(SHIPPED):
        assert f"<td>{run.name}</td>" in page
        figures = run.card["figures"]
        if run.latent_dim:
            loss = f"{figures.get('negative_elbo', figures['reconstruction']):.1f}"
            assert f"<td>{loss}</td>".replace("-", "−") in page


def test_runs_are_folded_by_kind_and_every_page_has_its_door(show):
    app = show("home")
    page, runs = html(app), list_runs(SHIPPED)
    kinds = Counter(run.about.title for run in runs)
    folded = {kind for kind, count in kinds.items() if count > 1}
    assert set(re.findall(r"<summary><b>(.*?)</b>", page)) == folded
    assert len(kinds) <= 20  # rows of the folded table on one screen
    doors = navigation.doors()
    assert {"decode", "compare", "generate", "family", "few_labels"} <= set(doors)
    said = [text.value for text in app.markdown]
    assert all(entry.question and entry.door in said for entry in doors.values())


def test_showing_shipped_runs_imports_no_torch():
    script = """
import sys
from streamlit.testing.v1 import AppTest
for page in (None, *(f"../../pages/{name}.py" for name in ("decode", "compare", "family"))):
    app = AppTest.from_file("aecore/ui/router.py", default_timeout=60).run()
    if page:
        app.switch_page(page).run()
    assert not app.exception and app.title, page
print("torch" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=os.environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"


@pytest.mark.parametrize(
    ("file", "use"),
    [
        ("model.safetensors", component.model),
        ("codes.npz", lambda run: run.codes),
        ("card.json", lambda run: run.card),
    ],
)
def test_a_damaged_run_gets_one_sentence_that_names_it(tmp_path, file, use):
    shutil.copytree(SHIPPED / "mnist-ae", tmp_path / "torn")
    config = tmp_path / "torn" / "config.json"
    config.write_text(config.read_text().replace('"mnist-ae"', '"torn"'))
    torn = tmp_path / "torn" / file
    torn.write_bytes(torn.read_bytes()[:300])
    with pytest.raises(LabError, match="torn"):
        use(open_run(tmp_path / "torn"))
