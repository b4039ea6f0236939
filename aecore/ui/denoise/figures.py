"""Two pictures of what noise teaches: a first layer's filters, and arrows back to a curve."""

import gzip
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import streamlit as st

from aecore.analysis import first_layer, spiral_demo
from aecore.analysis.first_layer import Shapes
from aecore.errors import LabError
from aecore.files import pack
from aecore.runs import Run, open_run
from aecore.ui import component, page

SHOWN = 50  # units of each model
MEANING = (
    "Large: one filter on its own scale. Extent: pixels of its strongest spot, down to half of "
    f"its strength; it is outlined. A unit has a shape when neighbouring weights correlate by "
    f"{first_layer.SHAPED:.2f} or more; at the random start they do not."
)
START = {"level": 0.1, "at": [0.32, 0.32]}
EDGE = 3.0  # no point of the plane lies farther out

PARTS = {0: "No noise", 0.25: "A quarter of the pixels masked", 0.5: "Half of the pixels masked"}


# Filters


def filter_grids(runs: Sequence[Run]) -> None:
    """First-layer filters of models that differ in the noise of their training, side by side.

    Args:
        runs: of one layer, in the order of their noise.

    Raises:
        LabError: when a run's files are damaged; the message names the run.
    """
    found = [_shapes(run) for run in runs]
    page.section(
        "What the first layer looks for",
        f"{SHOWN} of {len(found[0].filters)} units of one layer with tied weights after "
        f"{runs[0].config.fit['epochs']} epochs, from smooth to rough.",
    )
    titles = [title(run) for run in runs]
    scale = first_layer.scale_of(np.stack([shapes.filters for shapes in found]))
    chosen = [shapes.spaced(SHOWN) for shapes in found]
    data = {
        "url": component.serve(_pictures(tuple(found), scale), "filters"),
        "name": "filters",
        "scale": scale,
        "meaning": MEANING,
        "grids": [
            {
                "title": name,
                "finding": finding(shapes),
                "first": typical(shapes, units),
                "units": units.tolist(),
                "extent": shapes.extent[units].tolist(),
                "agreement": shapes.agreement[units].round(3).tolist(),
                "shaped": shapes.shaped[units].tolist(),
            }
            for name, shapes, units in zip(titles, found, chosen, strict=True)
        ],
    }
    component.mount("filters", "filters", data)
    page.answer(verdict(titles, found), key="filters")


def title(run: Run) -> str:
    """What a run was trained with, in words.

    Example:
        >>> from aecore.runs import shipped_run
        >>> title(shipped_run("mnist-tied-25"))
        'A quarter of the pixels masked'
    """
    level = run.config.options["level"]
    return PARTS.get(level, f"{100 * level:.0f}\N{NO-BREAK SPACE}% of the pixels masked")


def finding(shapes: Shapes) -> str:
    """How many learned a shape, and how large their shapes are.

    Example:
        >>> from aecore.analysis.first_layer import shapes
        >>> finding(shapes(np.random.default_rng(0).normal(size=(20, 28, 28))))
        'None of 20 learned a shape'
        >>> finding(shapes(np.ones((20, 28, 28)) + np.arange(28) % 9 / 9))
        '20 of 20 learned a shape; mean extent 784.0 px'
    """
    count, of = int(shapes.shaped.sum()), len(shapes.filters)
    if not count:
        return f"None of {of} learned a shape"
    return f"{count} of {of} learned a shape; mean extent {shapes.mean_extent:.1f} px"


def typical(shapes: Shapes, units: np.ndarray) -> int:
    """Which of these units, from smooth to rough, is the middle one of those with a shape.

    Example:
        >>> from aecore.analysis.first_layer import shapes
        >>> typical(shapes(np.random.default_rng(0).normal(size=(20, 28, 28))), np.arange(20))
        0
    """
    return int(shapes.shaped[units].sum()) // 2


def verdict(titles: Sequence[str], found: Sequence[Shapes]) -> str:
    """What the noise changed, as far as the numbers say so beyond chance (two standard errors)."""
    counts = [int(shapes.shaped.sum()) for shapes in found]
    rising = all(a < b for a, b in pairwise(counts))
    text = "More noise, more units with a shape" if rising else "Units with a shape"
    text += f": {_listed(counts)} of {len(found[0].filters)}. "
    text += (
        f"Their mean extent is {_listed(f'{shapes.mean_extent:.1f}' for shapes in found)} pixels"
    )
    grew = [b.larger_than(a) for a, b in pairwise(found)]
    if all(grew):
        return f"{text}: the more noise, the larger the shapes."
    if not found[-1].larger_than(found[0]):
        return f"{text}: here they do not grow with the noise beyond chance."
    small = [name[0].lower() + name[1:] for name in titles]
    steps = zip(pairwise(small), grew, strict=True)
    alike = " and ".join(f"“{a}” and “{b}”" for (a, b), larger in steps if not larger)
    return f"{text}: they grow with the noise, but {alike} differ by no more than chance."


