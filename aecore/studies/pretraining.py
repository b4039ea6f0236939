"""Whether a deep autoencoder must be learned layer by layer: error against updates, for each way.

The network of Hinton & Salakhutdinov 2006, 784-1000-500-250-30, by the squared error. Beside
today's first weights small normal ones, as in 2006.
"""

from typing import Any

from aecore.analysis.likelihood import squared_error
from aecore.data import Dataset
from aecore.families import build_model
from aecore.studies import Found
from aecore.studies._training import quick
from aecore.training import fit

NETWORK: dict[str, Any] = {"latent_dim": 30, "hidden": (1000, 500, 250), "likelihood": "gaussian"}
HOW: dict[str, Any] = {"epochs": 8, "batch_size": 256}
EVERY, TESTED = 94, 2000  # updates between two points of a curve; test images for each

WAYS: dict[str, dict[str, Any]] = {
    "none": {"pretraining": "none"},
    "ae": {"pretraining": "ae", "share": 0.4},
    "rbm": {"pretraining": "rbm", "share": 0.4},
    "dae": {"pretraining": "dae", "share": 0.4},
    "none_2006": {"pretraining": "none", "spread": 0.1},
}

# Two of them for as long as it takes to see where they end; a point for each epoch.
LONG: dict[str, dict[str, Any]] = {
    "none": {"pretraining": "none"},
    "ae": {"pretraining": "ae", "share": 0.1},
}
LONG_HOW: dict[str, Any] = HOW | {"epochs": 150}


def run(data: Dataset) -> Found:
    """``network``; ``tested``, test images of each point; ``curves``: by the way ``step`` and
    squared ``error``, sum over pixels, mean; ``phases``: name and last step of each; ``error``: of
    all test images, at the end. ``long``: the last three of longer trainings.
    """
    few = quick(data, TESTED)
    found: dict = {
        "network": [784, *NETWORK["hidden"], NETWORK["latent_dim"]],
        "tested": TESTED,
        **_empty(),
        "long": _empty(),
    }
    for place, ways, how, every in (
        (found, WAYS, HOW, EVERY),
        (found["long"], LONG, LONG_HOW, None),
    ):
        for way, options in ways.items():
            model = build_model("stacked", **NETWORK | options)
            curve: dict[str, list] = {"step": [], "error": []}
            ends: dict[str, int] = {}
            for record in fit(model, few, report_every=every, **how):
                ends[record.phase] = record.step
                error = squared_error(model, few.test.images, few.test.known_labels)
                curve["step"].append(record.step)
                curve["error"].append(round(error, 2))
            place["curves"][way] = curve
            place["phases"][way] = [list(end) for end in ends.items()]
            whole = squared_error(model, data.test.images, data.test.known_labels)
            place["error"][way] = round(whole, 2)
            yield f"{way}, {how['epochs']} epochs: {whole:.2f}", found


def _empty() -> dict[str, dict]:
    return {part: {} for part in ("curves", "phases", "error")}
