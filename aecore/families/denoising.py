"""Denoising autoencoders: shown a spoiled image, they must draw the clean one."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from aecore.data.noise import LEVELS, check_level, corrupt_batch
from aecore.families.ae import AE
from aecore.families.linear import LinearAE
from aecore.families.networks import IMAGE, PIXELS, build_encoder, describe_tied, tied
from aecore.families.options import Option
from aecore.families.registry import register

CODE_SIZE = AE.OPTIONS[0]
CORRUPTION = Option(
    "corruption",
    "gaussian",
    label="Noise",
    help=", ".join(LEVELS),
    kind="choice",
    choices={kind: about.title for kind, about in LEVELS.items()},
    key="noise",
)
LEVEL = Option(
    "level",
    None,
    label="Level",
    help="of the corruption; 0 is none",
    by="corruption",
    cases={
        kind: Option(
            "level",
            about.default,
            label=f"Level {about.symbol}: {about.meaning}",
            help=about.meaning,
            low=about.low,
            high=about.high,
            step=1.0 if about.step == 1 else 0.05,
            symbol=about.symbol,
            key=f"level_{kind}",
        )
        for kind, about in LEVELS.items()
    },
)


@register
class DAE(AE):
    """The denoising autoencoder: spoil x to x̃, minimise −log p(x | z) with z = f(x̃).

    Copying its input no longer helps: it must learn where images lie, and pulls x̃ back there. In
    evaluation the losses are of spoiled images too; `encode`, `decode` and `reconstruct` take any
    image as it is. At level 0 this is the `AE`.

    Args:
        corruption: ``gaussian``, ``salt_and_pepper``, ``masking`` or ``occlusion``.
        level: of the corruption (see `aecore.data.noise.LEVELS`); None for the kind's default.

    References:
        Vincent et al., Extracting and Composing Robust Features with Denoising Autoencoders, 2008.

    Example:
        >>> model = DAE(latent_dim=2, hidden=(32,), corruption="masking", level=0.25)
        >>> sorted(model.losses(torch.rand(3, 1, 28, 28)))
        ['loss', 'reconstruction']
    """

    name = "dae"
    title = "Denoising autoencoder"
    short = "DAE"
    summary = "Denoising autoencoder: shown a spoiled image, it must draw the clean one."
    place = 3.0

    OPTIONS = (*AE.OPTIONS, CORRUPTION, LEVEL)

    corruption: str
    level: float

    def __init__(self, /, **options: object) -> None:
        super().__init__(**options)
        check_level(self.corruption, self.level)  # of whole pixels, for a block

    def corrupt(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """x̃ as in training, shape (B, 1, 28, 28)."""
        return corrupt_batch(self.pixels(x), self.corruption, self.level, generator)

    def losses(
        self, x: Tensor, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """``reconstruction``: −log p(x | f(x̃)) of the clean x, nats per image; ``loss``: the same.

        Sums over pixels, means over the batch.
        """
        x = self.pixels(x)
        z = self.encoder(self.corrupt(x, generator))
        reconstruction = self.reconstruction_loss(z, x)
        return {"loss": reconstruction, "reconstruction": reconstruction}


@register
class LinearDAE(DAE, LinearAE):
    """The linear autoencoder that is shown spoiled images: with more units than pixels it could
    copy, and no longer gains by it.

    Args:
        tied: whether V = Wᵀ.
        corruption: ``gaussian``, ``salt_and_pepper``, ``masking`` or ``occlusion``.
        level: of the corruption (see `aecore.data.noise.LEVELS`); None for the kind's default.

    References:
        Vincent et al., Stacked Denoising Autoencoders, 2010.

    Example:
        >>> LinearDAE(latent_dim=800).decode(torch.zeros(1, 800)).shape
        torch.Size([1, 1, 28, 28])
    """

    name = "linear-dae"
    title = "Linear denoising autoencoder"
    short = "Linear DAE"
    summary = "Linear denoising autoencoder: even with room for every pixel it does not copy."
    place = 3.05

    OPTIONS = (*LinearAE.OPTIONS, replace(CORRUPTION, default="masking"), LEVEL)


@register
class TiedDAE(DAE):
    """One layer, more units than it needs, the decoder's weights tied to the encoder's:

        z = sigmoid(W x̃ + b),    x̂ = sigmoid(Wᵀ z + c).

    Each row of W is both what a unit looks for and what it draws. Without noise most units have
    no need to learn anything; the more noise, the larger the shapes that they look for.

    Args:
        latent_dim: number of units.
        corruption: ``gaussian``, ``salt_and_pepper``, ``masking`` or ``occlusion``.
        level: of the corruption (see `aecore.data.noise.LEVELS`); None for the kind's default.

    References:
        Vincent et al., Stacked Denoising Autoencoders, 2010.

    Example:
        >>> TiedDAE(latent_dim=20).filters().shape
        torch.Size([20, 28, 28])
    """

    name = "tied-dae"
    title = "Tied denoising autoencoder"
    short = "Tied DAE"
    summary = "Denoising autoencoder of one layer with tied weights: its filters are pictures."
    place = 4

    OPTIONS = (
        replace(CODE_SIZE, default=500, key="units"),
        replace(CORRUPTION, default="masking"),
        LEVEL,
    )
    hidden = ()
    network = "mlp"
    activation = "gelu"  # of no layer
    likelihood = "bernoulli"

    def build(self) -> None:
        """Make ``encoder`` and the bias c; the decoder has no other weights of its own."""
        self.encoder = build_encoder(self.network, self.hidden, self.latent_dim, self.activation)
        self.encoder.append(nn.Sigmoid())
        self.bias = nn.Parameter(torch.zeros(PIXELS))

    def decoder(self, z: Tensor) -> Tensor:
        """Wᵀ z + c, shape (B, 1, 28, 28)."""
        return tied(z, self.encoder[1], self.bias).view(-1, *IMAGE)

    def filters(self) -> Tensor:
        """The rows of W as images, (latent_dim, 28, 28)."""
        return self.encoder[1].weight.detach().view(-1, *IMAGE[1:])

    def describe_decoder(self) -> list[dict]:
        """It reads the encoder's weight."""
        return describe_tied("encoder.1", "bias")
