"""Nothing outside a family's file knows it by name; the README's table is what the classes say."""

import ast
import re
from pathlib import Path

import pytest

from aecore.families import REGISTRY, models

ROOT = Path(__file__).parents[3]

# Recipes name what they make, and so do the pages about it and the recipes that Train offers.
RECIPES = (
    "aecore/shipped.py",
    "aecore/studies",
    "aecore/benchmark",
    "pages",
    "aecore/ui/train/batches.py",
)

# Pages that hold members of the family against each other: a figure, a sentence, a run of each.
MEMBERS = (
    *("aecore/ui/family", "aecore/ui/generate", "assets/live/components/family"),
    *("aecore/ui/text/en/family.py", "aecore/ui/text/en/generate.py"),
    "assets/live/styles/family.css",
)

FAMILIES = {name: REGISTRY[name] for name in models()}
WORDS = re.compile(rf"(?<![\w-])({'|'.join(FAMILIES)})(?![\w-])")
LAYERS = {"linear"}  # of a network, too: they are families where the line speaks of one
CLASSES = {family.__name__ for family in FAMILIES.values()}


def own_files():
    return {family.__module__.replace(".", "/") + ".py" for family in FAMILIES.values()}


def sources(folder, *endings):
    """Files below a folder by their path in the project, without recipes and families."""
    for path in sorted((ROOT / folder).rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if (
            path.suffix in endings
            and name not in own_files()
            and not name.startswith((*RECIPES, *MEMBERS))
        ):
            yield name, path.read_text(encoding="utf-8")


def named(text, line):
    """Names of families in a text that begins on that line."""
    return [name for name in WORDS.findall(text) if name not in LAYERS or "famil" in line]


def names_in_python(text):
    """Names of families in a module's code: its docstrings may have examples."""
    tree, lines = ast.parse(text), text.splitlines()
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in docstrings:
                yield from named(node.value, lines[node.lineno - 1])
        elif isinstance(node, ast.Name | ast.alias | ast.Attribute):
            name = getattr(node, "id", None) or getattr(node, "name", None) or node.attr
            yield from CLASSES.intersection(name.split("."))


def test_no_python_outside_a_familys_file_names_it():
    found = {name: set(names_in_python(text)) for name, text in sources("aecore", ".py")}
    assert len(found) > 50
    assert {name: names for name, names in found.items() if names} == {}


def test_no_script_or_style_names_a_family():
    found = {
        name: {word for line in text.splitlines() for word in named(line, line)}
        for name, text in sources("assets/live", ".js", ".css")
    }
    assert len(found) > 30
    assert {name: names for name, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('run.family == "vae"', ["vae"]),
        ('run.family == "linear"', ["linear"]),
        ('layer["op"] == "linear"', []),
        ('build(f"{x} tied-dae")', ["tied-dae"]),
        ("from aecore.families.ae import AE", ["AE"]),
        ("families.VAE()", ["VAE"]),
        ('def f():\n    """As "vae" does."""', []),
        ('open_run("mnist-vae")', []),
    ],
)
def test_a_name_is_found_where_it_matters(text, names):
    assert list(names_in_python(text)) == names


def test_the_readmes_table_is_what_the_classes_say():
    rows = [
        f"| `{name}` | {family.title} | {', '.join(term.title for term in family.TERMS)} "
        f"| {family.summary} |"
        for name, family in FAMILIES.items()
    ]
    table = "\n".join(rows)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"## Families\n\n\| Name .*\n\| --- .*\n((?:\|.*\n)*)", text)
    assert found[1].strip() == table, f"The table should be:\n{table}"
