"""Linear probes: how much of a class a simple reader finds in codes."""

import numpy as np

MOST_CODES = 10_000  # to fit on; more hardly change the reader of so few numbers


def linear_probe(
    codes: np.ndarray,
    labels: np.ndarray,
    test: np.ndarray,
    test_labels: np.ndarray,
    *,
    most: int = MOST_CODES,
) -> float:
    """Accuracy on test codes (M, d) of a linear classifier, multinomial logistic regression, fitted
    to at most ``most`` codes (N, d). By chance it is that of the largest class.

    Example:
        >>> codes = np.array([[-1.0], [-0.5], [0.5], [1.0]])
        >>> linear_probe(codes, np.array([0, 0, 1, 1]), np.array([[-2.0], [3.0]]), np.array([0, 1]))
        1.0
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    reader = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    return float(reader.fit(codes[:most], labels[:most]).score(test, test_labels))
