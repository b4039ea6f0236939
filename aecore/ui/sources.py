"""Where images come from: the test images of a dataset, the drawing pad, or a file.

`assets/live/images/source.js` is what the browser makes of a description.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from aecore.data import DatasetInfo, available_datasets
from aecore.runs import Run
from aecore.ui.text import denoise as words
from aecore.web import images

DIGITS = "digits"  # a kind of images
STOPS = {  # a 2, a 4, a 5, a 6 that the two-dimensional models rebuild well
    "mnist": (396, 238, 604, 463),  # from the 4 to the 5 both meet an 8
    "digits": (222, 250, 381, 36),
    "strokes": (127, 175, 152, 18),
}


@dataclass(frozen=True)
class Source:
    """One source of images.

    Args:
        way: ``"dataset"``, ``"drawn"`` or ``"uploaded"``.
        name: in addresses.
        title: what it is called.
        url: where a dataset's images and labels are asked for.
        stops: numbers of test images that are good ones to begin with.
        here: whether its images are on this machine.
    """

    way: str
    name: str
    title: str
    url: str = ""
    stops: tuple[int, ...] = ()
    here: bool = True

    def spec(self) -> dict[str, Any]:
        """What the browser is sent."""
        return asdict(self)


def datasets(runs: Sequence[Run]) -> list[Source]:
    """The runs' own datasets and the digits that are on disk, the usual one first.

    That is one on disk, the runs' own or of the same kind; where there is none, their own.
    """
    known = _known()
    own = [name for name in dict.fromkeys(run.config.dataset for run in runs) if name in known]
    kinds = {known[name].kind for name in own} or {DIGITS}
    on_disk = [name for name, info in known.items() if info.kind == DIGITS and info.on_disk]

    def order(info: DatasetInfo) -> tuple[bool, bool, bool]:
        alike = info.kind in kinds
        return not (alike and info.on_disk), not alike, info.name not in own

    suiting = [known[name] for name in dict.fromkeys(own + on_disk)]
    return [_of(info) for info in sorted(suiting, key=order)]


def own_images() -> list[Source]:
    """One image of a visitor's own: drawn on the pad, or from a file."""
    return [Source("drawn", "draw", words.DRAW), Source("uploaded", "upload", words.UPLOAD)]


def specs(found: Sequence[Source]) -> list[dict[str, Any]]:
    """What the browser is sent; of the usual one, which comes first, where its images are, too."""
    usual, *others = found
    known = {"places": images.places(usual.name)} if usual.way == "dataset" and usual.here else {}
    return [usual.spec() | known, *(source.spec() for source in others)]


def dataset_names() -> tuple[str, ...]:
    """The datasets that an address may name."""
    return tuple(_known())


def are_digits(runs: Sequence[Run]) -> bool:
    """Whether all images that these runs were trained on are digits."""
    kinds = {name: info.kind for name, info in _known().items()}
    return all(kinds.get(run.config.dataset) == DIGITS for run in runs)


def _of(info: DatasetInfo) -> Source:
    stops = STOPS.get(info.name, ())
    return Source("dataset", info.name, info.title, images.url_of(info.name), stops, info.on_disk)


def _known() -> dict[str, DatasetInfo]:
    return {info.name: info for info in available_datasets()}
