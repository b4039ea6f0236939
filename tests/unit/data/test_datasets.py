import errno
import gzip
import hashlib
import http.server
import io
import socket
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
import torch

from aecore.data import datasets as lab
from aecore.data import download
from aecore.errors import LabError
from aecore.ui.train.datasets import begin, current
from tests.conftest import busy

TRAIN, TEST = 6, 4
NAMES = [
    f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
]


def idx(array):
    """The bytes of an IDX file that holds this array."""
    return bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty data folder for every test."""
    monkeypatch.setenv("LATENT_LAB_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def files(monkeypatch):
    """The four files of a tiny MNIST, which the table then knows by its sizes."""
    tiny = replace(lab._SOURCES["mnist"], counts=(TRAIN, TEST), digests=())
    monkeypatch.setitem(lab._SOURCES, "mnist", tiny)
    rng = np.random.default_rng(0)
    arrays = []
    for count in (TRAIN, TEST):
        arrays.append(rng.integers(0, 256, (count, 28, 28), dtype=np.uint8))
        arrays.append(rng.integers(0, 10, count, dtype=np.uint8))
    return dict(zip(NAMES, map(idx, arrays), strict=True))


@pytest.fixture
def on_disk(folder, files):
    """The tiny MNIST, written where it is looked for; the value is its folder."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in files.items():
        (raw / name).write_bytes(content)
    return raw


def everything(folder):
    return sorted(p.name for p in folder.rglob("*") if p.is_file()) if folder.exists() else []


# Digits and the table


def test_digits_are_small_mnist_like_images():
    data = lab.load_dataset("digits")
    assert data.train.images.shape == (1352, 28, 28)
    assert data.test.images.shape == (445, 28, 28)
    assert data.classes == tuple("0123456789")
    for split in (data.train, data.test):
        assert split.images.dtype == split.labels.dtype == np.uint8
        assert (split.images.min(), split.images.max()) == (0, 255)
        assert not split.images[:, [0, 1, -2, -1]].any()  # an empty rim, as MNIST has
        assert 0.12 < split.images.mean() / 255 < 0.15  # MNIST: 0.13


def test_digits_split_is_stratified_and_disjoint():
    data = lab.load_dataset("digits")
    train, test = np.bincount(data.train.labels), np.bincount(data.test.labels)
    assert np.all(np.abs(test / (train + test) - 0.25) < 0.01)
    pictures = [{image.tobytes() for image in s.images} for s in (data.train, data.test)]
    assert len(pictures[0] | pictures[1]) == 1797


def test_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    levels, labels = lab._bundled_digits()
    assert np.array_equal(levels, load_digits().images)
    assert np.array_equal(labels, load_digits().target)


def test_digits_are_always_the_same():
    data = lab.load_dataset("digits")
    again = lab._SOURCES["digits"].make()
    for split, other in zip((data.train, data.test), again, strict=True):
        assert np.array_equal(split.images, other.images)
        assert np.array_equal(split.labels, other.labels)


def test_a_dataset_is_loaded_once_and_cannot_be_changed():
    data = lab.load_dataset("digits")
    assert lab.load_dataset("digits", download=True) is data
    with pytest.raises(ValueError, match="read-only"):
        data.train.images[0, 0, 0] = 1
    with pytest.raises(AttributeError):
        data.train = data.test


@pytest.mark.parametrize("name", ["mnits", "", None, ["digits"]])
def test_unknown_name_lists_the_names(name):
    for call in (lab.load_dataset, lab.download_dataset):
        with pytest.raises(LabError, match="digits, mnist, fashion_mnist, kmnist, strokes"):
            call(name)


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (np.zeros((2, 28, 28), np.uint8), np.zeros(3, np.uint8)),
        (np.zeros((2, 28, 28)), np.zeros(2, np.uint8)),
        (np.zeros((2, 28, 28), np.uint8), np.zeros(2)),
        (np.zeros((2, 784), np.uint8), np.zeros(2, np.uint8)),
        (np.zeros((2, 28, 28), np.uint8), np.zeros((2, 1), np.uint8)),
        (5, 5),
    ],
)
def test_a_split_refuses_what_does_not_fit(images, labels):
    with pytest.raises(LabError, match="A split needs"):
        lab.Split(images, labels)


