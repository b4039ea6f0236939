"""The semi-supervised variational autoencoder M1: a classifier on the codes of a VAE."""

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from aecore.families.cvae import CVAE
from aecore.families.networks import Net, build_mlp, describe
from aecore.families.options import Term
from aecore.families.plan import Phase, Update, parameters_of
from aecore.families.registry import register
from aecore.families.vae import VAE

LABEL = Term("label", "Error of labels", "xt", batch=True)


def error_of_labels(logits: Tensor, y: Tensor | None) -> Tensor:
    """−log q(y | x), mean over images with known labels; 0 where there are none."""
    if y is None:
        return 0.0 * logits.sum()
    nats = functional.cross_entropy(logits.float(), y.clamp(min=0), reduction="none")
    known = y >= 0
    return (nats * known).sum() / known.sum().clamp(min=1)


@register
class M1(VAE):
    """A VAE learns from all images; a classifier on its codes μ(x), from those with known labels.

    A first phase trains the VAE, a second the classifier, of one hidden layer as wide as the
    encoder's last: no label ever moves a code.

    Args:
        classes: number of classes.

    References:
        Kingma, Rezende, Mohamed & Welling, Semi-Supervised Learning with Deep Generative Models,
        2014.

    Example:
        >>> import torch
        >>> M1(latent_dim=8, hidden=(32,)).classify(torch.rand(3, 1, 28, 28)).shape
        torch.Size([3, 10])
    """

    name = "m1"
    title = "Classifier on a VAE's codes (M1)"
    short = "M1"
    summary = "Classifier on a VAE's codes: all images shape them, few labels teach to read them."
    place = 6.0

    OPTIONS = (replace(CVAE.OPTIONS[0], default=32, key="features"), *CVAE.OPTIONS[1:])
    TERMS = (*VAE.TERMS, LABEL)
    labelled_share = 0.1
    network = "mlp"

    classes: int

    @property
    def loss_title(self) -> str:
        """A bound, and the classifier's error."""
        return "loss"

    def build(self) -> None:
        """The classifier's network as well."""
        super().build()
        self.classifier = build_mlp(
            self.latent_dim, self.hidden[-1:], self.classes, self.activation
        )

    def plan(self) -> tuple[Phase, ...]:
        """First the codes, then who reads them."""
        return (
            Phase("features", 3, (Update("loss", parameters_of("encoder", "decoder")),)),
            Phase("classifier", 1, (Update("label", parameters_of("classifier")),)),
        )

    def classify(self, x: Tensor) -> Tensor:
        """q(y | μ(x)), shape (B, classes)."""
        return torch.softmax(self.classifier(self.encode(x)).float(), 1)

    def objective(
        self,
        term: str,
        x: Tensor,
        y: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> dict[str, Tensor]:
        """The VAE's terms, or the classifier's alone."""
        if term == "loss":
            return super().losses(x, y, generator=generator)
        with torch.no_grad():
            codes = self.encode(x)
        return {"label": error_of_labels(self.classifier(codes), y)}

    def losses(
        self, x: Tensor, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """The VAE's terms, and ``label``: −log q(y | μ(x)), mean over images with known labels."""
        found = super().losses(x, y, generator=generator) | self.objective("label", x, y)
        return found | {"loss": found["loss"] + found["label"]}

    def networks(self) -> dict[str, Net]:
        """The classifier reads the first half of what the encoder gives."""
        nets = super().networks()
        encoder = nets["encoder"]
        layers = [
            *encoder.layers,
            {"op": "take", "size": self.latent_dim},
            *describe(self.classifier, "classifier"),
        ]
        return nets | {"classifier": Net(encoder.inputs, layers, (("logits", self.classes),))}
