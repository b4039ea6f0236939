"""Sentences of the components: what JavaScript asks for is what Python sends."""

import re
from pathlib import Path

import pytest

from aecore.ui.text import live

LIVE = Path(__file__).parents[2] / "assets" / "live"
SCRIPTS = {path.relative_to(LIVE).with_suffix("").as_posix(): path for path in LIVE.rglob("*.js")}
FORMS = {"one", "other"}
CALL = re.compile(r"\b(?:say|fill)\(")


def templates(words):
    """Every template with its module and key, and each of its forms."""
    for module, keys in words.items():
        for key, template in keys.items():
            for form in template.values() if isinstance(template, dict) else [template]:
                yield module, key, form


def arguments(source):
    """The first argument of each call of `say` and `fill` in a script."""
    for call in CALL.finditer(source):
        depth, end = 0, call.end()
        while depth >= 0 and not (depth == 0 and source[end] == ","):
            depth += {"(": 1, ")": -1}.get(source[end], 0)
            end += 1
        yield source[call.end() : end].rstrip(")").strip()


def test_a_module_of_sentences_is_a_script_that_asks_for_each():
    for module, keys in live.WORDS.items():
        source = SCRIPTS[module].read_text("utf-8")
        assert f'wordsOf("{module}")' in source
        literals = set(re.findall(r'"(\w+)"', source))
        begun = tuple(re.findall(r"`(\w+)\$\{", source))  # such as `part_${parts}`
        unasked = [
            key for key in keys if key not in literals and not (begun and key.startswith(begun))
        ]
        assert unasked == [], module


def test_every_sentence_that_a_script_asks_for_is_there():
    for name, path in SCRIPTS.items():
        source = path.read_text("utf-8")
        modules = re.findall(r'wordsOf\("([^"]+)"\)', source)
        if name == "core/words" or not modules:
            continue
        assert modules == [name]
        for argument in arguments(source):
            for key in re.findall(r'(?<![=!<>] )"(\w+)"', argument):
                assert key in live.WORDS[name], (name, key)


def test_templates_are_whole():
    for module, key, form in templates(live.WORDS):
        where = f"{module} {key}: {form}"
        assert form == form.strip("\n"), where
        assert "  " not in form, where
        assert not re.sub(r"\{\w+\}", "", form).count("{"), where
    for keys in live.WORDS.values():
        for template in keys.values():
            assert isinstance(template, str) or set(template) == FORMS


def test_a_language_is_known_to_the_browser(evaluate):
    assert evaluate("new Intl.PluralRules(x).resolvedOptions().locale", live.LANGUAGE)


FILLED = """(() => {
    words.use({ language: "en-GB", modules: { m: {
        one: "{a} and {b}.", n: { one: "{count} x", other: "{count} of {a}" } } } });
    const { say, fill } = words.wordsOf("m");
    const found = [say("one", { a: x.name, b: "{a}" }), fill("one", { a: x.name, b: x.name }),
        say("n", { count: 1 }), say("n", { count: 2, a: x.name }), words.list([x.name, 1, 2])];
    words.use(x.words);
    return found })()"""


@pytest.mark.parametrize("name", ["{best}", "$& $1", '"', "<b>", "\N{GRINNING FACE}", "", "x" * 80])
def test_what_is_filled_in_stays_as_it_is(sentences, name):
    words = {"language": live.LANGUAGE, "modules": live.WORDS}
    found = sentences(FILLED, {"name": name, "words": words}, words="core/words.js")
    said, pieces, one, two, listed = found
    assert said == f"{name} and {{a}}."
    assert pieces == [piece for piece in (name, " and ", name, ".") if piece]
    assert (one, two, listed) == ("1 x", f"2 of {name}", f"{name}, 1 and 2")


def test_a_capital_is_for_sentences_not_for_names(evaluate):
    texts = ["the VAE", "mnist-ae", "", "ä"]
    found = evaluate("x.map(words.capital)", texts, words="core/words.js")
    assert found == ["The VAE", "mnist-ae", "", "Ä"]


@pytest.mark.parametrize("share", [0, 0.001, 0.0049, 0.005, 0.5, 1])
def test_a_share_in_percent(sentences, share):
    said = sentences("words.percent(x)", share, words="core/words.js")
    expected = "less than 1" if 0 < share < 0.005 else str(int(100 * share + 0.5))
    assert said == f"{expected}\N{NO-BREAK SPACE}%"
