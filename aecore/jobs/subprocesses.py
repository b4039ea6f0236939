"""Processes of our own beside this one. Each ends when its standard input is closed: with us."""

import os
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO


def start(module: str, *arguments: str, stdout: int | BinaryIO) -> subprocess.Popen:
    """Start a module that reads its standard input to the end and then ends, however we ended.

    Raises:
        OSError: when the machine has no room for it.
    """
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(paths),
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "NUMBA_NUM_THREADS": "1",
        # It ends without ceremony, and its helper would complain of that on the terminal.
        "PYTHONWARNINGS": "ignore::UserWarning:multiprocessing.resource_tracker",
    }
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=stdout,
        env=environment,
        start_new_session=True,  # Ctrl-C on the terminal is for the server
    )
