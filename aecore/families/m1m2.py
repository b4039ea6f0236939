"""M1 and M2 stacked: M2 describes the codes of a VAE instead of its pixels."""

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent, Normal

from aecore.families.distributions import StandardNormal, gaussian, reparameterise
from aecore.families.m2 import M2
from aecore.families.networks import (
    PIXELS,
    Net,
    build_decoder,
    build_encoder,
    build_mlp,
    describe,
    with_labels,
)
from aecore.families.options import Option, Term
from aecore.families.plan import Phase, Update, parameters_of
from aecore.families.registry import register

LOWER, UPPER = ("lower_encoder", "lower_decoder"), ("encoder", "decoder", "classifier", "log_std")
# What the features tell apart needs no pressure: the style opens by itself.
OURS = {
    option.name: replace(option, default=default)
    for option in M2.OPTIONS
    for name, default in (("alpha", 1.0), ("opening", 1.0))
    if option.name == name
}


@register
class M1M2(M2):
    """A VAE x ↔ u learns from all images; then M2 describes its codes u by a class and a style:

        p(x | u),    p(u | y, z) = N(m(y, z), diag s²),    p(z) = N(0, I),    p(y) uniform.

    Two phases: the VAE's bound moves the first, and M2's bound of draws u of q(u | x), with unknown
    classes summed out, moves the rest. An image is drawn from y and z by u = m(y, z).

    Args:
        features: size of u.
        upper: hidden layers of M2's networks.

    References:
        Kingma, Rezende, Mohamed & Welling, Semi-Supervised Learning with Deep Generative Models,
        2014.

    Example:
        >>> import torch
        >>> model = M1M2(latent_dim=5, features=8, hidden=(32,), upper=(16,))
        >>> [phase.name for phase in model.plan()]
        ['features', 'classes']
    """

    name = "m1m2"
    title = "Semi-supervised VAE on a VAE's codes (M1 + M2)"
    short = "M1+M2"
    summary = "M2 on the codes of a VAE instead of its pixels: what is told apart is already clear."
    place = 6.2

    OPTIONS = (
        *(OURS.get(one.name, one) for one in M2.OPTIONS if one.name not in ("reader", "dropout")),
        Option(
            "features",
            50,
            label="Features",
            help="size of the code of the VAE below",
            kind="whole",
            low=1,
            high=1024,
            key="below",
        ),
        replace(
            next(option for option in M2.OPTIONS if option.name == "hidden"),
            name="upper",
            default=[256],
            label="Layers above",
            help="hidden layers of the networks on the features",
            key="above",
        ),
    )
    TERMS = (
        M2.TERMS[0],
        Term("features", "KL of the features", "sigma"),
        Term("described", "Features given class and style", "z"),
        *M2.TERMS[1:],
    )

    features: int
    upper: list[int]

    @property
    def loss_title(self) -> str:
        """Two bounds and the classifier's error."""
        return "loss"

    @property
    def opened(self) -> float:
        """The second phase is half of the training."""
        return max(0.0, 2 * self.progress - 1)

    def build(self) -> None:
        """A VAE below; above it encoder, decoder and classifier, and s of each feature."""
        below, above = (self.network, self.hidden), (self.upper, self.activation)
        size, style, classes = self.features, self.latent_dim, self.classes
        self.lower_encoder = build_encoder(*below, 2 * size, self.activation)
        self.lower_decoder = build_decoder(*below, size, self.activation)
        self.encoder = build_mlp(size + classes, above[0], 2 * style, above[1])
        self.decoder = build_mlp(style + classes, above[0], size, above[1])
        self.classifier = build_mlp(size, above[0], classes, above[1])
        self.log_std = nn.Parameter(torch.zeros(size))

    def features_of(self, x: Tensor) -> Distribution:
        """q(u | x), a distribution over features for each image."""
        return gaussian(*self.lower_encoder(self.pixels(x)).float().chunk(2, dim=1))

    def classify(self, x: Tensor) -> Tensor:
        """q(y | u) at the mean of q(u | x), shape (B, classes)."""
        return torch.softmax(self.classifier(self.features_of(x).mean).float(), 1)

    def posterior(self, x: Tensor, y: Tensor | None = None) -> Distribution:
        """q(z | u, y) at the mean of q(u | x); of the class inferred where it is not known."""
        return self.style_of(self.features_of(x).mean, self.inferred(x, y))

    def style_of(self, u: Tensor, y: Tensor) -> Distribution:
        """q(z | u, y)."""
        seen = with_labels(u, y, self.classes)
        return gaussian(*self.encoder(seen).float().chunk(2, dim=1))

    def logits(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Of the image at u = m(y, z)."""
        self.check_codes(z)
        return self.lower_decoder(self.decoder(with_labels(z, y, self.classes)))

    def described(self, z: Tensor, y: Tensor) -> Distribution:
        """p(u | y, z)."""
        mean = self.decoder(with_labels(z, y, self.classes)).float()
        return Independent(Normal(mean, self.log_std.exp(), validate_args=False), 1)

    def plan(self) -> tuple[Phase, ...]:
        """First the features, then classes and styles."""
        return (
            Phase("features", 1, (Update("below", parameters_of(*LOWER)),)),
            Phase("classes", 1, (Update("above", parameters_of(*UPPER)),)),
        )

    def objective(
        self,
        term: str,
        x: Tensor,
        y: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> dict[str, Tensor]:
        """One of the two bounds alone, with its parts: that of the images, ``below``, or that of
        the features, ``above``, whose label moves no feature.
        """
        x = self.pixels(x)
        if term == "above":
            with torch.no_grad():
                u = reparameterise(self.features_of(x), generator)
            return self._above(u, y, generator)
        return self._below(x, generator)[0] if term == "below" else self.losses(x, y)

    def losses(
        self, x: Tensor, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """``reconstruction`` and ``features``: −log p(x | u) and the KL of u, the bound of the VAE
        below; ``described``, −log p(u | y, z), and M2's other terms; ``loss``, all together.
        """
        found, u = self._below(self.pixels(x), generator)
        found |= self._above(u.detach(), y, generator)
        return found | {"loss": found.pop("below") + found.pop("above")}

    def _below(
        self, x: Tensor, generator: torch.Generator | None
    ) -> tuple[dict[str, Tensor], Tensor]:
        posterior = self.features_of(x)
        u = reparameterise(posterior, generator)
        pixels = -self.likelihood_of(self.lower_decoder(u).float()).log_prob(x).mean()
        kl = StandardNormal(self.features, self.device).kl(posterior).mean()
        return {"below": pixels + kl, "reconstruction": pixels, "features": kl}, u

    def _above(
        self, u: Tensor, y: Tensor | None, generator: torch.Generator | None
    ) -> dict[str, Tensor]:
        found = self.cost(u, y, generator)
        return {"above": found.pop("loss"), "described": found.pop("reconstruction"), **found}

    def networks(self) -> dict[str, Net]:
        """The VAE below is a part of each."""
        style, label = (("z", self.latent_dim),), (("y", self.classes),)
        below = [
            {"op": "take", "size": PIXELS},
            *describe(self.lower_encoder, "lower_encoder"),
            {"op": "take", "size": self.features},
        ]
        joined = {"op": "join", "begin": PIXELS, "size": self.classes}
        return {
            "encoder": Net(
                (("x", PIXELS), *label),
                [*below, joined, *describe(self.encoder, "encoder")],
                (("mean", self.latent_dim), ("log_var", self.latent_dim)),
            ),
            "decoder": Net(
                style + label,
                describe(self.decoder, "decoder") + describe(self.lower_decoder, "lower_decoder"),
                (("logits", PIXELS),),
            ),
            "classifier": Net(
                (("x", PIXELS),),
                [*below[1:], *describe(self.classifier, "classifier")],
                (("logits", self.classes),),
            ),
        }
