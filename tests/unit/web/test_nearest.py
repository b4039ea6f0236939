"""The training images nearest to what a browser sends, and what is refused."""

import base64
import json

import numpy as np
import pytest
from starlette.applications import Starlette

from aecore.web.nearest import KIND, MOST
from aecore.web.routes import routes


@pytest.fixture
def ask(asked):
    """Send images, or bytes; the status and what comes of it."""
    app = Starlette(routes=routes())

    def call(images, dataset="digits", kind=KIND):
        body = images if isinstance(images, bytes) else images.astype("<f4").tobytes()
        found = asked(
            app, f"/lab/nearest/{dataset}", body, "POST", **{"Content-Type": kind}
        )  # fmt: skip
        return found.status, json.loads(found.content) if found.content else None

    return call


def test_the_nearest_is_found_among_all_training_images(ask, digits):
    train = digits.train.images
    sent = np.clip(train[[7, 1300]] / 255 + 0.02, 0, 1)
    status, found = ask(sent)
    assert status == 200
    assert found["rows"] == [7, 1300]
    assert found["labels"] == digits.train.labels[[7, 1300]].tolist()
    flat = (sent.astype("f4") - train[[7, 1300]].astype("f4") / 255).reshape(2, -1)
    assert found["distances"] == pytest.approx(np.linalg.norm(flat, axis=1).tolist(), abs=1e-3)
    images = np.frombuffer(base64.b64decode(found["images"]), np.uint8)
    assert np.array_equal(images.reshape(2, 28, 28), train[[7, 1300]])


@pytest.mark.parametrize(
    ("images", "options", "status"),
    [
        (np.zeros(784), {"dataset": "nothing"}, 404),
        (np.zeros(784), {"kind": "text/plain"}, 415),
        (np.zeros(784 * (MOST + 1)), {}, 413),
        (b"", {}, 400),
        (b"abc", {}, 400),
        (np.zeros(783), {}, 400),
        (np.full(784, np.nan), {}, 400),
        (np.full(784, 1.5), {}, 400),
    ],
)
def test_anything_else_is_refused(ask, images, options, status):
    assert ask(images, **options) == (status, None)


def test_a_dataset_that_is_not_on_disk_has_none(ask, monkeypatch, tmp_path):
    monkeypatch.setenv("LATENT_LAB_DATA", str(tmp_path))
    assert ask(np.zeros(784), dataset="mnist") == (200, None)
