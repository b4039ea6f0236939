"""The app in a frame of another site, and behind a proxy under another name: README, "A proxy"."""

import http.client
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import STREAMLIT, WIDE, serving

NAME = "https://lab.example.org"
FRAMED = [*STREAMLIT, "--server.enableXsrfProtection=false", f"--server.corsAllowedOrigins={NAME}"]


@pytest.fixture(scope="module")
def framed(browser, tmp_path_factory):
    """A server with what the README says to set."""
    with serving(tmp_path_factory.mktemp("framed"), command=FRAMED) as url:
        yield url


@pytest.fixture(scope="module")
def site(framed):
    """The address of another site, whose pages hold the app's in a frame."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            frame = (
                f'<iframe src="{framed}{self.path}" style="width: 100%; height: 860px"></iframe>'
            )
            self.wfile.write(frame.encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"  # not the site 127.0.0.1
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def page(browser, site):
    """A page in the frame of such a site, which is loaded once: `page("Decode")`."""
    with closing(browser.new_context(**WIDE)) as context:
        tab = context.new_page()
        tab.set_default_timeout(45_000)
        tab.goto(f"{site}/decode")
        frame = tab.frame_locator("iframe")
        frame.locator(".panel.decode[data-ready]").wait_for()

        def show(name):
            frame.get_by_role("link", name=name, exact=True).first.click()
            return frame

        yield show


def test_a_page_is_used_in_a_frame_of_another_site(page):
    frame = page("Compare")
    frame.locator(".compare[data-ready]").wait_for()


def test_a_model_file_is_uploaded_in_a_frame_of_another_site(page):
    frame = page("Train")
    frame.get_by_text("Add a model file").click()
    file = {"name": "no-model.safetensors", "mimeType": "", "buffer": b"no model" * 9}
    frame.locator("input[type=file]").set_input_files(file)
    frame.get_by_role("button", name="Add it").click()
    frame.locator(".stAlert", has_text="no-model").wait_for()


def test_a_picture_is_uploaded_in_a_frame_of_another_site(page):
    frame = page("Denoise")
    frame.locator(".panel.denoise[data-ready]").get_by_role("button", name="Upload").click()
    file = {"name": "b.png", "mimeType": "image/png", "buffer": b"seven" * 99}
    frame.locator("input[type=file]").set_input_files(file)
    frame.locator(".refusal:visible").wait_for()


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("lab.example.org", NAME, 101),  # a proxy that passes the name on
        (None, NAME, 101),  # one that does not, and the name is allowed
        (None, "https://elsewhere.example.org", 403),
    ],
)
def test_what_is_sent_live_is_answered_to_the_names_that_are_allowed(framed, host, origin, status):
    address = urlsplit(framed)
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    headers |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": origin}
    headers |= {"Host": host} if host else {}
    connection.request("GET", "/_stcore/stream", headers=headers)
    assert connection.getresponse().status == status
    connection.close()
