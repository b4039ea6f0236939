"""A file that a visitor keeps is read back as it was written, whatever a run is called."""

import codecs
import csv
import io
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from aecore.runs import shipped_run
from aecore.ui import export

HOSTILE = [
    "a, b",
    'say "x"',
    "two\nlines",
    "cr\r",
    "cr\rlf\r\n",
    "",
    " ",
    "β \N{GRINNING FACE}",
    "'",
    ";\t",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_every_cell_comes_back(name):
    rows = [["run", "x"], [name, "0.5"], ["-1", name]]
    assert read(export.to_csv(rows)) == rows


def read(text):
    """As a program does that opens the file: its bytes, by their mark."""
    text = text.encode().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_file_says_that_it_is_utf_8():
    text = export.to_csv([["β", "½"]])
    assert text.encode().startswith(codecs.BOM_UTF8)
    assert text.count("\ufeff") == 1


@pytest.mark.parametrize(
    "rest", ["1+1", "A1", "SUM(A1)", "cmd|' /C calc'!A0", "1.1.1", "", ".", "e5"]
)
@pytest.mark.parametrize("sign", list("=+-@\t\r\n＝＋－＠"))
def test_no_cell_is_taken_for_a_formula(sign, rest):
    """Whichever sign it begins with and whatever follows, and wherever it stands."""
    name = sign + rest
    assert read(export.to_csv([[name, "x"], ["x", name]])) == [[f"'{name}", "x"], ["x", f"'{name}"]]


def test_numbers_stay_numbers():
    numbers = [-1, -0.5, "-0.25", "+1e-05", "3", "-.5", "2.", "-3"]
    assert read(export.to_csv([numbers])) == [[str(number) for number in numbers]]


def beginning(name):
    """A shipped run with the codes of its first 500 images."""
    run = shipped_run(name)
    mean, log_std = (
        part and replace(part, levels=part.levels[:500])
        for part in (run.codes.mean, run.codes.log_std)
    )
    codes = replace(run.codes, mean=mean, log_std=log_std, labels=run.codes.labels[:500])
    return SimpleNamespace(codes=codes, latent_dim=run.latent_dim)


def test_the_codes_of_runs_of_different_size_share_columns():
    named = [("a, b", beginning("mnist-ae")), ("c", beginning("mnist-vae-16"))]
    text = export.to_csv(export.codes_table(named))
    head, *rows = read(text)
    assert head[:4] == ["run", "index", "label", "z1"]
    assert len(head) == 3 + 2 * 16
    assert {len(row) for row in rows} == {len(head)}
    for name, run in named:
        own = [row for row in rows if row[0] == name]
        codes, d = run.codes, run.latent_dim
        assert [int(row[2]) for row in own] == codes.labels.tolist()
        z = np.array([row[3 : 3 + d] for row in own], float)
        assert z == pytest.approx(codes.mean.values, rel=1e-4, abs=1e-5)
        assert {cell for row in own for cell in row[3 + d : 19]} <= {""}
        spread = np.array([row[19 : 19 + d] for row in own])
        if codes.log_std is None:
            assert set(spread.ravel()) == {""}
        else:
            assert spread.astype(float) == pytest.approx(np.exp(codes.log_std.values), rel=1e-4)
