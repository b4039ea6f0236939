"""Filters: measures of their shapes, on made filters of known extent and on the shipped ones."""

from dataclasses import replace

import numpy as np
import pytest

from aecore.analysis import first_layer
from aecore.analysis.card import finish
from aecore.errors import LabError
from aecore.families import build_model
from aecore.runs import Recorder, shipped_run
from aecore.training import FitConfig
from aecore.ui.denoise import figures

NAMES = ["mnist-tied-0", "mnist-tied-25", "mnist-tied-50"]
Y, X = np.mgrid[:28, :28]
NOISE = np.random.default_rng(0).normal(size=(200, 28, 28))


def blob(sigma, y=13.3, x=14.6, sign=1):
    return sign * np.exp(-((Y - y) ** 2 + (X - x) ** 2) / (2 * sigma**2))


def blobs(sigma, count, seed=0):
    places = np.random.default_rng(seed).uniform(8, 20, (count, 2))
    return np.stack([blob(sigma, *place) for place in places])


@pytest.fixture(scope="module")
def shipped():
    return {name: first_layer.shapes(first_layer.first_layer(shipped_run(name))) for name in NAMES}


@pytest.mark.parametrize("sigma", [1.5, 2, 3, 4])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_extent_of_a_blob_is_the_area_of_its_disc(sigma, sign):
    found = first_layer.shapes(sign * blobs(sigma, 60))
    assert found.shaped.all()
    assert found.mean_extent == pytest.approx(2 * np.pi * np.log(2) * sigma**2, rel=0.08)


def test_faint_noise_below_a_blob_changes_little():
    whole = blobs(2.5, 60) + 0.1 * NOISE[:60]
    assert first_layer.shapes(whole).mean_extent == pytest.approx(
        2 * np.pi * np.log(2) * 6.25, rel=0.1
    )


def test_a_spot_is_what_joins_the_strongest_pixel():
    made = np.zeros((28, 28))
    made[3:6, 0:7] = -2  # a bar of 21 pixels at the edge,
    made[4, 3] = -3  # strongest here
    made[6, 7] = -3 + 1e-9  # a corner touches it: not joined
    made[3, 7] = 3 - 1e-9  # of the other sign
    made[2, 0] = -1.4  # below half
    made[20:25, 20:25] = -2.9  # elsewhere
    spot = first_layer.spot(made)
    expected = np.zeros((28, 28), bool)
    expected[3:6, 0:7] = True
    assert np.array_equal(spot, expected)
    assert np.array_equal(first_layer.spot(-5 * made), expected)


def test_noise_has_no_shape_and_does_not_count_as_large():
    found = first_layer.shapes(NOISE)
    assert np.abs(found.agreement).max() < 0.15
    assert np.abs(found.agreement.mean()) < 0.01
    assert not found.shaped.any()
    assert np.isnan(found.mean_extent)
    assert found.extent.mean() < 3
    start = build_model("tied-dae", latent_dim=100).filters().numpy()
    assert not first_layer.shapes(start).shaped.any()


def test_agreement_is_the_correlation_of_neighbours():
    walk = NOISE[0].cumsum(0).cumsum(1)
    assert first_layer.agreement(np.stack([walk]))[0] > 0.9
    chess = (-1.0) ** (X + Y)
    assert first_layer.agreement(np.stack([chess]))[0] == pytest.approx(-1)
    v = blob(1.0) + 0.05 * NOISE[1]
    beside = np.corrcoef(v[:, :-1].ravel(), v[:, 1:].ravel())[0, 1]
    below = np.corrcoef(v[:-1].ravel(), v[1:].ravel())[0, 1]
    found = first_layer.agreement(np.stack([v, 7 * v + 3]))
    assert found == pytest.approx((beside + below) / 2, abs=0.02)
    assert first_layer.agreement(np.zeros((1, 28, 28)))[0] == 0


def test_only_units_with_a_shape_count():
    made = np.concatenate([blobs(3, 20), NOISE[:30]])
    found = first_layer.shapes(made)
    assert found.shaped.tolist() == [True] * 20 + [False] * 30
    assert found.mean_extent == first_layer.shapes(made[:20]).mean_extent


def test_larger_means_beyond_chance():
    small, same, large = (
        first_layer.shapes(blobs(*a)) for a in [(2, 50, 0), (2, 50, 1), (2.3, 50, 2)]
    )
    assert large.larger_than(small)
    assert not small.larger_than(large)
    assert not same.larger_than(small)
    assert not small.larger_than(same)
    assert not large.larger_than(first_layer.shapes(NOISE))  # there is nothing to be larger than


def test_the_units_shown_are_spread_evenly_over_the_order(shipped):
    for found in shipped.values():
        units = found.spaced(50)
        assert len(set(units)) == 50
        ranks = np.argsort(np.argsort(-found.agreement, kind="stable"))[units]
        assert ranks[0] == 0
        assert ranks[-1] == 499
        assert set(np.diff(ranks)) <= {10, 11}
    assert len(replace(found, agreement=found.agreement[:7]).spaced(50)) == 7


def test_grey_is_the_weight():
    weights = NOISE[:3]
    scale = first_layer.scale_of(weights)
    assert np.mean(np.abs(weights) <= scale) == pytest.approx(0.99, abs=0.001)
    back = (first_layer.grey(weights, scale) - 128.0) / 127 * scale
    assert np.abs(back - np.clip(weights, -scale, scale)).max() <= scale / 254 + 1e-9
    assert first_layer.grey(np.zeros(1), scale) == 128


@pytest.mark.parametrize("name", NAMES)
def test_filters_are_the_rows_of_w(model, name):
    assert np.array_equal(first_layer.first_layer(shipped_run(name)), model(name).filters().numpy())


def test_what_the_page_says_of_the_shipped_models_holds(shipped):
    counts = [int(found.shaped.sum()) for found in shipped.values()]
    extents = [found.mean_extent for found in shipped.values()]
    assert counts[0] < min(counts[1:]) - 50
    assert min(counts[1:]) > 450
    assert extents[2] > 1.5 * max(extents[:2])
    none, quarter, half = shipped.values()
    assert half.larger_than(none)
    assert half.larger_than(quarter)
    assert not none.larger_than(quarter)


def test_the_comparison_follows_the_numbers():
    def compared(*sigmas):
        return first_layer.compare([first_layer.shapes(blobs(s, 40, seed=9)) for s in sigmas])

    assert compared(2, 3, 4).grew == (True, True)
    assert (compared(2, 2, 4).grew, compared(2, 2, 4).grew_overall) == ((False, True), True)
    assert not compared(4, 3, 2).grew_overall
    made = [np.concatenate([blobs(2, n), NOISE[n:40]]) for n in (10, 20, 30)]
    found = first_layer.compare([first_layer.shapes(w) for w in made])
    assert (found.units, found.shaped, found.rising) == (40, (10, 20, 30), True)
    assert not first_layer.compare([first_layer.shapes(w) for w in made[::-1]]).rising


@pytest.mark.parametrize("options", [{"network": "conv", "hidden": (8,)}, None])
def test_other_files_are_refused(tmp_path, few, options):
    if options:
        model = build_model("ae", latent_dim=2, **options)
        run = finish(Recorder(tmp_path / "own", model, "digits", FitConfig()), model, few)
    else:
        run = replace(shipped_run("mnist-tied-0"), folder=tmp_path)
        run.weights.write_bytes(b"no weights")
    with pytest.raises(LabError, match="not a Latent Lab model file"):
        first_layer.first_layer(run)
    with pytest.raises(LabError, match=r"The filters of .* cannot be shown"):
        figures.filter_grids([run])
