"""One file from the first of several mirrors that has it, in bounded time and of bounded size."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, Request, build_opener

from aecore.errors import FULL

Progress = Callable[[int, int, str], None]
"""Called as `progress(done_bytes, total_bytes, file_name)`; a total of 0 means unknown."""

PATIENCE = 30.0  # seconds that a mirror has to begin with a file, all redirections together
SLOWEST = 10_000  # bytes a second of the rest; a slower mirror is given up
SILENCE = 20.0  # seconds without a byte
USER_AGENT = "pytorch/vision"  # the mirrors are those of torchvision

# Why a download failed, and what to do; of several mirrors' reasons the first in this order.
FAILURES = {
    "damaged": "the files arrived damaged. Try again.",
    "broken": "the connection broke off. Try again.",
    "slow": "the mirrors send too slowly. Try again later.",
    "refused": "no mirror has the files at this time. Try again later.",
    "unreached": "no mirror can be reached. Check the internet connection and try again.",
    "full": "the disk is full. Free some space and try again.",
    "closed": "the folder of datasets cannot be written to. Make it writable and try again.",
}


def fetch(
    urls: list[str], path: Path, md5: str, most: int, progress: Progress | None
) -> list[tuple[str, str]]:
    """Try each address in turn, for at most so many bytes; return nothing on success, or what went
    wrong with each.

    That is a key of `FAILURES` and the details.
    """
    problems, shown = [], 0
    for url in urls:
        kind, problem = "unreached", "the file arrived damaged"
        request = Request(url, headers={"User-Agent": USER_AGENT})
        deadline = Deadline()
        try:
            with deadline, opened(request, deadline) as response, path.open("wb") as file:
                kind = "broken"
                total = int(response.headers.get("Content-Length") or 0)
                while chunk := response.read1(1 << 16):  # what has arrived: progress shows soon
                    file.write(chunk)
                    deadline.extend(file.tell())
                    shown = max(shown, file.tell())  # a second mirror does not go back
                    if progress:
                        progress(shown, total, path.name)
                    if file.tell() > most:
                        kind = "damaged"
                        raise OSError("it sends more than the file has")
            kind = "damaged"
        except (OSError, HTTPException, ValueError) as error:
            if getattr(error, "errno", None) in FULL:
                raise  # no mirror helps
            kind = "refused" if isinstance(error, HTTPError) else kind
            reason = getattr(error, "reason", error)
            problem = str(getattr(reason, "strerror", None) or reason)
        if deadline.passed:
            kind, problem = "slow", "it sends too slowly"
        if _md5(path) == md5:
            return []
        problems.append((kind, f"{urlsplit(url).netloc or url}: {problem}"))
    return problems


def _md5(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "md5").hexdigest()
    except FileNotFoundError:
        return ""


class Deadline:
    """The time that an answer has, from its first byte to its last; then its lines are cut.

    A time-out of a socket begins anew with each byte, so it bounds neither the head of an answer
    nor what is read of its body at once.
    """

    def __init__(self) -> None:
        self.passed = False
        self._bytes = 0
        self._start = time.monotonic()
        self._ended = threading.Event()
        self._lines: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for line in self._lines:
            line.close()

    def bind(self, line: socket.socket) -> None:
        """Cut this line too; of a copy, for a secure connection takes the socket itself away."""
        if self.passed:
            raise TimeoutError("it is too late")
        self._lines.append(line.dup())

    def extend(self, received: int) -> None:
        """So many bytes are there: they have their time."""
        self._bytes = received

    @property
    def left(self) -> float:
        """Seconds."""
        return self._start + PATIENCE + self._bytes / SLOWEST - time.monotonic()

    def _watch(self) -> None:
        while not self._ended.wait(max(0.0, self.left)):
            if self.left <= 0:
                self.passed = True
                for line in self._lines:
                    with suppress(OSError):  # it has just ended
                        line.shutdown(socket.SHUT_RDWR)
                return


def opened(request: Request, deadline: Deadline) -> HTTPResponse:
    """The answer to a request, once its head is there.

    Raises:
        OSError: when there is none, or `SILENCE`.
    """
    return build_opener(_Handler(deadline)).open(request, timeout=SILENCE)


class _Connection(HTTPConnection):
    deadline: Deadline

    def connect(self) -> None:
        super().connect()
        self.deadline.bind(self.sock)


class _SecureConnection(HTTPSConnection, _Connection):
    """`HTTPSConnection` connects as what comes after it does, then shakes hands."""


class _Handler(HTTPHandler, HTTPSHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self.deadline = deadline

    def http_open(self, request: Request) -> HTTPResponse:
        return self.do_open(partial(self._connection, _Connection), request)

    def https_open(self, request: Request) -> HTTPResponse:
        return self.do_open(partial(self._connection, _SecureConnection), request)

    def _connection(self, kind: type[_Connection], host: str, **more: Any) -> _Connection:
        connection = kind(host, **more)
        connection.deadline = self.deadline
        return connection
