"""The description of a model that is not loaded: plain values in the configuration of its run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from aecore.families.options import Term

if TYPE_CHECKING:  # torch is loaded only by what needs a model
    from aecore.families.base import Model


@dataclass(frozen=True)
class Symbol:
    """An option that has a symbol, and so is worth a mention of its value.

    Attributes:
        option: its name.
        symbol: in formulas.
        default: its value where none is given.
        label: as a form names it; empty in a description that was made before it had one.
    """

    option: str
    symbol: str
    default: float
    label: str = ""


@dataclass(frozen=True)
class Description:
    """What charts, lists and captions say of a model. No torch.

    Attributes:
        title: of its family.
        short: the same in a few letters.
        loss: what the loss that it minimises is called.
        terms: the parts of it.
        symbols: of its options.
        prior: whether it was trained towards the prior N(0, I).
        posterior: whether an image has a distribution over codes, and not one code.

    Example:
        >>> from aecore.families import build_model
        >>> described = Description.of(build_model("vae", hidden=(8,)))
        >>> described.short, described.loss, described.prior
        ('VAE', '−ELBO', True)
        >>> Description.read(described.plain()) == described
        True
    """

    title: str
    short: str
    loss: str = "loss"
    terms: tuple[Term, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    prior: bool = False
    posterior: bool = False

    @classmethod
    def of(cls, model: "Model") -> "Description":
        """Of a model, which may be one without memory for its weights."""
        prior = model.prior()
        options = [option.under(model.options) for option in model.OPTIONS]
        symbols = (
            Symbol(described.name, option.symbol, option.default, option.label)
            for described, option in zip(model.OPTIONS, options, strict=True)
            if option.symbol
        )
        return cls(
            model.title,
            model.short,
            model.loss_title,
            model.TERMS,
            tuple(symbols),
            prior is not None and prior.describe()["kind"] == "standard_normal",
            "log_var" in model.heads,
        )

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "Description":
        """From plain values.

        Raises:
            KeyError, TypeError: for values that describe nothing.
        """
        return cls(
            str(values["title"]),
            str(values["short"]),
            str(values["loss"]),
            tuple(Term(**term) for term in values["terms"]),
            tuple(Symbol(**symbol) for symbol in values["symbols"]),
            bool(values["prior"]),
            # A description made before has no such field: each prior came with a posterior then.
            bool(values.get("posterior", values["prior"])),
        )

    def plain(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self) | {
            "terms": [asdict(term) for term in self.terms],
            "symbols": [asdict(symbol) for symbol in self.symbols],
        }
