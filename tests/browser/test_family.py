"""A run of a family that the server does not have: its files say all that a page needs."""

import numpy as np
import pytest
import torch

import aecore
from aecore.analysis.card import finish
from aecore.analysis.latent import class_means, midpoints
from aecore.runs import Recorder
from aecore.training import FitConfig, fit
from tests.browser.conftest import serving


@pytest.fixture
def toy_run(toy, few, tmp_path):
    """A finished run whose decoder takes the class."""
    settings = FitConfig(epochs=1, batch_size=64, precision="float32", labels=20)
    model = aecore.build_model("toy", hidden=[16])
    recorder = Recorder(tmp_path / "runs" / "toy", model, "digits", settings)
    for record in fit(model, few, settings):
        recorder.record(record)
    return finish(recorder, model, few)


def test_its_decoder_is_given_the_class_that_is_chosen_or_a_mean_s_own(toy_run, desk, tmp_path):
    model, z = toy_run.model(), torch.tensor([[0.5, -0.25]])
    with serving(tmp_path) as server, desk.tab(server) as tab:
        for label in ("any", "4"):
            tab.open(f"/decode?model=toy&z=0.5,-0.25&class={label}")
            found = tab.read().pixels[0]
            y = None if label == "any" else torch.tensor([int(label)])
            wanted = model.decode(z, y).detach().numpy().ravel()
            assert np.abs(found - wanted).max() < 2e-3
        tab.open("/compare?left=toy&right=mnist-vae&class=4")
        own = torch.eye(10)  # of a mean its class, whichever is chosen; of a midpoint both
        labels = torch.cat([own, (own[1:] + own[:-1]) / 2])
        codes = toy_run.codes
        means = class_means(codes.mean.values, codes.labels)
        wanted = model.decode(torch.tensor(np.concatenate([means, midpoints(means)])), labels)
        cells = tab.strips(0)[0]["cells"]
        found = np.array([cell["pixels"] for cell in cells])
        assert np.abs(found - wanted.detach().numpy().reshape(19, 784)).max() < 2e-3
