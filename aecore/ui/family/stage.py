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
STUDIES = ("pretraining", "beta", "importance")  # of living figures
KINDS = "family"  # an option of a slider that steps from kind to kind of model

# What the address keeps: the two members, the stop of the slider, the number of the first image,
# the image that is pressed, the unit that is pinned, and a pre-activation.
VIEW = View(
    Choice("member", "sparse", NAMES),
    Choice("against", None, NAMES),
    Text("option", pattern="[A-Za-z0-9.+]{1,8}"),
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
        "figures": figures.urls() | {name: studies.load(name) for name in STUDIES},
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
    """A member as the browser takes it; of its runs, those that are shipped.

    Where it has a slider, ``runs`` has one for each of its ``stops``, or None.
    """
    title, short, idea, formula = words.MEMBERS[member.name]
    stops = _stops(member)
    runs: list[str | None] = [*(stops.values() if stops else here(member.runs))]
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
        "stops": list(stops),
        "kinds": member.option == KINDS,
        "usual": _usual(member, runs),
        "plain": here(member.plain),
        "slider": {"label": label, "symbol": symbol},
        "door": {"page": member.page, "title": pages[member.page].title}
        if member.page in pages
        else None,
    }


def _stops(member: Member) -> dict[str, str | None]:
    """The stops of a slider: of each shipped run, and of what a study has measured without one."""
    names = here(member.runs) if member.option else []
    stops: dict[str, str | None] = {_stop(shipped_run(name), member): name for name in names}
    if member.study is None or (study := studies.load(member.study[0])) is None:
        return stops
    measured = [words.stop(value, off=False) for value in study.get(member.study[1], ())]
    return {text: stops.get(text) for text in sorted({*stops, *measured}, key=float)}


def _usual(member: Member, runs: list[str | None]) -> int:
    """Which of them is shown first: the usual one, else the first that is here, else the middle."""
    if member.usual in runs:
        return runs.index(member.usual)
    return next((i for i, name in enumerate(runs) if name), len(runs) // 2)


def here(names: tuple[str, ...]) -> list[str]:
    """Those of some names that are of shipped runs."""
    return [name for name in names if (SHIPPED / name / "card.json").is_file()]


def first_runs(members: list[dict], query: Mapping[str, str | None]) -> dict[str, dict]:
    """What the browser would ask first: of the two runs that the page most likely opens with."""
    view = VIEW.read({name: text for name, text in query.items() if text is not None})
    member = next(one for one in members if one["name"] == view["member"])
    stop = member["stops"].index(view["option"]) if view["option"] in member["stops"] else None
    asked = member["runs"][member["usual"] if stop is None else stop :][:1]
    names = [name for name in (*asked, *member["plain"][:1]) if name]
    found = {}
    for name in names:
        try:
            found[name] = shipped_runs.about(name)
        except LabError:
            continue  # the browser asks for it, and says so
    return found


def _stop(run: Run, member: Member) -> str:
    if member.option == KINDS:
        return run.about.short
    options = run.config.options
    return words.stop(options[member.option], bool(member.off and not options[member.off]))
