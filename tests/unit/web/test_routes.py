"""What a browser is answered beside the pages: scripts and styles as files, kept for good."""

import base64
import gzip
import io
import json
import re

import pytest
from PIL import Image
from starlette.applications import Starlette

from aecore.data import load_dataset
from aecore.data.digit_image import from_upload
from aecore.data.picture_file import MOST_BYTES
from aecore.web import images, scripts
from aecore.web.content import offer
from aecore.web.routes import routes


@pytest.fixture(params=["", "/teach/latent/"])
def get(request, asked):
    """Ask for an address relative to the app's own."""
    base, app = request.param.strip("/"), Starlette(routes=routes(request.param))
    app.router.redirect_slashes = False  # beside Streamlit's own routes none is missing

    def ask(url, *how, **headers):
        return asked(app, f"/{base}/{url}" if base else f"/{url}", *how, **headers)

    return ask


def test_a_script_comes_as_a_module_that_a_browser_keeps(get):
    answer = get(scripts.url_of("components/panel/panel.js"))
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.content == scripts.files()["components/panel/panel.js"]


def test_it_is_compressed_once_for_whoever_can_read_that(get):
    url = scripts.url_of("styles/tokens.css")
    zipped, plain = get(url, **{"Accept-Encoding": "gzip, br"}), get(url)
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert zipped.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert plain.content == scripts.files()["styles/tokens.css"]
    assert gzip.decompress(zipped.content) == plain.content
    assert plain.headers["content-type"].startswith("text/css")


@pytest.mark.parametrize(
    "path",
    [
        "core/none.js",
        "../README.md",
        "%2e%2e/README.md",
        "core/../../../app.py",
        "",
        "core",
        "/etc/passwd",
    ],
)
def test_no_other_file_is_reached(get, path):
    assert get(f"lab/{scripts.digest()}/{path}").status == 404


def test_another_version_of_the_tree_is_not_passed_off_as_the_one_that_was_asked_for(get):
    assert get("lab/0123456789abcdef/core/nn.js").status == 404


def test_content_is_beside_the_files(get):
    content = gzip.compress(b"weights", mtime=0)
    answer = get(offer("routes-test", lambda: content))
    assert (answer.status, answer.content) == (200, content)
    assert "content-encoding" not in answer.headers
    assert get("lab/block/0").status == 404


def test_a_browser_hears_of_all_that_a_component_imports():
    """By what the modules themselves say, however the import is written."""
    for path in scripts.files():
        if path.endswith(".js"):
            known, waiting = {path}, [path]
            while waiting:
                module = waiting.pop()
                for found in re.findall(r'\bfrom\s*"(\.[^"]+)"', scripts.text(module)):
                    target = (scripts.LIVE / module).parent.joinpath(found).resolve()
                    name = target.relative_to(scripts.LIVE.resolve()).as_posix()
                    waiting += [name] * (name not in known)
                    known.add(name)
            assert known - {path} == set(scripts.imports(path)), path


HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("decode/foo", "../decode~foo"),
        ("decode/foo/bar?z=1,2&w=a", "../../decode~foo~bar?z=1,2&w=a"),
        ("decode/", "../decode"),
        ("a b/ü:c", "../a%20b~%C3%BC%3Ac"),
    ],
)
def test_an_address_of_several_parts_leads_to_one_of_a_single_part(get, path, leads_to):
    """Relative to what was asked for: behind a proxy the server does not know the whole."""
    answer = get(path, **HTML)
    assert (answer.status, answer.headers["location"]) == (307, leads_to)
    assert get(path).status == 404  # a script or an image is not led astray


@pytest.mark.parametrize(
    "path", ["", "decode", "_stcore/health", "static/a.js", "media/a", "lab/a"]
)
def test_all_other_addresses_are_streamlit_s_or_ours(get, path):
    assert get(path, **HTML).status == 404  # here without Streamlit


def test_every_import_leads_to_a_file():
    for path, source in scripts.files().items():
        for found in re.findall(rb'from "([^"]+)"', source) if path.endswith(".js") else ():
            target = (scripts.LIVE / path).parent / found.decode()
            assert found.startswith(b"."), (path, found)
            assert target.is_file(), (path, found)


def test_a_dataset_says_where_its_test_images_and_labels_are(get, digits):
    answer = get(images.url_of("digits"))
    found = json.loads(answer.content)
    assert answer.headers["cache-control"] == "no-store"
    assert get(found["labels"]).content == digits.test.labels.tobytes()
    start, end = found["images"]["starts"][:2]
    piece = get(found["images"]["url"], Range=f"bytes={start}-{end - 1}").content
    assert gzip.decompress(piece) == digits.test.images[: found["images"]["per"]].tobytes()


def test_a_dataset_that_is_not_on_disk_has_none_and_an_unknown_one_no_address(
    get, monkeypatch, tmp_path
):
    monkeypatch.setenv("LATENT_LAB_DATA", str(tmp_path))
    assert json.loads(get(images.url_of("mnist")).content) == {"images": None, "labels": None}
    for name in ("nothing", "..", "digits%00"):
        assert get(images.url_of(name)).status == 404


def test_a_picture_is_prepared_or_refused_in_a_sentence(get):
    content = io.BytesIO()
    Image.fromarray(255 - load_dataset("digits").test.images[2]).resize((280, 280)).save(
        content, "PNG"
    )

    def sent(body, kind="application/octet-stream"):
        return get("lab/picture", body, "POST", **{"Content-Type": kind})

    answer = json.loads(sent(content.getvalue()).content)
    image = base64.b64encode(from_upload(content.getvalue()).tobytes()).decode()
    assert answer == {"image": image, "refused": None}
    for body in (b"seven" * 99, b""):
        answer = json.loads(sent(body).content)
        assert answer["image"] is None
        assert "PNG or JPEG" in answer["refused"]
    assert sent(b"\x89PNG" + bytes(MOST_BYTES)).status == 413
    assert sent(content.getvalue(), "multipart/form-data").status == 415  # a form of another site
    assert get("lab/picture").status == 405
