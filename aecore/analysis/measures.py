"""Measures of a model and its latent space, each with its unit, and what each of them needs."""

from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from aecore.analysis.latent import draw, fitted_gaussian, generator, standard_normal
from aecore.analysis.likelihood import (
    classification,
    importance_weighted_nll,
    kl_per_dimension,
    reconstruction_nats,
    squared_error,
)
from aecore.analysis.mixture import CodeMixture
from aecore.analysis.neighbours import (
    in_gap,
    knn_accuracy,
    nearest_distances,
    nearest_images,
    silhouette,
    trustworthiness,
    two_sample_accuracy,
)
from aecore.analysis.probes import linear_probe
from aecore.data.noise import LEVELS, corrupt
from aecore.errors import LabError
from aecore.families.measure import Measure
from aecore.runs.codes import MOST_DIMENSIONS, REFERENCE_VALUES, Codes, Quantised

if TYPE_CHECKING:
    from aecore.data import Dataset
    from aecore.families import Autoencoder, Classifier, Model

SURE = 0.9  # a decoded image counts as recognised from this probability on
FEWEST = 30  # samples in gaps below which their share of recognised ones is not worth a figure
SAMPLES = 10_000  # points per way of sampling; a share of .5 is then exact to about .005
FARTHEST = 1e9  # of a code's numbers, and of nats; more would overflow in sums of squares
NOISY = 1000  # test images that are spoiled at every level of every kind of noise
COMPONENTS, FITTED = 20, 4000  # Gaussians of a mixture, and training codes that it is fitted to
LOOKED_UP = 300  # draws whose nearest training image is looked for
FEW, READERS = (100, 1000), 3  # labels that a linear reader of codes gets, and how often
PATCH = slice(4, 24)  # rows and columns in the middle, where there may be noise that is no image


def recognised_fraction(
    model: "Autoencoder",
    classifier: "Classifier",
    codes: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    batch: int = 2000,
) -> float:
    """Share of decoded codes to which the classifier gives one class at least 0.9."""
    import torch

    sure = 0
    y = None if labels is None else torch.from_numpy(labels)
    with torch.no_grad():
        for start in range(0, len(codes), batch):
            part = slice(start, start + batch)
            images = model.decode(torch.from_numpy(codes[part]), y if y is None else y[part])
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


def noise_copied(model: "Autoencoder", *, count: int = 100, seed: int = 0) -> float:
    """How much of an image that is mere noise comes back: 1 − ‖x̂ − x‖² / ‖x − x̄‖², not below 0.

    Of 100 images in whose middle, 20 x 20 pixels, three in ten pixels are white; x̄ is their mean
    there. Who has learned what images look like cannot copy it.
    """
    import torch

    random = generator(seed, "noise")
    noise = np.zeros((count, 28, 28), np.float32)
    noise[:, PATCH, PATCH] = random.random(noise[:, PATCH, PATCH].shape) < 0.3
    with torch.no_grad():
        drawn = model.reconstruct(torch.from_numpy(noise)).numpy().reshape(noise.shape)
    shown = noise[:, PATCH, PATCH]
    energy = ((shown - shown.mean()) ** 2).sum()
    return max(0.0, float(1 - ((drawn - noise)[:, PATCH, PATCH] ** 2).sum() / energy))


