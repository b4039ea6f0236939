"""Few labels in the browser: where the methods stand, and ten guesses as PyTorch makes them."""

import base64
import math
import re
from functools import partial

import numpy as np
import pytest
import torch

from aecore import build_model
from aecore.data import as_pixels
from tests.js.test_nn import block_of

LABELS = [100, 1000, 10_000]
FIRST = "components/few_labels"


@pytest.fixture(scope="module")
def standing(sentences):
    """Facts and sentence at a stop, of lines by their ideas."""

    def stand(stop, images=10_000, **lines):
        methods = [
            {"idea": idea, "label": idea.upper(), "mean": mean, "sd": [None] * 3, "draws": [[]] * 3}
            for idea, mean in lines.items()
        ]
        ask = {"study": {"labels": LABELS, "methods": methods, "images": images}, "stop": stop}
        found = "((facts) => [facts, s.standingText(facts)])(s.standingAt(x.study, x.stop))"
        facts, text = sentences(found, ask, s=f"{FIRST}/standing.js")
        assert text.endswith(".")
        assert not re.search(r"undefined|NaN|null|  |\{", text)
        return facts, text.replace("\N{NO-BREAK SPACE}", " ")

    return stand


def test_how_many_labels_pixels_need_for_as_much(standing):
    facts, text = standing(0, pixels=[0.7, 0.9, 0.95], both=[0.8, 0.92, 0.96])
    assert facts["needed"] == pytest.approx(100 * math.sqrt(10))
    assert text == (
        "With 100 labels BOTH reads 80.0 % of the test digits and a classifier on the pixels 70.0 "
        "%. Pixels alone need about 320 labels for as much: the other 9,900 images, which nobody "
        "labelled, are worth the difference."
    )


@pytest.mark.parametrize(
    ("stop", "lines", "kind", "says"),
    [
        (0, {"pixels": [0.7, 0.8, 0.85], "both": [0.9, None, 0.95]}, "beyond", "do not get there"),
        (2, {"pixels": [0.7, 0.8, 0.95], "both": [0.9, None, 0.96]}, "all", "little is left"),
        (
            0,
            {"pixels": [0.7, 0.8, 0.95], "both": [0.6, 0.7, 0.8]},
            "unbeaten",
            "Nothing else that was measured there beats it",
        ),
        (1, {"pixels": [0.7, 0.8, 0.95], "both": [0.9, None, 0.9]}, "only", "Nothing else"),
        (0, {"both": [0.9, None, 0.9]}, "alone", "BOTH reads 90.0 %"),
        (1, {"both": [0.9, None, 0.9]}, "none", "nothing was measured"),
    ],
)
def test_every_case_has_its_sentence(standing, stop, lines, kind, says):
    facts, text = standing(stop, **lines)
    assert facts["kind"] == kind
    assert says in text


def test_the_best_comes_first_and_what_was_not_measured_is_left_out(evaluate):
    methods = [
        {"idea": idea, "mean": [mean]} for idea, mean in zip("abc", (0.5, None, 0.9), strict=True)
    ]
    found = evaluate("s.ranked(x, 0).map(({ idea }) => idea)", methods, s=f"{FIRST}/standing.js")
    assert found == ["c", "a"]


GUESS = """(async () => {
    const bytes = Uint8Array.from(atob(x.content), (c) => c.charCodeAt(0));
    const block = nn.unpack(await nn.gunzip(bytes.buffer));
    const found = guesses.tenGuesses(new model.Model(block), Float32Array.from(x.image));
    const [probabilities, images] = [[...found.probabilities], found.images.map((i) => [...i])];
    return { ...found, probabilities, images };
})()"""


@pytest.mark.parametrize(
    ("family", "options"),
    [("m2", {}), ("m1m2", {"features": 6, "upper": [12]}), ("semi-aae", {})],
)
def test_ten_guesses_are_those_of_torch(evaluate, digits, family, options):
    torch.manual_seed(0)
    model = build_model(family, latent_dim=3, hidden=[24], **options).eval()
    with torch.no_grad():
        for value in model.parameters():
            value.copy_((2 * value).half())
    x = as_pixels(digits.test.images[:1])
    ask = {"content": base64.b64encode(block_of(model)).decode(), "image": x.flatten().tolist()}
    modules = {"nn": "core/nn.js", "model": "core/model.js", "guesses": f"{FIRST}/ten_guesses.js"}
    found = evaluate(GUESS, ask, **modules)
    with torch.no_grad():
        q = model.classify(x)[0].numpy()
        rows, y = x.expand(10, -1, -1, -1), torch.arange(10)
        z, posterior = model.encode(rows, y), model.posterior(rows, y)
        drawn = model.decode(z, y).flatten(1).numpy()
        nats = -model.observation(z, y).log_prob(rows)
        if posterior is not None:
            nats = nats + model.prior().kl(posterior) + math.log(10)
    assert np.abs(np.array(found["probabilities"]) - q).max() < 1e-4
    assert found["digit"] == q.argmax()
    assert np.abs(np.array(found["images"]) - drawn).max() < 1 / 255
    assert np.allclose(found["nats"], nats.numpy(), atol=0.05)
    assert found["least"] == int(np.argmin(found["nats"]))


def test_one_of_each_class_and_four_that_are_doubted(evaluate):
    labels = [0, 0, 1, 1, 2, 2, 2, 2]
    digit = [1, 0, 1, 1, 0, 0, 2, 1]  # of each class the first that is read as it
    p = [0.1, 0.9, 0.8, 0.5, 0.3, 0.2, 0.9, 0.0]  # of the own label
    read = [
        {"digit": d, "probabilities": [p[i] if c == labels[i] else 0 for c in range(3)]}
        for i, d in enumerate(digit)
    ]
    ask = {"labels": labels, "read": read}
    found = evaluate("g.picked(x.labels, x.read)", ask, g=f"{FIRST}/ten_guesses.js")
    assert found == [1, 2, 6, 0, 4, 5, 7]


@pytest.mark.parametrize(
    ("label", "digit", "nats", "says"),
    [
        (
            5,
            3,
            {5: 135.3, 3: 134.6},
            "as a 5 the image takes 135.3 nats, as a 3 it takes 134.6: 0.7 nats decide",
        ),
        (5, 3, {5: 130.0, 3: 134.6}, "The nats would say a 5: q decides by its own term."),
        (8, 8, {8: 100.0, 3: 120.0}, "M2 reads this 8 as an 8 (.66), then a 3 (.34)."),
    ],
)
def test_what_is_said_of_ten_guesses(sentences, label, digit, nats, says):
    other = 3 if digit == label else label
    p = [0.0] * 10
    p[digit], p[other] = 0.66, 0.34
    costs = [nats.get(i, 300.0) for i in range(10)]
    least = int(np.argmin(costs))
    ask = {
        "label": label,
        "guesses": {"digit": digit, "probabilities": p, "nats": costs, "least": least},
    }
    said = partial(sentences, g=f"{FIRST}/ten_guesses.js")(
        "g.answerText('M2', x.label, x.guesses)", ask
    )
    assert says in said
    assert not re.search(r"undefined|NaN|null|  |\{", said)
