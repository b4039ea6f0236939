"""What one server allows, as values that a page can show and the environment can set."""

import math
import os
from dataclasses import dataclass

from aecore.errors import LabError

MEGABYTE = 1_000_000  # bytes


@dataclass(frozen=True)
class Limit:
    """One limit.

    Attributes:
        variable: the name in the environment that sets it.
        default: used when nothing sets it.
        sentence: what it means, with ``{}`` where the value goes.
    """

    variable: str
    default: float
    sentence: str

    @property
    def value(self) -> float:
        """Its value now.

        Raises:
            LabError: when the environment holds something that is no number from 0 on.
        """
        text = os.environ.get(self.variable, "")
        try:
            value = float(text) if text.strip() else float(self.default)
        except ValueError:
            value = -1
        if not 0 <= value < math.inf:
            raise LabError(
                f"{self.variable} must be a number from 0 on, not {text[:40]!r}.",
                "A limit of this server is set to what is no number. Tell whoever runs it.",
            )
        return int(value) if value == int(value) else value

    def __str__(self) -> str:
        return self.sentence.format(f"{self.value:,}")


LIMITS: dict[str, Limit] = {
    "running": Limit(
        "LATENT_LAB_RUNNING",
        min(8, os.cpu_count() or 1),
        "Up to {} models are trained at the same time; further ones wait their turn.",
    ),
    "running_each": Limit(
        "LATENT_LAB_RUNNING_EACH", 2, "Up to {} of them are from the same workspace."
    ),
    "waiting_each": Limit(
        "LATENT_LAB_WAITING_EACH", 10, "A workspace has up to {} runs that wait or are trained."
    ),
    "parameters": Limit("LATENT_LAB_PARAMETERS", 10_000_000, "A model has up to {} weights."),
    "epochs": Limit("LATENT_LAB_EPOCHS", 200, "A run has up to {} epochs."),
    "minutes": Limit(
        "LATENT_LAB_MINUTES", 30, "A run is stopped after {} minutes, and can then be continued."
    ),
    "memory_mb": Limit("LATENT_LAB_MEMORY_MB", 4_000, "A training may use up to {} MB of memory."),
    "quota_mb": Limit("LATENT_LAB_QUOTA_MB", 500, "A workspace keeps up to {} MB of runs."),
    "upload_mb": Limit("LATENT_LAB_UPLOAD_MB", 50, "A file to upload has up to {} MB."),
    "free_mb": Limit(
        "LATENT_LAB_FREE_MB", 500, "No training starts when the disk has less than {} MB left."
    ),
    "days": Limit("LATENT_LAB_DAYS", 60, "A run is deleted {} days after it was last changed."),
}


def limit(name: str) -> float:
    """The value of a limit now.

    Example:
        >>> limit("epochs")
        200
    """
    return LIMITS[name].value


def sentences() -> list[str]:
    """All limits in plain words, for a page.

    Example:
        >>> sentences()[4]
        'A run has up to 200 epochs.'
    """
    return [str(one) for one in LIMITS.values()]
