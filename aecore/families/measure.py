"""A measure: what it needs of a trained model, and how its figures are taken."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """Some figures of a trained model, taken where all that they need is there.

    Attributes:
        take: from an `aecore.analysis.measures.Subject` to plain values by key, for the card.
        needs: names out of `aecore.analysis.measures.Subject.has`.

    Example:
        >>> Measure(lambda subject: {"weights": 7}, needs=("decoder",)).needs
        ('decoder',)
    """

    take: Callable[..., dict[str, object]]
    needs: tuple[str, ...] = ()
