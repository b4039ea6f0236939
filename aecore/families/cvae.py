"""The conditional variational autoencoder."""

from dataclasses import replace

from torch import Tensor
from torch.distributions import Distribution

from aecore.families.distributions import gaussian
from aecore.families.networks import Net, build_decoder, build_encoder, with_labels
from aecore.families.options import Option
from aecore.families.registry import register
from aecore.families.vae import VAE

CLASSES = Option(
    "classes",
    10,
    label="Classes",
    help="number of classes",
    kind="whole",
    low=2,
    high=1000,
    form=False,
)


@register
class CVAE(VAE):
    """The VAE whose encoder and decoder are given the class y, which the code then need not hold:

        −E_q[log p(x | z, y)] + β KL(q(z | x, y) ‖ p(z)),

    a bound on −log p(x | y) for β = 1. y goes in as one probability for each class; where it is not
    known, all are alike. z has the prior N(0, I) for each class, so one z can be drawn as any of
    them; nothing forces the class out of z, which is why its card says how well it is read there.

    Args:
        classes: number of classes.

    References:
        Sohn, Lee & Yan, Learning Structured Output Representation using Deep Conditional
        Generative Models, 2015.

    Example:
        >>> import torch
        >>> model = CVAE(latent_dim=2, hidden=(32,))
        >>> model.decode(torch.zeros(10, 2), torch.arange(10)).shape
        torch.Size([10, 1, 28, 28])
    """

    name = "cvae"
    title = "Conditional variational autoencoder"
    short = "CVAE"
    summary = "Conditional VAE: the class is told, so the code can be the handwriting."
    place = 5.0

    OPTIONS = (*(option for option in VAE.OPTIONS if option.name != "network"), CLASSES)
    network = "mlp"

    classes: int

    def build(self) -> None:
        """Both have one more input for each class."""
        shape = self.network, self.hidden
        self.encoder = build_encoder(
            *shape, 2 * self.latent_dim, self.activation, extra=self.classes
        )
        self.decoder = build_decoder(*shape, self.latent_dim + self.classes, self.activation)

    def posterior(self, x: Tensor, y: Tensor | None = None) -> Distribution:
        """q(z | x, y), a distribution over codes (latent_dim,) for each image."""
        seen = with_labels(self.pixels(x), y, self.classes)
        return gaussian(*self.encoder(seen).float().chunk(2, dim=1))

    def logits(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """The decoder's output before the sigmoid, of codes with their classes."""
        self.check_codes(z)
        return self.decoder(with_labels(z, y, self.classes))

    def networks(self) -> dict[str, Net]:
        """Encoder and decoder; the class follows the image or the code."""
        label = (("y", self.classes),)
        return {
            name: replace(net, inputs=net.inputs + label)
            for name, net in super().networks().items()
        }
