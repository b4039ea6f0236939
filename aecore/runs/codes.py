"""The codes of a run: small enough to ship, exact enough to draw. NumPy only."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from aecore.errors import damaged_run
from aecore.files import write_arrays

MOST_DIMENSIONS = 64  # of stored codes; more make no plane worth a look
REFERENCE_VALUES = 120_000  # numbers in the reference set: all of MNIST in two dimensions


@dataclass(frozen=True)
class Quantised:
    """Numbers on a uniform scale per column: value = low + step · level.

    Twelve bits over the range of one latent dimension are finer than any screen. Codes of two
    dimensions, whose numbers are shown, get sixteen.

    Example:
        >>> q = Quantised.of(np.array([[0.0, -1.0], [0.5, 3.0], [1.0, 1.0]]))
        >>> bool(np.allclose(q.values, [[0, -1], [0.5, 3], [1, 1]], atol=1e-4))
        True
    """

    levels: np.ndarray  # uint8 or uint16 (N, d)
    low: np.ndarray  # float32 (d,)
    step: np.ndarray  # float32 (d,)

    @classmethod
    def of(cls, values: np.ndarray, bits: int = 16) -> "Quantised":
        """Quantise (N, d) finite numbers, each column over its own range."""
        low, high = values.min(0).astype(np.float32), values.max(0).astype(np.float32)
        top = 2**bits - 1
        step = np.maximum((high - low) / top, 1e-12).astype(np.float32)
        levels = np.rint((values - low) / step).clip(0, top)
        return cls(levels.astype(np.uint8 if bits <= 8 else np.uint16), low, step)

    @cached_property
    def values(self) -> np.ndarray:
        """float32 (N, d)."""
        return (self.low + self.step * self.levels).astype(np.float32)

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """The three arrays under names that begin with ``name``."""
        return {name: self.levels, f"{name}_low": self.low, f"{name}_step": self.step}

    @classmethod
    def from_arrays(cls, name: str, arrays: dict[str, np.ndarray]) -> "Quantised":
        """The inverse of `arrays`."""
        return cls(arrays[name], arrays[f"{name}_low"], arrays[f"{name}_step"])


@dataclass(frozen=True)
class Codes:
    """Where a model puts the test images, and what counts as near its training images.

    Attributes:
        mean: codes f(x), or posterior means μ(x), of the test images, (N, d).
        log_std: log σ(x) of their posteriors, (N, d); None without a posterior.
        labels: uint8 (N,).
        nats: reconstruction error of each test image, float32 (N,).
        reference: training codes (draws from the posterior where there is one), (M, d): all of
            them in two dimensions, evenly picked in more.
        spacing: median distance from a held-out code to the nearest reference code.
        radius: the 99th percentile of those distances; beyond it lies a gap.
        places: where projections that no formula leads to put the codes of the test images,
            (N, 2) by the projection's name; those that were asked for.
    """

    mean: Quantised
    log_std: Quantised | None
    labels: np.ndarray
    nats: np.ndarray
    reference: Quantised
    spacing: float
    radius: float
    places: Mapping[str, Quantised] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def latent_dim(self) -> int:
        """Size of a code."""
        return self.mean.levels.shape[1]

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it as named arrays, as stored and as sent to the browser; the reference in the
        order of its first column, which halves it when compressed.
        """
        order = np.argsort(self.reference.levels[:, 0], kind="stable")
        reference = replace(self.reference, levels=self.reference.levels[order])
        return {
            **self.mean.arrays("mean"),
            **(self.log_std.arrays("log_std") if self.log_std else {}),
            **reference.arrays("reference"),
            **{k: v for name, q in self.places.items() for k, v in q.arrays(name).items()},
            "labels": self.labels,
            "nats": self.nats.astype(np.float32),
            "distances": np.array([self.spacing, self.radius], np.float32),
        }

    def with_places(self, name: str, places: np.ndarray) -> "Codes":
        """The same codes with a projection's places (N, 2) of them."""
        return replace(self, places={**self.places, name: Quantised.of(places)})

    def save(self, path: str | Path) -> Path:
        """Write ``codes.npz``, atomically; column by column: smaller when compressed."""
        arrays = {name: np.asfortranarray(values) for name, values in self.arrays().items()}
        return write_arrays(path, arrays)

    @classmethod
    def load(cls, path: str | Path) -> "Codes":
        """Read ``codes.npz``.

        Raises:
            LabError: when the file is missing or damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = dict(file)
            posterior = "log_std" in arrays
            quantised = {name.removesuffix("_step") for name in arrays if name.endswith("_step")}
            others = sorted(quantised - {"mean", "log_std", "reference"})
            codes = cls(
                mean=Quantised.from_arrays("mean", arrays),
                log_std=Quantised.from_arrays("log_std", arrays) if posterior else None,
                labels=arrays["labels"],
                nats=arrays["nats"].astype(np.float32),
                reference=Quantised.from_arrays("reference", arrays),
                spacing=float(arrays["distances"][0]),
                radius=float(arrays["distances"][1]),
                places={name: Quantised.from_arrays(name, arrays) for name in others},
            )
            per_image = [part for part in (codes.mean, codes.log_std) if part]
            shape = (len(codes.labels), codes.latent_dim)
            if any(q.levels.shape != shape for q in per_image) or len(codes.nats) != len(codes):
                raise ValueError("its arrays do not belong together")
            if any(q.levels.shape != (len(codes), 2) for q in codes.places.values()):
                raise ValueError("its plane belongs to other codes")
            return codes
        except Exception as error:  # a damaged zip fails in many ways
            again = " Train the run again."
            raise damaged_run(Path(path), "missing or damaged", again) from error
