"""Measures of a model and its latent space, each with its unit and the set it is taken on."""

from math import log
from typing import TYPE_CHECKING

import numpy as np

from aecore.analysis.latent import draw, fitted_gaussian, standard_normal
from aecore.data.noise import LEVELS, corrupt
from aecore.runs.codes import MOST_DIMENSIONS, REFERENCE_VALUES, Codes, Quantised

if TYPE_CHECKING:
    from aecore.data import Dataset
    from aecore.families import Autoencoder, Classifier

SURE = 0.9  # a decoded image counts as recognised from this probability on
FEWEST = 30  # samples in gaps below which their share of recognised ones is not worth a figure
SAMPLES = 10_000  # points per way of sampling; a share of .5 is then exact to about .005
NOISY = 1000  # test images that are spoiled at every level of every kind of noise


def reconstruction_nats(
    model: "Autoencoder", images: np.ndarray, *, batch: int = 4000
) -> np.ndarray:
    """−log p(x | z) of each image at z = encode(x): summed over pixels, nats, float32 (N,)."""
    import torch

    from aecore.data import as_pixels

    nats = []
    with torch.no_grad():
        for start in range(0, len(images), batch):
            x = as_pixels(images[start : start + batch])
            nats.append(-model.observation(model.encode(x)).log_prob(x))
    return torch.cat(nats).numpy()


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
    model: "Autoencoder", images: np.ndarray, *, k: int = 100, seed: int = 0
) -> float:
    """−log p(x) by importance sampling, nats per image, mean over the images.

    −log (1/k) Σᵢ p(x | zᵢ) p(zᵢ) / q(zᵢ | x), zᵢ ~ q(z | x). With k = 1 this is −ELBO with one
    draw; it falls, in expectation, as k grows, towards −log p(x).

    References:
        Burda, Grosse & Salakhutdinov, Importance Weighted Autoencoders, 2015.
    """
    import torch
    from torch.distributions import Independent, Normal

    from aecore.data import as_pixels
    from aecore.families.distributions import reparameterise

    total, rows = 0.0, max(1, 4000 // k)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for start in range(0, len(images), rows):
            x = as_pixels(images[start : start + rows])
            posterior = model.posterior(x)  # encoded once, then drawn from k times
            mean, std = (v.repeat_interleave(k, 0) for v in (posterior.mean, posterior.stddev))
            posterior = Independent(Normal(mean, std, validate_args=False), 1)
            z = reparameterise(posterior, generator)
            weights = (
                model.observation(z).log_prob(x.repeat_interleave(k, 0))
                + model.prior().log_prob(z)
                - posterior.log_prob(z)
            )
            total -= float((weights.view(-1, k).double().logsumexp(1) - log(k)).sum())
    return total / len(images)


def knn_accuracy(
    train: np.ndarray,
    train_labels: np.ndarray,
    test: np.ndarray,
    test_labels: np.ndarray,
    k: int = 10,
) -> float:
    """Share of test codes whose class the k nearest training codes vote for."""
    from sklearn.neighbors import KNeighborsClassifier

    return float(KNeighborsClassifier(k).fit(train, train_labels).score(test, test_labels))


def silhouette(codes: np.ndarray, labels: np.ndarray, *, most: int = 4000) -> float:
    """Mean silhouette of the classes in [−1, 1], on at most ``most`` codes.

    (b − a) / max(a, b), with a the mean distance to the own class and b to the nearest other.
    """
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(codes[:most], labels[:most]))


def trustworthiness(
    images: np.ndarray, codes: np.ndarray, *, k: int = 12, most: int = 2000
) -> float:
    """How far neighbours of a code are also neighbours of its image, in [0, 1].

    On at most ``most`` images.

    References:
        Venna & Kaski, Neighborhood Preservation in Nonlinear Projection Methods, 2001.
    """
    from sklearn.manifold import trustworthiness as of

    pixels = images[:most].reshape(len(images[:most]), -1).astype(np.float32)
    return float(of(pixels, codes[:most], n_neighbors=k))


