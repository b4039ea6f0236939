"""A network run without torch is torch's."""

import numpy as np
import pytest
import torch

from aecore.errors import LabError
from aecore.runs import shipped_run
from aecore.runs.forward import draw, forward


@pytest.mark.parametrize("name", ["mnist-vae", "mnist-ae-16", "mnist-linear-30", "mnist-tied-25"])
def test_it_encodes_and_draws_as_torch_does(name):
    run = shipped_run(name)
    model = run.model()
    x = np.random.default_rng(0).random((3, 784), np.float32)
    found = forward(run, "encoder", x)["mean"]
    with torch.no_grad():
        z = model.encode(torch.from_numpy(x))
        assert np.allclose(found, z.numpy(), atol=2e-3)
        drawn = model.decode(z).numpy().reshape(3, 784)
    assert np.allclose(draw(run, z.numpy()), drawn, atol=1e-3)


def test_a_class_that_is_told_comes_behind_the_code():
    run = shipped_run("mnist-cvae")
    with torch.no_grad():
        drawn = run.model().decode(torch.zeros(10, 2), torch.arange(10)).numpy().reshape(10, 784)
    assert np.allclose(draw(run, np.zeros((10, 2)), np.eye(10)), drawn, atol=1e-3)


def test_what_cannot_be_run_is_said_in_one_sentence():
    with pytest.raises(LabError, match="has no decoder"):
        forward(shipped_run("mnist-classifier"), "decoder", np.zeros((1, 2)))
    with pytest.raises(LabError, match="has no classifier"):
        forward(shipped_run("mnist-classifier"), "classifier", np.zeros((1, 784)))
