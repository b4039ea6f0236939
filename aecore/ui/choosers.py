"""The controls that pages share. Each keeps its choice in the address."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import streamlit as st

from aecore.analysis.comparison import collapsed
from aecore.analysis.latent import class_means as means_of
from aecore.analysis.latent import fitted_gaussian, midpoints, standard_normal
from aecore.analysis.projections import REGISTRY
from aecore.data.noise import LEVELS
from aecore.errors import LabError
from aecore.runs import Run, open_run
from aecore.runs.networks import classes_of, header_of, networks_of
from aecore.runs.workspaces import Workspace
from aecore.ui import address, component, export, page, series, session
from aecore.ui.text import runs as words
from aecore.ui.text import units

SAMPLES = 16


def runs(suits: Callable[[Run], bool]) -> dict[str, str]:
    """Folders of the runs that suit a page, by name (see `session.by_name`).

    Args:
        suits: a named function: what it gave is known for five seconds, by that name.
    """
    return _runs(session.current(), suits)


@st.cache_data(
    ttl=5, show_spinner=False, hash_funcs={Workspace: repr, FunctionType: lambda f: f.__qualname__}
)
def _runs(workspace: Workspace | None, suits: Callable[[Run], bool]) -> dict[str, str]:
    return session.by_name(workspace, suits)


runs.clear = _runs.clear


def nothing(sentence: str) -> LabError:
    """The error where there is no run to choose: so not even the shipped ones."""
    return LabError(f"{sentence} Make the shipped ones: python -m aecore pretrain", sentence)


def on_a_plane(run: Run) -> bool:
    """Whether a plane can show it."""
    return run.has_codes and run.latent_dim > 1 and (run.folder / "codes.npz").exists()


def choose_run(
    key: str,
    label: str,
    default: str,
    suits: Callable[[Run], bool] = on_a_plane,
    missing: Callable[[str, str], str] = words.not_shown,
) -> Run:
    """A select of runs; its choice is in the address under ``key``.

    Args:
        key, label: of the control.
        default: the run at first, where it is there.
        suits: which runs are offered (see `runs`).
        missing: says which run an address asks for in vain, and which is shown.

    Raises:
        LabError: when there is no run at all, or the chosen one is damaged.
    """
    folders = runs(suits)
    if not folders:
        raise nothing(words.NONE)
    names = list(folders)
    usual = default if default in folders else names[0]
    if (asked := address.get(key)) and asked not in folders:
        st.toast(page.plain(missing(asked, usual)), icon=":material/info:", duration="long")
    name = address.choice(
        key, _same(names), usual, lambda key: st.selectbox(label, names, key=key, width=180)
    )
    return _opened(folders[name], _changed(folders[name]))


def choose_another(key: str, label: str) -> Run | None:
    """A select of runs in which none is chosen at first; its choice is in the address too."""
    folders = runs(on_a_plane)

    def select(key: str) -> str | None:
        return st.selectbox(
            label, list(folders), index=None, placeholder="none", key=key, width=180
        )

    name = address.choice(key, _same(folders), None, select)
    return _opened(folders[name], _changed(folders[name])) if name else None


@lru_cache(maxsize=32)
def _opened(folder: str, changed: int) -> Run:
    """A run with what was read of it, shared by all visitors until its files change."""
    return open_run(folder)


def _changed(folder: str) -> int:
    return max((path.stat().st_mtime_ns for path in Path(folder).glob("*")), default=0)


def _same(names: Iterable[str]) -> dict[str, str]:
    return {name: name for name in names}


def choose_two(left: str, right: str) -> tuple[Run, Run]:
    """Two selects, for the left and the right plane."""
    return choose_run("left", "Left", left), choose_run("right", "Right", right)


def choose_class(runs: Sequence[Run]) -> int | None:
    """A select of the class that conditional models are given, where one of these runs is such.

    Returns:
        the class; None for all of them alike, and where no model takes a label.
    """
    count = max(classes_of(header_of(run)) for run in runs)
    if not count:
        return None
    options = _same([words.ANY_CLASS, *map(str, range(count))])

    def select(key: str) -> str:
        return st.selectbox("Class", list(options), key=key, help=words.CLASS_HELP, width=110)

    chosen = address.choice("class", options, words.ANY_CLASS, select)
    return None if chosen == words.ANY_CLASS else int(chosen)


def names(left: Run, right: Run) -> tuple[str, str]:
    """What to call two runs in a sentence: their kinds where those differ, else their names."""
    if left.family != right.family:
        return words.the(left.about.short), words.the(right.about.short)
    return session.title(left), session.title(right)


def headings(left: Run, right: Run) -> tuple[str, str]:
    """What to call two runs at the head of a column."""
    if left.family != right.family:
        return left.about.title.split()[0], right.about.title.split()[0]
    return session.title(left), session.title(right)


def pills(key: str, options: dict[str, str], default: list[str]) -> list[str]:
    """Switches in a row, any number of them on."""

    def make(key: str) -> list[str]:
        return st.pills(
            key,
            list(options),
            selection_mode="multi",
            format_func=options.__getitem__,
            key=key,
            label_visibility="collapsed",
        )

    return address.choices(key, options, default, make)


def shades(runs: Sequence[Run], *, gaps: bool = True, grid: bool = False) -> list[str]:
    """Switches of what stands behind the points, as far as these runs have it."""
    default = []
    if gaps and any(run.latent_dim == 2 for run in runs):
        default.append("gaps")
    if any(run.about.prior for run in runs):
        default.append("prior")
    options = [*default, *(["grid"] if grid else [])]
    named = {name: words.SHADES[name] for name in options}
    return pills("show", named, default) if options else []


def segments(key: str, options: dict[str, str], default: str) -> str:
    """One choice out of a few."""

    def make(key: str) -> str:
        return st.segmented_control(
            key,
            list(options),
            format_func=options.__getitem__,
            required=True,
            key=key,
            label_visibility="collapsed",
        )

    return address.choice(key, options, default, make)


def class_means(runs: Sequence[Run]) -> None:
    """For each run, its class means and the points halfway between them, decoded.

    A model that takes a label is given the class of a mean, and both classes of a midpoint.
    """
    strips = []
    for run in runs:
        means = _means(*_key(run))
        rows = [
            {"codes": means, "classes": [[k] for k in range(len(means))]},
            {
                "codes": midpoints(means),
                "classes": [[k, k + 1] for k in range(len(means) - 1)],
                "layout": "inset",
            },
        ]
        strips.append({"run": run, "caption": session.title(run), "rows": rows})
    component.decoded_strips(strips, key="means", name="class-means")


def samples(runs: Sequence[Run], label: int | None = None) -> None:
    """Sixteen decoded draws for each run, from N(0, I) or a Gaussian fitted to its codes."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        way = segments("draws", words.DRAWS, "own")
        seed = address.numeric(
            "seed", 0, lambda key: st.number_input("Seed", 0, 9999, key=key, width=130), 0, 9999
        )
    strips = []
    for run in runs:
        random = np.random.default_rng(seed)  # the same for each run: side by side, one draw
        own_prior = run.about.prior
        if way == "prior" or (way == "own" and own_prior):
            source = "prior" if own_prior else "normal"
            codes = standard_normal(SAMPLES, run.latent_dim, random)
        else:
            source = "fitted"
            codes = _fitted(*_key(run), seed)
        caption = words.drawn(session.title(run), source)
        rows = [{"codes": half, "layout": "eight"} for half in (codes[:8], codes[8:])]
        strips.append({"run": run, "caption": caption, "count": True, "rows": rows})
    component.decoded_strips(strips, key="samples", name="samples", label=label)


