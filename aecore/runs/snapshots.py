"""Snapshots of a training, in small files: where the codes lay and what the decoder drew."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from aecore.errors import LabError, unwritten
from aecore.files import write_arrays
from aecore.runs.codes import MOST_DIMENSIONS, Quantised

if TYPE_CHECKING:
    from torch import Tensor

    from aecore.data import Dataset
    from aecore.families import Autoencoder

COUNT = 40  # moments of a whole training
IMAGES = 2000  # the first test images, whose codes a snapshot holds
MOST_NUMBERS = 32_000  # in the codes of one snapshot: beyond 16 dimensions of fewer images
SIDE = 15  # of the decoded grid
EXAMPLES = 10  # test images that are rebuilt, one of each class
FOLDER = "snapshots"
NAME = re.compile(r"[0-9]{8}\.npz")


@dataclass(frozen=True)
class Plane:
    """A plane in the latent space, on which codes are shown: z = origin + u · axes.

    In two dimensions it is the space itself.

    Attributes:
        origin: the point (0, 0), float32 (d,).
        axes: two directions of length 1 at right angles, float32 (2, d).
    """

    origin: np.ndarray
    axes: np.ndarray

    @classmethod
    def of(cls, codes: np.ndarray) -> "Plane":
        """The plane of the two widest directions of codes (N, d), by PCA; itself where d = 2.

        Example:
            >>> Plane.of(np.array([[0.0, 5.0], [1.0, 7.0]])).axes.tolist()
            [[1.0, 0.0], [0.0, 1.0]]
        """
        d = codes.shape[1]
        if d == 2:
            return cls(np.zeros(2, np.float32), np.eye(2, dtype=np.float32))
        origin = codes.mean(0, dtype=np.float64)
        if d == 1:
            return cls(np.zeros(1, np.float32), np.array([[1], [0]], np.float32))
        _, _, directions = np.linalg.svd(codes - origin, full_matrices=False)
        axes = np.zeros((2, d))
        axes[: len(directions)] = directions[:2]
        # A direction has no sign of its own: the same one each time, so that nothing flips.
        signs = np.sign(axes[np.arange(2), np.abs(axes).argmax(1)])
        return cls(origin.astype(np.float32), (axes * signs[:, None]).astype(np.float32))

    def project(self, codes: np.ndarray) -> np.ndarray:
        """Where codes (N, d) lie on it, float32 (N, 2)."""
        return ((codes - self.origin) @ self.axes.T).astype(np.float32)

    def points(self, places: np.ndarray) -> np.ndarray:
        """The codes of places (N, 2) on it, float32 (N, d): the inverse of `project`."""
        return (self.origin + places @ self.axes).astype(np.float32)


@dataclass(frozen=True)
class Snapshot:
    """One moment of a training.

    Attributes:
        step, epoch: when.
        reconstructions: of one test image of each class, uint8 (n, 28, 28).
        codes: f(x) or μ(x) of the first test images, (N, d); None beyond 64 dimensions, and then
            there is no plane either.
        plane: the two widest directions of these codes.
        extent: left, right, bottom, top of the grid on the plane: between the 1st and the 99th
            percentile of these codes.
        grid: the plane decoded there, 64 grey levels in uint8 (15, 15, 28, 28), rows from the top.
    """

    step: int
    epoch: float
    reconstructions: np.ndarray
    codes: Quantised | None = None
    plane: Plane | None = None
    extent: np.ndarray | None = None
    grid: np.ndarray | None = None

    def save(self, run: Path) -> Path:
        """Write it into the folder of a run, atomically.

        Raises:
            LabError: when it cannot be written.
        """
        arrays = {"when": np.array([self.step, self.epoch]), "rebuilt": self.reconstructions}
        if self.codes and self.plane and self.extent is not None and self.grid is not None:
            arrays |= self.codes.arrays("codes")
            arrays |= {"origin": self.plane.origin, "axes": self.plane.axes, "extent": self.extent}
            # Neighbours are alike: their differences are half as large when packed.
            arrays["grid"] = np.diff(self.grid >> 2, axis=1, prepend=np.uint8(0))
        try:
            (run / FOLDER).mkdir(exist_ok=True)
        except OSError as error:
            raise LabError(
                f"The snapshots could not be written: {error.strerror}.", unwritten(error)
            ) from error
        path = run / FOLDER / f"{self.step:08}.npz"
        return write_arrays(path, arrays)


def moments(steps: int) -> list[int]:
    """The steps at which to look, the first and the last among them: close together at first.

    Example:
        >>> moments(20_000)[:8], moments(20_000)[-3:]
        ([0, 2, 12, 33, 67, 118, 186, 273], [17534, 18742, 20000])
        >>> moments(3)
        [0, 1, 2, 3]
    """
    shares = np.linspace(0, 1, COUNT) ** 2.5
    return sorted({0, steps, *(int(step) for step in np.rint(shares * steps))})


def take(model: "Autoencoder", data: "Dataset", step: int, epoch: float) -> Snapshot:
    """Look at a model: it must be in evaluation mode, as it is at every record of `fit`."""
    import torch

    from aecore.families.encoding import encode_images

    chosen, labels = examples(data), data.test.known_labels
    with torch.no_grad():
        drawn = model.reconstruct(data.test.images[chosen], torch.from_numpy(labels[chosen]))
    rebuilt = _grey(drawn)[:, 0]
    if model.latent_dim > MOST_DIMENSIONS:
        return Snapshot(step, epoch, rebuilt)
    count = min(IMAGES, MOST_NUMBERS // model.latent_dim)
    mean, _ = encode_images(model, data.test.images[:count], labels[:count])
    plane = Plane.of(mean)
    places = plane.project(mean)
    low, high = np.percentile(places, [1, 99], axis=0)
    extent = np.array([low[0], high[0], low[1], high[1]], np.float32)
    middle, half = (high + low) / 2, (high - low) / 2
    across = np.linspace(-1, 1, SIDE)
    square = middle + np.stack(np.meshgrid(across, across[::-1]), axis=-1) * half
    points = torch.from_numpy(plane.points(square.reshape(-1, 2).astype(np.float32)))
    with torch.no_grad():
        drawn = model.decode(points.to(next(model.parameters()).device))
    grid = _grey(drawn).reshape(SIDE, SIDE, 28, 28) & 0xFC
    return Snapshot(step, epoch, rebuilt, Quantised.of(mean), plane, extent, grid)


def examples(data: "Dataset") -> np.ndarray:
    """Which test images are rebuilt: the first of each class.

    Example:
        >>> from aecore.data import load_dataset
        >>> digits = load_dataset("digits")
        >>> digits.test.labels[examples(digits)].tolist()
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    return np.unique(data.test.labels, return_index=True)[1][:EXAMPLES]


