"""What runs are called, what they are, and where draws from them come from."""

from collections.abc import Mapping

from aecore.ui.text.en.units import percent

PLANES = {"points": "Points", "grid": "Images", "gaps": "Gaps"}
SHADES = {"gaps": "Gaps", "prior": "Prior", "grid": "Decoded grid"}
DRAWS = {"own": "Each model’s own", "prior": "N(0, I)", "fitted": "Fitted"}
ANY_CLASS = "any"
CLASS_HELP = "Given to the decoder with the code; any: each class alike, as where it is unknown."
LONGEST_NAME = 80  # characters of a run's name in a sentence
READY, MISSING = "ready", "downloaded on Train"
NONE = "There is no run to show yet. Train one on the page Train."
KL_NOTE = "KL of each latent dimension; those near 0 are inactive."

CODE = r"""
The encoder gives $\sym{z} = f(\sym{x})$. Nothing was asked of $g$ away from the codes of images."""

POSTERIOR = r"""
$$q(\sym{z} \mid \sym{x}) = \mathcal{N}\big(\sym{mu}(\sym{x}), \operatorname{diag}
\sym{sigma}^2(\sym{x})\big), \qquad \sym{z} = \sym{mu} + \sym{sigma}\,\sym{eps}$$

The pointer chooses $\sym{z}$ by hand, so no noise $\sym{eps}$ is drawn here. The prior is
$\mathcal{N}(0, I)$; in two dimensions its circles hold 39, 86 and 99 % of it."""

PROJECTIONS = r"""
A plane shows two numbers of a code. **Dimensions** shows two of its own, and leaves the others as
they are."""


def the(kind: str) -> str:
    """A kind of model in a sentence.

    Example:
        >>> the("VAE")
        'the VAE'
    """
    return f"the {kind}"


def drawn(name: str, source: str) -> str:
    """Where a row of draws comes from.

    Args:
        name: of the run.
        source: ``"prior"``, ``"normal"`` (N(0, I), of a model that has no prior) or ``"fitted"``.

    Example:
        >>> drawn("mnist-vae", "prior")
        'mnist-vae: drawn from the prior N(0, I).'
    """
    sources = {
        "prior": "the prior N(0, I)",
        "normal": "N(0, I), which it was not trained for",
        "fitted": "a Gaussian fitted to its codes",
    }
    return f"{name}: drawn from {sources[source]}."


def card(
    data: str, pixels: str, seed: int, seconds: float, *, draws: bool, whole: bool = True
) -> str:
    """What a run's card says, and what the curve below it is.

    Args:
        data, pixels: what it was trained on.
        seed: of the training.
        seconds: that it took.
        draws: whether its codes are drawn from a posterior.
        whole: whether all of its figures are finite.

    Example:
        >>> card("MNIST", "grey values", 0, 630.0, draws=False)[20:]
        'Seed 0, trained in 630 s. Below, losses on test images while it learned.'
    """
    more = "; reconstruction is here with drawn codes" if draws else ""
    left_out = "" if whole else "Figures that are no finite numbers are left out. "
    return (
        f"{data}. {pixels[:1].upper()}{pixels[1:]}. Seed {seed}, trained in {seconds:.0f} s. "
        f"{left_out}Below, losses on test images while it learned{more}."
    )


def not_shown(asked: str, instead: str) -> str:
    """That a link names a run which a page cannot show.

    Example:
        >>> not_shown("mine", "mnist-vae")
        'The link names the run mine, which is not here or has no plane of codes; this is
        mnist-vae.'
    """
    asked = asked if len(asked) <= LONGEST_NAME else f"{asked[:LONGEST_NAME]}…"
    return (
        f"The link names the run {asked}, which is not here or has no plane of codes; "
        f"this is {instead}."
    )


def collapsed(name: str, kl: float) -> str:
    """What a code says of its image where hardly any KL is left.

    Example:
        >>> collapsed("the VAE", 0.05)
        'Posterior collapse: the KL of the VAE is 0.05 nats, so a code says next to nothing of its
        image. Each posterior, in violet, is as wide as the prior, and every point decodes to much
        the same image.'
    """
    amount = "less than 0.01" if kl < 0.01 else f"{kl:.2f}"
    return (
        f"Posterior collapse: the KL of {name} is {amount} nats, so a code says next to nothing of "
        "its image. Each posterior, in violet, is as wide as the prior, and every point decodes to "
        "much the same image."
    )


def reader(accuracy: float) -> str:
    """What reads the images: a share of test images that it reads rightly.

    Example:
        >>> reader(0.991)
        'A separate network, 99.1\\xa0% right on test images.'
    """
    return f"A separate network, {percent(accuracy, 1)} right on test images."


def classifier(accuracy: float) -> str:
    """What a classifier is.

    Example:
        >>> classifier(0.991)
        'Reads digits, 99.1\\xa0% of them rightly.'
    """
    return f"Reads digits, {percent(accuracy, 1)} of them rightly."


def model(title: str, noise: str, loss: str) -> str:
    """What an autoencoder is, and what its loss is.

    Args:
        title: of its family.
        noise: of its training (see `noise`), or its `settings`; empty without.
        loss: ``"negative_elbo"``, ``"reconstruction"``, ``"clean"`` for the reconstruction of
            clean images from spoiled ones, or ``"gaussian"`` for that of squared error.

    Example:
        >>> model("Denoising autoencoder", "no noise", "clean")
        'Denoising autoencoder, no noise; cross-entropy of clean images.'
    """
    losses = {
        "negative_elbo": "−ELBO",
        "reconstruction": "cross-entropy",
        "clean": "cross-entropy of clean images",
        "gaussian": "squared error as nats of a Gaussian, which do not compare with the others",
    }
    return f"{', '.join(filter(None, [title, noise]))}; {losses[loss]}."


def noise(title: str, symbol: str, value: float) -> str:
    """The noise that a run was trained with.

    Example:
        >>> noise("Gaussian", "s", 0.5), noise("Masking", "ν", 0.25), noise("Masking", "ν", 0)
        ('Gaussian noise s = 0.5', 'masking noise ν = 0.25', 'no noise')
    """
    if value == 0:
        return "no noise"
    named = title if title == "Gaussian" else title[:1].lower() + title[1:]
    return f"{named} noise {symbol} = {value:g}"


def settings(values: Mapping[str, float]) -> str:
    """Values of options, by their symbols.

    Example:
        >>> settings({"ρ": 0.05, "λ": 2.0}), settings({})
        ('ρ = 0.05, λ = 2', '')
    """
    return ", ".join(f"{symbol} = {value:g}" for symbol, value in values.items())
