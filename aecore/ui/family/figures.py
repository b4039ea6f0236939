"""What Python prepares for living figures: pictures of weights, in blocks."""

from collections.abc import Callable
from typing import Any

import numpy as np

from aecore.analysis import first_layer
from aecore.errors import LabError
from aecore.files import packed, read_tensors
from aecore.runs import SHIPPED, Run, shipped_run
from aecore.studies import STUDIES
from aecore.web.content import offer

Array = np.ndarray

SHOWN = 8  # pictures in a row
PCA = STUDIES / "pca.npz"
ENCODER, DECODER = "encoder.1.weight", "decoder.0.weight"
LINEAR, TIED, FREE = "mnist-linear-30", "mnist-tied-0", "mnist-sparse-off"


def urls() -> dict[str, str | None]:
    """Where the browser fetches each; None where what it is made of is not shipped."""
    return {"linear": _offered(linear, LINEAR), "tied": _offered(tied, TIED, FREE)}


def _offered(make: Callable[[], bytes], *runs: str) -> str | None:
    files = [SHIPPED / name / "model.safetensors" for name in runs]
    try:
        version = [file.stat().st_mtime_ns for file in files]
        return offer(f"family-{make.__name__}-{files}-{version}-{PCA.is_file()}", make)
    except (OSError, LabError):
        return None


def linear() -> bytes:
    """Columns of a linear decoder; and principal components, each with what is nearest to it in the
    plane of those columns. The components are missing where they are not stored.

    Arrays ``columns``, ``components``, ``nearest``, each (8, 784), 128 is 0.
    """
    columns = _weight(shipped_run(LINEAR), DECODER).T
    pictures = {"columns": columns[:SHOWN]}
    if PCA.is_file():
        with np.load(PCA) as stored:
            components = stored["components"][:SHOWN].astype(np.float64)
        pictures |= {"components": components, "nearest": nearest(components, columns)}
    return packed({}, {name: _grey(rows) for name, rows in pictures.items()})


def nearest(directions: Array, spanning: Array) -> Array:
    """For each direction (K, d) the nearest one in the span of others (N, d), of length 1.

    Example:
        >>> spanning = np.array([[2.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
        >>> found = nearest(np.array([[3.0, 4.0, 1.0]]), spanning)
        >>> bool(np.allclose(found, [[0.6, 0.8, 0]]))
        True
    """
    basis, _ = np.linalg.qr(spanning.T.astype(np.float64))
    found = directions @ basis @ basis.T
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)


def tied() -> bytes:
    """What units look for and what they draw, of tied weights and of free ones.

    Arrays ``tied``, ``filters`` and ``strokes`` (8, 784); ``agreement`` is the correlation of each
    free unit's filter with its stroke, ``mean_agreement`` that of all ``units``; ``weights`` are
    the numbers of parameters of the tied network and of one as large whose weights are free.
    """
    own = _weight(shipped_run(TIED), ENCODER)
    run = shipped_run(FREE)
    filters, strokes = _weight(run, ENCODER), _weight(run, DECODER).T
    agree = correlation(filters, strokes)
    shown = smooth(filters)
    count = len(own) * own.shape[1]
    rest = sum(own.shape)  # the biases
    about: dict[str, Any] = {
        "agreement": agree[shown].round(3).tolist(),
        "mean_agreement": float(agree.mean()),
        "units": len(filters),
        "weights": [count + rest, 2 * count + rest],
    }
    pictures = {"tied": own[smooth(own)], "filters": filters[shown], "strokes": strokes[shown]}
    return packed(about, {name: _grey(rows) for name, rows in pictures.items()})


def correlation(a: Array, b: Array) -> Array:
    """The correlation of each row of one matrix with the same row of another.

    Example:
        >>> correlation(np.array([[1.0, 2.0, 4.0]]), np.array([[-1.0, -2.0, -4.0]])).round(6)
        array([-1.])
    """
    a, b = (rows - rows.mean(1, keepdims=True) for rows in (a, b))
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return (a * b).sum(1) / np.maximum(lengths, 1e-12)


def smooth(filters: Array) -> Array:
    """Eight of the smoothest units of a layer (units, 784), evenly spaced."""
    side = first_layer.SIDE
    order = np.argsort(-first_layer.agreement(filters.reshape(-1, side, side)), kind="stable")
    return order[np.linspace(0, (len(order) - 1) // 8, SHOWN).round().astype(int)]


def _weight(run: Run, name: str) -> Array:
    return read_tensors(run.weights, [name])[name].astype(np.float32)


def _grey(rows: Array) -> Array:
    return first_layer.grey(rows, np.maximum(np.abs(rows).max(1, keepdims=True), 1e-30))
