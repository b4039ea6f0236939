"""How a latent space took shape, as facts computed from the snapshots of a training. NumPy only.

A fact is None where the numbers do not bear it out; `aecore.ui.text` turns facts into sentences.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

LINE, OPEN = 0.98, 0.9  # share of the variance in one direction: a line from the first on, and
# no longer one below the second
STAY = 0.1  # of the codes' width: the farthest that the mean of a class that stays has moved
ACTIVE = 0.01  # variance of μ below which a dimension tells images apart no longer
GROWTH = 1.15  # of the codes' distances in the second half of a training
WIDER = 1.5  # times, from which on one plane counts as wider than another
NATS = 0.5  # the least difference in reconstruction that counts
FEWEST = 4  # snapshots that a summary needs


@dataclass(frozen=True)
class SnapshotStats:
    """One snapshot of a training in numbers.

    Attributes:
        epoch: when.
        widths: variances of the codes along their principal directions, the largest first, (d,).
        own: variances of the code's own dimensions, (d,).
        means: of the codes of each class, (classes, d).
    """

    epoch: float
    widths: np.ndarray
    own: np.ndarray
    means: np.ndarray

    @classmethod
    def of(cls, epoch: float, codes: np.ndarray, labels: np.ndarray) -> "SnapshotStats":
        """Of codes (N, d) and their classes (N,).

        Example:
            >>> codes, labels = np.array([[0.0, 0], [3, 3], [6, 6]]), np.array([0, 1, 1])
            >>> stats = SnapshotStats.of(1.0, codes, labels)
            >>> stats.line, stats.spread, stats.means.tolist()
            (1.0, 3.464, [[0.0, 0.0], [4.5, 4.5]])
        """
        codes = np.asarray(codes, np.float64)
        away = codes - codes.mean(0)
        widths = np.linalg.eigvalsh(away.T @ away / len(codes))[::-1].clip(0)
        means = np.array([codes[labels == label].mean(0) for label in np.unique(labels)])
        return cls(epoch, widths, away.var(0), means)

    @property
    def line(self) -> float:
        """Share of the variance along the widest direction."""
        return round(float(self.widths[0] / max(self.widths.sum(), 1e-30)), 6)

    @property
    def spread(self) -> float:
        """Distance of the codes from their middle, root mean square."""
        return round(float(np.sqrt(self.widths.sum())), 1 if self.widths.sum() > 100 else 3)

    @property
    def active(self) -> int:
        """How many dimensions tell images apart."""
        return int((self.own > ACTIVE).sum())


# One training


@dataclass(frozen=True)
class Line:
    """A stretch in which the codes lie along a line.

    Attributes:
        first: epoch at which it begins; 0 for the start of the training.
        last: epoch at which it ends; None while it goes on.
        share: the least share of the variance along the line within the stretch.
    """

    first: float
    last: float | None
    share: float


@dataclass(frozen=True)
class Growth:
    """Codes that kept spreading over the second half of a training.

    Attributes:
        first, last: epochs.
        before, after: distance of the codes from their middle then, root mean square.
    """

    first: float
    last: float
    before: float
    after: float


@dataclass(frozen=True)
class TrainingSummary:
    """What became of the codes of one training.

    Attributes:
        dimensions: of the code.
        line: the latest stretch along a line, if there was one.
        opened: epoch at which the codes left that line.
        settled: epoch from which on the classes stay where they are, within `STAY` of the width;
            0 for the start of the training.
        moving: whether the training has ended with classes that still move.
        active: dimensions that tell images apart; None where none can collapse, or too early.
        growth: of the codes that kept spreading.
        shown: share of the variance in the two widest directions, of an ended training of more
            than two dimensions.
    """

    dimensions: int
    line: Line | None = None
    opened: float | None = None
    settled: float | None = None
    moving: bool = False
    active: int | None = None
    growth: Growth | None = None
    shown: float | None = None


def summarise(
    snapshots: Sequence[SnapshotStats], *, posterior: bool, ended: bool
) -> TrainingSummary | None:
    """What became of the codes of one training; None as long as there are too few snapshots.

    Args:
        snapshots: in order.
        posterior: whether there is a prior that holds the codes, so that a dimension can collapse.
        ended: whether no snapshot will follow.

    Example:
        >>> labels = np.repeat([0, 1], 50)
        >>> flat = np.stack([np.linspace(-1, 1, 100), np.zeros(100)], 1)
        >>> wide = np.stack([np.tile([-1, 1], 50), np.linspace(-1, 1, 100)], 1)
        >>> found = [SnapshotStats.of(e, flat if e < 2 else wide, labels) for e in range(6)]
        >>> summary = summarise(found, posterior=False, ended=True)
        >>> summary.line, summary.opened, summary.settled
        (Line(first=0, last=1, share=1.0), 2, 2)
    """
    if len(snapshots) < FEWEST or snapshots[-1].epoch <= snapshots[0].epoch:
        return None
    last = snapshots[-1]
    trained = last.epoch >= 1
    line, opened = _line(snapshots)
    stays = settled(snapshots)
    d = len(last.widths)
    share = float(last.widths[:2].sum() / max(last.widths.sum(), 1e-30))
    return TrainingSummary(
        d,
        line,
        opened,
        None if stays is None else _epoch(snapshots, stays),
        moving=stays is None and ended and trained,
        active=last.active if posterior and trained else None,
        growth=_growth(snapshots) if trained else None,
        shown=share if ended and d > 2 else None,
    )


def _epoch(snapshots: Sequence[SnapshotStats], i: int) -> float:
    return snapshots[i].epoch if i else 0


def _line(snapshots: Sequence[SnapshotStats]) -> tuple[Line | None, float | None]:
    """The latest stretch along a line of two snapshots or more, and when the codes left it."""
    if len(snapshots[0].widths) == 1:
        return None, None  # one number lies on one anyway
    along = [i for i, one in enumerate(snapshots) if one.line >= LINE]
    wide = [i for i, one in enumerate(snapshots) if one.line < OPEN]
    # It may have opened before and closed again: the last stretch counts.
    along = [i for i in along if not any(i < k < along[-1] for k in wide)]
    if len(along) < 2:
        return None, None
    first, final = along[0], along[-1]
    share = min(one.line for one in snapshots[first : final + 1])
    last = None if final == len(snapshots) - 1 else snapshots[final].epoch
    opened = next((snapshots[i].epoch for i in wide if i > final), None)
    return Line(_epoch(snapshots, first), last, share), opened


def settled(snapshots: Sequence[SnapshotStats]) -> int | None:
    """The first snapshot after which the mean of no class has moved more than a tenth of the width.

    The width of the codes is four standard deviations along their widest direction. None as long
    as fewer than three snapshots, an epoch and a quarter of the training have passed since then.
    """
    last = snapshots[-1]
    allowed = STAY * 4 * np.sqrt(last.widths[0])
    first = len(snapshots)
    for i in reversed(range(len(snapshots))):
        if snapshots[i].means.shape != last.means.shape:
            break
        if np.linalg.norm(snapshots[i].means - last.means, axis=1).max() > allowed:
            break
        first = i
    if len(snapshots) - 1 - first < 3:
        return None
    since = last.epoch - snapshots[first].epoch
    return first if since >= max(1, last.epoch / 4) else None


def _growth(snapshots: Sequence[SnapshotStats]) -> Growth | None:
    """Codes that spread throughout the second half of the training."""
    last = snapshots[-1]
    half = [one for one in snapshots if one.epoch >= last.epoch / 2]
    if last.epoch < 3 or len(half) < 3 or last.spread < GROWTH * half[0].spread:
        return None
    if any(late.spread < 0.98 * early.spread for early, late in pairwise(half)):
        return None
    return Growth(half[0].epoch, last.epoch, half[0].spread, last.spread)


# Several trainings


@dataclass(frozen=True)
class RunHistory:
    """One of several trainings beside each other.

    Attributes:
        kind: what to call it, such as ``AE``.
        value: of the option in which it differs from the others; None where they differ in more.
        snapshots: in order.
        tests: epoch, reconstruction and its other losses by title, on test images, in order.
    """

    kind: str
    value: float | None
    snapshots: Sequence[SnapshotStats]
    tests: Sequence[tuple[float, float, Mapping[str, float]]]

    def at(self, epoch: float) -> "RunState":
        """Where it stood at an epoch: the latest snapshot and test up to then."""
        before = [one for one in self.snapshots if one.epoch <= epoch + 1e-6]
        _, reconstruction, terms = [test for test in self.tests if test[0] <= epoch + 1e-6][-1]
        codes = None
        if before:
            codes = CodeState(before[-1].spread, before[-1].active, len(before[-1].own))
        return RunState(self.kind, self.value, reconstruction, terms, codes)


@dataclass(frozen=True)
class Usual:
    """The option in which trainings differ: its symbol, and its value where none is given."""

    symbol: str
    value: float


@dataclass(frozen=True)
class CodeState:
    """What the codes of a training were like at an epoch.

    Attributes:
        spread: distance from their middle, root mean square.
        active: dimensions that tell images apart.
        dimensions: of the code.
    """

    spread: float
    active: int
    dimensions: int


@dataclass(frozen=True)
class RunState:
    """Where one training stood at an epoch.

    Attributes:
        kind, value: of the run (see `RunHistory`).
        reconstruction, terms: nats per test image; other terms of its loss by title.
        codes: None without a snapshot.
    """

    kind: str
    value: float | None
    reconstruction: float
    terms: Mapping[str, float]
    codes: CodeState | None = None


@dataclass(frozen=True)
class Series:
    """Trainings that differ in one option alone, at one epoch, by its rising value.

    Attributes:
        epoch: when.
        symbol: of the option.
        values: the least and the greatest.
        terms: title and nats per test image at those two, of each other term of the loss.
        reconstruction: at those two, nats per test image.
        freed: where the option is 0 in one of them, and its codes spread `WIDER` times as wide as
            with the option's usual value: that value, and the spread of both.
        collapsed: the least value above 0 at which a dimension tells images apart no longer, and
            the codes there.
    """

    epoch: float
    symbol: str
    values: tuple[float, float]
    terms: tuple[tuple[str, float, float], ...]
    reconstruction: tuple[float, float]
    freed: tuple[float, float, float] | None = None
    collapsed: tuple[float, CodeState] | None = None


@dataclass(frozen=True)
class Pair:
    """Trainings of two kinds of model at one epoch.

    Attributes:
        epoch: when.
        reconstruction: kind and nats per test image, the better one first.
        alike: whether less than `NATS` part the two.
        terms: kind, title and nats of each other term of a loss.
        spread: kind and spread of the codes, the wider ones first, where they spread `WIDER` times
            as wide.
    """

    epoch: float
    reconstruction: tuple[tuple[str, float], tuple[str, float]]
    alike: bool
    terms: tuple[tuple[str, str, float], ...] = ()
    spread: tuple[tuple[str, float], tuple[str, float]] | None = None


def compare(histories: Sequence[RunHistory], usual: Usual | None) -> Series | Pair | None:
    """What differs between trainings of a batch, at the last epoch that all tested have come to.

    Of models that differ in one option (``usual``) the series is compared; of two kinds of model,
    the one with the other. None for other batches, and as long as fewer than two were tested.
    """
    histories = [history for history in histories if history.tests]
    if len(histories) < 2:
        return None
    epoch = min(history.tests[-1][0] for history in histories)
    states = [one.at(epoch) for one in histories if one.tests[0][0] <= epoch + 1e-6]
    by_value = {one.value: one for one in states if one.value is not None}
    if usual and len(by_value) == len(states) > 1:
        return _series(epoch, usual, {value: by_value[value] for value in sorted(by_value)})
    if len(states) == 2 and states[0].kind != states[1].kind:
        return _pair(epoch, states)
    return None


def _series(epoch: float, usual: Usual, runs: dict[float, RunState]) -> Series:
    least, most = min(runs), max(runs)
    one, two = runs[least], runs[most]
    codes = {value: run.codes for value, run in runs.items() if run.codes}
    freed = None
    if 0 in codes and usual.value in codes:
        free, held = codes[0].spread, codes[usual.value].spread
        freed = (usual.value, free, held) if free >= WIDER * held > 0 else None
    lost = [(value, c) for value, c in codes.items() if value and c.active < c.dimensions]
    return Series(
        epoch,
        usual.symbol,
        (least, most),
        tuple((name, one.terms[name], two.terms[name]) for name in one.terms if name in two.terms),
        (one.reconstruction, two.reconstruction),
        freed,
        lost[0] if lost else None,
    )


def _pair(epoch: float, runs: Sequence[RunState]) -> Pair:
    errors = sorted(((run.kind, run.reconstruction) for run in runs), key=lambda one: one[1])
    spreads = sorted(
        ((run.kind, run.codes.spread) for run in runs if run.codes), key=lambda one: -one[1]
    )
    apart = len(spreads) == 2 and spreads[0][1] >= WIDER * max(spreads[1][1], 1e-9)
    return Pair(
        epoch,
        (errors[0], errors[1]),
        errors[1][1] - errors[0][1] < NATS,
        tuple((run.kind, title, nats) for run in runs for title, nats in run.terms.items()),
        (spreads[0], spreads[1]) if apart else None,
    )
