"""A map is one file: the toy of `tests/fixtures`, and nothing else, in a copy of the project."""

import os
import subprocess
import sys

import numpy as np

from aecore.runs import open_run
from tests.browser.conftest import serving

QUICK = ["--epochs", "1", "--hidden", "16", "--latent-dim", "3", "--precision", "float32"]


def test_its_plane_is_computed_chosen_and_read_off(copied, desk, tmp_path):
    project = copied(tmp_path / "project", "toy_map.py", "aecore/analysis/projections/lengths.py")
    command = [sys.executable, "-m", "aecore", "train", "ae", "--lengths", *QUICK]
    folder = tmp_path / "runs" / "placed"
    environment = os.environ | {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    command += ["--dataset", "digits", "--out", str(folder)]
    subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True)
    codes = open_run(folder).codes
    lengths = np.linalg.norm(codes.mean.values, axis=1)
    assert np.allclose(codes.places["lengths"].values[:, 0], lengths, atol=1e-3)

    with serving(tmp_path, root=project) as server, desk.tab(server) as tab:
        tab.open("/decode?model=placed&axes=lengths")
        chosen = tab.root.locator(".axes select").first
        assert chosen.locator("option").all_inner_texts() == ["Dimensions", "Lengths", "PCA"]
        assert chosen.input_value() == "lengths"
        tab.root.get_by_text("how long a code is, and its largest entry").wait_for()
        place, seen = tab.hover(0, 0.5, 0.5)
        nearest = ((codes.places["lengths"].values - np.float32(place.z)) ** 2).sum(1).argmin()
        assert np.allclose(seen.z[0], codes.mean.values[nearest], atol=1e-5)
        chosen.select_option("pca")
        tab.page.wait_for_url("**axes=pca*")
