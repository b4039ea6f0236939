"""Sentences and table rows that are computed from figures, so that they say what was measured."""

Figures = dict[str, object]
WAYS = (("standard_normal", "N(0, I)"), ("fitted", "fitted Gaussian"))


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


def gap_answer(left: str, right: str, a: Figures, b: Figures, *, alike: bool = True) -> str:
    """What lives in the gaps, for two runs: how often a draw falls into one, and what is read.

    Only of runs that are ``alike``, trained on the same images, is one said to have fewer.
    """
    if left == right:
        return _gaps_of(left, a)
    if not alike:
        return f"{_gaps_of(left, a)} {_gaps_of(right, b)} {OTHER}"
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


SAME = "No difference to speak of."
OTHER = "The two were trained on different images, so neither can be called the better one."

# Measure, where it stands in a card's figures, digits shown, the least difference worth a word,
# whether less is better, and what to say of the better one ({0}) and its lead ({1}).
MEASURES: list[tuple[str, tuple[str, ...], int, float, bool, str]] = [
    (
        "Reconstruction error at f(x) or μ(x), nats",
        ("reconstruction",),
        *(1, 0.5, True, "{0} rebuilds {1:.1f} nats better."),
    ),
    (
        "KL to the prior, nats",
        ("kl",),
        *(1, 0.5, True, "{0} pays {1:.1f} nats less for saying where a code is."),
    ),
    (
        "−ELBO, with drawn codes, nats",
        ("negative_elbo",),
        *(1, 0.5, True, "{0} is ahead by {1:.1f} nats."),
    ),
    (
        "NLL, 100 draws, at most 1,000 images, nats",
        ("nll",),
        *(1, 0.5, True, "{0} is ahead by {1:.1f} nats."),
    ),
    *(
        (
            f"Gap fraction, {name}",
            ("gap_fraction", way),
            *(3, 0.005, True, "Fewer of these draws fall into a gap of {0}."),
        )
        for way, name in WAYS
    ),
    *(
        (
            f"Recognised fraction, {name}",
            ("recognised_fraction", way),
            *(3, 0.03, False, "The classifier is sure of more of these draws from {0}."),
        )
        for way, name in WAYS
    ),
    (
        "10-nearest-neighbour accuracy",
        ("knn_accuracy",),
        *(3, 0.02, False, "Neighbouring codes agree on the class more often in {0}."),
    ),
    (
        "Silhouette of the classes",
        ("silhouette",),
        *(3, 0.02, False, "Classes stand apart a little more in {0}; 1 would be far apart."),
    ),
    (
        "Trustworthiness",
        ("trustworthiness",),
        *(3, 0.01, False, "Neighbours of a code look alike more often in {0}."),
    ),
]


def measures(
    a: Figures, b: Figures, left: str, right: str, *, alike: bool = True
) -> list[tuple[str, str, str, str]]:
    """Rows of the table: measure, left, right, and one sentence on what the two say.

    Of runs that are not ``alike``, trained on the same images, the two say nothing.
    """
    rows = []
    for name, path, digits, least, less, words in MEASURES:
        x, y = _get(a, path), _get(b, path)
        if x is None and y is None:
            continue
        if x is None or y is None:
            says = _one_sided(name)
        elif not alike:
            says = "Each on its own images."
        elif abs(x - y) < least:
            says = SAME
        else:
            says = sentence(words.format(left if (x < y) == less else right, abs(x - y)))
        shown = ("–" if v is None else f"{v:.{digits}f}".replace("-", "−") for v in (x, y))
        rows.append((name, *shown, says))
    return rows


def _get(figures: Figures, path: tuple[str, ...]) -> float | None:
    for part in path:
        figures = figures.get(part) if figures else None
    return figures


def _one_sided(name: str) -> str:
    if name.startswith("KL"):
        return "What a VAE pays to say where a code is; an AE's loss does not count it."
    if name.startswith("−ELBO"):
        return "Reconstruction plus KL; codes are drawn, so more than the two rows above."
    if name.startswith("NLL"):
        return "Closer to −log p(x) than −ELBO is; on the first 1,000 images at most."
    return "Measured on one of the two only."
