"""The pages that there are: every file of `pages/`, by the section of the navigation it names."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

from aecore.layout import PAGES

SECTIONS = ("", "Look inside", "Kinds of autoencoder", "Workshop")  # others come behind these


@dataclass(frozen=True)
class Entry:
    """What a page's file says of itself in ``NAVIGATION``.

    Attributes:
        title, icon: in the navigation; the icon is one of Material's names.
        section: its heading there; "" has none.
        place: among the pages of its section, from 0. The first of "" is the app's own address.
        question: that it opens with; with `door`, a sentence on what is done there, it has a door
            on the first page.
    """

    title: str
    icon: str
    section: str
    place: int
    question: str = ""
    door: str = ""


def entries() -> dict[str, Entry]:
    """Every page by its file's name, in the order of the navigation; no page is run for it.

    Example:
        >>> list(entries())[:2], entries()["decode"].section
        (['home', 'decode'], 'Look inside')
    """
    found = {
        path.stem: _entry(path, path.stat().st_mtime_ns) for path in sorted(PAGES.glob("*.py"))
    }
    order = [*SECTIONS, *sorted({entry.section for entry in found.values()} - set(SECTIONS))]
    return dict(sorted(found.items(), key=lambda row: (order.index(row[1].section), row[1].place)))


def sections() -> dict[str, list[st.Page]]:
    """Every page by its section, for `st.navigation`; the section "" has no heading."""
    known = entries()
    found: dict[str, list[st.Page]] = {}
    for name, entry in known.items():
        found.setdefault(entry.section, []).append(_page(name, known))
    return found


def doors() -> dict[str, Entry]:
    """The pages that have a door on the first one, by name, in the order of the navigation.

    Example:
        >>> "compare" in doors(), "home" in doors()
        (True, False)
    """
    return {name: entry for name, entry in entries().items() if entry.door}


def page(name: str) -> st.Page:
    """A page by its file's name, for links and switches to it.

    Raises:
        KeyError: when there is no such page.
    """
    return _page(name, entries())


def _page(name: str, known: dict[str, Entry]) -> st.Page:
    return st.Page(
        PAGES / f"{name}.py",
        title=known[name].title,
        icon=f":material/{known[name].icon}:",
        default=name == next(iter(known)),
    )


@cache
def _entry(path: Path, changed: int) -> Entry:
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="NAVIGATION")], value=value):
                return Entry(**ast.literal_eval(value))
    raise ValueError(f"{path.name} does not say where it stands in the navigation: NAVIGATION.")
