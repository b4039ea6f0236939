"""A page that waits for its first image goes on when the browser tells, and otherwise soon."""

import threading
import time

import pytest
from starlette.applications import Starlette

from aecore.web import first_image
from aecore.web.routes import routes
from tests.conftest import busy


@pytest.fixture
def tell(asked):
    """What the server answers when a browser tells of a token."""
    app = Starlette(routes=routes())
    return lambda token: asked(app, f"/lab/shown/{token}", method="POST").status


def test_a_page_goes_on_when_its_own_first_image_is_told(tell):
    start = time.monotonic()
    with first_image.awaited(most=30) as token, first_image.awaited(most=0) as other:
        assert tell(other) == 204
        assert not first_image._expected[token].is_set()
        late = threading.Timer(0.05, tell, [token])
        late.start()
    assert time.monotonic() - start < 15 * busy()
    late.join()


def test_nothing_is_kept_of_a_page_that_went_on_or_was_left(tell):
    with first_image.awaited(most=0) as token:
        pass
    with pytest.raises(KeyboardInterrupt), first_image.awaited(most=30):
        raise KeyboardInterrupt
    assert tell(token) == tell("never-seen") == 204
    assert not first_image._expected
