"""The stacked autoencoder: one layer learned at a time, then all together."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from aecore.families.ae import AE
from aecore.families.base import PIXEL_STD
from aecore.families.options import Option, Term
from aecore.families.plan import Phase, Update
from aecore.families.registry import register

CODE_SIZE, HIDDEN, *_, LIKELIHOOD = AE.OPTIONS
MASKED = 0.25  # share of a layer's input that `dae` sets to 0


@register
class StackedAE(AE):
    """A deep autoencoder of sigmoid units, pretrained layer by layer, then trained as a whole.

    A layer h → s(W h + b) learns to rebuild what the layers below it give, with the decoder's layer
    that will undo it, and nothing else moves. How it learns:

    - ``ae``: as an autoencoder. ``dae``: the same with a quarter of h set to 0.
    - ``rbm``: as a restricted Boltzmann machine, E(v, h) = −vᵀW h − bᵀv − cᵀh, by contrastive
      divergence with one Gibbs step, ΔW ∝ ⟨v hᵀ⟩data − ⟨v hᵀ⟩reconstruction; the units of the
      code, which are linear, are Gaussian. Both layers begin with the same weights, and get the
      same gradient, so that they are one machine until the whole is trained.
    - ``none``: not at all, to compare.

    Args:
        latent_dim: size of the code, linear units.
        hidden: layers of sigmoid units before it.
        pretraining: ``ae``, ``dae``, ``rbm`` or ``none``.
        share: of all steps, for pretraining; each layer has as many.
        spread: standard deviation of the initial weights; 0 for torch's own initialisation.

    References:
        Hinton & Salakhutdinov, Reducing the Dimensionality of Data with Neural Networks, 2006.
        Bengio et al., Greedy Layer-Wise Training of Deep Networks, 2007.

    Example:
        >>> [phase.name for phase in StackedAE(hidden=(32,)).plan()]
        ['layer 1', 'layer 2', 'whole']
    """

    name = "stacked"
    title = "Stacked autoencoder"
    short = "Stacked AE"
    summary = "Stacked autoencoder: one layer learned at a time, then all together."
    place = 1.3

    OPTIONS = (
        CODE_SIZE,
        replace(HIDDEN, default=[256, 128, 64]),
        LIKELIHOOD,
        Option(
            "pretraining",
            "ae",
            label="Pretraining",
            help="ae, dae, rbm or none",
            kind="choice",
            choices={
                "ae": "Autoencoder",
                "dae": "Denoising autoencoder",
                "rbm": "Boltzmann machine",
                "none": "None",
            },
        ),
        Option(
            "share",
            0.5,
            label="Share of pretraining",
            help="of all steps, for pretraining",
            low=0.05,
            high=0.95,
            step=0.05,
        ),
        Option(
            "spread",
            0.0,
            label="Spread of the first weights",
            help="standard deviation of the initial weights; 0 for torch's own",
            high=10,
            step=0.01,
            form=False,
        ),
    )
    network = "mlp"
    activation = "sigmoid"

    pretraining: str
    share: float
    spread: float

    def build(self) -> None:
        """Layers of the encoder, and of the decoder in reverse, as pairs; a term for each."""
        super().build()
        down = [layer for layer in self.encoder if isinstance(layer, nn.Linear)]
        up = [layer for layer in reversed(self.decoder) if isinstance(layer, nn.Linear)]
        self.pairs = list(zip(down, up, strict=True))
        for lower, upper in self.pairs:
            for layer in (lower, upper) if self.spread else ():
                nn.init.normal_(layer.weight, std=self.spread)
                nn.init.zeros_(layer.bias)
            if self.pretraining == "rbm":
                with torch.no_grad():
                    upper.weight.copy_(lower.weight.T)
        if self.pretraining != "none":
            count = range(1, len(down) + 1)
            self.TERMS = (*AE.TERMS, *(Term(f"layer {n}", f"Layer {n}", "z") for n in count))

    def plan(self) -> tuple[Phase, ...]:
        """A phase for each layer, then one for the whole."""
        if self.pretraining == "none":
            return (Phase("whole"),)
        count = len(self.pairs)
        layers = (
            Phase(f"layer {n + 1}", self.share / count, (Update(f"layer {n + 1}", _moved(pair)),))
            for n, pair in enumerate(self.pairs)
        )
        return (*layers, Phase("whole", 1 - self.share))

    def objective(
        self,
        term: str,
        x: Tensor,
        y: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> dict[str, Tensor]:
        """The reconstruction, or a layer's own error alone."""
        x = self.pixels(x)
        if term.startswith("layer "):
            return {term: self.layer_error(int(term.removeprefix("layer ")) - 1, x, generator)}
        return super().losses(x)

    def losses(
        self, x: Tensor, y: Tensor | None = None, *, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """``reconstruction`` and ``loss``, the same; each layer's own error, ``layer 1`` ..."""
        x = self.pixels(x)
        found = super().losses(x)
        for term in self.TERMS[1:]:
            found |= self.objective(term.name, x, generator=generator)
        return found

    def layer_error(self, n: int, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """How badly layer n alone rebuilds what enters it, nats per image; its gradient is the one
        that pretraining follows.
        """
        with torch.no_grad():
            v = x.flatten(1)
            for lower, _ in self.pairs[:n]:
                v = torch.sigmoid(lower(v)).float()
        if self.pretraining == "rbm":
            return self._machine_error(n, v, generator)
        lower, upper = self.pairs[n]
        seen = v
        if self.pretraining == "dae":
            seen = v * (torch.empty_like(v).uniform_(generator=generator) >= MASKED)
        h = lower(seen)
        return self._nats(n, upper(h if self._is_code(n) else torch.sigmoid(h)), v)

    def _is_code(self, n: int) -> bool:
        return n == len(self.pairs) - 1

    def _nats(self, n: int, logits: Tensor, v: Tensor) -> Tensor:
        """−log p(v | h), the mean over the batch; of an image as of the whole."""
        logits = logits.float()
        if n == 0 and self.likelihood == "gaussian":
            return (logits.sigmoid() - v).square().sum(1).mean() / (2 * PIXEL_STD**2)
        return functional.binary_cross_entropy_with_logits(logits, v, reduction="sum") / len(v)

    def _machine_error(self, n: int, v: Tensor, generator: torch.Generator | None) -> Tensor:
        """The reconstruction's error by value, contrastive divergence by gradient."""
        lower, upper = self.pairs[n]
        weight = (lower.weight + upper.weight.T) / 2  # they are equal, and both shall move
        with torch.no_grad():
            a = functional.linear(v, weight, lower.bias).float()
            noise = torch.empty_like(a)
            h = (
                a + noise.normal_(generator=generator)
                if self._is_code(n)
                else (noise.uniform_(generator=generator) < a.sigmoid()).float()
            )
            logits = functional.linear(h, weight.T, upper.bias)
            error, after = self._nats(n, logits, v), logits.float().sigmoid()

        def free_energy(v: Tensor) -> Tensor:
            a = functional.linear(v, weight, lower.bias).float()
            given = a.square().sum(1) / 2 if self._is_code(n) else functional.softplus(a).sum(1)
            return -(v @ upper.bias + given).mean()

        divergence = free_energy(v) - free_energy(after)
        return error + divergence - divergence.detach()


def _moved(pair: tuple[nn.Linear, nn.Linear]) -> Callable[[nn.Module], Iterable[nn.Parameter]]:
    """The parameters of a layer and of the one that undoes it."""
    return lambda _: [p for layer in pair for p in layer.parameters()]
