"""The shipped runs: how each is made, from its seed, out of all of MNIST's training images."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from aecore.data import load_dataset
from aecore.errors import LabError
from aecore.families import build_model
from aecore.runs import SHIPPED, Recorder, Run, open_run
from aecore.training import FitConfig, Record, fit

# Small batches: in 2-D, 64 images a step end 1.7 nats below 256 after as many epochs.
SLOW = {"batch_size": 64, "learning_rate": 1e-3}

# name: family, its options, training settings. The classifier comes first: it judges the others.
RECIPES: dict[str, tuple[str, dict, dict]] = {
    "mnist-classifier": ("classifier", {}, {"epochs": 12, "learning_rate": 4e-3}),
    "mnist-ae": ("ae", {"latent_dim": 2}, SLOW | {"epochs": 60}),
    "mnist-vae": ("vae", {"latent_dim": 2}, SLOW | {"epochs": 60}),
    "mnist-ae-16": ("ae", {"latent_dim": 16, "hidden": (448, 256)}, SLOW | {"epochs": 30}),
    "mnist-vae-16": ("vae", {"latent_dim": 16, "hidden": (448, 256)}, SLOW | {"epochs": 40}),
}


def pretrain(name: str, report: Callable[[Record], None] = lambda record: None) -> Run:
    """Train one shipped run anew and put it in the place of the old one.

    Args:
        name: one of `RECIPES`.
        report: called with each training record.

    Raises:
        LabError: for an unknown name, or when MNIST is not on disk.
    """
    if name not in RECIPES:
        raise LabError(f"There is no recipe {name!r}. Choose one of: {', '.join(RECIPES)}.")
    family, options, settings = RECIPES[name]
    data = load_dataset("mnist")
    model = build_model(family, **options)
    config = FitConfig(**settings)
    with tempfile.TemporaryDirectory(dir=SHIPPED, prefix=".making-") as folder:
        recorder = Recorder(Path(folder) / name, model, "mnist", config)
        for record in fit(model, data, config):
            recorder.record(record)
            report(record)
        judge = None if family == "classifier" else open_run("mnist-classifier").model()
        run = recorder.finish(model, data, half=True, classifier=judge)
        shutil.rmtree(SHIPPED / name, ignore_errors=True)
        run.folder.rename(SHIPPED / name)
    return open_run(name)
