"""What a browser is told of a shipped run once it asks: its networks and the figures of its card.

A page may show any of dozens; their blocks are made when one is asked for, not when a page opens.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from aecore.errors import LabError
from aecore.runs import SHIPPED, check_name, shipped_run
from aecore.web import blocks

CURVES = "under_noise"  # long, and shown on a page of its own


def about(name: str) -> dict:
    """Where its ``networks`` are (see `blocks.block`), and the ``figures`` of its card.

    Raises:
        LabError: when there is no such shipped run, or its files are damaged.

    Example:
        >>> sorted(about("mnist-ae"))
        ['figures', 'networks']
    """
    if not (SHIPPED / check_name(name)).is_dir():
        raise LabError(f"There is no shipped run {name!r}.", "This run is not here any more.")
    run = shipped_run(name)
    figures = {key: value for key, value in run.card["figures"].items() if key != CURVES}
    return {"networks": blocks.url_of(run, "networks"), "figures": figures}


def respond(request: Request) -> Response:
    """The same by the run's name; nothing is said of a name that is not there."""
    headers = {"Cache-Control": "no-store"}
    try:
        return JSONResponse(about(request.path_params["name"]), headers=headers)
    except LabError:
        return Response(status_code=404, headers=headers)
