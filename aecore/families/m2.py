"""The semi-supervised variational autoencoder M2: the class is a hidden variable, too."""

from math import log

import torch
from torch import Tensor, nn
from torch.distributions import Distribution
from torch.nn import functional

from aecore.families.cvae import CVAE
from aecore.families.distributions import gaussian, reparameterise
from aecore.families.m1 import LABEL, error_of_labels
from aecore.families.networks import (
    PIXELS,
    Net,
    build_encoder,
    describe,
    given_labels,
    with_labels,
)
from aecore.families.options import Option, Term
from aecore.families.registry import register
from aecore.families.vae import VAE

KEPT = ("latent_dim", "hidden", "activation", "likelihood", "classes")
ALPHA = Option(
    "alpha",
    30.0,
    label="Weight α of the classifier",
    help="weight of the classifier's cross-entropy, the mean over images with known labels; "
    "0.1 is the original's",
    high=1e4,
    step=1,
    symbol="α",
)
OPENING = Option(
    "opening",
    5.0,
    label="First weight of the style",
    help="weight of the style's KL as training begins, which falls to 1",
    low=1,
    high=1000,
    step=1,
)
UNTIL = 0.9  # of the training; from there on the weight is 1
READER = Option(
    "reader",
    "mlp",
    label="Classifier's network",
    help="mlp or conv",
    kind="choice",
    choices={"mlp": "Fully connected", "conv": "Convolutional"},
)
CHANNELS = (32, 64)  # of a convolutional classifier
DROPOUT = Option(
    "dropout",
    0.0,
    label="Dropout of the classifier",
    help="share of the classifier's last hidden layer that is left out in training",
    high=0.9,
    step=0.1,
)
UNKNOWN = Option(
    "unknown",
    "sum",
    label="Unknown class",
    help="sum or draw",
    kind="choice",
    choices={"sum": "Summed out", "draw": "Drawn"},
)


