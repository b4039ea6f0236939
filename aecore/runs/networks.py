"""The networks in a model's file, as its header describes them for the browser. No torch."""

from aecore.files import Header

PIXELS = 784


def networks_of(header: Header) -> dict[str, dict]:
    """Networks by name, each with ``inputs``, ``layers`` and ``outputs`` (see `families.Net`).

    Files of before have the layers alone: there an image goes in, or a code, and an encoder that
    gives twice the size of a code gives log σ² behind the mean.

    Example:
        >>> from aecore.files import read_header
        >>> from aecore.runs import shipped_run
        >>> networks_of(read_header(shipped_run("mnist-vae").weights))["encoder"]["outputs"]
        [['mean', 2], ['log_var', 2]]
    """
    if "networks" in header.meta:
        return header.meta["networks"]
    return {name: _named(name, layers, header) for name, layers in header.meta["browser"].items()}


def _named(name: str, layers: list[dict], header: Header) -> dict:
    if name == "decoder":
        size = header.meta["options"]["latent_dim"]
        return {"inputs": [["z", size]], "layers": layers, "outputs": [["logits", PIXELS]]}
    if layers[0]["op"] == "conv":
        layers = [{"op": "reshape", "shape": [1, 28, 28]}, *layers]
    last = next(layer for layer in reversed(layers) if "weight" in layer)
    given = header.tensors[last["weight"]]["shape"][0]
    outputs = [["logits", given]]
    if name == "encoder":
        size = header.meta["options"]["latent_dim"]
        outputs = [["mean", size], ["log_var", size]][: given // size]
    return {"inputs": [["x", PIXELS]], "layers": layers, "outputs": outputs}
