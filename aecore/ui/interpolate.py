"""The page Interpolate: what its component is told, and how the address keeps what it shows."""

import base64
import re
from collections.abc import Sequence

import numpy as np
import streamlit as st

from aecore.data import available_datasets, load_dataset
from aecore.runs import Run
from aecore.ui import component
from aecore.web import blocks
from aecore.web.images import single_images

DIGITS = ("digits", "strokes")  # datasets that are there on every machine
FIRST = {  # a 2, a 4, a 5, a 6 that the two-dimensional models rebuild well
    "mnist": [396, 238, 604, 463],  # from the 4 to the 5 both meet an 8
    "digits": [222, 250, 381, 36],
    "strokes": [127, 175, 152, 18],
}
MOST_STOPS = 8
MOST_CORNERS = 48
NAMES = ("source", "stops", "at", "band", "path", "axes")

View = dict[str, object]


def walk(runs: Sequence[Run], *, key: str = "walk") -> None:
    """Two or three runs on one path, decoded in the browser.

    Args:
        runs: the left and the right plane's, and one more whose images are shown beside theirs.
        key: of the component.
    """
    view = view_from_address()
    sizes = {info.name: info for info in available_datasets()}
    own = dict.fromkeys(run.config.dataset for run in runs if run.config.dataset in sizes)
    names = list(dict.fromkeys([*own, *DIGITS]))
    source = view["source"] if view["source"] in names else _usual_source(list(own), sizes)
    used = {source, *(stop["from"] for stop in view["stops"])}
    data = {
        "models": [
            {
                **component.model(run),
                "encoder": blocks.url_of(run, "encoder"),
                "dataset": run.config.dataset,
            }
            for run in runs
        ],
        "reader": component.reader_url(runs),
        "sources": [_source(name, sizes[name].title, name in own, name in used) for name in names],
        "source": source,
        "first": FIRST.get(source),
        "view": view,
    }
    component.mount(
        "interpolate/interpolate",
        key,
        data,
        on_view_change=lambda: view_to_address(st.session_state[key]),
    )


def _usual_source(own: list[str], sizes: dict) -> str:
    """Images of the runs' own kind where they are on disk; else digits, if the runs know those."""
    for name in own:
        if sizes[name].on_disk:
            return name
    return "digits" if not own or "mnist" in own else own[0]


def _source(name: str, title: str, own: bool, used: bool) -> dict:
    """Where stops can come from: its test images and labels, once it is used.

    The labels of a run's own test images are in its codes.
    """
    source = {"name": name, "title": title, "ready": own or used, "images": None, "labels": None}
    if own or used:
        source["images"] = single_images(name)
    if used and not own:
        source["labels"] = base64.b64encode(load_dataset(name).test.labels.tobytes()).decode()
    return source


def view_from_address() -> View:
    """What the address asks for; what makes no sense in it counts as not said.

    ``source`` is where stops come from, ``stops`` are numbers of test images (as "1,4,digits.15",
    those without a name from the source), ``at`` the position in legs, ``band`` the row whose
    readings are drawn, ``path`` a drawn path as "1:x,y,x,y" with the plane first, ``axes`` what
    each plane shows (see `component.planes`).
    """
    known = {info.name: info.test_images for info in available_datasets()}
    query = {name: st.query_params.get(name, "") for name in NAMES}
    source = query["source"] if query["source"] in known else None
    return {
        "source": source,
        "stops": _stops(query["stops"], source, known),
        "at": (_numbers(query["at"], 1) or [0.0])[0],
        "band": query["band"] if re.fullmatch(r"pixels|[0-2]-[a-z]{4,7}", query["band"]) else None,
        "drawn": _drawn(query["path"]),
        "axes": component.planes(query["axes"]),
    }


def _stops(text: str, source: str | None, known: dict[str, int]) -> list[dict]:
    """Two to eight stops, or none.

    Example:
        >>> _stops("3,digits.4", "mnist", {"mnist": 10, "digits": 5})
        [{'from': 'mnist', 'i': 3}, {'from': 'digits', 'i': 4}]
        >>> _stops("3,digits.5", "mnist", {"mnist": 10, "digits": 5})
        []
    """
    stops = []
    for part in text.split(","):
        found = re.fullmatch(r"(?:([a-z_]{1,20})\.)?([0-9]{1,6})", part)
        name = found and (found[1] or source)
        if not name or int(found[2]) >= known.get(name, 0):
            return []
        stops.append({"from": name, "i": int(found[2])})
    return stops if 2 <= len(stops) <= MOST_STOPS else []


def _drawn(text: str) -> dict | None:
    """A drawn path: the plane, and the corners on its two axes.

    Example:
        >>> _drawn("1:0,0,2,1.5")
        {'m': 1, 'points': [[0.0, 0.0], [2.0, 1.5]]}
        >>> _drawn("1:0,0,2") is _drawn("5:0,0,1,1") is _drawn("0:1,1,1,1") is None
        True
    """
    plane, _, rest = text.partition(":")
    values = _numbers(rest, 2 * MOST_CORNERS)
    if plane not in ("0", "1") or len(values) < 4 or len(values) % 2:
        return None
    points = [values[i : i + 2] for i in range(0, len(values), 2)]
    moves = any(point != points[0] for point in points)
    return {"m": int(plane), "points": points} if moves else None


def _numbers(text: str, most: int) -> list[float]:
    """Up to so many finite numbers of reasonable size, or none.

    Example:
        >>> _numbers("1,-2.5", 4), _numbers("1,nan", 4), _numbers("1,2", 1), _numbers("x", 1)
        ([1.0, -2.5], [], [], [])
    """
    if len(text) > 16 * most:
        return []
    try:
        values = [float(value) for value in text.split(",")]
    except ValueError:
        return []
    sensible = len(values) <= most and np.isfinite(values).all() and max(map(abs, values)) < 1000
    return values if sensible else []


def view_to_address(state: dict) -> None:
    """Write what the component shows to the address, so that a reload or a link restores it."""
    view = state.get("view")
    if not view:
        return
    source, drawn = view["source"], view["drawn"]
    stops = (
        f"{int(stop['i'])}" if stop["from"] == source else f"{stop['from']}.{int(stop['i'])}"
        for stop in view["stops"]
    )
    path = ",".join(f"{float(v):.4g}" for point in drawn["points"] for v in point) if drawn else ""
    parts = {
        "source": source,
        "stops": ",".join(stops),
        "at": f"{float(view['at']):.3f}".rstrip("0").rstrip("."),
        "band": view["band"],
        "path": f"{int(drawn['m'])}:{path}" if drawn else "",
        "axes": component.planes_text(view["axes"]),
    }
    component.to_address(parts)
