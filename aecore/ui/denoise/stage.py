"""Denoise: what its component is told of images and models, and what the address keeps of it."""

import base64
import zlib
from collections.abc import Sequence

import numpy as np
import streamlit as st

from aecore.analysis.measures import NOISY
from aecore.data import digit_image, strokes
from aecore.data.noise import LEVELS, PIXELS, check_level
from aecore.errors import LabError
from aecore.runs import Run, open_run
from aecore.runs.workspaces import Workspace
from aecore.ui import choosers, component, page, session
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
MOST_SEEDS = 10_000
MOST_TEXT = 1200  # characters of an image in the address; what does not compress has 1,060
COLUMNS = ("level", "noisy", "error", "drift")

Curve = dict[str, list[float]]


# Models


def choosable() -> dict[str, str]:
    """Folders of the runs that have a decoder and figures under noise, by name."""
    return _choosable(session.current())


@st.cache_data(ttl=5, show_spinner=False, hash_funcs={Workspace: repr})
def _choosable(workspace: Workspace | None) -> dict[str, str]:
    return session.by_name(workspace, lambda run: bool(run.latent_dim and curves(run)))


choosable.clear = _choosable.clear


def choose_models() -> list[Run]:
    """A folded choice of one to six runs, in the order of their choosing; the address keeps it.

    Raises:
        LabError: when no run has figures under noise.
    """
    runs = choosable()
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
    """Controls of where the clean images come from, and the images as the component is told."""
    from aecore.data import available_datasets

    on_disk = {info.name for info in available_datasets() if info.on_disk}
    sources = {k: v for k, v in SOURCES.items() if k != "mnist" or k in on_disk}
    with st.container(horizontal=True, vertical_alignment="center"):
        source = choosers.segments("images", sources, next(iter(sources)))
        if source in ("draw", "upload"):
            st.markdown(":gray[One image under four draws of the noise.]")
        else:
            return {"source": source, **_four(source)}
    if source == "upload":
        _choose_file()
    image = image_from_address()
    return {"source": source, "image": "" if image is None else _plain(image)}


def _four(source: str) -> dict:
    """Four test images, and a button for the next four."""
    if source == "strokes":
        count, test = strokes.TEST, None
    else:
        from aecore.data import load_dataset

        test = load_dataset(source).test
        count = len(test)
    first = first_from_address(count)
    following = first + ROWS if first + 2 * ROWS <= count else 0
    st.button(
        "Others",
        icon=":material/arrow_forward:",
        help="The next four test images",
        on_click=keep,
        args=("first", str(following)),
    )
    if test is None:  # a few made here: all of the dataset would take seconds
        images, labels, _ = strokes.draw([(first + i) % 10 for i in range(ROWS)], seed=first)
    else:
        images, labels = test.images[first : first + ROWS], test.labels[first : first + ROWS]
    return {"images": _plain(images), "labels": labels.tolist(), "first": first}


def _choose_file() -> None:
    """Take a PNG or JPEG file; what cannot be read gets its sentence, and the last image stays."""
    file = st.file_uploader(
        "A picture of one digit: PNG or JPEG, at most 1 MB",
        max_upload_size=5,
        key="file",
    )
    if file is None or st.session_state.get("file_taken") == file.file_id:
        if file is not None and (sentence := st.session_state.get("file_error")):
            st.error(page.plain(sentence), icon=":material/error:")
        return
    st.session_state.update(file_taken=file.file_id, file_error="")
    try:
        image_to_address(digit_image.from_upload(file.getvalue()))
    except LabError as error:
        st.session_state["file_error"] = str(error)
        st.error(page.plain(str(error)), icon=":material/error:")


# The component


