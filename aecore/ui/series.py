"""What runs are trained with, and how those beside each other differ."""

from collections.abc import Sequence
from typing import TypeGuard

from aecore.families.description import Symbol
from aecore.runs import Run


def settings(run: Run, *, unusual: bool = False) -> dict[str, float]:
    """Values of the options that have a symbol, by symbol; only ``unusual`` ones if asked for."""
    found: dict[str, float] = {}
    for one in run.about.symbols:
        value = run.config.options.get(one.option)
        if _is_number(value) and not (unusual and value == one.default):
            found[one.symbol] = value
    return found


def differing(runs: Sequence[Run]) -> list[dict[str, float]]:
    """For each run its values of the options in which they differ, of those that have a symbol.

    Example:
        >>> from aecore.runs import shipped_run
        >>> differing([shipped_run(f"mnist-contractive-{weight}") for weight in (0, 3)])
        [{'λ': 0.0}, {'λ': 3.0}]
    """
    names = _varied(runs)
    shown = [{one.symbol for one in run.about.symbols if one.option in names} for run in runs]
    return [
        {symbol: value for symbol, value in settings(run).items() if symbol in own}
        for run, own in zip(runs, shown, strict=True)
    ]


def in_order(runs: Sequence[Run]) -> list[Run]:
    """By family, and within it by the options in which they differ."""
    names = _varied(runs)

    def place(run: Run) -> tuple[str, list[float]]:
        return run.family, [run.config.options.get(name, 0) for name in names]

    return sorted(runs, key=place)


def setting(runs: Sequence[Run]) -> Symbol | None:
    """The one option in which runs of a family differ, each with a value of its own; else None."""
    names = _varied(runs)
    if len({run.family for run in runs}) != 1 or len(names) != 1:
        return None
    (name,), (first, *_) = names, runs
    others = [{**run.config.options, name: None} for run in runs]
    values = {run.config.options.get(name) for run in runs}
    if any(one != others[0] for one in others) or len(values) != len(runs):
        return None
    words = name.replace("_", " ")
    return next((one for one in first.about.symbols if one.option == name), Symbol(name, words, 0))


def _varied(runs: Sequence[Run]) -> list[str]:
    """Options that are numbers, and not the same in all runs that have them."""
    found: dict[str, set] = {}
    for run in runs:
        for name, value in run.config.options.items():
            found.setdefault(name, set()).add(value if _is_number(value) else None)
    return [name for name, values in found.items() if len(values) > 1 and None not in values]


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
