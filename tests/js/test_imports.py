"""Modules of JavaScript import one way: components, then charts, plane and images, then core."""

import posixpath
import re
from graphlib import TopologicalSorter

from aecore.web import scripts

# A static import or re-export, over lines or not; `import("./x.js")` in a comment names a type.
STATIC = re.compile(r'^(?:import|export)\b[^;]*?\bfrom\s*"([^"]+)"', re.MULTILINE)
BARE = re.compile(r'^import\s*"([^"]+)"', re.MULTILINE)

# What modules of a folder may import beside those of their own folder.
MAY = {
    "core": set(),
    "charts": {"core"},
    "plane": {"core"},
    "images": {"core"},
    "components": {"core", "charts", "plane", "images"},
}


def targets(path):
    """The paths below assets/live that a module imports."""
    source = scripts.text(path)
    for found in [*STATIC.findall(source), *BARE.findall(source)]:
        assert found.startswith("."), f"{path}: {found} is no file of ours"
        yield posixpath.normpath(posixpath.join(posixpath.dirname(path), found))


MODULES = {path: sorted(targets(path)) for path in sorted(scripts.files()) if path.endswith(".js")}


def folder(path):
    return path.split("/")[0]


def test_the_walk_sees_what_is_there():
    """So that no rule below holds for want of modules."""
    assert {folder(path) for path in MODULES} == set(MAY)
    assert {"core/nn.js", "plane/plane.js"} & set(MODULES["components/panel/panel.js"])
    assert "core/cache.js" in MODULES["core/nn.js"]


def test_imports_are_files_of_a_lower_folder():
    wrong = [
        (path, target)
        for path, found in MODULES.items()
        for target in found
        if target not in MODULES or folder(target) not in {folder(path), *MAY[folder(path)]}
    ]
    assert wrong == []


def test_no_module_imports_itself_through_others():
    list(TopologicalSorter(MODULES).static_order())  # raises CycleError with the way around


def test_the_browser_is_told_of_all_that_a_module_imports():
    """The hints for preloading are found by a shorter rule than the one of this file."""
    for path in MODULES:
        reached, waiting = set(), [path]
        while waiting:
            fresh = set(MODULES[waiting.pop()]) - reached
            reached |= fresh
            waiting += fresh
        assert set(scripts.imports(path)) == reached - {path}, path
