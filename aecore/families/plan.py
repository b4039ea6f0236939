"""How a family is trained: phases one after another, and the updates in each batch."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class Update:
    """One step of an optimiser of its own in each batch.

    Args:
        term: of the family's losses, minimised by this step.
        parameters: of the model, those that it moves; all by default.
        rate: of learning, as a multiple of the training's.

    Example:
        >>> Update("reconstruction", lambda model: model.decoder.parameters()).rate
        1.0
    """

    term: str = "loss"
    parameters: Callable[[nn.Module], Iterable[nn.Parameter]] = nn.Module.parameters
    rate: float = 1.0


def parameters_of(*parts: str) -> Callable[[nn.Module], Iterable[nn.Parameter]]:
    """The parameters of some parts of a model, by the first part of their names.

    Example:
        >>> model = nn.ModuleDict({"f": nn.Linear(2, 1), "g": nn.Linear(1, 2)})
        >>> [tuple(p.shape) for p in parameters_of("g")(model)]
        [(2, 1), (2,)]
    """
    return lambda model: [p for name, p in model.named_parameters() if name.split(".")[0] in parts]


@dataclass(frozen=True)
class Phase:
    """A part of a training, with optimisers and a schedule of the learning rate of its own.

    Args:
        name: as records and charts have it.
        share: of all steps, relative to the other phases'.
        updates: of each batch, in order.
    """

    name: str = ""
    share: float = 1.0
    updates: tuple[Update, ...] = (Update(),)


def phase_ends(plan: Sequence[Phase], steps: int) -> list[int]:
    """The step at which each phase ends; the last is ``steps``.

    Raises:
        ValueError: for a plan without phases, or a share that is not above 0.

    Example:
        >>> phase_ends([Phase("layer 1"), Phase("layer 2"), Phase("all", share=2)], 10)
        [2, 5, 10]
    """
    shares = [phase.share for phase in plan]
    if not shares or not all(share > 0 for share in shares):
        raise ValueError("A plan has phases, each with a share above 0.")
    return [round(steps * sum(shares[: i + 1]) / sum(shares)) for i in range(len(shares))]
