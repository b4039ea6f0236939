"""The contractive autoencoder: a small step in the image should hardly move its code."""

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from aecore.data import as_pixels
from aecore.families.ae import AE
from aecore.families.jacobian import estimated_norm, jacobian, squared_norm
from aecore.families.measure import Measure
from aecore.families.networks import build_tied_decoder
from aecore.families.options import Option, Term
from aecore.families.registry import register

if TYPE_CHECKING:
    from aecore.analysis.measures import Subject

CODE_SIZE, HIDDEN, *_, LIKELIHOOD = AE.OPTIONS
EXAMINED = 200  # test images whose Jacobians are taken apart
NEAR = 0.05  # a unit so near to 0 or 1 is saturated


@register
class ContractiveAE(AE):
    """Sigmoid units whose Jacobian should be small, a decoder with the same weights:

        −log p(x | z) + λ ‖∂f(x)/∂x‖²_F.

    To rebuild, the code must still move with what tells images apart, so that few directions
    keep a large singular value. Of one layer z = s(W x + b) the penalty is
    Σⱼ (zⱼ (1 − zⱼ))² ‖Wⱼ‖²; of more layers the Jacobian is computed, exactly, or its norm is
    estimated by chance in one backward pass.

    Args:
        latent_dim: number of units.
        hidden: layers of sigmoid units before them.
        weight: λ.
        penalty: ``exact`` or ``estimate``.

    References:
        Rifai et al., Contractive Auto-Encoders, 2011.

    Example:
        >>> sorted(ContractiveAE(latent_dim=20).losses(torch.rand(3, 1, 28, 28)))
        ['contraction', 'loss', 'reconstruction']
    """

    name = "contractive"
    title = "Contractive autoencoder"
    short = "Contractive AE"
    summary = "Contractive autoencoder: small steps in the image hardly move the code."
    place = 3.1

    OPTIONS = (
        replace(CODE_SIZE, default=200, key="units"),
        replace(HIDDEN, default=[], key="before"),
        LIKELIHOOD,
        Option(
            "weight",
            3.0,
            label="Weight λ of the penalty",
            help="weight of the penalty",
            high=1e6,
            step=0.5,
            symbol="λ",
        ),
        Option(
            "penalty",
            "exact",
            label="Norm of the Jacobian",
            help="exact or estimate",
            kind="choice",
            choices={"exact": "Exact", "estimate": "Stochastic estimate"},
        ),
    )
    TERMS = (*AE.TERMS, Term("contraction", "‖∂f/∂x‖²", "z"))
    network = "mlp"
    activation = "sigmoid"

    weight: float
    penalty: str

    def build(self) -> None:
        """All weights are the encoder's: else a large decoder would make up for small codes."""
        super().build()
        self.encoder.append(nn.Sigmoid())
        self.decoder = build_tied_decoder(self.encoder)

    def contraction(self, x: Tensor, z: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """‖∂f(x)/∂x‖²_F of images with codes z, (B,)."""
        if self.penalty == "estimate":
            return estimated_norm(self.encoder, x, generator)
        if self.hidden:
            return squared_norm(self.encoder, x, self.latent_dim)
        z = z.float()
        return (z * (1 - z)).square() @ self.encoder.get_parameter("1.weight").square().sum(1)

    def losses(
        self, x: Tensor, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """``reconstruction``, ``contraction``, and ``loss`` = reconstruction + λ contraction."""
        x = self.pixels(x)
        z = self.encoder(x)
        reconstruction = self.reconstruction_loss(z, x)
        contraction = self.contraction(x, z, generator).mean()
        return {
            "loss": reconstruction + self.weight * contraction,
            "reconstruction": reconstruction,
            "contraction": contraction,
        }

    def measures(self) -> tuple[Measure, ...]:
        """How far codes move: see `examine`."""
        return (Measure(examine, ("decoder",)),)


def examine(subject: "Subject") -> dict[str, object]:
    """Of the first 200 test images:

    - ``jacobian_norm``: ‖∂f/∂x‖_F, mean. ``singular_values``: of ∂f/∂x, descending, means; at
      most 64 of them.
    - ``saturated``: the share of activations below .05 or above .95.
    """
    model, x = subject.model, as_pixels(subject.data.test.images[:EXAMINED])
    with torch.no_grad():
        found = jacobian(model.encoder, x, model.latent_dim)
        values, z = torch.linalg.svdvals(found), model.encode(x)
    return {
        "jacobian_norm": float(found.flatten(1).norm(dim=1).mean()),
        "singular_values": values.mean(0)[:64].tolist(),
        "saturated": float(((z < NEAR) | (z > 1 - NEAR)).float().mean()),
    }
