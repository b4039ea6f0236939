import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

import aecore
from aecore.analysis import measures
from aecore.analysis.card import finish
from aecore.analysis.likelihood import (
    importance_weighted_nll,
    kl_per_dimension,
    reconstruction_nats,
    squared_error,
)
from aecore.analysis.measures import (
    Subject,
    describe_codes,
    measure,
    noise_copied,
    recognised_fraction,
    under_noise,
)
from aecore.analysis.neighbours import (
    in_gap,
    knn_accuracy,
    nearest_distances,
    silhouette,
    trustworthiness,
)
from aecore.data import Split, as_pixels
from aecore.data.noise import LEVELS, corrupt
from aecore.errors import LabError
from aecore.families.ae import AE
from aecore.families.distributions import reparameterise
from aecore.families.encoding import encode_images
from aecore.families.measure import Measure
from aecore.runs import Recorder
from aecore.runs.codes import REFERENCE_VALUES
from aecore.training import FitConfig, evaluate, fit


@pytest.fixture(scope="module")
def vae(few):
    """A VAE after a little training, so that its posteriors differ from the prior."""
    model = aecore.build_model("vae", latent_dim=3, hidden=[16])
    assert len(list(fit(model, few, epochs=10, batch_size=32, precision="float32"))) == 10
    return model


