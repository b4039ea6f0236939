"""The settings of a training: plain values, each described once."""

from dataclasses import dataclass

from aecore.families.options import SEED, Option

SETTINGS = (
    Option(
        "epochs",
        10,
        label="Epochs",
        help="passes over the training images",
        kind="whole",
        low=1,
        high=10_000,
    ),
    Option(
        "batch_size",
        256,
        label="Batch",
        help="images per step",
        kind="whole",
        low=1,
        high=60_000,
        step=32,
        key="batch",
    ),
    Option(
        "learning_rate",
        2e-3,
        label="Learning rate",
        help="the peak of the one-cycle schedule",
        low=1e-8,
        high=10,
        step=0.001,
        key="rate",
    ),
    Option("weight_decay", 0.01, label="Weight decay", help="of AdamW", high=10),
    Option(
        "optimizer",
        "adamw",
        label="Optimizer",
        help="adamw or adam",
        kind="choice",
        choices={"adamw": "AdamW", "adam": "Adam"},
    ),
    SEED,
    Option(
        "labels",
        0,
        label="Known labels",
        help="training images with known labels, as many of each class; 0 is all",
        kind="whole",
        high=60_000,
        step=10,
    ),
    Option(
        "binarised",
        False,
        label="Binarised pixels",
        help="draw each pixel as 0 or 1 with its grey as probability, anew in every step",
        kind="switch",
    ),
    Option(
        "clip_norm",
        50.0,
        label="Largest gradient",
        help="largest norm of the gradient over all weights",
        low=1e-3,
        high=1e9,
    ),
    Option(
        "precision",
        "auto",
        label="Precision",
        help="auto, float32 or bfloat16",
        kind="choice",
        choices={name: name for name in ("auto", "float32", "bfloat16")},
    ),
    Option(
        "device",
        "auto",
        label="Device",
        help="auto, cpu or cuda",
        kind="choice",
        choices={"auto": "auto", "cpu": "CPU", "cuda": "GPU"},
    ),
)


@dataclass(frozen=True)
class FitConfig:
    """How to train: plain values only, so that they can stand in a run's `config.json`.

    Args:
        epochs: passes over the training images.
        batch_size: images per step.
        learning_rate: the peak of the one-cycle schedule.
        weight_decay: of AdamW; ignored by Adam.
        optimizer: ``"adamw"`` or ``"adam"``.
        seed: of the order of images and of the noise that the model draws.
        labels: training images whose labels may be used, as many of each class; 0 is all. Only of
            families that learn from labels and from images without.
        binarised: whether pixels are drawn as 0 or 1, with their grey as probability: those of
            training anew in every step, those of testing once.
        clip_norm: largest norm of the gradient over the weights that an update moves.
        precision: ``"float32"``, ``"bfloat16"`` (autocast) or ``"auto"``: bfloat16 where the
            processor multiplies it natively.
        device: ``"cpu"``, ``"cuda"`` or ``"auto"``: a GPU when there is one.

    Raises:
        LabError: for a value outside its range.
    """

    epochs: int = 10
    batch_size: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 0.01
    optimizer: str = "adamw"
    seed: int = 0
    labels: int = 0
    binarised: bool = False
    clip_norm: float = 50.0
    precision: str = "auto"
    device: str = "auto"

    def __post_init__(self) -> None:
        for setting in SETTINGS:
            setting.check(getattr(self, setting.name))
