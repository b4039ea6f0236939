"""The page Interpolate: what its component is sent, and the view that it keeps in the address."""

from collections.abc import Sequence

from aecore.runs import Run
from aecore.ui import component, sources
from aecore.ui.state import Choice, Number, Path, Planes, Stops, Text, View
from aecore.web import blocks

# What the address keeps: where stops come from; numbers of test images (as "1,4,digits.15", those
# without a name from the source); the position in legs; the row whose readings are drawn; a drawn
# path; and what each plane shows.
VIEW = View(
    Choice("source", None, sources.dataset_names()),
    Stops("stops"),
    Number("at", 0.5, low=0, nearest=True),
    Text("band", pattern="pixels|[0-2]-[a-z]{4,7}"),
    Path("path"),
    Planes("axes"),
)


def walk(runs: Sequence[Run], label: int | None = None, *, key: str = "walk") -> None:
    """Two or three runs on one path, decoded in the browser, which keeps its view in the address.

    Args:
        runs: the left and the right plane's, and one more whose images are shown beside theirs.
        label: the class that a model which takes one is given (see `choosers.choose_class`).
        key: of the component.
    """
    data: dict = {
        "models": [
            {
                **component.model(run, label),
                "encoder": blocks.url_of(run, "encoder"),
                "dataset": run.config.dataset,
            }
            for run in runs
        ],
        "reader": component.reader_url(runs),
        "sources": sources.specs(sources.datasets(runs)),
    }
    ahead = [data["reader"], *(one["url"] for one in data["models"])]
    component.mount("interpolate/interpolate", key, data, view=VIEW, ahead=ahead)
