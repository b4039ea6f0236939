"""What became of the codes of a training, and what differs between several."""

from aecore.analysis.training_summary import (
    ACTIVE,
    Growth,
    Line,
    Pair,
    Series,
    TrainingSummary,
)
from aecore.ui.text.en.units import amount


def summary(facts: TrainingSummary | None) -> str:
    r"""One training in up to five sentences; an empty text without facts.

    Example:
        >>> summary(TrainingSummary(2, Line(0, 1, 1.0), opened=2, settled=2))
        'Up to epoch 1 the codes lie along a line, with 100\xa0% of their variance in one direction.
        By epoch 2 the plane has opened, and from then on the classes stay where they are, within a
        tenth of its width.'
    """
    if facts is None:
        return ""
    if facts.active == 0:
        return (
            "All codes have fallen to one point: in no dimension does the variance of μ reach "
            f"{ACTIVE:g}, so a code says nothing of its image."
        )
    sentences = [_line(facts.line), _classes(facts), _collapse(facts), _growth(facts.growth)]
    if facts.shown is not None:
        share = _percent(facts.shown)
        sentences.append(f"The plane shows {share} of the variance of the codes at the end.")
    return " ".join(filter(None, sentences))


def _line(line: Line | None) -> str:
    if line is None:
        return ""
    if line.last is None:
        when = f"Since {_epoch(line.first)}" if line.first else "From the start"
    elif line.first:
        when = f"From {_epoch(line.first)} to {amount(line.last)}"
    else:
        when = f"Up to {_epoch(line.last)}"
    more = "" if line.share == 1 else " or more"
    return (
        f"{when} the codes lie along a line, with {_percent(line.share)}{more} of their variance "
        "in one direction."
    )


def _classes(facts: TrainingSummary) -> str:
    """When the plane opened, and since when the classes stay."""
    opens = ""
    if facts.opened is not None:
        what = "the plane has" if facts.dimensions == 2 else "other directions have"
        opens = f"by {_epoch(facts.opened)} {what} opened"
    stays = "at the end the classes still move" if facts.moving else ""
    if facts.settled is not None:
        whose = "the codes’"
        if facts.dimensions == 2:
            whose = "its" if opens else "the plane’s"
        when = f"from {_epoch(facts.settled)} on" if facts.settled else "from the start"
        if facts.settled == facts.opened:
            when = "from then on"
        stays = f"{when} the classes stay where they are, within a tenth of {whose} width"
    text = ", and ".join(filter(None, [opens, stays]))
    return text and f"{text[0].upper()}{text[1:]}."


def _collapse(facts: TrainingSummary) -> str:
    if facts.active is None or facts.active == facts.dimensions:
        return ""
    used = "One dimension tells" if facts.active == 1 else f"{facts.active} dimensions tell"
    lost = facts.dimensions - facts.active
    left = "the other has" if lost == 1 else f"the other {lost} have"
    return f"{used} images apart; {left} collapsed, with a variance of μ below {ACTIVE:g}."


def _growth(growth: Growth | None) -> str:
    if growth is None:
        return ""
    return (
        f"The codes keep spreading: they lie {amount(growth.before)} from their middle at "
        f"{_epoch(growth.first)} and {amount(growth.after)} at {_epoch(growth.last)} "
        "(root mean square)."
    )


def comparison(facts: Series | Pair | None) -> str:
    r"""Several trainings beside each other; an empty text without facts.

    Example:
        >>> comparison(Pair(2, (("AE", 130.0), ("VAE", 135.0)), False, terms=(("VAE", "KL", 6.0),)))
        'At epoch 2 the AE rebuilds 5 nats better (130 and 135); the VAE pays 6 nats of KL.'
    """
    if facts is None:
        return ""
    return _series(facts) if isinstance(facts, Series) else _pair(facts)


def _series(facts: Series) -> str:
    (least, most), symbol = facts.values, facts.symbol
    changes = [(_within(title), before, after) for title, before, after in facts.terms]
    changes.append(("reconstruction error", *facts.reconstruction))
    (name, before, after), *others = changes
    parts = [f"the {name} goes from {amount(before)} to {amount(after)} nats"]
    parts += [f"the {name} from {amount(a)} to {amount(b)}" for name, a, b in others]
    sentences = [
        f"At {_epoch(facts.epoch)}, from {_setting(symbol, least)} to {most:g}, {_list(parts)}."
    ]
    if facts.freed:
        usual, free, held = facts.freed
        sentences.append(
            f"With {_setting(symbol, 0)} nothing holds the codes: they spread {_times(free, held)} "
            f"as wide as with {_setting(symbol, usual)} ({amount(free)} and {amount(held)} from "
            "their middle)."
        )
    if facts.collapsed:
        value, codes = facts.collapsed
        left = {0: "no dimension tells", 1: f"only one of {codes.dimensions} dimensions tells"}.get(
            codes.active, f"only {codes.active} of {codes.dimensions} dimensions tell"
        )
        sentences.append(f"With {_setting(symbol, value)} {left} images apart any more.")
    return " ".join(sentences)


def _pair(facts: Pair) -> str:
    sentences = []
    if facts.spread:
        (wide, far), (slim, near) = facts.spread
        sentences.append(
            f"the codes of the {wide} spread {_times(far, near)} as wide as those of the {slim} "
            f"({amount(far)} and {amount(near)} from their middle)."
        )
    (good, least), (_, most) = facts.reconstruction
    if facts.alike:
        text = f"both rebuild equally well ({amount(least)} and {amount(most)} nats)"
    else:
        text = f"the {good} rebuilds {amount(most - least)} nats better "
        text += f"({amount(least)} and {amount(most)})"
    text += "".join(
        f"; the {kind} pays {amount(nats)} nats of {_within(title)}"
        for kind, title, nats in facts.terms
    )
    first, *rest = [*sentences, f"{text}."]
    return " ".join([f"At {_epoch(facts.epoch)} {first}", *(s[0].upper() + s[1:] for s in rest)])


def _epoch(epoch: float) -> str:
    return f"epoch {amount(epoch)}"


def _setting(symbol: str, value: float) -> str:
    return f"{symbol}\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{value:g}"


def _within(title: str) -> str:
    """A title within a sentence; an abbreviation such as KL stays as it is."""
    return title if title[1:2].isupper() else f"{title[:1].lower()}{title[1:]}"


def _list(parts: list[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last


def _times(far: float, near: float) -> str:
    ratio = far / max(near, 1e-9)
    return f"{ratio:.1f} times" if ratio < 9.95 else f"{ratio:.0f} times"


def _percent(share: float) -> str:
    """A share in whole percent, rounded down, so that "or more" holds."""
    return f"{int(100 * share + 1e-9)}\N{NO-BREAK SPACE}%"
