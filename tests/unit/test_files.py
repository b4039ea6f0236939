import errno
import json
import os
import pickle
import subprocess
import sys
import textwrap
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save as plain_safetensors

import aecore
from aecore import files
from aecore.errors import LabError
from aecore.files import read_header, read_tensors, write_atomic, write_json

HIDDEN = [4]


@pytest.fixture
def model():
    return aecore.build_model("ae", hidden=HIDDEN)


@pytest.fixture
def path(model, tmp_path):
    """A whole model file."""
    return model.save(tmp_path / "model.safetensors")


@pytest.fixture
def header(path):
    """The whole file's header, to be changed and given to `rewrite`."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length])


@pytest.fixture
def rewrite(path):
    """Put another header before the same weights."""

    def write(header):
        content = path.read_bytes()
        length = int.from_bytes(content[:8], "little")
        head = header if isinstance(header, bytes) else json.dumps(header).encode()
        path.write_bytes(len(head).to_bytes(8, "little") + head + content[8 + length :])
        return path

    return write


def refused(path, words=None):
    """Loading the file gives one sentence or two for a person, and nothing else."""
    with pytest.raises(LabError, match=words) as caught:
        aecore.load_model(path)
    message = str(caught.value)
    assert path.name in message
    assert "\n" not in message
    assert len(message) < 400


# Model files that are not what they should be


@pytest.mark.parametrize("kept", [0, 1, 7, 8, 9, 100, 0.05, 0.5, 0.99, -1])
def test_a_truncated_file_is_refused(path, kept):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept) if isinstance(kept, float) else kept])
    refused(path)


def test_bytes_after_the_end_are_refused(path):
    path.write_bytes(path.read_bytes() + b"\0")
    refused(path, "damaged: bytes follow")


class Trap:
    """Unpickling this would make the folder `sprung`."""

    def __reduce__(self):
        return os.mkdir, ("sprung",)


def other_files():
    rng = np.random.default_rng(0)
    for size in (3, 8, 9, 1000, 100_000):
        yield f"random-{size}", rng.bytes(size)
    yield "zeros", bytes(1000)
    yield "text", b"Latent Lab\n" * 100
    yield "pickle", pickle.dumps(Trap())
    yield "safetensors of others", plain_safetensors({"a": torch.zeros(3)})
    yield "with other metadata", plain_safetensors({"a": torch.zeros(3)}, {"format": "pt"})


@pytest.mark.parametrize("content", [pytest.param(c, id=name) for name, c in other_files()])
def test_other_files_are_refused(content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    refused(path, "is not a Latent Lab model file")
    assert not (tmp_path / "sprung").exists()


def test_archives_are_refused(model, tmp_path):
    torch.save(model.state_dict(), tmp_path / "model.pt")
    refused(tmp_path / "model.pt", "is not a Latent Lab model file")
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as file:
        file.writestr("data.pkl", pickle.dumps(Trap()))
    refused(tmp_path / "model.zip", "is not a Latent Lab model file")


def test_what_cannot_be_read_is_refused(tmp_path):
    refused(tmp_path / "absent.safetensors", "cannot be read: No such file")
    refused(tmp_path, "cannot be read: Is a directory")
    refused(tmp_path / "nul\0")


# Headers that lie


@pytest.mark.parametrize("length", [2**60, 2**63, 2**64 - 1, 10**6, 10**6 + 1, 0, 1])
def test_a_wrong_header_length_is_refused(path, length):
    path.write_bytes(length.to_bytes(8, "little") + path.read_bytes()[8:])
    refused(path, "is not a Latent Lab model file")


@pytest.mark.parametrize(
    "head",
    [
        b"null", b"[]", b"7", b'"text"', b"{", b"{}", b"\xff\xfe", b"[" * 100_000,
        b'{"__metadata__": 5}', b'{"__metadata__": {"latent-lab": 5}}',
        b'{"__metadata__": {"latent-lab": "{}"}}', b'{"__metadata__": {"latent-lab": "[1]"}}',
        b'{"__metadata__": {"latent-lab": "no json"}}', b"9" * 5000,
    ],
    ids=lambda head: head[:40].decode(errors="replace"),
)  # fmt: skip
def test_a_header_of_another_kind_is_refused(rewrite, head):
    refused(rewrite(head), "is not a Latent Lab model file")


def test_a_header_has_a_largest_size(header, rewrite):
    head = json.dumps(header).encode()
    aecore.load_model(rewrite(head.ljust(files.MAX_HEADER)))
    refused(rewrite(head.ljust(files.MAX_HEADER + 1)), "is not a Latent Lab model file")


TENSOR = "encoder.1.weight"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shape", None), ("shape", []), ("shape", [4]), ("shape", [784, 4]), ("shape", [4, -784]),
        ("shape", [-4, -784]), ("shape", [4.0, 784.0]), ("shape", ["4", "784"]), ("shape", "48"),
        ("shape", [10**9, 10**9]), ("shape", [10**4000]), ("shape", [1] * 100_000), ("shape", {}),
        ("shape", [float("inf"), 784]), ("shape", [True, 3136]), ("shape", [[4], [784]]),
        ("dtype", "F64"), ("dtype", "F16"), ("dtype", None), ("dtype", []), ("dtype", "object"),
        ("data_offsets", None), ("data_offsets", []), ("data_offsets", [0]),
        ("data_offsets", [0, 1, 2]), ("data_offsets", "08"), ("data_offsets", [0, 10**18]),
        ("data_offsets", [-8, 12544]), ("data_offsets", [4, 12548]), ("data_offsets", [100, 0]),
        ("data_offsets", ["0", "12544"]), ("data_offsets", [0.0, 12544.0]),
        ("data_offsets", [float("nan"), float("inf")]), ("data_offsets", {"0": 1}),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_a_wrong_tensor_entry_is_refused(header, rewrite, field, value):
    header[TENSOR][field] = value
    refused(rewrite(header))


def test_tensors_may_not_overlap_or_leave_gaps(header, rewrite):
    other = "decoder.2.weight"
    assert header[other]["shape"] == [784, 4]
    refused(
        rewrite(header | {TENSOR: header[other] | {"shape": [4, 784]}}), "do not fit its header"
    )


@pytest.mark.parametrize("entry", [None, 5, [], "text", {}])
def test_an_entry_that_is_no_tensor_is_refused(header, rewrite, entry):
    refused(rewrite(header | {TENSOR: entry}), "is not a Latent Lab model file")


def test_missing_and_foreign_weights_are_refused(header, rewrite):
    renamed = {("other" if name == TENSOR else name): entry for name, entry in header.items()}
    refused(rewrite(renamed), "its weights are not those of the model it describes")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "newer Latent Lab"),
        ({"version": "1"}, "newer Latent Lab"),
        ({"family": None}, "is not a Latent Lab model file"),
        ({"family": ["ae"]}, "is not a Latent Lab model file"),
        ({"family": "gan"}, "no model 'gan'"),
        ({"family": "gan" * 10**5}, "no model 'gangan"),
        ({"version": "1" * 10**5}, "newer Latent Lab"),
        ({"family": "classifier"}, "no option"),
        ({"family": "vae"}, "its weights are not those"),
        ({"options": None}, "is not a Latent Lab model file"),
        ({"options": {}}, "its weights are not those"),
        ({"options": {"latent_dim": 10**9}}, "latent_dim must be"),
        ({"options": {"latent_dim": 1024, "hidden": [8192] * 8}}, "its weights are not those"),
        ({"options": {"hidden": [10**6]}}, "Each size in hidden"),
        ({"options": {"hidden": [4] * 10**4}}, "hidden must be"),
        ({"options": {"hidden": "4"}}, "hidden must be"),
        ({"options": {"network": "conv", "hidden": [8192, 8192]}}, "its weights are not those"),
        ({"options": {"network": []}}, "no network"),
        ({"options": {"activation": []}}, "no activation"),
        ({"options": {"activation": "__class__"}}, "no activation"),
        ({"options": {"self": 1}}, "no option 'self'"),
        ({"options": {"name": "vae"}}, "is not a Latent Lab model file"),
        ({"options": {"seed": 10**30}}, "seed must be"),
        ({"family": "classifier", "options": {"classes": 10**9}}, "classes must be"),
        ({"family": "classifier", "options": {"classes": -1}}, "classes must be"),
        ({"family": "classifier", "options": {"classes": "x"}}, "classes must be"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(header, rewrite, change, words):
    meta = json.loads(header["__metadata__"][files.FORMAT])
    if change.get("options"):
        change = change | {"options": {"hidden": HIDDEN} | change["options"]}
        if change.get("family") == "classifier":
            del change["options"]["hidden"]
    header["__metadata__"][files.FORMAT] = json.dumps(meta | change)
    refused(rewrite(header), words)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_are_refused(model, value, tmp_path):
    with torch.no_grad():
        model.decoder[0].bias[1] = value
    refused(model.save(tmp_path / "model.safetensors"), "not finite numbers")


def test_too_many_weights_are_refused(path, monkeypatch):
    monkeypatch.setattr(files, "MAX_VALUES", 1000)
    refused(path, "more than 1,000 weights")


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs Linux's memory peak")
def test_absurd_sizes_cost_no_memory(path, tmp_path):
    """In a process of its own: its peak stays below what any of the claims would take."""
    code = """
        import json, sys
        from pathlib import Path
        import aecore

        def peak():
            lines = Path("/proc/self/status").read_text().splitlines()
            return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024

        path = Path(sys.argv[1])
        aecore.load_model(path)
        content, before, refused = path.read_bytes(), peak(), 0
        length = int.from_bytes(content[:8], "little")
        claims = [{"latent_dim": 1024, "hidden": [8192] * 8}, {"latent_dim": 10**9}]
        claims += [{"hidden": [10**6]}, {"network": "conv", "hidden": [8192, 8192]}]
        heads = [(2**60, content[8 : 8 + length])]
        for options in claims:
            for everywhere in (False, True):
                header = json.loads(content[8 : 8 + length])
                meta = json.loads(header["__metadata__"]["latent-lab"])
                meta["options"] |= options
                header["__metadata__"]["latent-lab"] = json.dumps(meta)
                for name, entry in header.items():
                    if everywhere and name != "__metadata__":
                        entry["shape"] = [8192, 8192]
                        entry["data_offsets"] = [0, 8192 * 8192 * 4]
                head = json.dumps(header).encode()
                heads.append((len(head), head))
        for claimed, head in heads:
            path.write_bytes(claimed.to_bytes(8, "little") + head + content[8 + length :])
            try:
                aecore.load_model(path)
            except aecore.LabError:
                refused += 1
        assert refused == len(heads) == 9, refused
        assert peak() - before < 60, (before, peak())
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(path)], check=True)


