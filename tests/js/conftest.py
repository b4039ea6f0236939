"""Modules of assets/live under Node.js, without a browser."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from aecore.ui.text import live
from tests.conftest import lacking


@pytest.fixture(scope="session")
def node():
    """The path of Node.js; CI fails without it."""
    if not (path := shutil.which("node")):
        lacking("no Node.js on this machine")
    return path


class JavaScriptError(Exception):
    """What a module threw, with its stack."""


@pytest.fixture(scope="session")
def evaluate(node):
    """The value of an expression: `evaluate("nn.gelu(x)", 1.5, nn="core/nn.js")`.

    Names of modules are paths below assets/live. Values travel as JSON; typed arrays come as lists.
    """
    script = Path(__file__).with_name("evaluate.mjs")
    with subprocess.Popen(
        [node, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:

        def run(expression, x=None, **modules):
            ask = {"expression": expression, "x": x, "modules": modules}
            process.stdin.write(json.dumps(ask) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            if "error" in answer:
                raise JavaScriptError(answer["error"])
            return answer["value"]

        yield run
        process.stdin.close()


@pytest.fixture(scope="session")
def sentences(evaluate):
    """`evaluate` where the components' sentences are there."""
    words = {"language": live.LANGUAGE, "modules": live.WORDS}
    evaluate("words.use(x)", words, words="core/words.js")
    return evaluate
