"""Denoise: the models and sources that its component is sent, and the view that it keeps."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from aecore.analysis.measures import NOISY
from aecore.data.noise import LEVELS, SIDE, check_level
from aecore.errors import LabError
from aecore.runs import Run, open_run
from aecore.ui import address, choosers, component, series, session, sources
from aecore.ui.state import Choice, Flag, Number, Text, View, Whole
from aecore.ui.text import denoise as words
from aecore.web import blocks

DEFAULTS = ["mnist-ae-32", "mnist-vae-32", "mnist-dae-10", "mnist-dae-30", "mnist-dae-50"]
MOST_MODELS = 6

# What the address keeps: where images come from, the number of the first test image, the noise,
# whether differences are shown, and the image that was drawn or uploaded
# (`assets/live/images/packed.js`). A level that the kind does not have is its default.
VIEW = View(
    Choice("images", None, (*sources.dataset_names(), *(own.name for own in sources.own_images()))),
    Whole("first", 0, end=10**6),
    Choice("kind", next(iter(LEVELS)), tuple(LEVELS)),
    Number("level", low=0, high=SIDE),
    Whole("seed", 0, end=10_000),
    Flag("diff"),
    Text("image", pattern="[A-Za-z0-9_-]{1,1200}"),
)
COLUMNS = ("level", "noisy", "error", "drift")

Curve = dict[str, list[float]]


# Models


def under_noise(run: Run) -> bool:
    """Whether it has a decoder and figures under noise."""
    return bool(run.latent_dim and curves(run))


def choose_models() -> list[Run]:
    """A folded choice of one to six runs, in the order of their choosing; the address keeps it.

    Raises:
        LabError: when no run has figures under noise.
    """
    runs = choosers.runs(under_noise)
    if not runs:
        raise choosers.nothing(words.NONE)
    default = [name for name in DEFAULTS if name in runs] or list(runs)[:1]
    with st.popover("Models", icon=":material/layers:"):
        label = "Columns of the table, in the order you choose them"
        chosen = address.choices(
            "models",
            {name: name for name in runs},
            default,
            lambda key: st.pills(label, list(runs), selection_mode="multi", key=key),
        )
        if len(chosen) > MOST_MODELS:
            st.caption("Six fit; those chosen first are shown.")
    return [open_run(runs[name]) for name in (chosen or default)[:MOST_MODELS]]


def curves(run: Run) -> dict[str, Curve]:
    """A run's figures under noise by kind; what is missing or damaged in its card is left out."""
    try:
        found = run.card["figures"]["under_noise"]
        whole = {kind: _curve(found[kind], LEVELS[kind].high) for kind in LEVELS if kind in found}
    except (LabError, KeyError, TypeError):
        return {}
    return {kind: curve for kind, curve in whole.items() if curve}


def _curve(found: object, high: float) -> Curve | None:
    """One kind's levels and figures as plain numbers; None unless they make a curve."""
    try:
        table = np.array([[float(value) for value in found[name]] for name in COLUMNS])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if table.ndim != 2 or table.shape[1] < 2 or not np.isfinite(table).all() or table.min() < 0:
        return None
    level = table[0]
    if level[0] != 0 or level[-1] != high or not (np.diff(level) > 0).all():
        return None
    return dict(zip(COLUMNS, table.tolist(), strict=True))


def names(runs: Sequence[Run]) -> list[dict]:
    """What to call each run (see `words.model`); those that would be called the same go by name."""
    called = [_called(run) for run in runs]
    return [
        words.named(session.title(run)) if called.count(one) > 1 else one
        for run, one in zip(runs, called, strict=True)
    ]


def _called(run: Run) -> dict:
    """By the noise of its training, or else by the one option of its family that is unusual."""
    kind, trained = run.about.short, trained_with(run)
    if trained:
        return words.model(kind, LEVELS[trained["kind"]].symbol, trained["level"])
    unusual = series.settings(run, unusual=True)
    return words.varied(kind, *unusual.popitem()) if len(unusual) == 1 else words.model(kind)


def measured_on(runs: Sequence[Run]) -> str:
    """What the figures under noise are means of: at most `NOISY` test images of a run's dataset."""
    from aecore.data import available_datasets

    datasets = {run.config.dataset for run in runs}
    info = {one.name: one for one in available_datasets()}.get(min(datasets))
    if info is None:
        return words.measured(len(datasets), None, "")
    return words.measured(len(datasets), min(info.test_images, NOISY), info.title)


def trained_with(run: Run) -> dict | None:
    """The noise that a run was trained with; None for a run without."""
    options = run.config.options
    try:
        kind = options["corruption"]
        return {"kind": kind, "level": check_level(kind, options["level"])}
    except (KeyError, LabError):
        return None


# The component


def panel(runs: Sequence[Run]) -> None:
    """Noise, reconstructions and curves, all in the browser, which keeps its view in the address.

    Raises:
        LabError: when a run's files are damaged; the message names the run.
    """
    models = [
        {
            **called,
            "name": session.title(run),
            "url": blocks.url_of(run, "networks"),
            "prior": run.about.prior,
            "trained": trained_with(run),
            "curves": curves(run),
        }
        for run, called in zip(runs, names(runs), strict=True)
    ]
    kinds = {
        kind: {
            "title": about.title,
            "symbol": about.symbol,
            "meaning": about.meaning,
            "high": about.high,
            "step": about.step,
            "level": about.default,
        }
        for kind, about in LEVELS.items()
    }
    here = [source for source in sources.datasets(runs) if source.here]
    data = {
        "models": models,
        "kinds": kinds,
        "measured": measured_on(runs),
        "sources": sources.specs([*here, *sources.own_images()]),
    }
    ahead = [model["url"] for model in models]
    component.mount("denoise/denoise", "denoise", data, view=VIEW, ahead=ahead)
