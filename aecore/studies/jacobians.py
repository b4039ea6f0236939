"""How far codes move with the image: one layer of 1,000 tied sigmoid units, trained in five ways.

The rows of Rifai et al. 2011, Table 1; its errors of classifiers are not measured here.
"""

from typing import Any

import torch

from aecore.data import Dataset, as_pixels
from aecore.families import build_model
from aecore.families.jacobian import jacobian
from aecore.studies import Found
from aecore.studies._training import quick, trained

UNITS, EXAMINED = 1000, 200
HOW: dict[str, Any] = {"epochs": 10, "batch_size": 128, "learning_rate": 2e-3}

# Family, its options, training settings.
WAYS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "plain": ("contractive", {"weight": 0.0}, {"weight_decay": 0.0}),
    "weight_decay": ("contractive", {"weight": 0.0}, {"weight_decay": 1.0}),
    "denoising_masking": ("tied-dae", {"corruption": "masking", "level": 0.25}, {}),
    "denoising_gaussian": ("tied-dae", {"corruption": "gaussian", "level": 0.3}, {}),
    "contractive": ("contractive", {"weight": 3.0}, {}),
}


def run(data: Dataset) -> Found:
    """By the way: ``norm``, ‖∂f(x)/∂x‖_F, mean of 200 test images; ``saturated``, the share of
    their activations below .05 or above .95.
    """
    found: dict[str, dict[str, float]] = {}
    x = as_pixels(data.test.images[:EXAMINED])
    for way, (family, options, settings) in WAYS.items():
        model = build_model(family, latent_dim=UNITS, **options)
        trained(model, quick(data), **HOW | settings)
        with torch.no_grad():
            norm = sum(
                float(jacobian(model.encoder, part, UNITS).flatten(1).norm(dim=1).sum())
                for part in x.split(20)
            )
            z = model.encode(x)
        saturated = float(((z < 0.05) | (z > 0.95)).float().mean())
        found[way] = {"norm": round(norm / EXAMINED, 2), "saturated": round(saturated, 3)}
        yield f"{way}: {found[way]}", found
