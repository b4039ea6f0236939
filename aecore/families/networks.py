"""Encoder and decoder networks as plain `nn.Sequential`s, and their description for the browser."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import prod

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.nn import functional

from aecore.errors import LabError

IMAGE = (1, 28, 28)
PIXELS = prod(IMAGE)

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "gelu": lambda: nn.GELU(approximate="tanh"),  # the form that the browser also computes
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


@dataclass(frozen=True)
class Net:
    """A network as the browser runs it: named inputs, layers, named outputs.

    Attributes:
        inputs: name and size of each, in the order in which they are laid end to end before the
            first layer: ``x`` is an image, ``z`` a code, ``y`` one probability per class.
        layers: see `describe`.
        outputs: name and size of each, in the order in which they lie in what the last layer
            gives: ``mean`` and ``log_var`` of a code, ``logits`` of pixels or classes, ``pixels``
            as they are, which are shown from 0 to 1.

    Example:
        >>> decoder = build_decoder("mlp", (8,), 2 + 10, "relu")
        >>> net = Net((("z", 2), ("y", 10)), describe(decoder, "decoder"), (("logits", PIXELS),))
        >>> net.plain()["inputs"]
        (('z', 2), ('y', 10))
    """

    inputs: tuple[tuple[str, int], ...]
    layers: list[dict]
    outputs: tuple[tuple[str, int], ...]

    def plain(self) -> dict:
        """As plain values, for a file's header and for the browser."""
        return asdict(self)


def with_labels(values: Tensor, y: ArrayLike | Tensor | None, classes: int) -> Tensor:
    """Images or codes with one probability per class behind each: (B, ...) to (B, size + classes).

    Labels are y (B,). An unknown one is −1, and all are where there is no y: then every class is
    as probable as another. Probabilities y (B, classes) are taken as they are.

    Raises:
        LabError: for labels of another shape, or one that is no class.

    Example:
        >>> with_labels(torch.tensor([[3.0], [4.0]]), torch.tensor([1, -1]), 2).tolist()
        [[3.0, 0.0, 1.0], [4.0, 0.5, 0.5]]
    """
    flat = values.flatten(1)
    y = torch.as_tensor(-1 if y is None else y, device=flat.device)
    if y.shape == (len(flat), classes) and y.is_floating_point():
        return torch.cat([flat, y.to(flat.dtype)], 1)
    y = y.long().expand(len(flat)) if y.ndim == 0 else y.long()
    if y.shape != (len(flat),) or not bool(((y >= -1) & (y < classes)).all()):
        raise LabError(
            f"Labels must be {len(flat)} whole numbers from 0 to {classes - 1}, or -1 where "
            "unknown: one for each image or code."
        )
    chosen = functional.one_hot(y.clamp(min=0), classes).to(flat.dtype)
    return torch.cat([flat, torch.where((y >= 0).unsqueeze(1), chosen, 1 / classes)], 1)


def given_labels(network: nn.Sequential, values: Tensor, rows: Tensor, labels: Tensor) -> Tensor:
    """A fully connected network of `with_labels(values[rows], labels)`, (R, outputs): what its
    first layer makes of the values themselves is computed once, however often a row is taken.

    Example:
        >>> network = build_mlp(3 + 2, (4,), 1, "relu")
        >>> x, rows, labels = torch.rand(1, 3), torch.tensor([0, 0]), torch.tensor([0, 1])
        >>> each = network(with_labels(x[rows], labels, 2))
        >>> torch.allclose(given_labels(network, x, rows, labels), each, atol=1e-6)
        True
    """
    flat = values.flatten(1)
    first, *rest = (layer for layer in network if not isinstance(layer, nn.Flatten))
    assert isinstance(first, nn.Linear)
    of_values, of_labels = first.weight.split([flat.shape[1], first.in_features - flat.shape[1]], 1)
    found = functional.linear(flat, of_values, first.bias)[rows] + of_labels.T[labels]
    for layer in rest:
        found = layer(found)
    return found


class Transposed(nn.Module):
    """Wᵀ z + c: a linear layer W of another network the other way round, with a bias of its own.

    The weight stays the other network's: it is stored and moved there alone.

    Args:
        layer: W.
        name: what that layer is called in the model.

    Example:
        >>> back = Transposed(nn.Linear(784, 20), "encoder.1")
        >>> back(torch.rand(3, 20)).shape, [name for name, _ in back.named_parameters()]
        (torch.Size([3, 784]), ['bias'])
    """

    def __init__(self, layer: nn.Linear, name: str) -> None:
        super().__init__()
        self.layer, self.name = (layer,), name  # in a tuple, so that it is no part of this one
        self.bias = nn.Parameter(torch.zeros(layer.in_features))

    def forward(self, z: Tensor) -> Tensor:
        """(B, outputs of W) to (B, inputs of W)."""
        return tied(z, self.layer[0], self.bias)


def tied(z: Tensor, layer: nn.Linear, bias: Tensor) -> Tensor:
    """Wᵀ z + c: the linear layer W the other way round, with a bias of its own.

    Example:
        >>> tied(torch.rand(3, 20), nn.Linear(784, 20), torch.zeros(784)).shape
        torch.Size([3, 784])
    """
    return functional.linear(z, layer.weight.T, bias)


