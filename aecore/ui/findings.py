"""Sentences and table rows that are computed from figures, so that they say what was measured."""

from collections.abc import Callable

Figures = dict[str, object]


def one_in(value: float) -> str:
    """A share of 10,000 draws as "1 draw in 12", or in percent where that reads better.

    Example:
        >>> one_in(0.085), one_in(0.55), one_in(0.0)
        ('1 draw in 12', '55\\xa0% of draws', 'none of 10,000 draws')
    """
    if value == 0:
        return "none of 10,000 draws"
    return f"{percent(value)} of draws" if value > 0.3 else f"1 draw in {1 / value:.0f}"


def percent(value: float) -> str:
    """A share in whole percent, with a space that does not break.

    Example:
        >>> percent(0.683)
        '68\\xa0%'
    """
    return f"{100 * value:.0f}\N{NO-BREAK SPACE}%"


def sentence(text: str) -> str:
    """Begin with a capital, unless a run's name comes first.

    Example:
        >>> sentence("the VAE leads."), sentence("mnist-ae leads.")
        ('The VAE leads.', 'mnist-ae leads.')
    """
    return text[:1].upper() + text[1:] if "-" not in text.split()[0] else text


def natural(figures: Figures, measure: str) -> float:
    """A measure under the way of sampling that is the model's own: the prior of a VAE, and a
    Gaussian fitted to the codes of a model that has none."""
    return figures[measure]["standard_normal" if "kl" in figures else "fitted"]


def gap_answer(left: str, right: str, a: Figures, b: Figures) -> str:
    """What lives in the gaps, for two runs: how often a draw falls into one, and what is read."""
    if left == right:
        return _gaps_of(left, a)
    shares = [natural(figures, "gap_fraction") for figures in (a, b)]
    few, many = sorted(zip(shares, (left, right), strict=True))
    verdict = "The two have about as many gaps"
    if many[0] - few[0] > 0.01:
        verdict = f"{few[1]} leaves fewer gaps"
    return f"{_gaps_of(left, a)} {_gaps_of(right, b)} {sentence(verdict)}; of test codes, 1 in 100."


def _gaps_of(name: str, figures: Figures) -> str:
    source = "its prior" if "kl" in figures else "a Gaussian fitted to its codes"
    fraction = natural(figures, "gap_fraction")
    text = (
        f"{name}: {one_in(fraction)} from {source} {'land' if fraction > 0.3 else 'lands'} in a gap"
    )
    if inside := figures.get("recognised_in_gaps"):
        read = inside["standard_normal" if "kl" in figures else "fitted"]
        overall = natural(figures, "recognised_fraction")
        if read is not None:
            text += f", where the classifier is sure of {percent(read)} of images"
            text += f" (of all draws: {percent(overall)})"
    return sentence(text) + "."


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
        "Reconstruction error at f(x) or μ(x), nats",
        lambda f: f["reconstruction"],
        1,
        better(0.5, "{0} rebuilds {1:.1f} nats better.", low=True),
    )
    add(
        "KL to the prior, nats",
        lambda f: f["kl"],
        1,
        better(0.5, "{0} pays {1:.1f} nats less for saying where a code is.", low=True),
    )
    add(
        "−ELBO, with drawn codes, nats",
        lambda f: f["negative_elbo"],
        1,
        better(0.5, "{0} is ahead by {1:.1f} nats.", low=True),
    )
    add(
        "NLL, 100 draws, 1,000 images, nats",
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
            better(0.03, "The classifier is sure of more of these draws from {0}.", low=False),
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
        return "What a VAE pays to say where a code is; an AE's loss does not count it."
    if name.startswith("−ELBO"):
        return "Reconstruction plus KL; codes are drawn, so more than the two rows above."
    if name.startswith("NLL"):
        return "Closer to −log p(x) than −ELBO is; on the first 1,000 images only."
    return "Measured on one of the two only."
