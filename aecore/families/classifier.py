"""The judge: a small network that reads digits, so that decoded images get a label."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from aecore.families.base import Model
from aecore.families.networks import PIXELS, Net, describe
from aecore.families.options import Option, Term
from aecore.families.registry import register


@register
class Classifier(Model):
    """A small convolutional classifier: p(y | x) = softmax(h(x)), trained by cross-entropy.

    Small enough (28,000 weights) to run in the browser under every decoded image.

    References:
        LeCun et al., Gradient-Based Learning Applied to Document Recognition, 1998.

    Example:
        >>> Classifier()(torch.rand(2, 1, 28, 28)).shape
        torch.Size([2, 10])
    """

    name = "classifier"
    title = "Classifier"
    short = "Classifier"
    summary = "Reads the digit in an image, and says how surely."
    place = 99

    OPTIONS = (
        Option(
            "classes",
            10,
            label="Classes",
            help="number of classes",
            kind="whole",
            low=2,
            high=1000,
        ),
    )
    TERMS = (Term("error", "Error", "xt"),)
    labelled_share = 1.0  # an image without a label teaches it nothing

    classes: int

    def __init__(self, /, **options: object) -> None:
        super().__init__(**options)
        self.network = nn.Sequential(
            nn.Conv2d(1, 16, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(16, 32, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * 7 * 7, self.classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, classes) of images (B, 1, 28, 28) in [0, 1]."""
        return self.network(x)

    def classify(self, x: Tensor) -> Tensor:
        """p(y | x), shape (B, classes)."""
        return torch.softmax(self(self.pixels(x)), dim=1)

    def losses(
        self, x: Tensor, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """``loss``: cross-entropy in nats; ``error``: the share that is read wrongly.

        Labels y must be known.
        """
        logits = self(x).float()
        error = (logits.argmax(1) != y).float().mean()
        return {"loss": functional.cross_entropy(logits, y), "error": error}

    def networks(self) -> dict[str, Net]:
        """All layers but the softmax."""
        layers = describe(self.network, "network")
        return {"classifier": Net((("x", PIXELS),), layers, (("logits", self.classes),))}
