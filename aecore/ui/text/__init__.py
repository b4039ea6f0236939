"""Facts turned into sentences, a folder for each language.

The folders hold the same modules with the same functions: another language is another folder
beside `en`, chosen by the environment's ``LATENT_LAB_LANGUAGE``.

Example:
    >>> from aecore.ui.text import units
    >>> units.duration(75)
    'about a minute'
"""

import os
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from aecore.errors import LabError

if TYPE_CHECKING:
    from aecore.ui.text.en import (
        compare,
        denoise,
        family,
        few_labels,
        generate,
        live,
        runs,
        train,
        training,
        units,
    )

MODULES = (
    "compare",
    "denoise",
    "family",
    "few_labels",
    "generate",
    "live",
    "runs",
    "train",
    "training",
    "units",
)
LANGUAGES = sorted(found.name for found in iter_modules(__path__))

__all__ = [
    "compare",
    "denoise",
    "family",
    "few_labels",
    "generate",
    "live",
    "runs",
    "train",
    "training",
    "units",
]

_language = os.environ.get("LATENT_LAB_LANGUAGE") or "en"
if _language not in LANGUAGES:
    raise LabError(
        f"LATENT_LAB_LANGUAGE is {_language!r:.40}; there is {', '.join(LANGUAGES)}.",
        "This server is set to a language that is not here. Tell whoever runs it.",
    )
for _module in MODULES:
    globals()[_module] = import_module(f"{__name__}.{_language}.{_module}")
