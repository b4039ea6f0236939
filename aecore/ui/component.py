"""The components that run models in the browser: what they are sent, and what comes back."""

import json
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import streamlit as st

from aecore.runs import Run, shipped_run
from aecore.ui import address, session, sources
from aecore.ui.state import Classes, Planes, Point, View, Whole
from aecore.ui.text import live
from aecore.ui.text import runs as text
from aecore.web import blocks, content, early, first_image, scripts
from aecore.web.images import one_of_each, single_images

READER = "mnist-classifier"
BUNDLED = "digits"  # a dataset that is there on every machine

# What the address keeps of a panel: which model the pinned point is of, the point, what each plane
# shows, and the classes taken off. On the start page: the image put in, or the point instead.
PANEL = View(Whole("at", 0, end=3), Point("z"), Planes("axes"), Classes("hide"))
HOME = View(Whole("image", 3, end=10), Point("z"), Classes("hide"))

STYLES = ("tokens", "panel")  # of every component; any of its modules may have one of its name


@cache
def component(module: str) -> Callable:
    """The component of a module of `assets/live/components`, such as ``"panel/panel"``."""
    return st.components.v2.component(
        f"latent_lab_{module.replace('/', '_')}",
        html="<div data-root></div>",
        js=scripts.text("core/mount.js"),
    )


@cache
def files(module: str) -> dict:
    """Where the browser fetches a component's script, what that imports, and its style sheets."""
    script = f"components/{module}.js"
    modules = scripts.imports(script)
    names = dict.fromkeys((*STYLES, *(PurePosixPath(path).stem for path in (*modules, script))))
    sheets = [f"styles/{name}.css" for name in names]
    return {
        "loader": scripts.url_of("core/loader.js"),
        "script": scripts.url_of(script),
        "imports": [scripts.url_of(path) for path in modules],
        "styles": [scripts.url_of(sheet) for sheet in sheets if sheet in scripts.files()],
    }


def mount(
    module: str,
    key: str,
    data: dict,
    *,
    view: View | None = None,
    ahead: Sequence[str | None] = (),
    **events: Callable,
) -> Any:
    """Put a module's component on the page.

    Args:
        module: of `assets/live/components`, such as ``"panel/panel"``.
        key: of the component, one on its page.
        data: all that it is sent.
        view: what it keeps in the address; nothing comes back of it.
        ahead: addresses of blocks that it needs at once, to be fetched beside its scripts.
        events: what it may trigger, as Streamlit names it.
    """
    needed = files(module) | {"words": words(), "blocks": [url for url in ahead if url]}
    opening = address.opening() if ahead else None
    if opening:
        early.note(*opening, needed)
    sent = needed | data
    if view:
        sent["view"] = {"name": key, "page": address.page(), "fields": view.spec()}
    browser = "Mozilla" in st.context.headers.get("User-Agent", "")  # all others show no image
    with first_image.awaited() if opening and browser else nullcontext() as token:
        told = {"shown": token} if token else {}
        name = address.key(key) if view else key
        return component(module)(key=name, data=sent | told, **events)


def words() -> str:
    """Where the browser fetches the sentences of the components."""
    return content.offer("words", _sentences, "application/json")


def _sentences() -> bytes:
    sentences = {"language": live.LANGUAGE, "modules": live.WORDS}
    return json.dumps(sentences, ensure_ascii=False).encode()


def live_panel(
    runs: Sequence[Run],
    *,
    key: str,
    layout: str = "compare",
    show: Sequence[str] = (),
    label: int | None = None,
) -> None:
    """Planes of one to three runs under one linked cursor, decoded in the browser.

    Nothing comes back: the browser keeps the pinned point, the axes and the classes that are shown
    in the address.

    Args:
        runs: autoencoders with codes.
        key: of the component.
        layout: ``"compare"`` side by side, ``"decode"`` one model large with what is read in it.
        show: of ``"gaps"``, ``"prior"``, ``"grid"``.
        label: the class that a model which takes one is given (see `choosers.choose_class`).
    """
    models = [model(run, label) for run in runs]
    kinds = [one["title"] for one in models]
    data = {
        "layout": layout,
        # Two of a kind go by their names.
        "models": [m | {"title": m["name"]} if kinds.count(m["title"]) > 1 else m for m in models],
        "reader": reader_url(runs),
        "readerNote": text.reader(reader_accuracy()),
        "dataset": runs[0].config.dataset,
        "images": single_images(runs[0].config.dataset),
        "linked": len({run.config.dataset for run in runs}) == 1,
        "name": "-".join(session.title(run) for run in runs),
        "show": list(show),
    }
    ahead = [data["reader"], *(one["url"] for one in models)]
    mount("panel/panel", key, data, view=PANEL, ahead=ahead)


def home_figure(run: Run, *, key: str) -> None:
    """One model's plane between an image that is put in and the image that comes out.

    Ten images of scikit-learn's bundled digits are put in; the encoder runs in the browser too.
    """
    shown = model(run)
    data = {
        "layout": "home",
        "models": [shown],
        "reader": None,
        "images": None,
        "linked": True,
        "name": run.name,
        "show": ["prior"],
        "encoder": blocks.url_of(run, "encoder"),
        "inputs": one_of_each(BUNDLED),
    }
    ahead = [shown["url"], data["encoder"], data["inputs"]]
    mount("home/home", key, data, view=HOME, ahead=ahead)


def decoded_strips(
    strips: Sequence[dict], *, key: str, name: str, label: int | None = None
) -> None:
    """Rows of decoded codes, each labelled by the classifier, with a PNG of them to keep.

    Args:
        strips: for each a ``run``, a ``caption``, whether to ``count`` what is read surely, and
            ``rows`` of ``codes`` (n, d), optional ``classes`` that each code is of, and ``layout``.
        key: of the component.
        name: of the PNG, without its ending.
        label: as in `live_panel`, for codes without classes.
    """
    data = {
        "reader": reader_url([strip["run"] for strip in strips]),
        "name": name,
        "strips": [
            {
                "model": blocks.url_of(strip["run"]),
                "label": label,
                "caption": strip["caption"],
                "count": strip.get("count", False),
                "rows": [row | {"codes": row["codes"].tolist()} for row in strip["rows"]],
            }
            for strip in strips
        ],
    }
    mount("strips/strips", key, data)


def model(run: Run, label: int | None = None) -> dict:
    """A run as a panel takes it."""
    return {
        "url": blocks.url_of(run),
        "name": session.title(run),
        "title": run.about.title,
        "short": run.about.short,
        "likelihood": run.likelihood,
        "label": label,
    }


def reader_url(runs: Sequence[Run]) -> str | None:
    """Where the browser fetches the classifier; None for images that are not digits."""
    return blocks.url_of(shipped_run(READER)) if sources.are_digits(runs) else None


def reader_accuracy() -> float:
    """Its share of test images read rightly, from its card."""
    return shipped_run(READER).card["figures"]["accuracy"]
