"""What the page Generate says."""

from collections.abc import Mapping, Sequence
from typing import Any

from aecore.analysis.generation import COPIED, Drawn
from aecore.ui.text.en.runs import LONGEST_NAME
from aecore.ui.text.en.units import figure, percent, share

PLANE = "Plane of styles"
NONE = "No conditional model yet."
TRAIN = "Train one"

DRAWS = "Sixteen draws"
WAYS = {"vae": "VAE", "cvae": "Conditional", "aae": "Adversarial", "mixture": "AE + mixture"}
DECODERS = {
    "vae": "the VAE",
    "cvae": "the conditional decoder",
    "aae": "the adversarial decoder",
    "mixture": "the autoencoder",
}
PRIORS = {"mixture": "Ten Gaussians", "roll": "Swiss roll", "gaussian": "N(0, I)"}
PARTS = {"mixture": " by its Gaussian", "swiss_roll": " by its piece of the roll"}
DISTANCES = {"test": "test images", "rebuilt": "the same, rebuilt", "draws": "these draws"}
NUMBERS = ("none", "one", "two", "three", "four")

# Of each measure its title and what it says; ``{asked}`` and ``{all}`` count the ways.
MEASURES = {
    "recognised": (
        "Read with .90 or more",
        "The classifier is sure of most draws, of good ones and of some that are none.",
    ),
    "asked": ("Read as the class asked", "{asked} of the {all} can be asked for a class."),
    "told": ("Class read from z", "Chance is .10: what is above it, z tells of the class."),
    "draws": (
        "Distance to the nearest training image",
        "Median of {count} draws. Blur brings an image nearer to all others.",
    ),
    "rebuilt": (
        "The same, test images rebuilt",
        "As blurred as the draws, and not memorised: the fair yardstick.",
    ),
    "copied": (
        "Nearer than 99\N{NO-BREAK SPACE}% of those",
        "More than a few per cent would be copies of training images.",
    ),
    "error": (
        "Squared error, test images",
        "What it costs to draw an image back from two numbers, or two and a class.",
    ),
}


def not_told(asked: str, instead: str) -> str:
    """That a link names a run which is not told the class.

    Example:
        >>> not_told("mnist-vae", "mnist-cvae")
        'mnist-vae is not here or was not told the class; this is mnist-cvae.'
    """
    asked = asked if len(asked) <= LONGEST_NAME else f"{asked[:LONGEST_NAME]}…"
    return f"{asked} is not here or was not told the class; this is {instead}."


def ways(count: int) -> str:
    """How many ways there are to ask for new digits.

    Example:
        >>> ways(4)
        'Four ways to ask for new digits. Press one to see it large, or any place of the plane.'
    """
    number = NUMBERS[count].capitalize()
    noun = "way" if count == 1 else "ways"
    return (
        f"{number} {noun} to ask for new digits. "
        "Press one to see it large, or any place of the plane."
    )


def source(described: Mapping[str, Any], *, asked: bool = False) -> str:
    """Where draws come from.

    Args:
        described: a prior (see `aecore.families.distributions.Prior.describe`), or the
            ``gaussians`` that were fitted to codes.
        asked: whether each is asked for a class.

    Example:
        >>> source({"kind": "mixture", "classes": 10})
        'Drawn from the 10 Gaussians of the prior, dashed on the plane.'
        >>> source({"kind": "standard_normal"}, asked=True)
        'Drawn from the prior N(0, I), its circles on the plane; each is asked for a class.'
    """
    match described["kind"]:
        case "gaussians" if len(described["weights"]) == 1:
            where = "a Gaussian fitted to its codes, dashed on the plane"
        case "gaussians":
            where = (
                f"{len(described['weights'])} Gaussians fitted to its codes, dashed on the plane"
            )
        case "mixture":
            where = f"the {described['classes']} Gaussians of the prior, dashed on the plane"
        case "swiss_roll":
            where = "the prior, a swiss roll, dashed on the plane"
        case "disc":
            where = "the prior, a disc, dashed on the plane"
        case _:
            where = "the prior N(0, I), its circles on the plane"
    return f"Drawn from {where}{'; each is asked for a class' if asked else ''}."


