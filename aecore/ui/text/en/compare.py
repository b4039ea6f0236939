"""What sets two runs apart: the short answer, and the table of measures."""

from collections.abc import Sequence

from aecore.analysis.comparison import GapComparison, Gaps, Row
from aecore.ui.text.en.units import figure, percent

NORMAL, FITTED = "N(0, I)", "fitted Gaussian"
SAME = "No difference to speak of."
APART = "Each on its own images."
UNITS = "Nats of two likelihoods are two units; the squared error is one."
EMPTY = "No merit of {better}: its code carries nothing."
OTHER = "The two were trained on different images, so neither can be called the better one."

# For each measure its title, and what is said of the better run and of how far it leads.
MEASURES = {
    "reconstruction": (
        "Reconstruction error at f(x) or μ(x), nats",
        "{better} rebuilds {lead:.1f} nats better.",
    ),
    "squared_error": (
        "Squared error at f(x) or μ(x)",
        "{better} rebuilds more closely, by {lead:.1f}.",
    ),
    "kl": (
        "KL to the prior, nats",
        "{better} pays {lead:.1f} nats less for saying where a code is.",
    ),
    "negative_elbo": (
        "−ELBO, with drawn codes, nats",
        "{better} is ahead by {lead:.1f} nats.",
    ),
    "nll": (
        "NLL, 100 draws, at most 1,000 images, nats",
        "{better} is ahead by {lead:.1f} nats.",
    ),
    "gaps_standard_normal": (
        f"Gap fraction, {NORMAL}",
        "Fewer of these draws fall into a gap of {better}.",
    ),
    "gaps_fitted": (
        f"Gap fraction, {FITTED}",
        "Fewer of these draws fall into a gap of {better}.",
    ),
    "recognised_standard_normal": (
        f"Recognised fraction, {NORMAL}",
        "The classifier is sure of more of these draws from {better}.",
    ),
    "recognised_fitted": (
        f"Recognised fraction, {FITTED}",
        "The classifier is sure of more of these draws from {better}.",
    ),
    "recognised_mixture": (
        "Recognised fraction, fitted mixture",
        "The classifier is sure of more of these draws from {better}.",
    ),
    "knn_accuracy": (
        "10-nearest-neighbour accuracy",
        "Neighbouring codes agree on the class more often in {better}.",
    ),
    "silhouette": (
        "Silhouette of the classes",
        "Classes stand apart a little more in {better}; 1 would be far apart.",
    ),
    "trustworthiness": (
        "Trustworthiness",
        "Neighbours of a code look alike more often in {better}.",
    ),
}

# What is said of a measure that only one of the two has.
SINGLE = {
    "kl": "What a VAE pays to say where a code is; an AE's loss does not count it.",
    "negative_elbo": ("Reconstruction plus KL; codes are drawn, so more than the two rows above."),
    "nll": "Closer to −log p(x) than −ELBO is; on the first 1,000 images at most.",
    "recognised_mixture": "Several Gaussians fitted to codes that have no prior to draw from.",
}
ONE_ONLY = "Measured on one of the two only."


def gaps(facts: GapComparison, left: str, right: str) -> str:
    """What lives in the gaps of two runs: how often a draw falls into one, and what is read.

    Example:
        >>> gaps(GapComparison(Gaps(True, 0.02)), "the VAE", "the VAE")
        'The VAE: 1 draw in 50 from its prior lands in a gap.'
    """
    sentences = [_gaps_of(left, facts.left)]
    if facts.right is None:
        return sentences[0]
    sentences.append(_gaps_of(right, facts.right))
    if not facts.alike:
        return " ".join([*sentences, OTHER])
    verdict = "The two have about as many gaps"
    empty = [name for name, side in ((left, facts.left), (right, facts.right)) if side.collapsed]
    if empty:
        verdict = f"The code of {empty[0]} carries nothing, so that its few gaps are no merit"
    if len(empty) == 2:
        verdict = "Neither code carries anything, so that few gaps are no merit"
    if facts.fewer:
        verdict = capital(f"{left if facts.fewer == 'left' else right} leaves fewer gaps")
    return " ".join([*sentences, f"{verdict}. Of the test images, 1 in 100 has its code in a gap."])


def _gaps_of(name: str, gaps: Gaps) -> str:
    source = "its prior" if gaps.prior else "a Gaussian fitted to its codes"
    lands = "land" if _plural(gaps.share) else "lands"
    text = f"{name}: {draws(gaps.share)} from {source} {lands} in a gap"
    if gaps.recognised is not None:
        text += f", where the classifier is sure of {percent(gaps.recognised)} of images"
        if gaps.recognised_anywhere is not None:
            text += f" (of all draws: {percent(gaps.recognised_anywhere)})"
    return capital(text) + "."


def draws(share: float) -> str:
    """A share of 10,000 draws as "1 draw in 12", or in percent where that reads better.

    Example:
        >>> draws(0.085), draws(0.55), draws(0.0)
        ('1 draw in 12', '55\\xa0% of draws', 'none of 10,000 draws')
    """
    if share == 0:
        return "none of 10,000 draws"
    return f"{percent(share)} of draws" if _plural(share) else f"1 draw in {1 / share:.0f}"


def _plural(share: float) -> bool:
    return share > 0.3


def capital(text: str) -> str:
    """Begin with a capital, unless a run's name comes first.

    Example:
        >>> capital("the VAE leads."), capital("mnist-ae leads.")
        ('The VAE leads.', 'mnist-ae leads.')
    """
    return text[:1].upper() + text[1:] if "-" not in text.split(" ", 1)[0] else text


def measures(rows: Sequence[Row], left: str, right: str) -> list[tuple[str, str, str, str]]:
    """Rows of the table: measure, left, right, and one sentence on what the two say.

    Example:
        >>> from aecore.analysis.comparison import rows
        >>> measures(rows({"nll": 90.0}, {"nll": 95.0}), "the IWAE", "the VAE")[0][1:]
        ('90.0', '95.0', 'The IWAE is ahead by 5.0 nats.')
    """
    return [
        (
            MEASURES[row.measure.name][0],
            figure(row.left, row.measure.digits),
            figure(row.right, row.measure.digits),
            _says(row, left, right),
        )
        for row in rows
    ]


def _says(row: Row, left: str, right: str) -> str:
    match row.verdict:
        case "single":
            return SINGLE.get(row.measure.name, ONE_ONLY)
        case "apart":
            return APART
        case "units":
            return UNITS
        case "same":
            return SAME
    sentence = EMPTY if row.empty else MEASURES[row.measure.name][1]
    better = left if row.verdict == "left" else right
    return capital(sentence.format(better=better, lead=row.lead))
