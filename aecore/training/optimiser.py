"""The optimiser of one update, and its learning rate at each step."""

from math import cos, pi

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

from aecore.families.plan import Update
from aecore.training.config import FitConfig

WARM, START, END = 0.3, 25.0, 1e4  # share of the rise; the peak over the start; start over the end
SLOW, FAST = 0.85, 0.95  # β₁ of Adam: at the peak of the rate, and at both ends
BETA2, EPSILON = 0.999, 1e-8

Moments = dict[int, dict[str, Tensor]]


class Optimiser:
    """AdamW or Adam on the parameters of one update, for the steps of one phase.

    Args:
        model: whose parameters it moves.
        update: which of them, against which term, how fast.
        config: the training's.
        steps: of the phase.

    Attributes:
        moments: what it remembers of each parameter, by number.
    """

    def __init__(self, model: nn.Module, update: Update, config: FitConfig, steps: int) -> None:
        self.term, self.steps = update.term, steps
        self.peak, self.clip_norm = config.learning_rate * update.rate, config.clip_norm
        self.parameters: list[Tensor] = list(update.parameters(model))
        self.decoupled = config.optimizer == "adamw"
        self.weight_decay = config.weight_decay if self.decoupled else 0.0
        self.moments: Moments = {
            number: {
                "step": torch.zeros((), device=parameter.device),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }
            for number, parameter in enumerate(self.parameters)
        }

    def step(self, loss: Tensor, done: int) -> Tensor:
        """One step against the gradient of a loss; returns the norm that the gradient had.

        Args:
            loss: a scalar.
            done: steps of the phase so far.
        """
        for parameter in self.parameters:
            parameter.grad = None
        loss.backward()
        with torch.no_grad():
            return self._move(done)

    def _move(self, done: int) -> Tensor:
        moved = [
            (parameter, parameter.grad, self.moments[number])
            for number, parameter in enumerate(self.parameters)
            if parameter.grad is not None
        ]
        parameters, gradients = [one for one, _, _ in moved], [one for _, one, _ in moved]
        flat = [gradient.flatten() for gradient in gradients]
        norm = torch.stack([gradient.dot(gradient) for gradient in flat]).sum().sqrt()
        # Most are shorter than that, and need no pass over them.
        if norm > self.clip_norm:
            nn.utils.clip_grads_with_norm_(parameters, self.clip_norm, norm)
        rate, beta = one_cycle(done, self.steps, self.peak)
        # torch's class of that name takes a third of a small step for its hooks and groups.
        adam(
            parameters,
            gradients,
            [memory["exp_avg"] for *_, memory in moved],
            [memory["exp_avg_sq"] for *_, memory in moved],
            [],
            [memory["step"] for *_, memory in moved],
            fused=True,
            amsgrad=False,
            beta1=beta,
            beta2=BETA2,
            lr=rate,
            weight_decay=self.weight_decay,
            eps=EPSILON,
            maximize=False,
            decoupled_weight_decay=self.decoupled,
        )
        return norm


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
