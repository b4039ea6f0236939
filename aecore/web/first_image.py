"""When a browser shows the first image of a page, told by it; what stands below is sent after that.

    POST lab/shown/TOKEN

A browser draws all that it has been sent in one go, so a long page would hold up its first image.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request
from starlette.responses import Response

LATEST = 0.6  # seconds that a page waits for a browser that says nothing

_expected: dict[str, threading.Event] = {}


@contextmanager
def awaited(most: float = LATEST) -> Iterator[str]:
    """Give a token to send to the browser; at the end, wait until it tells of that, or no longer.

    Example:
        >>> with awaited(most=0) as token:
        ...     len(token)
        16
    """
    token = secrets.token_urlsafe(12)
    told = _expected[token] = threading.Event()
    try:
        yield token
        told.wait(most)
    finally:
        del _expected[token]


async def respond(request: Request) -> Response:
    """Take the news; of a token that nobody waits for, too."""
    if told := _expected.get(request.path_params["token"]):
        told.set()
    return Response(status_code=204)
