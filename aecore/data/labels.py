"""Which training images have labels that a model may use."""

import numpy as np

from aecore.errors import LabError


def choose_known(labels: np.ndarray, n: int, classes: int, seed: int = 0) -> np.ndarray:
    """A mask (N,) of n images, as many of each class, drawn by the seed.

    Args:
        labels: (N,), from 0 to ``classes`` - 1.
        n: how many, a multiple of ``classes``.
        classes: number of classes.
        seed: of the draw.

    Raises:
        LabError: for an n that is no multiple, or more than a class has images.

    Example:
        >>> int(choose_known(np.array([0, 0, 1, 1, 1]), 2, 2).sum())
        2
    """
    each, rest = divmod(n, classes) if isinstance(n, int) and n > 0 else (0, 1)
    if rest:
        raise LabError(
            f"Each of the {classes} classes gets as many known labels: give a multiple of "
            f"{classes}, not {n!r}."
        )
    rng = np.random.default_rng(seed)
    known = np.zeros(len(labels), bool)
    for label in range(classes):
        rows = np.flatnonzero(labels == label)
        if len(rows) < each:
            raise LabError(
                f"{n} known labels are {each} of each class, but class {label} has {len(rows)} "
                "images."
            )
        known[rng.choice(rows, each, replace=False)] = True
    return known
