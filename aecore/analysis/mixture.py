"""A mixture of Gaussians fitted to codes: draws for a model that was trained towards no prior."""

from dataclasses import dataclass

import numpy as np

from aecore.errors import LabError

MOST_CODES = 20_000  # to fit to
LEAST_VARIANCE = 1e-6  # of a component, as a share of the codes' own: unused dimensions have none


@dataclass(frozen=True)
class CodeMixture:
    """p(z) = Σₖ wₖ N(z; mₖ, Sₖ), fitted to codes by expectation maximisation.

    One Gaussian covers the gaps between clusters as if they were codes; several need not.

    Attributes:
        weights: w, (k,).
        means: m, (k, d).
        covariances: S, (k, d, d).

    Example:
        >>> rng = np.random.default_rng(0)
        >>> codes = np.concatenate([rng.normal(-5, 1, (300, 2)), rng.normal(5, 1, (300, 2))])
        >>> mixture = CodeMixture.fit(codes.astype("f4"), components=2)
        >>> np.sort(mixture.means[:, 0]).round().tolist()
        [-5.0, 5.0]
        >>> draws, components = mixture.sample(100, rng)
        >>> bool((np.abs(draws).min(1) > 1).all()), draws.dtype.name, components.shape
        (True, 'float32', (100,))
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    @classmethod
    def fit(
        cls, codes: np.ndarray, *, components: int = 20, seed: int = 0, most: int = MOST_CODES
    ) -> "CodeMixture":
        """Of codes (N, d), at most ``most`` of them; with fewer codes than components, of as many.

        Raises:
            LabError: for fewer than two codes.
        """
        if len(codes) < 2:
            raise LabError("A mixture is fitted to two codes or more.")
        from sklearn.mixture import GaussianMixture

        some = codes[np.linspace(0, len(codes) - 1, min(len(codes), most)).astype(int)]
        some = some.astype(np.float64)
        least = LEAST_VARIANCE * max(float(some.var(0).max()), LEAST_VARIANCE)
        count = min(components, len(some))
        found = GaussianMixture(count, reg_covar=least, random_state=seed, max_iter=200).fit(some)
        return cls(found.weights_, found.means_, found.covariances_)

    def sample(self, n: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """n draws, float32 (n, d), and the component of each, (n,)."""
        shares = self.weights / self.weights.sum()
        chosen = random.choice(len(shares), n, p=shares)
        roots = np.linalg.cholesky(self.covariances)
        noise = random.standard_normal((n, self.means.shape[1]))
        draws = self.means[chosen] + np.einsum("nij,nj->ni", roots[chosen], noise)
        return draws.astype(np.float32), chosen

    def log_prob(self, codes: np.ndarray) -> np.ndarray:
        """log p(z) of codes (N, d), nats, float64 (N,)."""
        from scipy.special import logsumexp
        from scipy.stats import multivariate_normal

        each = [
            multivariate_normal(mean, covariance).logpdf(codes).reshape(-1)
            for mean, covariance in zip(self.means, self.covariances, strict=True)
        ]
        return logsumexp(np.stack(each, 1) + np.log(self.weights), axis=1)
