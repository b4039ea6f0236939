import numpy as np
import pytest

from aecore.analysis.training_summary import Look, Member, compare, settled, unfolding

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
    return Look.of(epoch, codes(widths, **how), LABELS)


def say(looks, *, posterior=False, ended=True):
    return unfolding(looks, posterior=posterior, ended=ended).replace("\N{NO-BREAK SPACE}", " ")


def wide(first, last, **how):
    return [moment(e, **how) for e in np.arange(first, last + 0.1, 0.5)]


LINE = [moment(e, (1, 0.05), scale=-1) for e in (0.1, 0.3, 0.5)]


def test_a_plane_that_opened_and_closed_again_is_not_called_open():
    shut = [moment(e, (1, 0.05)) for e in np.arange(3, 9.1, 0.5)]
    said = say([*LINE, moment(1), moment(2), *shut])
    assert said.startswith("Since epoch 3 the codes lie along a line")
    assert "opened" not in said
    said = say([*LINE, moment(1), moment(2), *shut[:3], *wide(5, 9)])
    assert said.startswith("From epoch 3 to 4 the codes lie along a line")
    assert "By epoch 5 the plane has opened" in said


def test_a_look_is_what_the_codes_are():
    look = moment(1, (3, 1, 0.001))
    assert look.widths == pytest.approx([9, 1, 1e-6], rel=0.01)
    assert look.line == pytest.approx(0.9, abs=0.001)
    assert look.spread == pytest.approx(10**0.5, abs=0.01)
    assert look.active == 2
    assert look.means.shape == (10, 3)


@pytest.mark.parametrize("count", range(4))
def test_there_is_nothing_to_say_of_few_moments(count):
    assert say(LINE[:count]) == say([]) == ""


def test_a_line_that_opens_and_classes_that_stay():
    text = say([moment(0), *LINE, *wide(1, 5)])
    assert text == (
        "From epoch 0.1 to 0.5 the codes lie along a line, with 99 % or more of their variance in "
        "one direction. By epoch 1 the plane has opened, and from then on the classes stay where "
        "they are, within a tenth of its width."
    )


def test_while_it_is_trained_only_what_is_known_is_said():
    looks = [moment(0), *LINE]
    assert say(looks, ended=False).startswith("Since epoch 0.1 the codes lie along a line")
    assert "opened" not in say(looks, ended=False)
    looks += [moment(1), moment(1.3)]
    opened = say(looks, ended=False)
    assert opened.endswith("By epoch 1 the plane has opened.")
    assert "move" not in opened  # the end is not known
    assert say(looks).endswith("and at the end the classes still move.")


def test_what_is_not_quite_a_line_is_none():
    looks = [moment(e, (1, 0.2)) for e in (0.1, 0.3, 0.5)]
    assert 0.9 < looks[0].line < 0.98
    assert "line" not in say([moment(0), *looks, *wide(1, 5)])


def test_the_share_that_is_told_holds_for_all_of_the_line():
    dip = [LINE[0], moment(0.3, (1, 0.25), scale=-1), LINE[2]]
    assert f"with {int(100 * dip[1].line)} % or more" in say([moment(0), *dip, *wide(1, 5)])


def test_one_class_that_moves_is_enough():
    steady = wide(1, 5)
    assert settled(steady) == 0
    assert settled([moment(0.5, shift=3), *steady]) == 1
    assert settled([*steady[:-1], moment(5, shift=3)]) is None
    assert say([*steady[:-1], moment(5, shift=3)]).startswith("At the end the classes still move.")
    assert settled([*(moment(e, shift=3) for e in (1, 2, 3)), *wide(19, 20)]) is None  # too short


def test_codes_that_keep_spreading_are_told_with_their_distances():
    growing = [moment(e, scale=1 + e) for e in range(9)]
    text = say(growing)
    assert "they lie 7.1 from their middle at epoch 4 and 12.7 at epoch 8" in text
    assert "spreading" not in say(wide(0, 8))
    jumped = [moment(e, scale=5 if e in (0, 5) else 1 + e / 100) for e in range(9)]
    assert "spreading" not in say(jumped)


def test_collapse_is_told_of_models_with_a_prior_only():
    point = [moment(e, (0.01, 0.02)) for e in (0, 1, 2, 3, 4)]
    assert say(point, posterior=True).startswith("All codes have fallen to one point")
    assert "point" not in say(point)
    one = [moment(e, (1, 0.5, 0.02)) for e in (0, 1, 2, 3, 4)]
    assert "2 dimensions tell images apart; the other has collapsed" in say(one, posterior=True)
    assert "collapsed" not in say(one)
    early = [moment(e, (0.01, 0.02)) for e in (0, 0.1, 0.2, 0.3)]
    assert "point" not in say(early, posterior=True, ended=False)  # nothing is learned yet


def test_of_many_dimensions_the_plane_shows_a_share():
    text = say([moment(e, (2, 1, 1, 1)) for e in range(6)])
    assert "The plane shows 71 % of the variance" in text
    assert "the codes’ width" in text
    assert "shows" not in say([moment(e) for e in range(6)])
    assert "line" not in say([moment(e, (1,)) for e in range(6)])  # one number lies on one anyway


# Several runs


def member(kind="VAE", beta=1.0, spread=1.0, tests=((1, 150, 6), (2, 140, 5))):
    return Member(kind, beta, [moment(e, scale=spread) for e in (0, 1, 2)], tests)


def test_two_kinds_are_compared_at_an_epoch_that_both_have_reached():
    ae = member("AE", None, 8, ((1, 145, None), (2, 130, None)))
    text = compare([ae, member(tests=((1, 150, 6),))])
    assert text == (
        "At epoch 1 the codes of the AE spread 8.0 times as wide as those of the VAE (11.3 and 1.4 "
        "from their middle). The AE rebuilds 5 nats better (145 and 150); the VAE pays 6 nats of "
        "KL."
    )
    same = compare([member("AE", None, 1, ((2, 139.8, None),)), member()])
    assert "wide" not in same
    assert same.startswith("At epoch 2 both rebuild equally well")


def test_a_series_is_told_from_end_to_end():
    numbers = {0: (147, 44, 5), 1: (149, 5.5, 1), 16: (187, 0.01, 0.05)}
    members = [
        member(beta=b, spread=s, tests=((2, r, kl),)) for b, (r, kl, s) in reversed(numbers.items())
    ]
    text = compare(members).replace("\N{NO-BREAK SPACE}", " ")
    assert "from β = 0 to 16, the KL goes from 44 to 0.01 nats" in text
    assert "error from 147 to 187" in text
    assert "they spread 5.0 times as wide as with β = 1" in text
    assert "With β = 16 no dimension tells images apart any more." in text
    assert "any more" not in compare([m for m in members if m.beta < 16])


def test_nothing_is_compared_with_a_run_that_was_not_tested():
    assert compare([]) == compare([member()]) == ""
    assert compare([member("AE", None), member(tests=())]) == ""
    assert compare([member("AE", None), member("AE", None)]) == ""
