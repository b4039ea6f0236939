"""Addresses of pages with more than one part, such as `/decode/foo`, which Streamlit cannot serve.

It sends its index to any address; from below another part, the index finds neither its scripts nor
the server. So such an address leads to one of a single part, and the pages say that it is none.
"""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Match, Route
from starlette.types import Scope

SLASH = "~"  # stands for the slash between two parts
OWN = {"_stcore", "media", "component", "static", "app", "lab"}  # Streamlit's addresses, and ours


class Deep(Route):
    """Leads a browser that opens a deeper address to `one_part` of it.

    The address is given relative to the one that was asked for, so it holds behind a proxy that
    takes a prefix off.
    """

    def __init__(self, prefix: str) -> None:
        super().__init__(f"{prefix}/{{path:path}}", _lead)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Only what a person opens: scripts and images ask for no HTML."""
        match, child = super().matches(scope)
        if match is not Match.NONE:
            path = child["path_params"]["path"]
            accept = dict(scope["headers"]).get(b"accept", b"")
            first, slash, _ = path.partition("/")
            if not first or not slash or first in OWN or b"text/html" not in accept:
                return Match.NONE, {}
        return match, child


def one_part(path: str) -> str:
    """A path with several parts as one part.

    Example:
        >>> one_part("decode/foo/"), parts("decode~foo"), one_part("decode/")
        ('decode~foo', 'decode/foo', 'decode')
    """
    return path.strip("/").replace("/", SLASH)


def parts(name: str) -> str:
    """The inverse of `one_part`."""
    return name.replace(SLASH, "/")


async def _lead(request: Request) -> RedirectResponse:
    path = request.path_params["path"]
    query = f"?{request.url.query}" if request.url.query else ""
    up = "../" * path.count("/")
    return RedirectResponse(f"{up}{quote(one_part(path))}{query}", 307)