def describe_tied(layer: str, bias: str) -> list[dict]:
    """`tied` as the browser runs it, by the names of the layer and of the bias; gives an image."""
    weights = {"weight": f"{layer}.weight", "bias": bias}
    return [{"op": "linear", **weights, "transpose": True}, {"op": "reshape", "shape": list(IMAGE)}]


def build_encoder(
    network: str, hidden: Sequence[int], outputs: int, activation: str, *, extra: int = 0
) -> nn.Sequential:
    """A network from images (B, 1, 28, 28) to (B, outputs).

    Args:
        network: ``"mlp"`` (``hidden`` are layer widths) or ``"conv"`` (``hidden`` are the channels
            of one or two convolutions, each of which halves the image).
        hidden: widths or channels, from the image inwards.
        outputs: size of the last, linear layer.
        activation: one of ``relu``, ``gelu``, ``silu``, ``tanh``, ``sigmoid``.
        extra: numbers behind the pixels, (B, 784 + extra), as `with_labels` puts them there; a
            convolution has no place for them.

    Raises:
        LabError: for a network, a number of layers or an activation that there is not.

    Example:
        >>> build_encoder("mlp", (512, 256), 2, "relu")[1]
        Linear(in_features=784, out_features=512, bias=True)
    """
    act = _activation(activation)
    layers: list[nn.Module] = []
    if network == "mlp":
        layers.append(nn.Flatten())
        width = PIXELS + extra
        for size in hidden:
            layers += [nn.Linear(width, size), act()]
            width = size
    elif network == "conv":
        if extra:
            raise LabError("A convolutional encoder takes no label. Choose 'mlp'.")
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


def build_tied_decoder(encoder: nn.Sequential) -> nn.Sequential:
    """The mirror image of a fully connected ``encoder`` of a model, with the same weights.

    Example:
        >>> decoder = build_tied_decoder(build_encoder("mlp", (64,), 2, "relu"))
        >>> [type(layer).__name__ for layer in decoder]
        ['Transposed', 'ReLU', 'Transposed', 'Unflatten']
    """
    layers: list[nn.Module] = []
    for i, layer in reversed(list(enumerate(encoder))):
        if isinstance(layer, nn.Linear):
            layers.append(Transposed(layer, f"encoder.{i}"))
        elif layers and not isinstance(layer, nn.Flatten):  # of the code itself there is none here
            layers.append(layer)
    return nn.Sequential(*layers, nn.Unflatten(1, IMAGE))


def build_mlp(inputs: int, hidden: Sequence[int], outputs: int, activation: str) -> nn.Sequential:
    """A fully connected network between two flat sides, (B, inputs) to (B, outputs).

    Example:
        >>> build_mlp(50, (), 10, "relu")
        Sequential(
          (0): Linear(in_features=50, out_features=10, bias=True)
        )
    """
    act = _activation(activation)
    sides = [inputs, *hidden]
    layers = [part for two in pairwise(sides) for part in (nn.Linear(*two), act())]
    return nn.Sequential(*layers, nn.Linear(sides[-1], outputs))


def build_decoder(
    network: str, hidden: Sequence[int], inputs: int, activation: str
) -> nn.Sequential:
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
    the transpose of its weight. Layers that do nothing in use are left out. A convolution that
    comes first is told the shape of its image: what enters a network is flat. A family may put
    between them ``take``, which goes on with the first ``size`` numbers, and ``join``, which puts
    ``size`` of those that entered the network, from ``begin`` on, behind what there is.

    Raises:
        LabError: for a kind of layer that the browser cannot run.

    Example:
        >>> describe(build_decoder("mlp", (8,), 2, "relu"), "decoder")[:2]
        [{'op': 'linear', 'weight': 'decoder.0.weight', 'bias': 'decoder.0.bias'}, {'op': 'relu'}]
    """
    layers = [
        entry for i, layer in enumerate(network) if (entry := _describe(layer, f"{prefix}.{i}"))
    ]
    return shape_first(layers)


def shape_first(layers: list[dict]) -> list[dict]:
    """Put the shape of an image before a convolution that comes first."""
    image = [{"op": "reshape", "shape": list(IMAGE)}]
    return image + layers if layers and layers[0]["op"] == "conv" else layers


def _describe(layer: nn.Module, name: str) -> dict | None:
    weights = {"weight": f"{name}.weight", "bias": f"{name}.bias"}
    match layer:
        case nn.Linear():
            return {"op": "linear", **weights}
        case Transposed():
            return {"op": "linear", **weights, "weight": f"{layer.name}.weight", "transpose": True}
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
        case nn.Flatten() | nn.Dropout():
            return None
    raise LabError(f"The browser cannot run a layer of type {type(layer).__name__}.")


def _activation(name: str) -> Callable[[], nn.Module]:
    if name not in ACTIVATIONS:
        raise LabError(f"There is no activation {name!r}. Choose one of: {', '.join(ACTIVATIONS)}.")
    return ACTIVATIONS[name]


def _conv_side(hidden: Sequence[int]) -> int:
    if not 1 <= len(hidden) <= 2:
        raise LabError("A convolutional network of 28x28 images has one or two hidden layers.")
    return IMAGE[1] >> len(hidden)


def _unknown_network(name: str) -> LabError:
    return LabError(f"There is no network {name!r}. Choose 'mlp' or 'conv'.")
