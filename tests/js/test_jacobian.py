"""Singular values of an encoder's Jacobian as the browser finds them are torch's."""

import numpy as np
import torch

import aecore
from aecore.families.jacobian import jacobian

FOUND = """(() => {
    const layer = { units: x.units, weights: Float32Array.from(x.weights) };
    const { values, directions } = jacobian.singular(layer, x.code, 3);
    return { values, directions: directions.map((one) => [...one]) } })()"""


def test_they_are_torchs_to_a_thousandth(evaluate):
    torch.manual_seed(0)
    model = aecore.build_model("contractive", latent_dim=40)
    with torch.no_grad():
        model.encoder[1].weight.mul_(8)
        x = torch.rand(1, 1, 28, 28)
        code, weights = model.encode(x)[0], model.encoder[1].weight
        _, wanted, right = torch.linalg.svd(jacobian(model.encoder, x, 40)[0], full_matrices=False)
    given = {"units": 40, "weights": weights.flatten().tolist(), "code": code.tolist()}
    found = evaluate(FOUND, given, jacobian="components/family/jacobian.js")
    assert np.allclose(found["values"], wanted.numpy(), rtol=1e-3, atol=1e-5)
    along = (np.array(found["directions"]) * right[:3].numpy()).sum(1)
    assert np.allclose(np.abs(along), 1, atol=1e-3)
