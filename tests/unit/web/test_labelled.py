"""Labelled images: those that a draw makes known, made when a browser asks."""

import gzip

import numpy as np
import pytest
from starlette.applications import Starlette

from aecore.data import load_dataset
from aecore.web import content, labelled
from aecore.web.routes import routes
from tests.unit.web.test_blocks import unpack


@pytest.fixture(params=["", "teach/latent"])
def get(request, asked):
    """Ask for an address below the app's own; the base path is `get.base`."""
    app = Starlette(routes=routes(request.param))

    def ask(path):
        return asked(app, f"/{request.param}/{path}" if request.param else f"/{path}")

    return ask


@pytest.mark.parametrize(("labels", "draw"), [(100, 0), (100, 3), (300, 1), (10**6, 0)])
def test_ten_of_each_class_that_the_draw_made_known(labels, draw):
    data = load_dataset("digits")
    known = data.few_labels(labels, draw).train.known if labels < 10**6 else data.train.known
    _, arrays = unpack(gzip.decompress(labelled.block("digits", labels, draw)))
    numbers, shown = arrays["numbers"].astype(int), arrays["labels"]
    assert shown.tolist() == sorted([*range(10)] * 10)
    assert known[numbers].all()
    assert (data.train.labels[numbers] == shown).all()
    assert (arrays["images"] == data.train.images[numbers].reshape(100, 784)).all()
    if labels == 100:
        assert set(numbers) == set(np.flatnonzero(known))


def test_a_browser_is_led_to_them(get):
    answer = get(f"{labelled.url_of('digits')}/100/2")
    assert answer.status == 307
    there = answer.headers["location"]
    assert there.startswith("../../../../lab/block/")
    found = content.contents.get(there.rpartition("/")[2])
    assert found
    assert found[0] == labelled.block("digits", 100, 2)


@pytest.mark.parametrize(
    "path", ["digits/100/10", "digits/105/0", "digits/1000/-1", "nothing/100/0", "digits/x/0"]
)
def test_what_there_is_not_is_not_found(get, path):
    assert get(f"lab/labelled/{path}").status == 404
