"""Datasets by name: grey images of 28 x 28 pixels with labels, as read-only NumPy arrays.

Nothing here imports torch until a download or `as_pixels` needs it, so a page can show an image
at once. A new dataset is one more entry in the table `_SOURCES`.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.util import find_spec
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aecore.data.download import FAILURES, Progress, fetch
from aecore.data.labels import choose_known
from aecore.errors import FULL, LabError

if TYPE_CHECKING:
    import torch
    from numpy.typing import ArrayLike, NDArray

SUMS = "SHA256SUMS"  # beside the files: their checksums as they were downloaded


@dataclass(frozen=True, eq=False)
class Split:
    """Images with their labels; the arrays are read-only.

    Arguments:
        images: uint8 (N, 28, 28), 0 (black) to 255 (white).
        labels: uint8 (N,), indices into the dataset's `classes`.
        known: bool (N,), which labels a model may use; all by default.

    Raises:
        LabError: for other types or shapes, or lengths that differ.

    Example:
        >>> len(Split(np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8)))
        3
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    known: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        # Views, so that the caller's own arrays stay as they were.
        images, labels = np.asarray(self.images).view(), np.asarray(self.labels).view()
        known = np.ones(labels.shape, bool) if self.known is None else np.asarray(self.known).view()
        right = images.shape[1:] == (28, 28) and labels.shape == images.shape[:1]
        if not right or images.dtype != np.uint8 or labels.dtype != np.uint8:
            raise LabError(
                "A split needs uint8 images (N, 28, 28) and N uint8 labels, not "
                f"{images.dtype} {images.shape} and {labels.dtype} {labels.shape}."
            )
        if known.shape != labels.shape or known.dtype != bool:
            raise LabError(
                f"known needs one truth value for each of {len(labels)} images, not "
                f"{known.dtype} {known.shape}."
            )
        for field, array in (("images", images), ("labels", labels), ("known", known)):
            array.setflags(write=False)
            object.__setattr__(self, field, array)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    @property
    def known_labels(self) -> NDArray[np.int64]:
        """The labels that a model may use, (N,); −1 for the others.

        Example:
            >>> part = np.array([True, False])
            >>> Split(np.zeros((2, 28, 28), np.uint8), np.uint8([7, 8]), part).known_labels.tolist()
            [7, -1]
        """
        return np.where(self.known, self.labels.astype(np.int64), -1)

    def binarised(self, seed: int = 0) -> Split:
        """The same with each pixel drawn once as 0 or 255: white with its grey as probability.

        Example:
            >>> greys = np.arange(0, 256, 51, dtype=np.uint8).repeat(1000)
            >>> split = Split(np.resize(greys, (90, 28, 28)), np.zeros(90, np.uint8))
            >>> np.unique(split.binarised().images).tolist()
            [0, 255]
        """
        draws = np.random.default_rng(seed).random(self.images.shape, dtype=np.float32)
        white = draws * 255 < self.images
        return replace(self, images=np.where(white, np.uint8(255), np.uint8(0)))


@dataclass(frozen=True, eq=False)
class Dataset:
    """A named dataset: training images, test images and the names of the classes.

    Raises:
        LabError: when a label has no class.

    Example:
        >>> data = load_dataset("digits")
        >>> data.title, data.train.images.shape, data.classes[data.train.labels[0]]
        ('Digits', (1352, 28, 28), '0')
    """

    name: str
    title: str
    train: Split
    test: Split
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        highest = max(int(split.labels.max(initial=0)) for split in (self.train, self.test))
        if highest >= len(self.classes):
            raise LabError(
                f"{self.title} has an image labelled {highest}, "
                f"but its labels are 0 to {len(self.classes) - 1}."
            )

    def few_labels(self, n: int, seed: int = 0) -> Dataset:
        """The same images, with known labels for n of the training images only.

        Arguments:
            n: how many, as many of each class.
            seed: of the choice.

        Raises:
            LabError: for an n that is no multiple of the classes, or more than there are.

        Example:
            >>> int(load_dataset("digits").few_labels(100).train.known.sum())
            100
        """
        known = choose_known(self.train.labels, n, len(self.classes), seed)
        return replace(self, train=replace(self.train, known=known))

    def binarised(self, seed: int = 0) -> Dataset:
        """The same images with pixels of 0 or 255 (see `Split.binarised`): −log p is then a
        probability of images that there are. The seed is that of the test images; those of training
        have another.
        """
        train, test = self.train.binarised(seed + 1), self.test.binarised(seed)
        return replace(self, train=train, test=test)


