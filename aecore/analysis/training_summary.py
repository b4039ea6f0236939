"""How a latent space took shape, in sentences computed from the moments of a training. NumPy only.

A clause is said only where the numbers bear it out; with too few moments there is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

LINE, OPEN = 0.98, 0.9  # share of the variance in one direction: a line from the first on, and
# no longer one below the second
STAY = 0.1  # of the codes' width: the farthest that the mean of a class that stays has moved
ACTIVE = 0.01  # variance of μ below which a dimension tells images apart no longer
GROWTH = 1.15  # of the codes' distances in the second half of a training
WIDER = 1.5  # times, from which on one plane counts as wider than another
NATS = 0.5  # the least difference in reconstruction worth a word
FEWEST = 4  # moments


@dataclass(frozen=True)
class Look:
    """One moment of a training in numbers.

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
    def of(cls, epoch: float, codes: np.ndarray, labels: np.ndarray) -> "Look":
        """Of codes (N, d) and their classes (N,).

        Example:
            >>> look = Look.of(1.0, np.array([[0.0, 0], [3, 3], [6, 6]]), np.array([0, 1, 1]))
            >>> look.line, look.spread, look.means.tolist()
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


def unfolding(looks: Sequence[Look], *, posterior: bool, ended: bool) -> str:
    r"""What became of the codes of one training, or an empty text.

    Args:
        looks: its moments in order.
        posterior: whether there is a prior that holds the codes, so that a dimension can collapse.
        ended: whether no moment will follow.

    Example:
        >>> labels = np.repeat([0, 1], 50)
        >>> flat = np.stack([np.linspace(-1, 1, 100), np.zeros(100)], 1)
        >>> wide = np.stack([np.tile([-1, 1], 50), np.linspace(-1, 1, 100)], 1)
        >>> moments = [Look.of(e, flat if e < 2 else wide, labels) for e in (0, 1, 2, 3, 4, 5)]
        >>> unfolding(moments, posterior=False, ended=True)
        'Up to epoch 1 the codes lie along a line, with 100\xa0% of their variance in one direction.
        By epoch 2 the plane has opened, and from then on the classes stay where they are, within a
        tenth of its width.'
    """
    if len(looks) < FEWEST or looks[-1].epoch <= looks[0].epoch:
        return ""
    last = looks[-1]
    trained = last.epoch >= 1
    if posterior and trained and last.active == 0:
        return (
            "All codes have fallen to one point: in no dimension does the variance of μ reach "
            f"{ACTIVE:g}, so a code says nothing of its image."
        )
    said = [*_line(looks, ended), *_collapse(looks[-1], posterior and trained)]
    if trained:
        said += _growth(looks)
    if ended and len(last.widths) > 2:
        share = last.widths[:2].sum() / max(last.widths.sum(), 1e-30)
        said.append(f"The plane shows {_percent(share)} of the variance of the codes at the end.")
    return " ".join(said)


def _line(looks: Sequence[Look], ended: bool) -> list[str]:
    """Along a line, opened, and where the classes stay: up to two sentences."""
    d = len(looks[0].widths)
    said, opened = [], None
    along = [i for i, look in enumerate(looks) if look.line >= LINE] if d > 1 else []
    if along:
        wide = [i for i, look in enumerate(looks) if look.line < OPEN]
        opened = next((i for i in wide if i > along[-1]), None)
        # It may have opened before and closed again: the last stretch counts.
        along = [i for i in along if not any(i < k < along[-1] for k in wide)]
    if len(along) > 1:
        first, final = along[0], along[-1]
        least = min(look.line for look in looks[first : final + 1])
        if final == len(looks) - 1:
            when = "From the start" if first == 0 else f"Since {_epoch(looks[first])}"
        elif first == 0:
            when = f"Up to {_epoch(looks[final])}"
        else:
            when = f"From {_epoch(looks[first])} to {_amount(looks[final].epoch)}"
        more = "" if least == 1 else " or more"
        said.append(
            f"{when} the codes lie along a line, with {_percent(least)}{more} of their variance in "
            "one direction."
        )
    else:
        opened = None
    what = "the plane has" if d == 2 else "other directions have"
    opens = "" if opened is None else f"By {_epoch(looks[opened])} {what} opened"
    whose = "its" if opens and d == 2 else "the plane’s" if d == 2 else "the codes’"
    stays = settled(looks)
    if stays is not None:
        when = "from the start" if stays == 0 else f"from {_epoch(looks[stays])} on"
        if opened is not None and stays == opened:
            when = "from then on"
        rest = f"{when} the classes stay where they are, within a tenth of {whose} width"
    elif ended and looks[-1].epoch >= 1:
        rest = "at the end the classes still move"
    else:
        rest = ""
    if opens or rest:
        joined = f"{opens}, and {rest}" if opens and rest else opens or rest
        said.append(f"{joined[0].upper()}{joined[1:]}.")
    return said


def settled(looks: Sequence[Look]) -> int | None:
    """The first moment after which the mean of no class has moved more than a tenth of the width.

    The width of the codes is four standard deviations along their widest direction. None as long
    as fewer than three moments, an epoch and a quarter of the training have passed since then.
    """
    last = looks[-1]
    allowed = STAY * 4 * np.sqrt(last.widths[0])
    first = len(looks)
    for i in reversed(range(len(looks))):
        if looks[i].means.shape != last.means.shape:
            break
        if np.linalg.norm(looks[i].means - last.means, axis=1).max() > allowed:
            break
        first = i
    if len(looks) - 1 - first < 3:
        return None
    since = last.epoch - looks[first].epoch
    return first if since >= max(1, last.epoch / 4) else None


def _collapse(look: Look, possible: bool) -> list[str]:
    """Dimensions of which nothing is left."""
    d = len(look.own)
    if not possible or look.active == d:
        return []
    used = "One dimension tells" if look.active == 1 else f"{look.active} dimensions tell"
    left = "the other has" if d - look.active == 1 else f"the other {d - look.active} have"
    return [f"{used} images apart; {left} collapsed, with a variance of μ below {ACTIVE:g}."]


def _growth(looks: Sequence[Look]) -> list[str]:
    """A plane that widens throughout the second half of the training."""
    last = looks[-1]
    half = [look for look in looks if look.epoch >= last.epoch / 2]
    if last.epoch < 3 or len(half) < 3 or last.spread < GROWTH * half[0].spread:
        return []
    if any(late.spread < 0.98 * early.spread for early, late in pairwise(half)):
        return []
    return [
        f"The codes keep spreading: they lie {_amount(half[0].spread)} from their middle at "
        f"{_epoch(half[0])} and {_amount(last.spread)} at {_epoch(last)} (root mean square)."
    ]


@dataclass(frozen=True)
class Member:
    """One of several trainings beside each other.

    Attributes:
        kind: what to call it, such as ``AE``.
        beta: weight of its KL term; None for a model without one.
        looks: its moments.
        tests: epoch, reconstruction and KL (None without one) on test images, in order.
    """

    kind: str
    beta: float | None
    looks: Sequence[Look]
    tests: Sequence[tuple[float, float, float | None]]

    def at(self, epoch: float) -> tuple[Look | None, float, float | None]:
        """The latest moment, reconstruction and KL up to an epoch."""
        before = [look for look in self.looks if look.epoch <= epoch + 1e-6]
        _, reconstruction, kl = [test for test in self.tests if test[0] <= epoch + 1e-6][-1]
        return (before[-1] if before else None), reconstruction, kl


def compare(members: Sequence[Member]) -> str:
    """What differs between trainings of a batch, at the last epoch that all tested have come to.

    Of a series, the ends are compared; of two kinds of model, the one with the other. An empty text
    as long as fewer than two were tested.
    """
    members = [member for member in members if member.tests]
    if len(members) < 2:
        return ""
    epoch = min(member.tests[-1][0] for member in members)
    members = [member for member in members if member.tests[0][0] <= epoch + 1e-6]
    betas = {member.beta for member in members}
    if None not in betas and len(betas) == len(members) > 1:
        return _series(sorted(members, key=lambda member: member.beta), epoch)
    if len(members) == 2 and members[0].kind != members[1].kind:
        return _pair(*members, epoch)
    return ""


def _series(members: Sequence[Member], epoch: float) -> str:
    found = [member.at(epoch) for member in members]
    betas = [member.beta for member in members]
    (_, first, much), (_, final, little) = found[0], found[-1]
    said = [
        f"At epoch {_amount(epoch)}, from {_beta(betas[0])} to {betas[-1]:g}, the KL goes from "
        f"{_amount(much)} to {_amount(little)} nats and the reconstruction error from "
        f"{_amount(first)} to {_amount(final)}."
    ]
    if betas[0] == 0 and 1 in betas and found[0][0] and found[betas.index(1)][0]:
        free, held = found[0][0].spread, found[betas.index(1)][0].spread
        if free >= WIDER * held:
            said.append(
                f"With {_beta(0)} nothing holds the codes: they spread {_times(free / held)} as "
                f"wide as with {_beta(1)} ({_amount(free)} and {_amount(held)} from their middle)."
            )
    dimensions = [len(look.own) if look else 0 for look, *_ in found]
    for beta, (look, *_), d in zip(betas, found, dimensions, strict=True):
        if beta and look and look.active < d:
            left = f"only {look.active} of {d} dimensions tell"
            left = {0: "no dimension tells", 1: f"only one of {d} dimensions tells"}.get(
                look.active, left
            )
            said.append(f"With {_beta(beta)} {left} images apart any more.")
            break
    return " ".join(said)


def _pair(one: Member, two: Member, epoch: float) -> str:
    members, found = (one, two), (one.at(epoch), two.at(epoch))
    said = []
    if found[0][0] and found[1][0]:
        spreads = [look.spread for look, *_ in found]
        wide, slim = (0, 1) if spreads[0] >= spreads[1] else (1, 0)
        ratio = spreads[wide] / max(spreads[slim], 1e-9)
        if ratio >= WIDER:
            said.append(
                f"the codes of the {members[wide].kind} spread {_times(ratio)} as wide as those of "
                f"the {members[slim].kind} ({_amount(spreads[wide])} and {_amount(spreads[slim])} "
                "from their middle)."
            )
    errors = [reconstruction for _, reconstruction, _ in found]
    good, bad = (0, 1) if errors[0] <= errors[1] else (1, 0)
    if errors[bad] - errors[good] < NATS:
        words = f"Both rebuild equally well ({_amount(errors[0])} and {_amount(errors[1])} nats)"
    else:
        words = (
            f"The {members[good].kind} rebuilds {_amount(errors[bad] - errors[good])} nats better "
            f"({_amount(errors[good])} and {_amount(errors[bad])})"
        )
    for member, (*_, kl) in zip(members, found, strict=True):
        if kl is not None:
            words += f"; the {member.kind} pays {_amount(kl)} nats of KL"
    said.append(f"{words}.")
    said[0] = f"At epoch {_amount(epoch)} {said[0][0].lower()}{said[0][1:]}"
    return " ".join(said)


def _epoch(look: Look) -> str:
    return "the start" if look.epoch == 0 else f"epoch {_amount(look.epoch)}"


def _amount(value: float) -> str:
    """A number with as many digits as it needs to be told from its like.

    Example:
        >>> _amount(0.256), _amount(2.0), _amount(4.26), _amount(12.34), _amount(147.28)
        ('0.26', '2', '4.3', '12.3', '147.3')
    """
    return f"{value:.{2 if abs(value) < 1 else 1}f}".rstrip("0").rstrip(".")


def _beta(value: float) -> str:
    return f"β\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{value:g}"


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio < 9.95 else f"{ratio:.0f} times"


def _percent(share: float) -> str:
    """A share in whole percent, rounded down, so that "or more" holds."""
    return f"{int(100 * share + 1e-9)}\N{NO-BREAK SPACE}%"
