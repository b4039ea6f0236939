"""What is to be trained, as plain values: checked before it waits, and how long it will take."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aecore.data import DatasetInfo, available_datasets, load_dataset
from aecore.errors import LabError
from aecore.runs.limits import limit

if TYPE_CHECKING:
    from aecore.families import Autoencoder
    from aecore.training import FitConfig


@dataclass(frozen=True)
class Spec:
    """What to train: plain values, as in a run's ``config.json``.

    Attributes:
        family: one of `aecore.models`.
        dataset: its name.
        options: of the family, such as ``latent_dim``.
        fit: training settings that differ from `FitConfig`'s own, such as ``epochs``.
    """

    family: str
    dataset: str = "digits"
    options: dict = field(default_factory=dict)
    fit: dict = field(default_factory=dict)

    @property
    def shape(self) -> str:
        """All that the speed of its training depends on, as a text."""
        settings = {name: self.fit.get(name) for name in ("batch_size", "precision", "device")}
        return json.dumps([self.family, self.dataset, self.options, settings], sort_keys=True)


def check(spec: Spec) -> "tuple[Autoencoder, FitConfig]":
    """The model, without memory for its weights, and the settings.

    Raises:
        LabError: for what does not exist, is not on this machine, or is beyond the limits.

    Example:
        >>> model, settings = check(Spec("vae", options={"hidden": [16]}, fit={"epochs": 3}))
        >>> model.options["hidden"], settings.epochs
        ([16], 3)
    """
    import torch

    from aecore.families import build_model, models
    from aecore.training import FitConfig, check_labels

    if spec.family not in models():
        raise LabError(f"There is no model {spec.family!r}. Choose one of: {', '.join(models())}.")
    info = _dataset(spec.dataset)
    if not info.on_disk:
        raise LabError(
            f"{info.title} is not on this machine. Run `python -m aecore download {info.name}`.",
            f"{info.title} is not here. Download it on this page first.",
        )
    try:
        settings = FitConfig(**spec.fit)
        with torch.device("meta"):
            model = build_model(spec.family, **spec.options)
    except TypeError as error:
        raise LabError(
            f"This cannot be trained: {error!s:.200}.",
            "This cannot be trained: its settings are not those of the model.",
        ) from error
    check_labels(model, settings)
    if settings.labels:
        load_dataset(spec.dataset).few_labels(settings.labels, settings.seed)
    for name, value, what in (
        ("epochs", settings.epochs, "epochs"),
        ("parameters", weights(model), "weights"),
    ):
        if value > limit(name):
            raise LabError(f"This would take {value:,} {what}; here up to {limit(name):,} may be.")
    return model, settings


def weights(model: "Autoencoder") -> int:
    """How many numbers a model learns."""
    return sum(p.numel() for p in model.parameters())


def seconds(spec: Spec, speed: dict[str, float]) -> float:
    """What a training takes at a measured speed: steps, tests, snapshots, measures of the result.

    Args:
        spec: checked.
        speed: seconds for one ``step``, for the ``test`` of one image and for one ``snapshot``.
    """
    from aecore.runs.snapshots import moments
    from aecore.training import FitConfig

    settings, info = FitConfig(**spec.fit), _dataset(spec.dataset)
    train, test = info.train_images, info.test_images
    steps = settings.epochs * -(-train // min(settings.batch_size, train))
    # Measuring encodes all images more than twice, and decodes some 128 times 1,000 of them.
    measuring = 2.5 * (train + test) + 128 * min(1000, test)
    return (
        steps * speed["step"]
        + (settings.epochs * test + measuring) * speed["test"]
        + len(moments(steps)) * speed["snapshot"]
    )


def _dataset(name: str) -> DatasetInfo:
    found = {info.name: info for info in available_datasets()}
    if not isinstance(name, str) or name not in found:
        raise LabError(f"There is no dataset {name!r:.80}. Choose one of: {', '.join(found)}.")
    return found[name]
