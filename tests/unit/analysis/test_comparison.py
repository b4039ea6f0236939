"""What two cards say of one another depends on their figures only."""

import numpy as np
import pytest

import aecore
from aecore.analysis.comparison import COLLAPSED, FEWER, MEASURES, Gaps, collapsed, gaps, rows
from aecore.analysis.measures import Subject, measure
from aecore.runs import shipped_run

RUNS = [shipped_run(name) for name in ("mnist-ae", "mnist-vae")]
AE, VAE = (run.card["figures"] for run in RUNS)
DRAWN = [Gaps.of(run.card["figures"], prior=run.about.prior) for run in RUNS]


def figures(seed, *, prior):
    """Figures of a card, drawn."""
    draw = np.random.default_rng(seed).random
    ways = lambda: {"standard_normal": draw(), "fitted": draw()}  # noqa: E731
    found = {"reconstruction": 100 * draw(), "gap_fraction": ways(), "knn_accuracy": draw()}
    found |= {"recognised_fraction": ways(), "recognised_in_gaps": ways(), "silhouette": draw()}
    return found | ({"kl": 10 * draw(), "negative_elbo": 100 * draw()} if prior else {})


@pytest.mark.parametrize("seed", range(20))
def test_exchanging_two_runs_exchanges_the_verdict(seed):
    a, b = figures(seed, prior=seed % 2), figures(seed + 100, prior=seed % 3)
    other = {"left": "right", "right": "left"}
    there, back = rows(a, b), rows(b, a)
    assert [row.measure for row in there] == [row.measure for row in back]
    for one, two in zip(there, back, strict=True):
        assert other.get(one.verdict, one.verdict) == two.verdict
        assert (one.left, one.right, one.lead) == (two.right, two.left, two.lead)
    drawn = Gaps.of(a, prior=bool(seed % 2)), Gaps.of(b, prior=bool(seed % 3))
    found, turned = gaps(*drawn), gaps(*reversed(drawn))
    assert other.get(found.fewer) == turned.fewer
    assert (found.left, found.right) == (turned.right, turned.left)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_the_better_one_leads_by_more_than_the_least_difference(measure):
    def card(value):
        for part in reversed(measure.path):
            value = {part: value}
        return value

    for step, verdicts in ((0.9, ("same", "same")), (1.1, ("left", "right"))):
        low, high = card(1.0), card(1.0 + step * measure.least)
        better, worse = (low, high) if measure.less else (high, low)
        assert [row.verdict for row in rows(better, worse)] == [verdicts[0]]
        assert [row.verdict for row in rows(worse, better)] == [verdicts[1]]
    assert [row.verdict for row in rows(card(1.0), {})] == ["single"]
    assert rows({}, {}) == []


def test_the_shipped_runs():
    found = {row.measure.name: row.verdict for row in rows(AE, VAE)}
    assert (found["reconstruction"], found["kl"]) == ("left", "single")
    ae, vae = DRAWN
    assert gaps(ae, vae).fewer == "right"
    assert ae.share - vae.share > FEWER
    assert (ae.prior, vae.prior, gaps(ae).right) == (False, True, None)


def test_runs_of_different_images_are_not_set_against_each_other():
    assert gaps(*DRAWN, alike=False).fewer is None
    found = rows(AE, VAE, alike=False)
    assert {row.verdict for row in found} == {"single", "apart"}
    assert [row.verdict for row in rows(AE, VAE) if row.verdict == "single"] == [
        row.verdict for row in found if row.verdict == "single"
    ]


# Units


@pytest.mark.parametrize("family", ["ae", "vae"])
def test_no_two_units_are_compared(family, few):
    """Of weights that are the same, what another likelihood changes has another unit."""
    cards = [
        measure(Subject(aecore.build_model(family, hidden=[16], likelihood=likelihood), few))
        for likelihood in ("bernoulli", "gaussian")
    ]
    found = {row.measure.name: row.verdict for row in rows(*cards, one_unit=False)}
    changed = {row.measure.name for row in rows(*cards) if row.lead > 0}
    assert {"reconstruction"} < changed or family == "ae"
    assert {name for name, verdict in found.items() if verdict == "units"} == changed
    assert found["squared_error"] == "same"
    assert "units" not in {row.verdict for row in rows(*cards)}


def test_the_squared_error_can_be_compared_whatever_the_likelihood():
    cards = [{"reconstruction": 184.1, "squared_error": 30.0}, {"reconstruction": -4.5}]
    nats, error = rows(cards[0], cards[1] | {"squared_error": 25.0}, one_unit=False)
    assert (nats.verdict, error.verdict, error.lead) == ("units", "right", 5.0)
    assert [row.verdict for row in rows(*cards, one_unit=False)] == ["units", "single"]


def test_a_mixture_is_fitted_where_no_prior_is_and_stands_beside_nothing():
    found = {row.measure.name: row for row in rows(AE, VAE)}["recognised_mixture"]
    assert (found.verdict, found.right) == ("single", None)
    assert found.left == AE["recognised_fraction"]["mixture"]


# Codes that carry nothing


@pytest.mark.parametrize("kl", [0.0, 0.99 * COLLAPSED])
@pytest.mark.parametrize("seed", range(10))
def test_a_collapsed_code_is_praised_for_nothing_that_collapse_brings(seed, kl):
    """Whichever side it is on, and whatever its figures are."""
    empty, other = figures(seed, prior=True) | {"kl": kl}, figures(seed + 50, prior=True)
    other["kl"] += 1
    assert (collapsed(empty), collapsed(other)) == (True, False)
    for pair, side in (((empty, other), "left"), ((other, empty), "right")):
        found = rows(*pair)
        for row in found:
            assert row.empty == (row.measure.code and row.verdict == side)
        assert next(row for row in found if row.measure.name == "kl").empty
        assert gaps(*(Gaps.of(one, prior=True) for one in pair)).fewer is None
    assert not any(row.empty for row in rows(other, other | {"kl": 9.0}))


def test_a_model_without_a_prior_cannot_collapse():
    assert not collapsed(AE)
    assert not any(row.empty for row in rows(AE, VAE))
