"""A page that waits for its first image goes on when the browser tells, and otherwise soon."""

import threading

import pytest

from aecore.web import first_image
from aecore.web.routes import routes


@pytest.fixture
def tell(asked):
    """What the server answers when a browser tells of a token."""
    from starlette.applications import Starlette

    app = Starlette(routes=routes())
    return lambda token: asked(app, f"/lab/shown/{token}", method="POST").status


def test_a_page_waits_until_its_own_first_image_is_told(tell):
    one, other = first_image.expect(), first_image.expect()
    assert tell(other) == 204
    assert not first_image.wait(one, most=0)
    assert first_image.wait(other, most=0)
    late = first_image.expect()
    told = threading.Timer(0.05, tell, [late])
    told.start()
    assert first_image.wait(late, most=30)
    told.join()


def test_nothing_is_kept_of_a_page_that_went_on(tell):
    token = first_image.expect()
    assert not first_image.wait(token, most=0)
    assert tell(token) == tell("never-seen") == 204
    assert not first_image._expected