def distances(medians: Mapping[str, float]) -> str:
    """Rows of distances to the nearest training image, in words.

    Example:
        >>> distances({"test": 4.31, "rebuilt": 3.68, "draws": 3.82})
        'Distance to the nearest training image, medians: test images 4.3, the same rebuilt 3.7,
        these draws 3.8.'
    """
    return (
        "Distance to the nearest training image, medians: "
        f"test images {medians['test']:.1f}, the same rebuilt {medians['rebuilt']:.1f}, "
        f"these draws {medians['draws']:.1f}."
    )


def answer(name: str, kind: str, drawn: Drawn, vae: Drawn | None = None) -> str:
    """What a way of drawing gives; empty where nothing was measured.

    Args:
        name: of the way, one of `WAYS`.
        kind: of the distribution that the codes are of.
        drawn: its figures.
        vae: those of the VAE, to hold against it.

    Example:
        >>> answer("vae", "standard_normal", Drawn(recognised=0.86))
        'The classifier is sure of 86\\xa0% of the VAE’s draws.'
        >>> answer("aae", "mixture", Drawn(recognised=0.81, asked=0.93), Drawn(recognised=0.86))
        'Asked for a class by its Gaussian, the adversarial decoder draws it 93\\xa0% of the time;
        the classifier is sure of 81\\xa0% of its draws and of 86\\xa0% of the VAE’s.'
    """
    decoder, sentences, sure = DECODERS[name], [], ""
    if drawn.recognised is not None:
        whose = "its draws" if drawn.asked is not None else f"{decoder}’s draws"
        sure = f"the classifier is sure of {percent(drawn.recognised)} of {whose}"
        if name != "vae" and vae and vae.recognised is not None:
            sure += f" and of {percent(vae.recognised)} of the VAE’s"
    if drawn.asked is not None:
        asked = f"Asked for a class{PARTS.get(kind, '')}, {decoder} draws it"
        told = f"{asked} {percent(drawn.asked)} of the time"
        sentences.append(f"{told}; {sure}." if sure else f"{told}.")
    elif sure:
        sentences.append(f"{sure[:1].upper()}{sure[1:]}.")
    if near := drawn.nearest:
        medians = near.medians()
        apart = (
            f"Its draws lie {medians['draws']:.1f} from the nearest training image, rebuilt test "
            f"images {medians['rebuilt']:.1f}"
        )
        copied = f"{percent(near.copied)} of them are nearer than they should be"
        sentences.append(f"{apart}: {copied if near.copied >= COPIED else 'nothing is memorised'}.")
    return " ".join(sentences)


def measured(draws: int) -> str:
    """The title of the table.

    Example:
        >>> measured(10_000)
        'Measured on 10,000 draws each'
    """
    return f"Measured on {draws:,} draws each"


def measured_note(count: int) -> str:
    """What is said below that title."""
    all_of = f"All {NUMBERS[count]} have" if count > 1 else "It has"
    return (
        f"{all_of} two numbers for a code. A linear classifier tries to read the class from those "
        "two numbers alone."
    )


def head(names: Sequence[str]) -> list[str]:
    """The head of the table, for ways of these names.

    Example:
        >>> head(["vae"])
        ['Measure', 'VAE', 'What it says']
    """
    return ["Measure", *(WAYS[name] for name in names), "What it says"]


def measures(found: Sequence[Drawn]) -> list[list[str]]:
    """Rows of the table: measure, a column for each way, and what the row says.

    A measure that none of them has is left out.

    Example:
        >>> measures([Drawn(recognised=0.86), Drawn(recognised=0.98, asked=0.99)])[1]
        ['Read as the class asked', '–', '.99', 'One of the two can be asked for a class.']
    """
    near = [drawn.nearest for drawn in found]
    medians = [one.medians() if one else {} for one in near]
    values = {
        "recognised": [share(drawn.recognised) for drawn in found],
        "asked": [share(drawn.asked) for drawn in found],
        "told": [share(drawn.told) for drawn in found],
        "draws": [figure(one.get("draws"), 2) for one in medians],
        "rebuilt": [figure(one.get("rebuilt"), 2) for one in medians],
        "copied": [percent(one.copied) if one else "–" for one in near],
        "error": [figure(drawn.error, 1) for drawn in found],
    }
    asked = sum(drawn.asked is not None for drawn in found)
    count = next((len(one.draws) for one in near if one), 0)
    told = {"asked": NUMBERS[asked].capitalize(), "all": NUMBERS[len(found)], "count": count}
    return [
        [title, *values[name], says.format(**told)]
        for name, (title, says) in MEASURES.items()
        if set(values[name]) != {"–"}
    ]
