"""Training images whose labels are known where few are: ten of each class, by a draw of labels."""

import numpy as np
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from aecore.data import available_datasets, data_folder, load_dataset
from aecore.errors import LabError
from aecore.files import packed
from aecore.web.content import offer

DRAWS = 10  # that can be asked for: seeds of `Dataset.few_labels`
EACH = 10  # images of a class


def url_of(dataset: str) -> str:
    """Where a browser asks for them, with the number of labels and the draw behind it.

    Example:
        >>> f"{url_of('digits')}/100/0"
        'lab/labelled/digits/100/0'
    """
    return f"lab/labelled/{dataset}"


def respond(request: Request) -> Response:
    """Lead to the `block` of a dataset, a number of labels and a draw; 404 where there is none.

    It is made when a browser asks, not when a page opens.
    """
    dataset, labels, draw = (request.path_params[name] for name in ("dataset", "labels", "draw"))
    missing = Response(status_code=404, headers={"Cache-Control": "no-store"})
    known = {info.name for info in available_datasets() if info.on_disk}
    if dataset not in known or draw >= DRAWS:
        return missing
    key = f"labelled-{data_folder()}-{dataset}-{labels}-{draw}"
    try:
        address = offer(key, lambda: block(dataset, labels, draw))
    except LabError:
        return missing
    return RedirectResponse(f"../../../../{address}", headers={"Cache-Control": "no-store"})


def block(dataset: str, labels: int, draw: int = 0) -> bytes:
    """A block with ``images`` (n, 784), their ``numbers`` among the training images and their
    ``labels``, class by class: of each the first `EACH` that the draw made known.

    Args:
        dataset: its name.
        labels: how many are known, a multiple of the number of classes; all from as many on as
            there are training images.
        draw: seed of the draw.

    Raises:
        LabError: when the dataset's files are damaged, or it cannot give so many labels.

    Example:
        >>> len(block("digits", 100)) < 40_000
        True
    """
    data = load_dataset(dataset)
    if labels < len(data.train):
        data = data.few_labels(labels, draw)
    train = data.train
    shown = [
        np.flatnonzero(train.known & (train.labels == label))[:EACH]
        for label in range(len(data.classes))
    ]
    numbers = np.concatenate(shown)
    arrays = {
        "images": train.images[numbers].reshape(len(numbers), -1),
        "numbers": numbers.astype("<u2"),
        "labels": train.labels[numbers].astype("u1"),
    }
    return packed({}, arrays)