def test_a_split_leaves_the_callers_arrays_alone():
    images = np.zeros((2, 28, 28), np.uint8)
    split = lab.Split(images, np.zeros(2, np.uint8))
    assert images.flags.writeable
    assert not split.images.flags.writeable


def test_nothing_heavy_is_imported_before_it_is_needed():
    code = (
        "import sys; from aecore.data import available_datasets, load_dataset;"
        "available_datasets(); load_dataset('digits');"
        "heavy = {'torch', 'torchvision', 'sklearn', 'scipy', 'streamlit', 'plotly'};"
        "assert not heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# Files on disk


def test_reads_what_was_written(on_disk, files):
    data = lab.load_dataset("mnist")
    for split, part in ((data.train, "train"), (data.test, "t10k")):
        assert idx(split.images) == files[f"{part}-images-idx3-ubyte"]
        assert idx(split.labels) == files[f"{part}-labels-idx1-ubyte"]
        assert not split.images.flags.writeable
    assert lab.load_dataset("mnist") is data


def test_the_cache_knows_the_folder(on_disk, folder, monkeypatch):
    data = lab.load_dataset("mnist")
    monkeypatch.setenv("LATENT_LAB_DATA", str(folder / "elsewhere"))
    with pytest.raises(LabError, match="elsewhere"):
        lab.load_dataset("mnist")
    monkeypatch.setenv("LATENT_LAB_DATA", str(folder))
    assert lab.load_dataset("mnist") is data


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "kmnist"])
def test_absent_dataset_says_how_to_get_it(name, folder):
    with pytest.raises(LabError) as caught:
        lab.load_dataset(name)
    assert f"python -m aecore download {name}" in str(caught.value)
    assert str(folder) in str(caught.value)
    assert "LATENT_LAB_DATA" in str(caught.value)


@pytest.mark.parametrize("missing", NAMES)
def test_each_file_is_needed(missing, on_disk):
    (on_disk / missing).unlink()
    with pytest.raises(LabError, match=f"lacks {missing}"):
        lab.load_dataset("mnist")
    assert not is_on_disk("mnist")


def is_on_disk(name):
    return {info.name: info.on_disk for info in lab.available_datasets()}[name]


def test_a_folder_in_place_of_a_file_is_refused(on_disk):
    (on_disk / NAMES[0]).unlink()
    (on_disk / NAMES[0]).mkdir()
    assert not is_on_disk("mnist")
    with pytest.raises(LabError, match="lacks"):
        lab.load_dataset("mnist")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda b: b"", "does not begin"),
        (lambda b: b[:6], "does not begin"),
        (lambda b: b"\x1f\x8b" + b[2:], "does not begin"),
        (lambda b: b[:2] + b"\x0d" + b[3:], "does not begin"),  # floats
        (lambda b: b[:7] + b"\xff" + b[8:], "holds an array of"),  # another count
        (lambda b: b[:4] + b"\xff" * 4 + b[8:], "holds an array of"),  # a huge count
        (lambda b: b[:-1], "bytes instead of"),
        (lambda b: b + b"\0", "bytes instead of"),
    ],
)
def test_damaged_files_are_refused(name, damage, words, on_disk):
    (on_disk / name).write_bytes(damage((on_disk / name).read_bytes()))
    with pytest.raises(LabError, match=words) as caught:
        lab.load_dataset("mnist")
    assert name in str(caught.value)
    assert "python -m aecore download mnist" in str(caught.value)


def test_images_of_another_size_are_refused(on_disk):
    (on_disk / NAMES[0]).write_bytes(idx(np.zeros((TRAIN, 14, 56), np.uint8)))
    with pytest.raises(LabError, match=r"\(6, 14, 56\) where \(6, 28, 28\)"):
        lab.load_dataset("mnist")


def test_images_and_labels_of_different_length_are_refused(on_disk):
    (on_disk / NAMES[1]).write_bytes(idx(np.zeros(TRAIN - 1, np.uint8)))
    with pytest.raises(LabError, match=r"\(5,\) where \(6,\)"):
        lab.load_dataset("mnist")


def test_labels_out_of_range_are_refused(on_disk):
    (on_disk / NAMES[3]).write_bytes(idx(np.full(TEST, 10, np.uint8)))
    with pytest.raises(LabError, match="labelled 10, but its labels are 0 to 9"):
        lab.load_dataset("mnist")


