"""The plain autoencoder."""

from aecore.families.base import Autoencoder
from aecore.families.registry import register


@register
class AE(Autoencoder):
    """The autoencoder: minimise −log p(x | z) with z = f(x).

    Nothing but reconstruction shapes the code, so the decoder makes no promise between codes.

    References:
        Hinton & Salakhutdinov, Reducing the Dimensionality of Data with Neural Networks, 2006.

    Example:
        >>> import torch
        >>> model = AE(latent_dim=2, hidden=(32,))
        >>> model.encode(torch.rand(3, 1, 28, 28)).shape
        torch.Size([3, 2])
    """

    name = "ae"
    title = "Autoencoder"
    short = "AE"
    summary = "Autoencoder: a code small enough that only what matters fits."
    place = 1.0
