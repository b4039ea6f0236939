"""What a network makes of a few inputs, without torch: by its layers as its file describes them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from aecore.errors import LabError
from aecore.files import read_tensors
from aecore.runs.networks import header_of, networks_of
from aecore.runs.run import Run

Array = np.ndarray


def sigmoid(x: Array) -> Array:
    """The logistic function.

    Example:
        >>> float(sigmoid(np.array(0.0)))
        0.5
    """
    return 1 / (1 + np.exp(-np.clip(x, -60, 60)))


POINTWISE: dict[str, Callable[[Array], Array]] = {
    "reshape": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "silu": lambda x: x * sigmoid(x),
    "gelu": lambda x: x * sigmoid(1.5957691216057308 * (x + 0.044715 * x**3)),
}


def forward(run: Run, name: str, *inputs: Array) -> dict[str, Array]:
    """The named outputs (N, size) of a run's network for its inputs (N, size), in their order.

    Raises:
        LabError: when the run has no such network, or one with a layer that is not fully connected.

    Example:
        >>> from aecore.runs import shipped_run
        >>> forward(shipped_run("mnist-vae"), "decoder", np.zeros((1, 2)))["logits"].shape
        (1, 784)
    """
    try:
        net = networks_of(header_of(run))[name]
        weights = read_tensors(run.weights, _names(net))
        x = np.concatenate(inputs, 1).astype(np.float32)
        for layer in net["layers"]:
            x = _layer(layer, x, weights)
    except (KeyError, ValueError) as error:
        cannot = f"The run {run.name!r} has no {name} that can be run here."
        raise LabError(cannot) from error
    ends = np.cumsum([size for _, size in net["outputs"]])
    parts = np.split(x, ends[:-1], axis=1)
    return {output: part for (output, _), part in zip(net["outputs"], parts, strict=True)}


def draw(run: Run, *inputs: Array) -> Array:
    """The images (N, 784) in [0, 1] that a run's decoder draws of codes, and of classes if told."""
    found = forward(run, "decoder", *inputs)
    return np.clip(found["pixels"], 0, 1) if "pixels" in found else sigmoid(found["logits"])


def _names(net: dict[str, Any]) -> list[str]:
    return [layer[part] for layer in net["layers"] for part in ("weight", "bias") if part in layer]


def _layer(layer: dict, x: Array, weights: dict[str, Array]) -> Array:
    if layer["op"] != "linear":
        return POINTWISE[layer["op"]](x)
    weight = weights[layer["weight"]].astype(np.float32)
    bias = weights[layer["bias"]].astype(np.float32)
    return x @ (weight if layer.get("transpose") else weight.T) + bias
