"""Two pictures of what noise teaches: a first layer's filters, and arrows back to a curve."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from aecore.analysis import first_layer, spiral_demo
from aecore.analysis.first_layer import Shapes
from aecore.errors import LabError
from aecore.files import packed
from aecore.runs import Run, open_run
from aecore.ui import component, page
from aecore.ui.state import Choice, Point, View
from aecore.ui.text import denoise as words
from aecore.web.content import offer

SHOWN = 50  # units of each model

# What the address keeps of the curve: its level of noise, and the noisy point.
VIEW = View(
    Choice("curve_level", "0.1", tuple(f"{level:g}" for level in spiral_demo.LEVELS)),
    Point("curve_at", (0.32, 0.32), least=2, most=2, reach=3),
)


# Filters


def filter_grids(runs: Sequence[Run]) -> None:
    """First-layer filters of models that differ in the noise of their training, side by side.

    Args:
        runs: of one layer, in the order of their noise.

    Raises:
        LabError: when a run's files are damaged; the message names the run.
    """
    found = [_shapes(run) for run in runs]
    units, epochs = len(found[0].filters), runs[0].config.fit["epochs"]
    page.section(words.FILTERS, words.filters_note(SHOWN, units, epochs))
    version = tuple((run.folder, run.weights.stat().st_mtime_ns) for run in runs)
    titles = [words.masked(run.config.options["level"]) for run in runs]
    scale = _scale_of(version)
    chosen = [shapes.spaced(SHOWN) for shapes in found]
    data = {
        "url": offer(f"filters-{version}", lambda: _pictures(found, scale)),
        "name": "filters",
        "scale": scale,
        "meaning": words.FILTERS_MEANING,
        "grids": [
            {
                "title": name,
                "finding": words.finding(int(shapes.shaped.sum()), units, shapes.mean_extent),
                "first": typical(shapes, shown),
                "units": shown.tolist(),
                "extent": shapes.extent[shown].tolist(),
                "agreement": shapes.agreement[shown].round(3).tolist(),
                "shaped": shapes.shaped[shown].tolist(),
            }
            for name, shapes, shown in zip(titles, found, chosen, strict=True)
        ],
    }
    component.mount("denoise/filters", "filters", data)
    page.answer(words.filters(first_layer.compare(found), titles), key="filters")


def typical(shapes: Shapes, units: np.ndarray) -> int:
    """Which of these units, from smooth to rough, is the middle one of those with a shape.

    Example:
        >>> from aecore.analysis.first_layer import shapes
        >>> typical(shapes(np.random.default_rng(0).normal(size=(20, 28, 28))), np.arange(20))
        0
    """
    return int(shapes.shaped[units].sum()) // 2


@lru_cache(maxsize=16)
def _shapes_of(folder: Path, changed: int) -> Shapes:
    return first_layer.shapes(first_layer.first_layer(open_run(folder)))


@lru_cache(maxsize=16)
def _scale_of(version: tuple[tuple[Path, int], ...]) -> float:
    return first_layer.scale_of(np.stack([_shapes_of(*one).filters for one in version]))


def _shapes(run: Run) -> Shapes:
    try:
        return _shapes_of(run.folder, run.weights.stat().st_mtime_ns)
    except OSError as error:
        raise LabError(f"The run {run.name!r} has no weights yet.") from error
    except LabError as error:
        cannot = f"The filters of {run.name!r} cannot be shown."
        raise LabError(f"{cannot} {error}", f"{cannot} {error.visitor}") from error


def _pictures(found: Sequence[Shapes], scale: float) -> bytes:
    chosen = np.concatenate([shapes.filters[shapes.spaced(SHOWN)] for shapes in found])
    spots = np.stack([first_layer.spot(weights) for weights in chosen])
    own = np.abs(chosen).max((1, 2), keepdims=True)
    arrays = {
        "grey": first_layer.grey(chosen, scale),
        "large": first_layer.grey(chosen, np.maximum(own, 1e-30)),
        "spots": spots.astype(np.uint8),
    }
    return packed({}, arrays)


# The curve


def manifold_picture() -> None:
    """A curve in the plane, noise about it, and the step back that a small network learned."""
    page.section(words.SPIRAL, words.SPIRAL_NOTE)
    data = {
        "url": offer("spiral-demo", spiral_demo.block),
        "name": "curve",
        "levels": list(spiral_demo.LEVELS),
        "says": [words.spiral(spiral_demo.effect(level)) for level in spiral_demo.LEVELS],
    }
    component.mount("denoise/spiral_demo", "manifold", data, view=VIEW)