def test_a_mended_file_is_read_again(on_disk, files):
    (on_disk / NAMES[0]).write_bytes(b"")
    with pytest.raises(LabError):
        lab.load_dataset("mnist")
    (on_disk / NAMES[0]).write_bytes(files[NAMES[0]])
    assert len(lab.load_dataset("mnist").train) == TRAIN


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", [b"<html>", b"\0", b"\xff", b"\x00\x00\x08\x03"])
def test_a_file_of_the_right_size_that_is_none_does_not_count(name, content, on_disk, mirrors):
    size = (on_disk / name).stat().st_size
    (on_disk / name).write_bytes((content * size)[:size])
    assert not is_on_disk("mnist")
    with pytest.raises(LabError) as caught:
        lab.load_dataset("mnist")
    says = "The files of MNIST are damaged. Download MNIST on the page Train."
    assert caught.value.visitor == says
    mirrors("good")
    lab.download_dataset("mnist")
    assert is_on_disk("mnist")


def test_labels_of_no_class_do_not_count(on_disk, files):
    name = NAMES[3]
    (on_disk / name).write_bytes(files[name][:-1] + b"\x0a")
    assert not is_on_disk("mnist")


@pytest.mark.parametrize("name", NAMES)
def test_content_of_another_checksum_does_not_count(name, on_disk, files, mirrors):
    """Its size, its beginning and its labels are right."""
    spoiled = bytearray(files[name])
    spoiled[-1] = (spoiled[-1] + 1) % 10
    mirrors("good")
    (on_disk / name).unlink()
    lab.download_dataset("mnist")  # which notes the checksums
    assert is_on_disk("mnist")
    (on_disk / name).write_bytes(spoiled)
    assert not is_on_disk("mnist")
    with pytest.raises(LabError, match=rf"{name} is damaged: its content has another") as caught:
        lab.load_dataset("mnist")
    assert "damaged. Download MNIST on the page Train" in caught.value.visitor
    lab.download_dataset("mnist")
    assert is_on_disk("mnist")
    assert (on_disk / name).read_bytes() == files[name]


def test_published_checksums_count_without_a_note(on_disk, files, monkeypatch):
    digests = tuple(hashlib.sha256(content).hexdigest() for content in files.values())
    known = replace(lab._SOURCES["mnist"], digests=digests)
    monkeypatch.setitem(lab._SOURCES, "mnist", known)
    assert is_on_disk("mnist")
    (on_disk / NAMES[0]).write_bytes(files[NAMES[0]][:-1] + b"\0")
    assert not is_on_disk("mnist")


def test_a_checksum_is_computed_once_for_each_change(on_disk, files, monkeypatch):
    (on_disk / lab.SUMS).write_text(f"{'0' * 64}  {NAMES[0]}\n")
    computed = []
    monkeypatch.setattr(lab, "_sha256", lambda path: computed.append(path.name) or "0" * 64)
    for _ in range(5):
        assert is_on_disk("mnist")
    assert computed == [NAMES[0]]


def test_availability_is_judged_by_size(on_disk):
    infos = {info.name: info for info in lab.available_datasets()}
    assert list(infos) == ["digits", "mnist", "fashion_mnist", "kmnist", "strokes"]
    assert [info.on_disk for info in infos.values()] == [True, True, False, False, True]
    assert (infos["kmnist"].train_images, infos["kmnist"].test_images) == (60_000, 10_000)
    (on_disk / NAMES[0]).write_bytes(b"short")
    assert not is_on_disk("mnist")


@pytest.mark.parametrize(
    ("platform", "end"),
    [
        ("linux", ".cache/latent-lab"),
        ("darwin", "Library/Caches/latent-lab"),
        ("win32", "AppData/Local/latent-lab"),
    ],
)
def test_default_folder(platform, end, monkeypatch):
    monkeypatch.setenv("LATENT_LAB_DATA", "")
    monkeypatch.setattr(sys, "platform", platform)
    assert lab.data_folder().as_posix().endswith(end)


# Downloads


