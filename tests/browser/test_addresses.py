"""The app below a path, behind a proxy, and at addresses that are no page."""

import asyncio
import queue
import re
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

PREFIX = "/teach/latent"  # as of the fixture `below`
NONE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def stripped(server):
    """The app behind a proxy that takes such a path off what it passes on."""
    with proxy(urlsplit(server).port) as port:
        yield f"http://127.0.0.1:{port}{PREFIX}"


@contextmanager
def proxy(target):
    """A proxy to a local port that takes PREFIX off; it answers 404 to what is not below it."""

    async def connect(reader, writer):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return writer.close()
        line, _, rest = head.partition(b"\r\n")
        method, path, version = line.split(b" ")
        if not path.startswith(f"{PREFIX}/".encode()):
            writer.write(
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            return writer.close()
        if b"upgrade: websocket" not in rest.lower():  # one request a connection
            rest = re.sub(rb"(?im)^connection:.*$", b"Connection: close\r", rest)
        path = path.removeprefix(PREFIX.encode())
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", target)
        up_writer.write(b" ".join([method, path, version]) + b"\r\n" + rest)
        await asyncio.gather(pipe(reader, up_writer), pipe(up_reader, writer))

    async def pipe(reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def serve():
        listening = await asyncio.start_server(connect, "127.0.0.1", 0)
        end = asyncio.Event()
        found.put((asyncio.get_running_loop(), end, listening.sockets[0].getsockname()[1]))
        await end.wait()
        listening.close()

    found = queue.Queue()
    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    loop, end, port = found.get(timeout=10)
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(10)


def missing(lab, address, shown):
    """Open an address that is no page, and read that it is none."""
    lab.load(address, ready="h1")
    assert lab.page.locator("h1").inner_text() == f"There is no page {shown}"
    assert lab.page.get_by_role("link", name="Decode").count()


def test_the_first_visit_of_a_fresh_server_is_to_an_unknown_address(visit, below):
    lab = visit(below)
    missing(lab, "/nowhere", "/nowhere")
    lab.page.locator(".stPageLink").get_by_text("Decode", exact=True).click()
    lab.settle()
    assert urlsplit(lab.page.url).path == f"{PREFIX}/decode"
    lab.hover(0, 0.5, 0.5)


@pytest.mark.parametrize("place", ["server", "below", "stripped"])
def test_a_page_opens_is_reloaded_and_leads_to_others(visit, place, request):
    """Nothing is asked for outside the path: `Lab.close` looks. A slash behind does no harm."""
    lab = visit(request.getfixturevalue(place))
    lab.load("/compare/?z=0.5,1")
    assert urlsplit(lab.page.url).path.endswith("/compare")
    before = lab.read()
    lab.page.get_by_role("link", name="Home", exact=True).first.click()
    lab.page.locator("h1", has_text="What does an autoencoder learn?").wait_for()
    lab.settle()
    lab.load("/compare?z=0.5,1")
    assert (lab.read().pixels == before.pixels).all()


@pytest.mark.parametrize("place", ["server", "below", "stripped"])
def test_an_address_of_several_parts_says_that_there_is_no_such_page(visit, place, request):
    lab = visit(request.getfixturevalue(place))
    missing(lab, "/decode/foo", "/decode/foo")
    missing(lab, "/decode/foo/bar/?z=1,1", "/decode/foo/bar")
