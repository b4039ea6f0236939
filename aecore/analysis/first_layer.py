"""What the units of a first layer look for: rows of W as pictures, and measures of their shapes.

Nothing here imports torch, so that a page can show a shipped run's filters without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from aecore.files import not_a_model, read_tensors
from aecore.runs import Run

SIDE = 28
WEIGHT = "encoder.1.weight"
SHAPED = 0.4  # the least agreement of a unit that learned a shape; noise has 0, its start too


def first_layer(run: Run) -> np.ndarray:
    """The first layer's weights of a run as images, float32 (units, 28, 28).

    Raises:
        LabError: when the run's file is damaged, or its first layer does not look at all pixels.

    Example:
        >>> from aecore.runs import shipped_run
        >>> first_layer(shipped_run("mnist-tied-25")).shape
        (500, 28, 28)
    """
    weight = read_tensors(run.weights, [WEIGHT])[WEIGHT]
    if weight.ndim != 2 or weight.shape[1] != SIDE * SIDE:
        raise not_a_model(run.weights)
    return weight.reshape(-1, SIDE, SIDE).astype("f4")


def agreement(filters: np.ndarray) -> np.ndarray:
    """How far neighbouring weights agree, (units,): 1 in a smooth filter, about 0 in noise.

        r = ½ (mean v(y, x) v(y, x+1) + mean v(y, x) v(y+1, x)) / mean v(y, x)²,   v = w − mean w

    Args:
        filters: (units, 28, 28).

    Example:
        >>> noise = np.random.default_rng(0).normal(size=(2, 28, 28))
        >>> agreement(np.stack([noise[0], noise[1].cumsum(0).cumsum(1)])) > 0.5
        array([False,  True])
    """
    v = filters - filters.mean((1, 2), keepdims=True)
    beside = (v[:, :, :-1] * v[:, :, 1:]).mean((1, 2))
    below = (v[:, :-1] * v[:, 1:]).mean((1, 2))
    return (beside + below) / 2 / np.maximum((v * v).mean((1, 2)), 1e-30)


def spot(weights: np.ndarray) -> np.ndarray:
    """A filter's strongest spot: where it is at least half as strong as at its strongest pixel p*,

        S = {p : w(p) / w(p*) ≥ ½, joined to p* through the sides of such pixels}.

    Round a smooth blob, exp(−d² / 2σ²), it is a disc of radius σ √(2 ln 2) = 1.18 σ.

    Args:
        weights: one filter, (28, 28).

    Returns:
        Which pixels belong to it, bool (28, 28).

    Example:
        >>> stroke = np.zeros((28, 28))
        >>> stroke[5, 3:9] = -1, -2, -3, -2, -2, 3
        >>> int(spot(stroke).sum())
        4
    """
    start = np.unravel_index(np.abs(weights).argmax(), weights.shape)
    strong = weights * np.sign(weights[start]) >= np.abs(weights[start]) / 2
    found = np.zeros_like(strong)
    found[start] = True
    reached = [start]
    while reached:
        y, x = reached.pop()
        for place in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            inside = min(place) >= 0 and max(place) < SIDE
            if inside and strong[place] and not found[place]:
                found[place] = True
                reached.append(place)
    return found


@dataclass(frozen=True, eq=False)
class Shapes:
    """What a layer's filters look for.

    Attributes:
        filters: float32 (units, 28, 28).
        agreement: of neighbouring weights, (units,).
        extent: pixels of each filter's strongest spot, (units,).
    """

    filters: np.ndarray
    agreement: np.ndarray
    extent: np.ndarray

    @property
    def shaped(self) -> np.ndarray:
        """Which units learned a shape, bool (units,): the others still look like noise, which is
        how they began. They are set apart because noise covers the whole image and is no shape."""
        return self.agreement >= SHAPED

    @property
    def mean_extent(self) -> float:
        """Mean extent of the units that learned a shape, in pixels; NaN when none did."""
        return float(self.extent[self.shaped].mean()) if self.shaped.any() else float("nan")

    @property
    def doubt(self) -> float:
        """The standard error of `mean_extent`; infinite below two units."""
        extents = self.extent[self.shaped]
        many = len(extents) > 1
        return float(extents.std(ddof=1) / np.sqrt(len(extents))) if many else float("inf")

    def larger_than(self, other: "Shapes") -> bool:
        """Whether its shapes are larger by more than two standard errors of the difference."""
        return self.mean_extent - other.mean_extent > 2 * float(np.hypot(self.doubt, other.doubt))

    def spaced(self, count: int) -> np.ndarray:
        """Numbers of as many units, evenly spaced from the one whose weights agree most to the one
        whose weights agree least."""
        order = np.argsort(-self.agreement, kind="stable")
        return order[np.linspace(0, len(order) - 1, min(count, len(order))).round().astype(int)]


def shapes(filters: np.ndarray) -> Shapes:
    """Measure filters (units, 28, 28).

    Example:
        >>> y, x = np.mgrid[:28, :28]
        >>> blob = np.exp(-((y - 9) ** 2 + (x - 14) ** 2) / (2 * 3.0**2))
        >>> noise = np.random.default_rng(0).normal(size=(28, 28))
        >>> found = shapes(np.stack([blob, noise]))
        >>> found.shaped, found.mean_extent  # a disc of π · 2 ln 2 · 3² = 39 pixels
        (array([ True, False]), 37.0)
    """
    filters = np.asarray(filters, "f4")
    extent = np.array([spot(weights).sum() for weights in filters])
    return Shapes(filters, agreement(filters), extent)


@dataclass(frozen=True)
class LayerComparison:
    """What the noise of training changed in a first layer, from less noise to more.

    Attributes:
        units: of each layer.
        shaped: how many of each layer's units learned a shape.
        extents: mean extent of those, in pixels; NaN where there are none.
        grew: whether each layer's shapes are larger than the last one's, beyond chance.
        grew_overall: whether the last layer's are larger than the first one's.
    """

    units: int
    shaped: tuple[int, ...]
    extents: tuple[float, ...]
    grew: tuple[bool, ...]
    grew_overall: bool

    @property
    def rising(self) -> bool:
        """Whether more noise made more units with a shape throughout."""
        return all(a < b for a, b in pairwise(self.shaped))


def compare(layers: Sequence[Shapes]) -> LayerComparison:
    """Set layers of one size side by side, in the order of their noise.

    Example:
        >>> noise = shapes(np.random.default_rng(0).normal(size=(20, 28, 28)))
        >>> compare([noise, noise]).grew
        (False,)
    """
    return LayerComparison(
        len(layers[0].filters),
        tuple(int(layer.shaped.sum()) for layer in layers),
        tuple(layer.mean_extent for layer in layers),
        tuple(b.larger_than(a) for a, b in pairwise(layers)),
        layers[-1].larger_than(layers[0]),
    )


def scale_of(filters: np.ndarray) -> float:
    """The weight that is shown as white, and its negative as black: 99 % lie within.

    Example:
        >>> round(scale_of(np.linspace(-2, 2, 4001)), 2)
        1.98
    """
    return float(np.quantile(np.abs(filters), 0.99))


def grey(filters: np.ndarray, scale: float | np.ndarray) -> np.ndarray:
    """Filters as grey values, uint8: 128 is 0, 1 is −scale and below, 255 scale and above.

    Example:
        >>> grey(np.array([-9.0, -1.0, 0.0, 0.5, 2.0]), 2.0)
        array([  1,  64, 128, 160, 255], dtype=uint8)
    """
    return np.round(128 + 127 * np.clip(filters / scale, -1, 1)).astype(np.uint8)