def nearest_distances(points: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Distance from each point (N, d) to the nearest reference point, float64 (N,)."""
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=1).fit(reference).kneighbors(points)[0][:, 0]


def gap_fraction(points: np.ndarray, reference: np.ndarray, radius: float) -> float:
    """Share of points that lie in a gap: farther than ``radius`` from every reference code."""
    return float((nearest_distances(points, reference) > radius).mean())


def recognised_fraction(
    model: "Autoencoder", classifier: "Classifier", codes: np.ndarray, *, batch: int = 2000
) -> float:
    """Share of decoded codes to which the classifier gives one class at least 0.9."""
    import torch

    sure = 0
    with torch.no_grad():
        for start in range(0, len(codes), batch):
            images = model.decode(torch.from_numpy(codes[start : start + batch]))
            sure += int((classifier.classify(images).amax(1) >= SURE).sum())
    return sure / len(codes)


def under_noise(
    model: "Autoencoder", images: np.ndarray, kind: str, *, seed: int = 0
) -> dict[str, list[float]]:
    """What becomes of spoiled images, by the level of one kind of noise; of the first 1,000 images.

    - ``level``: 21 levels from 0 to 1; of occlusion, every second pixel from 0 to 28.
    - ``noisy``: ‖x̃ − x‖², squared error of the spoiled image itself, summed over pixels, mean.
    - ``error``: the same of its reconstruction, ‖g(f(x̃)) − x‖².
    - ``drift``: mean ‖f(x̃) − f(x)‖, over the mean distance between codes of different images:
      at 1 the code is as far from its own as another image's is; 0 where all codes are the same.
    """
    import torch

    about = LEVELS[kind]
    levels = np.linspace(0, about.high, 21 if about.high == 1 else 15).round(2)
    images = images[:NOISY].astype(np.float32) / 255
    figures: dict[str, list[float]] = {"level": levels.tolist(), "noisy": [], "error": []}
    codes = []
    with torch.no_grad():
        for level in levels:
            spoiled = corrupt(images, kind, float(level), seed)
            z = model.encode(torch.from_numpy(spoiled))
            drawn = model.decode(z).numpy().reshape(images.shape)
            codes.append(z.numpy())
            for name, shown in (("noisy", spoiled), ("error", drawn)):
                figures[name].append(float(((shown - images) ** 2).sum((1, 2)).mean()))
    clean = codes[0]
    apart = float(np.linalg.norm(clean - np.roll(clean, 1, 0), axis=1).mean()) or np.inf
    moved = [float(np.linalg.norm(z - clean, axis=1).mean()) / apart for z in codes]
    return figures | {"drift": moved}


def describe_codes(model: "Autoencoder", data: "Dataset", *, seed: int = 0) -> Codes:
    """The codes of a trained model, with what counts as a gap in its space.

    Held-out codes and reference codes are of one kind: draws from the posterior where there is
    one. With means instead, the dimensions that a VAE leaves unused would look like gaps.
    """
    from aecore.families.encoding import encode_images

    train = draw(*encode_images(model, data.train.images), seed)
    mean, std = encode_images(model, data.test.images)
    held_out = draw(mean, std, seed + 1)
    count = min(len(train), REFERENCE_VALUES // train.shape[1])
    reference = Quantised.of(train[np.linspace(0, len(train) - 1, count).astype(int)])
    distances = nearest_distances(held_out, reference.values)
    return Codes(
        mean=Quantised.of(mean),
        log_std=None if std is None else Quantised.of(np.log(std), np.uint8),
        labels=data.test.labels,
        nats=reconstruction_nats(model, data.test.images),
        reference=reference,
        spacing=float(np.median(distances)),
        radius=float(np.quantile(distances, 0.99)),
    )


def measure(
    model: "Autoencoder",
    data: "Dataset",
    *,
    classifier: "Classifier | None" = None,
    seed: int = 0,
) -> dict[str, object]:
    """All measures of one autoencoder on a dataset's test images, as plain values.

    Keys (nats per image are sums over pixels, means over images):

    - ``reconstruction``: −log p(x | z) at z = encode(x), nats per image.
    - ``kl``, ``kl_per_dimension``, ``negative_elbo``, ``nll``: of a variational model;
      ``negative_elbo`` with one draw per image, ``nll`` with 100 on the first 1,000 images.
    - ``knn_accuracy`` (10 neighbours, training codes), ``silhouette``, ``trustworthiness``.
    - ``gap_fraction`` and ``recognised_fraction``, each a pair for samples from
      ``standard_normal`` and from a ``fitted`` Gaussian; the latter when a classifier is given.
    - ``recognised_in_gaps``: the same among those samples that fall into a gap; None for a way
      with fewer than 30 of them.
    - ``under_noise``: for each kind of noise, see `under_noise`.

    A model of more than 64 dimensions has ``reconstruction`` and ``under_noise`` only: distances
    say little in so many, and no page shows them as a plane.
    """
    from aecore.families.encoding import encode_images
    from aecore.training import evaluate

    figures: dict[str, object] = {
        "reconstruction": float(reconstruction_nats(model, data.test.images).mean()),
        "under_noise": {kind: under_noise(model, data.test.images, kind) for kind in LEVELS},
    }
    if model.latent_dim > MOST_DIMENSIONS:
        return figures
    train_mean, train_std = encode_images(model, data.train.images)
    mean, std = encode_images(model, data.test.images)
    train, held_out = draw(train_mean, train_std, seed), draw(mean, std, seed + 1)
    if std is not None:
        losses = evaluate(model, data.test, seed=seed)
        per_dimension = kl_per_dimension(mean, std)
        figures |= {
            "kl": float(per_dimension.sum()),
            "kl_per_dimension": per_dimension.tolist(),
            "negative_elbo": losses["reconstruction"] + losses["kl"],
            "nll": importance_weighted_nll(model, data.test.images[:1000], seed=seed),
        }
    figures |= {
        "knn_accuracy": knn_accuracy(train_mean, data.train.labels, mean, data.test.labels),
        "silhouette": silhouette(mean, data.test.labels),
        "trustworthiness": trustworthiness(data.test.images, mean),
    }
    radius = float(np.quantile(nearest_distances(held_out, train), 0.99))
    points = {
        "standard_normal": standard_normal(SAMPLES, model.latent_dim, seed),
        "fitted": fitted_gaussian(train, SAMPLES, seed),
    }
    gaps = {way: nearest_distances(codes, train) > radius for way, codes in points.items()}
    figures["gap_fraction"] = {way: float(inside.mean()) for way, inside in gaps.items()}
    if classifier is not None:
        figures["recognised_fraction"] = {
            way: recognised_fraction(model, classifier, codes) for way, codes in points.items()
        }
        figures["recognised_in_gaps"] = {
            way: recognised_fraction(model, classifier, points[way][inside])
            if inside.sum() >= FEWEST
            else None
            for way, inside in gaps.items()
        }
    return figures