@pytest.fixture
def mirrors(tmp_path, files, monkeypatch):
    """A local server with the folders `good` and `bad`; the value sets MNIST's mirrors.

    `cut` sends half of each file, `slow` waits in the middle for the value's `gate`.
    """
    packed = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in files.items()}
    for place, change in (("good", lambda b: b), ("bad", lambda b: b[: len(b) // 2])):
        (tmp_path / place).mkdir()
        for name, content in packed.items():
            (tmp_path / place / name).write_bytes(change(content))

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(tmp_path))

        def log_message(self, *args):
            pass

        def do_GET(self):
            if self.path.startswith("/slow/"):  # waits in the middle
                content = packed[self.path.removeprefix("/slow/")]
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[:20])
                self.wfile.flush()
                choose.gate.wait(20)
                with suppress(OSError):  # whoever asked has gone
                    self.wfile.write(content[20:])
            elif self.path.startswith("/drip/"):  # a byte at a time, for as long as anyone reads
                self.send_response(200)
                self.end_headers()
                with suppress(OSError):
                    while not choose.gate.wait(0.02):
                        self.wfile.write(b"\0")
            elif self.path.startswith("/endless/"):
                self.send_response(200)
                self.end_headers()
                with suppress(OSError):
                    while not choose.gate.is_set():
                        self.wfile.write(bytes(1 << 16))
            elif self.path.startswith("/cut/"):  # promises the whole file, sends half
                content = packed[self.path.removeprefix("/cut/")]
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2])
            else:
                super().do_GET()

    dataset = lab._torchvision_datasets().MNIST
    sums = [(name, hashlib.md5(content).hexdigest()) for name, content in packed.items()]
    monkeypatch.setattr(dataset, "resources", sums)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        root = f"http://127.0.0.1:{server.server_port}/"

        def choose(*places):
            monkeypatch.setattr(dataset, "mirrors", [f"{root}{place}/" for place in places])

        choose.gate = threading.Event()
        yield choose
        choose.gate.set()
        server.shutdown()
        thread.join()


def test_download_puts_the_files_where_they_are_read(mirrors, folder, files):
    mirrors("good")
    data = lab.load_dataset("mnist", download=True)
    assert (len(data.train), len(data.test)) == (TRAIN, TEST)
    raw = folder / "MNIST" / "raw"
    found = {path.name: path.read_bytes() for path in raw.iterdir()}
    sums = found.pop(lab.SUMS).decode().split()
    assert found == files
    assert sums[::2] == [hashlib.sha256(content).hexdigest() for content in files.values()]
    assert sums[1::2] == list(files)
    assert everything(folder) == sorted([*NAMES, lab.SUMS])
    assert [path.name for path in folder.iterdir()] == ["MNIST"]
    assert is_on_disk("mnist")


@pytest.mark.parametrize("first", ["bad", "cut", "absent"])
def test_a_second_mirror_helps_out(first, mirrors, folder):
    mirrors(first, "good")
    calls = []
    lab.download_dataset("mnist", lambda *call: calls.append(call))
    assert everything(folder) == sorted([*NAMES, lab.SUMS])
    assert list(dict.fromkeys(c[2] for c in calls)) == [f"{n}.gz" for n in NAMES]
    for name in NAMES:
        done = [c[0] for c in calls if c[2] == f"{name}.gz"]
        assert done == sorted(done)
        assert done[-1] == [c[1] for c in calls if c[2] == f"{name}.gz"][-1]


@pytest.mark.parametrize("places", [("bad",), ("cut", "absent"), ("absent", "bad", "cut")])
def test_when_no_mirror_helps_nothing_is_left(places, mirrors, folder):
    mirrors(*places)
    with pytest.raises(LabError, match="MNIST could not be downloaded") as caught:
        lab.download_dataset("mnist")
    assert str(caught.value).count("127.0.0.1") == len(places)
    assert "try again" in str(caught.value)
    assert list(folder.iterdir()) == []
    mirrors("good")  # and so it is
    lab.download_dataset("mnist")
    assert is_on_disk("mnist")


def test_offline(mirrors, folder, monkeypatch):
    mirrors("good")
    closed = ["http://127.0.0.1:9/"]
    monkeypatch.setattr(lab._torchvision_datasets().MNIST, "mirrors", closed)
    with pytest.raises(LabError, match="Connection refused"):
        lab.load_dataset("mnist", download=True)
    assert everything(folder) == []