@dataclass(frozen=True)
class DatasetInfo:
    """The description of a dataset that is not loaded; `on_disk` means ready, offline.

    `kind` says what its images are of: all datasets of digits can be read by one classifier.
    `packed_bytes` are to be downloaded, and become `bytes_on_disk`; both are 0 for data made here.
    """

    name: str
    title: str
    description: str
    kind: str
    train_images: int
    test_images: int
    on_disk: bool
    packed_bytes: int
    bytes_on_disk: int


class _Damaged(Exception):
    """A file that is no data, and why."""


class DownloadError(LabError):
    """A download that failed."""


def load_dataset(name: str, *, download: bool = False, progress: Progress | None = None) -> Dataset:
    """Load a dataset by name; the same object is returned each time.

    `digits` comes with scikit-learn and `strokes` is generated (see `aecore.data.strokes`,
    which also knows the factors of each image). The others are read from `data_folder()`, laid
    out as torchvision does (`MNIST/raw/train-images-idx3-ubyte`, ...).

    Arguments:
        name: digits, mnist, fashion_mnist, kmnist or strokes.
        download: fetch the files first where they are missing or damaged.
        progress: told of the download, see `Progress`.

    Raises:
        LabError: for an unknown name, missing or damaged files, or a failed download.

    References:
        digits: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998.
        mnist: LeCun et al., Gradient-based learning applied to document recognition, 1998.
        fashion_mnist: Xiao, Rasul and Vollgraf, arXiv:1708.07747, 2017.
        kmnist: Clanuwat et al., Deep learning for classical Japanese literature,
        arXiv:1812.01718, 2018.

    Example:
        >>> data = load_dataset("digits")
        >>> len(data.train) + len(data.test)
        1797
    """
    folder = data_folder() if _source(name).folder else Path()
    if download:
        with suppress(LabError):
            return _load(name, folder)
        download_dataset(name, progress)
    return _load(name, folder)


def load_test_images(name: str) -> Split:
    """The test images of a dataset alone; made sooner than all of one that is drawn here.

    Raises:
        LabError: as `load_dataset`.

    Example:
        >>> len(load_test_images("digits"))
        445
    """
    make = _source(name).make_test
    return make() if make else load_dataset(name).test


def download_dataset(name: str, progress: Progress | None = None) -> None:
    """Fetch a dataset into `data_folder()`, or do nothing when it is there and whole.

    The files are fetched, checked and unpacked in a temporary folder and moved in place last, with
    their checksums, so an interrupted download leaves no half dataset and can simply be started
    again.

    Whatever `progress` raises ends the download and passes through.

    Raises:
        LabError: for an unknown name.
        DownloadError: when no mirror gives a good file, or the folder cannot be written to.

    Example:
        >>> download_dataset("digits")  # comes with scikit-learn: nothing to do
    """
    source, folder = _source(name), data_folder()
    raw = folder / source.folder / "raw"
    if not source.folder:
        return
    with suppress(LabError):
        _read_folder(name, raw)
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as scratch:
            _fetch_all(source, Path(scratch), progress)
            _read_folder(name, Path(scratch))
            _note_digests(source, Path(scratch))
            raw.mkdir(parents=True, exist_ok=True)
            for file in (*source.files, SUMS):
                os.replace(Path(scratch, file), raw / file)
    except OSError as error:
        kind = "full" if error.errno in FULL else "closed"
        raise DownloadError(
            f"{source.title} cannot be stored in {folder} ({error.strerror or error}). "
            "Free some space, or set LATENT_LAB_DATA to another folder.",
            f"{source.title} could not be stored: {FAILURES[kind]}",
        ) from error


def available_datasets() -> tuple[DatasetInfo, ...]:
    """List the datasets and whether each is on disk, with the content that it must have.

    Example:
        >>> available_datasets()[0].name, available_datasets()[0].on_disk
        ('digits', True)
    """
    found = []
    for name, source in _SOURCES.items():
        on_disk = not _unsound(source, data_folder() / source.folder / "raw")
        size = sum(map(_idx_size, source.files.values()))
        about = (name, source.title, source.description, source.kind, *source.counts)
        found.append(DatasetInfo(*about, on_disk, source.packed, size))
    return tuple(found)


