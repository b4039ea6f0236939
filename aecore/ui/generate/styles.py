"""The plane of styles: which runs have one, and what its component is sent."""

import streamlit as st

from aecore.errors import LabError
from aecore.runs import Run
from aecore.runs.networks import classes_of, header_of
from aecore.ui import choosers, component, navigation, session, sources
from aecore.ui.state import Choice, Classes, Planes, Point, Text, View, Whole
from aecore.ui.text import generate as words
from aecore.web import blocks
from aecore.web.images import single_images

DEFAULT = "mnist-cvae"
CLASSES = 10

# What the address keeps of the plane of styles: the point, its axes, classes taken off, whether it
# shows points or images, of which class those are, whether the prior is drawn; and an image of
# one's own (`assets/live/images/packed.js`) with the class that it is taken for.
VIEW = View(
    Point("z"),
    Planes("axes", most=1),
    Classes("hide"),
    Choice("view", "points", ("points", "grid")),
    Choice("circles", "on", ("on", "off")),
    Whole("class", 0, end=CLASSES),
    Choice("own", None, ("drawn", "uploaded")),
    Text("image", pattern="[A-Za-z0-9_-]{1,1200}"),
    Whole("taken", None, end=CLASSES),
)


def conditional(run: Run) -> bool:
    """Whether it has a plane of styles: its decoder is told which of ten digits to draw."""
    if not choosers.on_a_plane(run) or not sources.are_digits([run]):
        return False
    try:
        return classes_of(header_of(run)) == CLASSES
    except (LabError, OSError):
        return False  # a damaged run is not offered


def choose() -> Run | None:
    """A select of conditional runs; without one a sentence, and where to train one."""
    if choosers.runs(conditional):
        return choosers.choose_run("model", "Model", DEFAULT, conditional, words.not_told)
    return None


def empty() -> None:
    """What stands where the plane would, while there is no conditional model."""
    with st.container(border=True, key="lab-empty"):
        st.markdown(words.NONE)
        st.page_link(navigation.page("train"), label=words.TRAIN, icon=":material/model_training:")


def panel(run: Run) -> None:
    """The plane of a conditional run's styles, whose pointer draws each class."""
    shown = component.model(run) | {"title": words.PLANE}
    data = {
        "layout": "generate",
        "models": [shown],
        "reader": component.reader_url([run]),
        "encoder": blocks.url_of(run, "encoder"),
        "images": single_images(run.config.dataset),
        "linked": True,
        "name": session.title(run),
        "leakage": run.card["figures"].get("leakage"),
    }
    ahead = [data["reader"], shown["url"]]
    found = component.mount(
        "generate/generate", "styles", data, view=VIEW, ahead=ahead, on_open_change=lambda: None
    )
    if asked := found.open:  # one of the ten, to be seen large
        query = {"model": data["name"], "class": str(asked["digit"]), "z": str(asked["z"])}
        st.switch_page(navigation.page("decode"), query_params=query)