def clusters(distance=10.0, n=50, d=2, seed=0):
    """Ten clusters of standard deviation 1 on a line; `distance` 0 puts all in one place."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(10), n)
    codes = rng.normal(size=(10 * n, d)).astype(np.float32)
    codes[:, 0] += distance * labels
    return codes, labels


# Nats


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_reconstruction_of_each_image(likelihood, few):
    model = aecore.build_model("ae", hidden=[16], likelihood=likelihood)
    nats = reconstruction_nats(model, few.test.images, batch=33)
    assert nats.shape == (100,)
    assert nats.mean() == pytest.approx(evaluate(model, few.test)["reconstruction"], rel=1e-5)
    alone = [reconstruction_nats(model, few.test.images[i : i + 1])[0] for i in range(3)]
    assert nats[:3] == pytest.approx(alone, rel=1e-5)


@pytest.mark.parametrize("family", ["ae", "vae", "dae"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_the_squared_error_is_one_unit_for_every_likelihood(family, likelihood, few):
    """Of weights that are the same it is the same, where nats differ; and it is that of pixels."""
    model = aecore.build_model(family, hidden=[16], likelihood=likelihood)
    found = squared_error(model, few.test.images, batch=33)
    clean = few.test.images.astype(np.float64) / 255
    shown = model.reconstruct(few.test.images).detach().numpy().reshape(clean.shape)
    assert found == pytest.approx(((shown - clean) ** 2).sum((1, 2)).mean(), rel=1e-6)
    if likelihood == "gaussian":  # −log p = error / 2s² + 784 log(s √2π)
        nats = reconstruction_nats(model, few.test.images).mean(dtype=np.float64)
        constant = 784 * np.log(0.25 * np.sqrt(2 * np.pi))
        assert nats == pytest.approx(found / (2 * 0.25**2) + constant, rel=1e-5)


def test_kl_per_dimension_is_torchs():
    rng = np.random.default_rng(0)
    mean, std = rng.normal(size=(50, 4)), rng.uniform(0.01, 3, (50, 4))
    q = Normal(torch.tensor(mean), torch.tensor(std))
    expected = kl_divergence(q, Normal(0.0, 1.0)).mean(0).numpy()
    assert kl_per_dimension(mean, std) == pytest.approx(expected, rel=1e-6)
    assert kl_per_dimension(np.zeros((3, 2)), np.ones((3, 2))).tolist() == [0, 0]


def test_one_importance_sample_is_the_negative_elbo_of_the_same_draw(vae, few):
    with torch.no_grad():
        x = aecore.data.as_pixels(few.test.images)
        posterior = vae.posterior(x)
        z = reparameterise(posterior, torch.Generator().manual_seed(7))
        kl = posterior.log_prob(z) - vae.prior().log_prob(z)
        expected = (kl - vae.observation(z).log_prob(x)).mean().item()
    nll = importance_weighted_nll(vae, few.test.images, k=1, seed=7)
    assert nll == pytest.approx(expected, rel=1e-6)


def test_one_importance_sample_is_the_negative_elbo_on_average(vae, few):
    """Where KL is in closed form, not from the draw."""
    draws = [importance_weighted_nll(vae, few.test.images, k=1, seed=seed) for seed in range(60)]
    losses = [evaluate(vae, few.test, seed=seed)["loss"] for seed in range(60)]
    error = (np.var(draws) / 60 + np.var(losses) / 60) ** 0.5
    assert np.mean(draws) == pytest.approx(np.mean(losses), abs=4 * error)
    assert error < 0.5


def test_more_importance_samples_never_raise_the_bound(vae, few):
    images = few.test.images
    bounds = [
        np.mean([importance_weighted_nll(vae, images, k=k, seed=s) for s in range(200 // k)])
        for k in (1, 5, 20, 100)
    ]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[0] - bounds[-1] > 0.2  # and for a posterior that is not exact it falls


def test_with_an_exact_posterior_one_sample_is_enough(few):
    """A decoder that ignores z has the prior for its posterior: the bound is tight."""
    model = aecore.build_model("vae", hidden=[])
    with torch.no_grad():
        for part in (model.encoder[-1], model.decoder[0]):
            part.weight.zero_()
            part.bias.zero_()
    for k in (1, 10):
        nll = importance_weighted_nll(model, few.test.images, k=k)
        assert nll == pytest.approx(784 * np.log(2), rel=1e-5)  # every pixel is .5


# Neighbours


def test_knn_votes_with_the_training_codes():
    train, labels = clusters()
    test, _ = clusters(seed=1)
    assert knn_accuracy(train, labels, test, labels) == 1
    assert knn_accuracy(train, labels, test, (labels + 1) % 10) == 0
    mixed, _ = clusters(distance=0)
    assert knn_accuracy(mixed, labels, test[:, ::-1] * 0, labels) == pytest.approx(0.1, abs=0.01)


def test_knn_counts_k_neighbours():
    train = np.array([[0.0], [1.0], [1.1], [5.0]])
    one, three = (
        knn_accuracy(train, np.array([0, 1, 1, 0]), np.array([[0.2]]), np.array([0]), k=k)
        for k in (1, 3)
    )
    assert (one, three) == (1, 0)


def test_silhouette_of_two_pairs():
    codes = np.array([[0.0], [1.0], [10.0], [11.0]])
    labels = np.array([0, 0, 1, 1])
    expected = np.mean([(10.5 - 1) / 10.5, (9.5 - 1) / 9.5])
    assert silhouette(codes, labels) == pytest.approx(expected)
    assert silhouette(codes, np.array([0, 1, 0, 1])) < 0
    assert silhouette(np.vstack([codes, codes]), np.tile(labels, 2), most=4) == pytest.approx(
        expected
    )


def test_trustworthiness_is_one_when_neighbours_stay():
    values = np.random.default_rng(0).permutation(200).astype(np.uint8)
    images = np.zeros((200, 28, 28), np.uint8) + values[:, None, None]
    codes = values[:, None].astype(np.float32)
    assert trustworthiness(images, codes) == 1
    assert trustworthiness(images, np.roll(codes, 1)) < 0.6
    tail = np.vstack([codes[:100], np.random.default_rng(1).normal(size=(100, 1))])
    assert trustworthiness(images, tail) < 0.9
    assert trustworthiness(images, tail, most=100) == pytest.approx(1, abs=1e-3)


# Gaps


def test_distance_to_the_nearest():
    reference = np.array([[0.0, 0.0], [3.0, 4.0]])
    points = np.array([[0.0, 1.0], [3.0, 4.0], [6.0, 8.0], [0.0, -2.0]])
    assert nearest_distances(points, reference).tolist() == [1, 0, 5, 2]


@pytest.mark.parametrize(("radius", "share"), [(0.5, 0.75), (1.0, 0.5), (2.0, 0.25), (9.0, 0.0)])
def test_a_gap_is_farther_than_the_radius_from_every_code(radius, share):
    reference = np.array([[0.0, 0.0], [3.0, 4.0]])
    points = np.array([[0.0, 1.0], [3.0, 4.0], [6.0, 8.0], [0.0, -2.0]])
    assert in_gap(points, reference, radius).mean() == share


@pytest.mark.parametrize("family", ["ae", "vae"])
def test_the_codes_of_a_model(family, few, vae):
    model = vae if family == "vae" else aecore.build_model("ae", latent_dim=3, hidden=[16])
    codes = describe_codes(Subject(model, few))
    mean, std = encode_images(model, few.test.images)
    assert np.allclose(codes.mean.values, mean, atol=1e-3)
    if family == "vae":
        assert np.allclose(np.exp(codes.log_std.values), std, rtol=0.02)
    assert np.array_equal(codes.labels, few.test.labels)
    assert np.array_equal(codes.nats, reconstruction_nats(model, few.test.images))
    assert codes.reference.levels.shape == (256, 3)
    assert 0 < codes.spacing < codes.radius


def test_one_held_out_code_in_a_hundred_lies_in_a_gap(few):
    """By the radius's own definition; the codes of an autoencoder are not drawn."""
    model = aecore.build_model("ae", hidden=[16])
    codes = describe_codes(Subject(model, few))
    held_out, _ = encode_images(model, few.test.images)
    assert in_gap(held_out, codes.reference.values, codes.radius).mean() == pytest.approx(0.01)
    assert in_gap(held_out, codes.reference.values, codes.spacing).mean() == pytest.approx(0.5)


