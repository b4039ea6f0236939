"""Imports run one way, and what is slow to import waits until it is used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# From the ground up. Folders of one floor may know each other; nothing looks upwards, not even from
# inside a function. Modules that stand beside the folders are named.
FLOORS = [
    ["errors", "files", "layout"],
    ["data"],
    ["families"],
    ["runs", "training"],
    ["analysis"],
    ["web", "jobs"],
    ["shipped", "studies"],
    ["ui", "benchmark", "__main__"],
]
FLOOR = {f"aecore.{name}": level for level, names in enumerate(FLOORS) for name in names}
FLOOR |= {"pages": len(FLOORS), "app": len(FLOORS)}

HEAVY = {"umap", "sklearn", "distributed", "dask", "torchvision"}
LIGHT = [
    "errors",
    "files",
    "data",
    "runs",
    "analysis",
    "web",
    "jobs",
]  # show a run


def modules():
    """Every module of the product by its dotted name."""
    paths = [*ROOT.glob("aecore/**/*.py"), *ROOT.glob("pages/**/*.py"), *ROOT.glob("*.py")]
    for path in sorted(paths):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), ast.parse(path.read_text("utf-8"))


MODULES = dict(modules())
WITHOUT_TORCH = [name for name in MODULES if name.split(".")[1:2] and name.split(".")[1] in LIGHT]


def imports(tree, *, everywhere):
    """Names that a module imports: when it is imported itself, or `everywhere` in it."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                assert level == 0, "imports here are absolute"
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from imports(ast.Module(node.orelse, []), everywhere=everywhere)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() if not everywhere:
                continue
            case _:
                yield from imports(node, everywhere=everywhere)


def packages(tree, *, everywhere=False):
    """The outermost packages of a module's imports."""
    return {name.split(".")[0] for name in imports(tree, everywhere=everywhere)}


def floor(name):
    """The floor of a module or of a name in one; None for what is not ours."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        if (outer := ".".join(parts[:end])) in FLOOR:
            return FLOOR[outer]
    return None


def is_in(name, package):
    return name == package or name.startswith(f"{package}.")


def test_the_walk_sees_what_is_there():
    """So that no rule below holds for want of modules."""
    assert {"aecore", "aecore.families.vae", "aecore.ui", "aecore.analysis.measures", "app"} <= set(
        MODULES
    )
    near = MODULES["aecore.analysis.neighbours"]
    assert "sklearn" in packages(near, everywhere=True) - packages(near)
    measures = MODULES["aecore.analysis.measures"]
    assert "aecore.runs.codes.Codes" in imports(measures, everywhere=False)
    assert "aecore.data.Dataset" not in imports(measures, everywhere=True)  # for types only
    assert "torch" in packages(MODULES["aecore.training.loop"])
    assert "streamlit" in packages(MODULES["app"])


# Each rule is one test over all modules: a test of its own for each would be a thousand.


def test_every_module_has_a_floor():
    """Whatever is named here wants its place in FLOORS."""
    assert [name for name in MODULES if name != "aecore" and floor(name) is None] == []


def test_imports_run_downwards():
    upward = {
        name: [
            found
            for found in imports(tree, everywhere=True)
            if floor(name) is not None and floor(found) is not None and floor(found) > floor(name)
        ]
        for name, tree in MODULES.items()
    }
    assert {name: found for name, found in upward.items() if found} == {}


def importing(package, allowed):
    """Modules of the package aecore that import a package anywhere and may not."""
    return [
        name
        for name, tree in MODULES.items()
        if is_in(name, "aecore") and not allowed(name)
        if package in packages(tree, everywhere=True)
    ]


def test_streamlit_is_imported_by_the_ui_only():
    """And by the benchmark's client, which speaks its language from outside."""
    client = "aecore.benchmark.client"
    assert importing("streamlit", lambda name: is_in(name, "aecore.ui") or name == client) == []


def test_plotly_is_imported_by_the_ui_only():
    assert importing("plotly", lambda name: is_in(name, "aecore.ui")) == []


def test_heavy_packages_wait_until_they_are_used():
    early = {name: HEAVY & packages(tree) for name, tree in MODULES.items()}
    assert {name: found for name, found in early.items() if found} == {}


def test_what_a_page_needs_to_show_a_run_waits_with_torch():
    assert [name for name in WITHOUT_TORCH if "torch" in packages(MODULES[name])] == []


def test_nothing_is_unpickled_or_evaluated():
    for name, tree in MODULES.items():
        assert not {"pickle", "joblib", "shelve", "dill"} & packages(tree, everywhere=True), name
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        assert not {f.id for f in calls if isinstance(f, ast.Name)} & {"eval", "exec"}, name
        loads = [ast.unparse(f) for f in calls if isinstance(f, ast.Attribute)]
        assert "torch.load" not in loads, name


def test_these_modules_load_without_torch_in_fact():
    code = f"""
import importlib, sys
import aecore
for name in {WITHOUT_TORCH}:
    importlib.import_module(name)
loaded = {{"torch", "streamlit", "plotly", *{sorted(HEAVY)}}} & set(sys.modules)
assert not loaded, loaded
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_every_public_name_is_where_it_is_said_to_be():
    import aecore

    promised = ["load_dataset", "build_model", "fit", "load_model", "models", "LabError"]
    assert set(promised) <= set(aecore.__all__)
    for name in aecore.__all__:
        assert getattr(aecore, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Model'"):
        aecore.Model  # noqa: B018
