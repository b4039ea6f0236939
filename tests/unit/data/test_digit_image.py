"""Drawings, photographs and files that are neither."""

import io
import re
import zlib
from contextlib import suppress
from functools import partial

import numpy as np
import pytest
from PIL import Image, ImageFile
from scipy import ndimage

from aecore.data import figure
from aecore.data.digit_image import from_ink, from_pixels, from_upload
from aecore.errors import LabError

EXIF_TURNS = {  # what EXIF's orientation says was done to the picture
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}


def saved(image, kind="PNG", **options):
    """The bytes of an image file; an array is taken as grey or RGB."""
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def large(image, by=10):
    return Image.fromarray(image).resize((28 * by, 28 * by), Image.Resampling.BICUBIC)


@pytest.fixture(scope="module")
def some(mnist):
    """100 test images of MNIST and their labels."""
    return mnist.test.images[:100], mnist.test.labels[:100]


@pytest.fixture(scope="module")
def seven(mnist):
    return mnist.test.images[0]


def apart(one, other):
    """The mean difference in grey values."""
    return np.abs(one.astype(int) - other).mean()


# What goes through


def test_mnist_s_images_stay_as_they_are(some):
    """From ink to 1 grey value; as a picture to 2 on average, but for a few with a faint rim."""
    for image in some[0]:
        assert np.abs(from_ink(image / 255).astype(int) - image).max() <= 1
    found = [apart(from_pixels(image), image) for image in some[0]]
    assert np.mean(found) < 0.5
    assert np.percentile(found, 98) < 2


def test_what_is_prepared_once_stays_so(digits):
    for image in digits.test.images[:100]:
        once = from_ink(image / 255)
        assert np.array_equal(from_ink(once / 255), once)


@pytest.mark.parametrize("by", [2, 7, 10, 40])
def test_size_does_not_matter(seven, by):
    enlarged = np.kron(seven, np.ones((by, by), np.uint8))
    assert np.abs(from_ink(enlarged / 255).astype(int) - seven).max() <= 1
    assert apart(from_upload(saved(enlarged)), seven) < 3


def test_place_does_not_matter(seven):
    sheet = np.zeros((400, 300))
    sheet[15:295, 10:290] = np.kron(seven, np.ones((10, 10))) / 255
    assert np.array_equal(from_ink(sheet), from_ink(np.roll(sheet, 90, 0)))


@pytest.mark.parametrize("shape", [(100, 8), (8, 100), (37, 53), (300, 20), (1, 1), (3, 3)])
def test_a_block_of_ink_fits_the_box_keeps_its_aspect_and_is_centred(shape):
    sheet = np.zeros((400, 200))
    sheet[20 : 20 + shape[0], 30 : 30 + shape[1]] = 0.4
    image = from_ink(sheet) / 255
    height, width = image.sum(0).max(), image.sum(1).max()
    assert max(height, width) == pytest.approx(20, abs=0.02)
    assert height / width == pytest.approx(shape[0] / shape[1], rel=0.02)
    centre = [image.sum(axis) @ np.arange(28) / image.sum() for axis in (0, 1)]
    assert np.abs(np.subtract(centre, 14)).max() <= 0.51


def test_a_figure_with_its_mass_at_one_end_stays_in_the_image():
    sheet = np.full((100, 100), 0.01)
    sheet[90:] = 1
    image = from_ink(sheet)
    assert (image.sum(1) > 0).tolist() == [True] * 20 + [False] * 8
    sheet[20:90, :40] = sheet[20:90, 60:] = 0  # a T upside down
    assert from_ink(sheet).any(1).sum() == 20