@register
class M2(CVAE):
    """A VAE over images with a class y and a style z, where y may be unknown. With

        L(x, y) = −E[log p(x | y, z)] + KL(q(z | x, y) ‖ p(z)) − log p(y),    p(y) uniform,

    an image costs L(x, y) where its class is known, and else what all classes cost,

        U(x) = Σ_y q(y | x) L(x, y) − H(q(y | x)),

    where q(y | x) is a classifier, which also learns from the known labels: training minimises the
    mean of these and α times the mean of −log q(y | x) over images with known labels. That mean
    makes α = 0.1 the weight of the original, 0.1 × all / labelled for each labelled image.

    Args:
        latent_dim: size of the style z.
        hidden: of all three networks.
        classes: number of classes.
        alpha: α; 0 leaves the term out.
        unknown: ``sum``, or ``draw`` one class of q(y | x) for each image instead, with the
            gradient of the score function.
        opening: weight of the style's KL as training begins; 1 is the original.
        reader: network of q(y | x), ``mlp`` of the others' layers or ``conv``.
        dropout: of its last hidden layer, in training.

    References:
        Kingma, Rezende, Mohamed & Welling, Semi-Supervised Learning with Deep Generative Models,
        2014.

    Example:
        >>> import torch
        >>> model = M2(latent_dim=2, hidden=(32,))
        >>> model.classify(torch.rand(3, 1, 28, 28)).shape
        torch.Size([3, 10])
    """

    name = "m2"
    title = "Semi-supervised VAE (M2)"
    short = "M2"
    summary = "Semi-supervised VAE: most labels are unknown, and the class is inferred."
    place = 6.1

    OPTIONS = (
        *(option for option in CVAE.OPTIONS if option.name in KEPT),
        *(ALPHA, UNKNOWN, OPENING, READER, DROPOUT),
    )
    TERMS = (
        *VAE.TERMS,
        Term("class", "KL of the class", "y"),
        LABEL,
    )
    labelled_share = 0.1
    beta = 1.0
    samples = 1

    alpha: float
    unknown: str
    opening: float
    reader: str
    dropout: float

    @property
    def style_weight(self) -> float:
        """Of the style's KL: from ``opening`` it falls to 1, by the same factor in every step, and
        is there at nine tenths of the training.
        """
        left = max(0.0, 1 - self.opened / UNTIL) if self.training else 0.0
        return self.opening**left

    @property
    def opened(self) -> float:
        """How much of the training of class and style is done, from 0 to 1."""
        return self.progress

    @property
    def loss_title(self) -> str:
        """The bound alone where the classifier's term is left out."""
        return "loss" if self.alpha else "−ELBO"

    def build(self) -> None:
        """One network more: q(y | x)."""
        super().build()
        sizes = CHANNELS if self.reader == "conv" else self.hidden
        self.classifier = build_encoder(self.reader, sizes, self.classes, self.activation)
        if self.dropout:
            self.classifier.insert(len(self.classifier) - 1, nn.Dropout(self.dropout))

    def classify(self, x: Tensor) -> Tensor:
        """q(y | x), shape (B, classes)."""
        return torch.softmax(self.classifier(self.pixels(x)).float(), 1)

    def posterior(self, x: Tensor, y: Tensor | None = None) -> Distribution:
        """q(z | x, y); of the class that is inferred where it is not known."""
        return super().posterior(x, self.inferred(x, y))

    def bound(
        self, x: Tensor, rows: Tensor, y: Tensor, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """−log p(x | y, z) at one draw z, and KL(q(z | x, y) ‖ p(z)), of rows of x, each with a
        class; both (R,).
        """
        posterior = gaussian(*given_labels(self.encoder, x, rows, y).float().chunk(2, dim=1))
        z = reparameterise(posterior, generator)
        return -self.described(z, y).log_prob(x[rows]), self.prior().kl(posterior)

    def described(self, z: Tensor, y: Tensor) -> Distribution:
        """What class and style describe: an image."""
        return self.observation(z, y)

    def losses(
        self, x: Tensor, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """``reconstruction``, ``kl``, ``class`` = KL(q(y | x) ‖ p(y)), or −log p(y) of a known one;
        ``label``: −log q(y | x), mean over images with known labels, 0 where there are none.
        ``loss`` is the sum of the first three, the KL by its weight, and α times the last.
        """
        return self.cost(self.pixels(x), y, generator)

    def cost(
        self, x: Tensor, y: Tensor | None, generator: torch.Generator | None
    ) -> dict[str, Tensor]:
        """The terms of what is described by a class and a style, (B, ...)."""
        count = self.classes
        y = torch.full((len(x),), -1, device=x.device) if y is None else torch.as_tensor(y)
        y = y.to(x.device).long()
        self.check_labels(y, len(x))
        log_q = functional.log_softmax(self.classifier(x).float(), 1)
        known = y >= 0
        if self.unknown == "draw":
            return self._drawn(x, y, log_q, generator)
        each = torch.where(known, 1, count)  # how often an image is taken: once, or with each class
        rows = torch.arange(len(x), device=x.device).repeat_interleave(each)
        first = each.cumsum(0) - each
        labels = torch.arange(len(rows), device=x.device) - first[rows]
        labels = torch.where(known[rows], y[rows], labels)
        weight = torch.where(known[rows], 1.0, log_q[rows, labels].exp())
        seen, kl = self.bound(x, rows, labels, generator)
        unsure = (log_q.exp() * log_q).sum(1)  # −H(q)
        return self._sum(
            (weight * seen).sum() / len(x),
            (weight * kl).sum() / len(x),
            (torch.where(known, 0.0, unsure) + log(count)).mean(),
            error_of_labels(log_q, y),
        )

    def check_labels(self, y: Tensor, count: int) -> None:
        """Refuse labels that are none, in one sentence."""
        with_labels(torch.empty(count, 0, device=y.device), y, self.classes)

    def _drawn(
        self, x: Tensor, y: Tensor, log_q: Tensor, generator: torch.Generator | None
    ) -> dict[str, Tensor]:
        """One class for each image; its log q(y | x) gets the gradient of the score function."""
        known = y >= 0
        noise = torch.empty_like(log_q).exponential_(generator=generator)
        labels = torch.where(known, y, (log_q - noise.log()).argmax(1))
        seen, kl = self.bound(x, torch.arange(len(x), device=x.device), labels, generator)
        chosen = torch.where(known, 0.0, log_q.gather(1, labels[:, None])[:, 0])
        cost = (seen + self.style_weight * kl + chosen).detach()
        others = (cost.sum() - cost) / max(len(x) - 1, 1)  # what an image costs, but for this one
        score = (cost - others) * (chosen - chosen.detach())
        total = self._sum(
            seen.mean(), kl.mean(), (chosen + log(self.classes)).mean(), error_of_labels(log_q, y)
        )
        return total | {"loss": total["loss"] + score.mean()}

    def _sum(self, seen: Tensor, kl: Tensor, of_class: Tensor, label: Tensor) -> dict[str, Tensor]:
        loss = seen + self.style_weight * kl + of_class + self.alpha * label
        return {"loss": loss, "reconstruction": seen, "kl": kl, "class": of_class, "label": label}

    def networks(self) -> dict[str, Net]:
        """The classifier as well."""
        layers = describe(self.classifier, "classifier")
        net = Net((("x", PIXELS),), layers, (("logits", self.classes),))
        return super().networks() | {"classifier": net}
