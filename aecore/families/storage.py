"""A model as one `.safetensors` file: weights, and how to rebuild the network around them."""

import json
from pathlib import Path

import torch
from safetensors.torch import save as to_bytes

from aecore.errors import LabError
from aecore.families.base import Model
from aecore.files import (
    FORMAT,
    VERSION,
    Header,
    damaged,
    not_a_model,
    read_header,
    read_tensors,
    write_atomic,
)


def save_model(model: Model, path: str | Path, *, half: bool, extra: dict | None) -> Path:
    """See `aecore.families.base.Model.save`."""
    dtype = torch.float16 if half else torch.float32
    weights = {k: v.detach().cpu().to(dtype).contiguous() for k, v in model.state_dict().items()}
    meta = {
        "version": VERSION,
        "family": model.name,
        "options": model.options,
        **describe_model(model),
        **(extra or {}),
    }
    content = to_bytes(weights, {FORMAT: json.dumps(meta)})
    return write_atomic(path, lambda file: file.write(content))


def describe_model(model: Model) -> dict[str, object]:
    """What a file's header says of a model for those who do not load it: the browser's networks
    (`networks.Net`) and the prior (`distributions.Prior.describe`; None where there is none).
    """
    prior = model.prior()
    return {
        "networks": {name: net.plain() for name, net in model.networks().items()},
        "prior": prior and prior.describe(),
    }


def load_model(path: str | Path) -> Model:
    """Rebuild a model from its ``.safetensors`` file, in evaluation mode, on the CPU.

    Nothing in the file is executed, and nothing large is allocated before the file's size, its
    options and every shape have been checked.

    Raises:
        LabError: for a file that is missing, truncated, of another format, of a newer version,
            or whose weights do not fit its options.

    Example:
        >>> import tempfile, aecore
        >>> model = aecore.build_model("ae", latent_dim=3, hidden=(8,))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     copy = load_model(model.save(f"{folder}/model.safetensors"))
        >>> copy.options == model.options
        True
    """
    path = Path(path)
    header = read_header(path)
    model = skeleton(path, header)
    wanted = {name: list(value.shape) for name, value in model.state_dict().items()}
    found = {name: entry["shape"] for name, entry in header.tensors.items()}
    if wanted != found:
        raise damaged(path, "its weights are not those of the model it describes")
    weights = {k: torch.from_numpy(v.astype("float32")) for k, v in read_tensors(path).items()}
    if not all(torch.isfinite(value).all() for value in weights.values()):
        raise damaged(path, "some of its weights are not finite numbers")
    model.load_state_dict(weights, assign=True)
    return model.requires_grad_(True).eval()


def skeleton(path: Path, header: Header) -> Model:
    """The model that a header describes without memory for its weights: shapes only.

    Raises:
        LabError: when it describes none.
    """
    from aecore.families import build_model

    family, options = header.meta.get("family"), header.meta.get("options")
    if not isinstance(family, str) or not isinstance(options, dict):
        raise not_a_model(path)
    try:
        with torch.device("meta"):
            return build_model(family, **options)
    except TypeError as error:
        raise not_a_model(path) from error
    except LabError as error:
        raise LabError(
            f"{path.name} cannot be opened. {error!s:.300}",
            f"This model file cannot be opened. {error.visitor:.300}",
        ) from error
