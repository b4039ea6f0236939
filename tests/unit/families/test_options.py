from dataclasses import asdict, replace

import pytest

from aecore.errors import LabError
from aecore.families import REGISTRY, Option
from aecore.families.options import check_options
from aecore.training import SETTINGS, FitConfig

WRONG = {
    "whole": [None, True, 1.0, "3", [2], float("nan")],
    "number": [None, True, "0.5", [0.5], float("nan"), float("inf")],
    "sizes": [None, 8, "8", [8] * 9, [0], [1.5], [True], {8: 8}],
    "choice": [None, "", "no such", 3, ["a"]],
    "switch": [None, 1, "yes", []],
}
RIGHT = {
    "whole": [0, 3],
    "number": [0.5, 1],
    "sizes": [[], [8, 4]],
    "choice": ["a"],
    "switch": [True],
}


def option(kind, **more):
    more = {"choices": {"a": "An a", "b": "A b"}} if kind == "choice" else more
    low, high = (1, 8) if kind == "sizes" else (0, 5)
    return Option("thing", None, label="Thing", help="of it", kind=kind, low=low, high=high, **more)


@pytest.mark.parametrize(("kind", "value"), [(k, v) for k, vs in WRONG.items() for v in vs])
def test_a_wrong_value_is_refused_by_name(kind, value):
    with pytest.raises(LabError, match="thing"):
        option(kind).check(value)


@pytest.mark.parametrize(("kind", "value"), [(k, v) for k, vs in RIGHT.items() for v in vs])
def test_a_right_value_survives_the_command_line(kind, value):
    checked = option(kind).check(value)
    assert checked == value
    if value != []:
        assert option(kind).check(option(kind).parse(option(kind).text(checked))) == checked


def test_a_number_is_kept_as_a_float_and_a_list_as_a_list():
    assert type(option("number").check(2)) is float
    assert type(option("sizes").check((8, 4))) is list


def test_an_option_may_depend_on_one_before_it():
    cases = {
        "a": replace(option("number"), name="level"),
        "b": replace(option("whole"), name="level"),
    }
    options = [option("choice"), Option("level", None, label="", help="", by="thing", cases=cases)]
    with pytest.raises(LabError, match="whole number"):
        check_options(options, {"thing": "b", "level": 0.5}, "toy")
    assert check_options(options, {"thing": "a", "level": 0.5}, "toy")["level"] == 0.5


@pytest.mark.parametrize("family", REGISTRY.values(), ids=lambda family: family.name)
def test_a_family_says_all_that_is_asked_of_it(family):
    assert all((family.title, family.short, family.summary))
    assert family.summary.endswith(".")
    names = [option.name for option in family.OPTIONS]
    assert len(set(names)) == len(names)
    defaults = check_options(family.OPTIONS, {}, family.name)
    for given in family.OPTIONS:
        option = given.under(defaults)
        assert all((option.label, option.help))
        assert not option.help.endswith(".")
        value = defaults[option.name]
        assert option.check(value) == value
        assert option.parse(option.text(value)) == value
    assert len({term.name for term in family.TERMS}) == len(family.TERMS)


def test_settings_are_described_as_they_are():
    assert {setting.name: setting.default for setting in SETTINGS} == asdict(FitConfig())


def test_options_of_one_name_are_of_one_kind():
    """So that the command line can read one before it knows the family."""
    kinds = {(o.name, o.kind) for family in REGISTRY.values() for o in family.OPTIONS}
    assert len({name for name, _ in kinds}) == len(kinds)
