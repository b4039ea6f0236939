"""The one exception that is written for a person."""

import errno
import logging
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)
log = logging.getLogger(__name__)


class LabError(ValueError):
    """Something a person can put right; the message says what is wrong and what to do.

    The command line prints the message and exits with 2. Pages show `visitor`, for the reader of a
    page can set no variable of the server and sees none of its folders.

    Args:
        message: for whoever runs the program: names folders, variables and commands.
        visitor: for whoever looks at a page; None where the message serves both.

    Example:
        >>> raise LabError("There is no model 'vea'. Choose one of: ae, vae.")
        Traceback (most recent call last):
        ...
        aecore.errors.LabError: There is no model 'vea'. Choose one of: ae, vae.
        >>> LabError("/data is full. Set LATENT_LAB_DATA.", "The disk is full.").visitor
        'The disk is full.'
    """

    def __init__(self, message: str, visitor: str | None = None) -> None:
        super().__init__(message)
        self.visitor = message if visitor is None else visitor


def for_visitor(error: LabError) -> str:
    """The text of an error for a page; where the operator has another, the log has that.

    Example:
        >>> for_visitor(LabError("There is no such run."))
        'There is no such run.'
    """
    if error.visitor != str(error):
        log.warning("%s", error)
    return error.visitor


def nearest(name: str, names: Iterable[str]) -> str:
    """The names of a long list that are nearest to a wrong one, as a sentence; empty where none is.

    Example:
        >>> nearest("mnist-vea", ["mnist-vae", "mnist-ae", "digits"])
        ' Nearest to it: mnist-vae, mnist-ae.'
        >>> nearest("?", ["mnist-vae"])
        ''
    """
    found = get_close_matches(name, list(names), n=3)
    return f" Nearest to it: {', '.join(found)}." if found else ""


def damaged_run(path: Path, what: str = "damaged", then: str = "") -> LabError:
    """The error for a file of a run that cannot be read; `then` says what to do.

    Example:
        >>> print(damaged_run(Path("runs/mine/card.json")))
        card.json of the run 'mine' is damaged.
        >>> damaged_run(Path("runs/mine/card.json")).visitor
        "The run 'mine' is damaged. Choose another, or train it again."
    """
    run = path.parent.name
    return LabError(
        f"{path.name} of the run {run!r} is {what}.{then}",
        f"The run {run!r} is damaged.{then or ' Choose another, or train it again.'}",
    )


def unwritten(error: OSError) -> str:
    """Why the server could not write a file, and what to do, for whoever looks at a page.

    Example:
        >>> unwritten(OSError(errno.ENOSPC, "No space left on device"))
        "The server's disk is full. Delete some runs, then try again."
    """
    if error.errno in FULL:
        return "The server's disk is full. Delete some runs, then try again."
    return "The server cannot write to its folder of runs. Ask whoever runs the server."
