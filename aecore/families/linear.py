"""The linear autoencoder."""

from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, Normal

from aecore.families.ae import AE
from aecore.families.base import PIXEL_STD
from aecore.families.encoding import in_batches
from aecore.families.measure import Measure
from aecore.families.networks import PIXELS, Net, build_tied_decoder
from aecore.families.options import Option
from aecore.families.registry import register

if TYPE_CHECKING:
    from aecore.analysis.measures import Subject

TIED = Option(
    "tied",
    False,
    label="Tied weights",
    help="whether the decoder's weights are the encoder's, yes or no",
    kind="switch",
)


@register
class LinearAE(AE):
    """The autoencoder without activations: z = W x + b, x̂ = V z + c, by the squared error.

    At its best V spans the plane of the first principal components, and the error is PCA's; W and V
    themselves may be any basis of it. With as many units as pixels it can copy whatever it is
    shown. What it draws are grey values as they are, shown from 0 to 1.

    Args:
        tied: whether V = Wᵀ; then the best W has orthonormal rows.

    References:
        Baldi & Hornik, Neural Networks and Principal Component Analysis, 1989.

    Example:
        >>> LinearAE(latent_dim=2, tied=True).directions().shape
        torch.Size([2, 784])
    """

    name = "linear"
    title = "Linear autoencoder"
    short = "Linear AE"
    summary = "Linear autoencoder: no activation, so all it finds is the plane of PCA."
    place = 1.1

    OPTIONS: ClassVar[tuple[Option, ...]] = (AE.OPTIONS[0], TIED)
    hidden = ()
    network = "mlp"
    activation = "gelu"  # of no layer
    likelihood = "gaussian"

    tied: bool

    def build(self) -> None:
        """One layer each; the decoder's may be the encoder's."""
        super().build()
        if self.tied:
            self.decoder = build_tied_decoder(self.encoder)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """V z + c, cut off at 0 and 1, shape (B, 1, 28, 28)."""
        return self.logits(z, y).clamp(0, 1)

    def observation(self, z: Tensor, y: Tensor | None = None) -> Distribution:
        """p(x | z) about V z + c, which may lie outside [0, 1]."""
        return Independent(Normal(self.logits(z, y).float(), PIXEL_STD, validate_args=False), 3)

    def directions(self) -> Tensor:
        """What each number of the code adds to the image: the columns of V, (latent_dim, 784)."""
        codes = torch.eye(self.latent_dim + 1, self.latent_dim, device=self.device)
        drawn = self.logits(codes).detach().flatten(1)
        return drawn[:-1] - drawn[-1]

    def networks(self) -> dict[str, Net]:
        """What the decoder gives are pixels, not logits."""
        nets = super().networks()
        decoder = nets["decoder"]
        return nets | {"decoder": Net(decoder.inputs, decoder.layers, (("pixels", PIXELS),))}

    def measures(self) -> tuple[Measure, ...]:
        """How near it is to PCA: see `beside_pca`."""
        return (Measure(beside_pca, ("decoder",)),)


def beside_pca(subject: "Subject") -> dict[str, object]:
    """The model beside as many principal components of the training images.

    - ``linear_error``: ‖x̂ − x‖² of the test images, not cut off; ``pca_error``: PCA's.
    - ``principal_angles``: between the two planes, in degrees, ascending.

    Of more units than pixels there is nothing to compare.
    """
    from scipy.linalg import subspace_angles
    from sklearn.decomposition import PCA

    model, data = subject.model, subject.data
    if model.latent_dim > min(PIXELS, len(data.train) - 1):
        return {}
    train, test = (
        split.images.reshape(len(split), -1).astype(np.float32) / 255
        for split in (data.train, data.test)
    )
    pca = PCA(model.latent_dim, svd_solver="covariance_eigh").fit(train)
    rebuilt = pca.inverse_transform(pca.transform(test))
    error = 0.0
    with torch.no_grad():
        for x, _ in in_batches(data.test.images, None, 2000):
            error += float((model.logits(model.encode(x)) - x).square().sum(dtype=torch.float64))
    angles = np.rad2deg(subspace_angles(pca.components_.T, model.directions().numpy().T))
    return {
        "linear_error": error / len(test),
        "pca_error": float(((rebuilt - test) ** 2).sum(1, dtype=np.float64).mean()),
        "principal_angles": np.sort(angles).tolist(),
    }