def _unsound(source: _Source, raw: Path) -> list[str]:
    """The files that are missing or not what they must be; each is read once for each change."""
    classes, digests = len(source.classes), _digests(source, raw)
    return [
        file
        for file, shape in source.files.items()
        if not _is_whole(raw / file, shape, classes, digests.get(file))
    ]


def _digests(source: _Source, raw: Path) -> dict[str, str]:
    """SHA-256 of each file where it is known: as published, or as noted after the download."""
    if source.digests:
        return dict(zip(source.files, source.digests, strict=True))
    try:
        lines = (raw / SUMS).read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    return {file: digest for digest, _, file in (line.partition("  ") for line in lines)}


def _note_digests(source: _Source, raw: Path) -> None:
    """Write the checksums of files that have just arrived whole, as `sha256sum` does."""
    lines = [f"{_sha256(raw / file)}  {file}\n" for file in source.files]
    (raw / SUMS).write_text("".join(lines), encoding="ascii")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_whole(path: Path, shape: tuple[int, ...], classes: int, digest: str | None) -> bool:
    try:
        about = path.stat()
    except OSError:
        return False
    changed = (about.st_mtime_ns, about.st_ino)
    return about.st_size == _idx_size(shape) and _sound(path, shape, classes, digest, *changed)


@lru_cache(maxsize=64)
def _sound(
    path: Path, shape: tuple[int, ...], classes: int, digest: str | None, *changed: int
) -> bool:
    """Whether a file has its checksum, or where none is known begins as its kind does."""
    try:
        if digest:
            return _sha256(path) == digest
        with path.open("rb") as file:
            right = file.read(4 + 4 * len(shape)) == _idx_start(shape)
            return right and (len(shape) > 1 or max(file.read(), default=0) < classes)
    except OSError:
        return False


def data_folder() -> Path:
    """Return the folder of datasets: `LATENT_LAB_DATA`, or else the user's cache folder.

    Example:
        >>> data_folder().is_absolute()
        True
    """
    if chosen := os.environ.get("LATENT_LAB_DATA"):
        return Path(chosen).expanduser().absolute()
    usual = {"darwin": "~/Library/Caches", "win32": "~/AppData/Local"}.get(sys.platform, "~/.cache")
    return Path(usual).expanduser() / "latent-lab"


def as_pixels(images: ArrayLike | torch.Tensor) -> torch.Tensor:
    """Turn images into what the models take: a float32 tensor (B, 1, 28, 28) in [0, 1].

    A tensor stays on its device and keeps its gradient.

    Arguments:
        images: (B, 784), (B, 28, 28), (B, 1, 28, 28) or one image (28, 28); uint8 from 0 to
            255, or floats in [0, 1] (to within 1e-6).

    Raises:
        LabError: for any other shape or type, and for values that are not finite or out of range.

    Example:
        >>> as_pixels(load_dataset("digits").test.images[:5]).shape
        torch.Size([5, 1, 28, 28])
    """
    import torch

    wrong_type = "Images must be one array of uint8 (0 to 255) or of floats in [0, 1]"
    if not isinstance(images, torch.Tensor):
        try:
            images = torch.from_numpy(np.array(images, order="C"))
        except (ValueError, TypeError):  # rows of unequal length, text, objects
            raise LabError(f"{wrong_type}.") from None
    if images.dtype != torch.uint8 and not images.is_floating_point():
        raise LabError(f"{wrong_type}, not {str(images.dtype).removeprefix('torch.')}.")
    shape = tuple(images.shape)
    if shape != (28, 28) and shape[1:] not in ((784,), (28, 28), (1, 28, 28)):
        raise LabError(
            "Images must have the shape (B, 784), (B, 28, 28), (B, 1, 28, 28) or (28, 28), "
            f"not {shape}."
        )
    images = images.reshape(-1, 1, 28, 28)
    if images.dtype == torch.uint8:
        return images.to(torch.float32).div_(255)
    if images.numel():
        low, high = (value.item() for value in images.detach().aminmax())
        if not (low >= -1e-6 and high <= 1 + 1e-6):  # so put, NaN fails too
            raise LabError(
                f"Pixels must be finite and lie in [0, 1], but these reach from {low:.4g} to "
                f"{high:.4g}. Grey values of 0 to 255 must be uint8, or divided by 255."
            )
    return images.to(torch.float32).clamp(0, 1)


def _bundled_digits() -> tuple[np.ndarray, np.ndarray]:
    """What `sklearn.datasets.load_digits` reads: grey levels 0 to 16 (1797, 8, 8), and labels.

    Of its file: to import scikit-learn for it costs a process a second and 160 MB (measured).
    """
    package = find_spec("sklearn")
    places = package.submodule_search_locations if package else None
    if not places:
        raise LabError("Digits come with scikit-learn, which is not installed.")
    table = np.loadtxt(
        Path(places[0], "datasets", "data", "digits.csv.gz"), np.uint8, delimiter=","
    )
    return table[:, :-1].reshape(-1, 8, 8), table[:, -1]


def _digits() -> tuple[Split, Split]:
    from PIL import Image

    levels, labels = _bundled_digits()
    # A rim of two cells puts the figure in a box of about 20 pixels, and doubling the contrast
    # about mid-grey gives firm strokes: mean, ink and saturated share then match MNIST's.
    small = np.pad(np.rint(levels * (255 / 16)).astype(np.uint8), ((0, 0), (2, 2), (2, 2)))
    bicubic = Image.Resampling.BICUBIC
    large = np.stack([np.asarray(Image.fromarray(x).resize((28, 28), bicubic)) for x in small])
    images = np.clip(2.0 * large - 127.5, 0, 255).round().astype(np.uint8)
    test = np.zeros(len(labels), bool)
    for label in range(10):
        test[np.flatnonzero(labels == label)[3::4]] = True  # every fourth image of each class
    return Split(images[~test], labels[~test]), Split(images[test], labels[test])


def _strokes() -> tuple[Split, Split]:
    from aecore.data import strokes

    train, test = strokes.dataset()
    return Split(train.images, train.labels), Split(test.images, test.labels)


@cache
def _strokes_test() -> Split:
    from aecore.data import strokes

    test = strokes.test_part()
    return Split(test.images, test.labels)