def test_a_wrong_sum_is_refused(mirrors, folder, monkeypatch):
    mirrors("good")
    sums = lab._torchvision_datasets().MNIST.resources
    wrong = [*sums[:3], (sums[3][0], "0" * 32)]
    monkeypatch.setattr(lab._torchvision_datasets().MNIST, "resources", wrong)
    with pytest.raises(LabError, match="arrived damaged"):
        lab.download_dataset("mnist")
    assert everything(folder) == []  # not even the three good ones


def test_an_interrupted_download_leaves_nothing(mirrors, folder):
    mirrors("good")

    def stop(done, total, name):
        if name.startswith("t10k"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lab.download_dataset("mnist", stop)
    assert list(folder.iterdir()) == []


def test_a_damaged_dataset_is_fetched_again_and_a_whole_one_is_not(mirrors, on_disk):
    (on_disk / NAMES[0]).write_bytes(b"half")
    mirrors("good")
    assert len(lab.load_dataset("mnist", download=True).train) == TRAIN
    mirrors("absent")
    lab.download_dataset("mnist")


def test_a_failed_download_keeps_what_was_there(mirrors, on_disk):
    (on_disk / NAMES[0]).unlink()
    mirrors("bad")
    with pytest.raises(LabError):
        lab.download_dataset("mnist")
    assert everything(on_disk) == sorted(NAMES[1:])


def test_downloads_at_the_same_time(mirrors, folder):
    mirrors("good")
    errors = []

    def fetch():
        try:
            lab.download_dataset("mnist")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert everything(folder) == sorted([*NAMES, lab.SUMS])
    assert len(lab.load_dataset("mnist").train) == TRAIN


def test_a_folder_that_cannot_be_written(mirrors, folder):
    mirrors("good")
    folder.write_text("a file in its place")
    with pytest.raises(LabError, match=r"cannot be stored .* LATENT_LAB_DATA"):
        lab.download_dataset("mnist")


@pytest.mark.parametrize(
    ("places", "says"),
    [
        (("absent",), "no mirror has the files at this time"),
        (("absent", "bad"), "the files arrived damaged"),
        (("cut",), "the files arrived damaged"),
    ],
)
def test_what_failed_is_said_in_short(places, says, mirrors, folder):
    mirrors(*places)
    with pytest.raises(lab.DownloadError) as caught:
        lab.download_dataset("mnist")
    assert caught.value.visitor.startswith(f"MNIST could not be downloaded: {says}.")
    assert "try again" in caught.value.visitor.lower()
    assert str(folder) not in caught.value.visitor
    assert "127.0.0.1" not in caught.value.visitor


@pytest.mark.parametrize(
    ("place", "says"), [("drip", "send too slowly"), ("endless", "arrived damaged")]
)
def test_a_mirror_that_drips_or_never_ends_is_given_up(place, says, mirrors, folder, monkeypatch):
    monkeypatch.setattr(download, "PATIENCE", 0.5)
    small = replace(lab._SOURCES["mnist"], packed=1_000_000)
    monkeypatch.setitem(lab._SOURCES, "mnist", small)
    mirrors(place)
    start, seen = time.monotonic(), []
    with pytest.raises(lab.DownloadError) as caught:
        lab.download_dataset("mnist", lambda done, total, file: seen.append(done))
    assert says in caught.value.visitor
    assert time.monotonic() - start < 5 * busy()
    assert max(seen) < 1_100_000
    assert everything(folder) == []
    mirrors(place, "good")  # the next mirror helps out
    lab.download_dataset("mnist")
    assert is_on_disk("mnist")


DRIPS = {
    "head": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "head without end": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "status line": (b"", b"H"),
    "chunk without end": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
    "handshake": (b"\x16\x03\x03\x40\x00", b"\0"),
}


@pytest.fixture
def drip():
    """The address of a server that sends a beginning, then the same piece again and again."""
    gone = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as pool:

        def answer(line, beginning, piece):
            with line, suppress(OSError):
                line.recv(4096)
                line.sendall(beginning)
                while not gone.wait(0.01):
                    line.sendall(piece)

        def serve(beginning, piece):
            def accept():
                with suppress(OSError):
                    while True:
                        pool.submit(answer, server.accept()[0], beginning, piece)

            threading.Thread(target=accept, daemon=True).start()
            return f"http://127.0.0.1:{server.getsockname()[1]}/"

        yield serve
        gone.set()
        with suppress(OSError):  # not connected, elsewhere than on Linux
            server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("kind", DRIPS)
def test_whatever_part_of_an_answer_drips_is_given_up(kind, drip, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "PATIENCE", 0.4)
    start = time.monotonic()
    address = drip(*DRIPS[kind])
    if kind == "handshake":
        address = address.replace("http:", "https:")
    problems = download.fetch([address], tmp_path / "file", "0" * 32, 10**6, None)
    assert [reason for reason, _ in problems] == ["slow"]
    assert time.monotonic() - start < 3 * busy()


def test_no_file_is_waited_for_longer_than_a_minute():
    assert download.PATIENCE + download.SILENCE < 60


def test_a_mirror_that_is_not_there_and_one_that_breaks_off(mirrors, folder, monkeypatch):
    mirrors("good")
    closed = ["http://127.0.0.1:9/"]
    monkeypatch.setattr(lab._torchvision_datasets().MNIST, "mirrors", closed)
    with pytest.raises(lab.DownloadError) as caught:
        lab.download_dataset("mnist")
    assert "no mirror can be reached. Check the internet" in caught.value.visitor

    class Breaks(io.BytesIO):
        headers: ClassVar = {}

        def read1(self, _):
            raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")

    monkeypatch.setattr(download, "opened", lambda *_: Breaks())
    with pytest.raises(lab.DownloadError) as caught:
        lab.download_dataset("mnist")
    assert "the connection broke off" in caught.value.visitor
    assert everything(folder) == []


def test_a_full_disk_is_no_fault_of_a_mirror(mirrors, folder, monkeypatch):
    mirrors("good", "good")
    opened = []

    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(lab.Path, "open", lambda path, *_: opened.append(path) or Full())
    with pytest.raises(lab.DownloadError, match=r"cannot be stored .*No space left") as caught:
        lab.download_dataset("mnist")
    assert caught.value.visitor == (
        "MNIST could not be stored: the disk is full. Free some space and try again."
    )
    assert len(opened) == 1
    assert everything(folder) == []


def test_sizes_of_a_download(on_disk, files):
    infos = {info.name: info for info in lab.available_datasets()}
    assert infos["mnist"].bytes_on_disk == sum(map(len, files.values()))
    assert (infos["digits"].packed_bytes, infos["digits"].bytes_on_disk) == (0, 0)
    for name in ("mnist", "fashion_mnist", "kmnist"):
        assert 10e6 < infos[name].packed_bytes < 40e6


# Downloads in the background of a page


def info_of(name):
    return next(info for info in lab.available_datasets() if info.name == name)


def until(condition):
    """Wait for another thread."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_one_download_for_all_who_ask(mirrors, folder):
    mirrors("slow")
    one = begin(info_of("mnist"), "one")
    assert one.says() in ("Looking for a mirror …", "0.0 of 12 MB here")  # it may have found one
    assert begin(info_of("mnist"), "another") is one
    until(lambda: one.done)
    assert current("mnist") is one
    assert one.running
    assert 0 < one.share < 1
    assert one.says().startswith("0.0 of 12 MB here")
    mirrors.gate.set()
    assert one.ended.wait(20)
    assert (one.wrong, one.running, is_on_disk("mnist")) == ("", False, True)
    assert one.done == sum(one._files.values())
    assert list(one._files) == [f"{name}.gz" for name in NAMES]


def test_a_cancelled_download_leaves_nothing_and_can_begin_again(mirrors, folder):
    mirrors("slow")
    one = begin(info_of("mnist"), "one")
    until(lambda: one.done)
    one.cancel("one")
    assert not one.running  # though its mirror keeps it waiting
    mirrors.gate.set()
    assert one.ended.wait(20)
    assert (one.wrong, everything(folder)) == ("", [])
    again = begin(info_of("mnist"), "one")
    assert again is not one
    assert again.ended.wait(20)
    assert is_on_disk("mnist")


def test_a_failed_download_says_why_and_can_begin_again(mirrors, folder):
    mirrors("absent")
    one = begin(info_of("mnist"), "one")
    assert one.ended.wait(20)
    assert one.wrong.startswith("MNIST could not be downloaded: no mirror has the files")
    assert current("mnist") is one
    mirrors("good")
    assert begin(info_of("mnist"), "one").ended.wait(20)
    assert is_on_disk("mnist")


def test_no_download_fills_the_disk(mirrors, folder, monkeypatch):
    mirrors("good")
    monkeypatch.setenv("LATENT_LAB_FREE_MB", "1000000000")
    one = begin(info_of("mnist"), "one")
    assert one.ended.wait(20)
    assert "MB left, too little for MNIST. Free some space" in one.wrong
    assert not folder.exists()


def test_digits_need_no_download(folder):
    lab.download_dataset("digits")
    assert not folder.exists()


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "kmnist"])
def test_torchvision_knows_the_same_files(name):
    source = lab._SOURCES[name]
    resources = getattr(lab._torchvision_datasets(), source.folder).resources
    assert sorted(f"{file}.gz" for file in source.files) == sorted(file for file, _ in resources)


# Pixels


@pytest.mark.parametrize("shape", [(3, 784), (3, 28, 28), (3, 1, 28, 28), (28, 28), (0, 784)])
@pytest.mark.parametrize("tensor", [False, True])
def test_pixels_of_every_shape_and_type(shape, tensor):
    grey = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    expected = grey.reshape(-1, 1, 28, 28) / 255
    for images in (grey, np.float32(grey / 255), grey / 255):
        pixels = lab.as_pixels(torch.from_numpy(images) if tensor else images)
        assert pixels.dtype == torch.float32
        assert pixels.shape == expected.shape
        assert np.allclose(pixels, expected, atol=1e-7)


def test_pixels_of_read_only_and_reversed_arrays():
    images = lab.load_dataset("digits").test.images
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pixels = lab.as_pixels(images[::-1, :, ::-1])
    assert torch.equal(pixels.flip(0, 3), lab.as_pixels(images))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_pixels_of_other_precisions(dtype):
    assert torch.equal(lab.as_pixels(torch.ones(2, 784, dtype=dtype)), torch.ones(2, 1, 28, 28))


def test_rounding_is_forgiven():
    pixels = lab.as_pixels(np.linspace(-1e-6, 1 + 1e-6, 784)[None])
    assert (pixels.min(), pixels.max()) == (0, 1)


def test_pixels_keep_the_gradient():
    images = torch.full((2, 784), 0.5, requires_grad=True)
    lab.as_pixels(images).sum().backward()
    assert torch.equal(images.grad, torch.ones(2, 784))


@pytest.mark.parametrize(
    "shape", [(), (784,), (3, 783), (3, 3, 28, 28), (3, 28, 28, 1), (28,), (1, 3, 1, 28, 28)]
)
def test_other_shapes_are_refused(shape):
    with pytest.raises(LabError, match="must have the shape"):
        lab.as_pixels(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -0.001, 1.001, 255.0])
def test_values_out_of_range_are_refused(value):
    images = np.zeros((2, 784))
    images[1, 5] = value
    with pytest.raises(LabError, match=r"finite and lie in \[0, 1\]"):
        lab.as_pixels(images)
    with pytest.raises(LabError, match=r"finite and lie in \[0, 1\]"):
        lab.as_pixels(torch.tensor(images))


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, 784), np.int64),
        torch.zeros(2, 784, dtype=torch.int32),
        np.zeros((2, 784), complex),
        [[0.0], [0.0, 1.0]],
        "seven",
        None,
    ],
)
def test_other_types_are_refused(images):
    with pytest.raises(LabError, match="must be one array of uint8"):
        lab.as_pixels(images)


# The real thing


def test_real_mnist(mnist):
    assert (len(mnist.train), len(mnist.test)) == (60_000, 10_000)
    assert mnist.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist.test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert mnist.train.images.mean() / 255 == pytest.approx(0.1307, abs=1e-4)
    assert np.bincount(mnist.test.labels).tolist() == [
        *(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
    ]


def test_real_mnist_cut_short(mnist, folder):
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / NAMES[0]).write_bytes(idx(mnist.train.images[:100]))
    (raw / NAMES[1]).write_bytes(idx(mnist.train.labels[:100]))
    (raw / NAMES[2]).write_bytes(idx(mnist.test.images[:100]))
    (raw / NAMES[3]).write_bytes(idx(mnist.test.labels))
    with pytest.raises(LabError, match=r"\(100, 28, 28\) where \(60000, 28, 28\)"):
        lab.load_dataset("mnist")
