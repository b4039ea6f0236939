"""Planes for codes of many dimensions: one file each, which enters itself in the registry.

PCA leads back to codes, UMAP does not. What a plane is called, what it shows and how it is
computed is all in its file; nothing else names one.

Example:
    >>> [(p.title, p.linear is not None) for p in REGISTRY.values()]
    [('PCA', True), ('UMAP', False)]
"""

from importlib import import_module
from pkgutil import iter_modules

from aecore.analysis.projections.base import (
    REGISTRY,
    Linear,
    Projection,
    add_places,
    missing,
    register,
    stored,
)

__all__ = ["REGISTRY", "Linear", "Projection", "add_places", "missing", "register", "stored"]

for _module in iter_modules(__path__):
    if _module.name != "__main__":
        import_module(f"{__name__}.{_module.name}")
