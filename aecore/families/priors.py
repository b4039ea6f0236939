"""Priors over two dimensions that can be sampled, but have no KL in closed form."""

from dataclasses import dataclass
from math import log, pi, tau

import torch
from torch import Tensor

from aecore.families.distributions import Prior

Generator = torch.Generator | None


@dataclass(frozen=True)
class Plane(Prior):
    """What priors over the plane share.

    Args:
        classes: of which one part of the prior each may be.
        device: where the draws are wanted.
    """

    classes: int = 10
    device: torch.device | str = "cpu"

    def _uniform(self, n: int, generator: Generator) -> Tensor:
        where = generator.device if generator else "cpu"
        return torch.rand(n, generator=generator, device=where).to(self.device)

    def _normal(self, n: int, generator: Generator) -> Tensor:
        where = generator.device if generator else "cpu"
        return torch.randn(n, 2, generator=generator, device=where).to(self.device)

    def _places(self, n: int, y: Tensor | None, generator: Generator) -> Tensor:
        """n numbers in [0, classes), of class y in [y, y + 1); of any where it is not known."""
        anywhere = self._uniform(n, generator) * self.classes
        if y is None:
            return anywhere
        y = torch.as_tensor(y, device=anywhere.device)
        return torch.where(y >= 0, y + anywhere.frac(), anywhere)


@dataclass(frozen=True)
class Mixture(Plane):
    """As many Gaussians as classes, on a ring, each longer outwards than across.

    Example:
        >>> draws = Mixture().sample(500, torch.full((500,), 3))
        >>> round(torch.atan2(draws.mean(0)[1], draws.mean(0)[0]).item() / tau * 10)
        3
    """

    radius: float = 2.2
    along: float = 0.55
    across: float = 0.24

    def sample(self, n: int, y: Tensor | None = None, *, generator: Generator = None) -> Tensor:
        """n draws, (n, 2)."""
        angle = self._places(n, y, generator).floor() * (tau / self.classes)
        noise = self._normal(n, generator)
        out, aside = self.radius + self.along * noise[:, 0], self.across * noise[:, 1]
        cos, sin = angle.cos(), angle.sin()
        return torch.stack([out * cos - aside * sin, out * sin + aside * cos], 1)

    def log_prob(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """log of the mean of all components, or of those of the classes y, nats, (B,)."""
        angle = torch.arange(self.classes, device=z.device) * (tau / self.classes)
        out = z[:, :1] * angle.cos() + z[:, 1:] * angle.sin() - self.radius
        aside = z[:, 1:] * angle.cos() - z[:, :1] * angle.sin()
        square = (out / self.along) ** 2 + (aside / self.across) ** 2
        each = -square / 2 - log(tau * self.along * self.across)
        whole = each.logsumexp(1) - log(self.classes)
        if y is None:
            return whole
        return torch.where(y >= 0, each.gather(1, y.clamp(min=0)[:, None])[:, 0], whole)

    def describe(self) -> dict[str, object]:
        """Its kind, the components and their sizes."""
        return {
            "kind": "mixture",
            "classes": self.classes,
            "radius": self.radius,
            "along": self.along,
            "across": self.across,
        }


@dataclass(frozen=True)
class SwissRoll(Plane):
    """A spiral of a turn and a half from near the middle outwards, of even density along it, with a
    little noise; a class is a piece of it.
    """

    turns: float = 1.5
    radius: float = 3.0
    spread: float = 0.1

    def curve(self, place: Tensor) -> Tensor:
        """The points at these places, from 0 at the inner end to 1, (..., 2)."""
        share = (0.05 + 0.95 * place).sqrt()  # the square root makes it even along the arc
        angle = share * self.turns * tau
        return self.radius * share[..., None] * torch.stack([angle.cos(), angle.sin()], -1)

    def sample(self, n: int, y: Tensor | None = None, *, generator: Generator = None) -> Tensor:
        """n draws, (n, 2)."""
        place = self._places(n, y, generator) / self.classes
        return self.curve(place) + self.spread * self._normal(n, generator)

    def log_prob(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """By a sum over 200 points of the curve, or of the class's piece of it, nats, (B,)."""
        grid = (torch.arange(200, device=z.device) + 0.5) / 200
        start, size = torch.zeros(len(z), device=z.device), torch.ones(len(z), device=z.device)
        if y is not None:
            start = torch.where(y >= 0, y / self.classes, start)
            size = torch.where(y >= 0, 1 / self.classes, size)
        points = self.curve(start[:, None] + size[:, None] * grid)
        square = ((z[:, None] - points) / self.spread).square().sum(2)
        return (-square / 2).logsumexp(1) - log(200 * tau * self.spread**2)

    def describe(self) -> dict[str, object]:
        """Its kind and shape."""
        return {
            "kind": "swiss_roll",
            "classes": self.classes,
            "turns": self.turns,
            "radius": self.radius,
            "spread": self.spread,
        }


@dataclass(frozen=True)
class Disc(Plane):
    """Evenly over a disc; a class is a sector of it."""

    radius: float = 2.5

    def sample(self, n: int, y: Tensor | None = None, *, generator: Generator = None) -> Tensor:
        """n draws, (n, 2)."""
        angle = self._places(n, y, generator) * (tau / self.classes)
        out = self.radius * self._uniform(n, generator).sqrt()
        return out[:, None] * torch.stack([angle.cos(), angle.sin()], 1)

    def log_prob(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """−log of the area of the disc, or of the class's sector; −∞ outside, nats, (B,)."""
        place = torch.atan2(z[:, 1], z[:, 0]).remainder(tau) * (self.classes / tau)
        inside, density = z.norm(dim=1) <= self.radius, torch.zeros(len(z), device=z.device)
        if y is not None:
            inside &= (y < 0) | (place.floor() == y)
            density = torch.where(y >= 0, log(self.classes), density)
        return torch.where(inside, density - log(pi * self.radius**2), -torch.inf)

    def describe(self) -> dict[str, object]:
        """Its kind and size."""
        return {"kind": "disc", "classes": self.classes, "radius": self.radius}


PLANES: dict[str, type[Plane]] = {"mixture": Mixture, "roll": SwissRoll, "disc": Disc}
