"""Denoise: the models and images that its component is sent, and the view that it keeps."""

import base64
from collections.abc import Sequence

import numpy as np
import streamlit as st

from aecore.analysis.measures import NOISY
from aecore.data import digit_image, strokes
from aecore.data.noise import LEVELS, SIDE, check_level
from aecore.errors import LabError
from aecore.runs import Run, open_run
from aecore.ui import choosers, component, page, session
from aecore.ui.state import Choice, Flag, Number, Text, View, Whole
from aecore.ui.text import denoise as words
from aecore.web import blocks

DEFAULTS = ["mnist-ae-32", "mnist-vae-32", "mnist-dae-10", "mnist-dae-30", "mnist-dae-50"]
MOST_MODELS = 6
SOURCES = {
    "mnist": "MNIST",
    "digits": "Digits",
    "strokes": "Strokes",
    "draw": "Draw",
    "upload": "Upload",
}
ROWS = 4  # images of a dataset, or draws of the noise for one image

# What the address keeps: the noise, whether differences are shown, and the image that was drawn or
# uploaded (`assets/live/images/packed.js`). A level that the kind does not have is its default.
VIEW = View(
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
        raise LabError(
            "No run here was measured under noise. Make the shipped ones: python -m aecore pretrain"
        )
    default = [name for name in DEFAULTS if name in runs] or list(runs)[:1]
    with st.popover("Models", icon=":material/layers:"):
        chosen = st.pills(
            "Columns of the table, in the order you choose them",
            list(runs),
            selection_mode="multi",
            default=default,
            key="models",
            bind="query-params",
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
    kind, trained = run.about.short, trained_with(run)
    if not trained:
        return words.model(kind)
    return words.model(kind, LEVELS[trained["kind"]].symbol, trained["level"])


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


# Images


def choose_images() -> dict:
    """Controls of where the clean images come from, and the images as the component takes them."""
    from aecore.data import available_datasets

    on_disk = {info.name for info in available_datasets() if info.on_disk}
    sources = {k: v for k, v in SOURCES.items() if k != "mnist" or k in on_disk}
    with st.container(horizontal=True, vertical_alignment="center"):
        source = choosers.segments("images", sources, next(iter(sources)))
        if source in ("draw", "upload"):
            st.markdown(":gray[One image under four draws of the noise.]")
        else:
            return {"source": source, **_four(source)}
    uploaded = _choose_file() if source == "upload" else None
    return {"source": source, "uploaded": uploaded}


def _four(source: str) -> dict:
    """Four test images, and a button for the next four."""
    if source == "strokes":
        count, test = strokes.TEST, None
    else:
        from aecore.data import load_dataset

        test = load_dataset(source).test
        count = len(test)
    first = _first(count)
    following = first + ROWS if first + 2 * ROWS <= count else 0
    st.button(
        "Others",
        icon=":material/arrow_forward:",
        help="The next four test images",
        on_click=_keep_first,
        args=(following,),
    )
    if test is None:  # a few made here: all of the dataset would take seconds
        images, labels, _ = strokes.draw([(first + i) % 10 for i in range(ROWS)], seed=first)
    else:
        images, labels = test.images[first : first + ROWS], test.labels[first : first + ROWS]
    return {"images": _plain(images), "labels": labels.tolist(), "first": first}


def _first(count: int) -> int:
    """The number of the first of four test images, out of as many.

    The address asks for it; after a visit of another page, this session remembers it.
    """
    text = st.query_params.get("first", st.session_state.get("denoise_first", ""))
    first = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    first -= first % ROWS
    first = first if first + ROWS <= count else 0
    _keep_first(first)
    return first


def _keep_first(first: int) -> None:
    text = str(first) if first else ""
    st.session_state["denoise_first"] = text
    if text == st.query_params.get("first", ""):
        return
    if text:
        st.query_params["first"] = text
    else:
        del st.query_params["first"]


def _choose_file() -> dict | None:
    """Take a PNG or JPEG file; what cannot be read gets its sentence, and the last image stays."""
    file = st.file_uploader(
        "A picture of one digit: PNG or JPEG, at most 1 MB",
        max_upload_size=5,
        key="file",
    )
    if file is None:
        return None
    try:
        return {"id": file.file_id, "image": _plain(digit_image.from_upload(file.getvalue()))}
    except LabError as error:
        st.error(page.plain(str(error)), icon=":material/error:")
        return None


# The component


def panel(runs: Sequence[Run], images: dict) -> None:
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
    data = {"models": models, "kinds": kinds, "measured": measured_on(runs), **images}
    component.mount("denoise/denoise", "denoise", data, view=VIEW)


def _plain(images: np.ndarray) -> str:
    return base64.b64encode(images.astype(np.uint8).tobytes()).decode()
