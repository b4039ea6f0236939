"""Runs beside each other: in what they differ, and how they are ordered and called."""

from types import SimpleNamespace

import pytest

from aecore.families.description import Symbol
from aecore.ui import series

BETA = Symbol("beta", "β", 1.0, "Weight β of the KL term")


def run(family="vae", symbols=(BETA,), **options):
    """What the module reads of a run."""
    return SimpleNamespace(
        family=family,
        about=SimpleNamespace(symbols=symbols),
        config=SimpleNamespace(options={"latent_dim": 2, "hidden": [8]} | options),
    )


def test_runs_stand_by_family_and_by_whatever_option_differs():
    found = series.in_order([run(beta=4.0), run(beta=0.0), run("ae", ()), run(beta=1.0)])
    assert [one.config.options.get("beta") for one in found] == [None, 0, 1, 4]
    sizes = series.in_order([run(beta=1.0, latent_dim=d) for d in (16, 2, 5)])
    assert [one.config.options["latent_dim"] for one in sizes] == [2, 5, 16]


def test_a_series_differs_in_one_option_with_a_value_for_each():
    assert series.setting([run(beta=b) for b in (0.0, 1.0, 4.0)]) == BETA
    sizes = series.setting([run(beta=1.0, latent_dim=d) for d in (2, 5)])
    assert (sizes.option, sizes.symbol) == ("latent_dim", "latent dim")


@pytest.mark.parametrize(
    "runs",
    [
        [],
        [run(beta=1.0)],
        [run(beta=1.0), run(beta=1.0)],
        [run(beta=1.0), run(beta=4.0), run(beta=4.0)],
        [run(beta=1.0), run(beta=4.0, latent_dim=3)],
        [run(beta=1.0), run(beta=4.0, hidden=[16])],
        [run(beta=1.0), run("ae", (), latent_dim=3)],
        [run(beta=True), run(beta=False)],
    ],
)
def test_others_are_no_series(runs):
    assert series.setting(runs) is None


def test_options_with_a_symbol_are_worth_a_mention():
    assert series.settings(run(beta=4.0)) == {"β": 4.0}
    assert series.settings(run(beta=1.0), unusual=True) == {}
    assert series.settings(run(beta="x")) == series.settings(run("ae", ())) == {}
