"""What to train: the form of the page Train, its estimate, and the code that does the same."""

import json
import re
import shlex
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, fields

import streamlit as st

from aecore import jobs
from aecore.data import available_datasets
from aecore.data.noise import LEVELS
from aecore.errors import LabError
from aecore.jobs import Spec
from aecore.runs import RunConfig
from aecore.runs.limits import limit, sentences
from aecore.runs.workspaces import Workspace
from aecore.ui import choosers, component, page, router
from aecore.ui.text import train as words
from aecore.ui.train import datasets

BETAS = (0, 0.25, 1, 4, 16)
EVERY = 2.0  # seconds between two looks at a timing, which takes a few and comes once for a shape
LIKELIHOODS = {"bernoulli": "Cross-entropy", "gaussian": "Squared"}
KEPT, STARTS = "lab-recipe", "lab-recipe-starts"
FEW_STEPS = 20  # of training in an epoch
FEW_IMAGES = 5000  # to train on
PATIENCE = 30.0  # seconds that a measurement for an estimate may take

_asked: dict[str, tuple[float, "Asked"]] = {}
_lock = threading.Lock()


class Asked:
    """A measurement for an estimate, made in the background."""

    def __init__(self, spec: Spec) -> None:
        self.seconds: float | None = None
        self.wrong = ""
        self.busy = jobs.at_work()
        self.done = threading.Event()
        threading.Thread(target=self._measure, args=(spec,), daemon=True).start()

    def _measure(self, spec: Spec) -> None:
        try:
            self.seconds = jobs.estimate(spec, wait=PATIENCE)
        except LabError as error:
            self.wrong = str(error)
        finally:
            self.done.set()


