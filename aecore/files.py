"""Files that are whole or absent: atomic writing, and safetensors headers read with suspicion.

Nothing here imports torch, so that a page can open a shipped run without it.
"""

import json
import os
import secrets
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from aecore.errors import LabError, unwritten

FORMAT = "latent-lab"
VERSION = 1
GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # no name, no time, any system

MAX_HEADER = 1_000_000  # bytes; ours are below 10 kB
MAX_VALUES = 100_000_000  # weights in one file; a float32 model of 400 MB
MAX_FILE = 4 * MAX_VALUES  # bytes, and so no number in a header is larger
DTYPES: dict[str, np.dtype] = {
    "F16": np.dtype("<f2"),
    "F32": np.dtype("<f4"),
    "U8": np.dtype("u1"),
    "U16": np.dtype("<u2"),
}


def write_atomic(path: str | Path, write: Callable[[BinaryIO], object]) -> Path:
    """Write a file beside its final place, then move it there in one step.

    Raises:
        LabError: when the disk is full or the folder cannot be written; no half file remains.
    """
    path = Path(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open(draft, "xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        raise LabError(
            f"{path.name} could not be written: {error.strerror or error}.", unwritten(error)
        ) from error
    finally:
        with suppress(OSError):  # mostly: it has been moved
            draft.unlink()
    return path


def write_arrays(path: str | Path, arrays: dict[str, Any]) -> Path:
    """Write named arrays as a compressed .npz file, atomically."""
    return write_atomic(path, lambda file: np.savez_compressed(file, **arrays))


def write_json(path: str | Path, value: object) -> Path:
    """Write plain values as readable JSON, atomically."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return write_atomic(path, lambda file: file.write(text.encode()))


@dataclass(frozen=True)
class Header:
    """What a model file says of itself before any weight is read."""

    tensors: dict[str, dict]
    meta: dict[str, Any]
    start: int  # of the first weight, in bytes


def read_header(path: str | Path) -> Header:
    """Read and check the header of a model file; no weight is read or allocated.

    The layout is safetensors': eight bytes of length, JSON, then the tensors' bytes. Every
    length is checked against the file's own size before it is believed.

    Raises:
        LabError: for a file that is missing, truncated, of another format, of a newer version,
            or whose tensors do not fill it exactly.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if size < 8 or length > min(MAX_HEADER, size - 8):
                raise not_a_model(path)
            header = json.loads(file.read(length))
            tensors = {k: v for k, v in header.items() if k != "__metadata__"}
            own = header.get("__metadata__", {}).get(FORMAT)
            if own is None:
                raise not_a_model(path)
            meta = json.loads(own)
            version = meta["version"]
    except OSError as error:
        raise LabError(
            f"{path.name} cannot be read: {error.strerror or error}.",
            "This model file cannot be read. Choose another run or file.",
        ) from error
    except LabError:
        raise
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
        raise not_a_model(path) from error
    if not isinstance(version, int) or version > VERSION:
        raise LabError(
            f"{path.name} was written by a newer Latent Lab (format {version!r:.20}; this one "
            f"reads up to {VERSION}). Update Latent Lab to open it.",
            "This model file was written by a newer Latent Lab. Choose another.",
        )
    _check_layout(path, tensors, size - 8 - length)
    return Header(tensors, meta, 8 + length)


def _check_layout(path: Path, tensors: dict[str, dict], available: int) -> None:
    """The tensors must lie back to back and end where the file ends."""
    end = 0
    spans: list[tuple[int, int, int, list[int]]] = []
    try:
        for tensor in tensors.values():
            begin, stop = _whole(tensor["data_offsets"], 2, 2)
            shape = _whole(tensor["shape"], 0, 8)
            spans.append((begin, stop, DTYPES[tensor["dtype"]].itemsize, shape))
    except (KeyError, TypeError, ValueError) as error:
        raise not_a_model(path) from error
    for begin, stop, itemsize, shape in sorted(spans):
        if begin != end or stop - begin != prod(shape) * itemsize:
            raise damaged(path, "its weights do not fit its header")
        end = stop
    if sum(prod(span[3]) for span in spans) > MAX_VALUES:
        large = f"holds more than {MAX_VALUES:,} weights, which is too large."
        raise LabError(f"{path.name} {large}", f"This model file {large}")
    if end != available:
        what = "truncated" if end > available else "damaged: bytes follow its last weight"
        again = "Copy or download it again."
        raise LabError(f"{path.name} is {what}. {again}", f"This model file is {what}. {again}")


def _whole(numbers: object, least: int, most: int) -> list[int]:
    """A short list of whole numbers from 0 on: nothing else that JSON could hold in its place."""
    if not isinstance(numbers, list) or not least <= len(numbers) <= most:
        raise ValueError(f"{numbers!r:.80} is no list of that length")
    if any(type(n) is not int or not 0 <= n <= MAX_FILE for n in numbers):
        raise ValueError(f"{numbers!r:.80} has more than whole numbers in range")
    return numbers


def read_tensors(path: str | Path, names: list[str] | None = None) -> dict[str, np.ndarray]:
    """Weights of a model file by name, in the precision they are stored in.

    Raises:
        LabError: as `read_header`.
    """
    header = read_header(path)
    wanted = list(header.tensors) if names is None else names
    if not set(wanted) <= set(header.tensors):
        raise not_a_model(path)
    arrays = {}
    with open(path, "rb") as file:
        for name in wanted:
            entry = header.tensors[name]
            begin, stop = entry["data_offsets"]
            file.seek(header.start + begin)
            values = np.frombuffer(file.read(stop - begin), DTYPES[entry["dtype"]])
            arrays[name] = values.reshape(entry["shape"])
    return arrays


def damaged(path: Path, why: str) -> LabError:
    """The error for a model file whose parts contradict each other."""
    return LabError(f"{path.name} is damaged: {why}.", f"This model file is damaged: {why}.")


def not_a_model(path: str | Path) -> LabError:
    """The one sentence for a file that is something else."""
    choose = "Choose a .safetensors file that was saved by Latent Lab."
    return LabError(
        f"{Path(path).name} is not a Latent Lab model file. {choose}",
        f"This is not a Latent Lab model file. {choose}",
    )


def pack(about: dict, arrays: dict[str, np.ndarray]) -> bytes:
    """JSON and arrays in one piece: four bytes of length, JSON, then arrays back to back.

    Values of two bytes and more are stored as all first bytes, then all second ones and so on,
    which compresses better; `assets/live/core/nn.js` reads it.

    Example:
        >>> import numpy as np
        >>> pack({}, {"a": np.array([1, 2], np.uint16)})[-4:]
        b'\\x01\\x02\\x00\\x00'
    """
    return b"".join(_pieces(about, arrays))


def packed(about: dict, arrays: dict[str, np.ndarray]) -> bytes:
    """The same, gzip-compressed.

    Each run of bytes goes the shorter of two ways: with matches, or, as suits weights, without.

    Example:
        >>> import gzip, numpy as np
        >>> one = {"a": np.linspace(0, 1, 100)}
        >>> gzip.decompress(packed({}, one)) == pack({}, one)
        True
    """
    found, check, size = [GZIP_HEADER], 0, 0
    for piece in _pieces(about, arrays):
        check, size = zlib.crc32(piece, check), size + len(piece)
        ways = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY)
        found.append(min((_deflated(piece, way) for way in ways), key=len))
    end = zlib.compressobj(wbits=-zlib.MAX_WBITS).flush()
    return b"".join([*found, end, check.to_bytes(4, "little"), size.to_bytes(4, "little")])


def _pieces(about: dict, arrays: dict[str, np.ndarray]) -> Iterator[bytes]:
    index = [{"name": k, "type": v.dtype.str[1:], "shape": v.shape} for k, v in arrays.items()]
    head = json.dumps({**about, "arrays": index}).encode()
    yield len(head).to_bytes(4, "little") + head
    for v in arrays.values():
        for plane in np.ascontiguousarray(v).view(np.uint8).reshape(-1, v.itemsize).T:
            yield plane.tobytes()


def _deflated(piece: bytes, way: int) -> bytes:
    """A part of a deflate stream, which ends with a byte, so that another can follow."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS, 9, way)
    return deflate.compress(piece) + deflate.flush(zlib.Z_SYNC_FLUSH)
