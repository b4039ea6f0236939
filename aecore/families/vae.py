"""The variational autoencoder."""

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, Normal, kl_divergence

from aecore.families.base import Autoencoder
from aecore.families.options import Option, Term


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
    variational = True
    code_outputs = 2

    beta: float

    def encode(self, x: Tensor) -> Tensor:
        """The posterior mean μ(x), shape (B, latent_dim)."""
        return self.posterior(x).mean

    def posterior(self, x: Tensor) -> Distribution:
        """q(z | x), a distribution over codes (latent_dim,) for each image."""
        mean, log_var = self.encoder(self.pixels(x)).float().chunk(2, dim=1)
        # Beyond these bounds σ is 0.0007 or 55: no posterior of use, but an overflow to come.
        std = (log_var.clamp(-14.5, 8) / 2).exp()
        return Independent(Normal(mean, std, validate_args=False), 1)

    def prior(self) -> Distribution:
        """p(z) = N(0, I) over codes (latent_dim,)."""
        zero = torch.zeros(self.latent_dim, device=next(self.parameters()).device)
        return Independent(Normal(zero, 1.0, validate_args=False), 1)

    def losses(
        self, x: Tensor, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """``reconstruction``, ``kl`` and ``loss`` = reconstruction + β kl, nats per image."""
        x = self.pixels(x)
        posterior = self.posterior(x)
        z = reparameterise(posterior, generator)
        reconstruction = self.reconstruction_loss(z, x)
        kl = kl_divergence(posterior, self.prior()).mean()
        return {"loss": reconstruction + self.beta * kl, "reconstruction": reconstruction, "kl": kl}


def reparameterise(posterior: Distribution, generator: torch.Generator | None = None) -> Tensor:
    """One draw z = μ + σ ε with ε ~ N(0, I), differentiable in μ and σ."""
    mean, std = posterior.mean, posterior.stddev
    noise = torch.empty_like(mean).normal_(generator=generator)
    return mean + std * noise
