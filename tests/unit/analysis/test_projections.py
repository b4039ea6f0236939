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
