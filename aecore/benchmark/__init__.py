"""Speed on this machine: training, decoding, opening a page, a class at once; each with its goal.

Figures are medians of repetitions within one run, and rates are compared with rates measured
between them, so that a busy machine moves both sides alike; those of a class at once hold for a
machine with nothing else to do. Progress goes to stderr.
"""

import os
import platform
import sys
from collections.abc import Callable, Collection

from aecore.benchmark import browser, load, training

# At least this much for the first three, at most this much for the others.
LEAST = {
    "fit_over_plain_loop": 3.0,
    "fit_over_plain_loop_float32": 2.5,
    "share_of_matmul_rate": 0.7,
}
MOST = {
    "decode_ms": 1.0,
    **{f"{name}_to_paint_ms": 33.0 for name in browser.MOVED},
    **{f"{name}_to_paint_ratio": 2.0 for name in browser.MOVED},
    **{f"{name}_opening_ratio": 1.5 for name in browser.PAGES},
    "warm_first_decode_s": 1.5,
    "cold_first_decode_s": 5.0,
    "compare_bytes": 2_500_000,
    "return_file_bytes": 0,
    "load_script_runs_of_pins": 0,
    "load_cores_of_pins": 0.05,
    "load_cores_of_written_files": 0.01,
    "load_p95_ms": 100.0,
    "load_p95_over_bare": 2.0,
    "load_p95_training_ms": 100.0,
    "load_p95_training_over_bare": 3.0,
    "load_cores_of_watchers": 0.1,
    "load_record_p95_ms": 300.0,
    "load_errors": 0,
    "memory_growth": 1.10,
}
PARTS = ("training", "browser", "load")


def run_all(parts: Collection[str] = PARTS) -> dict:
    """Measure everything, or the parts that are named.

    Returns:
        Plain values: `figures`, by name as `training.measure`, `browser.measure` and
        `load.measure` say; `goals`; `met`, for each goal whether its figure reaches it, None where
        it was not measured; `machine`; and `skipped`, for each figure that could not be measured
        the reason.
    """
    figures: dict = {}
    skipped: dict[str, str] = {}
    machine = _machine()
    if "training" in parts:
        figures, about = training.measure(say)
        machine |= about
    measures: dict[str, Callable[[browser.Say], tuple[dict, dict[str, str]]]]
    measures = {"browser": browser.measure, "load": load.measure}
    for part, measure in measures.items():
        if part in parts:
            seen, why = measure(say)
            figures |= seen
            skipped |= why
    return result(figures, machine, skipped)


def result(figures: dict, machine: dict, skipped: dict[str, str]) -> dict:
    """Put figures beside their goals.

    Example:
        >>> result({"decode_ms": 0.5}, {}, {})["met"]["decode_ms"]
        True
    """
    met: dict[str, bool | None] = {}
    for name, goal in (LEAST | MOST).items():
        value = figures.get(name)
        reached = value is not None and (value >= goal if name in LEAST else value <= goal)
        met[name] = None if value is None else bool(reached)
    goals = {name: f"at least {goal}" for name, goal in LEAST.items()}
    goals |= {name: f"at most {goal}" for name, goal in MOST.items()}
    return {
        "figures": figures,
        "goals": goals,
        "met": met,
        "machine": machine,
        "skipped": skipped,
    }


def say(text: str) -> None:
    """Report progress where it does not disturb the result."""
    print(text, file=sys.stderr, flush=True)


def _machine() -> dict:
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }
