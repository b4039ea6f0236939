"""Results of studies, many trainings each, shipped as tables: `assets/studies`."""

import json
import re

from aecore.errors import LabError
from aecore.layout import ASSETS

STUDIES = ASSETS / "studies"


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