class Subject:
    """A trained model and the data it is measured on; what several measures use is computed once.

    Args:
        model: in evaluation mode.
        data: of its test images are the figures; its training images are the reference.
        classifier: that reads decoded images, where there is one for this data.
        seed: of all draws, each of which has a generator of its own.
    """

    def __init__(
        self, model: "Model", data: "Dataset", *, classifier: "Model | None" = None, seed: int = 0
    ) -> None:
        self.model: Any = model  # an autoencoder, for what needs ``decoder`` or ``codes``
        self.classifier: Any = classifier
        self.data, self.seed = data, seed

    @cached_property
    def has(self) -> frozenset[str]:
        """What there is, for what measures need:

        - ``decoder``: the model draws images from codes. ``codes``: of at most 64 dimensions;
          distances say little in more, and no page shows them as a plane.
        - ``posterior``, or else ``points``; ``prior``; ``standard_normal``: the prior is N(0, I).
        - ``classes``: the model infers an image's class. ``classifier``: another one that does
          is given.
        - ``labels``: the test images are of more than one class.
        - ``told``: the decoder is given the class, so its code need not hold it.
        - ``by_class``: its draws are of the class that is asked for.
        - ``image_only``: networks that take an image and a code, and nothing else, as the page
          about noise runs them.
        """
        from aecore.families import Autoencoder

        model, image = self.model, self.data.test.images[:1]
        inputs = {name for net in model.networks().values() for name, _ in net.inputs}
        found: dict[str, object] = {
            "classes": model.classify(image) is not None,
            "classifier": self.classifier is not None,
            "labels": len(np.unique(self.data.test.labels)) > 1,
        }
        if isinstance(model, Autoencoder):
            prior = model.prior()
            found |= {
                "decoder": True,
                "codes": model.latent_dim <= MOST_DIMENSIONS,
                "posterior": model.posterior(image) is not None,
                "points": model.posterior(image) is None,
                "prior": prior is not None,
                "standard_normal": prior and prior.describe()["kind"] == "standard_normal",
                "told": "y" in inputs,
                "by_class": model.draws_by_class,
                "image_only": inputs <= {"x", "z"},
            }
        return frozenset(name for name, there in found.items() if there)

    @cached_property
    def train_codes(self) -> tuple[np.ndarray, Any]:
        """Means and standard deviations of the training images' codes; None without a posterior."""
        return self._encoded("train")

    @cached_property
    def test_codes(self) -> tuple[np.ndarray, Any]:
        """Means and standard deviations of the test images' codes."""
        return self._encoded("test")

    @cached_property
    def train_draws(self) -> np.ndarray:
        """One draw for each training image; its code where there is no posterior."""
        return draw(*self.train_codes, generator(self.seed, "training codes"))

    @cached_property
    def test_draws(self) -> np.ndarray:
        """The same for the test images."""
        return draw(*self.test_codes, generator(self.seed, "test codes"))

    @cached_property
    def test_nats(self) -> np.ndarray:
        """Reconstruction error of each test image."""
        return reconstruction_nats(self.model, self.data.test.images, self.data.test.known_labels)

    @cached_property
    def samples(self) -> dict[str, np.ndarray]:
        """Codes to decode, by the way they are drawn: from N(0, I), from a fitted Gaussian, from
        the model's ``prior`` where it is another, from a fitted ``mixture`` where it has none.
        """
        normal, fitted = (generator(self.seed, f"{way} samples") for way in ("normal", "fitted"))
        found = {
            "standard_normal": standard_normal(SAMPLES, self.model.latent_dim, normal),
            "fitted": fitted_gaussian(self.train_draws, SAMPLES, fitted),
        }
        if "prior" in self.has and "standard_normal" not in self.has:
            import torch

            seeded = torch.Generator().manual_seed(self.seed)
            y = torch.from_numpy(self.sample_labels)
            found["prior"] = self.model.prior().sample(SAMPLES, y, generator=seeded).numpy()
        if "prior" not in self.has:
            random = generator(self.seed, "mixture samples")
            found["mixture"] = self.mixture.sample(SAMPLES, random)[0]
        return found

    @cached_property
    def mixture(self) -> CodeMixture:
        """Twenty Gaussians fitted to the training images' codes."""
        return CodeMixture.fit(self.train_draws, components=COMPONENTS, most=FITTED, seed=self.seed)

    @property
    def sample_labels(self) -> np.ndarray:
        """A class for each of the samples, for a family that uses it: all in turn, (N,)."""
        return np.arange(SAMPLES) % len(self.data.classes)

    @cached_property
    def gaps(self) -> dict[str, np.ndarray]:
        """Which of the samples lie in a gap: farther from every training code than 99 % of the
        test images' codes are.
        """
        held_out = nearest_distances(self.test_draws, self.train_draws)
        radius = float(np.quantile(held_out, 0.99))
        return {way: in_gap(codes, self.train_draws, radius) for way, codes in self.samples.items()}

    def _encoded(self, split: str) -> tuple[np.ndarray, np.ndarray | None]:
        from aecore.families.encoding import encode_images

        part = getattr(self.data, split)
        return encode_images(self.model, part.images, part.known_labels)