def test_the_reference_has_its_size(few, monkeypatch):
    assert REFERENCE_VALUES == 2 * 60_000
    monkeypatch.setattr(measures, "REFERENCE_VALUES", 100)
    model = aecore.build_model("ae", hidden=[16])
    codes = describe_codes(Subject(model, few))
    train, _ = encode_images(model, few.train.images)
    assert codes.reference.levels.shape == (50, 2)
    assert np.allclose(codes.reference.values[[0, -1]], train[[0, -1]], atol=1e-3)  # evenly picked


def collapsed(latent_dim):
    """A VAE whose posterior is the prior, whatever the image."""
    model = aecore.build_model("vae", latent_dim=latent_dim, hidden=[4])
    with torch.no_grad():
        for weight in model.encoder.parameters():
            weight.zero_()
    return model


@pytest.mark.parametrize("seed", [0, 1])
def test_where_the_posterior_is_the_prior_draws_from_it_lie_in_gaps_as_often_as_codes(seed, few):
    """By a gap's definition 1 in 100 held-out codes does, and no draw can be told from them."""
    count = 10_000
    blank = Split(np.zeros((count, 28, 28), np.uint8), np.arange(count, dtype=np.uint8) % 10)
    subject = Subject(collapsed(8), replace(few, train=blank, test=blank), seed=seed)
    error = 5 * (2 * 0.01 * 0.99 / count) ** 0.5
    for way, inside in subject.gaps.items():
        assert inside.mean() == pytest.approx(0.01, abs=error), way
    near = np.median(nearest_distances(subject.test_draws, subject.train_draws))
    for way, codes in subject.samples.items():
        found = np.median(nearest_distances(codes, subject.train_draws))
        assert found == pytest.approx(near, rel=0.03), way


def test_every_draw_of_a_subject_has_a_generator_of_its_own(monkeypatch, vae, few):
    opened, default = [], np.random.default_rng

    def recorded(seed):
        if isinstance(seed, int):  # which labels are known is a dataset's own draw
            return default(seed)
        opened.append((seed.entropy, seed.spawn_key))  # a bare number tells no uses apart
        return default(seed)

    monkeypatch.setattr(np.random, "default_rng", recorded)
    subject = Subject(vae, few, classifier=aecore.build_model("classifier"), seed=3)
    measure(subject)
    describe_codes(subject)
    assert len(opened) >= 4
    assert len(opened) == len(set(opened))
    assert {entropy for entropy, _ in opened} == {3}


# Recognised samples


class Echo:
    """A decoder that hands codes on, and a judge that takes them for probabilities."""

    def decode(self, z, y=None):
        return z

    classify = decode


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_recognised_is_surely_read_as_one_class(batch):
    codes = np.array([[0.9, 0.1], [0.89, 0.11], [0.02, 0.98], [0.5, 0.5], [0.1, 0.9]], np.float32)
    assert recognised_fraction(Echo(), Echo(), codes, batch=batch) == pytest.approx(3 / 5)


# Under noise


class Copy:
    """Hands everything on: f(x) = x, g(z) = z."""

    def encode(self, x):
        return x.flatten(1)

    decode = encode


@pytest.mark.parametrize("kind", LEVELS)
def test_who_copies_keeps_the_noise(digits, kind):
    figures = under_noise(Copy(), digits.test.images, kind)
    assert figures["level"][0] == 0
    assert figures["level"][-1] == LEVELS[kind].high
    assert len(figures["level"]) == (15 if kind == "occlusion" else 21)
    assert figures["error"] == pytest.approx(figures["noisy"])
    assert figures["noisy"][0] == figures["drift"][0] == 0
    assert all(low <= high for low, high in pairwise(figures["noisy"]))


