"""What a run's card says of the images that it draws, as facts. NumPy alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Figures = Mapping[str, Any]

COPIED = 0.03  # share of draws, nearer than 1 % of rebuilt images are, from which some are copies


@dataclass(frozen=True)
class Nearest:
    """Distances to the nearest training image, in pixels of [0, 1].

    Attributes:
        test: of test images.
        rebuilt: of the same rebuilt: blur alone brings an image nearer to all others.
        draws: of draws.
        copied: share of the draws that is nearer than 99 % of the rebuilt ones are.
    """

    test: list[float]
    rebuilt: list[float]
    draws: list[float]
    copied: float

    @classmethod
    def of(cls, figures: Figures, way: str) -> "Nearest | None":
        """Of draws of a way, from a card's figures; None where they were not measured."""
        try:
            found = figures["nearest"]
            rows = [found["test"], found["rebuilt"], found["draws"][way]]
            test, rebuilt, draws = ([float(value) for value in row] for row in rows)
            copied = float(found["copied"][way])
        except (KeyError, TypeError, ValueError):
            return None
        return cls(test, rebuilt, draws, copied) if test and rebuilt and draws else None

    def medians(self) -> dict[str, float]:
        """The median of each.

        Example:
            >>> Nearest([4.0, 5.0], [3.0], [3.5], 0.0).medians()["test"]
            4.5
        """
        return {
            name: float(np.median(getattr(self, name))) for name in ("test", "rebuilt", "draws")
        }


@dataclass(frozen=True)
class Drawn:
    """What a card says of draws from a run; None of what was not measured.

    Attributes:
        recognised: share of the draws in which the classifier gives one class .90 or more.
        asked: share of those asked for a class that are read as it.
        told: accuracy of a linear reader of the class from the code.
        nearest: distances to the nearest training image.
        error: squared error of rebuilt test images.

    Example:
        >>> Drawn.of({"recognised_fraction": {"prior": 0.9}, "leakage": 0.2}, "prior")
        Drawn(recognised=0.9, asked=None, told=0.2, nearest=None, error=None)
    """

    recognised: float | None = None
    asked: float | None = None
    told: float | None = None
    nearest: Nearest | None = None
    error: float | None = None

    @classmethod
    def of(cls, figures: Figures, way: str) -> "Drawn":
        """From a card's figures.

        Args:
            figures: of the card.
            way: of drawing codes: ``"standard_normal"``, another ``"prior"``, ``"fitted"`` from one
                Gaussian or ``"mixture"`` from several.
        """
        recognised = figures.get("recognised_fraction") or {}
        return cls(
            recognised=recognised.get(way),
            asked=figures.get("read_as_asked"),
            told=figures.get("leakage", figures.get("class_from_code")),
            nearest=Nearest.of(figures, way),
            error=figures.get("squared_error"),
        )
