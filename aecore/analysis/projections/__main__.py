"""`python -m aecore.analysis.projections NAME CODES`: a plane in a process of its own.

It writes a projection's places of a file of codes to standard output, as an array in NumPy's
format. It ends when its standard input is closed: with whoever started it.
"""

import os
import sys
import threading

import numpy as np

from aecore.analysis.projections import REGISTRY
from aecore.runs.codes import Codes


def _end_with_input() -> None:
    while os.read(0, 4096):  # not through sys.stdin, whose lock would outlive the work
        pass
    os._exit(1)


def main(name: str, path: str) -> None:
    """Write the places, unless standard input is closed before."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    places = REGISTRY[name].places
    assert places is not None  # only those that take long are asked for here
    np.save(sys.stdout.buffer, places(Codes.load(path).mean.values))


if __name__ == "__main__":
    main(*sys.argv[1:])
