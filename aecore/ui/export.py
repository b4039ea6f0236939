"""Files that a visitor keeps: comma-separated values, and names for files.

`assets/live/core/export.js` writes its files by the same rules.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from aecore.runs import Run

MARK = "\ufeff"  # of UTF-8, without which a spreadsheet reads each letter beyond ASCII as two
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")  # what a spreadsheet takes for one
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?")


def to_csv(rows: Iterable[Sequence[object]]) -> str:
    r"""Rows as comma-separated values (RFC 4180, lines end with ``\n``).

    They begin with the mark of UTF-8. A cell is quoted where it holds a comma, a quote or a line
    break. A text that a spreadsheet would take for a formula begins with an apostrophe; numbers are
    left as they are.

    Example:
        >>> to_csv([["run", "z1"], ["a, b", 0.5], ["=1+1", -1]])
        '\ufeffrun,z1\n"a, b",0.5\n\'=1+1,-1\n'
    """
    return MARK + "".join(f"{','.join(map(_cell, row))}\n" for row in rows)


def _cell(value: object) -> str:
    text = str(value)
    if isinstance(value, str) and FORMULA.match(text) and not NUMBER.fullmatch(text):
        text = f"'{text}"
    if re.search(r'[",\r\n]', text):
        text = '"' + text.replace('"', '""') + '"'
    return text


def slug(title: str) -> str:
    """A title as a file's name.

    Example:
        >>> slug("My VAE: β/4"), slug("../..")
        ('my-vae-4', 'model')
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "model"


def codes_table(named: Sequence[tuple[str, Run]]) -> Iterable[list[object]]:
    """A row for each test image of each run: run, index, label, z1.., sd1.. of a posterior.

    Args:
        named: runs with what to call them.
    """
    most = max(run.latent_dim for _, run in named)
    yield [
        *("run", "index", "label"),
        *(f"{part}{j + 1}" for part in ("z", "sd") for j in range(most)),
    ]
    for name, run in named:
        codes, blank = run.codes, [""] * (most - run.latent_dim)
        stds = None if codes.log_std is None else np.exp(codes.log_std.values)
        for i, (label, z) in enumerate(zip(codes.labels, codes.mean.values, strict=True)):
            spread = [""] * run.latent_dim if stds is None else [f"{v:.5g}" for v in stds[i]]
            yield [name, i, label, *(f"{v:.5g}" for v in z), *blank, *spread, *blank]
