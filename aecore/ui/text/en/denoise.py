"""What noise teaches: filters of a first layer, arrows back to a curve, names of models."""

from collections.abc import Iterable, Sequence

from aecore.analysis.first_layer import SHAPED, LayerComparison
from aecore.analysis.spiral_demo import FAR, WIDTH, Effect
from aecore.ui.text.en.units import level as short_level

FILTERS = "What the first layer looks for"
FILTERS_MEANING = (
    "Large: one filter on its own scale. Extent: pixels of its strongest spot, down to half of "
    "its strength; it is outlined. A unit has a shape when neighbouring weights correlate by "
    f"{SHAPED:.2f} or more; at the random start they do not."
)
NONE = "No run here was measured under noise yet. Train one on the page Train."
DRAW = "Draw"
UPLOAD = "Upload"
SPIRAL = "The way back"
SPIRAL_NOTE = (
    f"A network whose code has {WIDTH} numbers could copy every point of the plane. Only noise in "
    "training keeps it from that: it learns the way back to the curve."
)

# Filters


def filters_note(shown: int, units: int, epochs: int) -> str:
    """What the grids of filters show."""
    return (
        f"{shown} of {units} units of one layer with tied weights after {epochs} epochs, from "
        "smooth to rough."
    )


def masked(level: float) -> str:
    """What a run was trained with, from the share of pixels masked.

    Example:
        >>> masked(0), masked(0.25), masked(0.1)
        ('No noise', 'A quarter of the pixels masked', '10\\xa0% of the pixels masked')
    """
    parts = {0: "No noise", 0.25: "A quarter of the pixels masked"}
    parts[0.5] = "Half of the pixels masked"
    return parts.get(level, f"{100 * level:.0f}\N{NO-BREAK SPACE}% of the pixels masked")


def finding(shaped: int, units: int, extent: float) -> str:
    """How many units learned a shape, and how large their shapes are.

    Example:
        >>> finding(0, 20, float("nan")), finding(18, 20, 41.26)
        ('None of 20 learned a shape', '18 of 20 learned a shape; mean extent 41.3 px')
    """
    if not shaped:
        return f"None of {units} learned a shape"
    return f"{shaped} of {units} learned a shape; mean extent {extent:.1f} px"


def filters(facts: LayerComparison, titles: Sequence[str]) -> str:
    """What the noise changed, as far as the numbers say so beyond chance.

    Example:
        >>> filters(LayerComparison(9, (2, 5), (8.0, 16.0), (True,), True), ["No noise", "Some"])
        'More noise, more units with a shape: 2 and 5 of 9. Their mean extent is 8.0 and 16.0
        pixels: the more noise, the larger the shapes.'
    """
    text = "More noise, more units with a shape" if facts.rising else "Units with a shape"
    text += f": {_listed(facts.shaped)} of {facts.units}."
    if 0 in facts.shaped:
        return text
    extents = _listed(f"{extent:.1f}" for extent in facts.extents)
    text += f" Their mean extent is {extents} pixels"
    if all(facts.grew):
        return f"{text}: the more noise, the larger the shapes."
    if not facts.grew_overall:
        return f"{text}: here they do not grow with the noise beyond chance."
    small = [title[:1].lower() + title[1:] for title in titles]
    steps = zip(small, small[1:], facts.grew, strict=False)
    alike = " and ".join(f"“{a}” and “{b}”" for a, b, grew in steps if not grew)
    return f"{text}: they grow with the noise, but {alike} differ by no more than chance."


def _listed(parts: Iterable[object]) -> str:
    *most, last = map(str, parts)
    return f"{', '.join(most)} and {last}" if most else last


# The curve


def spiral(facts: Effect) -> str:
    """What one level of noise taught, from distances measured when its network was trained.

    Example:
        >>> spiral(Effect(0.1, before=0.078, after=0.02, on=0.005, far=0.03))
        'At s = 0.10 a noisy point lies 0.078 from the curve on average; one step leaves 0.020. Of a
        distance of 0.2 it leaves 0.030.'
    """
    text = (
        f"At s = {facts.level:.2f} a noisy point lies {facts.before:.3f} from the curve on "
        f"average; one step leaves {facts.after:.3f}. "
    )
    if facts.cuts_corners:
        return (
            f"{text}But points on the curve leave it too, by {facts.on:.3f}: many x could lie "
            "behind one x̃, the answer is their mean, and it cuts corners."
        )
    text += f"Of a distance of {FAR} it leaves {facts.far:.3f}"
    if facts.reaches_far:
        return f"{text}."
    return f"{text}: training hardly ever went there, and farther out arrows mean little."


# Models


def model(kind: str, symbol: str = "", level: float | None = None) -> dict[str, str]:
    """What to call a model: in its heading (two lines), at its line, and in a sentence.

    Args:
        kind: short title of its family.
        symbol, level: of the noise that it was trained with; no level without noise in training.

    Example:
        >>> model("DAE", "s", 0.5)["says"], model("Tied DAE", "ν", 0)["says"], model("AE")["says"]
        ('the DAE of s = .5', 'the tied DAE without noise', 'the AE')
    """
    lower = kind[:1].lower() + kind[1:] if kind[1:2].islower() else kind
    if level is None:
        return {"title": kind, "detail": "", "label": kind, "says": f"the {lower}"}
    shown = f"{symbol} = {short_level(level)}"
    return {
        "title": kind,
        "detail": shown if level else "no noise",
        "label": f"{kind} {short_level(level)}",
        "says": f"the {lower} of {shown}" if level else f"the {lower} without noise",
    }


def varied(kind: str, symbol: str, value: float) -> dict[str, str]:
    """The same for a model with an option of its family at an unusual value.

    Example:
        >>> varied("Contractive AE", "λ", 10)["says"], varied("Contractive AE", "λ", 10)["label"]
        ('the contractive AE of λ = 10', 'Contractive λ 10')
    """
    shown = f"{symbol} = {short_level(value)}"
    return {
        "title": kind,
        "detail": shown,
        "label": f"{kind.removesuffix(' AE')} {symbol} {short_level(value)}",
        "says": f"{model(kind)['says']} of {shown}",
    }


def named(name: str) -> dict[str, str]:
    """The same for a model that goes by its own name."""
    return {"title": name, "detail": "", "label": name, "says": name}


def measured(datasets: int, images: int | None, dataset: str) -> str:
    """What figures under noise are means of.

    Args:
        datasets: how many the models were trained on.
        images: how many test images; None where the dataset is not known here.
        dataset: its title.

    Example:
        >>> measured(1, 1000, "MNIST"), measured(2, None, ""), measured(1, None, "")
        ('1,000 test images of MNIST', 'test images, each model’s own', 'its test images')
    """
    if datasets > 1:
        return "test images, each model’s own"
    return "its test images" if images is None else f"{images:,} test images of {dataset}"
