"""What to train: the form of the page Train, and its buttons."""

import re
import time
from dataclasses import replace

import streamlit as st

from aecore import jobs
from aecore.data import DatasetInfo, available_datasets
from aecore.errors import LabError, for_visitor
from aecore.jobs import Spec
from aecore.runs.limits import limit, sentences
from aecore.runs.workspaces import Workspace
from aecore.ui import page
from aecore.ui.text import train as words
from aecore.ui.train import datasets, estimate, monitor
from aecore.ui.train.batches import BATCHES, FIRST
from aecore.ui.train.controls import choice, control

FEW_STEPS = 20  # of training in an epoch
FEW_IMAGES = 5000  # to train on


def form(workspace: Workspace) -> Spec | None:
    """The controls; what they ask for, or None where that cannot be trained, and why."""
    from aecore.families import REGISTRY, models
    from aecore.training import SETTINGS

    titles = {name: REGISTRY[name].title for name in models()}
    family = REGISTRY[choice("family", "Model", titles, FIRST)]
    infos = {info.name: info for info in available_datasets()}
    usual = "mnist" if infos["mnist"].on_disk else "digits"
    info = infos[choice("images", "Images", {n: _sized(infos[n]) for n in infos}, usual)]
    there = datasets.here(info, workspace)

    settings = {setting.name: setting for setting in SETTINGS}
    most = int(limit("epochs"))
    settings["epochs"] = replace(settings["epochs"], default=min(20, most), high=most)
    settings["learning_rate"] = replace(settings["learning_rate"], low=0.0001, high=1.0)
    if info.train_images < FEW_IMAGES:  # each has a batch of its own
        settings["batch_size"] = replace(settings["batch_size"], default=32, key="batch_few")

    options: dict = {}
    first, *others = [option for option in family.OPTIONS if option.form]
    left, right = st.columns(2)
    with left:
        options[first.name] = control(first)
    with right:
        fit = {"epochs": control(settings["epochs"])}
    for option in others:
        options[option.name] = control(option.under(options))
    if family.labelled_share is not None:
        fit["labels"] = control(settings["labels"])
    left, right = st.columns(2)
    with left:
        batch = fit["batch_size"] = control(settings["batch_size"])
    with right:
        fit["seed"] = control(settings["seed"])
    steps = -(-info.train_images // batch) if batch else FEW_STEPS
    if steps < FEW_STEPS:
        st.caption(words.steps(steps))
    fit["learning_rate"] = control(settings["learning_rate"], "%.4f")
    if not there or None in (*options.values(), *fit.values()):
        return None
    return Spec(family.name, info.name, options, fit)


def buttons(workspace: Workspace, spec: Spec | None) -> None:
    """Train, and the batches; what goes wrong is said beneath them."""
    train = st.button(
        "Train", type="primary", icon=":material/play_arrow:", width="stretch",
        disabled=spec is None,
    )  # fmt: skip
    estimated = st.container()
    st.caption("Side by side, on the same images and seed")
    chosen = [
        batch.specs
        for batch in BATCHES
        if st.button(batch.label, width="stretch", disabled=spec is None)
    ]
    if spec and (train or chosen):
        try:
            submit(workspace, [spec] if train else chosen[0](spec))
        except LabError as error:
            st.error(page.plain(for_visitor(error)), icon=":material/error:")
        else:
            st.rerun()
    elif spec:  # an estimate that has just come runs the page anew, and a press would be lost
        with estimated:
            estimate.show(spec)


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
    monitor.show("group" if group else "run", group or runs[0].name)


def limits() -> None:
    """What this server allows, folded away."""
    with st.expander("What this server allows"):
        st.markdown("\n".join(f"- {page.plain(sentence)}" for sentence in sentences()))


def _sized(info: DatasetInfo) -> str:
    return f"{info.title}, {info.train_images:,}"