def _key(run: Run) -> tuple[str, int]:
    folder = str(run.folder)
    return folder, _changed(folder)


@lru_cache(maxsize=64)
def _means(folder: str, changed: int) -> np.ndarray:
    codes = _opened(folder, changed).codes
    return means_of(codes.mean.values, codes.labels)


@lru_cache(maxsize=256)
def _fitted(folder: str, changed: int, seed: int) -> np.ndarray:
    codes = _opened(folder, changed).codes.reference.values
    return fitted_gaussian(codes, SAMPLES, np.random.default_rng(seed))


def codes_csv(runs: Sequence[Run]) -> None:
    """A button that saves the codes of the test images, one row per image and run."""
    st.download_button(
        "CSV of the codes",
        lambda: export.to_csv(export.codes_table([(session.title(run), run) for run in runs])),
        file_name="codes.csv",
        mime="text/csv",
        icon=":material/table:",
        on_click="ignore",
    )


def collapse(run: Run) -> str:
    """A sentence where the run's codes have collapsed to the prior; of others nothing.

    Example:
        >>> from aecore.runs import shipped_run
        >>> collapse(shipped_run("mnist-vae"))
        ''
    """
    figures = run.card["figures"]
    return words.collapsed(session.title(run), figures["kl"]) if collapsed(figures) else ""


def about_run(run: Run) -> None:
    """The run's card: data, seed, time, figures; and its learning curve, drawn when opened."""
    card = run.card
    with st.expander("This run", on_change="rerun", key="about") as expander:
        if not expander.open:
            return
        from aecore.ui import figures

        draws = run.codes.log_std is not None
        whole = "not_finite" not in card["figures"]
        about = (card["data"], card["pixels"], card["seed"], card["seconds"])
        says = words.card(*about, draws=draws, whole=whole)
        st.markdown(page.plain(says))
        bare = {"displaylogo": False}
        st.plotly_chart(figures.learning_curve(run.records(), run.about), key="curve", config=bare)
        if run.latent_dim > 2 and "kl_per_dimension" in card["figures"]:
            st.markdown(words.KL_NOTE)
            per_dimension = card["figures"]["kl_per_dimension"]
            st.plotly_chart(figures.kl_bars(per_dimension), key="kl", config=bare)


