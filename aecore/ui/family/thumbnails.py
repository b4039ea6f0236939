"""The small figures on the cards of the map, each of shipped runs; none where there is no run.

Every one is a few numbers or pictures, so that the map is there before any network is.
`assets/live/components/family/thumbnail.js` draws them, by their kind.
"""

from collections.abc import Callable

import numpy as np

from aecore import studies
from aecore.analysis import first_layer
from aecore.data.noise import corrupt
from aecore.errors import LabError
from aecore.files import packed, read_tensors
from aecore.runs import SHIPPED, shipped_run
from aecore.runs.forward import draw, forward
from aecore.web.content import offer

Array = np.ndarray
Thumbnail = tuple[dict, Array | None]

POINTS = 400
USED = 0.01  # nats of KL of a number of the code that is used
DIGIT = 7  # of MNIST's first test image, and of the units that are shown
DRAWERS: dict[str, Callable[[], Thumbnail]] = {}


def thumbnail(name: str) -> Callable[[Callable[[], Thumbnail]], Callable[[], Thumbnail]]:
    """Take a function to be a member's: it gives what is said of its figure, and an array."""

    def keep(draws: Callable[[], Thumbnail]) -> Callable[[], Thumbnail]:
        DRAWERS[name] = draws
        return draws

    return keep


def url() -> str:
    """Where the browser fetches them."""
    cards = sorted(SHIPPED.glob("*/card.json"))
    version = [(card.parent.name, card.stat().st_mtime_ns) for card in cards]
    return offer(f"family-thumbnails-{version}", block)


def block() -> bytes:
    """All of them: what is said of each by its member, and the arrays by the same names."""
    about, arrays = {}, {}
    for name, draws in DRAWERS.items():
        try:
            about[name], array = draws()
        except (LabError, LookupError, OSError, StopIteration):
            continue  # the run or study is not here, or lacks the figure
        if array is not None:
            about[name]["array"] = name
            arrays[name] = array
    return packed({"thumbnails": about}, arrays)


def _bytes(images: Array) -> Array:
    return np.round(255 * images).astype(np.uint8)


@thumbnail("linear")
def _linear() -> Thumbnail:
    weight = read_tensors(shipped_run("mnist-linear-30").weights, ["decoder.0.weight"])
    return {"kind": "weights"}, _weights(weight["decoder.0.weight"].T[:3])


def _weights(rows: Array) -> Array:
    rows = rows.reshape(len(rows), -1).astype(np.float32)
    return first_layer.grey(rows, np.abs(rows).max(1, keepdims=True))


@thumbnail("ae")
def _autoencoder() -> Thumbnail:
    run = shipped_run("mnist-ae-16")
    x = draw(run, run.codes.mean.values[:1])
    return {"kind": "through", "by": "narrow"}, _bytes(_after("mnist-ae-16", x, x))


def _after(name: str, shown: Array, given: Array) -> Array:
    """An image, and what a run makes of it."""
    run = shipped_run(name)
    return np.concatenate([shown, draw(run, forward(run, "encoder", given)["mean"])])


@thumbnail("overcomplete")
def _overcomplete() -> Thumbnail:
    field = np.zeros((28, 28), np.float32)
    field[4:24, 4:24] = np.random.default_rng(0).random((20, 20)) < 0.3
    noise = field.reshape(1, 784)
    return {"kind": "through", "by": "wide"}, _bytes(_after("mnist-overcomplete", noise, noise))


@thumbnail("sparse")
def _sparse() -> Thumbnail:
    by_class = np.array(shipped_run("mnist-sparse-05").card["figures"]["class_activation"])
    most = by_class.argmax(1)
    lead = by_class.max(1) - (by_class.sum(1) - by_class.max(1)) / (by_class.shape[1] - 1)
    order = np.lexsort((-lead, most))
    return {"kind": "units", "across": 25}, _bytes(by_class[order, DIGIT])


@thumbnail("contractive")
def _contractive() -> Thumbnail:
    plain, own = (
        shipped_run(f"mnist-contractive-{weight}").card["figures"]["singular_values"]
        for weight in (0, 3)
    )
    axes = {"plain": [1, plain[9] / plain[0]], "own": [own[0] / plain[0], own[9] / plain[0]]}
    return {"kind": "ellipse", **axes}, None


