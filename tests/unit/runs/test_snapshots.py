import io
import zipfile

import numpy as np
import pytest
import torch

import aecore
from aecore.errors import LabError
from aecore.families.encoding import encode_images
from aecore.runs.snapshots import (
    COUNT,
    EXAMPLES,
    IMAGES,
    Plane,
    drop_after,
    examples,
    fixed_plane,
    list_snapshots,
    load_snapshot,
    moments,
    take,
)
from aecore.training import fit


def new(latent_dim=2, family="vae"):
    return aecore.build_model(family, latent_dim=latent_dim, hidden=[16])


@pytest.fixture(scope="module")
def seen(few):
    """A model and a look at it."""
    model = new()
    return model, take(model, few, 30, 1.5)


# Moments


@pytest.mark.parametrize("steps", [1, 2, 39, 40, 41, 500, 14_100, 10**7])
def test_moments_go_from_the_first_step_to_the_last(steps):
    found = moments(steps)
    assert (found[0], found[-1]) == (0, steps)
    assert found == sorted(set(found))
    assert len(found) <= COUNT + 1
    assert len(found) >= min(steps, COUNT) / 2


def test_moments_are_close_together_at_first():
    found = moments(10_000)
    gaps = np.diff(found)
    assert (np.diff(gaps) >= -1).all()  # to within a rounded step
    assert found[10] < 0.05 * 10_000 < found[20] < 0.2 * 10_000


# A look


def test_a_look_is_what_the_model_does(seen, few):
    model, snapshot = seen
    codes = model.encode(few.test.images).detach().numpy()
    assert np.allclose(snapshot.codes.values, codes, atol=1e-3)
    rebuilt = model.reconstruct(few.test.images[examples(few)]).detach().numpy()[:, 0]
    assert np.abs(snapshot.reconstructions - rebuilt * 255).max() <= 0.5001
    left, right, bottom, top = snapshot.extent
    corner = np.array([[left, top], [right, top], [right, bottom]], np.float32)
    drawn = model.decode(torch_of(corner)).detach().numpy()[:, 0] * 255
    for place, image in zip(((0, 0), (0, -1), (-1, -1)), drawn, strict=True):
        assert np.abs(snapshot.grid[place].astype(int) - image).max() <= 4
    assert (snapshot.codes.values[:, 0] > left).mean() > 0.98 > 0.9 > (codes[:, 0] > right).mean()


def torch_of(array):
    import torch

    return torch.from_numpy(array)


def test_one_image_of_each_class_is_rebuilt(digits):
    assert digits.test.labels[examples(digits)].tolist() == list(range(EXAMPLES))


def test_what_is_kept_is_what_is_loaded(seen, tmp_path):
    _, snapshot = seen
    path = snapshot.save(tmp_path)
    assert path.relative_to(tmp_path).as_posix() == "snapshots/00000030.npz"
    again = load_snapshot(path)
    assert (again.step, again.epoch) == (30, 1.5)
    for name in ("reconstructions", "grid", "extent"):
        assert np.array_equal(getattr(again, name), getattr(snapshot, name))
    assert np.array_equal(again.codes.values, snapshot.codes.values)
    assert np.array_equal(again.plane.axes, np.eye(2))
    assert list_snapshots(tmp_path) == [path]


@pytest.mark.parametrize("latent_dim", [1, 2, 3, 16, 64, 65])
def test_every_size_of_code(few, tmp_path, latent_dim):
    snapshot = load_snapshot(take(new(latent_dim, "ae"), few, 0, 0.0).save(tmp_path))
    assert snapshot.reconstructions.shape == (EXAMPLES, 28, 28)
    if latent_dim > 64:
        assert snapshot.codes is None is snapshot.grid
        assert fixed_plane(tmp_path, ended=True) is None
        return
    assert snapshot.codes.values.shape == (100, latent_dim)
    assert snapshot.grid.shape == (15, 15, 28, 28)
    plane = snapshot.plane
    if latent_dim > 1:
        assert np.allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-5)
        places = np.array([[0.5, -2.0]], np.float32)
        assert np.allclose(plane.project(plane.points(places)), places, atol=1e-5)


def test_codes_of_many_dimensions_are_of_fewer_images(digits):
    assert len(take(new(64, "ae"), digits, 0, 0.0).codes.values) == 445 < IMAGES


def test_all_looks_together_stay_small(digits, tmp_path):
    """41 looks at a model that has learned something and one that has not: below 4 MB."""
    model = aecore.build_model("ae")
    early = take(model, digits, 0, 0.0).save(tmp_path).stat().st_size
    list(fit(model, digits, epochs=3, batch_size=64))
    late = take(model, digits, 1, 3.0).save(tmp_path).stat().st_size
    assert max(early, late) * (COUNT + 1) < 4_000_000


