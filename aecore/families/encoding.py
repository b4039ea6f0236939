"""Many images through a model, batch by batch."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from aecore.families import Autoencoder


def encode_images(
    model: "Autoencoder", images: np.ndarray, *, batch: int = 4000
) -> tuple[np.ndarray, np.ndarray | None]:
    """Codes of uint8 images (N, 28, 28).

    Returns:
        mean: f(x) or μ(x), float32 (N, d).
        std: σ(x) of the posterior, (N, d); None for a model without one.
    """
    import torch

    means, stds = [], []
    with torch.no_grad():
        for start in range(0, len(images), batch):
            x = images[start : start + batch]
            if model.variational:
                posterior = model.posterior(x)
                means.append(posterior.mean.cpu())
                stds.append(posterior.stddev.cpu())
            else:
                means.append(model.encode(x).cpu())
    return torch.cat(means).numpy(), torch.cat(stds).numpy() if stds else None
