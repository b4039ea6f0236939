"""What a family says of its options and of the terms of its loss, as plain values. No torch.

Checks, messages, the command line, the form of the page Train, code snippets and charts read these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from aecore.errors import LabError

MOST_SIZES = 8  # layers in a list of sizes


@dataclass(frozen=True)
class Option:
    """One option of a family, or one setting of training.

    Args:
        name: as in `aecore.build_model`; the command line writes it with hyphens.
        default: its value where none is given.
        label: as a form names it.
        help: one line for the command line, without a full stop.
        kind: ``whole`` and ``number`` lie in [low, high], ``sizes`` is a list of at most 8 whole
            numbers in it, ``choice`` is one of ``choices``, ``switch`` is true or false.
        low, high: bounds, included.
        step: of a form's control.
        choices: each possible value and how a form names it.
        symbol: in formulas and in a run's description; empty where it is not worth a mention.
        key: its name in a page's address; its own name where empty.
        form: whether the form of the page Train offers it.
        by, cases: another option before it, and what this one is for each value of that.

    Example:
        >>> rate = Option("rho", 0.05, "Sparsity", "mean activation", low=0, high=1)
        >>> rate.check(1)
        1.0
        >>> rate.check(2)
        Traceback (most recent call last):
        ...
        aecore.errors.LabError: rho must be a number from 0 to 1, not 2.
    """

    name: str
    default: Any  # of the type that its kind says
    label: str
    help: str
    kind: Literal["whole", "number", "sizes", "choice", "switch"] = "number"
    low: float = 0
    high: float = 1
    step: float = 1
    choices: Mapping[str, str] = field(default_factory=dict)
    symbol: str = ""
    key: str = ""
    form: bool = True
    by: str = ""
    cases: "Mapping[str, Option]" = field(default_factory=dict)

    @property
    def flag(self) -> str:
        """Its name on the command line.

        Example:
            >>> Option("latent_dim", 2, "Code size", "size of the code", "whole").flag
            '--latent-dim'
        """
        return f"--{self.name.replace('_', '-')}"

    def under(self, values: Mapping[str, object]) -> "Option":
        """What it is beside these values of the options before it."""
        return self.cases[str(values[self.by])] if self.by else self

    def check(self, value: Any) -> Any:
        """The value in its own type.

        Raises:
            LabError: for one outside its range or of another type; the message names the option.
        """
        match self.kind:
            case "whole":
                return self._whole(value, self.name)
            case "number":
                number = isinstance(value, (int, float)) and not isinstance(value, bool)
                if not number or not self.low <= value <= self.high:
                    raise self._wrong(f"a number from {self.low:g} to {self.high:g}", value)
                return float(value)
            case "sizes":
                if not isinstance(value, (list, tuple)) or len(value) > MOST_SIZES:
                    raise self._wrong(f"a list of at most {MOST_SIZES} layer sizes", value)
                return [self._whole(size, f"Each size in {self.name}") for size in value]
            case "choice":
                if not isinstance(value, str) or value not in self.choices:
                    raise LabError(
                        f"There is no {self.name} {value!r:.80}. "
                        f"Choose one of: {', '.join(self.choices)}."
                    )
                return value
            case "switch":
                if not isinstance(value, bool):
                    raise self._wrong("true or false", value)
                return value

    def parse(self, text: str) -> Any:
        """A value from the command line; its range is checked later.

        Raises:
            ValueError: for a text of another kind.

        Example:
            >>> Option("hidden", [], "Layers", "layer sizes", "sizes").parse("512,256")
            [512, 256]
        """
        match self.kind:
            case "whole":
                return int(text)
            case "number":
                return float(text)
            case "sizes":
                return [int(part) for part in text.split(",")] if text else []
            case "switch":
                return {"yes": True, "no": False}[text] if text in ("yes", "no") else _no_switch()
        return text

    def text(self, value: Any) -> str:
        """A value as the command line takes it; the inverse of `parse`.

        Example:
            >>> Option("hidden", [], "Layers", "layer sizes", "sizes").text([512, 256])
            '512,256'
        """
        match self.kind:
            case "sizes":
                return ",".join(map(str, value))
            case "switch":
                return "yes" if value else "no"
        return str(value)

    def _whole(self, value: Any, name: str) -> int:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not self.low <= value <= self.high:
            raise LabError(
                f"{name} must be a whole number from {self.low} to {self.high}, not {value!r:.80}."
            )
        return int(value)

    def _wrong(self, wanted: str, value: object) -> LabError:
        return LabError(f"{self.name} must be {wanted}, not {value!r:.80}.")


SEED = Option(
    "seed",
    0,
    label="Seed",
    help="of the initial weights, the order and the noise",
    kind="whole",
    high=2**31 - 1,
)


@dataclass(frozen=True)
class Term:
    """One named term of a family's losses, in nats per image.

    Args:
        name: its key in what `losses` returns.
        title: as charts and captions name it.
        colour: the symbol whose colour it has, a token of `assets/live` such as ``xh``.
        batch: whether it is of a batch as a whole and not a mean over its images, so that its
            value depends on the size of the batch: it is then tested at the size of training.

    Example:
        >>> Term("kl", "KL to the prior", "sigma").batch
        False
    """

    name: str
    title: str
    colour: str
    batch: bool = False


def check_options(
    options: Sequence[Option], given: Mapping[str, object], owner: str
) -> dict[str, object]:
    """A value for each option: what is given, checked, or the default.

    Raises:
        LabError: for a name that is none of the options, naming all; and as `Option.check`.

    Example:
        >>> beta = Option("beta", 1.0, "β", "weight of the KL term", high=1000)
        >>> check_options([beta], {"beta": 4}, "vae")
        {'beta': 4.0}
    """
    known = [option.name for option in options]
    if unknown := sorted(set(given) - set(known)):
        raise LabError(
            f"A model of the family {owner!r} has no option {unknown[0]!r}. "
            f"Its options are: {', '.join(known) or 'none'}."
        )
    values: dict[str, object] = {}
    for described in options:
        option = described.under(values)
        value = given.get(described.name, described.default)
        if value is None and described.by:
            value = option.default
        values[described.name] = option.check(value)
    return values


def _no_switch() -> bool:
    raise ValueError("yes or no")