def test_the_figures_under_noise_are_those_of_the_noise_that_is_shown(few):
    """Spoiled as on the page, numbered from 0; drift in units of the way to another image."""
    model = aecore.build_model("ae", hidden=[16])
    figures = under_noise(model, few.test.images, "gaussian", seed=3)
    at = figures["level"].index(0.5)
    clean = few.test.images.astype(np.float32) / 255
    noisy = corrupt(clean, "gaussian", 0.5, seed=3)
    z, spoiled = (model.encode(x).detach().numpy() for x in (clean, noisy))
    drawn = model.reconstruct(noisy).detach().numpy().reshape(clean.shape)
    assert figures["noisy"][at] == pytest.approx(((noisy - clean) ** 2).sum((1, 2)).mean())
    assert figures["error"][at] == pytest.approx(((drawn - clean) ** 2).sum((1, 2)).mean())
    apart = np.linalg.norm(z[1:] - z[:-1], axis=1).sum() + np.linalg.norm(z[0] - z[-1])
    assert figures["drift"][at] == pytest.approx(np.linalg.norm(spoiled - z, axis=1).sum() / apart)


def test_codes_that_are_all_the_same_still_have_figures(few):
    """As of a model that learned too fast: numbers, all of them, whatever they mean."""
    figures = measure(Subject(collapsed(2), few))
    assert set(figures["under_noise"]["gaussian"]["drift"]) == {0.0}
    json.dumps(figures, allow_nan=False)


# All of them


def test_measure_of_a_variational_model(vae, few):
    figures = measure(Subject(vae, few, classifier=aecore.build_model("classifier")))
    assert set(figures) == {
        *("reconstruction", "kl", "kl_per_dimension", "negative_elbo", "nll", "knn_accuracy"),
        *("silhouette", "trustworthiness", "gap_fraction", "recognised_fraction"),
        *("recognised_in_gaps", "under_noise", "squared_error"),
        *("noise_copied", "nearest", "class_from_code", "linear_reader"),
    }
    losses = evaluate(vae, few.test)
    assert figures["kl"] == pytest.approx(sum(figures["kl_per_dimension"]))
    assert figures["kl"] == pytest.approx(losses["kl"], rel=1e-4)
    assert figures["negative_elbo"] == pytest.approx(losses["loss"], rel=1e-6)
    assert figures["nll"] < figures["negative_elbo"]
    assert figures["reconstruction"] < losses["reconstruction"]  # the mean code is no draw
    assert measure(Subject(vae, few, classifier=aecore.build_model("classifier"))) == figures


def test_measure_of_a_plain_autoencoder(few):
    figures = measure(Subject(aecore.build_model("ae", hidden=[16]), few))
    assert set(figures) == {
        *("reconstruction", "knn_accuracy", "silhouette", "trustworthiness", "gap_fraction"),
        *("under_noise", "squared_error"),
        *("noise_copied", "nearest", "class_from_code", "linear_reader", "mixture"),
    }
    for way in ("standard_normal", "fitted", "mixture"):
        assert 0 <= figures["gap_fraction"][way] <= 1


def test_measure_in_many_dimensions(few):
    """Distances say little there, and take long."""
    figures = measure(Subject(aecore.build_model("ae", latent_dim=65, hidden=[16]), few))
    assert set(figures) == {
        *("reconstruction", "squared_error", "under_noise", "noise_copied", "linear_reader"),
    }


def test_the_negative_elbo_ignores_beta(few):
    """It bounds −log p(x) whatever the model was trained with."""
    one, four = (aecore.build_model("vae", hidden=[16], beta=beta) for beta in (1, 4))
    assert (
        measure(Subject(one, few))["negative_elbo"] == measure(Subject(four, few))["negative_elbo"]
    )


# What measures need


def test_a_classifier_is_measured_by_how_it_reads(few):
    model = aecore.build_model("classifier")
    found, losses = measure(Subject(model, few)), evaluate(model, few.test)
    assert found == {
        "cross_entropy": pytest.approx(losses["loss"], rel=1e-5),
        "accuracy": pytest.approx(1 - losses["error"]),
    }


def test_images_of_one_class_have_no_figures_of_classes(few):
    data = replace(few, test=Split(few.test.images, np.zeros_like(few.test.labels)))
    figures = measure(Subject(aecore.build_model("ae", hidden=[16]), data))
    assert {"reconstruction", "trustworthiness"} <= set(figures)
    assert not {"knn_accuracy", "silhouette", "class_from_code", "linear_reader"} & set(figures)


class Copier:
    """Gives back what it is shown, or a share of its distance from the mean."""

    def __init__(self, share):
        self.share = share

    def reconstruct(self, x):
        return 0.3 + self.share * (x - 0.3)


@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_the_energy_of_noise_that_is_copied(share):
    assert noise_copied(Copier(share)) == pytest.approx(1 - (1 - share) ** 2, abs=0.01)


