"""What several tests share."""

import os
from pathlib import Path

import pytest

from aecore.data import data_folder, load_dataset

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def mnist():
    """Real MNIST from LATENT_LAB_DATA or `../shared/data`; CI fails without it."""
    with pytest.MonkeyPatch.context() as patch:
        if BESIDE.is_dir() and not os.environ.get("LATENT_LAB_DATA"):
            patch.setenv("LATENT_LAB_DATA", str(BESIDE))
        folder = data_folder() / "MNIST" / "raw"
        if not folder.is_dir():
            reason = f"no MNIST in {folder}"
            pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
        yield load_dataset("mnist")
