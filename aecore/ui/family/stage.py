"""Family: what its component is sent, and the view that it keeps."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from aecore import studies
from aecore.data import available_datasets
from aecore.errors import LabError
from aecore.runs import SHIPPED, Run, shipped_run
from aecore.ui import address, component, navigation, sources
from aecore.ui.family import figures, thumbnails
from aecore.ui.family.members import MEMBERS, Member
from aecore.ui.state import Choice, Number, Text, View, Whole
from aecore.ui.text import family as words
from aecore.web import shipped_runs

DATASET = "mnist"  # of all shipped runs
NAMES = tuple(member.name for member in MEMBERS)

# What the address keeps: the two members, the stop of the slider, the number of the first image,
# the image that is pressed, the unit that is pinned, and a pre-activation.
VIEW = View(
    Choice("member", "sparse", NAMES),
    Choice("against", None, NAMES),
    Text("option", pattern="[a-z0-9.]{1,8}"),
    Whole("images", 0, end=10**6),
    Whole("row", 0, end=4),
    Whole("unit", None, end=10_000),
    Number("a", -6.0, low=-8, high=8, digits=3),
)


def panel() -> None:
    """The map, two members side by side, and their living figure, all in the browser.

    Pressing a door leads to its page.
    """
    members = [described(member) for member in MEMBERS]
    known = first_runs(members, {field.name: address.get(field.name) for field in VIEW.fields})
    info = next(one for one in available_datasets() if one.name == DATASET)
    there = [shipped_run(name) for name in here(("mnist-ae",))]
    data = {
        "members": members,
        "known": known,
        "thumbnails": thumbnails.url(),
        "figures": figures.urls() | {"pretraining": studies.load("pretraining")},
        "images": f"{info.test_images:,}",
        "sources": sources.specs(sources.datasets(there)[:1]),
        "train": {"page": "train", "title": navigation.entries()["train"].title},
    }
    ahead = [*(run["networks"] for run in known.values()), data["thumbnails"]]
    found = component.mount(
        "family/family", "family", data, view=VIEW, ahead=ahead, on_go_change=lambda: None
    )
    if found.go in navigation.entries():
        st.switch_page(navigation.page(found.go))


def described(member: Member) -> dict[str, Any]:
    """A member as the browser takes it; of its runs, those that are shipped."""
    title, short, idea, formula = words.MEMBERS[member.name]
    runs = here(member.runs)
    opened = [shipped_run(name) for name in runs]
    pages = navigation.entries()
    label, symbol = words.SLIDERS.get(member.name, ("", ""))
    return {
        "name": member.name,
        "parent": member.parent,
        "place": member.place,
        "figure": member.figure,
        "title": title,
        "short": short,
        "idea": idea,
        "formula": formula,
        "runs": runs,
        "stops": [_stop(run, member) for run in opened] if member.option else [],
        "usual": runs.index(member.usual) if member.usual in runs else 0,
        "plain": here(member.plain),
        "slider": {"label": label, "symbol": symbol},
        "door": {"page": member.page, "title": pages[member.page].title}
        if member.page in pages
        else None,
    }


def here(names: tuple[str, ...]) -> list[str]:
    """Those of some names that are of shipped runs."""
    return [name for name in names if (SHIPPED / name / "card.json").is_file()]


def first_runs(members: list[dict], asked: Mapping[str, str | None]) -> dict[str, dict]:
    """What the browser would ask first: of the two runs that the page most likely opens with."""
    view = VIEW.read({name: text for name, text in asked.items() if text is not None})
    member = next(one for one in members if one["name"] == view["member"])
    stop = member["stops"].index(view["option"]) if view["option"] in member["stops"] else None
    names = [*member["runs"][member["usual"] if stop is None else stop :][:1], *member["plain"][:1]]
    found = {}
    for name in names:
        try:
            found[name] = shipped_runs.about(name)
        except LabError:
            continue  # the browser asks for it, and says so
    return found


def _stop(run: Run, member: Member) -> str:
    options = run.config.options
    return words.stop(options[member.option], bool(member.off and not options[member.off]))
