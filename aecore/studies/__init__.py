"""Studies: many trainings compared. One file each; its result is a table in `assets/studies`.

A study is a module with a generator ``run(data)``. It trains what it compares, from seeds, and
after each training gives a line about it and all that it has found so far, as plain values.
"""

import json
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules

from aecore.errors import LabError
from aecore.files import write_json
from aecore.layout import ASSETS

STUDIES = ASSETS / "studies"

Found = Iterator[tuple[str, dict]]  # what ``run`` gives


def names() -> list[str]:
    """Every study, by its file's name.

    Example:
        >>> "few_labels" in names()
        True
    """
    return sorted(module.name for module in iter_modules(__path__) if module.name[0] != "_")


def load(name: str) -> dict | None:
    """The results of a study by its name; None where it is not here.

    Raises:
        LabError: when its file is damaged.

    Example:
        >>> load("no-such-study") is None
        True
    """
    path = STUDIES / f"{name}.json"
    if not re.fullmatch(r"[a-z_]+", name) or not path.is_file():
        return None
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise LabError(f"The study {name!r} is damaged. Install the app again.") from error
    if not isinstance(found, dict):
        raise LabError(f"The study {name!r} is damaged. Install the app again.")
    return found


def make(name: str, report: Callable[[str], None] = lambda line: None) -> dict:
    """Run a study on all of MNIST; store what it has found after each training.

    Args:
        name: one of `names`.
        report: called with a line for each training.

    Raises:
        LabError: for an unknown name, or when MNIST is not on disk.
    """
    if name not in names():
        raise LabError(f"There is no study {name!r}. Choose one of: {', '.join(names())}.")
    from aecore.data import load_dataset

    STUDIES.mkdir(exist_ok=True)
    found: dict = {}
    for line, found in import_module(f"{__name__}.{name}").run(load_dataset("mnist")):
        report(line)
        write_json(STUDIES / f"{name}.json", found)
    return found
