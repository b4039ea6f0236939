"""Stop and Continue, pressed in the browser.

    POST lab/run/stop?w=TOKEN&run=NAME
    POST lab/run/continue?w=TOKEN&run=NAME

Each answers JSON with an ``error``: empty, or the sentence that says why it was not done, with the
status 403 (no run of this visitor, or another site's request) or 409 (not possible at this time).
"""

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aecore import jobs
from aecore.errors import LabError, for_visitor
from aecore.runs import Run
from aecore.runs.workspaces import Workspace, open_workspace

# A header that no form sends, and a script of another site only where the server grants it.
HEADER = "X-Latent-Lab"

ACTIONS: dict[str, Callable[[Workspace, Run], None]] = {
    "stop": lambda workspace, run: jobs.cancel(run),
    "continue": lambda workspace, run: jobs.resume(workspace, run),
}


def routes(prefix: str) -> list[Route]:
    """A route for each action, below the app's path.

    Example:
        >>> [route.path for route in routes("/teach")]
        ['/teach/lab/run/stop', '/teach/lab/run/continue']
    """
    return [
        Route(f"{prefix}/lab/run/{name}", _answers(action), methods=["POST"])
        for name, action in ACTIONS.items()
    ]


def _answers(action: Callable[[Workspace, Run], None]) -> Callable:
    async def answer(request: Request) -> Response:
        if HEADER not in request.headers:
            return _answer("This request did not come from a page of the lab.", 403)
        query = request.query_params
        try:
            workspace = open_workspace(query.get("w", ""))
            run = workspace.run(query.get("run", ""))
        except LabError as error:
            return _answer(for_visitor(error), 403)
        try:
            await asyncio.to_thread(action, workspace, run)
        except LabError as error:
            return _answer(for_visitor(error), 409)
        return _answer("", 200)

    return answer


def _answer(error: str, status: int) -> Response:
    return JSONResponse({"error": error}, status, {"Cache-Control": "no-store"})
