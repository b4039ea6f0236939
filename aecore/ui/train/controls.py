"""One control for each kind of option, tied to the address."""

import re
from collections.abc import Mapping
from typing import Any

import streamlit as st

from aecore.families.options import MOST_SIZES, Option
from aecore.ui import address, page
from aecore.ui.text import train as words

FEW = 3  # choices that stand side by side


def control(option: Option, form: str | None = None) -> Any:
    """The control of an option; its value, or None for a wrong one, which is said right under it.

    Args:
        option: its key is the name in the address.
        form: how a number is written, such as ``%.4f``.
    """
    key = option.key or option.name
    match option.kind:
        case "choice":
            return choice(key, option.label, option.choices, str(option.default))
        case "switch":
            return address.switch(
                key, bool(option.default), lambda key: st.toggle(option.label, key=key)
            )
        case "sizes":
            default = ", ".join(map(str, option.default))
            text = address.line(key, default, lambda key: st.text_input(option.label, key=key))
            sizes, wrong = layers(text, option)
            if wrong:
                _wrong(wrong)
            return sizes
        case "whole":
            numbers = int(option.default), int(option.low), int(option.high), int(option.step)
        case _:
            numbers = (
                *(float(option.default), float(option.low), float(option.high)),
                float(option.step),
            )
    return _number(key, option.label, *numbers, **({"format": form} if form else {}))


def choice(key: str, label: str, choices: Mapping[str, str], default: str) -> str:
    """One out of several by their titles: side by side where they are few, else in a list."""
    how: dict[str, Any] = {"options": list(choices), "format_func": choices.get}
    few = len(choices) <= FEW and key not in ("family", "images")

    def make(key: str) -> str:
        if few:
            return st.segmented_control(label, key=key, required=True, width="stretch", **how)
        return st.selectbox(label, key=key, **how)

    return address.choice(key, choices, default, make)


def layers(text: str, option: Option) -> tuple[list[int] | None, str]:
    """Layer sizes, or None and what is wrong with them.

    Example:
        >>> hidden = Option("hidden", [512, 256], "Hidden layers", "", "sizes", 1, 8192)
        >>> layers("512, 256", hidden)
        ([512, 256], '')
        >>> layers("12; 3", hidden)[1]
        'Hidden layers are whole numbers from 1 to 8192 between commas, up to 8 of them: 512, 256.'
    """
    parts = [part.strip() for part in str(text).split(",")]
    if parts == [""] and not option.default:
        return [], ""
    if len(parts) <= MOST_SIZES and all(re.fullmatch(r"[0-9]{1,9}", part) for part in parts):
        sizes = [int(part) for part in parts]
        if all(option.low <= size <= option.high for size in sizes):
            return sizes, ""
    usual = ", ".join(map(str, option.default))
    return None, (
        f"{option.label} are whole numbers from {option.low} to {option.high} between commas, "
        f"up to {MOST_SIZES} of them: {usual}."
    )


def _number(
    key: str, label: str, default: float, low: float, high: float, step: float, **how: str
) -> float | None:
    """A number from low to high; None for one beyond, which is said right under its control.

    The control itself has no bounds: it would go on with the last number that was within them.
    """
    value = address.numeric(
        key, default, lambda key: st.number_input(label, step=step, key=key, **how)
    )
    if low <= value <= high:
        return value
    _wrong(words.number(low, high))
    return None


def _wrong(sentence: str) -> None:
    st.error(page.plain(sentence), icon=":material/error:")
