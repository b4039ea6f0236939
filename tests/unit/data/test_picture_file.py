"""What a picture's file costs, and the limits that are told before it is sent."""

import io
import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

import aecore
from aecore.data.picture_file import LONGEST, MOST_BYTES, MOST_JPEG, MOST_PNG, read_grey
from aecore.errors import LabError
from aecore.ui.text.en import live


def file(mode, width, height, kind="PNG", **options):
    image = Image.new("L", (width, height), 255)
    image.paste(0, (width // 3, height // 4, width // 2, height // 2))
    image = image.convert(mode)
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def test_the_limits_are_the_same_on_the_button_in_the_browser_and_on_the_server():
    script = (Path(aecore.__file__).parents[1] / "assets/live/images/upload.js").read_text()
    assert f"MOST_BYTES = {MOST_BYTES:_};" in script
    words = live.WORDS["images/upload"]
    sizes = [f"{size // 10**6}" for size in (MOST_BYTES, MOST_JPEG, MOST_PNG)]
    assert re.findall(r"\d+", words["limits"]) == sizes
    assert f"at most {sizes[0]} MB" in words["too_large"]


@pytest.mark.parametrize("mode", ["RGBA", "RGB", "LA", "L", "P", "1"])
def test_no_second_copy_of_a_large_picture_is_made(mode):
    """Beside the decoder's own copy, at most 4 bytes for each of 20 million pixels."""
    content = file(mode, 3000, 2000)
    tracemalloc.start()
    grey = read_grey(content)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 15e6
    assert max(grey.shape) <= LONGEST
    assert (grey.min(), grey.max()) == (0, 1)


@pytest.mark.parametrize("kind", [{"format": "PNG"}, {"format": "JPEG"}])
def test_a_picture_is_averaged_as_a_whole(kind):
    noise = np.random.default_rng(0).integers(0, 256, (1203, 997), np.uint8)
    content = io.BytesIO()
    Image.fromarray(noise).save(content, **kind)
    assert read_grey(content.getvalue()).mean() == pytest.approx(noise.mean() / 255, abs=0.005)


def test_the_photograph_of_a_phone_is_taken():
    assert read_grey(file("RGB", 4032, 3024, "JPEG")).shape[1] > LONGEST / 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("RGBA", 5000, 5000), "25 million pixels where a PNG may have at most 20 million"),
        (("L", 8000, 7000, "JPEG"), "56 million pixels where a JPEG may have at most 50 million"),
        (("L", 9000, 100), "too narrow for a digit"),
    ],
)
def test_what_takes_too_much_is_refused_before_it_is_decoded(options, words, monkeypatch):
    content = file(*options)

    def decoded(*_):
        raise AssertionError("decoded")

    for kind in (PngImagePlugin.PngImageFile, Image.Image):
        monkeypatch.setattr(kind, "load", decoded)
    with pytest.raises(LabError, match=words):
        read_grey(content)


def test_a_progressive_picture_is_bounded_by_what_it_takes(monkeypatch):
    content = file("RGB", 600, 400, "JPEG", progressive=True)
    read_grey(content)
    monkeypatch.setattr("aecore.data.picture_file._MOST_WORK", 600 * 400 * 6)
    with pytest.raises(LabError, match="takes too much memory"):
        read_grey(content)
    read_grey(file("RGB", 600, 400, "JPEG"))
