"""The variational autoencoder."""

from math import log

import torch
from torch import Tensor
from torch.distributions import Distribution

from aecore.families.base import Autoencoder
from aecore.families.distributions import Gaussian, StandardNormal, gaussian, reparameterise
from aecore.families.options import Option, Term
from aecore.families.registry import register


@register
class VAE(Autoencoder):
    """The variational autoencoder: a posterior instead of a code, a prior over codes.

    The encoder gives μ(x) and log σ²(x) of q(z | x) = N(μ, diag σ²); with the prior
    p(z) = N(0, I), training minimises

        −E_q[log p(x | z)] + β KL(q(z | x) ‖ p(z)),

    which for β = 1 is −ELBO, a bound on −log p(x). The expectation is taken with one draw
    z = μ + σ ε, ε ~ N(0, I) (the reparameterisation), so that gradients reach μ and σ. With k draws
    training minimises a tighter bound, that of the importance-weighted autoencoder (IWAE),

        −E[log (1/k) Σᵢ p(x | zᵢ) p(zᵢ) / q(zᵢ | x)].

    Warm-up and free bits act in training alone; what is tested is the bound itself.

    Args:
        beta: weight β of the KL term; 0 switches it off, large values collapse the posterior.
        samples: k, draws of the code for each image.
        warmup: share of the training in which the weight rises from 0 to β.
        free_bits: nats of each dimension's KL, mean over the batch, that cost nothing.

    References:
        Kingma & Welling, Auto-Encoding Variational Bayes, 2014.
        Higgins et al., β-VAE, 2017.
        Burda, Grosse & Salakhutdinov, Importance Weighted Autoencoders, 2016.
        Kingma et al., Improved Variational Inference with Inverse Autoregressive Flow, 2016.

    Example:
        >>> model = VAE(latent_dim=2, hidden=(32,))
        >>> sorted(model.losses(torch.rand(3, 1, 28, 28)))
        ['kl', 'loss', 'reconstruction']
    """

    name = "vae"
    title = "Variational autoencoder"
    short = "VAE"
    summary = "Variational autoencoder: codes share one prior, so every draw decodes."
    place = 2.0
    OPTIONS = (
        *Autoencoder.OPTIONS,
        Option(
            "beta",
            1.0,
            label="Weight β of the KL term",
            help="weight of the KL term",
            high=1000,
            step=0.25,
            symbol="β",
        ),
        Option(
            "samples",
            1,
            label="Draws k",
            help="draws of the code for each image; more than one give the bound of the IWAE",
            kind="whole",
            low=1,
            high=500,
            form=False,
        ),
        Option(
            "warmup",
            0.0,
            label="Warm-up",
            help="share of the training in which the weight rises from 0 to beta",
            step=0.1,
            form=False,
        ),
        Option(
            "free_bits",
            0.0,
            label="Free bits",
            help="nats of the KL of each dimension of the code that cost nothing",
            high=10,
            step=0.1,
            form=False,
        ),
    )
    TERMS = (*Autoencoder.TERMS, Term("kl", "KL to the prior", "sigma"))
    heads = ("mean", "log_var")

    beta: float
    samples: int
    warmup: float
    free_bits: float

    @property
    def loss_title(self) -> str:
        """The negative ELBO for β = 1; with more draws, the bound of as many."""
        if self.beta != 1:
            return "loss"
        return "−ELBO" if self.samples == 1 else f"−bound of {self.samples} draws"

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The posterior mean μ(x), shape (B, latent_dim)."""
        return self.posterior(x, y).mean

    def posterior(self, x: Tensor, y: Tensor | None = None) -> Distribution:
        """q(z | x), a distribution over codes (latent_dim,) for each image."""
        return gaussian(*self.encoder(self.pixels(x)).float().chunk(2, dim=1))

    def prior(self) -> StandardNormal:
        """p(z) = N(0, I) over codes (latent_dim,)."""
        return StandardNormal(self.latent_dim, self.device)

    def losses(
        self, x: Tensor, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """``reconstruction``, ``kl`` and ``loss`` = reconstruction + β kl, nats per image; of more
        draws than one the loss is their bound.
        """
        x = self.pixels(x)
        posterior = self.posterior(x, y)
        kl = self.prior().kl(posterior).mean()
        if self.samples > 1:
            return self._bound(x, y, posterior, generator) | {"kl": kl}
        z = reparameterise(posterior, generator)
        reconstruction = self.reconstruction_loss(z, x, y)
        cost = kl
        if self.training and self.free_bits:
            each = self.prior().kl_per_dimension(posterior).mean(0)
            cost = each.clamp(min=self.free_bits).sum()
        loss = reconstruction + self.weight * cost
        return {"loss": loss, "reconstruction": reconstruction, "kl": kl}

    @property
    def weight(self) -> float:
        """β, or what the warm-up has come to."""
        rising = self.training and self.progress < self.warmup
        return self.beta * (self.progress / self.warmup if rising else 1)

    def _bound(
        self,
        x: Tensor,
        y: Tensor | None,
        posterior: Distribution,
        generator: torch.Generator | None,
    ) -> dict[str, Tensor]:
        k = self.samples
        each = Gaussian(*(v.repeat_interleave(k, 0) for v in (posterior.mean, posterior.stddev)))
        y = None if y is None else y.repeat_interleave(k, 0)
        z = reparameterise(each, generator)
        seen = self.observation(z, y).log_prob(x.repeat_interleave(k, 0))
        weights = seen + self.weight * (self.prior().log_prob(z) - each.log_prob(z))
        bound = weights.view(-1, k).logsumexp(1) - log(k)
        return {"loss": -bound.mean(), "reconstruction": -seen.mean()}
