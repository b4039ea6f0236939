"""What the server answers beside Streamlit's own pages."""

from starlette.routing import BaseRoute, Route

from aecore.web import content, scripts
from aecore.web.events import Streams, Words


def routes(base_path: str | None = "", words: Words | None = None) -> list[BaseRoute]:
    """The routes, below the path that the app is served at (Streamlit's `server.baseUrlPath`).

    Args:
        base_path: that path.
        words: what an event stream says in words.

    Example:
        >>> [route.path for route in routes("teach/")][-1]
        '/teach/lab/{digest}/{path:path}'
    """
    base = (base_path or "").strip("/")
    prefix = f"/{base}/lab" if base else "/lab"
    streams = Streams(words or Words())
    return [
        Route(f"{prefix}/events", streams.events),
        Route(f"{prefix}/progress", streams.progress),
        Route(f"{prefix}/block/{{digest}}", content.respond),
        Route(f"{prefix}/{{digest}}/{{path:path}}", scripts.respond),
    ]
