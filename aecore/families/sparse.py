"""The sparse autoencoder: many units, few of which answer to an image."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from aecore.families.ae import AE
from aecore.families.encoding import encode_images
from aecore.families.measure import Measure
from aecore.families.options import Option, Term
from aecore.families.registry import register

if TYPE_CHECKING:
    from aecore.analysis.measures import Subject

CODE_SIZE, *_, LIKELIHOOD = AE.OPTIONS
UNITS = replace(CODE_SIZE, default=500, key="units")
FIRES = 0.5  # a unit fires above this


@register
class SparseAE(AE):
    """One layer of sigmoid units z = s(W x + b), which should be quiet most of the time:

        −log p(x | z) + λ Σⱼ KL(ρ ‖ ρ̂ⱼ),    ρ̂ⱼ the mean of zⱼ over the batch,

    with KL(ρ ‖ ρ̂) = ρ log(ρ / ρ̂) + (1 − ρ) log((1 − ρ) / (1 − ρ̂)), which is 0 where ρ̂ = ρ; or the
    mean of Σⱼ |zⱼ| in its place. The limit is the activity, no longer the size of the code.

    Args:
        latent_dim: number of units.
        sparsity: ``kl`` or ``l1``.
        rho: ρ, the mean activation that KL asks for.
        weight: λ.

    References:
        Ng, Sparse Autoencoder (CS294A lecture notes), 2011.

    Example:
        >>> sorted(SparseAE(latent_dim=20).losses(torch.rand(3, 1, 28, 28)))
        ['loss', 'reconstruction', 'sparsity']
    """

    name = "sparse"
    title = "Sparse autoencoder"
    short = "Sparse AE"
    summary = "Sparse autoencoder: many units, of which few fire for an image."
    place = 1.2

    OPTIONS = (
        UNITS,
        LIKELIHOOD,
        Option(
            "sparsity",
            "kl",
            label="Penalty",
            help="kl or l1",
            kind="choice",
            choices={"kl": "KL to ρ", "l1": "L1"},
        ),
        Option(
            "rho",
            0.05,
            label="Mean activation ρ",
            help="mean activation that the penalty kl asks for",
            low=0.001,
            high=0.999,
            step=0.01,
            symbol="ρ",
        ),
        Option(
            "weight",
            2.0,
            label="Weight λ of the penalty",
            help="weight of the penalty",
            high=1e6,
            step=0.5,
            symbol="λ",
        ),
    )
    TERMS = (*AE.TERMS, Term("sparsity", "Sparsity", "z", batch=True))
    hidden = ()
    network = "mlp"
    activation = "gelu"  # of no layer

    sparsity: str
    rho: float
    weight: float

    def build(self) -> None:
        """One layer each; the code's units are sigmoids."""
        super().build()
        self.encoder.append(nn.Sigmoid())

    def penalty(self, z: Tensor) -> Tensor:
        """The penalty of the codes of a batch (B, latent_dim), a scalar."""
        if self.sparsity == "l1":
            return z.abs().sum(1).mean()
        mean = z.mean(0).clamp(1e-6, 1 - 1e-6)
        rho = torch.full_like(mean, self.rho)
        return (rho * (rho / mean).log() + (1 - rho) * ((1 - rho) / (1 - mean)).log()).sum()

    def losses(
        self, x: Tensor, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """``reconstruction``, ``sparsity``, and ``loss`` = reconstruction + λ sparsity."""
        x = self.pixels(x)
        z = self.encoder(x).float()
        reconstruction, sparsity = self.reconstruction_loss(z, x), self.penalty(z)
        return {
            "loss": reconstruction + self.weight * sparsity,
            "reconstruction": reconstruction,
            "sparsity": sparsity,
        }

    def measures(self) -> tuple[Measure, ...]:
        """How many units fire: see `activity`."""
        return (Measure(activity, ("decoder",)),)


def activity(subject: "Subject") -> dict[str, object]:
    """Of the test images:

    - ``mean_activation``: of all units. ``firing``: units above ½, mean over the images.
    - ``silent``: units that are above ½ for no image.
    - ``unit_activation``: mean activation of each unit. ``class_activation``: the same over the
      images of each class, a row of classes for each unit; it says which class a unit answers to.
    """
    codes = encode_images(subject.model, subject.data.test.images)[0]
    labels = subject.data.test.labels
    by_class = [codes[labels == label].mean(0, dtype="float64") for label in np.unique(labels)]
    return {
        "mean_activation": float(codes.mean(dtype="float64")),
        "firing": float((codes > FIRES).sum(1).mean()),
        "silent": int((codes <= FIRES).all(0).sum()),
        "unit_activation": codes.mean(0, dtype="float64").round(4).tolist(),
        "class_activation": np.stack(by_class, 1).round(3).tolist(),
    }
