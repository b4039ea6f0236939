"""The optimiser of one update, and its learning rate at each step."""

from math import cos, pi

import torch
from torch import Tensor, nn

from aecore.families.plan import Update
from aecore.training.config import FitConfig

WARM, START, END = 0.3, 25.0, 1e4  # share of the rise; the peak over the start; start over the end
SLOW, FAST = 0.85, 0.95  # β₁ of Adam: at the peak of the rate, and at both ends

Moments = dict[int, dict[str, Tensor]]


class Optimiser:
    """AdamW or Adam on the parameters of one update, for the steps of one phase.

    Args:
        model: whose parameters it moves.
        update: which of them, against which term, how fast.
        config: the training's.
        steps: of the phase.
    """

    def __init__(self, model: nn.Module, update: Update, config: FitConfig, steps: int) -> None:
        self.term, self.steps = update.term, steps
        self.peak, self.clip_norm = config.learning_rate * update.rate, config.clip_norm
        self.parameters = list(update.parameters(model))
        kind = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}[config.optimizer]
        decay = {"weight_decay": config.weight_decay} if config.optimizer == "adamw" else {}
        self.torch = kind(self.parameters, lr=self.peak, fused=True, **decay)

    def step(self, loss: Tensor, done: int) -> Tensor:
        """One step against the gradient of a loss; returns the norm that the gradient had.

        Args:
            loss: a scalar.
            done: steps of the phase so far.
        """
        rate, beta = one_cycle(done, self.steps, self.peak)
        for group in self.torch.param_groups:
            group["lr"], group["betas"] = rate, (beta, group["betas"][1])
        self.torch.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.parameters, self.clip_norm)
        self.torch.step()
        return norm

    @property
    def moments(self) -> Moments:
        """What it remembers of each parameter, by number."""
        return self.torch.state_dict()["state"]

    @moments.setter
    def moments(self, moments: Moments) -> None:
        groups = self.torch.state_dict()["param_groups"]
        self.torch.load_state_dict({"state": moments, "param_groups": groups})


def one_cycle(done: int, steps: int, peak: float) -> tuple[float, float]:
    """Learning rate and β₁ of a step: the rate rises to its peak and falls to nearly nothing, along
    half cosines, while β₁ falls and rises.

    Args:
        done: steps so far.
        steps: in all.
        peak: the highest rate.

    References:
        Smith & Topin, Super-Convergence, 2018. The same as torch's ``OneCycleLR``, to the last bit,
        but a function of the step alone.

    Example:
        >>> [round(one_cycle(done, 9, 1.0)[0], 4) for done in (0, 2, 8)]
        [0.04, 1.0, 0.0495]
    """
    top, low = float(WARM * (steps + 1)) - 1, peak / START
    if done <= top:
        share = done / top
        return _between(low, peak, share), _between(FAST, SLOW, share)
    share = (done - top) / (steps - top)
    return _between(peak, low / END, share), _between(SLOW, FAST, share)


def _between(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2.0 * (cos(pi * share) + 1)
