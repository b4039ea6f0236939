"""What the figures of two runs' cards say of one another, as facts. NumPy-free and torch-free."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Figures = Mapping[str, Any]
Side = Literal["left", "right"]

FEWER = 0.01  # the least difference between two shares of draws in a gap that counts


@dataclass(frozen=True)
class Measure:
    """A row of the comparison.

    Attributes:
        name: what it is called here.
        path: where it stands in a card's figures.
        digits: behind the decimal point.
        least: the least difference that counts.
        less: whether less of it is better.
    """

    name: str
    path: tuple[str, ...]
    digits: int
    least: float
    less: bool

    def of(self, figures: Figures) -> float | None:
        """Its value in a card's figures; None where it was not measured."""
        value: Any = figures
        for part in self.path:
            value = value.get(part) if value else None
        return value


MEASURES = (
    Measure("reconstruction", ("reconstruction",), 1, 0.5, True),
    Measure("kl", ("kl",), 1, 0.5, True),
    Measure("negative_elbo", ("negative_elbo",), 1, 0.5, True),
    Measure("nll", ("nll",), 1, 0.5, True),
    Measure("gaps_standard_normal", ("gap_fraction", "standard_normal"), 3, 0.005, True),
    Measure("gaps_fitted", ("gap_fraction", "fitted"), 3, 0.005, True),
    Measure(
        "recognised_standard_normal", ("recognised_fraction", "standard_normal"), 3, 0.03, False
    ),
    Measure("recognised_fitted", ("recognised_fraction", "fitted"), 3, 0.03, False),
    Measure("knn_accuracy", ("knn_accuracy",), 3, 0.02, False),
    Measure("silhouette", ("silhouette",), 3, 0.02, False),
    Measure("trustworthiness", ("trustworthiness",), 3, 0.01, False),
)


@dataclass(frozen=True)
class Row:
    """One measure of two runs.

    Attributes:
        measure: which.
        left, right: its values; None where it was not measured.
        verdict: the better side; ``"same"`` where less than ``measure.least`` parts them,
            ``"single"`` where one side has it, ``"apart"`` where the two saw different images.
    """

    measure: Measure
    left: float | None
    right: float | None
    verdict: Literal["left", "right", "same", "single", "apart"]

    @property
    def lead(self) -> float:
        """How far the two are apart; 0 where one is missing."""
        return 0.0 if self.left is None or self.right is None else abs(self.left - self.right)


def rows(left: Figures, right: Figures, *, alike: bool = True) -> list[Row]:
    """A row for each measure that one of two runs has.

    Args:
        left, right: figures of their cards.
        alike: whether both were trained on the same images; others are not set against each other.

    Example:
        >>> row, = rows({"reconstruction": 130.0}, {"reconstruction": 135.0})
        >>> row.verdict, row.lead
        ('left', 5.0)
    """
    found = [(measure, measure.of(left), measure.of(right)) for measure in MEASURES]
    return [
        Row(measure, x, y, _verdict(measure, x, y, alike))
        for measure, x, y in found
        if not (x is None and y is None)
    ]


def _verdict(
    measure: Measure, x: float | None, y: float | None, alike: bool
) -> Literal["left", "right", "same", "single", "apart"]:
    if x is None or y is None:
        return "single"
    if not alike:
        return "apart"
    if abs(x - y) < measure.least:
        return "same"
    return "left" if (x < y) == measure.less else "right"


@dataclass(frozen=True)
class Gaps:
    """Draws of one run from its own source: its prior, or a Gaussian fitted to its codes.

    Attributes:
        prior: whether it has a prior.
        share: of the draws that fall into a gap.
        recognised: share of those in which the classifier is sure of a digit; None if unknown.
        recognised_anywhere: the same share of all draws; None if unknown.
    """

    prior: bool
    share: float
    recognised: float | None = None
    recognised_anywhere: float | None = None

    @classmethod
    def of(cls, figures: Figures, *, prior: bool) -> "Gaps":
        """Of a card's figures, and whether its model has a prior."""
        source = "standard_normal" if prior else "fitted"
        inside = figures.get("recognised_in_gaps") or {}
        anywhere = figures.get("recognised_fraction") or {}
        return cls(prior, figures["gap_fraction"][source], inside.get(source), anywhere.get(source))


@dataclass(frozen=True)
class GapComparison:
    """How often draws of two runs fall into a gap.

    Attributes:
        left, right: of each run; no right one where both are the same run.
        fewer: the side with fewer gaps; None where `FEWER` does not part them.
        alike: whether both were trained on the same images; else neither has fewer.
    """

    left: Gaps
    right: Gaps | None = None
    fewer: Side | None = None
    alike: bool = True


def gaps(left: Gaps, right: Gaps | None = None, *, alike: bool = True) -> GapComparison:
    """How often draws of a run, or of two, fall into a gap.

    Example:
        >>> gaps(Gaps(prior=False, share=0.2), Gaps(prior=True, share=0.01)).fewer
        'right'
    """
    if right is None:
        return GapComparison(left)
    fewer: Side | None = None
    if alike and abs(left.share - right.share) > FEWER:
        fewer = "left" if left.share < right.share else "right"
    return GapComparison(left, right, fewer, alike)
