"""What makes M2 use its labels: the class drawn, summed out, and summed out with its own term."""

from typing import Any

from aecore.data import Dataset
from aecore.families import build_model
from aecore.studies import Found
from aecore.studies._training import accuracy, quick, trained
from aecore.studies.few_labels import M2

WAYS: dict[str, dict[str, Any]] = {
    "drawn": {"unknown": "draw", "alpha": 0.0},
    "summed": {"unknown": "sum", "alpha": 0.0},
    "term": {"unknown": "sum"},
}
DRAWS = 1
HOW: dict[str, Any] = {"epochs": 12, "batch_size": 200, "labels": 100}


def run(data: Dataset) -> Found:
    """By the way: accuracy with 100 labels, one figure for each draw of them; the network and all
    other settings are the same.
    """
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for seed in range(DRAWS):
        for way, options in WAYS.items():
            model = build_model("m2", **M2 | options, seed=seed)
            trained(model, quick(data), seed=seed, **HOW)
            found[way].append(round(accuracy(model, data), 4))
            yield f"{way}, draw {seed}: {found[way][-1]}", found
