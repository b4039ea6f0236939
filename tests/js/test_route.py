"""What a route says in words, and the animations that are made of it."""

import base64
import io
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def js(sentences):
    """The value of an expression with the modules `way` and `gif`, and `x`."""
    return partial(sentences, way="components/interpolate/sentences.js", gif="images/gif.js")


# Sentences


def met(call, digit, share, gap):
    return {"call": call, "digit": digit, "share": share, "gap": gap}


SENTENCES = [
    (
        [met("the AE", 8, 0.18, 0.13), met("the VAE", 9, 0.15, 0)],
        "Straight from the 4 to the 5, the AE passes through an 8 for 18 % of the way and the VAE "
        "through a 9 for 15 %; the AE is in a gap for 13 % and the VAE never.",
    ),
    (
        [met("the AE", None, 0, 0.31), met("the VAE", 8, 0.18, 0)],
        "Straight from the 4 to the 5, the VAE passes through an 8 for 18 % of the way and the AE "
        "through no other digit; the AE is in a gap for 31 % and the VAE never.",
    ),
    (
        [met("the AE", 8, 0.2, 0), met("the VAE", 8, 0.46, 0)],
        "Straight from the 4 to the 5, both models pass through an 8, the VAE for 46 % of the way "
        "and the AE for 20 %; neither is ever in a gap.",
    ),
    (
        [met("the AE", None, 0, 0.1), met("the VAE", None, 0, 0.25)],
        "Straight from the 4 to the 5, neither model passes through another digit; the VAE is in a "
        "gap for 25 % of the way and the AE for 10 %.",
    ),
    (
        [met("the AE", None, 0, 0), met("the VAE", None, 0, 0)],
        "Straight from the 4 to the 5, neither model passes through another digit; neither is ever "
        "in a gap.",
    ),
    (
        [met("the AE", None, 0, 0)],
        "Straight from the 4 to the 5, the AE passes through no other digit; it is never in a gap.",
    ),
    (
        [met("mnist-ae", 3, 0.5, 0.001)],
        "Straight from the 4 to the 5, mnist-ae passes through a 3 for 50 % of the way; it is in a "
        "gap for less than 1 %.",
    ),
    (
        [met("a-run", 8, 0.1, 0), met("b-run", 8, 0.3, 0.2), met("c-run", 8, 0.2, 0)],
        "Straight from the 4 to the 5, all three models pass through an 8, b-run for 30 % of the "
        "way, c-run for 20 % and a-run for 10 %; b-run is in a gap for 20 %, a-run never and "
        "c-run never.",
    ),
    (
        [met("a-run", None, 0, 0), met("b-run", None, 0, 0), met("c-run", None, 0, 0)],
        "Straight from the 4 to the 5, none of the three models passes through another digit; none "
        "is ever in a gap.",
    ),
]


@pytest.mark.parametrize(("subjects", "sentence"), SENTENCES)
def test_a_leg_in_words(js, subjects, sentence):
    said = js("way.legText(4, 5, x, true)", subjects)
    assert said.replace("\N{NO-BREAK SPACE}", " ") == sentence


@pytest.mark.parametrize(
    ("gaps", "sentence"),
    [
        ([0, 0], "neither model is ever in a gap."),
        ([0.2], "the AE is in a gap for 20 % of the way."),
        ([0], "the AE is never in a gap."),
        ([0.2, 0.3], "the VAE is in a gap for 30 % of the way and the AE for 20 %."),
    ],
)
def test_images_that_are_no_digits_are_not_read(js, gaps, sentence):
    subjects = [
        met(call, None, 0, gap) for call, gap in zip(("the AE", "the VAE"), gaps, strict=False)
    ]
    said = js("way.legText(1, 2, x, false)", subjects)
    said = said.replace("\N{NO-BREAK SPACE}", " ")
    assert said == f"Straight from the image of class 1 to the image of class 2, {sentence}"


