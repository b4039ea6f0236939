"""A visitor's picture of a digit, prepared as an image that the models take."""

import asyncio
import base64

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from aecore.data.digit_image import from_upload
from aecore.data.picture_file import MOST_BYTES
from aecore.errors import LabError

KIND = "application/octet-stream"  # no form of another site can send it

_ONE_AT_A_TIME = asyncio.Semaphore(1)  # decoding a picture takes up to 100 MB


async def respond(request: Request) -> Response:
    """What comes of the PNG or JPEG that is sent: its `image`, or the sentence why it is `refused`.

    The image is 784 grey values as base64; the other of the two is null.
    """
    if request.headers.get("content-type") != KIND:
        return Response(status_code=415)
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MOST_BYTES:
            return Response(status_code=413)
    async with _ONE_AT_A_TIME:
        return JSONResponse(await run_in_threadpool(_prepared, bytes(content)))


def _prepared(content: bytes) -> dict[str, str | None]:
    try:
        image = base64.b64encode(from_upload(content).tobytes()).decode()
    except LabError as error:
        return {"image": None, "refused": str(error)}
    return {"image": image, "refused": None}
