"""Numbers, stretches of time and sizes, as a person says them."""

from aecore.runs.limits import MEGABYTE

# A digit with its article, for the sentences of the components.
DIGITS = {f"digit_{d}": "an 8" if d == 8 else f"a {d}" for d in range(10)}


def amount(value: float) -> str:
    """A number with as many digits as it needs to be told from its like.

    Example:
        >>> amount(0.256), amount(2.0), amount(-4.26), amount(12.34), amount(147.28)
        ('0.26', '2', '−4.3', '12.3', '147.3')
    """
    return figure(value, 2 if abs(value) < 1 else 1).rstrip("0").rstrip(".")


def figure(value: float | None, digits: int) -> str:
    """A number with a true minus; a dash where there is none.

    Example:
        >>> figure(-0.0123, 3), figure(-0.0123, 1), figure(None, 3)
        ('−0.012', '0.0', '–')
    """
    return "–" if value is None else f"{value:z.{digits}f}".replace("-", "−")


def share(value: float | None) -> str:
    """A share of two digits; a dash where there is none.

    Example:
        >>> share(0.855), share(1.0), share(None)
        ('.85', '1.00', '–')
    """
    return "–" if value is None else f"{value:.2f}".removeprefix("0")


def level(value: float) -> str:
    """A level of noise, short.

    Example:
        >>> level(0.25), level(1.0), level(10.0)
        ('.25', '1', '10')
    """
    return f"{value:g}".removeprefix("0") or "0"


def percent(value: float, digits: int = 0) -> str:
    """A share in percent, with a space that does not break.

    Example:
        >>> percent(0.683), percent(0.991, 1)
        ('68\\xa0%', '99.1\\xa0%')
    """
    return f"{100 * value:.{digits}f}\N{NO-BREAK SPACE}%"


def duration(seconds: float) -> str:
    """A stretch of time.

    Example:
        >>> duration(4), duration(75), duration(4000)
        ('a few seconds', 'about a minute', 'about 67 minutes')
    """
    if seconds < 8:
        return "a few seconds"
    if seconds < 50:
        return f"about {round(seconds / 5) * 5} seconds"
    minutes = round(seconds / 60)
    return "about a minute" if minutes <= 1 else f"about {minutes} minutes"


def megabytes(size: int) -> str:
    """A size in megabytes, whole ones.

    Example:
        >>> megabytes(11_594_722)
        '12 MB'
    """
    return f"{max(1, round(size / MEGABYTE)):,} MB"