# Planes


def test_a_plane_is_that_of_the_widest_directions():
    points = np.random.default_rng(0).normal(0, [0.1, 5, 1, 0.1], (500, 4)) + 3
    plane = Plane.of(points)
    assert np.abs(plane.axes).argmax(1).tolist() == [1, 2]
    assert plane.project(points).std(0) == pytest.approx([5, 1], rel=0.1)
    assert np.allclose(Plane.of(points[::-1]).axes, plane.axes, atol=1e-4)


def test_the_plane_is_fixed_after_the_first_epoch_and_again_at_the_end(few, tmp_path):
    planes = {}
    for step, epoch, seed in ((0, 0.0, 1), (5, 0.6, 2), (8, 1.0, 3), (16, 2.0, 4)):
        model = aecore.build_model("ae", latent_dim=3, hidden=[16], seed=seed)
        snapshot = take(model, few, step, epoch)
        snapshot.save(tmp_path)
        planes[step] = snapshot.plane.axes
        chosen = fixed_plane(tmp_path, ended=False)
        assert np.array_equal(chosen.axes, planes[min(step, 8)])
    assert np.array_equal(fixed_plane(tmp_path, ended=True).axes, planes[16])
    drop_after(tmp_path, 5)
    assert [int(path.stem) for path in list_snapshots(tmp_path)] == [0, 5]


def test_before_the_first_epoch_the_plane_changes_seldom(few, tmp_path):
    """With each other plane all moments travel anew."""
    planes = []
    for step in range(8):
        model = aecore.build_model("ae", latent_dim=3, hidden=[16], seed=step)
        take(model, few, step, step / 100).save(tmp_path)
        planes.append(fixed_plane(tmp_path, ended=False).axes)
        own = load_snapshot(list_snapshots(tmp_path)[(0, 1, 1, 3, 3, 3, 3, 7)[step]]).plane.axes
        assert np.array_equal(planes[-1], own)


def test_without_snapshots_there_is_nothing(tmp_path):
    assert list_snapshots(tmp_path) == []
    assert fixed_plane(tmp_path, ended=False) is None


# Damage


def test_other_files_are_no_snapshots(seen, tmp_path):
    path = seen[1].save(tmp_path)
    for name in ("notes.npz", ".00000031.npz.ab.tmp", "00000031.npy"):
        (path.parent / name).write_bytes(b"")
    assert list_snapshots(tmp_path) == [path]


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"no zip at all"])
def test_a_damaged_snapshot_is_refused(tmp_path, content):
    (tmp_path / "00000001.npz").write_bytes(content)
    with pytest.raises(LabError, match=r"00000001\.npz of the run is missing or damaged"):
        load_snapshot(tmp_path / "00000001.npz")


@pytest.mark.parametrize(
    "name", ["when", "rebuilt", "codes", "codes_low", "axes", "extent", "grid"]
)
@pytest.mark.parametrize("other", ["missing", "shape", "objects", "infinite"])
def test_arrays_of_another_kind_are_refused(seen, tmp_path, name, other):
    path = seen[1].save(tmp_path)
    with np.load(path) as file:
        arrays = dict(file)
    value = arrays.pop(name)
    match other:
        case "shape":
            arrays[name] = value.reshape(-1)[:1]
        case "objects":
            arrays[name] = np.array([{}], dtype=object)
        case "infinite" if value.dtype == np.float32:
            arrays[name] = np.full_like(value, np.inf)
    if name == "codes" and other in ("missing", "infinite"):
        return  # a snapshot of a model that has no plane
    np.savez(path, **arrays)
    with pytest.raises(LabError, match="damaged"):
        load_snapshot(path)


def test_a_truncated_snapshot_is_refused(seen, tmp_path):
    path = seen[1].save(tmp_path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(LabError, match="damaged"):
        load_snapshot(path)


def test_nothing_in_a_snapshot_is_pickled(seen, tmp_path):
    path = seen[1].save(tmp_path)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        for name in archive.namelist():
            assert b"'O'" not in archive.read(name)[:200]


def test_a_conditional_model_is_looked_at_with_its_labels(conditional, few):
    model = conditional(latent_dim=3, hidden=(16,)).eval()
    snapshot = take(model, few, 0, 0.0)
    labels = few.test.labels
    mean, _ = encode_images(model, few.test.images, labels)
    assert np.allclose(snapshot.codes.values, mean, atol=1e-3)
    chosen = examples(few)
    with torch.no_grad():
        rebuilt = model.reconstruct(few.test.images[chosen], torch.from_numpy(labels[chosen]))
    assert np.array_equal(snapshot.reconstructions, (rebuilt[:, 0].numpy() * 255).round())
