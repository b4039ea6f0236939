"""A page's view: every field meets hostile texts alike in Python and in the browser's module."""

import json
import random
import subprocess
from pathlib import Path

import pytest

from aecore.ui.state import Choice, Classes, Flag, Number, Planes, Point, Stops, Text, View, Whole
from aecore.ui.state import Path as Drawn

MODULE = Path(__file__).parents[2] / "assets" / "live" / "core" / "view.js"

# For each kind of field, one such and texts that mean something to it, as links have held them.
FIELDS = {
    Whole("at", 0, end=3): ["0", "2", "002"],
    Number("level", 0.1, low=0, high=10): ["0.25", "1", "10.0", ".5", "1e-05"],
    Number("place", 0.5, low=0, nearest=True): ["-1", "1e9", "0.5", "2000"],
    Point("z"): ["-0.5,12.345", "0,0", "1e-05,999.99", ",".join(["1"] * 99)],
    Choice("kind", "gaussian", ("gaussian", "masking")): ["masking", "Masking"],
    Flag("diff"): ["1"],
    Classes("hide"): ["", "0123456789", "771"],
    Planes("axes"): ["1.2", "2.11,pca", "umap,pca,99.1"],
    Stops("stops"): ["1,4,digits.15", "fashion_mnist.3,0"],
    Drawn("path"): ["0:0,0,1.5,-2", "1:1,1,1,1,2,2"],
    Text("band", pattern="pixels|[0-2]-[a-z]{4,7}"): ["pixels", "2-follows"],
}

HOSTILE = [
    *("", " ", "-", ".", ",", ":", "nan", "inf", "-inf", "Infinity", "1e999", "-1e999", "1e400"),
    *(
        "0x10",
        "1_0",
        "+1",
        " 1",
        "1 ",
        "1\n",
        "\n1",
        "1,",
        ",1",
        "1,,2",
        "--1",
        "1e",
        "1.2.3",
        "١٢",
    ),
    *(
        "９",
        "½",
        "null",
        "None",
        "undefined",
        "NaN",
        "true",
        "__proto__",
        "constructor",
        "toString",
    ),
    *("../../etc/passwd", "%00", "\0", "\u2028", "😀", "<script>", "' OR 1=1", "{}", "[]", "[1,2]"),
    *("9" * 10, "9" * 400, "1," * 200, "1.2," * 50, "0.1", "100.1", "1.100", "pca,", "PCA", "-0"),
    *(
        "2:0,0,1,1",
        "0:1,1,1,1",
        "0:1,1",
        "0:1,1,2",
        "0:",
        ":1,1,2,2",
        "mnist.1,mnist.1234567",
        "-1,2",
    ),
    *("2-LERP", "3-lerp", "pixels\n", "1000", "1000.01", "-1000,1000", "1" * 25, "0." + "0" * 23),
]


def _texts(good: list[str], count: int = 300) -> list[str]:
    """The hostile texts, the good ones, and good ones spoiled at a place or two."""
    random.seed(0)
    letters = "0123456789.,:-+eE _abcpxzlr\n\0é٣"
    spoiled = []
    for _ in range(count):
        text = list(random.choice(good))
        for _ in range(random.randint(1, 3)):
            at = random.randint(0, len(text))
            text[at : at + random.randint(0, 1)] = random.choice(letters) * random.randint(0, 2)
        spoiled.append("".join(text))
    return [*HOSTILE, *good, *spoiled]


@pytest.fixture(scope="module")
def in_the_browser(node) -> list[list]:
    """What the browser's module makes of the same texts: [value, its text] each."""
    program = f"""
        import {{ parse, print }} from {json.dumps(MODULE.as_uri())};
        let given = "";
        for await (const part of process.stdin) given += part;
        console.log(JSON.stringify(JSON.parse(given).map(([field, texts]) => texts.map((text) => {{
            const value = parse(field, text);
            return [value, value === null ? null : print(field, value)];
        }}))));"""
    given = json.dumps([[field.spec(), _texts(good)] for field, good in FIELDS.items()])
    done = subprocess.run(
        [node, "--input-type=module", "-e", program],
        input=given,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("number", range(len(FIELDS)), ids=[type(f).__name__ for f in FIELDS])
def test_python_and_the_browser_read_every_text_alike(in_the_browser, number):
    field, good = list(FIELDS.items())[number]
    for text, (value, printed) in zip(_texts(good), in_the_browser[number], strict=True):
        own = field.parse(text)
        assert own == value, text
        assert own is None or field.text(own) == printed, text


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: type(field).__name__)
def test_what_is_read_is_written_so_that_it_is_read_again(field):
    good = FIELDS[field]
    assert all(field.parse(text) is not None for text in good)
    for text in _texts(good):
        value = field.parse(text)
        if value is None:
            continue
        again = field.parse(field.text(value))
        if isinstance(field, Flag) or field.text(value) == "":
            continue
        assert field.text(again) == field.text(value), text


def test_a_spoiled_field_falls_back_alone():
    view = View(*FIELDS)
    query = {field.name: good[0] for field, good in FIELDS.items()}
    whole = view.read(query)
    assert None not in whole.values()
    for field in FIELDS:
        if isinstance(field, Classes):
            continue  # no text is too short for it
        found = view.read(query | {field.name: "\0spoiled"})
        assert found == whole | {field.name: field.default}


def test_no_parameter_has_two_meanings():
    names = [spec["name"] for spec in View(*FIELDS).spec()]
    assert len(names) == len(set(names))
