"""Models by their name. Every module of this folder is imported, so that a family is one file."""

from importlib import import_module
from pkgutil import iter_modules

import torch

import aecore.families
from aecore.errors import LabError
from aecore.families.base import Autoencoder, Model
from aecore.families.options import SEED
from aecore.families.registry import REGISTRY

for _module in iter_modules(aecore.families.__path__):
    import_module(f"aecore.families.{_module.name}")


def models() -> dict[str, str]:
    """The families of autoencoder: name and one-line description.

    Example:
        >>> models()["ae"]
        'Autoencoder: a code small enough that only what matters fits.'
    """
    return {
        name: family.summary for name, family in REGISTRY.items() if issubclass(family, Autoencoder)
    }


def build_model(name: str, *, seed: int = 0, **options: object) -> Model:
    """A new model by its name in the registry, with reproducible initial weights, ready for use.

    Args:
        name: one of `models`, or ``"classifier"``.
        seed: of the initial weights; torch's global random state is left as it was.
        **options: keyword options of that family, such as ``latent_dim`` or ``beta``.

    Raises:
        LabError: for an unknown name or option, or a value outside its range.

    Example:
        >>> build_model("vae", latent_dim=2, beta=4.0).options["beta"]
        4.0
    """
    family = REGISTRY.get(name) if isinstance(name, str) else None
    if family is None:
        raise LabError(f"There is no model {name!r}. Choose one of: {', '.join(REGISTRY)}.")
    SEED.check(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return family(**options).eval()


def known_options(family: type[Model]) -> tuple[str, ...]:
    """The names of a family's options.

    Example:
        >>> known_options(REGISTRY["linear"])
        ('latent_dim', 'tied')
    """
    return tuple(option.name for option in family.OPTIONS)
