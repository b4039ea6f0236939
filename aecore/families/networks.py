"""Encoder and decoder networks as plain `nn.Sequential`s, and their description for the browser."""

from collections.abc import Sequence
from itertools import pairwise
from math import prod

from torch import nn

from aecore.errors import LabError

IMAGE = (1, 28, 28)
PIXELS = prod(IMAGE)

ACTIVATIONS = {
    "relu": nn.ReLU,
    "gelu": lambda: nn.GELU(approximate="tanh"),  # the form that the browser also computes
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
}


def build_encoder(network: str, hidden: Sequence[int], outputs: int, activation: str) -> nn.Module:
    """A network from images (B, 1, 28, 28) to (B, outputs).

    Args:
        network: ``"mlp"`` (``hidden`` are layer widths) or ``"conv"`` (``hidden`` are the channels
            of one or two convolutions, each of which halves the image).
        hidden: widths or channels, from the image inwards.
        outputs: size of the last, linear layer.
        activation: one of ``relu``, ``gelu``, ``silu``, ``tanh``.

    Example:
        >>> build_encoder("mlp", (512, 256), 2, "relu")[1]
        Linear(in_features=784, out_features=512, bias=True)
    """
    act = _activation(activation)
    layers: list[nn.Module] = []
    if network == "mlp":
        layers.append(nn.Flatten())
        width = PIXELS
        for size in hidden:
            layers += [nn.Linear(width, size), act()]
            width = size
    elif network == "conv":
        side = _conv_side(hidden)
        channels = 1
        for size in hidden:
            layers += [nn.Conv2d(channels, size, 4, stride=2, padding=1), act()]
            channels = size
        layers.append(nn.Flatten())
        width = channels * side * side
    else:
        raise _unknown_network(network)
    return nn.Sequential(*layers, nn.Linear(width, outputs))


def build_decoder(network: str, hidden: Sequence[int], inputs: int, activation: str) -> nn.Module:
    """The mirror image of `build_encoder`: from (B, inputs) to logits (B, 1, 28, 28).

    ``hidden`` is given from the image inwards, as for the encoder, and used in reverse.

    Example:
        >>> build_decoder("mlp", (512, 256), 2, "relu")[0]
        Linear(in_features=2, out_features=256, bias=True)
    """
    act = _activation(activation)
    layers: list[nn.Module] = []
    inwards = tuple(reversed(hidden))
    if network == "mlp":
        width = inputs
        for size in inwards:
            layers += [nn.Linear(width, size), act()]
            width = size
        return nn.Sequential(*layers, nn.Linear(width, PIXELS), nn.Unflatten(1, IMAGE))
    if network == "conv":
        side = _conv_side(hidden)
        shape = (inwards[0], side, side)
        layers += [nn.Linear(inputs, prod(shape)), act(), nn.Unflatten(1, shape)]
        for size, following in pairwise(inwards):
            layers += [nn.ConvTranspose2d(size, following, 4, stride=2, padding=1), act()]
        return nn.Sequential(*layers, nn.ConvTranspose2d(inwards[-1], 1, 4, stride=2, padding=1))
    raise _unknown_network(network)


def describe(network: nn.Sequential, prefix: str) -> list[dict]:
    """The layers as plain values: what the browser needs to run them.

    Each entry has ``op`` and, where there are weights, their names in the model's state
    (``prefix`` is the network's own name there); a linear layer with ``transpose`` multiplies by
    the transpose of its weight. Layers that do nothing in use are left out.

    Raises:
        LabError: for a kind of layer that the browser cannot run.

    Example:
        >>> describe(build_decoder("mlp", (8,), 2, "relu"), "decoder")[:2]
        [{'op': 'linear', 'weight': 'decoder.0.weight', 'bias': 'decoder.0.bias'}, {'op': 'relu'}]
    """
    return [
        entry for i, layer in enumerate(network) if (entry := _describe(layer, f"{prefix}.{i}"))
    ]


def _describe(layer: nn.Module, name: str) -> dict | None:
    weights = {"weight": f"{name}.weight", "bias": f"{name}.bias"}
    match layer:
        case nn.Linear():
            return {"op": "linear", **weights}
        case nn.Conv2d():
            return {"op": "conv", **weights, "stride": layer.stride[0], "pad": layer.padding[0]}
        case nn.ConvTranspose2d():
            return {"op": "deconv", **weights, "stride": layer.stride[0], "pad": layer.padding[0]}
        case nn.Unflatten():
            return {"op": "reshape", "shape": list(layer.unflattened_size)}
        case nn.ReLU():
            return {"op": "relu"}
        case nn.GELU():
            return {"op": "gelu"}
        case nn.SiLU():
            return {"op": "silu"}
        case nn.Tanh():
            return {"op": "tanh"}
        case nn.Sigmoid():
            return {"op": "sigmoid"}
        case nn.Flatten():
            return None
    raise LabError(f"The browser cannot run a layer of type {type(layer).__name__}.")


def _activation(name: str) -> type[nn.Module]:
    if name not in ACTIVATIONS:
        raise LabError(f"There is no activation {name!r}. Choose one of: {', '.join(ACTIVATIONS)}.")
    return ACTIVATIONS[name]


def _conv_side(hidden: Sequence[int]) -> int:
    if not 1 <= len(hidden) <= 2:
        raise LabError("A convolutional network of 28x28 images has one or two hidden layers.")
    return IMAGE[1] >> len(hidden)


def _unknown_network(name: str) -> LabError:
    return LabError(f"There is no network {name!r}. Choose 'mlp' or 'conv'.")
