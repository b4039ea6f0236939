import numpy as np
import pytest

from aecore.analysis.training_summary import (
    Line,
    Pair,
    RunHistory,
    Series,
    SnapshotStats,
    Usual,
    compare,
    settled,
    summarise,
)

LABELS = np.repeat(np.arange(10), 40)


def codes(widths, *, shift=0.0, scale=1.0, seed=0):
    """Codes with these standard deviations, classes apart on the first; `shift` moves one class."""
    noise = np.random.default_rng(seed).normal(size=(400, len(widths)))
    noise[:, 0] += LABELS - 4.5
    z = (noise - noise.mean(0)) @ np.linalg.inv(
        np.linalg.cholesky(np.atleast_2d(np.cov(noise.T)))
    ).T
    z = z * widths * scale
    z[LABELS == 3] += shift
    return z


def moment(epoch, widths=(1, 1), **how):
    return SnapshotStats.of(epoch, codes(widths, **how), LABELS)


def facts(snapshots, *, posterior=False, ended=True):
    return summarise(snapshots, posterior=posterior, ended=ended)


def wide(first, last, **how):
    return [moment(e, **how) for e in np.arange(first, last + 0.1, 0.5)]


LINE = [moment(e, (1, 0.05), scale=-1) for e in (0.1, 0.3, 0.5)]


def test_a_plane_that_opened_and_closed_again_is_not_called_open():
    shut = [moment(e, (1, 0.05)) for e in np.arange(3, 9.1, 0.5)]
    found = facts([*LINE, moment(1), moment(2), *shut])
    assert (found.line.first, found.line.last, found.opened) == (3, None, None)
    found = facts([*LINE, moment(1), moment(2), *shut[:3], *wide(5, 9)])
    assert (found.line.first, found.line.last, found.opened) == (3, 4, 5)


def test_stats_are_what_the_codes_are():
    stats = moment(1, (3, 1, 0.001))
    assert stats.widths == pytest.approx([9, 1, 1e-6], rel=0.01)
    assert stats.line == pytest.approx(0.9, abs=0.001)
    assert stats.spread == pytest.approx(10**0.5, abs=0.01)
    assert stats.active == 2
    assert stats.means.shape == (10, 3)


@pytest.mark.parametrize("count", range(4))
def test_few_snapshots_have_no_summary(count):
    assert facts(LINE[:count]) is facts([]) is None


def test_a_line_that_opens_and_classes_that_stay():
    found = facts([moment(0), *LINE, *wide(1, 5)])
    assert (found.line.first, found.line.last, found.opened, found.settled) == (0.1, 0.5, 1, 1)
    assert 0.99 <= found.line.share < 1
    assert not found.moving


def test_a_line_from_the_first_snapshot_on_begins_with_the_training():
    assert facts([*LINE, *wide(1, 5)]).line.first == 0
    assert facts(wide(1, 5)).settled == 0


def test_while_it_is_trained_only_what_is_known_is_a_fact():
    snapshots = [moment(0), *LINE]
    assert (facts(snapshots, ended=False).line.last, facts(snapshots).opened) == (None, None)
    snapshots += [moment(1), moment(1.3)]
    found = facts(snapshots, ended=False)
    assert (found.opened, found.settled, found.moving) == (1, None, False)  # the end is not known
    assert facts(snapshots).moving


def test_what_is_not_quite_a_line_is_none():
    snapshots = [moment(e, (1, 0.2)) for e in (0.1, 0.3, 0.5)]
    assert 0.9 < snapshots[0].line < 0.98
    assert facts([moment(0), *snapshots, *wide(1, 5)]).line is None


def test_the_share_holds_for_all_of_the_line():
    dip = [LINE[0], moment(0.3, (1, 0.25), scale=-1), LINE[2]]
    assert facts([moment(0), *dip, *wide(1, 5)]).line == Line(0.1, 0.5, dip[1].line)


def test_one_class_that_moves_is_enough():
    steady = wide(1, 5)
    assert settled(steady) == 0
    assert settled([moment(0.5, shift=3), *steady]) == 1
    assert settled([*steady[:-1], moment(5, shift=3)]) is None
    assert facts([*steady[:-1], moment(5, shift=3)]).moving
    assert settled([*(moment(e, shift=3) for e in (1, 2, 3)), *wide(19, 20)]) is None  # too short


