"""UMAP: a plane that keeps neighbours together, and that no formula leads back from."""

import os
import sys
import tempfile
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from aecore.analysis.projections.base import Projection, register
from aecore.errors import LabError
from aecore.runs import runs_folder

NEIGHBOURS = 15


def umap(codes: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """A plane that keeps neighbours together, float32 (N, 2); distances on it mean little.

    There is no way back from it to a code. The same seed on the same machine gives the same plane.

    Raises:
        LabError: for fewer codes than it looks at neighbours, or no folder for what it compiles.

    References:
        McInnes, Healy & Melville, UMAP: Uniform Manifold Approximation and Projection, 2018.
    """
    if len(codes) <= NEIGHBOURS:
        raise LabError(f"UMAP needs more than {NEIGHBOURS} codes, not {len(codes)}.")
    _choose_cache()
    from sklearn.neighbors import NearestNeighbors
    from umap import UMAP

    # Its own search for neighbours is approximate, and takes 20 seconds to compile.
    distances, neighbours = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(codes).kneighbors(codes)
    settings = {
        "n_neighbors": NEIGHBOURS,
        "precomputed_knn": (neighbours, distances.astype(np.float32)),
        "random_state": seed,
        "n_jobs": 1,
    }
    with warnings.catch_warnings(category=UserWarning, action="ignore"):  # no codes will be added
        return np.asarray(UMAP(**settings).fit_transform(codes), np.float32)


def _choose_cache() -> None:
    """Name a folder that can be written for what numba compiles, where its own cannot be."""
    if os.environ.get("NUMBA_CACHE_DIR") or "umap" in sys.modules:
        return
    found = find_spec("umap")
    beside = Path(found.origin).parent if found and found.origin else None
    home = Path.home() / ".cache"
    own = runs_folder().absolute() / ".numba"
    chosen = next((one for one in (beside, home, own) if one and _writable(one)), None)
    if chosen is None:
        raise LabError(
            "UMAP needs a folder for what it compiles, and none can be written. Set "
            "NUMBA_CACHE_DIR to one.",
            "UMAP's plane cannot be computed on this server.",
        )
    if chosen == own:
        os.environ["NUMBA_CACHE_DIR"] = str(own)


def _writable(folder: Path) -> bool:
    """Whether a file can be made in a folder, which is made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


register(
    Projection(
        name="umap",
        title="UMAP",
        symbol="u",
        places=umap,
        least=NEIGHBOURS + 1,
        note="near codes stand near",
        more="; a place is the nearest image’s code",
        explanation=(
            "**UMAP** places codes so that neighbours stay neighbours. No formula leads back: a "
            "place of it stands for the nearest image’s code, and between the groups there is "
            "nothing to measure."
        ),
        cost="10 to 40 seconds",
    )
)
