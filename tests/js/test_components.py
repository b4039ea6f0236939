"""Kinds of component override what their base class leaves open, and nothing else by accident."""

import re

from aecore.web import scripts

BASE = scripts.text("core/component.js")
CLASS = re.compile(
    r"^(?:export )?class (\w+) extends (?:Component|Panel) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL
)
METHOD = re.compile(r"^  (?:async |get )?(\w+)\(", re.MULTILINE)


def test_no_component_takes_a_name_of_its_base_class_for_something_else():
    """A `leave` of its own, for a pointer, once kept a page's component alive for ever."""
    closed = set(METHOD.findall(BASE.split("for a kind to override")[0])) - {"constructor"}
    assert {"receive", "fail", "leave"} <= closed
    sources = [scripts.text(path) for path in scripts.files() if path.startswith("components/")]
    kinds = dict(found for source in sources for found in CLASS.findall(source))
    assert {"Panel", "Home", "Train"} <= set(kinds)
    for name, body in kinds.items():
        taken = {method for method in METHOD.findall(body) if f"super.{method}(" not in body}
        assert not taken & closed, name
