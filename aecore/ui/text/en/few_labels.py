"""How far few labels go: what the methods are called, the table, the three ways of the ablation."""

from collections.abc import Sequence

from aecore.ui.text.en.runs import LONGEST_NAME

UNMEASURED = "The accuracies are not measured yet; the labelled images are here."
HEAD = ("Read correctly, mean over draws", "What it sees")

METHODS = {
    "pixels": {
        "label": "pixels",
        "title": "Pixels and a classifier",
        "sees": "The labelled images only.",
    },
    "codes": {
        "label": "M1",
        "title": "M1: codes of a VAE, and the classifier",
        "sees": "Codes learned from all images; labels come after.",
    },
    "classes": {
        "label": "M2",
        "title": "M2: the label is a part of the code",
        "sees": "All images and labels at once; unknown labels are summed out.",
    },
    "both": {
        "label": "M1+M2",
        "title": "M1+M2: M2 on the codes of M1",
        "sees": "Both, one above the other.",
    },
    "critic": {
        "label": "AAE",
        "title": "AAE: the label is a part of the code",
        "sees": "As M2, with a critic in place of the KL terms.",
    },
}

GUESSES = "One digit, ten guesses"
GUESSES_NOTE = (
    "Press a test digit. The model, trained with few labels, says how likely each label is, and "
    "draws the digit as if it were each of the ten."
)
NO_GUESSES = "No run of this kind yet: none here infers a label and draws by it."
TRAIN = "Train one"

ABLATION = "What the labels must be used for"
ABLATION_NOTE = (
    "M2 with the same 100 labels, trained in three ways. Only the last asks the labelled images to "
    "be read correctly."
)
WAYS = {
    "drawn": ("label drawn from q,", "no term for the classifier"),
    "summed": ("label summed out,", "no term for the classifier"),
    "term": ("label summed out,", "with its term"),
}
CHANCE = "chance"
AXIS = "Read correctly with 100 labels"
OBJECTIVE = r"""
$$\mathcal{J} = \sum_{\text{labelled}} \mathcal{L}(\sym{x}, y)
+ \sum_{\text{unlabelled}} \mathcal{U}(\sym{x})
\tint{$\displaystyle - \,\alpha \sum_{\text{labelled}} \log q(y \mid \sym{x})$}$$

The first two terms never ask $q$ for the right label: the bound is content to let $y$ stand for
something else, such as slant. The term on tint is the one that $\alpha$ weighs."""


def lede(images: int, shown: str | None) -> str:
    """What the page is about.

    Args:
        images: that the methods learned from.
        shown: the title of the dataset whose images stand in for MNIST's, which is not on disk.

    Example:
        >>> lede(60_000, None)
        'All 60,000 images can be seen; few of them have a label. Drag the number of labels.'
    """
    if shown is None:
        start = f"All {images:,} images can be seen; few of them have a label."
    else:
        start = (
            f"Each method saw all {images:,} images of MNIST, few of them with a label. MNIST is "
            f"not on disk here, so the images shown are of {shown}."
        )
    return f"{start} Drag the number of labels."


def measured(images: int) -> str:
    """The heading of the table.

    Example:
        >>> measured(10_000)
        'Measured on 10,000 test images'
    """
    return f"Measured on {images:,} test images"


def labels(count: int, images: int) -> str:
    """A number of labels at the head of a column.

    Example:
        >>> labels(1000, 60_000), labels(60_000, 60_000)
        ('1,000 labels', 'all 60,000')
    """
    return f"all {images:,}" if count >= images else f"{count:,} labels"


def accuracy(value: float | None) -> str:
    """A share of images read correctly.

    Example:
        >>> accuracy(0.9312), accuracy(1.0), accuracy(None)
        ('.931', '1.000', '–')
    """
    return "–" if value is None else f"{value:.3f}".removeprefix("0")


def not_shown(asked: str, instead: str) -> str:
    """That a link names a run which infers no label.

    Example:
        >>> not_shown("mine", "mnist-m2-100")
        'The link names the run mine, which is not here or infers no label; this is mnist-m2-100.'
    """
    asked = asked if len(asked) <= LONGEST_NAME else f"{asked[:LONGEST_NAME]}…"
    return (
        f"The link names the run {asked}, which is not here or infers no label; this is {instead}."
    )


def way(lines: Sequence[str], mean: float, draws: int) -> str:
    """A bar of the ablation, for who cannot see it.

    Example:
        >>> way(("label drawn from q,", "no term for the classifier"), 0.2, 1)
        'label drawn from q, no term for the classifier: .200, one draw of labels'
    """
    of = "one draw of labels" if draws == 1 else f"mean of {draws} draws of labels"
    return f"{' '.join(lines)}: {accuracy(mean)}, {of}"
