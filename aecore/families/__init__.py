"""The families of models: one file each, which enters itself in the registry.

Names are imported when they are first used: what only describes a family needs no torch.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Autoencoder": "base",
    "Model": "base",
    "REGISTRY": "build",
    "build_model": "build",
    "known_options": "build",
    "models": "build",
    "Description": "description",
    "Option": "options",
    "Term": "options",
    "Phase": "plan",
    "Update": "plan",
    "register": "registry",
    "load_model": "storage",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'aecore.families' has no attribute {name!r}")
    return getattr(import_module(f"aecore.families.{_HOMES[name]}"), name)
