"""The pages that there are, by section of the navigation."""

from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parents[2] / "pages"

# The file's name, the title and the icon of each; the first page is the app's own address.
SECTIONS = {
    "": [("home", "Home", "home")],
    "Look inside": [
        ("decode", "Decode", "touch_app"),
        ("compare", "Compare", "compare"),
        ("interpolate", "Interpolate", "timeline"),
    ],
    "Kinds of autoencoder": [("denoise", "Denoise", "blur_on")],
    "Workshop": [("train", "Train", "model_training")],
}


def sections() -> dict[str, list[st.Page]]:
    """Every page by its section, for `st.navigation`; the section "" has no heading."""
    return {title: [page(name) for name, *_ in rows] for title, rows in SECTIONS.items()}


def page(name: str) -> st.Page:
    """A page by its file's name, for links and switches to it.

    Raises:
        KeyError: when there is no such page.
    """
    known = {name: about for rows in SECTIONS.values() for name, *about in rows}
    title, icon = known[name]
    return st.Page(
        FOLDER / f"{name}.py",
        title=title,
        icon=f":material/{icon}:",
        default=name == next(iter(known)),
    )
