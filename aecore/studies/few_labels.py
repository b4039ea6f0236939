"""How far labels go: accuracy by their number, for five ways of learning from images.

Settings were chosen by 5,000 held-out training images; the test set is read once, at the end of
each training. A draw of labels is a seed of `Dataset.few_labels`, and the training's seed as well.
"""

from collections.abc import Iterator
from typing import Any

from aecore.data import Dataset
from aecore.families import Model, build_model
from aecore.studies import Found
from aecore.studies._training import accuracy, labelled, quick, trained

LABELS = (100, 1000, 3000, 60_000)  # the last are all

BELOW: dict[str, Any] = {"features": 32, "hidden": (256,)}
STACKED: dict[str, Any] = BELOW | {"latent_dim": 16}
M2: dict[str, Any] = {
    **{"latent_dim": 12, "hidden": (128,)},
    **{"reader": "conv", "dropout": 0.5, "opening": 6.0},
}
CRITICS: dict[str, Any] = {"latent_dim": 10, "network": "conv", "hidden": (24, 48)}
LARGE: dict[str, Any] = {"batch_size": 200}
CRISP: dict[str, Any] = {"batch_size": 400, "learning_rate": 4e-3}

# In this order: each method's number of labels, epochs (of all images, or of labelled ones over and
# over), and draws of the labels.
PLAN: tuple[tuple[str, int, int, int], ...] = (
    *(("pixels", n, 5, draws) for n, draws in ((100, 10), (1000, 5), (3000, 3), (60_000, 1))),
    *(("m1", n, 5, draws) for n, draws in ((100, 10), (1000, 5), (3000, 3), (60_000, 1))),
    *(("m2", n, epochs, 1) for n, epochs in ((100, 40), (60_000, 8))),
    ("aae", 100, 25, 1),
    *(("m1m2", 100, 25, 3), ("m1m2", 1000, 12, 1), ("m1m2", 60_000, 8, 1)),
)


def run(data: Dataset) -> Found:
    """``labels``; ``methods``: by name ``accuracy``, for each number of labels one figure for each
    draw, or None where it was not tried.
    """
    study = _Study(data)
    yield "a VAE's codes", study.found()
    for method, n, epochs, draws in PLAN:
        for line in study.train(method, n, epochs, draws):
            yield line, study.found()


class _Study:
    def __init__(self, data: Dataset) -> None:
        self.data, self.quick = data, quick(data)
        self.read: dict[str, dict[int, list[float]]] = {}
        below = build_model("m1m2", **STACKED)
        trained(below, self.quick, plan=below.plan()[:1], epochs=30, batch_size=128)
        self.below = {k: v for k, v in below.state_dict().items() if k.startswith("lower")}

    def found(self) -> dict:
        return {
            "labels": list(LABELS),
            "methods": {
                name: {"accuracy": [read.get(n) for n in LABELS]}
                for name, read in self.read.items()
            },
        }

    def train(self, method: str, n: int, epochs: int, draws: int) -> Iterator[str]:
        """Those draws that are not there yet."""
        kept = self.read.setdefault(method, {}).setdefault(n, [])
        for seed in range(len(kept), draws):
            kept.append(round(accuracy(getattr(self, f"_{method}")(n, epochs, seed), self.data), 4))
            yield f"{method}, {n} labels, draw {seed}: {kept[-1]}"

    def _pixels(self, n: int, epochs: int, seed: int) -> Model:
        model, data = build_model("classifier", seed=seed), labelled(self.quick, n, seed)
        return trained(model, data, epochs=epochs, batch_size=128, seed=seed)

    def _m1(self, n: int, epochs: int, seed: int) -> Model:
        size = BELOW["features"]
        model = build_model("m1", latent_dim=size, hidden=BELOW["hidden"], seed=seed)
        below = {k.removeprefix("lower_"): v for k, v in self.below.items()}
        model.load_state_dict(below, strict=False)
        data = labelled(self.quick, n, seed)
        plan = model.plan()[1:]
        return trained(model, data, plan=plan, epochs=epochs, batch_size=128, seed=seed)

    def _m1m2(self, n: int, epochs: int, seed: int) -> Model:
        model = build_model("m1m2", **STACKED, seed=seed)
        model.load_state_dict(self.below, strict=False)
        how = CRISP | {"epochs": epochs, "labels": _known(n), "seed": seed}
        return trained(model, self.quick, plan=model.plan()[1:], **how)

    def _m2(self, n: int, epochs: int, seed: int) -> Model:
        model = build_model("m2", **M2, seed=seed)
        how = LARGE | {"epochs": epochs, "labels": _known(n), "seed": seed}
        return trained(model, self.quick, **how)

    def _aae(self, n: int, epochs: int, seed: int) -> Model:
        model = build_model("semi-aae", **CRITICS, seed=seed)
        how = LARGE | {"epochs": epochs, "labels": _known(n), "seed": seed}
        return trained(model, self.quick, **how)


def _known(n: int) -> int:
    """As the setting of a training has it: 0 is all."""
    return n if n < LABELS[-1] else 0