@pytest.mark.parametrize("seed", range(20))
def test_flipped_bits_load_or_are_refused(path, seed):
    """Whatever is flipped, wherever: a model or a `LabError`, never anything else."""
    rng = np.random.default_rng(seed)
    whole = path.read_bytes()
    end = 8 + int.from_bytes(whole[:8], "little")
    for _ in range(20):
        content = np.frombuffer(whole, np.uint8).copy()
        where = rng.integers(0, rng.choice([8, end, len(content)]), rng.integers(1, 4))
        content[where] ^= (1 << rng.integers(0, 8, len(where))).astype(np.uint8)
        path.write_bytes(content.tobytes())
        try:
            loaded = aecore.load_model(path)
        except LabError:
            continue
        else:
            assert all(torch.isfinite(p).all() for p in loaded.parameters())


# What a whole file gives


def test_the_header_says_what_the_file_holds(model, path):
    header = read_header(path)
    assert (header.meta["family"], header.meta["options"]) == ("ae", model.options)
    assert set(header.tensors) == set(model.state_dict())


@pytest.mark.parametrize(("half", "dtype"), [(False, "<f4"), (True, "<f2")])
def test_tensors_are_read_as_stored(model, half, dtype, tmp_path):
    path = model.save(tmp_path / "model.safetensors", half=half)
    arrays = read_tensors(path)
    for name, value in model.state_dict().items():
        assert arrays[name].dtype == np.dtype(dtype)
        assert np.array_equal(arrays[name], value.numpy().astype(dtype))
    assert list(read_tensors(path, ["encoder.1.bias"])) == ["encoder.1.bias"]


