"""Content by its hash: kept within bounds, made again, whole, in part or unchanged."""

import gzip
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.requests import Request

from aecore.errors import LabError
from aecore.web import content
from aecore.web.content import Contents, offer


@pytest.fixture
def get(answer):
    """What the route answers to a request with these headers: `get(url, **headers)`."""

    def ask(url, **headers):
        scope = {
            "type": "http",
            "headers": [(name.lower().encode(), text.encode()) for name, text in headers.items()],
            "path_params": {"digest": url.rpartition("/")[2]},
        }
        return answer(content.respond(Request(scope)))

    return ask


def test_the_same_content_has_one_address_and_a_key_is_made_once():
    made = []
    contents = Contents()
    one = contents.offer("a", lambda: made.append(1) or b"same")
    assert contents.offer("a", lambda: made.append(2) or b"other") == one
    assert contents.offer("b", lambda: b"same") == one
    assert contents.offer("c", lambda: b"other") != one
    assert made == [1]


def test_what_was_dropped_is_made_again_and_what_changed_is_not_passed_off_as_it():
    source = {"a": b"12345678"}
    contents = Contents(most_bytes=10)
    one = contents.offer("a", lambda: source["a"])
    contents.offer("b", lambda: b"123456")
    assert contents.size == 6
    assert contents.get(one) == (b"12345678", "application/gzip")
    contents.offer("c", lambda: b"abcdefgh")
    source["a"] = b"87654321"
    assert contents.get(one) is None
    assert contents.get("0" * 32) is None

    def gone():
        raise LabError("It is gone.")

    with pytest.raises(LabError):
        contents.offer("d", gone)


def test_many_offers_are_forgotten_from_the_first(monkeypatch):
    monkeypatch.setattr(content, "MOST_RECIPES", 3)
    contents = Contents()
    digests = [contents.offer(f"{k}", lambda k=k: b"%d" % k) for k in range(5)]
    assert [contents.get(digest) is None for digest in digests] == [True, True, False, False, False]


def test_a_key_whose_content_was_forgotten_is_made_anew(monkeypatch):
    monkeypatch.setattr(content, "MOST_RECIPES", 2)
    contents = Contents()
    one = contents.offer("a", lambda: b"same")
    contents.offer("b", lambda: b"same")  # the same content under another key
    contents.offer("c", lambda: b"1")
    contents.offer("d", lambda: b"2")
    assert contents.get(one) is None
    assert contents.offer("b", lambda: b"same") == one
    assert contents.get(one) == (b"same", "application/gzip")


def test_a_class_that_opens_a_page_makes_its_content_once():
    made, contents, together = [], Contents(), threading.Barrier(8)

    def make():
        made.append(1)
        time.sleep(0.05)
        return b"slow"

    def visit(_):
        together.wait(10)
        return contents.offer("a", make)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(visit, range(8)))) == 1
    assert made == [1]


def test_a_browser_may_keep_it_and_ask_for_a_part(get):
    url = offer("ten", lambda: b"0123456789", "text/plain")
    answer = get(url)
    assert answer.body == b"0123456789"
    assert answer.headers["content-type"].startswith("text/plain")
    assert "immutable" in answer.headers["cache-control"]
    again = get(url, **{"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.body) == (304, b"")
    part = get(url, Range="bytes=2-4")
    assert (part.status_code, part.body) == (206, b"234")
    assert part.headers["content-range"] == "bytes 2-4/10"
    assert get(url, Range="bytes=7-").body == b"789"
    assert get(url, Range="bytes=8-99").body == b"89"
    assert get(url, Range="bytes=10-12").status_code == 416
    for odd in ("bytes=-3", "bytes=1-2,4-5", "lines=1-2", "bytes=x"):
        assert get(url, Range=odd).body == b"0123456789"
    assert get("0" * 32).status_code == 404
    assert get("..%2f..%2fetc").status_code == 404


def test_a_browser_unpacks_what_is_compressed_but_no_part_of_it(get):
    packed = gzip.compress(b"weights")
    url = offer("packed", lambda: packed)
    browser = {"Accept-Encoding": "gzip, deflate, br"}
    whole, plain = get(url, **browser), get(url)
    assert whole.body == plain.body == packed
    assert whole.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    part = get(url, Range="bytes=2-4", **browser)
    assert (part.status_code, part.body) == (206, packed[2:5])
    assert "content-encoding" not in part.headers
