"""What Denoise says at a level depends on figures only; sentences are whole for every fact."""

import itertools
import re
from functools import partial

import numpy as np
import pytest

LEVELS = [0, 0.25, 0.5, 0.75, 1]
HOSTILE = ["{best}", "$&", "<b>x</b>", "", "\N{GRINNING FACE}", "*a*", "x" * 80]


@pytest.fixture(scope="module")
def js(sentences):
    return partial(sentences, v="components/denoise/verdict.js")


def model(says, level=None, *, prior=False):
    trained = None if level is None else {"kind": "gaussian", "level": level}
    return {"says": says, "trained": trained, "prior": prior}


def line(model, values, trained=None):
    return {"model": model, "level": LEVELS, "values": values, "trained": trained}


def verdict(js, lines, noisy, level):
    noisy = {"level": LEVELS, "values": noisy}
    ask = {"lines": lines, "noisy": noisy, "level": level}
    return js("v.verdictAt(x.lines, x.noisy, x.level)", ask)


def text(js, facts):
    said = js("v.verdictText(x, (level) => level.toFixed(2))", facts)
    assert not re.search(r"undefined|NaN|null|  |\{", said)
    assert said.endswith(".")
    return said


@pytest.mark.parametrize("seed", range(30))
def test_the_verdict_depends_on_the_figures_only(js, seed):
    """On whatever names the models have, and whatever order they come in."""
    rng = np.random.default_rng(seed)
    kinds = [{}, {"prior": True}, {"level": 0.5}, {"level": 0.5}]
    curves = [sorted(rng.uniform(1, 100, 5)) for _ in kinds]
    noisy = [0, *sorted(rng.uniform(1, 100, 4))]
    level = float(rng.uniform(0, 1))

    def found(names, order):
        made = [
            line(model(name, **kind), curve)
            for kind, name, curve in zip(kinds, names, curves, strict=True)
        ]
        facts = verdict(js, [made[i] for i in order], noisy, level)
        return {
            k: names.index(v) if v in names else v for k, v in facts.items() if k != "strangers"
        }

    plain = found(["a", "b", "c", "d"], range(4))
    plain_from = plain.pop("from", None)
    other = found(["z", "y", "x", "w"], rng.permutation(4))
    other_from = other.pop("from", None)
    assert other == plain
    assert (other_from or {}).get("level") == (plain_from or {}).get("level")
    errors = [np.interp(level, LEVELS, curve) for curve in curves]
    alone = np.interp(level, LEVELS, noisy)
    assert plain["kind"] == ("leave" if alone <= min(errors) else "best")
    assert plain["best"] == int(np.argmin(errors))
    if plain["kind"] == "best":
        against = alone if plain["best"] == 0 else errors[0]
        assert plain["share"] == pytest.approx(min(errors) / against)


AE, DAE, VAE = (
    model("the AE"),
    model("the DAE of s = .5", 0.5),
    model("the VAE", prior=True),
)
SHARES = {
    1.5: "1.5 times the error of the AE",
    1.0: "its error is about as large as the error of the AE",
    0.9: "nine tenths of the error of the AE",
    0.67: "two thirds of the error of the AE",
    0.5: "half the error of the AE",
    0.33: "a third of the error of the AE",
    0.125: "an eighth of the error of the AE",
    1 / 11: "an eleventh of the error of the AE",
    1 / 12: "a twelfth of the error of the AE",
    0.01: "less than a twelfth of the error of the AE",
}


@pytest.mark.parametrize(("share", "words"), SHARES.items())
def test_a_share_has_its_words(js, share, words):
    facts = {"kind": "best", "best": "the DAE", "against": "the AE", "share": share, "below": None}
    assert text(js, facts) == f"At this level the best is the DAE: {words}."


def test_every_share_has_words(js):
    for share in np.linspace(0.001, 3, 400):
        facts = {"kind": "best", "best": "b", "against": None, "share": share, "below": None}
        assert "the noisy image’s error" in text(js, facts)


