"""A CSV file is the same whether Python or the browser writes it."""

import pytest

from aecore.ui.export import to_csv

HOSTILE = [
    "a, b",
    'say "x"',
    "two\nlines",
    "cr\r",
    "",
    "β \N{GRINNING FACE}",
    "=1+1",
    "-A1",
    "@x",
    "-",
    "-.",
    "1.2.3",
    "+1-1",
    "\n=1",
    "＝1+1",
    "βλ ½",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_every_cell_is_written_alike(evaluate, name):
    rows = [["run", "x"], [name, 0.5], ["-1", name], [-2, "+1e-05"]]
    assert evaluate("exported.toCsv(x)", rows, exported="core/export.js") == to_csv(rows)


def test_what_is_missing_is_an_empty_cell(evaluate):
    written = evaluate("exported.toCsv([[null, undefined, 0]])", exported="core/export.js")
    assert written == "\ufeff,,0\n"
