"""Sentences: each template once, with every fact and with names that mean harm."""

import importlib
import inspect
import itertools
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aecore.analysis import comparison, spiral_demo
from aecore.analysis.first_layer import LayerComparison
from aecore.analysis.training_summary import (
    CodeState,
    Growth,
    Line,
    Pair,
    Series,
    TrainingSummary,
)
from aecore.families import Description
from aecore.runs import status
from aecore.ui import text
from aecore.ui.figures import learning_curve
from aecore.ui.text import compare, denoise, runs, train, training, units

NAMES = [
    "the VAE",
    "mnist-ae",
    "",
    " ",
    "<b>bold</b>",
    "a \"quoted\" 'name'",
    "$x$ *y* _z_ `c` ~~s~~",
    "{better} {0} {lead:.1f} %s %(n)d",
    "[link](http://example.com)",
    "\N{GRINNING FACE}",
    "x" * 80,
]
ROOT = Path(__file__).parents[3]
LANGUAGES = [module.name for module in pkgutil.iter_modules(text.__path__) if module.ispkg]


def sound(sentence, *names):
    """Whether it is whole: no gap, nothing left to fill in, and it ends as a sentence does."""
    for name in names:
        assert name in sentence or name[1:] in sentence
        sentence = sentence.replace(name, "N") if name.strip() else sentence
    assert sentence
    assert "{" not in sentence
    assert "None" not in sentence
    assert "nan" not in sentence
    if all(name.strip() for name in names):
        assert "  " not in sentence
        assert sentence == sentence.strip()
    assert sentence.endswith(".")
    return True


def plain(sentence):
    return sentence.replace("\N{NO-BREAK SPACE}", " ")


