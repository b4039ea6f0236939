"""The steps of CONTRIBUTING for a page, executed: one file more, and nothing else."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from aecore.ui import navigation

ROOT = Path(__file__).parents[2]
TOY = '''"""Toy: how far apart the means of two classes are."""

from aecore.runs import shipped_run
from aecore.ui import page

NAVIGATION = {"title": "Toy", "icon": "toys", "section": "Games", "place": 0}

page.header("How far is a 4 from a 9?", "Their means in one latent space.")
codes = shipped_run("mnist-vae").codes
four, nine = (codes.mean.values[codes.labels == digit].mean(0) for digit in (4, 9))
page.answer(f"They are {((four - nine) ** 2).sum() ** 0.5:.2f} apart.")
page.details(mathematics=r"$$d = \\lVert \\bar{z}_4 - \\bar{z}_9 \\rVert$$")
'''


@pytest.fixture
def with_toy(tmp_path, monkeypatch):
    """The folder of pages with a page more."""
    pages = tmp_path / "pages"
    shutil.copytree(navigation.PAGES, pages)
    (pages / "toy.py").write_text(TOY, encoding="utf-8")
    monkeypatch.setattr(navigation, "PAGES", pages)
    return pages


@pytest.fixture
def app(with_toy):
    return AppTest.from_file(str(ROOT / "aecore/ui/router.py"), default_timeout=60).run()


def test_a_page_is_in_the_navigation_below_its_section(with_toy):
    shipped = list(dict.fromkeys(entry.section for entry in navigation.entries().values()))
    assert shipped == [*navigation.SECTIONS, "Games"]
    assert navigation.entries()["toy"] == navigation.Entry("Toy", "toys", "Games", 0)


def test_a_page_opens_with_its_question_and_answers_it(app, with_toy):
    app.switch_page(str(with_toy / "toy.py")).run()
    assert not app.exception
    assert not app.error
    assert [title.value for title in app.title] == ["How far is a 4 from a 9?"]
    assert any("apart." in text.value for text in app.markdown)
    assert [expander.label for expander in app.expander] == ["The mathematics"]
    assert any(sheet.proto.body.startswith("<style>") for sheet in app.get("html"))


def test_a_page_that_does_not_say_where_it_belongs_is_named(with_toy):
    (with_toy / "lost.py").write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"lost\.py does not say"):
        navigation.entries()