def test_codes_that_keep_spreading_come_with_their_distances():
    found = facts([moment(e, scale=1 + e) for e in range(9)]).growth
    assert (found.first, found.last) == (4, 8)
    assert (found.before, found.after) == pytest.approx((7.07, 12.7), abs=0.03)
    assert facts(wide(0, 8)).growth is None
    jumped = [moment(e, scale=5 if e in (0, 5) else 1 + e / 100) for e in range(9)]
    assert facts(jumped).growth is None


def test_only_a_model_with_a_prior_can_collapse():
    point = [moment(e, (0.01, 0.02)) for e in (0, 1, 2, 3, 4)]
    assert facts(point, posterior=True).active == 0
    assert facts(point).active is None
    one = [moment(e, (1, 0.5, 0.02)) for e in (0, 1, 2, 3, 4)]
    assert (facts(one, posterior=True).active, facts(one, posterior=True).dimensions) == (2, 3)
    early = [moment(e, (0.01, 0.02)) for e in (0, 0.1, 0.2, 0.3)]
    assert facts(early, posterior=True, ended=False).active is None  # nothing is learned yet


def test_of_many_dimensions_the_plane_shows_a_share():
    assert facts([moment(e, (2, 1, 1, 1)) for e in range(6)]).shown == pytest.approx(5 / 7)
    assert facts([moment(e) for e in range(6)]).shown is None
    assert facts([moment(e, (1,)) for e in range(6)]).line is None  # one number lies on one anyway


# Several runs


BETA = Usual("β", 1.0)


def history(kind="VAE", value=None, spread=1.0, tests=((1, 150, 6), (2, 140, 5))):
    snapshots = [moment(e, scale=spread) for e in (0, 1, 2)]
    return RunHistory(kind, value, snapshots, [(e, r, {"KL": k} if k else {}) for e, r, k in tests])


def test_two_kinds_are_compared_at_an_epoch_that_both_have_reached():
    ae = history("AE", None, 8, ((1, 145, None), (2, 130, None)))
    pair = compare([ae, history(tests=((1, 150, 6),))], None)
    assert isinstance(pair, Pair)
    assert pair.epoch == 1
    assert [kind for kind, _ in pair.spread] == ["AE", "VAE"]
    assert pair.spread[0][1] == pytest.approx(8 * pair.spread[1][1], rel=0.01)
    assert (pair.reconstruction, pair.alike) == ((("AE", 145), ("VAE", 150)), False)
    assert pair.terms == (("VAE", "KL", 6),)
    same = compare([history("AE", None, 1, ((2, 139.8, None),)), history()], None)
    assert (same.epoch, same.spread, same.alike) == (2, None, True)


def test_who_leads_depends_on_the_figures_only():
    """Whatever the runs are called, and in whichever order they come."""
    one, two = history("B", None, 8, ((1, 130, None),)), history("A", None, 1, ((1, 140, 5),))
    pair = compare([one, two], None)
    assert pair == compare([two, one], None)
    assert pair.spread[0][0] == pair.reconstruction[0][0] == "B"


def test_a_series_goes_from_end_to_end():
    numbers = {0: (147, 44, 5), 1: (149, 5.5, 1), 16: (187, 0.01, 0.05)}
    histories = [
        history(value=b, spread=s, tests=((2, r, kl),))
        for b, (r, kl, s) in reversed(numbers.items())
    ]
    series = compare(histories, BETA)
    assert isinstance(series, Series)
    assert (series.symbol, series.values, series.reconstruction) == ("β", (0, 16), (147, 187))
    assert series.terms == (("KL", 44, 0.01),)
    assert series.freed == pytest.approx((1, 7.07, 1.41), abs=0.01)
    assert (series.collapsed[0], series.collapsed[1].active) == (16, 0)
    assert compare([one for one in histories if one.value < 16], BETA).collapsed is None
    assert compare([one for one in histories if one.value], BETA).freed is None
    assert compare(histories, Usual("β", 16.0)).freed[0] == 16
    assert compare(histories, None) is None


def test_nothing_is_compared_with_a_run_that_was_not_tested():
    assert compare([], None) is compare([history()], BETA) is None
    assert compare([history("AE"), history(tests=())], None) is None
    assert compare([history("AE"), history("AE")], None) is None