def functions(language, module):
    found = importlib.import_module(f"aecore.ui.text.{language}.{module}")
    return {
        name: str(inspect.signature(value))
        for name, value in vars(found).items()
        if inspect.isfunction(value)
        and value.__module__ == found.__name__
        and not name.startswith("_")
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_modules_and_functions(language):
    folder = Path(text.__file__).parent
    modules = {path.stem for path in (folder / "en").glob("*.py")}
    assert {path.stem for path in (folder / language).glob("*.py")} == modules
    for module in modules:
        assert functions(language, module) == functions("en", module)


# Training


def test_a_training_in_sentences():
    facts = TrainingSummary(2, Line(0.1, 0.5, 0.991), opened=1, settled=1)
    assert plain(training.summary(facts)) == (
        "From epoch 0.1 to 0.5 the codes lie along a line, with 99 % or more of their variance in "
        "one direction. By epoch 1 the plane has opened, and from then on the classes stay where "
        "they are, within a tenth of its width."
    )
    assert plain(training.summary(TrainingSummary(2, active=0))).startswith(
        "All codes have fallen to one point"
    )
    facts = TrainingSummary(3, active=2, moving=True)
    assert training.summary(facts) == (
        "At the end the classes still move. 2 dimensions tell images apart; the other has "
        "collapsed, with a variance of μ below 0.01."
    )
    assert training.summary(TrainingSummary(2, growth=Growth(4, 8, 7.07, 12.7))) == (
        "The codes keep spreading: they lie 7.1 from their middle at epoch 4 and 12.7 at epoch 8 "
        "(root mean square)."
    )
    assert "the codes’ width" in training.summary(TrainingSummary(4, settled=3))
    assert "the plane’s width" in training.summary(TrainingSummary(2, settled=0))
    assert training.summary(None) == training.summary(TrainingSummary(2)) == ""


def test_every_training_has_whole_sentences():
    lines = [None, Line(0, None, 1), Line(2, None, 0.98), Line(0, 2, 1), Line(1, 2, 0.99)]
    rest = itertools.product(
        lines,
        (None, 3),
        (None, 0, 3, 5),
        (True, False),
        (None, 1, 2, 4),
        (None, Growth(1, 2, 3, 4)),
    )
    for line, opened, settled, moving, active, growth in rest:
        for dimensions, shown in ((2, None), (5, 0.7)):
            facts = TrainingSummary(
                dimensions,
                line,
                opened,
                settled,
                moving and settled is None,
                None if active is None else min(active, dimensions),
                growth,
                shown,
            )
            said = training.summary(facts)
            assert not said or sound(said)
            assert not said[:1].islower()


def test_two_kinds_beside_each_other():
    spread = (("AE", 11.3), ("VAE", 1.4))
    errors = (("AE", 145.0), ("VAE", 150.0))
    assert training.comparison(
        Pair(1, errors, False, (("VAE", "KL to the prior", 6.0),), spread)
    ) == (
        "At epoch 1 the codes of the AE spread 8.1 times as wide as those of the VAE (11.3 and 1.4 "
        "from their middle). The AE rebuilds 5 nats better (145 and 150); the VAE pays 6 nats of "
        "KL to the prior."
    )
    errors = (("VAE", 150.0), ("DAE", 150.1))
    assert training.comparison(Pair(2, errors, True, (("VAE", "Sparsity", 6.0),))) == (
        "At epoch 2 both rebuild equally well (150 and 150.1 nats); the VAE pays 6 nats of "
        "sparsity."
    )
    assert training.comparison(None) == ""


def test_a_series():
    collapsed = (16, CodeState(0.07, 0, 2))
    terms = (("KL to the prior", 44, 0.01),)
    facts = Series(2, "β", (0, 16), terms, (147, 187), (1, 7.07, 1.41), collapsed)
    assert plain(training.comparison(facts)) == (
        "At epoch 2, from β = 0 to 16, the KL to the prior goes from 44 to 0.01 nats and the "
        "reconstruction error from 147 to 187. With β = 0 nothing holds the codes: they spread "
        "5.0 times as wide as with β = 1 (7.1 and 1.4 from their middle). With β = 16 no dimension "
        "tells images apart any more."
    )
    for active in range(3):
        facts = Series(2, "β", (0, 16), (), (1, 2), None, (16, CodeState(1, active, 3)))
        assert sound(training.comparison(facts))


@pytest.mark.parametrize("name", NAMES)
def test_a_kind_of_any_name(name):
    for alike, spread in itertools.product((True, False), (None, ((name, 9.0), ("VAE", 1.0)))):
        facts = Pair(1, ((name, 145.0), ("VAE", 150.0)), alike, ((name, name, 6.0),), spread)
        assert sound(training.comparison(facts), name)


# Compare


def rows():
    """A row for every measure under every verdict that it can have."""
    for measure in comparison.MEASURES:
        for verdict in ("left", "right", "same", "apart", "units"):
            yield comparison.Row(measure, 1.0, 2.0, verdict)
        for verdict in ("left", "right"):
            yield comparison.Row(measure, 1.0, 2.0, verdict, empty=True)
        yield comparison.Row(measure, 1.0, None, "single")


def test_every_measure_has_its_words():
    names = {measure.name for measure in comparison.MEASURES}
    assert set(compare.MEASURES) == names
    assert set(compare.SINGLE) <= names


@pytest.mark.parametrize("name", NAMES)
def test_a_row_of_the_table(name):
    for row in rows():
        title, left, right, says = compare.measures([row], name, "R")[0]
        named = [name] if row.verdict == "left" else []
        assert sound(says, *named)
        assert title
        assert left == f"{1:.{row.measure.digits}f}"
        assert (right == "–") == (row.verdict == "single")
        assert ("No merit" in says) == row.empty


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_on_gaps(name):
    shares = (0.0, 0.085, 0.55, 1.0)
    sides = [
        comparison.Gaps(prior, share, *recognised)
        for prior in (True, False)
        for share in shares
        for recognised in ((None, None), (0.4, None), (0.4, 0.5))
    ]
    for side in sides:
        assert sound(compare.gaps(comparison.GapComparison(side), name, name), name)
        for fewer, alike in (("left", True), ("right", True), (None, True), (None, False)):
            facts = comparison.GapComparison(side, sides[0], fewer, alike)
            said = compare.gaps(facts, name, "the other")
            assert sound(said, name)
            assert ("leaves fewer gaps" in said) == (fewer is not None)
            assert ("different images" in said) == (not alike)


@pytest.mark.parametrize("name", NAMES)
def test_few_gaps_of_a_collapsed_code_are_no_merit(name):
    full = comparison.Gaps(prior=True, share=0.085)
    empty = comparison.Gaps(prior=True, share=0.01, collapsed=True)
    for sides, said in (
        ((empty, full), f"he code of {name} carries nothing"),
        ((full, empty), "he code of the other carries nothing"),
        ((empty, empty), "Neither code carries anything"),
    ):
        text = compare.gaps(comparison.gaps(*sides), name, "the other")
        assert sound(text, name)
        assert said in text
        assert "leaves fewer gaps" not in text
        assert "about as many" not in text


def test_a_title_stands_as_it_was_written():
    assert compare.capital("my-vae leads.") == "my-vae leads."
    assert compare.capital("the VAE leads.") == "The VAE leads."


# Denoise


def test_what_noise_changed_in_a_first_layer():
    titles = ["No noise", "Some", "More"]

    def say(grew, overall, shaped=(10, 20, 30)):
        extents = (8.0, 9.0, 12.0)
        return denoise.filters(LayerComparison(40, shaped, extents, grew, overall), titles)

    assert say((True, True), True) == (
        "More noise, more units with a shape: 10, 20 and 30 of 40. Their mean extent is 8.0, 9.0 "
        "and 12.0 pixels: the more noise, the larger the shapes."
    )
    assert say((False, True), True).endswith("“no noise” and “some” differ by no more than chance.")
    assert say((False, False), False).endswith("they do not grow with the noise beyond chance.")
    assert say((True, True), True, (30, 20, 10)).startswith("Units with a shape: 30, 20 and 10 of")
    none = LayerComparison(40, (0, 3), (float("nan"), 8.0), (False,), False)
    assert sound(denoise.filters(none, titles))
    for grew in itertools.product((True, False), repeat=2):
        for overall in (True, False):
            assert sound(say(grew, overall))


@pytest.mark.parametrize("level", spiral_demo.LEVELS)
def test_what_a_level_taught(level):
    effect = spiral_demo.effect(level)
    said = denoise.spiral(effect)
    assert sound(said)
    assert ("cuts corners" in said) == effect.cuts_corners
    hardly = not (effect.cuts_corners or effect.reaches_far)
    assert ("training hardly ever went there" in said) == hardly


@pytest.mark.parametrize("name", NAMES)
def test_a_model_of_any_name(name):
    for words in (denoise.named(name), denoise.model(name), denoise.model(name, "s", 0.5)):
        assert set(words) == {"title", "detail", "label", "says"}
        assert name[1:] in words["title"]
        assert name[1:] in words["says"]


# Runs


@pytest.mark.parametrize("name", NAMES)
def test_what_a_run_is(name):
    for source in ("prior", "normal", "fitted"):
        assert sound(runs.drawn(name, source), name)
    for loss in ("negative_elbo", "reconstruction", "clean"):
        for noise in ("", runs.noise("Masking", "ν", 0.25), runs.noise("Gaussian", "s", 0)):
            assert sound(runs.model(name, noise, loss), *([name] if name else []))
    assert name in runs.the(name)
    for draws in (True, False):
        said = runs.card("MNIST", "grey values", 0, 1.5, draws=draws)
        assert sound(said)
        assert ("drawn codes" in said) == draws
    assert sound(runs.collapsed(name, 0.0041), name)
    assert sound(runs.reader(0.99))
    assert sound(runs.classifier(0.99))


# Train


def test_every_state_of_a_run_has_its_word():
    assert set(train.STATES) == set(status.STATES)
    for state, phase in itertools.product(train.STATES, ["", *train.PHASES]):
        assert train.state(state, phase)


def test_sentences_on_training_are_whole():
    for seconds in (None, 3, 70, 10_000):
        for waiting in range(3):
            assert sound(train.estimate(seconds, waiting, 30))
    said = train.estimate(700, 1, 10)
    assert said.endswith("after the 1 that waits. After 10 minutes it stops, and can be continued.")
    for count in (1, 2):
        assert sound(train.steps(count))
        assert sound(train.ahead(count))
    for ended, begun in itertools.product((True, False), repeat=2):
        assert sound(train.plane(16, ended=ended, begun=begun))
        assert sound(train.plane(1, ended=ended, begun=begun))
        assert train.plane(2, ended=ended, begun=begun) is None
    assert sound(train.not_stored(64))
    assert sound(train.not_here(True))
    assert sound(train.number(0, 1))


@pytest.mark.parametrize("name", NAMES)
def test_a_dataset_of_any_name(name):
    for sentence in (
        train.missing(name),
        train.download_failed(name),
        train.disk_full(name, 5e6),
    ):
        assert sound(sentence, name)
    assert name in train.fetch(name, 5)
    assert name in train.run(name, 2, {name: 1.0}, name)
    assert name in train.place(name, 2, {name: 1.0}, 3, 20)
    assert name in train.group([name, "VAE"], 2)[0]


# Numbers and digits


MINUS = re.compile(r"(?<![\w−])-\.?[0-9]")  # a hyphen before a number


@pytest.mark.parametrize("value", [-4.5, -0.3, -1234.5, -0.0001])
def test_a_negative_number_has_a_true_minus(value):
    """Nats of a Gaussian likelihood are below 0 where it is narrow: as of other densities."""
    sides = ("AE", value), ("VAE", value + 2)
    row = comparison.Row(comparison.MEASURES[0], value, value, "same")
    said = [
        units.amount(value),
        units.figure(value, 1),
        train.result("reconstruction", value, 3.0),
        training.comparison(Pair(2, sides, False)),
        training.comparison(Pair(2, sides, True, terms=(("VAE", "KL", value),))),
        training.comparison(Series(2, "β", (0, 1), (("KL", value, value),), (value, value))),
        *compare.measures([row], "L", "R")[0],
        learning_curve(
            [{"epoch": 1.0, "losses": {"loss": value}, "test": {"loss": value}}],
            Description("Autoencoder", "AE"),
        )
        .layout.annotations[0]
        .text,
    ]
    assert not [text for text in said if MINUS.search(text)]
    assert not [text for text in said if re.search(r"−0\.?0*(?![0-9.])", text)]
    assert value > -0.3 or all("−" in text for text in said[:5])


def test_no_sentence_puts_an_article_before_what_is_filled_in():
    """It would be "a 8": `DIGITS` has each digit with its own."""
    article = re.compile(r"\b[Aa]n? \{")
    for language in LANGUAGES:
        for path in (Path(text.__file__).parent / language).glob("*.py"):
            lines = [line for line in path.read_text("utf-8").splitlines() if article.search(line)]
            assert all("DIGITS = " in line for line in lines), (path.name, lines)


# Units


def test_time_is_rounded_as_one_says_it():
    said = [units.duration(seconds) for seconds in (0, 7, 8, 12, 49, 50, 89, 91, 3600)]
    assert said == [
        *("a few seconds", "a few seconds", "about 10 seconds", "about 10 seconds"),
        *("about 50 seconds", "about a minute", "about a minute", "about 2 minutes"),
        "about 60 minutes",
    ]


def in_language(folder, language):
    """What a process finds as its sentences, with a folder of languages beside the project's."""
    code = f"""
import aecore.ui
aecore.ui.__path__.insert(0, {str(folder)!r})
from aecore.ui.text import live, units
print(live.LANGUAGE, units.duration(75))
"""
    environment = os.environ | {"LATENT_LAB_LANGUAGE": language}
    call = [sys.executable, "-c", code]
    return subprocess.run(call, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_another_language_is_another_folder(tmp_path):
    """Nothing that shows sentences names the language."""
    folder = shutil.copytree(ROOT / "aecore" / "ui" / "text", tmp_path / "text")
    for path in shutil.copytree(folder / "en", folder / "xx").glob("*.py"):
        content = path.read_text("utf-8").replace("aecore.ui.text.en", "aecore.ui.text.xx")
        content = content.replace('LANGUAGE = "en-GB"', 'LANGUAGE = "xx"')
        path.write_text(content.replace("about a minute", "x minute"), "utf-8")
    assert in_language(tmp_path, "xx").stdout.split("\n")[0] == "xx x minute"
    assert in_language(tmp_path, "").stdout.split("\n")[0] == "en-GB about a minute"
    assert "LATENT_LAB_LANGUAGE is 'yy'; there is en, xx." in in_language(tmp_path, "yy").stderr
    named = [
        path for path in ROOT.glob("aecore/**/*.py") if "ui.text.en" in path.read_text("utf-8")
    ]
    named = {path.parent.name for path in named}
    assert named <= {"en", "text"}
