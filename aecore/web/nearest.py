"""The training images nearest to images that a browser sends: are they copies?

    POST lab/nearest/DATASET

In: at most 32 images, each 784 numbers of float32 in [0, 1], little-endian. Out: ``rows``,
``labels`` and ``distances`` of the nearest images, and those ``images`` as base64 of 784 grey
values each; null for a dataset that is not on disk.
"""

import asyncio
import base64
from typing import Any

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from aecore.analysis.neighbours import nearest_images
from aecore.data import available_datasets, load_dataset
from aecore.errors import LabError

KIND = "application/octet-stream"  # no form of another site can send it
PIXELS = 784
MOST = 32  # images

_ONE_AT_A_TIME = asyncio.Semaphore(1)


def url_of(dataset: str) -> str | None:
    """Where a browser asks for a dataset's nearest training images; None for one not on disk.

    Example:
        >>> url_of("digits"), url_of("nothing")
        ('lab/nearest/digits', None)
    """
    here = any(info.name == dataset and info.on_disk for info in available_datasets())
    return f"lab/nearest/{dataset}" if here else None


async def respond(request: Request) -> Response:
    """The nearest training images to those that are sent."""
    dataset = request.path_params["dataset"]
    if dataset not in {info.name for info in available_datasets()}:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    if request.headers.get("content-type") != KIND:
        return Response(status_code=415)
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > 4 * PIXELS * MOST:
            return Response(status_code=413)
    images = np.frombuffer(bytes(content[: len(content) // 4 * 4]), "<f4")
    if len(content) % (4 * PIXELS) or not images.size or not (np.abs(images - 0.5) <= 0.5).all():
        return Response(status_code=400)
    async with _ONE_AT_A_TIME:
        found = await run_in_threadpool(_nearest, dataset, images.reshape(-1, 28, 28))
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


def _nearest(dataset: str, images: np.ndarray) -> dict[str, Any] | None:
    if url_of(dataset) is None:
        return None
    try:
        train = load_dataset(dataset).train
    except LabError:
        return None  # damaged files: the page is as good as without them
    rows, distances = nearest_images(images, train.images)
    return {
        "rows": rows.tolist(),
        "labels": train.labels[rows].tolist(),
        "distances": [round(float(value), 4) for value in distances],
        "images": base64.b64encode(train.images[rows].tobytes()).decode(),
    }
