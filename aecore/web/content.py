"""Content by its hash: immutable, so a browser may cache it, and hard to guess.

A page or a stream offers content by a key and a recipe, and hands its address on. The latest
contents are kept; those that were dropped are made again when a browser asks.
"""

import asyncio
import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from aecore.errors import LabError

MOST_BYTES = 200_000_000  # of contents in the cache
MOST_RECIPES = 20_000
FOREVER = "public, max-age=31536000, immutable"
GZIP = "application/gzip"
ONE_RANGE = re.compile(r"bytes=([0-9]{1,12})-([0-9]{1,12})?")


@dataclass(frozen=True)
class Recipe:
    """How content is made, and of which media type it is."""

    make: Callable[[], bytes]
    kind: str


class Contents:
    """Contents by hash, in as many bytes as allowed.

    Example:
        >>> contents = Contents(most_bytes=10)
        >>> one = contents.offer("1", lambda: b"12345678")
        >>> two = contents.offer("2", lambda: b"1234")
        >>> contents.size, contents.get(one)[0], contents.size
        (4, b'12345678', 8)
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes, self.size = most_bytes, 0
        self._digests: OrderedDict[str, str] = OrderedDict()  # by key
        self._recipes: OrderedDict[str, Recipe] = OrderedDict()  # by digest
        self._contents: OrderedDict[str, bytes] = OrderedDict()  # by digest
        self._making: dict[str, threading.Lock] = {}  # by key
        self._lock = threading.Lock()

    def offer(self, key: str, make: Callable[[], bytes], kind: str = GZIP) -> str:
        """The digest of what is made; made only when the key is new.

        Args:
            key: names the content, with all that it depends on.
            make: gives it, and the same again whenever it is called.
            kind: its media type; what is compressed already says so by ``application/gzip``.
        """
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:  # when a class opens a page, one makes it for all
                return self._known(key) or self._make(key, Recipe(make, kind))
        finally:
            with self._lock:
                self._making.pop(key, None)

    def _known(self, key: str) -> str | None:
        with self._lock:
            digest = self._digests.get(key)
            if digest is None or digest not in self._recipes:
                return None
            self._digests.move_to_end(key)
            self._recipes.move_to_end(digest)
            return digest

    def _make(self, key: str, recipe: Recipe) -> str:
        content = recipe.make()
        digest = _digest(content)
        with self._lock:
            self._digests[key] = digest
            self._recipes[digest] = recipe
            self._digests.move_to_end(key)
            self._recipes.move_to_end(digest)
            for known in (self._digests, self._recipes):
                while len(known) > MOST_RECIPES:
                    known.popitem(last=False)
            self._keep(digest, content)
        return digest

    def get(self, digest: str) -> tuple[bytes, str] | None:
        """Content and its type; None for what was not offered, or has changed since."""
        with self._lock:
            recipe = self._recipes.get(digest)
            if recipe is None:
                return None
            if digest in self._contents:
                self._contents.move_to_end(digest)
                return self._contents[digest], recipe.kind
        try:
            content = recipe.make()
        except LabError:
            return None  # its files are gone
        if _digest(content) != digest:
            return None
        with self._lock:
            self._keep(digest, content)
        return content, recipe.kind

    def _keep(self, digest: str, content: bytes) -> None:
        self.size += len(content) - len(self._contents.get(digest, b""))
        self._contents[digest] = content
        self._contents.move_to_end(digest)
        while self.size > self.most_bytes and len(self._contents) > 1:
            _, gone = self._contents.popitem(last=False)
            self.size -= len(gone)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


contents = Contents()


def offer(key: str, make: Callable[[], bytes], kind: str = GZIP) -> str:
    """Where a browser fetches content, relative to the app's address (see `Contents.offer`).

    Example:
        >>> offer("hello", lambda: b"hello", "text/plain")
        'lab/block/2cf24dba5fb0a30e26e83b2ac5b9e29e'
    """
    return f"lab/block/{contents.offer(key, make, kind)}"


async def respond(request: Request) -> Response:
    """Content by its digest: whole, in one range, or unchanged."""
    digest = request.path_params["digest"]
    found = await asyncio.to_thread(contents.get, digest)
    if found is None:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    content, kind = found
    headers = {"Cache-Control": FOREVER, "ETag": f'"{digest}"', "Accept-Ranges": "bytes"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    wanted = ONE_RANGE.fullmatch(request.headers.get("range", ""))
    if not wanted:
        if kind == GZIP and "gzip" in request.headers.get("accept-encoding", ""):
            # The browser unpacks it, beside the page's scripts.
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(content, headers=headers, media_type=kind)
    start, end = int(wanted[1]), int(wanted[2] or len(content) - 1)
    if start >= len(content) or end < start:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(content)}"})
    part = content[start : end + 1]
    headers["Content-Range"] = f"bytes {start}-{start + len(part) - 1}/{len(content)}"
    return Response(part, 206, headers, kind)
