"""The batches that the page Train offers: recipes of runs to set side by side."""

from collections.abc import Callable
from dataclasses import dataclass

from aecore.jobs import Spec

FIRST = "vae"  # the family that the form opens with
BETAS = (0, 0.25, 1, 4, 16)


def shape(spec: Spec) -> dict:
    """Options that an AE and a VAE share.

    Example:
        >>> shape(Spec("vae", options={"latent_dim": 3, "hidden": [8], "beta": 2.0}))
        {'latent_dim': 3, 'hidden': [8]}
    """
    return {k: v for k, v in spec.options.items() if k in ("latent_dim", "hidden", "likelihood")}


def pair(spec: Spec) -> list[Spec]:
    """An AE and a VAE of the same shape, on the same images with the same settings."""
    shared = shape(spec)
    return [
        Spec("ae", spec.dataset, shared, spec.fit),
        Spec("vae", spec.dataset, shared | {"beta": spec.options.get("beta", 1.0)}, spec.fit),
    ]


def beta_series(spec: Spec) -> list[Spec]:
    """VAEs that differ in the weight of the KL term alone."""
    shared = shape(spec)
    return [Spec("vae", spec.dataset, shared | {"beta": float(b)}, spec.fit) for b in BETAS]


@dataclass(frozen=True)
class Batch:
    """A button, and what it trains in place of what the form says."""

    label: str
    specs: Callable[[Spec], list[Spec]]


BATCHES = (
    Batch("AE and VAE", pair),
    Batch(f"VAEs with β = {', '.join(f'{beta:g}' for beta in BETAS)}", beta_series),
)
