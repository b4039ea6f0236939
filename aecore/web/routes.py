"""What the server answers beside Streamlit's own pages."""

from starlette.routing import BaseRoute, Route

from aecore.web import (
    content,
    control,
    first_image,
    images,
    labelled,
    nearest,
    pictures,
    scripts,
    shipped_runs,
)
from aecore.web.addresses import Deep
from aecore.web.events import Streams, Words


def routes(base_path: str | None = "", words: Words | None = None) -> list[BaseRoute]:
    """The routes, below the path that the app is served at (Streamlit's `server.baseUrlPath`).

    Args:
        base_path: that path.
        words: what an event stream says in words.

    Example:
        >>> for route in routes("teach/"): print(route.path)
        /teach/lab/events
        /teach/lab/progress
        /teach/lab/run/stop
        /teach/lab/run/continue
        /teach/lab/block/{digest}
        /teach/lab/test-images/{dataset}
        /teach/lab/shipped/{name}
        /teach/lab/labelled/{dataset}/{labels:int}/{draw:int}
        /teach/lab/shown/{token}
        /teach/lab/nearest/{dataset}
        /teach/lab/picture
        /teach/lab/{digest}/{path:path}
        /teach/{path:path}
    """
    base = (base_path or "").strip("/")
    prefix = f"/{base}" if base else ""
    streams = Streams(words or Words())
    return [
        Route(f"{prefix}/lab/events", streams.events),
        Route(f"{prefix}/lab/progress", streams.progress),
        *control.routes(prefix),
        Route(f"{prefix}/lab/block/{{digest}}", content.respond),
        Route(f"{prefix}/lab/test-images/{{dataset}}", images.respond),
        Route(f"{prefix}/lab/shipped/{{name}}", shipped_runs.respond),
        Route(f"{prefix}/lab/labelled/{{dataset}}/{{labels:int}}/{{draw:int}}", labelled.respond),
        Route(f"{prefix}/lab/shown/{{token}}", first_image.respond, methods=["POST"]),
        Route(f"{prefix}/lab/nearest/{{dataset}}", nearest.respond, methods=["POST"]),
        Route(f"{prefix}/lab/picture", pictures.respond, methods=["POST"]),
        Route(f"{prefix}/lab/{{digest}}/{{path:path}}", scripts.respond),
        Deep(prefix),
    ]
