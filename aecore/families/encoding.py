"""Many images through a model, batch by batch."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from aecore.families import Autoencoder


def encode_images(
    model: "Autoencoder",
    images: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    batch: int = 4000,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Codes of uint8 images (N, 28, 28).

    Args:
        labels: their classes (N,), −1 where unknown; for a family that uses them.

    Returns:
        mean: f(x) or μ(x), float32 (N, d).
        std: σ(x) of the posterior, (N, d); None for a model without one.
    """
    import torch

    means, stds = [], []
    with torch.no_grad():
        for x, y in in_batches(images, labels, batch):
            posterior = model.posterior(x, y)
            means.append((model.encode(x, y) if posterior is None else posterior.mean).cpu())
            if posterior is not None:
                stds.append(posterior.stddev.cpu())
    return torch.cat(means).numpy(), torch.cat(stds).numpy() if stds else None


def in_batches(
    images: np.ndarray, labels: np.ndarray | None, size: int
) -> "Iterator[tuple[Tensor, Tensor | None]]":
    """Images as pixels in [0, 1] with their labels, ``size`` at a time."""
    import torch

    from aecore.data import as_pixels

    for start in range(0, len(images), size):
        part = slice(start, start + size)
        y = None if labels is None else torch.from_numpy(labels[part].astype(np.int64))
        yield as_pixels(images[part]), y
