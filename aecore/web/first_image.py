"""When a browser shows the first image of a page, told by it; what stands below is sent after that.

    POST lab/shown/TOKEN

A browser draws all that it has been sent in one go, so a long page would hold up its first image.
"""

import secrets
import threading

from starlette.requests import Request
from starlette.responses import Response

LATEST = 0.6  # seconds that a page waits for a browser that says nothing

_expected: dict[str, threading.Event] = {}


def expect() -> str:
    """A token by which one page's first image is told."""
    token = secrets.token_urlsafe(12)
    _expected[token] = threading.Event()
    return token


def wait(token: str, most: float = LATEST) -> bool:
    """Wait until it is told, or no longer; says whether it was.

    Example:
        >>> wait(expect(), most=0)
        False
    """
    try:
        return _expected[token].wait(most)
    finally:
        del _expected[token]


async def respond(request: Request) -> Response:
    """Take the news; of a token that nobody waits for, too."""
    if told := _expected.get(request.path_params["token"]):
        told.set()
    return Response(status_code=204)
