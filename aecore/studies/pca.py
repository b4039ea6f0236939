"""The first principal components of MNIST's training images, to be held beside a linear code."""

import numpy as np

from aecore.data import Dataset
from aecore.files import write_arrays
from aecore.studies import STUDIES, Found

COMPONENTS = 30


def run(data: Dataset) -> Found:
    """``error``: squared error of the test images rebuilt from 30 components, sum over pixels.
    Their mean (784,) and components (30, 784) are stored beside it, float16.
    """
    from sklearn.decomposition import PCA

    train, test = (
        part.images.reshape(len(part), -1).astype(np.float32) / 255
        for part in (data.train, data.test)
    )
    pca = PCA(COMPONENTS, svd_solver="covariance_eigh").fit(train)
    rebuilt = pca.inverse_transform(pca.transform(test))
    arrays = {"mean": pca.mean_, "components": pca.components_}
    write_arrays(STUDIES / "pca.npz", {k: v.astype(np.float16) for k, v in arrays.items()})
    error = float(((rebuilt - test) ** 2).sum(1, dtype=np.float64).mean())
    yield f"{COMPONENTS} components", {"components": COMPONENTS, "error": round(error, 4)}
