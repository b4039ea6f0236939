"""What a page's address holds of Streamlit's controls and of Python: the browser writes it.

The address is read when a page opens. From then on the session keeps it, a memory for each page,
so that the menu and Back find a page as it was left. A component without a picture
(`assets/live/components/address`) writes it by `replaceState`. Streamlit's own ways, ``bind`` and
writing to `st.query_params`, enter each change in the history, take the last page's choices out of
its entry as another opens, and hand a value on to a control of the same key on another page.
"""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from aecore.ui.state import number

STATE = "lab-address"

Texts = list[str]


class Address:
    """The addresses of a visitor's pages.

    Attributes:
        page: the one shown.
        memory: for each page, texts by the parameter's name.
        written: names that Python has spoken for on this page.
        started: keys of the controls that have had their value from the address.
        returns: how often the browser's history led to the page that was shown already.
        opening: the page and the query that the app was opened at, in the first run alone.

    Example:
        >>> address = Address()
        >>> address.open("decode", {"model": ["mnist-ae"]}, back=False)
        >>> address.open("compare", {}, back=False)
        >>> address.open("decode", {}, back=False)  # by the menu: as it was left
        >>> address.here
        {'model': ['mnist-ae']}
        >>> address.open("decode", {}, back=True)  # by the history: what it says
        >>> address.here
        {}
    """

    def __init__(self) -> None:
        self.page: str | None = None
        self.memory: dict[str, dict[str, Texts]] = {}
        self.written: set[str] = set()
        self.started: set[str] = set()
        self.returns = 0
        self.opening: tuple[str, dict[str, Texts]] | None = None

    @property
    def here(self) -> dict[str, Texts]:
        """The texts of the page that is shown."""
        return self.memory.setdefault(self.page or "", {})

    def open(self, page: str, query: Mapping[str, Texts], *, back: bool) -> None:
        """A page is run: the address counts where the page is another than before.

        Args:
            page: its path.
            query: the address as the browser has it.
            back: whether the browser's history led here; then what is missing counts, too.
        """
        self.opening = (page, dict(query)) if self.page is None else None
        if page == self.page and not back:
            return
        self.returns += page == self.page
        self.page, self.written, self.started = page, set(), set()
        if query or back or page not in self.memory:
            self.memory[page] = dict(query)


def _address() -> Address:
    return st.session_state.setdefault(STATE, Address())


def opened(page: str) -> None:
    """Take in the address of a page about to be run; the router calls it before each run."""
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    context = get_script_run_ctx()
    _address().open(page, query, back=bool(context and context.is_history_navigation))


def opening() -> tuple[str, dict[str, Texts]] | None:
    """The page and the query that the visitor has just opened the app at; None in later runs."""
    return _address().opening


def page() -> str:
    """The path of the page that is shown, below the app's own."""
    return _address().page or ""


def get(name: str) -> str | None:
    """A parameter's text, the last one; None where it is not there."""
    texts = _address().here.get(name)
    return texts[-1] if texts else None


def put(name: str, *texts: str) -> None:
    """Write a parameter; without a text it leaves the address."""
    address = _address()
    address.written.add(name)
    if texts:
        address.here[name] = list(texts)
    else:
        address.here.pop(name, None)


def key(name: str) -> str:
    """The key of a component that reads the address: another one where the address is another.

    Where the history leads to the page that is shown, Streamlit would leave the component as it is.
    """
    returns = _address().returns
    return f"{name}-{returns}" if returns else name


def to_write() -> dict:
    """What the browser is to write of the page that is shown, for its component."""
    address = _address()
    query = {name: address.here.get(name, []) for name in sorted(address.written)}
    return {"page": address.page, "query": query}


# ---------------------------------------------------------------- controls


def control(
    key: str,
    default: Any,
    read: Callable,
    text: Callable,
    make: Callable,
    fits: Callable = lambda value: True,
) -> Any:
    """One of Streamlit's controls whose value is in the address.

    Args:
        key: of the control, and the parameter's name.
        default: the value of a page that nobody has changed; it is not in the address.
        read: the parameter's texts to a value, or None for what makes no sense.
        text: a value to its texts.
        make: draws the control: `make(key=...)`, without a value of its own.
        fits: whether a value can still be chosen; else the default takes its place.
    """
    address = _address()
    if key not in address.started or key not in st.session_state:
        address.started.add(key)
        found = read(address.here[key]) if address.here.get(key) else None
        st.session_state[key] = default if found is None else found
    if not fits(st.session_state[key]):
        st.session_state[key] = default
    value = make(key=key)
    put(key, *([] if value == default else text(value)))
    return value


def choice(key: str, options: Mapping[str, str], default: Any, make: Callable) -> Any:
    """A control that chooses one out of ``options``, titles by name; None means none."""

    def read(texts: Texts) -> str | None:
        return _named(texts[-1], options)

    def fits(name: str | None) -> bool:
        return name in options or name == default

    return control(key, default, read, lambda name: [name or ""], make, fits)


def choices(key: str, options: Mapping[str, str], default: Texts, make: Callable) -> Texts:
    """A control that chooses any number of ``options``, titles by name; none is an empty text."""

    def read(texts: Texts) -> Texts | None:
        found = list(dict.fromkeys(name for text in texts if (name := _named(text, options))))
        return found if found or not any(texts) else None

    def fits(names: Texts) -> bool:
        return all(name in options for name in names)

    return control(key, default, read, lambda names: names or [""], make, fits)


def numeric(
    key: str, default: float, make: Callable, low: float = -1e15, high: float = 1e15
) -> Any:
    """A control of a number from ``low`` to ``high``, whole where its default is."""
    whole = isinstance(default, int)

    def read(texts: Texts) -> float | None:
        value = number(texts[-1])
        if value is None or not low <= value <= high or (whole and value != int(value)):
            return None
        return int(value) if whole else value

    return control(key, default, read, lambda value: [f"{value:.15g}"], make)


def switch(key: str, default: bool, make: Callable) -> bool:
    """A control that is on or off."""
    states = {"true": True, "false": False}
    return control(
        key, default, lambda t: states.get(t[-1]), lambda value: [str(value).lower()], make
    )


def line(key: str, default: str, make: Callable) -> str:
    """A control of one line of text."""
    return control(key, default, lambda texts: texts[-1], lambda value: [value], make)


def _named(text: str, options: Mapping[str, str]) -> str | None:
    """The option that a text names; links of before hold titles."""
    titles = {title: name for name, title in options.items()}
    return text if text in options else titles.get(text)
