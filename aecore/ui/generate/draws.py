"""Sixteen draws of one of four models: which, what their component is sent, and what cards say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from aecore.analysis.generation import Drawn, Nearest
from aecore.analysis.measures import SAMPLES
from aecore.errors import LabError
from aecore.runs import Run, shipped_run
from aecore.runs.networks import prior_of
from aecore.ui import choosers, component, page
from aecore.ui.state import Point, View, Whole
from aecore.ui.text import generate as words
from aecore.web import nearest as training

# The ways of asking for new digits, and the shipped run of each; of several, by its prior.
RUNS: dict[str, dict[str, str]] = {
    "vae": {"": "mnist-vae"},
    "cvae": {"": "mnist-cvae"},
    "aae": {
        "mixture": "mnist-aae",
        "roll": "mnist-aae-roll",
        "gaussian": "mnist-aae-gaussian",
    },
    "mixture": {"": "mnist-ae"},
}
USUAL = ("aae", "vae")  # shown at first, where it is there
SEEDS = 10_000

# What the address keeps: the seed of the draws, which of the sixteen is picked, and a place of the
# plane that is shown in its stead.
VIEW = View(Whole("seed", 0, end=SEEDS), Whole("picked", 0, end=16), Point("place", most=2))


@dataclass(frozen=True)
class Way:
    """A way of asking for new digits.

    Attributes:
        name: of the way.
        run: whose decoder draws.
        source: the distribution of the codes, as `assets/live/components/generate/priors.js` draws
            from it.
        figures: what its card says of such draws.
    """

    name: str
    run: Run
    source: Mapping[str, Any]
    figures: Drawn

    @classmethod
    def of(cls, name: str, run: Run) -> "Way":
        """Of a run; one without a prior is drawn from the Gaussians fitted to its codes."""
        prior, figures = prior_of(run), run.card["figures"]
        source = prior or fitted(run)
        measured = {"standard_normal": "standard_normal", "gaussians": "mixture"}
        way = measured.get(str(source["kind"]), "prior")
        if not prior and len(source["weights"]) == 1:
            way = "fitted"
        return cls(name, run, source, Drawn.of(figures, way))


def fitted(run: Run) -> dict[str, Any]:
    """The mixture of Gaussians in a run's card, else the one Gaussian of its codes."""
    found = run.card["figures"].get("mixture")
    if isinstance(found, dict) and {"weights", "means", "covariances"} <= found.keys():
        return {"kind": "gaussians"} | found
    codes = run.codes.reference.values.astype(np.float64)
    mean, covariance = codes.mean(0).tolist(), np.cov(codes.T).tolist()
    return {"kind": "gaussians", "weights": [1.0], "means": [mean], "covariances": [covariance]}


def there() -> dict[str, dict[str, Way]]:
    """The ways whose runs are shipped, by name and then by prior."""
    found: dict[str, dict[str, Way]] = {}
    for name, runs in RUNS.items():
        for prior, run in runs.items():
            try:
                way = Way.of(name, shipped_run(run))
            except LabError:
                continue  # it is not shipped, or damaged: the others still are
            if choosers.on_a_plane(way.run):
                found.setdefault(name, {})[prior] = way
    return found


def choose(ways: Mapping[str, Mapping[str, Way]]) -> Way:
    """A switch of the ways, and where one has several priors, of those."""
    usual = next((name for name in USUAL if name in ways), next(iter(ways)))
    with st.container(horizontal=True):
        name = choosers.segments("draw", {name: words.WAYS[name] for name in ways}, usual)
        priors = ways[name]
        prior = next(iter(priors))
        if len(priors) > 1:
            prior = choosers.segments("prior", {one: words.PRIORS[one] for one in priors}, prior)
    return priors[prior]


def panel(way: Way) -> None:
    """The sixteen draws of a way, with the plane that they come from."""
    run, nearest, asked = way.run, way.figures.nearest, way.figures.asked is not None
    data = {
        "model": component.model(run) | {"from": words.source(way.source, asked=asked)},
        "reader": component.reader_url([run]),
        "source": way.source,
        "asked": asked,
        "nearest": rows(nearest) if nearest else None,
        "training": training.url_of(run.config.dataset),
        "name": f"draws-{run.name}",
    }
    component.mount("generate/draws", "draws", data, view=VIEW)


def rows(nearest: Nearest) -> dict[str, Any]:
    """Rows of dots of distances, and what they show in words."""
    medians, colours = nearest.medians(), {"test": "x", "rebuilt": "xh", "draws": "z"}
    return {
        "rows": [
            {
                "name": words.DISTANCES[name],
                "colour": colour,
                "values": getattr(nearest, name),
                "median": medians[name],
            }
            for name, colour in colours.items()
        ],
        "says": words.distances(medians),
    }


def findings(way: Way, ways: Mapping[str, Mapping[str, Way]]) -> None:
    """What cards say of a way's draws, in a sentence, and of all ways, in a table."""
    shown = {**ways, way.name: {"": way}}  # of several priors the one chosen, else the first
    columns = [next(iter(priors.values())) for priors in shown.values()]
    figures = {column.name: column.figures for column in columns}
    said = words.answer(way.name, str(way.source["kind"]), way.figures, figures.get("vae"))
    if said:
        page.answer(page.plain(said), key="draws")
    page.section(words.measured(SAMPLES), words.measured_note(len(columns)))
    page.table(
        words.head([column.name for column in columns]),
        words.measures(list(figures.values())),
        chosen=1 + list(figures).index(way.name),
    )
