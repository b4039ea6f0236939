"""What every model shares: options, named losses, saving; and what every autoencoder adds."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli, Distribution, Independent, Normal
from torch.nn.functional import binary_cross_entropy_with_logits

from aecore.data import as_pixels
from aecore.errors import LabError
from aecore.families.distributions import Prior, StandardNormal
from aecore.families.measure import Measure
from aecore.families.networks import (
    ACTIVATIONS,
    IMAGE,
    PIXELS,
    Net,
    build_decoder,
    build_encoder,
    describe,
)
from aecore.families.options import Option, Term, check_options
from aecore.families.plan import Phase

PIXEL_STD = 0.25  # of the Gaussian likelihood: about a quarter of the grey scale


class Model(nn.Module, ABC):
    """A network that says of itself all that others need to know.

    Each option is an attribute of the model, too, such as ``model.latent_dim``.

    Args:
        **options: values of ``OPTIONS``; each has a default.

    Raises:
        LabError: for an option that is none of these or outside its range; the message names it.
    """

    name: ClassVar[str]  # in the registry and in files
    title: ClassVar[str]
    short: ClassVar[str]
    summary: ClassVar[str]  # one line
    place: ClassVar[float] = 50  # in lists; those of one place by name
    OPTIONS: ClassVar[tuple[Option, ...]] = ()
    TERMS: tuple[Term, ...] = ()  # of ``losses``, besides ``"loss"``
    heads: ClassVar[tuple[str, ...]] = ()  # what its encoder gives of each code dimension
    labelled_share: ClassVar[float | None] = None  # of a batch, where labels may be unknown

    progress: float = 1.0  # how much of its training is done: `fit` says it before each step

    def __init__(self, /, **options: object) -> None:
        super().__init__()
        self.options = check_options(self.OPTIONS, options, self.name)
        for name, value in self.options.items():
            setattr(self, name, value)

    @abstractmethod
    def losses(
        self, x: Tensor, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """Named terms, scalars: means over the batch. ``"loss"`` is what training minimises."""

    @property
    def loss_title(self) -> str:
        """What the loss that it minimises is called."""
        return "loss"

    def prior(self) -> Prior | None:
        """p(z), towards which it is trained; None where there is none."""
        return None

    @abstractmethod
    def networks(self) -> dict[str, Net]:
        """What the browser can run: ``encoder``, ``decoder``, ``classifier``, those there are."""

    def classify(self, x: Tensor) -> Tensor | None:
        """p(y | x), shape (B, classes); None of a family that infers no class."""
        return None

    def measures(self) -> tuple[Measure, ...]:
        """Measures of the family's own, for the card, besides those of `aecore.analysis`."""
        return ()

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        return next(self.parameters()).device

    def pixels(self, x: Tensor) -> Tensor:
        """Check images and bring them to float32 (B, 1, 28, 28) where the weights are."""
        ready = torch.is_tensor(x) and x.dtype == torch.float32 and x.shape[1:] == IMAGE
        if ready and self.training:
            return x  # `fit` prepares its own batches
        return as_pixels(x).to(self.device)

    def plan(self) -> tuple[Phase, ...]:
        """How it is trained: one update of all parameters against ``"loss"``, in one phase."""
        return (Phase(),)

    def objective(
        self,
        term: str,
        x: Tensor,
        y: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> dict[str, Tensor]:
        """What one update of the plan needs: its term, and others that cost nothing more.

        All of `losses`, where a family with several updates does not give less.
        """
        return self.losses(x, y, generator=generator)

    def save(self, path: str | Path, *, half: bool = False, extra: dict | None = None) -> Path:
        """Write weights and options to one ``.safetensors`` file, atomically.

        Args:
            path: the file; its folder must exist.
            half: store float16, for shipping; the model itself keeps its precision.
            extra: plain values to keep in the file's metadata, such as the training settings.

        Raises:
            LabError: when the file cannot be written.
        """
        from aecore.families.storage import save_model

        return save_model(self, path, half=half, extra=extra)


class Autoencoder(Model):
    """An encoder f and a decoder g, trained to make x̂ = g(f(x)) close to x.

    The decoder's output are logits a; the image is x̂ = sigmoid(a). The likelihood p(x | z) is

    - ``"bernoulli"``: −log p = −Σᵢ xᵢ log x̂ᵢ + (1 − xᵢ) log(1 − x̂ᵢ), the cross-entropy, or
    - ``"gaussian"``: −log p = Σᵢ (xᵢ − x̂ᵢ)² / 2s² + log(s √2π), the squared error, with s = 0.25.

    Args:
        latent_dim: size of the code z.
        hidden: widths (``mlp``) or channels (``conv``) from the image inwards.
        network: ``"mlp"`` or ``"conv"``.
        activation: ``relu``, ``gelu``, ``silu``, ``tanh`` or ``sigmoid``.
        likelihood: ``"bernoulli"`` or ``"gaussian"``.

    Raises:
        LabError: for an option outside its range; the message names it.
    """

    OPTIONS: ClassVar[tuple[Option, ...]] = (
        Option(
            "latent_dim",
            2,
            label="Code size",
            help="size of the code z",
            kind="whole",
            low=1,
            high=1024,
            key="size",
        ),
        Option(
            "hidden",
            [512, 256],
            label="Hidden layers",
            help="layer sizes from the image inwards: 512,256",
            kind="sizes",
            low=1,
            high=8192,
            key="layers",
        ),
        Option(
            "network",
            "mlp",
            label="Network",
            help="mlp or conv",
            kind="choice",
            choices={"mlp": "Fully connected", "conv": "Convolutional"},
            form=False,
        ),
        Option(
            "activation",
            "gelu",
            label="Activation",
            help=", ".join(ACTIVATIONS),
            kind="choice",
            choices={name: name for name in ACTIVATIONS},
            form=False,
        ),
        Option(
            "likelihood",
            "bernoulli",
            label="Reconstruction loss",
            help="bernoulli or gaussian",
            kind="choice",
            choices={"bernoulli": "Cross-entropy", "gaussian": "Squared"},
        ),
    )
    TERMS: tuple[Term, ...] = (Term("reconstruction", "Reconstruction", "xh"),)

    heads: ClassVar[tuple[str, ...]] = ("mean",)

    # A family without one of these options says here what it is.
    latent_dim: int
    hidden: Sequence[int]
    network: str
    activation: str
    likelihood: str

    def __init__(self, /, **options: object) -> None:
        super().__init__(**options)
        self.build()

    def build(self) -> None:
        """Make ``encoder`` and ``decoder`` from the options."""
        shape = self.network, self.hidden
        outputs = len(self.heads) * self.latent_dim
        self.encoder = build_encoder(*shape, outputs, self.activation)
        self.decoder = build_decoder(*shape, self.latent_dim, self.activation)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Images in [0, 1] to codes (B, latent_dim). Deterministic: nothing is sampled here.

        Args:
            x: images, (B, 1, 28, 28) or (B, 784).
            y: their labels (B,), −1 where unknown; for a family that uses them.

        Raises:
            LabError: for a wrong shape, or values outside [0, 1].
        """
        return self.encoder(self.pixels(x))

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Codes (B, latent_dim) to images (B, 1, 28, 28) in [0, 1]: the mean of p(x | z, y).

        Raises:
            LabError: when the codes have another shape.
        """
        return torch.sigmoid(self.logits(z, y))

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """x̂ = g(f(x, y), y), of the class that is inferred where it is not known and can be;
        shape (B, 1, 28, 28).
        """
        y = self.inferred(x, y)
        return self.decode(self.encode(x, y), y)

    def inferred(self, x: Tensor, y: Tensor | None = None) -> Tensor | None:
        """Labels y (B,), where unknown the class that the model finds most probable; y as it is
        where the model infers none.
        """
        found = self.classify(x)
        if found is None:
            return y
        likely = found.argmax(1)
        if y is None:
            return likely
        y = torch.as_tensor(y, device=likely.device)
        return torch.where(y < 0, likely, y.long()) if y.shape == likely.shape else y

    def posterior(self, x: Tensor, y: Tensor | None = None) -> Distribution | None:
        """q(z | x, y), a distribution over codes (latent_dim,) for each image, whose mean `encode`
        gives; None of a family whose codes are points.
        """
        return None

    @property
    def draws_by_class(self) -> bool:
        """Whether `sample` draws the class that it is asked for."""
        return any(name == "y" for name, _ in self.networks()["decoder"].inputs)

    @torch.no_grad()
    def sample(
        self, n: int, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> Tensor:
        """Decode n draws from the prior, shape (n, 1, 28, 28).

        Without a prior they are of N(0, I), which then is only a convention;
        `aecore.analysis.latent.fitted_gaussian` gives such a model a fairer one.
        """
        prior = self.prior() or StandardNormal(self.latent_dim, self.device)
        return self.decode(prior.sample(n, y, generator=generator), y)

    def observation(self, z: Tensor, y: Tensor | None = None) -> Distribution:
        """The likelihood p(x | z, y), a distribution over images (1, 28, 28)."""
        return self.likelihood_of(self.logits(z, y).float())

    def likelihood_of(self, logits: Tensor) -> Distribution:
        """The distribution over images that a decoder's output stands for."""
        if self.likelihood == "bernoulli":
            # Grey pixels are not 0 or 1; the cross-entropy is defined for them all the same.
            return Independent(Bernoulli(logits=logits, validate_args=False), 3)
        return Independent(Normal(torch.sigmoid(logits), PIXEL_STD, validate_args=False), 3)

    def reconstruction_loss(self, z: Tensor, x: Tensor, y: Tensor | None = None) -> Tensor:
        """−log p(x | z, y) as `observation` has it, the mean over the batch."""
        if self.likelihood == "bernoulli":  # the same in fewer passes over the pixels
            logits = self.logits(z, y).float()
            return binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
        return -self.observation(z, y).log_prob(x).mean()

    def losses(
        self, x: Tensor, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """``reconstruction``: −log p(x | f(x)), nats per image; ``loss``: the same.

        Sums over pixels, means over the batch.
        """
        x = self.pixels(x)
        reconstruction = self.reconstruction_loss(self.encoder(x), x)
        return {"loss": reconstruction, "reconstruction": reconstruction}

    def logits(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """The decoder's output before the sigmoid, shape (B, 1, 28, 28)."""
        self.check_codes(z)
        return self.decoder(z)

    def check_codes(self, z: Tensor) -> None:
        """Refuse codes of another shape than (B, latent_dim)."""
        if z.ndim != 2 or z.shape[1] != self.latent_dim:
            raise LabError(
                f"Codes must have shape (B, {self.latent_dim}), but these have {tuple(z.shape)}."
            )

    def networks(self) -> dict[str, Net]:
        """Encoder and decoder; the browser adds the sigmoid."""
        d = self.latent_dim
        return {
            "encoder": Net(
                (("x", PIXELS),),
                describe(self.encoder, "encoder"),
                tuple((head, d) for head in self.heads),
            ),
            "decoder": Net((("z", d),), self.describe_decoder(), (("logits", PIXELS),)),
        }

    def describe_decoder(self) -> list[dict]:
        """The decoder's layers (see `networks.describe`)."""
        return describe(self.decoder, "decoder")