CHANGES = {
    "enlarged": large,
    "inverted": lambda image: large(255 - image),
    "far larger": partial(large, by=40),
    "shifted": lambda image: Image.fromarray(np.pad(np.asarray(large(image)), ((0, 90), (170, 0)))),
    "small on a sheet": lambda image: Image.fromarray(np.pad(255 - image, 40, mode="edge")),
    "RGB": lambda image: large(255 - image).convert("RGB"),
    "palette": lambda image: large(255 - image).convert("P"),
    "black or white": lambda image: large(image).point(lambda v: 255 * (v > 127)).convert("1"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_shipped_classifier_reads_them_as_before(some, judged, change, kind):
    """Measured: no mistake in 100 images, of any change."""
    images, labels = (each[:12] for each in some)
    pictures = (change(image) for image in images)
    if kind == "JPEG":
        pictures = (picture.convert("RGB") for picture in pictures)
    found = np.stack([from_upload(saved(picture, kind)) for picture in pictures])
    assert (judged(found).argmax(1) == labels).all()


@pytest.mark.parametrize("orientation", EXIF_TURNS)
def test_a_turned_photograph_is_turned_back(some, judged, orientation):
    images, labels = (each[:12] for each in some)
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = [
        from_upload(saved(large(i).transpose(EXIF_TURNS[orientation]), "JPEG", exif=exif))
        for i in images
    ]
    assert (judged(np.stack(found)).argmax(1) == labels).all()


def photograph(image, noise=0.03, seed=0):
    """Dark ink on paper that is lit from one side, with noise and room around, as JPEG."""
    ink = np.pad(np.asarray(large(image, 20)) / 255, ((40, 120), (170, 90)))
    height, width = ink.shape
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    light = 0.9 - 0.35 * x - 0.15 * y
    picture = light * (1 - 0.75 * ink)
    picture += np.random.default_rng(seed).normal(0, noise, ink.shape)
    return saved(np.uint8(255 * picture.clip(0, 1)), "JPEG", quality=85)


def test_photographs_give_nearly_what_the_clean_image_gives(some, judged):
    images, labels = some[0][:30], some[1][:30]
    found = np.stack([from_upload(photograph(image)) for image in images])
    clean = np.stack([from_upload(saved(large(image, 20))) for image in images])
    assert (judged(found).argmax(1) == labels).mean() >= 0.97
    assert apart(found, clean) < 6
    # One by one they agree but for a pixel of shift, where the centre lies between two.
    shifts = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    nearest = [
        min(apart(np.roll(a, shift, (0, 1)), b) for shift in shifts)
        for a, b in zip(found, clean, strict=True)
    ]
    assert np.max(nearest) < 8


def test_the_shadow_of_a_hand_is_background(seven, judged):
    picture = np.asarray(large(255 - seven, 20)) / 255 * 0.6 + 0.3
    picture *= np.interp(np.arange(560), [200, 300], [0.6, 1])
    found = from_pixels(np.pad(picture, 60, mode="edge"))
    assert judged(found[None]).argmax() == 7
    assert apart(found, from_upload(saved(large(seven, 20)))) < 8


def test_the_stroke_of_a_fine_pen_is_thickened(judged):
    page = np.full((600, 500), 235, np.uint8)
    page[100:104, 120:360] = 30
    for row in range(100, 500):
        left = 356 - (row - 100) * 150 // 400
        page[row, left : left + 4] = 30
    found = from_pixels(page)
    assert judged(found[None]).argmax() == 7
    assert found.max() == 255
    assert found.mean() > from_ink((235.0 - page) / 205).mean()


@pytest.mark.parametrize(("figure", "around"), [(0, 255), (255, 0), (255, 255), (0, 0)])
def test_transparent_pictures_show_their_figure(seven, figure, around):
    layers = np.full((280, 280, 4), figure, np.uint8)
    layers[..., 3] = np.asarray(large(seven))
    layers[layers[..., 3] == 0, :3] = around
    assert apart(from_upload(saved(layers)), seven) < 6


def test_other_kinds_of_pixels(seven):
    ink = np.asarray(large(seven))
    sixteen = Image.fromarray(ink.astype(np.uint16) * 257)
    assert sixteen.mode == "I;16"
    assert apart(from_upload(saved(sixteen)), seven) < 6
    cmyk = Image.fromarray(255 - ink).convert("RGB").convert("CMYK")
    assert apart(from_upload(saved(cmyk, "JPEG", quality=95)), seven) < 8
    palette = Image.fromarray(255 * (ink > 127).astype(np.uint8)).convert("P")
    assert apart(from_upload(saved(palette, transparency=0)), seven) < 8
    assert apart(from_pixels(np.float32(255 - ink) / 255), seven) < 6
    assert apart(from_pixels(np.dstack([255 - ink] * 3)), seven) < 6


# What is refused, in one sentence or two


def refused(content, words):
    with pytest.raises(LabError, match=words) as caught:
        from_upload(content)
    message = str(caught.value)
    assert re.fullmatch(r"[A-Z][^\n]{20,180}\.", message)


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"seven", b"\0" * 100, b"BM6", b"<svg/>"])
def test_files_that_are_no_png_or_jpeg(content):
    refused(content, "no PNG or JPEG")


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP"])
def test_other_formats(seven, kind):
    refused(saved(large(seven), kind), "no PNG or JPEG")


