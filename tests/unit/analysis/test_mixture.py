"""A mixture fitted to codes: scikit-learn's, and fairer to an autoencoder than one Gaussian."""

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

import aecore
from aecore.analysis.latent import fitted_gaussian
from aecore.analysis.mixture import CodeMixture
from aecore.analysis.neighbours import in_gap, nearest_distances
from aecore.errors import LabError
from aecore.families.encoding import encode_images


@pytest.fixture(scope="module")
def codes(digits):
    """Codes of an autoencoder: of training and of test images."""
    model = aecore.build_model("ae", hidden=[64])
    list(aecore.fit(model, digits, epochs=10, batch_size=64, precision="float32"))
    return [encode_images(model, split.images)[0] for split in (digits.train, digits.test)]


def test_its_density_is_scikit_learns(codes):
    mixture = CodeMixture.fit(codes[0], components=5)
    plain = GaussianMixture(5, random_state=0, reg_covar=1e-12, max_iter=200).fit(
        codes[0].astype(float)
    )
    assert np.allclose(mixture.log_prob(codes[1]), plain.score_samples(codes[1]), atol=1e-2)


def test_held_out_codes_are_likelier_and_draws_lie_in_fewer_gaps_than_of_one_gaussian(codes):
    train, test = codes
    one, many = (CodeMixture.fit(train, components=k) for k in (1, 20))
    assert many.log_prob(test).mean() > one.log_prob(test).mean() + 0.1
    radius = np.quantile(nearest_distances(test, train), 0.99)
    rng = np.random.default_rng(0)
    single = in_gap(fitted_gaussian(train, 2000, rng), train, radius).mean()
    assert in_gap(many.sample(2000, rng)[0], train, radius).mean() < 0.7 * single


def test_draws_have_the_mixtures_moments():
    covariances = np.array([[[1, 0.5], [0.5, 2]], [[0.1, 0], [0, 0.1]]])
    mixture = CodeMixture(np.array([0.25, 0.75]), np.array([[0.0, 3.0], [9.0, 9.0]]), covariances)
    draws, chosen = mixture.sample(40_000, np.random.default_rng(0))
    assert (chosen == 1).mean() == pytest.approx(0.75, abs=0.01)
    for k in (0, 1):
        own = draws[chosen == k]
        assert np.allclose(own.mean(0), mixture.means[k], atol=0.05)
        assert np.allclose(np.cov(own.T), covariances[k], atol=0.06)


@pytest.mark.parametrize("count", [2, 3, 50])
def test_few_codes_and_unused_dimensions_have_a_mixture(count):
    codes = np.zeros((count, 3), np.float32)
    codes[:, 0] = np.arange(count)
    mixture = CodeMixture.fit(codes, components=4)
    draws, _ = mixture.sample(10, np.random.default_rng(0))
    assert np.isfinite(draws).all()
    assert np.abs(draws[:, 1:]).max() < 0.1


def test_a_single_code_has_none():
    with pytest.raises(LabError, match="two codes or more"):
        CodeMixture.fit(np.zeros((1, 2), np.float32))
