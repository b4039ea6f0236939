"""The card of a run: its codes and figures, taken of the weights as they are stored."""

from typing import TYPE_CHECKING

from aecore.analysis.measures import Subject, check_finite, describe_codes, measure
from aecore.files import write_json
from aecore.runs import Recorder, Run, shipped_run

if TYPE_CHECKING:  # torch is loaded only by what needs a model
    from aecore.data import Dataset
    from aecore.families import Model

GREY, DRAWN = "grey values in [0, 1]", "0 or 1, each drawn with its grey as probability"


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
    """Write codes and figures of the saved weights; return the run.

    Raises:
        LabError: when they are not finite (see `aecore.analysis.measures.measure`).
    """
    run = Run(recorder.folder, recorder.config)
    given, data = data, as_trained(data, recorder.config.fit)
    subject = Subject(run.model(), data, classifier=classifier)
    check_finite(subject)
    if "codes" in subject.has:
        describe_codes(subject).save(run.folder / "codes.npz")
    pixels = GREY if data is given else DRAWN
    card = {
        "data": f"{data.title}, {len(data.train):,} training and {len(data.test):,} test images",
        "pixels": f"{pixels}; sums over pixels, means over images, nats",
        "seed": recorder.config.fit.get("seed"),  # an uploaded model may not know
        "seconds": round(recorder.seconds, 1),
        "figures": measure(subject),
    }
    write_json(run.folder / "card.json", card)
    return run


def as_trained(data: "Dataset", settings: object) -> "Dataset":
    """The images as a training of these settings saw them: grey or binarised. The settings may be
    what any file says.
    """
    drawn = isinstance(settings, dict) and settings.get("binarised") is True
    return data.binarised() if drawn else data


def classifier_for(dataset: str) -> "Model | None":
    """The shipped classifier, for the dataset that it was trained on; else None."""
    return shipped_run("mnist-classifier").model() if dataset == "mnist" else None