def test_moving_pictures(seven):
    frames = [large(seven), large(255 - seven)]
    for kind in ("GIF", "PNG"):
        words = "moves" if kind == "PNG" else "no PNG or JPEG"
        refused(saved(frames[0], kind, save_all=True, append_images=frames[1:]), words)


def test_empty_and_too_large_files(seven):
    refused(b"", "empty")
    content = saved(large(seven))
    refused(content + bytes(16_000_001 - len(content)), "16.0 MB where at most 16 MB")
    assert apart(from_upload(content + bytes(16_000_000 - len(content))), seven) < 6


def png(width, height, mode=0):
    """A small PNG file of a blank picture that may be huge; only the first rows are there."""

    def chunk(kind, data):
        check = zlib.crc32(kind + data)
        return len(data).to_bytes(4, "big") + kind + data + check.to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, mode, 0, 0, 0))
    rows = zlib.compress(bytes(100_000))
    body = chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [5_001, 10_000, 30_000, 2**31 - 1])
def test_huge_pictures_in_small_files(side, monkeypatch):
    def decoded(*_):
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded)
    refused(png(side, side), r"pixels")


@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (7, 200), (20, 9000)])
def test_tiny_and_narrow_pictures(shape):
    picture = np.zeros(shape, np.uint8)
    picture[shape[0] // 2, shape[1] // 2] = 255
    refused(saved(picture), "too (few|narrow) for a digit")


@pytest.mark.parametrize("grey", [0, 127, 255])
@pytest.mark.parametrize("side", [8, 28, 900])
def test_blank_pictures(grey, side):
    blank = np.full((side, side), grey, np.uint8)
    refused(saved(blank), "no figure")
    refused(saved(blank, "JPEG"), "no figure")
    with pytest.raises(LabError, match="no figure"):
        from_ink(np.zeros((side, side)))


def test_paper_without_a_figure():
    y, x = np.mgrid[0:1:500j, 0:1:400j]
    paper = 0.9 - 0.3 * x - 0.2 * y
    for noise in (0, 0.01, 0.05):
        rough = paper + np.random.default_rng(0).normal(0, noise, x.shape)
        refused(saved(np.uint8(255 * rough.clip(0, 1))), "no figure")
    refused(saved(Image.new("RGBA", (50, 50))), "no figure")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.03, 0.3, 0.6, 0.9])
def test_truncated_files(seven, kind, share):
    content = saved(large(seven), kind)
    refused(content[: int(share * len(content))], "damaged or cut short")


def test_damaged_files_give_an_image_or_one_sentence(seven):
    rng = np.random.default_rng(0)
    for kind in ("PNG", "JPEG"):
        whole = np.frombuffer(saved(large(seven), kind), np.uint8)
        for _ in range(40):
            bad = whole.copy()
            bad[rng.integers(8, len(bad), 5)] = rng.integers(0, 256, 5)
            with suppress(LabError):
                assert from_upload(bad.tobytes()).shape == (28, 28)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((28, 28), int),
        np.full((28, 28), np.nan),
        np.full((28, 28), 2.0),
        np.zeros((28, 28, 2), np.uint8),
        np.zeros(784, np.uint8),
        np.zeros((0, 0), np.uint8),
        "seven",
    ],
)
def test_other_arrays(pixels):
    with pytest.raises(LabError, match=r"A picture must be|too few"):
        from_pixels(pixels)


@pytest.mark.parametrize("length", range(1, 9))
def test_runs_along_a_line_are_opened_and_closed_as_scipy_does(length):
    ink = np.random.default_rng(length).random((40, 37)) < 0.7
    for axis in (0, 1):
        line = np.ones((length, 1) if axis == 0 else (1, length))
        assert (figure._opened(ink, length, axis) == ndimage.binary_opening(ink, line)).all()
        assert (figure._closed(ink, length, axis) == ndimage.binary_closing(ink, line)).all()
