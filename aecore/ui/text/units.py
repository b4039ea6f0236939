"""Stretches of time and sizes, as a person says them."""

from aecore.runs.limits import MEGABYTE


def about(seconds: float) -> str:
    """A stretch of time.

    Example:
        >>> about(4), about(75), about(4000)
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
