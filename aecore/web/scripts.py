"""Scripts and styles as files, below an address that changes with their content.

A browser may keep them for good: what is at an address never changes, and ES modules find each
other by relative imports below the same address.
"""

import gzip
import hashlib
import posixpath
import re
from functools import cache
from pathlib import PurePosixPath

from starlette.requests import Request
from starlette.responses import Response

from aecore.layout import ASSETS

LIVE = ASSETS / "live"
FOREVER = "public, max-age=31536000, immutable"
IMPORT = re.compile(r'^(?:import|export|\}) .*from "(\.[^"]+)";', re.MULTILINE)
TYPES = {".js": "text/javascript", ".css": "text/css"}


@cache
def files() -> dict[str, bytes]:
    """Every script and style sheet of `assets/live` by its path there, read once.

    Example:
        >>> "core/nn.js" in files() and "styles/tokens.css" in files()
        True
    """
    paths = sorted(path for path in LIVE.rglob("*") if path.suffix in TYPES)
    return {path.relative_to(LIVE).as_posix(): path.read_bytes() for path in paths}


@cache
def digest() -> str:
    """A hash of all names and contents: one for the whole tree, as modules import each other."""
    content = hashlib.sha256()
    for path, source in files().items():
        content.update(f"{path}\0{len(source)}\0".encode())
        content.update(source)
    return content.hexdigest()[:16]


def url_of(path: str) -> str:
    """Where a browser fetches a file of `assets/live`, relative to the app's address.

    Raises:
        KeyError: when there is no such file.

    Example:
        >>> url_of("core/nn.js").startswith("lab/") and url_of("core/nn.js").endswith("/core/nn.js")
        True
    """
    if path not in files():
        raise KeyError(path)
    return f"lab/{digest()}/{path}"


@cache
def imports(path: str) -> tuple[str, ...]:
    """The modules that a module imports, itself or through others, each once: hints for a browser.

    Without them it would learn of each module only when the one that imports it has come.

    Example:
        >>> imports("images/drawing_pad.js")
        ('core/dom.js', 'core/words.js', 'images/drawing.js', 'images/digit_image.js')
    """
    found: dict[str, None] = {}
    waiting = [path]
    while waiting:
        module = waiting.pop(0)
        for relative in IMPORT.findall(text(module)):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(module), relative))
            if target in files() and target not in found and target != path:
                found[target] = None
                waiting.append(target)
    return tuple(found)


def text(path: str) -> str:
    """The text of a file of `assets/live`, for what goes into the page itself."""
    return files()[path].decode()


async def respond(request: Request) -> Response:
    """Answer a request for a file; the address of another version of the tree holds nothing."""
    path = request.path_params["path"]
    if request.path_params["digest"] != digest() or path not in files():
        return Response(status_code=404)
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    content = files()[path]
    if "gzip" in request.headers.get("accept-encoding", ""):
        content = _compressed(path)
        headers["Content-Encoding"] = "gzip"
    return Response(content, headers=headers, media_type=TYPES[PurePosixPath(path).suffix])


@cache
def _compressed(path: str) -> bytes:
    return gzip.compress(files()[path], 6, mtime=0)