@dataclass(frozen=True)
class _Source:
    title: str
    description: str
    counts: tuple[int, int]  # training and test images
    classes: tuple[str, ...]
    make: Callable[[], tuple[Split, Split]] | None = None  # for data made here
    make_test: Callable[[], Split] | None = None  # the second alone, where that is less work
    kind: str = "digits"  # what its images are of
    folder: str = ""  # for IDX files: the name of torchvision's class and of its folder
    packed: int = 0  # bytes of its files as they are downloaded
    mirrors: tuple[str, ...] = ()  # tried after torchvision's own
    digests: tuple[str, ...] = ()  # SHA-256 of each of its files, where they are published

    @property
    def files(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the files, images before labels; none for data made here."""
        train, test = self.counts
        shapes = {
            "train-images-idx3-ubyte": (train, 28, 28),
            "train-labels-idx1-ubyte": (train,),
            "t10k-images-idx3-ubyte": (test, 28, 28),
            "t10k-labels-idx1-ubyte": (test,),
        }
        return shapes if self.folder else {}


_TEN = tuple("0123456789")
_CLOTHES = "T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle boot"
_SOURCES = {
    "digits": _Source(
        "Digits", "Handwritten digits, few and always there", (1352, 445), _TEN, make=_digits
    ),
    "mnist": _Source(
        "MNIST",
        "Handwritten digits, the classic",
        (60_000, 10_000),
        _TEN,
        folder="MNIST",
        packed=11_594_722,
        digests=(
            "374ba378bee06c633f4800ac6a495f71d1b80b0e82bf763acbfa4c7e9c379f75",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    "fashion_mnist": _Source(
        "Fashion-MNIST",
        "Ten kinds of clothes, shoes and bags",
        (60_000, 10_000),
        tuple(_CLOTHES.split(", ")),
        kind="clothes",
        folder="FashionMNIST",
        packed=30_878_645,
        mirrors=(
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ),
    ),
    "kmnist": _Source(
        "Kuzushiji-MNIST",
        "Ten hiragana in old cursive writing",
        (60_000, 10_000),
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        kind="hiragana",
        folder="KMNIST",
        packed=21_240_888,
    ),
    "strokes": _Source(
        "Strokes",
        "Generated digits of known thickness and slant",
        (20_000, 4_000),
        _TEN,
        make=_strokes,
        make_test=_strokes_test,
    ),
}
_LOCK = threading.RLock()  # sessions that open at once share one load and one import


def _source(name: str) -> _Source:
    if not isinstance(name, str) or name not in _SOURCES:
        raise LabError(f"There is no dataset {name!r}. Choose one of: {', '.join(_SOURCES)}.")
    return _SOURCES[name]


def _load(name: str, folder: Path) -> Dataset:
    with _LOCK:
        return _load_once(name, folder)


@cache
def _load_once(name: str, folder: Path) -> Dataset:
    source = _source(name)
    if source.make:
        return Dataset(name, source.title, *source.make(), source.classes)
    return _read_folder(name, folder / source.folder / "raw")


def _read_folder(name: str, raw: Path) -> Dataset:
    source = _source(name)
    fetch = f"Run `python -m aecore download {name}`"
    again = f"Download {source.title} on the page Train."
    if missing := [file for file in source.files if not (raw / file).is_file()]:
        raise LabError(
            f"{source.title} is not on this machine: {raw} lacks {', '.join(missing)}. {fetch}, "
            f"or set LATENT_LAB_DATA to the folder that holds {source.folder}/raw.",
            f"{source.title} is not here. {again}",
        )
    try:
        x, y, test_x, test_y = (_read_idx(raw / file, size) for file, size in source.files.items())
        data = Dataset(name, source.title, Split(x, y), Split(test_x, test_y), source.classes)
        if unsound := _unsound(source, raw):
            raise _Damaged(f"{raw / unsound[0]} is damaged: its content has another checksum.")
        return data
    except (_Damaged, LabError) as error:  # that, or labels without a class
        raise LabError(
            f"{error} {fetch} to fetch it again.",
            f"The files of {source.title} are damaged. {again}",
        ) from None


def _idx_size(shape: tuple[int, ...]) -> int:
    return 4 + 4 * len(shape) + prod(shape)


def _idx_start(shape: tuple[int, ...]) -> bytes:
    return bytes((0, 0, 8, len(shape))) + np.array(shape, ">u4").tobytes()  # 8: unsigned bytes


def _read_idx(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _Damaged(f"{path} cannot be read ({error.strerror or error}).") from error
    start = 4 + 4 * len(shape)
    if len(data) < start or data[:4] != bytes((0, 0, 8, len(shape))):  # 8: unsigned bytes
        raise _Damaged(f"{path} is damaged: it does not begin as an IDX file of its kind does.")
    found = tuple(np.frombuffer(data, ">u4", len(shape), offset=4).tolist())
    if found != shape:
        raise _Damaged(f"{path} holds an array of {found} where {shape} is expected.")
    if len(data) != _idx_size(shape):
        raise _Damaged(
            f"{path} is damaged: it has {len(data):,} bytes instead of {_idx_size(shape):,}."
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def _torchvision_datasets() -> Any:
    """Import torchvision.datasets, also where its build does not match a CPU-only torch."""
    with _LOCK:
        try:
            import torchvision.datasets as datasets
        except RuntimeError as error:
            if "torchvision::nms" not in str(error):
                raise
            import torch

            # Two operators never called here. Declared before the failure, they would clash with
            # a build that brings its own.
            schema = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            torch.library.define("torchvision::nms", schema)
            torch.library.define("torchvision::qnms", schema)
            import torchvision.datasets as datasets
        return datasets


def _fetch_all(source: _Source, scratch: Path, progress: Progress | None) -> None:
    datasets = _torchvision_datasets()
    dataset = getattr(datasets, source.folder)
    for file, md5 in dataset.resources:
        urls = [mirror + file for mirror in (*dataset.mirrors, *source.mirrors)]
        if problems := fetch(urls, scratch / file, md5, source.packed, progress):
            kinds = [kind for kind, _ in problems]
            raise DownloadError(
                f"{source.title} could not be downloaded: no mirror gave a good {file} "
                f"({'; '.join(text for _, text in problems)}). Check the internet connection and "
                "try again, or copy the unpacked files into "
                f"{data_folder() / source.folder / 'raw'}.",
                f"{source.title} could not be downloaded: "
                + next(says for kind, says in FAILURES.items() if kind in kinds),
            )
        datasets.utils.extract_archive(scratch / file, scratch)
