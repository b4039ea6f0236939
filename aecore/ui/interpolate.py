"""The page Interpolate: what its component is sent, and the view that it keeps in the address."""

from collections.abc import Sequence

from aecore.data import available_datasets
from aecore.runs import Run
from aecore.ui import component
from aecore.ui.state import Choice, Number, Path, Planes, Stops, Text, View
from aecore.web import blocks, images

DIGITS = ("digits", "strokes")  # datasets that are there on every machine
FIRST = {  # a 2, a 4, a 5, a 6 that the two-dimensional models rebuild well
    "mnist": [396, 238, 604, 463],  # from the 4 to the 5 both meet an 8
    "digits": [222, 250, 381, 36],
    "strokes": [127, 175, 152, 18],
}

# What the address keeps: where stops come from; numbers of test images (as "1,4,digits.15", those
# without a name from the source); the position in legs; the row whose readings are drawn; a drawn
# path; and what each plane shows.
VIEW = View(
    Choice("source", None, tuple(info.name for info in available_datasets())),
    Stops("stops"),
    Number("at", 0, low=0),
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
    known = {info.name: info for info in available_datasets()}
    own = list(dict.fromkeys(run.config.dataset for run in runs if run.config.dataset in known))
    data = {
        "models": [
            {
                **component.model(run, label),
                "encoder": blocks.url_of(run, "encoder"),
                "dataset": run.config.dataset,
            }
            for run in runs
        ],
        "reader": component.reader_url(runs),
        "sources": [
            {
                "name": name,
                "title": known[name].title,
                "url": images.url_of(name),
                "first": FIRST.get(name),
            }
            for name in dict.fromkeys([*own, *DIGITS])
        ],
        "source": _usual_source(own, [name for name in own if known[name].on_disk]),
    }
    component.mount("interpolate/interpolate", key, data, view=VIEW)


def _usual_source(own: list[str], on_disk: list[str]) -> str:
    """Images of the runs' own kind where they are on disk; else digits, if the runs know those.

    Example:
        >>> _usual_source(["mnist"], ["mnist"]), _usual_source(["mnist"], []), _usual_source([], [])
        ('mnist', 'digits', 'digits')
        >>> _usual_source(["fashion_mnist"], [])
        'fashion_mnist'
    """
    if on_disk:
        return on_disk[0]
    return "digits" if not own or "mnist" in own else own[0]