@thumbnail("denoising")
def _denoising() -> Thumbnail:
    run = shipped_run("mnist-ae-16")
    x = draw(run, run.codes.mean.values[:1])
    noisy = corrupt(x.reshape(1, 28, 28), "gaussian", 0.5, 0).reshape(1, 784)
    return {"kind": "through", "by": "arrow"}, _bytes(_after("mnist-dae-50", noisy, noisy))


@thumbnail("stacked")
def _stacked() -> Thumbnail:
    """The error against updates, from scratch and after layers of their own."""
    curves = _found("pretraining")["curves"]
    last = max(curves["none"]["step"])
    most = max(max(curves[way]["error"]) for way in ("none", "ae"))
    lines = [
        {
            "values": [
                [step / last, error / most]
                for step, error in zip(curve["step"], curve["error"], strict=True)
            ],
            "colour": colour,
            "dashed": dashed,
        }
        for curve, colour, dashed in (
            (curves["none"], "muted", True),
            (curves["ae"], "xh", False),
        )
    ]
    return {"kind": "lines", "lines": lines}, None


def _found(name: str) -> dict:
    found = studies.load(name)
    if found is None:
        raise LabError(f"There is no study {name!r}.")
    return found


@thumbnail("m1m2")
def _few_labels() -> Thumbnail:
    """Test accuracy against the number of labels, of a classifier on pixels and of M1 with M2."""
    found = _found("few_labels")
    lines = []
    for method, colour, dashed in (("pixels", "muted", True), ("m1m2", "xh", False)):
        means = [
            (np.log(labels), float(np.mean(accuracies)))
            for labels, accuracies in zip(
                found["labels"], found["methods"][method]["accuracy"], strict=True
            )
            if accuracies
        ]
        low, high = np.log(found["labels"][0]), np.log(found["labels"][-1])
        values = [[(x - low) / (high - low), (y - 0.7) / 0.3] for x, y in means]
        lines.append({"values": values, "colour": colour, "dashed": dashed})
    return {"kind": "lines", "lines": lines}, None


@thumbnail("beta")
def _beta() -> Thumbnail:
    """The KL of each number of the code, at the largest weight that leaves some of them in use."""
    bars = _found("beta")["per_dimension"]
    shown = next(own for own in reversed(bars) if sum(value > USED for value in own) > 1)
    return {"kind": "bars", "values": [v / shown[0] for v in shown], "colour": "sigma"}, None


@thumbnail("iwae")
def _importance() -> Thumbnail:
    """The bound against the number of draws, of a VAE and of an IWAE."""
    found = _found("importance")
    bounds = {name: found["models"][name]["bound"] for name in ("vae", "iwae")}
    low, high = min(min(own) for own in bounds.values()), max(max(own) for own in bounds.values())
    across = [np.log(k) / np.log(found["k"][-1]) for k in found["k"]]
    lines = [
        {
            "values": [[x, (y - low) / (high - low)] for x, y in zip(across, own, strict=True)],
            "colour": "muted" if name == "vae" else "xh",
            "dashed": name == "vae",
        }
        for name, own in bounds.items()
    ]
    return {"kind": "lines", "lines": lines}, None


@thumbnail("tied")
def _tied() -> Thumbnail:
    filters = first_layer.first_layer(shipped_run("mnist-tied-50"))
    smooth = np.argsort(-first_layer.agreement(filters), kind="stable")
    return {"kind": "weights"}, _weights(filters[smooth[[0, 2, 5]]])


@thumbnail("variational")
def _variational() -> Thumbnail:
    return _codes("mnist-vae")


@thumbnail("adversarial")
def _adversarial() -> Thumbnail:
    return _codes("mnist-aae")


def _codes(name: str) -> Thumbnail:
    """Codes of test images in the middle of their plane."""
    codes = shipped_run(name).codes
    points = codes.mean.values[:POINTS]
    low, high = np.quantile(points, [0.02, 0.98])
    within = np.clip((points - low) / (high - low), 0, 1)
    return {"kind": "points", "labels": codes.labels[:POINTS].tolist()}, _bytes(within)


@thumbnail("conditional")
def _conditional() -> Thumbnail:
    drawn = draw(shipped_run("mnist-cvae"), np.zeros((10, 2)), np.eye(10))
    return {"kind": "pictures", "rows": 2}, _bytes(drawn)
