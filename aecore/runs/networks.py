"""The networks in a model's file, as its header describes them for the browser."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aecore.errors import LabError
from aecore.files import Header, read_header

if TYPE_CHECKING:
    from aecore.runs.run import Run

PIXELS = 784
OURS = "described"  # in the header of an upload whose networks were described on our side


def header_of(run: "Run") -> Header:
    """The header of a run's model file.

    An upload of before `OURS` is described by its family here: the file's own word for its
    networks and its prior is not taken. This alone imports torch.

    Raises:
        LabError: as `read_header`.

    Example:
        >>> from aecore.runs import shipped_run
        >>> header_of(shipped_run("mnist-vae")).meta["family"]
        'vae'
    """
    header = read_header(run.weights)
    if run.status.kind != "measure" or OURS in header.meta:
        return header
    from aecore.families.storage import describe_model, skeleton

    described = json.dumps(describe_model(skeleton(run.weights, header)))  # as in a file
    return replace(header, meta=header.meta | json.loads(described))


def networks_of(header: Header) -> dict[str, dict[str, Any]]:
    """Networks by name, each with ``inputs``, ``layers`` and ``outputs`` (see `families.Net`).

    Files of before have the layers alone: there an image goes in, or a code, and an encoder that
    gives twice the size of a code gives log σ² behind the mean.

    Raises:
        LabError: for a header that describes none; whether the layers fit together, the browser
            looks itself (`assets/live/core/nn.js`).

    Example:
        >>> from aecore.files import read_header
        >>> from aecore.runs import shipped_run
        >>> networks_of(read_header(shipped_run("mnist-vae").weights))["encoder"]["outputs"]
        [['mean', 2], ['log_var', 2]]
    """
    meta: Any = header.meta
    try:
        if "networks" in meta:
            found = meta["networks"]
        else:
            size, nets = meta["options"].get("latent_dim"), meta["browser"].items()
            found = {name: _named(name, layers, size, header) for name, layers in nets}
        for net in found.values():
            dict(net["inputs"]), dict(net["outputs"])
            if not all(isinstance(layer["op"], str) for layer in net["layers"]):
                raise TypeError("a layer without its kind")
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, StopIteration) as error:
        raise LabError(
            "The model's file does not describe its networks. Add the file again, or train anew."
        ) from error
    return found


def prior_of(run: "Run") -> dict[str, Any] | None:
    """The prior over a run's codes: its ``kind``, and what belongs to it; None where there is none.

    Raises:
        LabError: as `read_header`.

    Example:
        >>> from aecore.runs import shipped_run
        >>> prior_of(shipped_run("mnist-vae")), prior_of(shipped_run("mnist-ae"))
        ({'kind': 'standard_normal', 'size': 2}, None)
    """
    # One that the file does not describe, as those of before do not, is N(0, I).
    normal = {"kind": "standard_normal", "size": run.latent_dim}
    return header_of(run).meta.get("prior", normal if run.about.prior else None)


def classes_of(header: Header) -> int:
    """How many classes a label that its networks take is of; 0 where they take none.

    Example:
        >>> from aecore.files import read_header
        >>> from aecore.runs import shipped_run
        >>> classes_of(read_header(shipped_run("mnist-vae").weights))
        0
    """
    inputs = [one for net in networks_of(header).values() for one in net["inputs"]]
    return next((size for name, size in inputs if name == "y"), 0)


def _named(name: str, layers: list[dict], size: int, header: Header) -> dict[str, Any]:
    if name == "decoder":
        return {"inputs": [["z", size]], "layers": layers, "outputs": [["logits", PIXELS]]}
    if layers[0]["op"] == "conv":
        layers = [{"op": "reshape", "shape": [1, 28, 28]}, *layers]
    last = next(layer for layer in reversed(layers) if "weight" in layer)
    given = header.tensors[last["weight"]]["shape"][0]
    outputs = [["logits", given]]
    if name == "encoder":
        outputs = [["mean", size], ["log_var", size]][: given // size]
    return {"inputs": [["x", PIXELS]], "layers": layers, "outputs": outputs}
