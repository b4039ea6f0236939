"""Autoencoders to see and touch: data, models, training, measures.

Public names are imported when they are first used, so that `import aecore` stays instant and a
page that only shows a trained run never loads torch.

Example:
    >>> import aecore
    >>> data = aecore.load_dataset("digits")
    >>> model = aecore.build_model("vae", latent_dim=2, hidden=(64,))
    >>> records = list(aecore.fit(model, data, epochs=1))
    >>> model.decode(model.encode(data.test.images[:3])).shape
    torch.Size([3, 1, 28, 28])
"""

from importlib import import_module

_HOMES = {
    "LabError": "errors",
    "Dataset": "data",
    "available_datasets": "data",
    "load_dataset": "data",
    "build_model": "families",
    "load_model": "families",
    "models": "families",
    "FitConfig": "training",
    "Record": "training",
    "evaluate": "training",
    "fit": "training",
    "Run": "runs",
    "list_runs": "runs",
    "open_run": "runs",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'aecore' has no attribute {name!r}")
    return getattr(import_module(f"aecore.{_HOMES[name]}"), name)
