"""Facts turned into sentences, a folder for each language.

The folders hold the same modules with the same functions (a test compares them): another language
is another folder, chosen here.

Example:
    >>> from aecore.ui.text import units
    >>> units.duration(75)
    'about a minute'
"""

from aecore.ui.text.en import compare, denoise, live, runs, train, training, units

__all__ = ["compare", "denoise", "live", "runs", "train", "training", "units"]
