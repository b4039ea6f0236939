"""Sentences and table rows that are computed from figures, so that they say what was measured."""

from collections.abc import Callable

Figures = dict[str, object]


def share(value: float) -> str:
    """A share as "1 in 12", or in percent where that reads better.

    Example:
        >>> share(0.085), share(0.55), share(0.0)
        ('1 time in 12', '55 % of the time', 'never in 10,000 draws')
    """
    if value == 0:
        return "never in 10,000 draws"
    return (
        f"{value:.0%} of the time".replace("%", " %")
        if value > 0.3
        else f"1 time in {1 / value:.0f}"
    )


def natural(figures: Figures, measure: str) -> float:
    """A measure under the way of sampling that is the model's own: the prior of a VAE, and a
    Gaussian fitted to the codes of a model that has none."""
    return figures[measure]["standard_normal" if "kl" in figures else "fitted"]


def gap_answer(left: str, right: str, a: Figures, b: Figures) -> str:
    """What lives in the gaps, for two runs: how often a draw falls into one, and what is read."""

    def says(name: str, figures: Figures) -> str:
        source = "its prior" if "kl" in figures else "a Gaussian fitted to its codes"
        sentence = f"A draw from {source} falls into a gap of {name} {share(natural(figures, 'gap_fraction'))}"
        if "recognised_fraction" in figures:
            read = natural(figures, "recognised_fraction")
            sentence += f", and {read:.0%} of the images it decodes to are read as a digit".replace(
                "%", " %"
            )
        return sentence + "."

    return f"{says(left, a)} {says(right, b)}"


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
            return less.format(left if (x < y) == low else right, abs(x - y))

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
