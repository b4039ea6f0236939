"""Adversarial autoencoders: a critic, and no KL, brings the codes to a prior."""

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from aecore.errors import LabError
from aecore.families.base import Autoencoder
from aecore.families.cvae import CLASSES
from aecore.families.distributions import Prior, StandardNormal
from aecore.families.m1 import LABEL, error_of_labels
from aecore.families.networks import (
    PIXELS,
    Net,
    build_decoder,
    build_encoder,
    build_mlp,
    with_labels,
)
from aecore.families.options import Option, Term
from aecore.families.plan import Phase, Update, parameters_of
from aecore.families.priors import PLANES
from aecore.families.registry import register

CRITIC = [256, 256]  # hidden layers of a critic
FIRST_NOISE, LAST_NOISE = 1.0, 0.1  # of what a critic is shown: else it wins at once
CLASS_NOISE = 0.3  # of that, where it is shown a class

REBUILD, ENCODER = parameters_of("encoder", "decoder"), parameters_of("encoder")
ADVERSARIES = (Update("critic", parameters_of("critic")), Update("generator", ENCODER))


@register
class AAE(Autoencoder):
    """An autoencoder whose codes a critic D cannot tell from draws of a prior. In each batch

    1. encoder and decoder lower the reconstruction's error, −log p(x | z),
    2. the critic lowers −log D(z′) − log(1 − D(f(x))), with z′ drawn from the prior,
    3. the encoder lowers −log D(f(x)).

    Nothing but draws of the prior is asked for, so it may be any that can be sampled. The critic
    sees codes with a little noise, less and less of it. Where labels are given it, each class has
    its own part of the prior.

    Args:
        prior_kind: ``gaussian``, of any size of code; or over two dimensions ``mixture`` (a
            Gaussian for each class, on a ring), ``roll`` (a swiss roll) or ``disc``.
        told: whether the critic is given the labels.
        classes: number of classes, and of the prior's parts.

    References:
        Makhzani et al., Adversarial Autoencoders, 2015.

    Example:
        >>> model = AAE(latent_dim=2, hidden=(32,), prior_kind="mixture")
        >>> sorted(model.losses(torch.rand(3, 1, 28, 28)))
        ['critic', 'generator', 'loss', 'reconstruction']
    """

    name = "aae"
    title = "Adversarial autoencoder"
    short = "AAE"
    summary = "Adversarial autoencoder: a critic shapes the codes into any prior one can sample."
    place = 7.0

    OPTIONS = (
        *Autoencoder.OPTIONS,
        Option(
            "prior_kind",
            "gaussian",
            label="Prior",
            help="gaussian, mixture, roll or disc",
            kind="choice",
            choices={
                "gaussian": "Gaussian",
                "mixture": "Mixture of Gaussians",
                "roll": "Swiss roll",
                "disc": "Disc",
            },
            key="prior",
        ),
        Option(
            "told",
            False,
            label="Tell the critic the class",
            help="whether each class gets its own part of the prior, yes or no",
            kind="switch",
        ),
        CLASSES,
    )
    TERMS = (
        *Autoencoder.TERMS,
        Term("critic", "Critic", "xt"),
        Term("generator", "Generator", "z"),
    )
    labelled_share = 0.5

    prior_kind: str
    told: bool
    classes: int

    def __init__(self, /, **options: object) -> None:
        super().__init__(**options)
        if self.prior_kind != "gaussian" and self.latent_dim != 2:
            raise LabError(f"The prior {self.prior_kind!r} is of codes of 2 dimensions.")

    def build(self) -> None:
        """A critic as well, of a code and, where it is told, a class."""
        super().build()
        inputs = self.latent_dim + (self.classes if self.told else 0)
        self.critic = build_mlp(inputs, CRITIC, 1, "relu")

    @property
    def draws_by_class(self) -> bool:
        """A class is asked for by its part of the prior."""
        return super().draws_by_class or self.told

    def prior(self) -> Prior:
        """p(z), or p(z | y)."""
        if self.prior_kind == "gaussian":
            return StandardNormal(self.latent_dim, self.device)
        return PLANES[self.prior_kind](self.classes, self.device)

    def plan(self) -> tuple[Phase, ...]:
        """Reconstruct, discriminate, generate. The reconstruction moves slowly until the codes have
        found their places: where it leads, classes settle wherever they were.
        """
        return (
            Phase("shape", 2, (Update("reconstruction", REBUILD, 0.02), *ADVERSARIES)),
            Phase("all", 3, (Update("reconstruction", REBUILD, 0.3), *ADVERSARIES)),
        )

    def objective(
        self,
        term: str,
        x: Tensor,
        y: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> dict[str, Tensor]:
        """One term alone."""
        x = self.pixels(x)
        match term:
            case "critic":
                with torch.no_grad():
                    z = self.encoder(x).float()
                drawn = self.prior().sample(len(x), y if self.told else None, generator=generator)
                real, found = (self._asked(each, y, generator) for each in (drawn, z))
                nats = functional.softplus(-real) + functional.softplus(found)
            case "generator":
                nats = functional.softplus(-self._asked(self.encoder(x).float(), y, generator))
            case _:
                return {"reconstruction": self.reconstruction_loss(self.encoder(x), x, y)}
        return {term: nats.mean()}

    def _asked(self, z: Tensor, y: Tensor | None, generator: torch.Generator | None) -> Tensor:
        """The critic's logits of noisy codes, positive for draws of the prior, (B, 1)."""
        z = self.noisy(z, generator)
        return self.critic(with_labels(z, y, self.classes) if self.told else z).float()

    def noisy(self, z: Tensor, generator: torch.Generator | None) -> Tensor:
        """What a critic sees of codes, or of anything else."""
        noise = FIRST_NOISE + (LAST_NOISE - FIRST_NOISE) * self.progress
        return z + noise * torch.empty_like(z).normal_(generator=generator)

    def losses(
        self, x: Tensor, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """``reconstruction``; ``critic`` and ``generator``, each at log 2 times two and one where
        the critic can only guess; ``loss`` = reconstruction + generator, what the encoder lowers.
        """
        found: dict[str, Tensor] = {}
        for term in self.TERMS:
            found |= self.objective(term.name, x, y, generator=generator)
        return found | {"loss": found["reconstruction"] + found["generator"]}


@register
class SemiAAE(AAE):
    """The adversarial autoencoder whose encoder also infers the class: f(x) gives q(y | x) and a
    style z, and the decoder draws from both. A second critic tells q(y | x) from draws of p(y),
    which are certain of one class and uniform over all. In each batch, after the three updates of
    the `AAE`, the encoder also lowers −log q(y | x) of images with known labels.

    Args:
        classes: number of classes.

    References:
        Makhzani et al., Adversarial Autoencoders, 2015, section 5.

    Example:
        >>> model = SemiAAE(latent_dim=2, hidden=(32,))
        >>> model.classify(torch.rand(3, 1, 28, 28)).shape
        torch.Size([3, 10])
    """

    name = "semi-aae"
    title = "Semi-supervised adversarial autoencoder"
    short = "Semi AAE"
    summary = "Semi-supervised AAE: a critic each for the class and for the style."
    place = 7.1

    OPTIONS = (*Autoencoder.OPTIONS, CLASSES)
    TERMS = (*AAE.TERMS, LABEL)
    labelled_share = 0.1
    prior_kind = "gaussian"
    told = False

    def build(self) -> None:
        """The encoder gives a class as well, the decoder takes one, and it has its own critic."""
        count, shape = self.classes, (self.network, self.hidden)
        self.encoder = build_encoder(*shape, count + self.latent_dim, self.activation)
        self.decoder = build_decoder(*shape, self.latent_dim + count, self.activation)
        self.critic = build_mlp(self.latent_dim, CRITIC, 1, "relu")
        self.class_critic = build_mlp(count, CRITIC, 1, "relu")

    def classified(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of q(y | x) and the style z of images, (B, classes) and (B, latent_dim)."""
        found = self.encoder(self.pixels(x)).float()
        return found[:, : self.classes], found[:, self.classes :]

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The style z, (B, latent_dim)."""
        return self.classified(x)[1]

    def classify(self, x: Tensor) -> Tensor:
        """q(y | x), shape (B, classes)."""
        return torch.softmax(self.classified(x)[0], 1)

    def logits(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """The decoder's output before the sigmoid, of styles with classes."""
        self.check_codes(z)
        return self.decoder(with_labels(z, y, self.classes))

    def plan(self) -> tuple[Phase, ...]:
        """Reconstruct, discriminate, generate, classify."""
        critics = parameters_of("critic", "class_critic")
        updates = (
            Update("reconstruction", REBUILD, 0.3),  # any faster, and no critic is heard
            Update("critic", critics, 0.5),
            Update("generator", ENCODER, 0.5),
            Update("label", ENCODER),
        )
        return (Phase(updates=updates),)

    def objective(
        self,
        term: str,
        x: Tensor,
        y: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> dict[str, Tensor]:
        """One term alone."""
        logits, z = self.classified(x)
        p = torch.softmax(logits, 1)
        match term:
            case "critic":
                n, noise = len(x), torch.empty_like(p).exponential_(generator=generator)
                drawn = functional.one_hot(noise.argmin(1), self.classes).to(p.dtype)
                prior = self.prior().sample(n, generator=generator)
                nats = functional.softplus(-self._both(drawn, prior, generator))
                found = self._both(p.detach(), z.detach(), generator)
                nats = nats + functional.softplus(found)
            case "generator":
                nats = functional.softplus(-self._both(p, z, generator))
            case "label":
                return {"label": error_of_labels(logits, y)}
            case _:
                return {"reconstruction": self.reconstruction_loss(z, self.pixels(x), p)}
        return {term: nats.sum(1).mean()}

    def _both(self, p: Tensor, z: Tensor, generator: torch.Generator | None) -> Tensor:
        """The two critics' logits, (B, 2); the noise is smaller where all lie between 0 and 1."""
        p = self.noisy(p / CLASS_NOISE, generator) * CLASS_NOISE
        return torch.cat([self.class_critic(p), self.critic(self.noisy(z, generator))], 1).float()

    def networks(self) -> dict[str, Net]:
        """The encoder's first numbers are the classifier."""
        nets, count = super().networks(), self.classes
        layers, style = nets["encoder"].layers, ("mean", self.latent_dim)
        take = {"op": "take", "size": count}
        return {
            "encoder": Net((("x", PIXELS),), layers, (("class", count), style)),
            "decoder": replace(nets["decoder"], inputs=(("z", self.latent_dim), ("y", count))),
            "classifier": Net((("x", PIXELS),), [*layers, take], (("logits", count),)),
        }
