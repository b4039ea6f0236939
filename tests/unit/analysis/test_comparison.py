"""What two cards say of one another depends on their figures only."""

import numpy as np
import pytest

from aecore.analysis.comparison import FEWER, MEASURES, Gaps, gaps, rows
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
