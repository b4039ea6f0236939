"""Checkpoints of training: tensors in one safetensors file, written whole or not at all."""

from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as to_bytes

from aecore.errors import damaged_run
from aecore.files import write_atomic

if TYPE_CHECKING:
    from torch import Tensor

    from aecore.training import Training


def save_checkpoint(training: "Training", path: str | Path) -> Path:
    """Write all that training goes on from: after a record, before the next.

    Raises:
        LabError: when the file cannot be written.
    """
    state = {name: value.detach().cpu().contiguous() for name, value in training.state().items()}
    content = to_bytes(state)
    return write_atomic(path, lambda file: file.write(content))


def load_checkpoint(path: str | Path) -> "dict[str, Tensor] | None":
    """What `fit` takes as ``resume``; None where there is no checkpoint.

    Raises:
        LabError: for a damaged file.

    Example:
        >>> import tempfile, aecore
        >>> data = aecore.load_dataset("digits")
        >>> training = aecore.fit(aecore.build_model("ae", hidden=(8,)), data, epochs=2)
        >>> record = next(training)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     state = load_checkpoint(save_checkpoint(training, f"{folder}/kept.safetensors"))
        >>> int(state["step"]) == record.step
        True
    """
    path = Path(path)
    try:
        return load_file(path)
    except FileNotFoundError:
        return None
    except (OSError, SafetensorError, ValueError) as error:
        raise damaged_run(path, then=" Start the run anew.") from error
