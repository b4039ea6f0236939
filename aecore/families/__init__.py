"""The registry of models: one file per family, one entry here."""

import inspect

import torch

from aecore.errors import LabError
from aecore.families.ae import AE
from aecore.families.base import Autoencoder, Model, check_whole
from aecore.families.classifier import Classifier
from aecore.families.denoising import DAE, TiedDAE
from aecore.families.storage import load_model
from aecore.families.vae import VAE

__all__ = [
    "AE",
    "DAE",
    "VAE",
    "Autoencoder",
    "Classifier",
    "Model",
    "TiedDAE",
    "build_model",
    "load_model",
    "models",
]

FAMILIES = (AE, VAE, DAE, TiedDAE, Classifier)
REGISTRY: dict[str, type[Model]] = {family.name: family for family in FAMILIES}


def models() -> dict[str, str]:
    """The families of autoencoder: name and one-line description.

    Example:
        >>> sorted(models())
        ['ae', 'dae', 'tied-dae', 'vae']
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
    known = known_options(family)
    if unknown := sorted(set(options) - set(known)):
        raise LabError(
            f"A model of the family {name!r} has no option {unknown[0]!r}. "
            f"Its options are: {', '.join(known)}."
        )
    check_whole(seed, "seed", 0, 2**31 - 1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return family(**options).eval()


def known_options(family: type[Model]) -> tuple[str, ...]:
    """The names of a family's options, its parents' first.

    Example:
        >>> known_options(VAE)
        ('latent_dim', 'hidden', 'network', 'activation', 'likelihood', 'beta')
    """
    names: dict[str, None] = {}
    for cls in family.__mro__:
        if "__init__" in vars(cls):
            parameters = inspect.signature(cls.__init__).parameters.values()
            plain = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
            names = dict.fromkeys(n for n in plain if n != "self") | names
            if len(plain) == len(parameters):
                break  # it passes no further options on to its parent
    return tuple(names)
