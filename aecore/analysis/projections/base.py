"""A projection: how codes of many dimensions are shown on a plane. It describes itself here."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aecore.errors import LabError
from aecore.runs.codes import Codes

NAME = re.compile(r"[a-z]{1,20}")
REGISTRY: "dict[str, Projection]" = {}


@dataclass(frozen=True)
class Linear:
    """A plane through the space of codes: p = A (z − m), with orthonormal rows in A.

    Attributes:
        mean: m, float32 (d,).
        axes: A, float32 (n, d).
        share: of the codes' variance that each row of A holds, (n,).
    """

    mean: np.ndarray
    axes: np.ndarray
    share: np.ndarray

    def project(self, codes: np.ndarray) -> np.ndarray:
        """Where codes (N, d) stand on the plane, (N, n)."""
        return (codes - self.mean) @ self.axes.T

    def unproject(self, points: np.ndarray) -> np.ndarray:
        """The codes on the plane itself at its points (N, n): m + Aᵀ p, (N, d)."""
        return self.mean + points @ self.axes

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """The three arrays under names that begin with ``name``."""
        return {f"{name}_mean": self.mean, f"{name}_axes": self.axes, f"{name}_share": self.share}


@dataclass(frozen=True)
class Projection:
    """What is known of a projection before it meets any codes.

    Attributes:
        name: in the address, on the command line and in files: up to 20 of a-z.
        title: on the pages.
        symbol: of a place on it, the letter on its axes.
        least: codes that it needs.
        note: what the plane shows, a few words beside the choice; ``{share}`` is the percentage of
            variance on a linear plane, ``{count}`` the number of dimensions.
        more: what else there is to say where there is room.
        explanation: a paragraph in Markdown, with its formula.
        linear: codes (N, d) to a `Linear` plane; it is found when it is asked for.
        places: codes (N, d) to places float32 (N, 2), where no formula leads to them or back; they
            take long, and are stored with the codes. A projection has this or the other.
        cost: what places take, for the command line.
    """

    name: str
    title: str
    symbol: str
    least: int
    note: str
    more: str
    explanation: str
    linear: Callable[[np.ndarray], Linear] | None = None
    places: Callable[[np.ndarray], np.ndarray] | None = None
    cost: str = ""

    def suits(self, codes: Codes) -> bool:
        """Whether these codes may have its plane: more than two dimensions, and not too few."""
        return codes.latent_dim > 2 and len(codes) >= self.least

    def about(self) -> dict:
        """What the browser is told of it."""
        shown = ("name", "title", "symbol", "note", "more")
        return {name: getattr(self, name) for name in shown}


def register(projection: Projection) -> Projection:
    """Enter a projection under its name.

    Raises:
        LabError: for a name that is none.
    """
    if not NAME.fullmatch(projection.name):
        raise LabError(f"A projection's name has up to 20 of a-z, unlike {projection.name!r:.80}.")
    REGISTRY[projection.name] = projection
    return projection


def stored() -> list[Projection]:
    """The projections whose places are stored with the codes."""
    return [projection for projection in REGISTRY.values() if projection.places]


def missing(codes: Codes) -> list[Projection]:
    """The stored projections that these codes may have, and have not yet."""
    return [one for one in stored() if one.name not in codes.places and one.suits(codes)]


def add_places(path: Path, name: str) -> None:
    """Add a projection's places to a file of codes that has none and for which it is of use.

    Raises:
        LabError: when the file is missing or damaged, or cannot be written.
    """
    codes, projection = Codes.load(path), REGISTRY[name]
    if projection.places and projection in missing(codes):
        codes.with_places(name, projection.places(codes.mean.values)).save(path)
