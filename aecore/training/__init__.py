"""Training: a loop that knows no family, its settings, and what it goes on from."""

from aecore.training.config import SETTINGS, FitConfig
from aecore.training.loop import (
    CHECK_EVERY,
    Record,
    Training,
    check_labels,
    evaluate,
    fit,
    uses_bfloat16,
)

__all__ = [
    "CHECK_EVERY",
    "SETTINGS",
    "FitConfig",
    "Record",
    "Training",
    "check_labels",
    "evaluate",
    "fit",
    "uses_bfloat16",
]
