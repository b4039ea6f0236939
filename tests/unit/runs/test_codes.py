import io
import zipfile

import numpy as np
import pytest

from aecore.errors import LabError
from aecore.runs.codes import Codes, Quantised


def some(n=40, d=3, posterior=True, seed=0):
    rng = np.random.default_rng(seed)
    return Codes(
        mean=Quantised.of(rng.normal(size=(n, d))),
        log_std=Quantised.of(rng.normal(size=(n, d)) - 2, 8) if posterior else None,
        labels=rng.integers(0, 10, n, dtype=np.uint8),
        nats=rng.uniform(60, 200, n).astype(np.float32),
        reference=Quantised.of(rng.normal(size=(3 * n, d))),
        spacing=0.01,
        radius=0.125,
    )


@pytest.mark.parametrize(("bits", "dtype"), [(8, np.uint8), (12, np.uint16), (16, np.uint16)])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_quantising_costs_half_a_step_at_most(bits, dtype, scale):
    values = np.random.default_rng(0).normal(3, [1, 10, 0.1], (500, 3)) * scale
    q = Quantised.of(values, bits)
    assert q.levels.dtype == dtype
    step = (values.max(0) - values.min(0)) / (2**bits - 1)
    assert q.step == pytest.approx(step, rel=1e-5)
    rounding = np.abs(values).max(0) * 1e-6  # of float32
    assert (np.abs(q.values - values) <= step / 2 + rounding).all()
    assert np.array_equal(q.levels.min(0), [0, 0, 0])
    assert np.array_equal(q.levels.max(0), [2**bits - 1] * 3)


def test_a_constant_column_stays_what_it_is():
    values = np.array([[2.5, 0.0], [2.5, 1.0]])
    assert np.allclose(Quantised.of(values).values, values, atol=1e-6)


@pytest.mark.parametrize("posterior", [True, False])
def test_saving_and_loading_keeps_the_codes(posterior, tmp_path):
    codes = some(posterior=posterior)
    copy = Codes.load(codes.save(tmp_path / "codes.npz"))
    assert (len(copy), copy.latent_dim) == (40, 3)
    assert (copy.log_std is not None) == posterior
    assert np.array_equal(copy.mean.values, codes.mean.values)
    in_order = codes.reference.values[codes.reference.values[:, 0].argsort()]
    assert np.array_equal(copy.reference.values, in_order)
    assert np.array_equal(copy.labels, codes.labels)
    assert np.array_equal(copy.nats, codes.nats)
    assert copy.radius == codes.radius
    assert copy.spacing == pytest.approx(codes.spacing)
    if posterior:
        assert np.array_equal(copy.log_std.values, codes.log_std.values)


def damaged(content):
    yield "empty", b""
    yield "text", b"no codes here"
    yield "half", content[: len(content) // 2]
    yield "without its end", content[:-10]
    middle = len(content) // 2
    yield "another middle", content[:middle] + bytes(64) + content[middle + 64 :]


def archive(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


CONTENTS = dict(damaged(archive(**some().arrays())))


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_a_damaged_file_is_refused(content, tmp_path):
    path = tmp_path / "codes.npz"
    path.write_bytes(content)
    with pytest.raises(LabError, match=r"codes.npz of the run .* is missing or damaged"):
        Codes.load(path)


def test_an_absent_file_is_refused(tmp_path):
    with pytest.raises(LabError, match="missing or damaged"):
        Codes.load(tmp_path / "codes.npz")


ARRAYS = some().arrays()


@pytest.mark.parametrize("name", [name for name in ARRAYS if name != "log_std"])
def test_every_array_is_needed(name, tmp_path):
    path = tmp_path / "codes.npz"
    path.write_bytes(archive(**{k: v for k, v in ARRAYS.items() if k != name}))
    with pytest.raises(LabError, match="damaged"):
        Codes.load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"labels": ARRAYS["labels"][:-1]},
        {"nats": ARRAYS["nats"][:-1]},
        {"mean": ARRAYS["mean"][:, 0]},
        {"log_std": ARRAYS["log_std"][:, :2]},
        {"distances": np.zeros(1)},
        {"labels": np.array([{"an": "object"}] * 40)},  # would need pickle
    ],
    ids=lambda change: next(iter(change)),
)
def test_arrays_that_do_not_belong_together_are_refused(change, tmp_path):
    path = tmp_path / "codes.npz"
    path.write_bytes(archive(**ARRAYS | change))
    with pytest.raises(LabError, match="damaged"):
        Codes.load(path)


def test_the_file_is_compressed(tmp_path):
    with zipfile.ZipFile(some().save(tmp_path / "codes.npz")) as file:
        assert {info.compress_type for info in file.infolist()} == {zipfile.ZIP_DEFLATED}