def _listed(parts: Iterable[object]) -> str:
    *most, last = map(str, parts)
    return f"{', '.join(most)} and {last}" if most else last


@lru_cache(maxsize=16)
def _shapes_of(folder: Path, changed: int) -> Shapes:
    return first_layer.shapes(first_layer.first_layer(open_run(folder)))


def _shapes(run: Run) -> Shapes:
    try:
        return _shapes_of(run.folder, run.weights.stat().st_mtime_ns)
    except OSError as error:
        raise LabError(f"The run {run.name!r} has no weights yet.") from error
    except LabError as error:
        raise LabError(f"The filters of {run.name!r} cannot be shown. {error}") from error


# A Shapes compares by identity here, and `_shapes` gives the same one as long as files stay.
@lru_cache(maxsize=16)
def _pictures(found: tuple[Shapes, ...], scale: float) -> bytes:
    chosen = np.concatenate([shapes.filters[shapes.spaced(SHOWN)] for shapes in found])
    spots = np.stack([first_layer.spot(weights) for weights in chosen])
    own = np.abs(chosen).max((1, 2), keepdims=True)
    arrays = {
        "grey": first_layer.grey(chosen, scale),
        "large": first_layer.grey(chosen, np.maximum(own, 1e-30)),
        "spots": spots.astype(np.uint8),
    }
    return gzip.compress(pack({}, arrays), 6, mtime=0)


# The curve


def manifold_picture() -> None:
    """A curve in the plane, noise about it, and the step back that a small network learned."""
    page.section(
        "The way back",
        f"A network whose code has {spiral_demo.WIDTH} numbers could copy every point of the "
        "plane. "
        "Only noise in training keeps it from that: it learns the way back to the curve.",
    )
    data = {
        "url": component.serve(_block(), "manifold"),
        "name": "curve",
        "levels": list(spiral_demo.LEVELS),
        "says": [level_says(level) for level in spiral_demo.LEVELS],
        "start": from_address(),
    }
    result = component.mount("manifold", "manifold", data, on_curve_change=lambda: None)
    if result.curve:
        to_address(result.curve)


@lru_cache(maxsize=1)
def _block() -> bytes:
    return spiral_demo.block()


def level_says(level: float) -> str:
    """What one level of noise taught, from distances measured when its network was trained.

    Example:
        >>> level_says(0.4)[:68]
        'At s = 0.40 a noisy point lies 0.248 from the curve on average; one '
    """
    found = spiral_demo.figures()[str(level)]
    text = (
        f"At s = {level:.2f} a noisy point lies {found['before']:.3f} from the curve on average; "
        f"one step leaves {found['after']:.3f}. "
    )
    lost = found["on"] > 0.02  # a point that was right is moved off by more than a line's width
    if lost:
        return (
            text + f"But points on the curve leave it too, by {found['on']:.3f}: many x could lie "
            "behind one x̃, the answer is their mean, and it cuts corners."
        )
    text += f"Of a distance of {spiral_demo.FAR} it leaves {found['far']:.3f}"
    if 3 * level < spiral_demo.FAR:
        return text + ": training hardly ever went there, and farther out arrows mean little."
    return text + "."


def from_address() -> dict:
    """Level and point that the address asks for; what makes no sense becomes the default."""
    query = st.query_params
    return checked({"level": query.get("curve_level"), "at": query.get("curve_at", "").split(",")})


def to_address(told: object) -> None:
    """Write what the component tells of its level and point, as far as it makes sense."""
    found = checked(told if isinstance(told, dict) else {})
    st.query_params["curve_level"] = f"{found['level']:g}"
    st.query_params["curve_at"] = ",".join(f"{value:g}" for value in found["at"])


def checked(told: dict) -> dict:
    """A level and a point that there are, each by itself.

    Example:
        >>> checked({"level": "0.4", "at": ["1", "inf"]})
        {'level': 0.4, 'at': [0.32, 0.32]}
    """
    try:
        level = float(told.get("level"))
    except (TypeError, ValueError, OverflowError):
        level = None
    try:
        at = [round(float(value), 3) for value in told.get("at")]
    except (TypeError, ValueError, OverflowError):
        at = []
    inside = len(at) == 2 and all(abs(value) <= EDGE for value in at)
    return {
        "level": level if level in spiral_demo.LEVELS else START["level"],
        "at": at if inside else START["at"],
    }