def panel(runs: Sequence[Run], images: dict) -> None:
    """Noise, reconstructions and curves, all in the browser; what settles there is in the address.

    Raises:
        LabError: when a run's files are damaged; the message names the run.
    """
    models = [
        {
            **called,
            "name": session.title(run),
            "url": blocks.url_of(run, "networks"),
            "family": run.family,
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
    data = {
        "models": models,
        "kinds": kinds,
        "measured": measured_on(runs),
        "start": noise_from_address(),
        **images,
    }
    nothing = lambda: None  # noqa: E731
    result = component.mount(
        "denoise/denoise", "denoise", data, on_noise_change=nothing, on_drawn_change=nothing
    )
    if result.noise:
        noise_to_address(result.noise)
    if result.drawn is not None and images["source"] == "draw":
        drawn_to_address(result.drawn)


# The address


def kept(name: str) -> str:
    """What this visitor last kept under a name, else what the address holds.

    A run that overtakes another brings the address from before it, so it is written anew.
    """
    values = st.session_state.get("denoise_kept", {})
    if name not in values:
        return st.query_params.get(name, "")
    keep(name, values[name])
    return values[name]


def keep(name: str, value: str) -> None:
    """Keep a value here and in the address; "" takes it off."""
    st.session_state.setdefault("denoise_kept", {})[name] = value
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def noise_from_address() -> dict:
    """Kind, level and seed of the noise, and whether differences are shown."""
    query = st.query_params
    return checked_noise({name: query.get(name) for name in ("kind", "level", "seed", "diff")})


def noise_to_address(noise: object) -> None:
    """Write what the component tells of its noise, as far as it makes sense."""
    found = checked_noise(noise if isinstance(noise, dict) else {})
    st.query_params["kind"] = found["kind"]
    st.query_params["level"] = f"{found['level']:g}"
    st.query_params["seed"] = str(found["seed"])
    if found["diff"]:
        st.query_params["diff"] = "1"
    else:
        st.query_params.pop("diff", None)


def checked_noise(noise: dict) -> dict:
    """A kind, level and seed that there are; what makes no sense becomes the default.

    Example:
        >>> checked_noise({"kind": "masking", "level": "0.254", "seed": "x"})
        {'kind': 'masking', 'level': 0.25, 'seed': 0, 'diff': False}
    """
    kind = noise.get("kind")
    kind = kind if isinstance(kind, str) and kind in LEVELS else next(iter(LEVELS))
    try:
        level = check_level(kind, round(float(noise["level"]), 2))
    except (KeyError, TypeError, ValueError, OverflowError):  # a LabError is a ValueError
        level = check_level(kind)
    seed = _whole(noise.get("seed"), MOST_SEEDS)
    return {"kind": kind, "level": level, "seed": seed, "diff": str(noise.get("diff")) in "1True"}


def first_from_address(count: int) -> int:
    """The number of the first of four test images, out of as many."""
    first = _whole(kept("first"), count)
    first -= first % ROWS
    return first if first + ROWS <= count else 0


def _whole(value: object, end: int) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return 0
    return number if 0 <= number < end else 0


def image_from_address() -> np.ndarray | None:
    """The image that was drawn or uploaded, uint8 (784,); None unless there is exactly one."""
    return unpacked(kept("image"))


def image_to_address(image: np.ndarray) -> None:
    """Keep an image, so that a link or a reload brings it back."""
    keep("image", packed(image))


def drawn_to_address(drawn: object) -> None:
    """Keep what was drawn, 784 bytes in base64; "" once the pad is cleared."""
    if drawn == "":
        keep("image", "")
        return
    try:
        pixels = base64.b64decode(drawn, validate=True)
    except (TypeError, ValueError):
        return
    if len(pixels) == PIXELS:
        image_to_address(np.frombuffer(pixels, np.uint8))


def packed(image: np.ndarray) -> str:
    """An image of 784 bytes as text that an address can hold.

    Example:
        >>> packed(np.zeros((28, 28), np.uint8))
        'eNpjYBgFo2AUwAAAAxAAAQ'
    """
    text = base64.urlsafe_b64encode(zlib.compress(image.astype(np.uint8).tobytes(), 9))
    return text.decode().rstrip("=")


def unpacked(text: str) -> np.ndarray | None:
    """The inverse of `packed`; None for all else. Never more than 785 bytes are decompressed.

    Example:
        >>> unpacked(packed(np.full((28, 28), 7, np.uint8)))[:3], unpacked("seven")
        (array([7, 7, 7], dtype=uint8), None)
    """
    if not 0 < len(text) <= MOST_TEXT:
        return None
    reader = zlib.decompressobj()
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        pixels = reader.decompress(content, PIXELS + 1)
    except (ValueError, zlib.error):
        return None
    if len(pixels) != PIXELS or not reader.eof or reader.unused_data:
        return None
    return np.frombuffer(pixels, np.uint8)


def _plain(images: np.ndarray) -> str:
    return base64.b64encode(images.astype(np.uint8).tobytes()).decode()