def describe_codes(subject: Subject) -> Codes:
    """The codes of a trained model, with what counts as a gap in its space.

    Held-out codes and reference codes are of one kind: draws from the posterior where there is
    one. With means instead, the dimensions that a VAE leaves unused would look like gaps.
    """
    train = subject.train_draws
    count = min(len(train), REFERENCE_VALUES // train.shape[1])
    reference = Quantised.of(train[np.linspace(0, len(train) - 1, count).astype(int)])
    distances = nearest_distances(subject.test_draws, reference.values)
    mean, std = subject.test_codes
    return Codes(
        mean=Quantised.of(mean, 16 if mean.shape[1] <= 2 else 12),
        log_std=None if std is None else Quantised.of(np.log(std), 8),
        labels=subject.data.test.labels,
        nats=subject.test_nats,
        reference=reference,
        spacing=float(np.median(distances)),
        radius=float(np.quantile(distances, 0.99)),
    )


def measure(subject: Subject) -> dict[str, object]:
    """All figures of one model on a dataset's test images, as plain values: those of
    `MEASURES` and of the family's own whose needs are met.

    Figures that are not finite are left out; ``not_finite``, a list of their keys, says so.

    Keys (nats per image are sums over pixels, means over images):

    - ``reconstruction``: −log p(x | z) at z = encode(x), nats per image.
    - ``squared_error``: ‖x̂ − x‖² at the same code, for models of different likelihoods.
    - ``under_noise``: for each kind of noise, see `under_noise`.
    - ``kl``, ``kl_per_dimension``, ``negative_elbo``, ``nll``: of a model with a posterior and a
      prior; ``negative_elbo`` with one draw per image, ``nll`` with 100 on the first 1,000 images.
    - ``knn_accuracy`` (10 neighbours, training codes), ``silhouette``, ``trustworthiness``.
    - ``gap_fraction`` and ``recognised_fraction``, each for samples from ``standard_normal``, from
      a ``fitted`` Gaussian, from another ``prior``, or, where there is none, from a fitted
      ``mixture``; the latter when a classifier is given.
    - ``mixture``: ``weights``, ``means`` and ``covariances`` of the Gaussians that the way of
      that name draws from, of a model of two dimensions without a prior.
    - ``recognised_in_gaps``: the same among those samples that fall into a gap; None for a way
      with fewer than 30 of them.
    - ``told_from_prior``: of a model with a prior but no posterior, how often 25 neighbours tell a
      code from a draw of the prior; .5 where they cannot.
    - ``nearest``: distances in pixels to the nearest training image, ascending, of 300 images each:
      ``test`` images, the same ``rebuilt``, ``draws`` by the way; ``copied``: by the way, the share
      of draws that lie nearer than 99 % of the rebuilt ones do.
    - ``class_from_code``, or ``leakage`` of a model whose decoder is given the class: accuracy of a
      linear reader of the class from the code. ``linear_reader``: the same with 100 and 1,000
      labels, means over three draws of them.
    - ``read_as_asked``: of one that draws by class, the share of its draws from the prior that the
      classifier reads as the class that was asked for.
    - ``noise_copied``: see `noise_copied`.
    - ``cross_entropy`` (nats) and ``accuracy`` of a model that infers the class.

    Raises:
        LabError: of an autoencoder whose codes or reconstructions are not finite.
    """
    check_finite(subject)
    figures: dict[str, object] = {}
    for one in (*MEASURES, *subject.model.measures()):
        if subject.has.issuperset(one.needs):
            figures |= one.take(subject)
    spoiled = [key for key, value in figures.items() if not _finite(value)]
    kept = {key: value for key, value in figures.items() if key not in spoiled}
    return kept | ({"not_finite": spoiled} if spoiled else {})


def check_finite(subject: Subject) -> None:
    """Refuse an autoencoder that gives no finite codes or no finite reconstructions.

    Raises:
        LabError: the sentence says which.
    """
    if "decoder" not in subject.has:
        return
    codes = [*subject.test_codes, *(subject.train_codes if "codes" in subject.has else ())]
    far = [part for part in codes if part is not None and not (np.abs(part) <= FARTHEST).all()]
    if far:  # asked so, NaN is far too
        raise LabError(
            "The model's weights are too large: its codes are no finite numbers of a usable size. "
            "Train it again with a lower learning rate, or add another file."
        )
    if not (np.abs(subject.test_nats) <= FARTHEST).all():
        raise LabError(
            "The model's weights are too large: the images that it draws are no finite numbers. "
            "Train it again with a lower learning rate, or add another file."
        )


def _finite(value: object) -> bool:
    """Whether all numbers within plain values are finite."""
    match value:
        case dict():
            return all(map(_finite, value.values()))
        case list() | tuple():
            return all(map(_finite, value))
        case float():
            return isfinite(value)
    return True


def _reconstruction(subject: Subject) -> dict[str, object]:
    test = subject.data.test
    return {
        "reconstruction": float(subject.test_nats.mean()),
        "squared_error": squared_error(subject.model, test.images, test.known_labels),
    }


def _noise(subject: Subject) -> dict[str, object]:
    images = subject.data.test.images
    return {"under_noise": {kind: under_noise(subject.model, images, kind) for kind in LEVELS}}


def _kl(subject: Subject) -> dict[str, object]:
    mean, std = subject.test_codes
    per_dimension = kl_per_dimension(mean, std)
    kl = float(per_dimension.sum())
    test, seed = subject.data.test, subject.seed
    nats = reconstruction_nats(subject.model, test.images, test.known_labels, seed=seed)
    return {
        "kl": kl,
        "kl_per_dimension": per_dimension.tolist(),
        "negative_elbo": float(nats.mean(dtype=np.float64)) + kl,
    }


def _nll(subject: Subject) -> dict[str, object]:
    test = subject.data.test
    nll = importance_weighted_nll(
        subject.model, test.images[:1000], test.known_labels[:1000], seed=subject.seed
    )
    return {"nll": nll}


def _classes_lie_together(subject: Subject) -> dict[str, object]:
    train, test = subject.train_codes[0], subject.test_codes[0]
    labels = subject.data.test.labels
    return {
        "knn_accuracy": knn_accuracy(train, subject.data.train.labels, test, labels),
        "silhouette": silhouette(test, labels),
    }


def _neighbours_stay(subject: Subject) -> dict[str, object]:
    return {"trustworthiness": trustworthiness(subject.data.test.images, subject.test_codes[0])}


def _gaps(subject: Subject) -> dict[str, object]:
    return {"gap_fraction": {way: float(inside.mean()) for way, inside in subject.gaps.items()}}


def _recognised(subject: Subject) -> dict[str, object]:
    model, classifier, labels = subject.model, subject.classifier, subject.sample_labels
    whole, in_gaps = {}, {}
    for way, codes in subject.samples.items():
        inside = subject.gaps[way]
        whole[way] = recognised_fraction(model, classifier, codes, labels)
        in_gaps[way] = (
            recognised_fraction(model, classifier, codes[inside], labels[inside])
            if inside.sum() >= FEWEST
            else None
        )
    return {"recognised_fraction": whole, "recognised_in_gaps": in_gaps}


def _on_the_prior(subject: Subject) -> dict[str, object]:
    way = "standard_normal" if "standard_normal" in subject.has else "prior"
    found = two_sample_accuracy(subject.test_codes[0], subject.samples[way])
    return {"told_from_prior": found}


def _mixture(subject: Subject) -> dict[str, object]:
    if "prior" in subject.has or subject.model.latent_dim != 2:
        return {}
    found = subject.mixture
    parts = {name: getattr(found, name) for name in ("weights", "means", "covariances")}
    return {"mixture": {name: part.round(4).tolist() for name, part in parts.items()}}


def _nearest(subject: Subject) -> dict[str, object]:
    import torch

    model, data = subject.model, subject.data
    images = data.test.images[:LOOKED_UP]
    y = torch.from_numpy(data.test.known_labels[:LOOKED_UP])
    with torch.no_grad():
        shown = {"test": images, "rebuilt": model.reconstruct(images, y).numpy()}
        asked = torch.from_numpy(subject.sample_labels[:LOOKED_UP])
        draws = {
            way: model.decode(torch.from_numpy(codes[:LOOKED_UP]), asked).numpy()
            for way, codes in subject.samples.items()
        }
    near = {
        name: np.sort(nearest_images(part, data.train.images)[1]) for name, part in shown.items()
    }
    found = {
        way: np.sort(nearest_images(part, data.train.images)[1]) for way, part in draws.items()
    }
    least = np.quantile(near["rebuilt"], 0.01)
    return {
        "nearest": {
            **{name: part.round(2).tolist() for name, part in near.items()},
            "draws": {way: part.round(2).tolist() for way, part in found.items()},
            "copied": {way: float((part < least).mean()) for way, part in found.items()},
        }
    }


def _class_from_code(subject: Subject) -> dict[str, object]:
    data, (train, _), (test, _) = subject.data, subject.train_codes, subject.test_codes
    key = "leakage" if "told" in subject.has else "class_from_code"
    return {key: linear_probe(train, data.train.labels, test, data.test.labels)}


def _linear_reader(subject: Subject) -> dict[str, object]:
    from aecore.families.encoding import encode_images

    model, data, test = subject.model, subject.data, subject.test_codes[0]
    labels, classes = data.train.labels, len(data.classes)
    scarcest = np.bincount(labels, minlength=classes).min() * classes
    found = {}
    for n in FEW:
        if n % classes == 0 and n <= scarcest:
            read = []
            for seed in range(READERS):
                split = data.few_labels(n, seed).train
                known = split.known
                codes = encode_images(model, split.images[known], split.known_labels[known])[0]
                read.append(linear_probe(codes, split.labels[known], test, data.test.labels))
            found[str(n)] = float(np.mean(read))
    return {"linear_reader": found} if found else {}


def _noise_copied(subject: Subject) -> dict[str, object]:
    return {"noise_copied": noise_copied(subject.model, seed=subject.seed)}


def _read_as_asked(subject: Subject) -> dict[str, object]:
    import torch

    asked = torch.from_numpy(subject.sample_labels)
    seeded, right = torch.Generator().manual_seed(subject.seed), 0
    with torch.no_grad():
        for y in asked.split(2000):
            shown = subject.model.sample(len(y), y, generator=seeded)
            right += int((subject.classifier.classify(shown).argmax(1) == y).sum())
    return {"read_as_asked": right / len(asked)}


def _classification(subject: Subject) -> dict[str, object]:
    test = subject.data.test
    nats, accuracy = classification(subject.model, test.images, test.labels)
    return {"cross_entropy": nats, "accuracy": accuracy}


MEASURES = (
    Measure(_reconstruction, ("decoder",)),
    Measure(_noise, ("decoder", "image_only")),
    Measure(_noise_copied, ("decoder", "image_only")),
    Measure(_kl, ("codes", "posterior", "standard_normal")),
    Measure(_nll, ("codes", "posterior", "prior")),
    Measure(_classes_lie_together, ("codes", "labels")),
    Measure(_neighbours_stay, ("codes",)),
    Measure(_gaps, ("codes",)),
    Measure(_recognised, ("codes", "classifier")),
    Measure(_mixture, ("codes",)),
    Measure(_nearest, ("codes",)),
    Measure(_on_the_prior, ("codes", "points", "prior")),
    Measure(_class_from_code, ("codes", "labels")),
    Measure(_linear_reader, ("decoder", "labels")),
    Measure(_read_as_asked, ("prior", "by_class", "classifier")),
    Measure(_classification, ("classes", "labels")),
)
