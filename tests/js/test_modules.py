"""Tests that are written in JavaScript, `*.test.js` beside this file: one result a file."""

import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = sorted(path.name for path in HERE.glob("*.test.js"))


@pytest.mark.parametrize("file", FILES)
def test_a_file_of_tests_in_javascript_passes(node, file):
    done = subprocess.run([node, "--test", file], cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
