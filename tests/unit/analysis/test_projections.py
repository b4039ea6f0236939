import importlib
import os
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.decomposition import PCA

from aecore.analysis.projections.pca import pca
from aecore.analysis.projections.umap import NEIGHBOURS, umap
from aecore.errors import LabError

RNG = np.random.default_rng(0)
CODES = (RNG.normal(size=(300, 5)) * [3, 1, 2, 0.1, 0.5] @ RNG.normal(size=(5, 5)) + 4).astype("f4")


@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_plane_is_scikit_learns(n):
    plane, theirs = pca(CODES, n), PCA(n).fit(CODES)
    assert plane.share == pytest.approx(theirs.explained_variance_ratio_, abs=1e-6)
    assert np.abs(plane.axes @ theirs.components_.T) == pytest.approx(np.eye(n), abs=1e-3)
    assert np.abs(plane.project(CODES)) == pytest.approx(np.abs(theirs.transform(CODES)), abs=1e-2)


def test_a_point_of_the_plane_comes_back():
    plane = pca(CODES)
    points = RNG.normal(size=(20, 2)).astype("f4")
    assert plane.project(plane.unproject(points)) == pytest.approx(points, abs=1e-4)
    whole = pca(CODES, 5)
    assert whole.unproject(whole.project(CODES)) == pytest.approx(CODES, abs=1e-3)


def test_the_same_codes_in_another_order_give_the_same_plane():
    again = pca(CODES[::-1])
    assert again.axes == pytest.approx(pca(CODES).axes, abs=1e-5)


@pytest.mark.parametrize("shape", [(0, 3), (1, 3), (5,), (5, 1)])
def test_too_little_is_refused(shape):
    with pytest.raises(LabError, match="principal axes"):
        pca(np.zeros(shape))


def test_codes_that_are_all_one_have_a_plane_of_no_share():
    plane = pca(np.ones((9, 3)))
    assert plane.share.tolist() == [0, 0]
    assert np.isfinite(plane.unproject(plane.project(np.ones((9, 3))))).all()


def test_umap_keeps_classes_together():
    centres = 20 * np.eye(4, 6)
    labels = np.repeat(np.arange(4), 30)
    codes = (centres[labels] + RNG.normal(size=(120, 6))).astype("f4")
    points = umap(codes)
    assert points.shape == (120, 2)
    assert np.array_equal(points, umap(codes))
    from sklearn.metrics import silhouette_score

    assert silhouette_score(points, labels) > 0.5
    with pytest.raises(LabError, match="more than 15"):
        umap(codes[:NEIGHBOURS])


@pytest.mark.parametrize("closed", [("beside",), ("beside", "home"), ("beside", "home", "runs")])
def test_what_umap_compiles_goes_where_it_can_be_written(closed, tmp_path, monkeypatch):
    module = importlib.import_module("aecore.analysis.projections.umap")
    monkeypatch.delitem(sys.modules, "umap", raising=False)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path / "runs"))
    (tmp_path / "file").touch()
    monkeypatch.setattr(
        module, "find_spec", lambda name: SimpleNamespace(origin=str(tmp_path / "file" / "x.py"))
    )
    for name in closed[1:]:
        (tmp_path / name).touch()  # a file: no folder can be made there
    if "runs" in closed:
        with pytest.raises(LabError, match="Set NUMBA_CACHE_DIR") as caught:
            module._choose_cache()
        assert caught.value.visitor == "UMAP's plane cannot be computed on this server."
        return
    module._choose_cache()
    chosen = os.environ["NUMBA_CACHE_DIR"]
    assert chosen == (str(tmp_path / "runs" / ".numba") if "home" in closed else "")
