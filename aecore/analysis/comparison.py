"""What the figures of two runs' cards say of one another, as facts. NumPy-free and torch-free."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Figures = Mapping[str, Any]
Side = Literal["left", "right"]
Verdict = Literal["left", "right", "same", "single", "apart", "units"]

FEWER = 0.01  # the least difference between two shares of draws in a gap that counts
COLLAPSED = 0.1  # nats of KL below which a code says next to nothing of its image


def collapsed(figures: Figures) -> bool:
    """Whether a code says next to nothing of its image: its posterior is the prior.

    Example:
        >>> collapsed({"kl": 0.01}), collapsed({"kl": 5.0}), collapsed({})
        (True, False, False)
    """
    return figures.get("kl", COLLAPSED) < COLLAPSED


@dataclass(frozen=True)
class Measure:
    """A row of the comparison.

    Attributes:
        name: what it is called here.
        path: where it stands in a card's figures.
        digits: behind the decimal point.
        least: the least difference that counts.
        less: whether less of it is better.
        likelihood: whether its unit is nats of p(x | z), which another likelihood does not share.
        code: whether a code that has collapsed does well in it, which is no merit.
    """

    name: str
    path: tuple[str, ...]
    digits: int
    least: float
    less: bool
    likelihood: bool = False
    code: bool = False

    def of(self, figures: Figures) -> float | None:
        """Its value in a card's figures; None where it was not measured."""
        value: Any = figures
        for part in self.path:
            value = value.get(part) if value else None
        return value


MEASURES = (
    Measure("reconstruction", ("reconstruction",), 1, 0.5, True, likelihood=True),
    Measure("squared_error", ("squared_error",), 1, 0.3, True),
    Measure("kl", ("kl",), 1, 0.5, True, code=True),
    Measure("negative_elbo", ("negative_elbo",), 1, 0.5, True, likelihood=True),
    Measure("nll", ("nll",), 1, 0.5, True, likelihood=True),
    *(
        Measure(f"gaps_{way}", ("gap_fraction", way), 3, 0.005, True, code=True)
        for way in ("standard_normal", "fitted")
    ),
    *(
        Measure(f"recognised_{way}", ("recognised_fraction", way), 3, 0.03, False, code=True)
        for way in ("standard_normal", "fitted", "mixture")
    ),
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
            ``"single"`` where one side has it, ``"apart"`` where the two saw different images,
            ``"units"`` where their nats are of different likelihoods.
        empty: whether the better one is no better for it, as its code has collapsed.
    """

    measure: Measure
    left: float | None
    right: float | None
    verdict: Verdict
    empty: bool = False

    @property
    def lead(self) -> float:
        """How far the two are apart; 0 where one is missing."""
        return 0.0 if self.left is None or self.right is None else abs(self.left - self.right)


def rows(left: Figures, right: Figures, *, alike: bool = True, one_unit: bool = True) -> list[Row]:
    """A row for each measure that one of two runs has.

    Args:
        left, right: figures of their cards.
        alike: whether both were trained on the same images; others are not set against each other.
        one_unit: whether both have the same likelihood; nats of two are two units.

    Example:
        >>> row, = rows({"reconstruction": 130.0}, {"reconstruction": 135.0})
        >>> row.verdict, row.lead
        ('left', 5.0)
    """
    empty = {"left": collapsed(left), "right": collapsed(right)}
    found = []
    for measure in MEASURES:
        x, y = measure.of(left), measure.of(right)
        if x is None and y is None:
            continue
        verdict = _verdict(measure, x, y, alike, one_unit or not measure.likelihood)
        found.append(Row(measure, x, y, verdict, measure.code and empty.get(verdict, False)))
    return found


def _verdict(
    measure: Measure, x: float | None, y: float | None, alike: bool, one_unit: bool
) -> Verdict:
    if x is None or y is None:
        return "single"
    if not alike:
        return "apart"
    if not one_unit:
        return "units"
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
        collapsed: whether the run's code has; few gaps are no merit of it then.
    """

    prior: bool
    share: float
    recognised: float | None = None
    recognised_anywhere: float | None = None
    collapsed: bool = False

    @classmethod
    def of(cls, figures: Figures, *, prior: bool) -> "Gaps":
        """Of a card's figures, and whether its model has a prior."""
        source = "standard_normal" if prior else "fitted"
        inside = figures.get("recognised_in_gaps") or {}
        anywhere = figures.get("recognised_fraction") or {}
        share = figures["gap_fraction"][source]
        found = inside.get(source), anywhere.get(source)
        return cls(prior, share, *found, collapsed(figures))


@dataclass(frozen=True)
class GapComparison:
    """How often draws of two runs fall into a gap.

    Attributes:
        left, right: of each run; no right one where both are the same run.
        fewer: the side with fewer gaps; None where `FEWER` does not part them, and where the code
            of one has collapsed.
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
    whole = not (left.collapsed or right.collapsed)
    if alike and whole and abs(left.share - right.share) > FEWER:
        fewer = "left" if left.share < right.share else "right"
    return GapComparison(left, right, fewer, alike)
