"""What the server answers beside Streamlit's own pages."""

from starlette.routing import BaseRoute, Route

from aecore.web import content, images, scripts
from aecore.web.addresses import Deep


def routes(base_path: str | None = "") -> list[BaseRoute]:
    """The routes, below the path that the app is served at (Streamlit's `server.baseUrlPath`).

    Example:
        >>> [route.path for route in routes("teach/")][::3]
        ['/teach/lab/block/{digest}', '/teach/{path:path}']
    """
    base = (base_path or "").strip("/")
    prefix = f"/{base}" if base else ""
    return [
        Route(f"{prefix}/lab/block/{{digest}}", content.respond),
        Route(f"{prefix}/lab/test-images/{{dataset}}", images.respond),
        Route(f"{prefix}/lab/{{digest}}/{{path:path}}", scripts.respond),
        Deep(prefix),
    ]
