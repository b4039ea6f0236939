"""The test images of a dataset, which a browser fetches one by one, in pieces of some hundred."""

import gzip
from itertools import accumulate

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from aecore.data import available_datasets, data_folder, load_test_images
from aecore.errors import LabError
from aecore.files import packed
from aecore.web.content import offer

PIECE = 100  # images that are sent together

_starts: dict[str, list[int]] = {}  # by dataset: where each piece begins, and the end


def single_images(dataset: str) -> dict | None:
    """Where the pieces are: ``url``, ``starts`` in bytes, ``per``; None where there are no images.

    Each piece is compressed by itself, so that a browser asks for the range that holds an image.
    """
    on_disk = {info.name: info.on_disk for info in available_datasets()}
    if not on_disk.get(dataset):
        return None
    try:
        url = offer(f"test-images-{data_folder()}-{dataset}", lambda: _pieces(dataset))
    except LabError:
        return None  # damaged files: the page is as good as without them
    return {"url": url, "starts": _starts[dataset], "per": PIECE}


def _pieces(dataset: str) -> bytes:
    images = load_test_images(dataset).images
    pieces = [
        gzip.compress(images[start : start + PIECE].tobytes(), 6, mtime=0)
        for start in range(0, len(images), PIECE)
    ]
    _starts[dataset] = [0, *accumulate(map(len, pieces))]
    return b"".join(pieces)


def one_of_each(dataset: str) -> str:
    """Where the first test image of each class is: a block with an array ``images`` (classes, 784).

    Raises:
        LabError: when the dataset's files are damaged.
    """

    def block() -> bytes:
        test = load_test_images(dataset)
        _, first = np.unique(test.labels, return_index=True)
        images = test.images[first].reshape(len(first), -1)
        return packed({}, {"images": images})

    return offer(f"one-of-each-{data_folder()}-{dataset}", block)


def url_of(dataset: str) -> str:
    """Where a browser asks for a dataset's test images and labels (see `respond`).

    Example:
        >>> url_of("digits")
        'lab/test-images/digits'
    """
    return f"lab/test-images/{dataset}"


def respond(request: Request) -> Response:
    """Where a dataset's images (see `single_images`) and labels are; null for one not on disk.

    They are made when a browser asks, not when a page opens that may not need them.
    """
    dataset = request.path_params["dataset"]
    headers = {"Cache-Control": "no-store"}
    if dataset not in {info.name for info in available_datasets()}:
        return Response(status_code=404, headers=headers)
    return JSONResponse(places(dataset), headers=headers)


def places(dataset: str) -> dict:
    """Where a dataset's ``images`` and ``labels`` are; null for one not on disk."""
    images = single_images(dataset)
    return {"images": images, "labels": images and _labels(dataset)}


def _labels(dataset: str) -> str:
    """Where the labels are, one byte for each image."""
    return offer(
        f"test-labels-{data_folder()}-{dataset}",
        lambda: load_test_images(dataset).labels.tobytes(),
        "application/octet-stream",
    )