def test_an_absent_tensor_is_refused(path):
    with pytest.raises(LabError, match="is not a Latent Lab model file"):
        read_tensors(path, ["encoder.1.bias", "absent"])


def test_extra_values_travel_in_the_file(model, tmp_path):
    path = model.save(tmp_path / "model.safetensors", extra={"dataset": "kmnist"})
    assert read_header(path).meta["dataset"] == "kmnist"


def test_safetensors_reads_our_files(model, path):
    from safetensors.torch import load_file

    theirs = load_file(path)
    assert all(torch.equal(theirs[name], value) for name, value in model.state_dict().items())


# Writing


def full(*args, **kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("where", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_whole(model, path, where, monkeypatch):
    before = path.read_bytes()
    with torch.no_grad():
        model.decoder[0].bias += 1
    monkeypatch.setattr(os, where, full)
    with pytest.raises(LabError, match="could not be written: No space left"):
        model.save(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_nothing(path, failure):
    def write(file):
        file.write(b"half")
        raise failure

    before = path.read_bytes()
    with pytest.raises((LabError, KeyboardInterrupt)):
        write_atomic(path, write)
    assert path.read_bytes() == before
    with pytest.raises((LabError, KeyboardInterrupt)):
        write_atomic(path.with_name("new"), write)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("place", ["absent/model", "file/model", "n" * 300])
def test_a_place_that_cannot_be_written_is_refused(place, tmp_path):
    (tmp_path / "file").write_bytes(b"a file")
    with pytest.raises(LabError, match="could not be written"):
        write_atomic(tmp_path / place, lambda file: file.write(b"x"))
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_json_is_readable_and_strict(tmp_path):
    path = write_json(tmp_path / "card.json", {"σ": [1, 0.5]})
    assert "σ" in path.read_text(encoding="utf-8")
    assert json.loads(path.read_bytes()) == {"σ": [1, 0.5]}
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"a": float("nan")})
    assert json.loads(path.read_bytes()) == {"σ": [1, 0.5]}