def test_draws_that_are_training_images_are_found_out(few):
    """One that always draws a training image, and one that draws all images as they are."""
    model = aecore.build_model("ae", hidden=[16]).eval()
    kept = torch.from_numpy(few.train.images[:1]).float()[None] / 255
    model.decode = lambda z, y=None: kept.expand(len(z), 1, 28, 28)
    model.reconstruct = lambda x, y=None: 1 - as_pixels(x)
    found = measure(Subject(model, few))["nearest"]
    assert found["draws"]["fitted"] == [0] * len(found["draws"]["fitted"])
    assert set(found["copied"].values()) == {1.0}
    assert found["test"] == sorted(found["test"])
    assert min(found["rebuilt"]) > 0


def test_a_conditional_model_is_measured_with_its_labels(conditional, few):
    """And not under noise: nobody shows it there, where an image comes without its class."""
    model = conditional(latent_dim=3, hidden=(16,)).eval()
    list(fit(model, few, epochs=10, batch_size=32, precision="float32"))
    subject = Subject(model, few, classifier=aecore.build_model("classifier"))
    figures = measure(subject)
    assert "under_noise" not in figures
    assert {"kl", "nll", "knn_accuracy", "gap_fraction", "recognised_in_gaps"} <= set(figures)
    assert figures["negative_elbo"] == pytest.approx(evaluate(model, few.test)["loss"], rel=1e-6)
    mean, _ = encode_images(model, few.test.images, few.test.labels)
    assert np.allclose(describe_codes(subject).mean.values, mean, atol=1e-3)
    other, _ = encode_images(model, few.test.images, (few.test.labels + 1) % 10)
    assert not np.allclose(mean, other, atol=1e-3)


def test_a_family_adds_measures_of_its_own(few):
    class Counted(AE):
        name = "counted"

        def measures(self):
            def weights(subject):
                return {"weights": sum(p.numel() for p in subject.model.parameters())}

            return Measure(weights), Measure(lambda subject: {"never": 0}, needs=("posterior",))

    figures = measure(Subject(Counted(hidden=(4,)).eval(), few))
    assert figures["weights"] == 784 * 4 + 4 + 4 * 2 + 2 + 2 * 4 + 4 + 4 * 784 + 784
    assert "never" not in figures


def test_every_need_of_the_common_measures_is_known(few, conditional):
    """A need that is never there would switch its measure off without a word."""
    subjects = [
        Subject(aecore.build_model("vae", hidden=[4]), few, classifier=object()),
        Subject(aecore.build_model("classifier"), few),
        Subject(conditional(hidden=[4]), few),
        Subject(aecore.build_model("ae", hidden=[4]), few),
    ]
    there = frozenset().union(*(subject.has for subject in subjects))
    assert {need for one in measures.MEASURES for need in one.needs} <= there


# Weights of any size


@pytest.mark.parametrize(("family", "likelihood"), [("ae", "bernoulli"), ("vae", "gaussian")])
@pytest.mark.parametrize("part", ["encoder", "decoder", ""])
@pytest.mark.parametrize("factor", [0.0, 1e-30, 1e3, 1e6, 1e10, 1e20, 1e36])
def test_what_is_measured_is_finite_or_refused_in_a_sentence(
    family, likelihood, part, factor, few, tmp_path
):
    model = aecore.build_model(family, latent_dim=2, hidden=[8], likelihood=likelihood)
    with torch.no_grad():
        for name, value in model.named_parameters():
            if name.startswith(part):
                value.mul_(factor)
    recorder = Recorder(tmp_path / "odd", model, "digits", FitConfig(epochs=1))
    run, refused = None, ""
    try:
        run = finish(recorder, model, few)
    except LabError as error:
        refused = str(error)
    if run is None:
        assert re.fullmatch(r"The model's weights are too large: .* finite numbers.*\.", refused)
        assert factor > 1
        assert not (recorder.folder / "codes.npz").exists()
        return
    figures = run.card["figures"]
    assert np.isfinite(figures["reconstruction"])
    assert set(figures).isdisjoint(figures.get("not_finite", []))
    for array in run.codes.arrays().values():
        assert np.isfinite(array).all()


def test_figures_that_are_not_finite_are_left_out_and_named(vae, few, monkeypatch):
    odd = Measure(lambda subject: {"good": [1.0], "odd": {"a": [0.0, float("nan")]}})
    monkeypatch.setattr(measures, "MEASURES", (odd,))
    found = measure(Subject(vae, few))
    assert found == {"good": [1.0], "not_finite": ["odd"]}
