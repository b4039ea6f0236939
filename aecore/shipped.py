"""The shipped runs: how each is made, from its seed, out of all of MNIST's training images."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from aecore.analysis.card import as_trained, finish
from aecore.analysis.measures import Subject, measure
from aecore.analysis.projections import add_places, stored
from aecore.data import load_dataset
from aecore.errors import LabError, nearest
from aecore.families import Model, build_model
from aecore.files import write_json
from aecore.runs import SHIPPED, Recorder, Run, open_run, shipped_run
from aecore.training import FitConfig, Record, fit

# Small batches: in 2-D, 64 images a step end 1.7 nats below 256 after as many epochs.
SLOW = {"batch_size": 64, "learning_rate": 1e-3}

WIDE = {"latent_dim": 32, "hidden": (256,)}
BRISK = {"epochs": 40, "batch_size": 128, "learning_rate": 2e-3}
TIED = {"epochs": 12, "batch_size": 128, "learning_rate": 1e-2}
UNITS = {"latent_dim": 250}
PLANE = {"latent_dim": 2, "hidden": (152, 80)}
CRITIC = BRISK | {"epochs": 20}
LAYER = BRISK | {"epochs": 15}
COPY = BRISK | {"epochs": 10}


def gaussian(percent: int) -> dict:
    """Options of a denoising autoencoder: Gaussian noise of that percentage of the grey scale."""
    return {"corruption": "gaussian", "level": percent / 100}


def masked(percent: int) -> dict:
    """The same with that percentage of the pixels set to 0."""
    return {"corruption": "masking", "level": percent / 100}


# name: family, its options, training settings. The classifier comes first: it judges the others.
RECIPES: dict[str, tuple[str, dict, dict]] = {
    "mnist-classifier": ("classifier", {}, {"epochs": 12, "learning_rate": 4e-3}),
    "mnist-ae": ("ae", {"latent_dim": 2}, SLOW | {"epochs": 60}),
    "mnist-vae": ("vae", {"latent_dim": 2}, SLOW | {"epochs": 60}),
    "mnist-ae-16": ("ae", {"latent_dim": 16, "hidden": (448, 256)}, SLOW | {"epochs": 30}),
    "mnist-vae-16": ("vae", {"latent_dim": 16, "hidden": (448, 256)}, SLOW | {"epochs": 40}),
    # Five of one shape: what noise in training changes.
    "mnist-ae-32": ("ae", WIDE, BRISK),
    "mnist-vae-32": ("vae", WIDE, BRISK),
    **{
        f"mnist-dae-{percent}": ("dae", WIDE | gaussian(percent), BRISK) for percent in (10, 30, 50)
    },
    # As many numbers as PCA has components, and a plane of handwriting alone: the class is told.
    "mnist-linear-30": ("linear", {"latent_dim": 30}, {"epochs": 16, "batch_size": 128}),
    "mnist-cvae": ("cvae", {"latent_dim": 2, "hidden": (176, 96)}, BRISK | {"epochs": 30}),
    # One layer of units, and what a penalty makes of them: off, and by the activity asked for.
    "mnist-sparse-off": ("sparse", UNITS | {"weight": 0.0}, LAYER),
    **{
        f"mnist-sparse-{percent:02}": ("sparse", UNITS | {"rho": percent / 100}, LAYER)
        for percent in (20, 10, 5, 2)
    },
    **{
        f"mnist-contractive-{weight}": ("contractive", {"weight": float(weight)}, LAYER)
        for weight in (0, 3, 10)
    },
    # More numbers than pixels: as they are, and with half of the pixels hidden.
    "mnist-overcomplete": ("linear", {"latent_dim": 800, "tied": True}, COPY),
    "mnist-overcomplete-masked": ("linear-dae", {"latent_dim": 800, "tied": True}, COPY),
    # Four layers, one learned at a time.
    "mnist-deep-30": ("stacked", {"latent_dim": 30, "likelihood": "gaussian"}, BRISK),
    # A hundred known labels.
    "mnist-m2-100": (
        "m2",
        {"latent_dim": 12, "hidden": (128,), "reader": "conv", "dropout": 0.5, "opening": 6.0},
        {"epochs": 20, "batch_size": 200, "labels": 100},
    ),
    "mnist-m1m2-100": (
        "m1m2",
        {"latent_dim": 8, "features": 32, "hidden": (160,)},
        {"epochs": 60, "batch_size": 400, "learning_rate": 4e-3, "labels": 100},
    ),
    "mnist-aae-100": (
        "semi-aae",
        {"latent_dim": 10, "network": "conv", "hidden": (24, 48)},
        {"epochs": 25, "batch_size": 200, "labels": 100},
    ),
    # A critic and three priors.
    "mnist-aae": ("aae", PLANE | {"prior_kind": "mixture", "told": True}, CRITIC),
    "mnist-aae-roll": ("aae", PLANE | {"prior_kind": "roll", "told": True}, CRITIC),
    "mnist-aae-gaussian": ("aae", PLANE, CRITIC),
    # Three of one layer, whose filters are pictures.
    **{f"mnist-tied-{percent}": ("tied-dae", masked(percent), TIED) for percent in (0, 25, 50)},
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
        raise LabError(
            f"There is no recipe {name!r}.{nearest(name, RECIPES)} All are those of the shipped "
            f"runs, in {SHIPPED}."
        )
    family, options, settings = RECIPES[name]
    data = load_dataset("mnist")
    model = build_model(family, **options)
    config = FitConfig(**settings)
    with tempfile.TemporaryDirectory(dir=SHIPPED, prefix=".making-") as folder:
        recorder = Recorder(Path(folder) / name, model, "mnist", config)
        for record in fit(model, data, config):
            recorder.record(record)
            report(record)
        run = finish(recorder, model, data, half=True, classifier=_judge(family))
        _place(run)
        shutil.rmtree(SHIPPED / name, ignore_errors=True)
        run.folder.rename(SHIPPED / name)
    return open_run(name)


def remeasure(name: str) -> Run:
    """Measure a shipped run's weights anew and write its card; nothing is trained.

    The file of its codes gets the reconstruction errors, and places of projections that are
    missing; the codes themselves stay as they are.

    Raises:
        LabError: for an unknown run, or when MNIST is not on disk.
    """
    run = shipped_run(name)
    data = as_trained(load_dataset("mnist"), run.config.fit)
    subject = Subject(run.model(), data, classifier=_judge(run.family))
    write_json(run.folder / "card.json", run.card | {"figures": measure(subject)})
    if run.has_codes:
        replace(run.codes, nats=subject.test_nats).save(run.folder / "codes.npz")
    _place(run)
    return open_run(name)


def _place(run: Run) -> None:
    if run.has_codes:
        for projection in stored():
            add_places(run.folder / "codes.npz", projection.name)


def _judge(family: str) -> Model | None:
    return None if family == "classifier" else open_run("mnist-classifier").model()
