"""What many draws are for: a tighter bound, in testing and in training.

The network of Burda et al. 2016, one stochastic layer of 50 units between layers of 200 tanh, on
binarised pixels. Theirs learned for 3,280 epochs.
"""

from typing import Any

from aecore.analysis.likelihood import importance_weighted_nll
from aecore.data import Dataset
from aecore.families import Model, build_model
from aecore.studies import Found
from aecore.studies._training import quick
from aecore.training import fit

NETWORK: dict[str, Any] = {"latent_dim": 50, "hidden": (200, 200), "activation": "tanh"}
HOW: dict[str, Any] = {"batch_size": 200, "learning_rate": 2e-3, "binarised": True}
DRAWS, TESTED = (1, 5, 50, 500, 5000), 1000
CURVE, FOLLOWED = 500, 200  # draws and test images for a point of a curve

# Name: draws in training, epochs, what it begins from, epochs between two points of its curve.
TRAININGS: dict[str, tuple[int, int, str | None, int]] = {
    "vae": (1, 400, None, 10),
    "iwae": (50, 12, "vae", 1),
}


def run(data: Dataset) -> Found:
    """``k``, and of each model in ``models`` the ``bound`` with so many draws, −log p(x) in nats
    per image of the ``tested`` binarised test images; its curve, ``nll`` by ``epochs`` of the whole
    training, with 500 draws of 200 images; ``draws`` in training; what it began ``from``.
    """
    few, images = quick(data), data.test.binarised().images
    found: dict = {
        "network": [784, *NETWORK["hidden"], NETWORK["latent_dim"]],
        "pixels": "binarised",
        "tested": TESTED,
        "k": list(DRAWS),
        "models": {},
    }
    made: dict[str, Model] = {}
    for name, (draws, epochs, start, every) in TRAININGS.items():
        model = build_model("vae", samples=draws, **NETWORK)
        about: dict = {"draws": draws, "from": start, "epochs": [], "nll": []}
        if start:
            model.load_state_dict(made[start].state_dict())
            about |= {part: found["models"][start][part][-1:] for part in ("epochs", "nll")}
        before = (about["epochs"] or [0])[-1]
        for record in fit(model, few, epochs=epochs, **HOW):
            if record.test and round(record.epoch) % every == 0:
                nll = importance_weighted_nll(model, images[:FOLLOWED], k=CURVE)
                about["epochs"].append(before + round(record.epoch))
                about["nll"].append(round(nll, 2))
        made[name] = model
        bounds = [importance_weighted_nll(model, images[:TESTED], k=k) for k in DRAWS]
        found["models"][name] = about | {"bound": [round(bound, 2) for bound in bounds]}
        yield f"{name}: {bounds[-1]:.2f}", found
