"""A page's view: what the address keeps of what a hand does, as fields that parse and print.

A page declares its `View` once. Python reads it when the page opens; from then on the browser
writes it (`assets/live/core/view.js` has the same kinds of fields), so that neither a drag nor a
click runs a script. What makes no sense in an address is None, and the field falls back to its
default.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import ROUND_HALF_UP, Context
from typing import Any

from typing_extensions import override

from aecore.analysis.projections import REGISTRY

NUMBER = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?")
AXES = re.compile(r"[1-9][0-9]?\.[1-9][0-9]?")
STOP = re.compile(r"(?:([a-z_]{1,20})\.)?([0-9]{1,6})")
LONGEST = 24  # characters of one number
TINY = 1e-6  # of smaller ones, 0 is written


def number(text: str) -> float | None:
    """A finite decimal number; None for any other text.

    Example:
        >>> number("-2.50"), number(".5"), number("1e-05"), number("nan"), number("1_0")
        (-2.5, 0.5, 1e-05, None, None)
    """
    if len(text) > LONGEST or not NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if abs(value) < float("inf") else None


def digits_of(value: float, digits: int = 5) -> str:
    """A number as text of so many significant digits, never with an exponent.

    Example:
        >>> digits_of(-0.123456), digits_of(2.0), digits_of(1e-9), digits_of(123456.0)
        ('-0.12346', '2', '0', '123460')
    """
    if abs(value) < TINY:
        return "0"
    text = f"{Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class Field(ABC):
    """One parameter of the address.

    `parse` gives a value or None for what makes no sense, `text` is its inverse.
    """

    name: str
    default: Any = None

    @abstractmethod
    def parse(self, text: str) -> Any:
        """The value that a text means, or None."""

    def text(self, value: Any) -> str:
        """A value as the address holds it."""
        return str(value)

    def spec(self) -> dict:
        """What the browser makes the same field of."""
        return {"kind": type(self).__name__.lower(), **asdict(self)}


@dataclass(frozen=True)
class Whole(Field):
    """A whole number from `low` up to but without `end`.

    Example:
        >>> Whole("seed", 0, end=100).parse("17"), Whole("seed", 0, end=10).parse("17")
        (17, None)
    """

    low: int = 0
    end: int = 10**9

    @override
    def parse(self, text: str) -> int | None:
        if not re.fullmatch(r"[0-9]{1,9}", text):
            return None
        return int(text) if self.low <= int(text) < self.end else None


@dataclass(frozen=True)
class Number(Field):
    """A number from `low` to `high`, written with so many significant digits.

    What lies beyond makes no sense, or means the `nearest` that does.

    Example:
        >>> Number("level", low=0, high=1).parse("0.254"), Number("level", low=0).parse("-1")
        (0.254, None)
        >>> Number("at", low=0, nearest=True).parse("-1")
        0
    """

    low: float = -1000.0
    high: float = 1000.0
    digits: int = 5
    nearest: bool = False

    @override
    def parse(self, text: str) -> float | None:
        value = number(text)
        if value is not None and self.nearest:
            return min(max(value, self.low), self.high)
        return value if value is not None and self.low <= value <= self.high else None

    @override
    def text(self, value: float) -> str:
        return digits_of(value, self.digits)


@dataclass(frozen=True)
class Point(Field):
    """`least` to `most` numbers, none farther from 0 than `reach`.

    Example:
        >>> field = Point("z")
        >>> field.parse("1,-2.5"), field.parse("1,nan"), field.text([0.5, 1 / 3])
        ([1.0, -2.5], None, '0.5,0.33333')
    """

    least: int = 1
    most: int = 99
    reach: float = 1000.0
    digits: int = 5

    @override
    def parse(self, text: str) -> list[float] | None:
        if len(text) > self.most * (LONGEST + 1):
            return None
        parts = text.split(",")
        found = [number(part) for part in parts]
        values = [value for value in found if value is not None and abs(value) <= self.reach]
        all_good = len(values) == len(parts) and self.least <= len(values) <= self.most
        return values if all_good else None

    @override
    def text(self, value: list[float]) -> str:
        return ",".join(digits_of(v, self.digits) for v in value)


@dataclass(frozen=True)
class Choice(Field):
    """One of a few words, which are in small letters; an address may have capitals.

    Example:
        >>> field = Choice("kind", "gaussian", ("gaussian", "masking"))
        >>> field.parse("blur"), field.parse("Masking")
        (None, 'masking')
    """

    options: tuple[str, ...] = ()

    @override
    def parse(self, text: str) -> str | None:
        word = text.lower()
        return word if word in self.options else None


@dataclass(frozen=True)
class Flag(Field):
    """On or off; off stands in no address.

    Example:
        >>> Flag("diff").parse("1"), Flag("diff").parse("yes")
        (True, None)
    """

    default: bool = False

    @override
    def parse(self, text: str) -> bool | None:
        return True if text == "1" else None

    @override
    def text(self, value: bool) -> str:
        return "1" if value else ""


@dataclass(frozen=True)
class Classes(Field):
    """A set of classes, each one digit.

    Example:
        >>> Classes("hide").parse("7227"), Classes("hide").text([2, 7])
        ([2, 7], '27')
    """

    default: tuple = ()

    @override
    def parse(self, text: str) -> list[int] | None:
        return sorted(set(map(int, text))) if re.fullmatch(r"[0-9]{0,99}", text) else None

    @override
    def text(self, value: list[int]) -> str:
        return "".join(map(str, sorted(value)))


@dataclass(frozen=True)
class Planes(Field):
    """What up to three planes show: two dimensions each, from 0 (from 1 as text), or a projection.

    Example:
        >>> field = Planes("axes")
        >>> field.parse("2.11,pca"), field.parse("0.1"), field.text([[1, 10], "pca"])
        ([[1, 10], 'pca'], None, '2.11,pca')
    """

    default: tuple = ()
    most: int = 3
    names: tuple = field(default_factory=lambda: tuple(REGISTRY))

    @override
    def parse(self, text: str) -> list[list[int] | str] | None:
        parts = text.split(",")
        known = [part in self.names or AXES.fullmatch(part) for part in parts]
        if len(parts) > self.most or not all(known):
            return None
        return [p if p in self.names else [int(axis) - 1 for axis in p.split(".")] for p in parts]

    @override
    def text(self, value: list[list[int] | str]) -> str:
        return ",".join(p if isinstance(p, str) else f"{p[0] + 1}.{p[1] + 1}" for p in value)


@dataclass(frozen=True)
class Stops(Field):
    """Numbers of test images, each of a named dataset or (None) of the one in use.

    Example:
        >>> Stops("stops").parse("3,digits.4")
        [{'from': None, 'i': 3}, {'from': 'digits', 'i': 4}]
    """

    default: tuple = ()
    least: int = 2
    most: int = 8

    @override
    def parse(self, text: str) -> list[dict] | None:
        parts = text.split(",")
        found = [stop for part in parts if (stop := STOP.fullmatch(part))]
        if len(found) < len(parts) or not self.least <= len(found) <= self.most:
            return None
        return [{"from": stop[1], "i": int(stop[2])} for stop in found]

    @override
    def text(self, value: list[dict]) -> str:
        return ",".join(f"{s['from']}.{s['i']}" if s["from"] else str(s["i"]) for s in value)


@dataclass(frozen=True)
class Path(Field):
    """A drawn path: which plane, and two to `most` corners on its two axes.

    Example:
        >>> Path("path").parse("1:0,0,2,1.5")
        {'m': 1, 'points': [[0.0, 0.0], [2.0, 1.5]]}
        >>> [Path("path").parse(text) for text in ("1:0,0,2", "5:0,0,1,1", "0:1,1,1,1")]
        [None, None, None]
    """

    most: int = 48
    digits: int = 4

    @override
    def parse(self, text: str) -> dict | None:
        plane, _, rest = text.partition(":")
        values = Point("", least=4, most=2 * self.most).parse(rest)
        if plane not in ("0", "1") or not values or len(values) % 2:
            return None
        points = [values[i : i + 2] for i in range(0, len(values), 2)]
        moves = any(point != points[0] for point in points)
        return {"m": int(plane), "points": points} if moves else None

    @override
    def text(self, value: dict) -> str:
        numbers = (digits_of(v, self.digits) for point in value["points"] for v in point)
        return f"{value['m']}:{','.join(numbers)}"


@dataclass(frozen=True)
class Text(Field):
    """A text of one pattern: plain ASCII, without anchors, as Python and JavaScript both read it.

    Example:
        >>> Text("band", pattern="pixels|[0-2]-[a-z]{4,7}").parse("1-lerp")
        '1-lerp'
    """

    pattern: str = ".*"

    @override
    def parse(self, text: str) -> str | None:
        return text if re.fullmatch(self.pattern, text, re.ASCII) else None


class View:
    """The fields of a page's or a component's view.

    Example:
        >>> view = View(Whole("at", 0, end=3), Point("z"))
        >>> view.read({"at": "1", "z": "spoiled", "other": "?"})
        {'at': 1, 'z': None}
    """

    def __init__(self, *fields: Field) -> None:
        self.fields = fields

    def read(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The values that an address holds, those of spoiled or missing parameters by default."""
        found = {}
        for one in self.fields:
            text = query.get(one.name)
            value = None if text is None else one.parse(text)
            found[one.name] = one.default if value is None else value
        return found

    def spec(self) -> list[dict]:
        """What the browser makes the same view of."""
        return [one.spec() for one in self.fields]
