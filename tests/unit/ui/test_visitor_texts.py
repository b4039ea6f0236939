"""What a visitor reads names nothing of the server: no variable, command, folder or file of it."""

import ast
import re
from pathlib import Path

import pytest

from aecore.ui import text

ROOT = Path(__file__).parents[3]
OPERATORS = re.compile(
    r"[A-Z]{2,}_[A-Z_]{2,}"  # a variable of the environment
    r"|\b(python|pip|streamlit|dask|docker|uvicorn) +(-m|install|run|scheduler)\b"
    r"|(?<![\w.<])[~.]?/(?=\w)[\w.-]+/"  # a folder
    r"|\b[\w-]+\.(json|jsonl|npz|npy|safetensors|toml|py|log)\b|-ubyte\b"  # a file
    r"|Traceback|Errno|terminal|environment variable",
)
# What would put a path, or a sentence of the system or for the operator, into a text.
SPOILS = re.compile(r"(^|[._])(path|folder|raw|root|strerror|errno|error|exception)\b(?!\.visitor)")
# Read by whoever runs the program alone, and what a visitor may take home.
COMMAND_LINE = {"aecore/__main__.py", "aecore/shipped.py", "aecore/ui/command.py"}
RECIPES = {"aecore/ui/train/code.py"}
HARMLESS = {"folder.name", "path.parent.name", "self.folder.name"}  # a run's name


def modules(*patterns):
    for path in sorted(path for pattern in patterns for path in ROOT.glob(pattern)):
        name = path.relative_to(ROOT).as_posix()
        if name not in COMMAND_LINE | RECIPES and "benchmark" not in path.parts:
            yield name, ast.parse(path.read_text())


def written(node):
    """The words of an expression, and the expressions in its braces."""
    if isinstance(node, ast.Constant):
        return str(node.value), []
    if isinstance(node, ast.FormattedValue):
        return "{}", [ast.unparse(node.value)]
    if isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
        return "", [ast.unparse(node)]
    found = [written(child) for child in ast.iter_child_nodes(node)]
    return "".join(words for words, _ in found), [one for _, filled in found for one in filled]


def for_visitors(tree):
    """The visitor's text of each error that a module raises."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and is_error(node):
            yield node.lineno, node.args[min(1, len(node.args) - 1)]


def is_error(call):
    return ast.unparse(call.func).split(".")[-1] in ("LabError", "DownloadError")


def spoiled(node):
    words, filled = written(node)
    spoils = [one for one in filled if SPOILS.search(one) and one.split("[")[0] not in HARMLESS]
    return [*(found.group() for found in OPERATORS.finditer(words)), *spoils]


def test_no_error_shows_a_visitor_what_is_the_operators():
    found = {
        f"{name}:{line}": wrong
        for name, tree in modules("aecore/**/*.py", "pages/*.py")
        for line, node in for_visitors(tree)
        if (wrong := spoiled(node))
    }
    assert not found


def texts(tree):
    """All sentences that a module writes, but docstrings and what its errors tell the operator."""
    others = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
            others |= {part.value for part in node.body[:1] if isinstance(part, ast.Expr)}
        if isinstance(node, ast.Call) and len(node.args) > 1 and is_error(node):
            others |= set(ast.walk(node.args[0]))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in others:
            words = node.value if isinstance(node.value, str) else ""
            if " " in words.strip():
                yield node.lineno, words


def test_no_sentence_of_a_page_names_what_is_the_operators():
    found = {
        f"{name}:{line}": wrong
        for name, tree in modules("aecore/ui/**/*.py", "pages/*.py")
        for line, words in texts(tree)
        if (wrong := [one.group() for one in OPERATORS.finditer(words)])
    }
    assert not found


@pytest.mark.parametrize(
    "wrong",
    [
        "LabError(f'{path} is damaged.')",
        "LabError(f'{path.name} is damaged.')",
        "LabError(f'It failed: {error}.')",
        "LabError('in the log', f'It failed: {error.strerror}.')",
        "LabError('Set LATENT_LAB_RUNS to another.')",
        "LabError('a', 'Run ' f'`python -m aecore download {name}`.')",
        "LabError('card.json is missing.')",
        "LabError('It lies in /home/lab/runs.')",
    ],
)
def test_such_texts_would_be_found(wrong):
    ((_, node),) = for_visitors(ast.parse(f"raise {wrong}"))
    assert spoiled(node)


def test_the_walk_sees_the_sentences():
    folder = Path(text.__file__).parent / "en"
    assert sum(1 for path in folder.glob("*.py") for _ in texts(ast.parse(path.read_text()))) > 200
