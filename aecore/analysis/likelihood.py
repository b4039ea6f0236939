"""Nats: how probable a model finds images, and what their codes cost."""

from math import log
from typing import TYPE_CHECKING

import numpy as np

from aecore.errors import LabError

if TYPE_CHECKING:
    from aecore.families import Autoencoder, Model

TOGETHER = 4000  # decoded images in memory at a time


def reconstruction_nats(
    model: "Autoencoder",
    images: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    seed: int | None = None,
    batch: int = 4000,
) -> np.ndarray:
    """−log p(x | z, y) of each image, summed over pixels, nats, float32 (N,).

    Args:
        model: an autoencoder.
        images: uint8 (N, 28, 28).
        labels: their classes (N,), −1 where unknown; for a family that uses them.
        seed: of one draw z from the posterior for each image; None for z = encode(x), its mean.
        batch: images at a time.
    """
    import torch

    from aecore.families.distributions import reparameterise
    from aecore.families.encoding import in_batches

    nats = []
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for x, y in in_batches(images, labels, batch):
            posterior = None if generator is None else model.posterior(x, y)
            z = model.encode(x, y) if posterior is None else reparameterise(posterior, generator)
            nats.append(-model.observation(z, y).log_prob(x))
    return torch.cat(nats).numpy()


def squared_error(
    model: "Autoencoder",
    images: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    batch: int = 4000,
) -> float:
    """‖x̂ − x‖² at z = encode(x), summed over pixels, mean over the images.

    Nats depend on the likelihood, −log p(x | z); this is one unit for models of any.
    """
    import torch

    from aecore.families.encoding import in_batches

    total = 0.0
    with torch.no_grad():
        for x, y in in_batches(images, labels, batch):
            total += float((model.reconstruct(x, y) - x).square().sum(dtype=torch.float64))
    return total / len(images)


def kl_per_dimension(mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """KL(N(μⱼ, σⱼ²) ‖ N(0, 1)) of each dimension, mean over images, nats, (d,).

    KLⱼ = ½ (μⱼ² + σⱼ² − 1 − log σⱼ²). A dimension near 0 is inactive.

    Example:
        >>> kl_per_dimension(np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]])).tolist()
        [0.5, 0.0]
    """
    mean, std = mean.astype(np.float64), std.astype(np.float64)
    return 0.5 * (mean**2 + std**2 - 1 - 2 * np.log(std)).mean(0)


def importance_weighted_nll(
    model: "Autoencoder",
    images: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    k: int = 100,
    seed: int = 0,
) -> float:
    """−log p(x | y) by importance sampling, nats per image, mean over the images.

    −log (1/k) Σᵢ p(x | zᵢ, y) p(zᵢ) / q(zᵢ | x, y), zᵢ ~ q(z | x, y). With k = 1 this is −ELBO
    with one draw; it falls, in expectation, as k grows, towards −log p(x | y).

    Raises:
        LabError: of a model without a posterior or a prior.

    References:
        Burda, Grosse & Salakhutdinov, Importance Weighted Autoencoders, 2015.
    """
    import torch
    from torch.distributions import Independent, Normal

    from aecore.families.distributions import reparameterise
    from aecore.families.encoding import in_batches

    total = 0.0
    generator = torch.Generator().manual_seed(seed)
    missing = LabError(f"The family {model.name!r} has no posterior or no prior.")
    prior = model.prior()
    if prior is None or not hasattr(model, "posterior"):
        raise missing
    with torch.no_grad():
        for x, y in in_batches(images, labels, max(1, TOGETHER // k)):
            encoded = model.posterior(x, y)
            if encoded is None:
                raise missing
            # Encoded once, then drawn from k times, as many at a time as there is memory for.
            sums = []
            for start in range(0, k, TOGETHER):
                n = min(TOGETHER, k - start)
                mean, std = (v.repeat_interleave(n, 0) for v in (encoded.mean, encoded.stddev))
                posterior = Independent(Normal(mean, std, validate_args=False), 1)
                each = None if y is None else y.repeat_interleave(n)
                z = reparameterise(posterior, generator)
                weights = (
                    model.observation(z, each).log_prob(x.repeat_interleave(n, 0))
                    + prior.log_prob(z, each)
                    - posterior.log_prob(z)
                )
                sums.append(weights.view(-1, n).double().logsumexp(1))
            total -= float((torch.stack(sums).logsumexp(0) - log(k)).sum())
    return total / len(images)


def classification(
    model: "Model", images: np.ndarray, labels: np.ndarray, *, batch: int = 2000
) -> tuple[float, float]:
    """How a model reads the classes of images: cross-entropy −log p(y | x), nats, mean over the
    images, and accuracy, the share whose most probable class is theirs.

    Raises:
        LabError: of a model that infers no class.
    """
    import torch

    from aecore.families.encoding import in_batches

    nats, right = 0.0, 0
    with torch.no_grad():
        for x, y in in_batches(images, labels, batch):
            p = model.classify(x)
            if p is None or y is None:
                raise LabError(f"The family {model.name!r} infers no class.")
            nats -= float(p.gather(1, y[:, None]).double().clamp(min=1e-38).log().sum())
            right += int(torch.eq(p.argmax(1), y).sum())
    return nats / len(images), right / len(images)
