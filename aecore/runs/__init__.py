"""A run is a folder: how one is written, opened and listed, and whose it is."""

from aecore.runs.recorder import Recorder
from aecore.runs.run import (
    SHIPPED,
    Run,
    RunConfig,
    check_name,
    delete_run,
    list_runs,
    open_run,
    runs_folder,
    shipped_run,
)

__all__ = [
    "SHIPPED",
    "Recorder",
    "Run",
    "RunConfig",
    "check_name",
    "delete_run",
    "list_runs",
    "open_run",
    "runs_folder",
    "shipped_run",
]