def list_snapshots(run: Path) -> list[Path]:
    """The files of a run's snapshots, in order; the name of each is its step."""
    folder = run / FOLDER
    if not folder.is_dir():
        return []
    return [folder / name for name in sorted(filter(NAME.fullmatch, os.listdir(folder)))]


def load_snapshot(path: str | Path) -> Snapshot:
    """Read one snapshot.

    Raises:
        LabError: when the file is missing or damaged.
    """
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        step, epoch = arrays["when"].tolist()
        rebuilt = _checked(arrays["rebuilt"], np.uint8, (None, 28, 28))
        if "codes" not in arrays:
            return Snapshot(int(step), epoch, rebuilt)
        codes = Quantised.from_arrays("codes", arrays)
        _checked(codes.levels, np.uint16, (None, None))
        d = codes.levels.shape[1]
        for scale in (codes.low, codes.step):
            _checked(scale, np.float32, (d,))
        packed = _checked(arrays["grid"], np.uint8, (SIDE, SIDE, 28, 28))
        return Snapshot(
            int(step),
            epoch,
            rebuilt,
            codes,
            Plane(
                _checked(arrays["origin"], np.float32, (d,)),
                _checked(arrays["axes"], np.float32, (2, d)),
            ),
            _checked(arrays["extent"], np.float32, (4,)),
            np.cumsum(packed, axis=1, dtype=np.uint8) << 2,
        )
    except Exception as error:  # a damaged zip fails in many ways
        raise _damaged(path) from error


def fixed_plane(run: Path, *, ended: bool) -> Plane | None:
    """One plane for all snapshots of a run, so that what moves on it are the codes alone.

    By PCA of the last snapshot once training has ended; until then, of the first one after the
    first epoch. Where there is none yet, it is of the 1st, 2nd, 4th, 8th ... that has come: with
    each other plane, all moments are sent anew. In two dimensions it is the space itself.
    None without snapshots, or beyond 64 dimensions.
    """
    paths = list_snapshots(run)
    if ended or not paths:
        return load_snapshot(paths[-1]).plane if paths else None
    for path in paths:
        if _epoch(path) >= 1:
            return load_snapshot(path).plane
    return load_snapshot(paths[2 ** (len(paths).bit_length() - 1) - 1]).plane


def drop_after(run: Path, step: int) -> None:
    """Remove the snapshots of steps that will be trained again."""
    for path in list_snapshots(run):
        if int(path.stem) > step:
            path.unlink(missing_ok=True)


def _epoch(path: Path) -> float:
    """When a snapshot was taken, without reading the rest of it.

    Raises:
        LabError: when the file is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return float(file["when"][1])
    except Exception as error:  # a damaged zip fails in many ways
        raise _damaged(path) from error


def _damaged(path: Path) -> LabError:
    return LabError(
        f"The snapshot {path.name} of the run is missing or damaged.",
        "A moment of this training cannot be shown: its file is missing or damaged.",
    )


def _grey(images: "Tensor") -> np.ndarray:
    return (images.cpu().numpy() * 255).round().astype(np.uint8)


def _checked(array: np.ndarray, dtype: type, shape: tuple[int | None, ...]) -> np.ndarray:
    fits = len(array.shape) == len(shape) and all(
        wanted in (None, found) for wanted, found in zip(shape, array.shape, strict=True)
    )
    if (
        array.dtype != dtype
        or not fits
        or (array.dtype.kind == "f" and not np.isfinite(array).all())
    ):
        raise ValueError("an array is of another kind")
    return array
