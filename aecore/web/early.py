"""What a browser would learn late, written into the page itself.

Where the server is: Streamlit's scripts would ask for it below the page's own address first, in
vain, wait a tenth of a second, and ask again. And what the page's components need: a browser learns
of their scripts, weights and codes only when Streamlit has started, has had the page's script run,
and has drawn what came. The server remembers for each address what its opening needed last, and
names that when the address is opened again.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aecore.web import scripts

MOST = 500  # addresses that are remembered

# Given the address of its server, Streamlit connects at once (`StreamlitConfig` in its sources).
# The browser may know a longer path than we do: a proxy can have taken the first part off.
SERVER = """{
  const at = location.pathname, asked = PATH;
  if (at.endsWith(asked)) window.__streamlit = {
    BACKEND_BASE_URL: location.origin + at.slice(0, at.length - asked.length),
    HOST_CONFIG: { allowedOrigins: [location.origin], useExternalAuthToken: false },
  };
}"""
VALIDATORS = {b"if-none-match", b"if-modified-since", b"accept-encoding"}

Needs = Mapping[str, Any]  # of a component, as `assets/live/core/loader.js` takes them

_known: OrderedDict[tuple, dict[str, Needs]] = OrderedDict()
_lock = threading.Lock()


def note(page: str, query: Mapping[str, Sequence[str]], needs: Needs) -> None:
    """Remember what a component needed when an address was opened."""
    key = _key(page, query)
    with _lock:
        _known.setdefault(key, {})[str(needs["script"])] = dict(needs)
        _known.move_to_end(key)
        while len(_known) > MOST:
            _known.popitem(last=False)


def known(page: str, query: Mapping[str, Sequence[str]]) -> list[Needs]:
    """What components needed when this address was opened before.

    Example:
        >>> note("example", {"model": ["mnist-ae"]}, {"script": "a.js"})
        >>> known("example", {"model": ["mnist-ae"]}), known("example", {})
        ([{'script': 'a.js'}], [])
    """
    with _lock:
        return list(_known.get(_key(page, query), {}).values())


def _key(page: str, query: Mapping[str, Sequence[str]]) -> tuple:
    return page, frozenset((name, tuple(values)) for name, values in query.items())


def hints(needs: Sequence[Needs]) -> bytes:
    """Elements for a page's head that have a browser fetch it all."""
    first = ["core/early.js", *scripts.imports("core/early.js")]
    modules = dict.fromkeys(map(scripts.url_of, first))
    for one in needs:
        modules |= dict.fromkeys([*one["imports"], one["script"]])
    links = "".join(f'<link rel="modulepreload" href="{module}">' for module in modules)
    said = json.dumps(needs).replace("<", "\\u003c")
    start = f'<script type="module" async src="{scripts.url_of("core/early.js")}"></script>'
    said = f'<script type="application/json" id="lab-early">{said}</script>'
    return f"{links}{said}{start}".encode()


def server(path: str) -> bytes:
    """An element for a page's head that says where the page's server is.

    Args:
        path: the page's, below that of the server.

    Example:
        >>> b'asked = "/decode"' in server("/decode")
        True
    """
    asked = json.dumps(quote(path, safe="/~")).replace("<", "\\u003c")
    return f"<script>{SERVER.replace('PATH', asked)}</script>".encode()


class Early:
    """Middleware that writes all this into the pages that a person opens."""

    def __init__(self, app: ASGIApp, base_path: str | None = "") -> None:
        self.app = app
        base = (base_path or "").strip("/")
        self.prefix = f"/{base}/" if base else "/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; an answer that is a page gets its elements."""
        path = self._page(scope)
        if path is None:
            return await self.app(scope, receive, send)
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        needs = known(path, query)
        more = server(f"/{path}") + (hints(needs) if needs else b"")
        headers = [pair for pair in scope["headers"] if pair[0] not in VALIDATORS]
        await self.app({**scope, "headers": headers}, receive, Rewritten(send, more))

    def _page(self, scope: Scope) -> str | None:
        """The path of what a person opens, below the server's; None for all else."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        if b"text/html" not in dict(scope["headers"]).get(b"accept", b""):
            return None
        path = scope["path"]
        return path.removeprefix(self.prefix) if path.startswith(self.prefix) else None


class Rewritten:
    """Sends an answer on, with more in its head where it is a page."""

    def __init__(self, send: Send, more: bytes) -> None:
        self.send, self.more = send, more
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        """Hold a page back until it is whole."""
        if message["type"] == "http.response.start":
            kind = dict(message["headers"]).get(b"content-type", b"")
            if message["status"] == 200 and kind.startswith(b"text/html"):
                self.start = message
                return
        if self.start is None or message["type"] != "http.response.body":
            return await self.send(message)
        self.body += message.get("body", b"")
        if message.get("more_body"):
            return
        page = self.body.replace(b"</head>", self.more + b"</head>", 1)
        other = {b"content-length", b"etag", b"last-modified"}
        headers = [pair for pair in self.start["headers"] if pair[0] not in other]
        headers.append((b"content-length", str(len(page)).encode()))
        await self.send({**self.start, "headers": headers})
        await self.send({"type": "http.response.body", "body": page})
