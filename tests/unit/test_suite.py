"""The rules of the suite, tried on a suite of two tests."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
CONFTEST = Path(__file__).parents[1] / "conftest.py"


@pytest.fixture
def suite(pytester, monkeypatch):
    """Run a quick test among the units and one in the browser that waits .3 seconds."""
    pytester.makefile(".py", **{"tests/conftest": CONFTEST.read_text("utf-8")})
    for kind, wait in (("unit", 0), ("browser", 0.3)):
        source = f"import time\n\ndef test_of_{kind}():\n    time.sleep({wait})\n"
        pytester.makefile(".py", **{f"tests/{kind}/test_{kind}": source})

    def run(*arguments, seconds="15"):
        with monkeypatch.context() as patch:
            patch.setenv("LATENT_LAB_TEST_SECONDS", seconds)
            return pytester.runpytest_inprocess("--import-mode=importlib", "-rA", *arguments)

    return run


def test_a_test_that_takes_too_long_fails(suite):
    suite().assert_outcomes(passed=2)
    slow = suite(seconds="0.01")
    slow.assert_outcomes(passed=1, failed=1)
    slow.stdout.re_match_lines([r".*::test_of_browser took 0\.3 s; .* s allowed"])


def test_a_kind_of_tests_is_its_folder(suite):
    chosen = suite("-m", "browser")
    chosen.assert_outcomes(passed=1, deselected=1)
    chosen.stdout.fnmatch_lines(["PASSED tests/browser/test_browser.py::test_of_browser"])