def decoder_mathematics(run: Run) -> str:
    """The decoder's formula with as many layers as the run has."""
    text = decoder_formula(networks_of(header_of(run))["decoder"])
    parts = [text, words.CODE if run.codes.log_std is None else words.POSTERIOR]
    if run.latent_dim > 2:
        parts += [words.PROJECTIONS, *(one.explanation for one in REGISTRY.values())]
    return "\n\n".join(parts)


def decoder_formula(net: Mapping[str, Any]) -> str:
    """A decoder as a formula, from its description (see `aecore.families.networks.Net`).

    Example:
        >>> layers = [{"op": "linear", "weight": "w", "bias": "b"}, {"op": "relu"}]
        >>> net = {"inputs": [["z", 2]], "layers": layers, "outputs": [["pixels", 784]]}
        >>> print(decoder_formula(net))
        $$\\sym{xh} = g(\\sym{z}) = \\operatorname{relu}(W_1\\,\\sym{z} + b_1)$$
    """
    given = ", ".join(rf"\sym{{{name}}}" if name == "z" else name for name, _ in net["inputs"])
    inside, count = given if len(net["inputs"]) == 1 else f"({given})", 0
    functions = [layer for layer in net["layers"] if layer["op"] not in ("reshape", "take", "join")]
    if net["outputs"][0][0] == "logits":
        functions.append({"op": "sigmoid"})
    for layer in functions:
        if "weight" not in layer:
            inside = rf"\operatorname{{{layer['op']}}}({inside})"
            continue
        count += 1
        weights = "W" if layer["op"] == "linear" else "K"
        turned = r"^\top" if layer.get("transpose") else ""
        inside = f"({inside})" if inside.endswith(f"b_{count - 1}") else inside
        inside = rf"{weights}_{count}{turned}\,{inside} + b_{count}"
    return rf"$$\sym{{xh}} = g({given}) = {inside}$$"


def run_rows(runs: Sequence[Run]) -> list[tuple[str, str, str, str]]:
    """A row for each run of a kind: name, code size, error on test images, what it is."""
    rows = []
    for run, settings in zip(runs, series.differing(runs), strict=True):
        figures = run.card["figures"]
        reads = words.classifier(figures["accuracy"]) if "accuracy" in figures else ""
        if not run.latent_dim:
            rows.append((run.name, "–", "–", reads))
            continue
        error = figures.get("negative_elbo", figures["reconstruction"])
        loss = "clean" if "corruption" in run.config.options else "reconstruction"
        loss = "negative_elbo" if "negative_elbo" in figures else loss
        loss = "gaussian" if run.likelihood == "gaussian" else loss
        how = trained_with(run) or words.settings(settings)
        what = f"{words.model(run.about.title, how, loss)} {reads}".rstrip()
        rows.append((run.name, str(run.latent_dim), units.figure(error, 1), what))
    return rows


def runs_by_kind(runs: Sequence[Run]) -> dict[str, list[tuple[str, str, str, str]]]:
    """Their rows by the title of their kind, in the order of the runs.

    Example:
        >>> from aecore.runs import shipped_run
        >>> {kind: len(rows) for kind, rows in runs_by_kind([shipped_run("mnist-ae")]).items()}
        {'Autoencoder': 1}
    """
    kinds: dict[str, list[Run]] = {}
    for run in runs:
        kinds.setdefault(run.about.title, []).append(run)
    return {kind: run_rows(of_kind) for kind, of_kind in kinds.items()}


def opening(run: Run) -> str:
    """The Python that opens a run's model; one's own is downloaded on the page Train first."""
    if session.owns(run):
        return f'aecore.load_model("{export.slug(session.title(run))}.safetensors")'
    return f'aecore.open_run("{run.name}").model()'


def trained_with(run: Run) -> str:
    """The noise that a denoising run was trained with; of others nothing.

    Example:
        >>> from aecore.runs import shipped_run
        >>> trained_with(shipped_run("mnist-dae-50"))
        'Gaussian noise s = 0.5'
    """
    options = run.config.options
    if "corruption" not in options:
        return ""
    about = LEVELS[options["corruption"]]
    return words.noise(about.title, about.symbol, options["level"])


def dataset_rows() -> list[tuple[str, str, str, str]]:
    """A row for each dataset: name, sizes, and whether it is here or how to get it."""
    from aecore.data import available_datasets

    return [
        (
            info.title,
            f"{info.train_images:,}",
            f"{info.test_images:,}",
            words.READY if info.on_disk else words.MISSING,
        )
        for info in available_datasets()
    ]
