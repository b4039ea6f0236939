"""Sentences and table rows that are computed from figures, so that they say what was measured."""

from collections.abc import Callable

Figures = dict[str, object]


def one_in(value: float) -> str:
    """A share of 10,000 draws as "1 draw in 12", or in percent where that reads better.

    Example:
        >>> one_in(0.085), one_in(0.55), one_in(0.0)
        ('1 draw in 12', '55 % of draws', 'none of 10,000 draws')
    """
    if value == 0:
        return "none of 10,000 draws"
    return f"{percent(value)} of draws" if value > 0.3 else f"1 draw in {1 / value:.0f}"


def percent(value: float) -> str:
    """A share in whole percent.

    Example:
        >>> percent(0.683)
        '68 %'
    """
    return f"{100 * value:.0f} %"


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def natural(figures: Figures, measure: str) -> float:
    """A measure under the way of sampling that is the model's own: the prior of a VAE, and a
    Gaussian fitted to the codes of a model that has none."""
    return figures[measure]["standard_normal" if "kl" in figures else "fitted"]


def gap_answer(left: str, right: str, a: Figures, b: Figures) -> str:
    """What lives in the gaps, for two runs: how often a draw falls into one, and what is read."""

    def says(name: str, figures: Figures) -> str:
        source = "its prior" if "kl" in figures else "a Gaussian fitted to its codes"
        gaps = one_in(natural(figures, "gap_fraction"))
        text = f"{name}: of codes drawn from {source}, {gaps} lands in a gap"
        if "recognised_fraction" in figures:
            text += f", and {percent(natural(figures, 'recognised_fraction'))} are read as a digit"
        return sentence(text) + "."

    gaps = [natural(figures, "gap_fraction") for figures in (a, b)]
    fewer = right if gaps[1] < gaps[0] else left
    verdict = (
        f"{fewer} leaves fewer gaps"
        if abs(gaps[0] - gaps[1]) > 0.01
        else "The gaps are about as many"
    )
    if "recognised_fraction" in a and "recognised_fraction" in b:
        read = [natural(figures, "recognised_fraction") for figures in (a, b)]
        more = right if read[1] > read[0] else left
        if abs(read[0] - read[1]) < 0.05:
            verdict += ", and about as many of its draws look like digits"
        elif more == fewer:
            verdict += ", and more of its draws look like digits"
        else:
            verdict += f", yet more of {more}’s draws look like digits"
    return f"{says(left, a)} {says(right, b)} {sentence(verdict)}."


def measures(a: Figures, b: Figures, left: str, right: str) -> list[tuple[str, str, str, str]]:
    """Rows of the table: measure, left, right, and one sentence on what the two say."""
    rows = []

    def add(
        name: str, get: Callable[[Figures], float], digits: int, say: Callable[[float, float], str]
    ) -> None:
        values = [_get(get, figures) for figures in (a, b)]
        if values == [None, None]:
            return
        shown = [("–" if v is None else f"{v:.{digits}f}".replace("-", "−")) for v in values]
        rows.append((name, *shown, say(*values) if None not in values else _one_sided(name)))

    def better(least: float, less: str, *, low: bool) -> Callable[[float, float], str]:
        def say(x: float, y: float) -> str:
            if abs(x - y) < least:
                return "No difference to speak of."
            return sentence(less.format(left if (x < y) == low else right, abs(x - y)))

        return say

    add(
        "Reconstruction error, nats",
        lambda f: f["reconstruction"],
        1,
        better(0.5, "{0} rebuilds {1:.1f} nats better.", low=True),
    )
    add(
        "KL to the prior, nats",
        lambda f: f["kl"],
        1,
        better(0.5, "{0} says {1:.1f} nats less about where a code is.", low=True),
    )
    add(
        "−ELBO, nats",
        lambda f: f["negative_elbo"],
        1,
        better(0.5, "{0} gives the images {1:.1f} nats more likelihood, at least.", low=True),
    )
    add(
        "NLL from 100 draws, nats",
        lambda f: f["nll"],
        1,
        better(0.5, "{0} is ahead by {1:.1f} nats.", low=True),
    )
    for way, name in (("standard_normal", "N(0, I)"), ("fitted", "fitted Gaussian")):
        add(
            f"Gap fraction, {name}",
            lambda f, way=way: f["gap_fraction"][way],
            3,
            better(0.005, "Fewer of these draws fall into a gap of {0}.", low=True),
        )
    for way, name in (("standard_normal", "N(0, I)"), ("fitted", "fitted Gaussian")):
        add(
            f"Recognised fraction, {name}",
            lambda f, way=way: f["recognised_fraction"][way],
            3,
            better(0.03, "More of these draws from {0} decode to a digit.", low=False),
        )
    add(
        "10-nearest-neighbour accuracy",
        lambda f: f["knn_accuracy"],
        3,
        better(0.02, "Neighbouring codes agree on the class more often in {0}.", low=False),
    )
    add(
        "Silhouette of the classes",
        lambda f: f["silhouette"],
        3,
        better(0.02, "Classes stand apart a little more in {0}; 1 would be far apart.", low=False),
    )
    add(
        "Trustworthiness",
        lambda f: f["trustworthiness"],
        3,
        better(0.01, "Neighbours of a code look alike more often in {0}.", low=False),
    )
    return rows


def _get(get: Callable[[Figures], float], figures: Figures) -> float | None:
    try:
        return get(figures)
    except KeyError:
        return None


def _one_sided(name: str) -> str:
    if name.startswith("KL"):
        return "What it costs to say where a code is; without a posterior there is no such cost."
    if name.startswith("−ELBO"):
        return "Reconstruction with a drawn code, plus KL: a bound on −log p(x)."
    if name.startswith("NLL"):
        return "A tighter bound than −ELBO, on 1,000 images."
    return "Measured on one of the two only."
