"""The variational autoencoder."""

import torch
from torch import Tensor
from torch.distributions import Distribution

from aecore.families.base import Autoencoder
from aecore.families.distributions import StandardNormal, gaussian, reparameterise
from aecore.families.options import Option, Term
from aecore.families.registry import register


@register
class VAE(Autoencoder):
    """The variational autoencoder: a posterior instead of a code, a prior over codes.

    The encoder gives μ(x) and log σ²(x) of q(z | x) = N(μ, diag σ²); with the prior
    p(z) = N(0, I), training minimises

        −E_q[log p(x | z)] + β KL(q(z | x) ‖ p(z)),

    which for β = 1 is −ELBO, a bound on −log p(x). The expectation is taken with one draw
    z = μ + σ ε, ε ~ N(0, I) (the reparameterisation), so that gradients reach μ and σ.

    Args:
        beta: weight β of the KL term; 0 switches it off, large values collapse the posterior.

    References:
        Kingma & Welling, Auto-Encoding Variational Bayes, 2014.
        Higgins et al., β-VAE, 2017.

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
    )
    TERMS = (*Autoencoder.TERMS, Term("kl", "KL to the prior", "sigma"))
    heads = ("mean", "log_var")

    beta: float

    @property
    def loss_title(self) -> str:
        """The negative ELBO for β = 1."""
        return "−ELBO" if self.beta == 1 else "loss"

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
        """``reconstruction``, ``kl`` and ``loss`` = reconstruction + β kl, nats per image."""
        x = self.pixels(x)
        posterior = self.posterior(x, y)
        z = reparameterise(posterior, generator)
        reconstruction = self.reconstruction_loss(z, x, y)
        kl = self.prior().kl(posterior).mean()
        return {"loss": reconstruction + self.beta * kl, "reconstruction": reconstruction, "kl": kl}
