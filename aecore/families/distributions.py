"""Distributions over codes: what a posterior is made of, and the priors that a family may have."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, Normal


class Prior(ABC):
    """A distribution p(z) over codes, or p(z | y): it samples, and describes itself."""

    @abstractmethod
    def sample(
        self, n: int, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> Tensor:
        """n draws, (n, d); of the classes y (n,) where the prior depends on them."""

    @abstractmethod
    def log_prob(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """log p(z) of each code (B, d), nats, (B,)."""

    @abstractmethod
    def describe(self) -> dict[str, object]:
        """Plain values for the browser and the model's file: ``kind``, and what belongs to it."""


@dataclass(frozen=True)
class StandardNormal(Prior):
    """p(z) = N(0, I).

    Args:
        size: d, of a code.
        device: where the draws are wanted.

    Example:
        >>> prior = StandardNormal(2)
        >>> round(prior.log_prob(torch.zeros(1, 2)).exp().item(), 6)  # 1 / 2π
        0.159155
        >>> prior.describe()
        {'kind': 'standard_normal', 'size': 2}
    """

    size: int
    device: torch.device | str = "cpu"

    @property
    def distribution(self) -> Distribution:
        """As torch has it, over codes (size,)."""
        zero = torch.zeros(self.size, device=self.device)
        return Independent(Normal(zero, 1.0, validate_args=False), 1)

    def sample(
        self, n: int, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> Tensor:
        """n draws, (n, size); the same on every device for the same generator."""
        where = generator.device if generator else "cpu"
        return torch.randn(n, self.size, generator=generator, device=where).to(self.device)

    def log_prob(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """log N(z; 0, I), nats, (B,)."""
        return self.distribution.log_prob(z)

    def kl(self, posterior: Distribution) -> Tensor:
        """Of normal posteriors: ½ Σ (μ² + σ² − 1 − log σ²), nats, (B,)."""
        mean, std = posterior.mean, posterior.stddev
        return (mean.square() + std.square() - 1).sum(1) / 2 - std.log().sum(1)

    def kl_per_dimension(self, posterior: Distribution) -> Tensor:
        """The same of each dimension, (B, size)."""
        mean, std = posterior.mean, posterior.stddev
        return (mean.square() + std.square() - 1) / 2 - std.log()

    def describe(self) -> dict[str, object]:
        """Its kind and size."""
        return {"kind": "standard_normal", "size": self.size}


def gaussian(mean: Tensor, log_var: Tensor) -> Distribution:
    """N(μ, diag σ²) from μ and log σ², both (B, d): one distribution over codes per row.

    Example:
        >>> gaussian(torch.zeros(3, 2), torch.zeros(3, 2)).stddev.unique().item()
        1.0
    """
    # Beyond these bounds σ is 0.0007 or 55: no posterior of use, but an overflow to come.
    return Gaussian(mean, (log_var.clamp(-14.5, 8) / 2).exp())


class Gaussian(Independent):
    """N(μ, diag σ²) from μ and σ, both (B, d); it gives σ as it is, not as a square's root."""

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__(Normal(mean, std, validate_args=False), 1)

    @property
    def stddev(self) -> Tensor:
        """σ, (B, d)."""
        return self.base_dist.scale


def reparameterise(posterior: Distribution, generator: torch.Generator | None = None) -> Tensor:
    """One draw z = μ + σ ε with ε ~ N(0, I), differentiable in μ and σ."""
    mean, std = posterior.mean, posterior.stddev
    noise = torch.empty_like(mean).normal_(generator=generator)
    return mean + std * noise