@pytest.mark.parametrize(
    ("digits", "gaps", "sentence"),
    [
        ([1, 8, 3], [0.1, 0], "passes through a 1, an 8 and a 3; the AE is in a gap for 10 % of "
         "the way and the VAE never."),
        ([8], [0], "shows an 8 all the way; it is never in a gap."),
        ([4, 9], [0, 0], "passes through a 4 and a 9; neither is ever in a gap."),
    ],
)  # fmt: skip
def test_a_drawn_path_in_words(js, digits, gaps, sentence):
    subjects = [
        met(call, None, 0, gap) | {"shares": [[d, 0.1] for d in digits]}
        for call, gap in zip(("the AE", "the VAE"), gaps, strict=False)
    ]
    said = js("way.drawnText(x, true)", subjects).replace("\N{NO-BREAK SPACE}", " ")
    assert said == f"Along the drawn path the AE {sentence}"


# Animations


@pytest.fixture(scope="module")
def animated(js):
    """An animation of frames given as indices into a palette, opened by Pillow."""

    def make(palette, frames, hundredths=13):
        height, width = frames[0].shape
        content = js(
            """(async () => {
                const made = new gif.Gif(x.width, x.height, x.palette);
                for (const frame of x.frames) {
                    const pixels = Uint8Array.from(atob(frame), (c) => c.charCodeAt(0));
                    made.add(pixels, x.hundredths);
                }
                const bytes = new Uint8Array(await made.blob.arrayBuffer());
                let text = "";
                for (let i = 0; i < bytes.length; i += 8192) {
                    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
                }
                return btoa(text);
            })()""",
            {
                "width": width,
                "height": height,
                "palette": palette.tolist(),
                "hundredths": hundredths,
                "frames": [
                    base64.b64encode(
                        np.dstack([palette[frame], np.full(frame.shape, 255)]).astype("u1")
                    ).decode()
                    for frame in frames
                ],
            },
        )
        with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
            found = []
            for k in range(picture.n_frames):
                picture.seek(k)
                found.append((picture.info["duration"], np.array(picture.convert("RGB"))))
            return SimpleNamespace(frames=found, size=picture.size, loop=picture.info["loop"])

    return make


def test_an_animation_keeps_every_pixel(animated):
    """Noise fills the table of codes many times over; one colour, runs and single pixels do not."""
    palette = RNG.permutation(256**3)[:256]
    palette = np.stack([palette >> 16, (palette >> 8) & 255, palette & 255], 1)
    frames = [
        RNG.integers(0, 256, (150, 211)),
        np.zeros((150, 211), int),
        np.repeat(RNG.integers(0, 256, (150, 1)), 211, axis=1),
        np.arange(150 * 211).reshape(150, 211) // 7 % 256,
    ]
    found = animated(palette, frames)
    assert found.size == (211, 150)
    assert found.loop == 0
    assert len(found.frames) == 4
    for (duration, picture), frame in zip(found.frames, frames, strict=True):
        assert duration == 130
        assert np.array_equal(picture, palette[frame])


@pytest.mark.parametrize("length", [1, 2, 254, 255, 256, 511, 767, 1023, 4094, 5000])
def test_an_animation_of_any_length_ends_rightly(animated, length):
    palette = np.repeat(np.arange(256)[:, None], 3, axis=1)
    frame = RNG.integers(0, 256, (1, length))
    assert np.array_equal(animated(palette, [frame]).frames[0][1], palette[frame])


def test_a_palette_holds_paper_ink_and_accents(js):
    paper, ink, accents = [255, 255, 255], [23, 32, 43], [[29, 95, 191], [189, 31, 1]]
    palette = js("gif.blends(...x)", [paper, ink, accents])
    assert len(palette) <= 256
    assert all(colour in palette for colour in (paper, ink, *accents))
    greys = np.array([np.add(paper, np.subtract(ink, paper) * t) for t in np.linspace(0, 1, 64)])
    nearest = np.abs(greys[:, None] - np.array(palette)).max(2).min(1)
    assert nearest.max() < 3