def test_verdicts_in_words(js):
    assert text(js, verdict(js, [], [0] * 5, 0.5)) == (
        "None of these models was measured under this noise."
    )
    lines = [line(AE, [4, 5, 6, 7, 8]), line(DAE, [16, 3, 3, 3, 3], trained=0.5)]
    noisy = [0, 4, 20, 40, 60]
    assert text(js, verdict(js, lines, noisy, 0)) == (
        "Without noise there is nothing to mend. The AE changes the image least: an error of 4.0. "
        "The DAE of s = .5 changes it by 16.0: it learned to pull points back, not to keep them."
    )
    assert text(js, verdict(js, lines, noisy, 0.1)).startswith(
        "At this level it is better to leave the image alone: an error of 1.6. The best here, the "
        "AE, has 4.4. From 0.24 on the DAE of s = .5 is better than that."
    )
    assert text(js, verdict(js, lines, noisy, 0.5)) == (
        "At this level the best is the DAE of s = .5: half the error of the AE. Below 0.24 it is "
        "better to leave the image alone than to use it: it learned to pull points back, not to "
        "keep them."
    )
    strangers = [line(AE, [4, 5, 6, 7, 8]), line(DAE, [16, 3, 3, 3, 3])]
    assert text(js, verdict(js, strangers, noisy, 0.5)).endswith(
        "The DAE of s = .5 was not trained with this noise."
    )
    both = [*strangers, line(model("the DAE of s = .1", 0.1), [9, 9, 9, 9, 9])]
    assert text(js, verdict(js, both, noisy, 0.5)).endswith(
        "None of the DAEs was trained with this noise."
    )


def moved(js, moves, lines, level):
    # The lines and the moves of a model share it, as they do on the page.
    found = js(
        """(() => {
            const join = (line) => ({ ...line, model: x.models[line.model] });
            const facts = v.movementAt(x.moves.map(join), x.lines.map(join), x.level);
            return [facts, v.movementText(facts)] })()""",
        {"models": [AE, DAE, VAE], "moves": moves, "lines": lines, "level": level},
    )
    assert not re.search(r"undefined|NaN|null|  |\{", found[1])
    return found


def test_movements_in_words(js):
    ae, dae, vae = (line(k, [0, 0.2 * (3 - k), 1, 1, 1]) for k in range(3))
    assert moved(js, [], [], 0.5) == [None, ""]
    assert moved(js, [ae], [ae], 0)[1] == "Without noise no code moves."
    assert moved(js, [ae, dae], [ae, dae], 0.25)[1] == (
        "At this level the code of the AE moves 0.60 of the way to another image’s; with the DAE "
        "of s = .5 it moves only 0.40."
    )
    assert moved(js, [vae], [vae], 0.25)[1] == (
        "At this level the code of the VAE moves 0.20 of the way to another image’s."
    )
    assert moved(js, [dae, vae], [dae, vae], 0.25)[1] == (
        "At this level the code of the VAE moves least, 0.20 of the way to another image’s; that "
        "of the DAE of s = .5 0.40."
    )
    assert moved(js, [ae], [dae], 0.25)[0]["kind"] == "one"  # the denoiser was not measured


@pytest.mark.parametrize("name", HOSTILE)
def test_a_model_of_any_name(js, name):
    facts = [
        {"kind": "clean", "best": name, "error": 1, "most": {"name": name, "error": 2}},
        {
            "kind": "leave",
            "best": name,
            "error": 1,
            "alone": 0.5,
            "from": {"name": name, "level": 1},
        },
        *(
            {"kind": "best", "best": name, "against": name, "share": 0.5, "below": b, "denoiser": d}
            for b, d in itertools.product((None, 0.2), (True, False))
        ),
    ]
    for one in facts:
        said = js("v.verdictText(x, String)", one | {"strangers": [name]})
        assert name[1:] in said
        assert said.endswith(".")
