"""The card of a run: its codes and figures, taken of the weights as they are stored."""

from typing import TYPE_CHECKING

from aecore.analysis.measures import describe_codes, measure
from aecore.files import write_json
from aecore.runs import Recorder, Run, shipped_run

if TYPE_CHECKING:  # torch is loaded only by what needs a model
    from aecore.data import Dataset
    from aecore.families import Model


def finish(
    recorder: Recorder,
    model: "Model",
    data: "Dataset",
    *,
    half: bool = False,
    classifier: "Model | None" = None,
) -> Run:
    """Write weights, codes and figures of a trained model; return the run.

    With ``half`` the weights are stored as float16, and all figures are those of the stored
    weights, so that a card says what its file does.
    """
    recorder.keep(model, half=half)
    return describe(recorder, data, classifier=classifier)


def describe(recorder: Recorder, data: "Dataset", *, classifier: "Model | None" = None) -> Run:
    """Write codes and figures of the weights that are kept; return the run."""
    run = Run(recorder.folder, recorder.config)
    stored = run.model()
    if run.has_codes:
        describe_codes(stored, data).save(run.folder / "codes.npz")
    card = {
        "data": f"{data.title}, {len(data.train):,} training and {len(data.test):,} test images",
        "pixels": "grey values in [0, 1]; sums over pixels, means over images, nats",
        "seed": recorder.config.fit.get("seed"),  # an uploaded model may not know
        "seconds": round(recorder.seconds, 1),
        "figures": figures_of(stored, data, classifier),
    }
    write_json(run.folder / "card.json", card)
    return run


def figures_of(
    model: "Model", data: "Dataset", classifier: "Model | None" = None
) -> dict[str, object]:
    """What a card says of a model: `measures.measure`, or how well a classifier reads."""
    from aecore.families import Autoencoder
    from aecore.training import evaluate

    if isinstance(model, Autoencoder):
        return measure(model, data, classifier=classifier)
    test = evaluate(model, data.test)
    return {"cross_entropy": test["loss"], "accuracy": 1 - test["error"]}


def classifier_for(dataset: str) -> "Model | None":
    """The shipped classifier, for the dataset that it was trained on; else None."""
    return shipped_run("mnist-classifier").model() if dataset == "mnist" else None