def form(workspace: Workspace) -> Spec | None:
    """The controls; what they ask for, or None where that cannot be trained, and why."""
    family = _field("family", "vae", lambda **k: st.selectbox(
        "Model", list(component.TITLES), format_func=component.TITLES.get,
        **_index(k, list(component.TITLES))
    ))  # fmt: skip
    infos = {info.name: info for info in available_datasets()}
    usual = "mnist" if infos["mnist"].on_disk else "digits"
    dataset = _field("images", usual, lambda **k: st.selectbox(
        "Images", list(infos), format_func=lambda name: _sized(infos[name]),
        **_index(k, list(infos)),
    ))  # fmt: skip
    there = datasets.here(infos[dataset], workspace)
    tied = family == "tied-dae"
    left, right = st.columns(2)
    with left:
        size = _number("units" if tied else "size", 500 if tied else 2, "Code size", 1, 1024)
    with right:
        most = int(limit("epochs"))
        epochs = _number("epochs", min(20, most), "Epochs", 1, most)
    options: dict = {"latent_dim": size}
    if not tied:
        text = _field("layers", "512, 256", lambda **k: st.text_input("Hidden layers", **k))
        options["hidden"], wrong = layers(text)
        if wrong:
            _wrong(wrong)
        options["likelihood"] = _field("likelihood", "bernoulli", lambda value, key, bind:
            st.segmented_control(
                "Reconstruction loss", list(LIKELIHOODS), format_func=LIKELIHOODS.get,
                default=value, key=key, bind=bind, required=True, width="stretch",
            ))  # fmt: skip
    if family == "vae":
        options["beta"] = _number("beta", 1.0, "Weight β of the KL term", 0.0, 1000.0, step=0.25)
    if "dae" in family:
        kinds = list(LEVELS)
        kind = _field("noise", "masking" if tied else "gaussian", lambda **k: st.selectbox(
            "Noise", kinds, format_func=lambda kind: LEVELS[kind].title, **_index(k, kinds)
        ))  # fmt: skip
        about = LEVELS[kind]
        level = _number(
            f"level_{kind}", float(about.default), f"Level {about.symbol}: {about.meaning}",
            0.0, float(about.high), step=1.0 if about.step == 1 else 0.05,
        )  # fmt: skip
        options |= {"corruption": kind, "level": level}
    left, right = st.columns(2)
    with left:
        few = infos[dataset].train_images < FEW_IMAGES  # each has a batch of its own
        key, size_of_batch = ("batch_few", 32) if few else ("batch", 256)
        batch = _number(key, size_of_batch, "Batch", 1, 60_000, step=32)
    with right:
        seed = _number("seed", 0, "Seed", 0, 2**31 - 1)
    steps = -(-infos[dataset].train_images // batch) if batch else FEW_STEPS
    if steps < FEW_STEPS:
        st.caption(words.steps(steps))
    rate = _number("rate", 0.002, "Learning rate", 0.0001, 1.0, step=0.001, format="%.4f")
    fit = {"epochs": epochs, "batch_size": batch, "seed": seed, "learning_rate": rate}
    if not there or None in (*options.values(), *fit.values()):
        return None
    return Spec(family, dataset, options, fit)


def buttons(workspace: Workspace, spec: Spec | None) -> None:
    """Train, and the two batches; what goes wrong is said beneath them."""
    train = st.button(
        "Train", type="primary", icon=":material/play_arrow:", width="stretch",
        disabled=spec is None,
    )  # fmt: skip
    if spec:
        estimate(spec)
    st.caption("Side by side, on the same images and seed")
    both = st.button("AE and VAE", width="stretch", disabled=spec is None)
    words = ", ".join(f"{beta:g}" for beta in BETAS)
    series = st.button(f"VAEs with β = {words}", width="stretch", disabled=spec is None)
    if spec and (train or both or series):
        specs = [spec] if train else pair(spec) if both else beta_series(spec)
        try:
            submit(workspace, specs)
        except LabError as error:
            st.error(page.plain(str(error)), icon=":material/error:")
        else:
            st.rerun()


def submit(workspace: Workspace, specs: list[Spec]) -> None:
    """Put one run or a batch into the queue, all or none, and open it."""
    numbers = [
        int(n) for run in workspace.runs() for n in re.findall(r"(\d+)$", workspace.title(run))
    ]
    group = f"group-{time.time_ns():x}" if len(specs) > 1 else ""
    runs = []
    try:
        for number, spec in enumerate(specs, start=max(numbers, default=0) + 1):
            title = f"{spec.dataset.replace('_', '-')}-{spec.family}-{number}"
            runs.append(jobs.submit(workspace, spec, title=title, group=group))
    except LabError:
        for run in runs:
            jobs.cancel(run)
            workspace.delete(run)
        raise
    for name in ("run", "group"):
        st.query_params.pop(name, None)
    st.query_params["group" if group else "run"] = group or runs[0].name


def pair(spec: Spec) -> list[Spec]:
    """An AE and a VAE of the same shape, on the same images with the same settings."""
    shared = shape(spec)
    return [
        Spec("ae", spec.dataset, shared, spec.fit),
        Spec("vae", spec.dataset, shared | {"beta": spec.options.get("beta", 1.0)}, spec.fit),
    ]


def beta_series(spec: Spec) -> list[Spec]:
    """VAEs that differ in the weight of the KL term alone."""
    shared = shape(spec)
    return [Spec("vae", spec.dataset, shared | {"beta": float(b)}, spec.fit) for b in BETAS]


def shape(spec: Spec) -> dict:
    """Options that an AE and a VAE share.

    Example:
        >>> shape(Spec("vae", options={"latent_dim": 3, "hidden": [8], "beta": 2.0}))
        {'latent_dim': 3, 'hidden': [8]}
    """
    return {k: v for k, v in spec.options.items() if k in ("latent_dim", "hidden", "likelihood")}


def layers(text: str) -> tuple[list[int] | None, str]:
    """Layer sizes, or None and what is wrong with them.

    Example:
        >>> layers("512, 256")
        ([512, 256], '')
        >>> layers("12; 3")[1]
        'Hidden layers are whole numbers from 1 to 8192 between commas, up to 8 of them: 512, 256.'
    """
    parts = [part.strip() for part in str(text).split(",")]
    if len(parts) <= 8 and all(re.fullmatch(r"[1-9][0-9]{0,3}", part) for part in parts):
        sizes = [int(part) for part in parts]
        if max(sizes) <= 8192:
            return sizes, ""
    return None, (
        "Hidden layers are whole numbers from 1 to 8192 between commas, up to 8 of them: 512, 256."
    )


def limits() -> None:
    """What this server allows, folded away."""
    with st.expander("What this server allows"):
        st.markdown("\n".join(f"- {page.plain(sentence)}" for sentence in sentences()))


# The estimate


def estimate(spec: Spec) -> None:
    """How long it will take, once a few of its steps were timed here."""
    asked = ask(spec)
    waits = not asked.done.is_set()
    st.fragment(_estimate, run_every=EVERY if waits else None)(spec, waits)


@router.guard()
def _estimate(spec: Spec, waited: bool) -> None:
    asked = ask(spec)
    if not asked.done.is_set():
        st.caption("Timing a few steps on this machine …")
        return
    if asked.wrong:
        st.error(page.plain(asked.wrong), icon=":material/error:")
    else:
        seconds = None
        if asked.seconds is not None:
            seconds = jobs.estimate(spec, wait=0)
        waiting = sum(not place.running for place in jobs.queue())
        st.caption(page.plain(words.estimate(seconds, waiting, limit("minutes"))))
    if trouble := jobs.trouble():
        st.error(page.plain(trouble), icon=":material/error:")
    if waited:
        st.rerun()


def ask(spec: Spec) -> Asked:
    """The measurement for this shape of training, begun when it is first asked for."""
    # What is wrong may lie in any setting; the timing depends on the shape alone.
    key = json.dumps([spec.shape, spec.fit["epochs"]])
    with _lock:
        since, asked = _asked.get(key, (0.0, None))
        old = time.monotonic() - since > jobs.KNOWN_FOR
        old = old or bool(asked and asked.busy and not jobs.at_work())
        if asked is None or (old and asked.done.is_set()):
            for gone in [k for k, (then, _) in _asked.items() if time.monotonic() - then > 900]:
                del _asked[gone]
            asked = Asked(spec)
            _asked[key] = time.monotonic(), asked
        return asked


# The code


def command(config: RunConfig) -> str:
    """The line that trains the same run.

    Example:
        >>> command(RunConfig("a", "ae", {"latent_dim": 2, "hidden": [8]}, "digits", {"seed": 3}))
        'python -m aecore train ae --dataset digits --latent-dim 2 --hidden 8 --seed 3'
    """
    parts = ["python", "-m", "aecore", "train", config.family, "--dataset", config.dataset]
    known = ("latent_dim", "hidden", "network", "likelihood", "beta", "corruption", "level")
    settings = ("epochs", "batch_size", "learning_rate", "seed", "precision")
    chosen = {k: config.options[k] for k in known if k in config.options}
    chosen |= {k: config.fit[k] for k in settings if k in config.fit}
    for name, value in chosen.items():
        text = ",".join(map(str, value)) if isinstance(value, list) else f"{value}"
        if text:
            parts += [f"--{name.replace('_', '-')}", text]
    return shlex.join(parts)


def python(config: RunConfig) -> str:
    """The same in five lines of Python."""
    from aecore.training import FitConfig

    usual = {field.name: field.default for field in fields(FitConfig)}
    settings = asdict(FitConfig(**config.fit))
    fit = {k: v for k, v in settings.items() if v != usual[k] or k == "epochs"}
    options = ", ".join(
        f"{k}={v!r}" for k, v in {"seed": settings["seed"], **config.options}.items()
    )
    changes = ", ".join(f"{k}={v!r}" for k, v in fit.items())
    return f"""import aecore
data = aecore.load_dataset({config.dataset!r})
model = aecore.build_model({config.family!r}, {options})
for record in aecore.fit(model, data, {changes}):
    print(record.epoch, record.test or record.losses)
"""


# One control


def _field(key: str, default: object, control: Callable) -> object:
    """A control in the address; what was entered is kept while its visitor sees other pages."""
    kept = st.session_state.setdefault(KEPT, {})
    starts = st.session_state.setdefault(STARTS, {})
    if key not in st.session_state or key not in starts:
        starts[key] = kept.get(key, default)
    bind = "query-params" if isinstance(default, str) else choosers.bound(key)
    value = control(value=starts[key], key=key, bind=bind)
    kept[key] = starts[key] if value is None else value
    return kept[key]


def _number(
    key: str, default: float, label: str, low: float, high: float, *, step: float = 1, **how: str
) -> float | None:
    """A number from low to high; None for one beyond, which is said right under its control.

    The control itself has no bounds: it would go on with the last number that was within them.
    """
    value = _field(key, default, lambda **k: st.number_input(label, step=step, **how, **k))
    if low <= value <= high:
        return value
    _wrong(words.number(low, high))
    return None


def _wrong(sentence: str) -> None:
    st.error(page.plain(sentence), icon=":material/error:")


def _index(given: dict, names: list[str]) -> dict:
    value = given.pop("value")
    return given | {"index": names.index(value) if value in names else 0}


def _sized(info: object) -> str:
    return f"{info.title}, {info.train_images:,}"
