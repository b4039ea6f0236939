import json
import os
import struct
import time
from dataclasses import replace

import pytest

import aecore
from aecore.errors import LabError
from aecore.files import read_header
from aecore.runs import SHIPPED, Recorder, list_runs, open_run, runs_folder
from aecore.runs.limits import LIMITS, limit, sentences
from aecore.runs.networks import OURS, header_of
from aecore.runs.status import STALE, Status, beat, read_status, write_status
from aecore.runs.workspaces import (
    LONGEST_NOTES,
    LONGEST_TITLE,
    Note,
    expire,
    new_token,
    open_workspace,
    workspaces_folder,
)
from aecore.training import FitConfig

CONFIG = FitConfig(epochs=2, batch_size=64, seed=7)


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture
def workspace():
    return open_workspace(new_token())


def make(workspace, family="vae", **options):
    """A run in a workspace, with weights."""
    model = aecore.build_model(family, **{"hidden": [8], **options})
    recorder = Recorder(workspace.new_folder(family), model, "digits", CONFIG)
    recorder.keep(model)
    return open_run(recorder.folder)


def everything(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


# Tokens


HOSTILE = [
    "", ".", "..", "../../etc/passwd", "/etc/passwd", "a" * 19, "a" * 65, "a" * 10**6,
    "a" * 22 + "/", "a" * 22 + "\n", "a" * 22 + "\0", "ä" * 22, "a b" * 8, "%2e%2e%2f" * 4,
    "..\\" * 8, "$(reboot)" * 3, "' OR 1=1 --" * 2, "<script>alert(1)</script>", None, 5,
    ["a" * 22], b"a" * 22,
]  # fmt: skip


@pytest.mark.parametrize("token", HOSTILE, ids=lambda token: repr(token)[:20])
def test_a_hostile_token_opens_nothing(token, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LabError, match="not the address of a workspace") as caught:
        open_workspace(token)
    assert len(str(caught.value)) < 200
    assert everything(tmp_path) == set()


def test_tokens_cannot_be_guessed_and_cannot_be_read_off_the_disk(workspace, runs):
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == 22 for token in tokens)
    token = new_token()
    run = make(open_workspace(token))
    assert token not in str(run.folder)
    for path in runs.rglob("*"):
        assert path.is_dir() or token.encode() not in path.read_bytes()
    assert open_workspace(token).runs() == [run]
    assert open_workspace(token[:-1] + ("A" if token[-1] != "A" else "B")).runs() == []


def test_opening_a_workspace_writes_nothing(workspace, runs):
    assert workspace.runs() == []
    assert workspace.size() == 0
    assert not runs.exists()


# Runs in a workspace


def test_runs_are_seen_in_their_own_workspace_only(workspace):
    other = open_workspace(new_token())
    mine, theirs = make(workspace), make(other, "ae")
    assert workspace.runs() == [mine]
    assert other.runs() == [theirs]
    assert list_runs() == []  # nor among those that belong to all
    for action in (
        lambda: workspace.run(theirs.name),
        lambda: workspace.note(theirs),
        lambda: workspace.write_note(theirs, title="mine"),
        lambda: workspace.delete(theirs),
        lambda: workspace.delete(open_run(SHIPPED / "mnist-ae")),
    ):
        with pytest.raises(LabError, match=r"no run .* in this workspace"):
            action()
    assert (theirs.folder / "config.json").exists()


@pytest.mark.parametrize("name", ["..", "../x", "", "/etc", "A", "a" * 65, None, 7])
def test_a_hostile_run_name_opens_nothing(workspace, name):
    make(workspace)
    with pytest.raises(LabError, match="1 to 64 of a-z"):
        workspace.run(name)


def test_a_newer_run_stands_before_an_older(workspace):
    for year in ("2031", "2029", "2030"):
        run = make(workspace)
        config = json.loads((run.folder / "config.json").read_bytes())
        (run.folder / "config.json").write_text(json.dumps(config | {"created": year}))
    assert [run.config.created for run in workspace.runs()] == ["2031", "2030", "2029"]


def test_a_deleted_run_is_gone(workspace):
    run = make(workspace)
    workspace.delete(run)
    assert workspace.runs() == []
    assert not run.folder.exists()


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_run_under_way_is_not_deleted(workspace, state):
    run = make(workspace)
    write_status(run.folder, Status(state))
    with pytest.raises(LabError, match=r"still under way\. Stop it first"):
        workspace.delete(run)
    assert workspace.runs() == [run]


# Titles and notes


def test_a_note_is_kept_and_changed_in_parts(workspace):
    run = make(workspace)
    assert workspace.note(run) == Note()
    assert workspace.title(run) == run.name
    workspace.write_note(run, title="Wide", notes="Line one.\nLine two.")
    workspace.write_note(run, group="series")
    assert workspace.note(run) == Note("Wide", "Line one.\nLine two.", "series")
    assert workspace.title(run) == "Wide"
    workspace.write_note(run, title="")
    assert workspace.title(run) == run.name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "../../etc/passwd"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("  a \n\t b\0\x1b[31m ", "a b[31m"),
        ("right\u202eto left", "rightto left"),
        ("half \ud800 character", "half character"),
        ("Überraschung 潜在 🎈", "Überraschung 潜在 🎈"),
        ('{"a": 1}', '{"a": 1}'),
    ],
)
def test_a_title_is_text_and_nothing_else(workspace, given, kept):
    run = make(workspace)
    before = everything(workspace.folder)
    workspace.write_note(run, title=given)
    assert workspace.note(run).title == kept
    assert everything(workspace.folder) - before == {f"{run.name}/note.json"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": "a" * (LONGEST_TITLE + 1)}, "title may have up to 80 characters; this has 81"),
        ({"notes": "a" * (LONGEST_NOTES + 1)}, "notes may have up to 4,000"),
        ({"group": "a" * 10**6}, "group may have up to 80"),
        ({"title": 5}, "title must be a text"),
        ({"notes": b"bytes"}, "notes must be a text"),
    ],
    ids=str,
)
def test_a_text_beyond_its_bounds_is_refused(workspace, change, words):
    run = make(workspace)
    with pytest.raises(LabError, match=words):
        workspace.write_note(run, **change)
    assert workspace.note(run) == Note()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"other": 1}', b"\xff", b"[" * 10**5])
def test_a_damaged_note_is_none(workspace, content):
    run = make(workspace)
    (run.folder / "note.json").write_bytes(content)
    assert workspace.note(run) == Note()


# Uploads


@pytest.fixture
def content(workspace):
    """A model file, as someone downloaded it."""
    return make(open_workspace(new_token())).weights.read_bytes()


def test_a_downloaded_model_can_be_uploaded_elsewhere(workspace, content, same):
    run = workspace.receive(content)
    assert workspace.runs() == [run]
    assert (run.family, run.latent_dim, run.config.dataset) == ("vae", 2, "digits")
    assert FitConfig(**run.config.fit) == CONFIG
    assert same(run.model(), aecore.build_model("vae", hidden=[8]))
    assert sorted(p.name for p in run.folder.iterdir()) == ["config.json", "model.safetensors"]


def test_a_model_file_tells_all_that_its_card_says(workspace):
    run = make(workspace)
    recorder = Recorder.of(run, seconds=12.34)
    recorder.keep(run.model())
    meta = read_header(run.weights).meta
    assert FitConfig(**meta["fit"]) == CONFIG
    assert (meta["dataset"], meta["seconds"]) == ("digits", 12.3)
    assert meta["created"] == run.config.created


def test_an_older_file_is_taken_without_its_settings(workspace, tmp_path):
    path = aecore.build_model("ae", hidden=[8]).save(tmp_path / "old.safetensors")
    with pytest.raises(LabError, match="does not say what it was trained on"):
        workspace.receive(path.read_bytes())
    run = workspace.receive(path.read_bytes(), "digits")
    assert (run.config.fit, run.config.dataset) == ({}, "digits")
    assert len(workspace.runs()) == 1


def refused(content, how):
    """What someone might send instead of a model file."""
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])

    def with_header(header, weights=content[8 + length :]):
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + weights

    def with_meta(**changes):
        meta = json.loads(header["__metadata__"]["latent-lab"]) | changes
        return with_header({**header, "__metadata__": {"latent-lab": json.dumps(meta)}})

    return {
        "empty": b"",
        "a few bytes": b"abc",
        "truncated": content[:-100],
        "only a header": content[: 8 + length],
        "longer": content + b"more",
        "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
        "a zip": b"PK\3\4" + b"\0" * 500,
        "a pickle": b"\x80\4\x95" + b"\0" * 500,
        "a huge header": struct.pack("<Q", 2**62) + content[8:],
        "a long header": struct.pack("<Q", 10**7) + b" " * (10**7 + 8),
        "nested": with_header({}, b"")[:8] + b"[" * 10**5,
        "not ours": with_header({k: v for k, v in header.items() if k != "__metadata__"}),
        "another family": with_meta(family="ae"),
        "an unknown family": with_meta(family="gan"),
        "a family of code": with_meta(family="__import__('os')"),
        "a huge model": with_meta(options={"hidden": [8192] * 8}),
        "an option too many": with_meta(options={"hidden": [8], "device": "cuda"}),
        "options of no table": with_meta(options=[1, 2]),
        "newer": with_meta(version=99),
        "an unknown dataset": with_meta(dataset="../../etc"),
        "a dataset of no text": with_meta(dataset={"a": 1}),
        "not a number": content[:-4] + struct.pack("<f", float("nan")),
    }[how]


HOW = [
    "empty", "a few bytes", "truncated", "only a header", "longer", "a picture", "a zip",
    "a pickle", "a huge header", "a long header", "nested", "not ours", "another family",
    "an unknown family", "a family of code", "a huge model", "an option too many",
    "options of no table", "newer", "an unknown dataset", "a dataset of no text", "not a number",
]  # fmt: skip


@pytest.mark.parametrize("how", HOW)
def test_a_hostile_upload_leaves_nothing(workspace, content, how):
    with pytest.raises(LabError) as caught:
        workspace.receive(refused(content, how))
    assert len(str(caught.value)) < 500
    assert str(workspace.folder) not in str(caught.value)
    assert everything(workspace.folder) == set()


def with_meta(content, change):
    """A model file whose description of itself is changed."""
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    meta = json.loads(header["__metadata__"]["latent-lab"])
    header["__metadata__"]["latent-lab"] = json.dumps(change(meta))
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content[8 + length :]


def test_settings_that_do_not_hold_are_not_believed(workspace, content):
    for fit in ({"epochs": -5}, {"shell": "rm"}, "fast", None):
        sent = with_meta(content, lambda meta, fit=fit: meta | {"fit": fit})
        assert workspace.receive(sent).config.fit == {}


SPOILED = [None, 1, "x", [], {}, {"decoder": None}, {"decoder": {"inputs": [], "layers": 3}}, [[1]]]


@pytest.mark.parametrize("spoiled", SPOILED, ids=str)
@pytest.mark.parametrize("field", ["networks", "prior", "browser", "seconds", "created"])
def test_what_a_file_says_of_its_networks_is_not_believed(workspace, content, field, spoiled):
    """What follows from family and options is described here, whatever stands in the file."""
    expected = read_header(workspace.receive(content).weights)
    run = workspace.receive(with_meta(content, lambda meta: meta | {field: spoiled}))
    found = read_header(run.weights)
    assert (found.meta["networks"], found.meta["prior"]) == (
        expected.meta["networks"],
        expected.meta["prior"],
    )
    assert found.tensors == expected.tensors
    without = with_meta(content, lambda meta: {k: v for k, v in meta.items() if k != field})
    again = read_header(workspace.receive(without).weights)
    assert again.meta["networks"] == expected.meta["networks"]


def test_another_network_than_its_weights_is_not_believed(workspace, content):
    """Not even one that runs: an activation that the model does not have."""

    def change(meta):
        for layer in meta["networks"]["decoder"]["layers"]:
            layer["op"] = layer["op"].replace("gelu", "relu")
        return meta

    run = workspace.receive(with_meta(content, change))
    decoder = read_header(run.weights).meta["networks"]["decoder"]["layers"]
    assert [layer["op"] for layer in decoder] == ["linear", "gelu", "linear", "reshape"]


@pytest.mark.parametrize("field", ["networks", "prior"])
def test_what_an_upload_of_before_says_of_its_networks_is_not_believed(workspace, content, field):
    run = workspace.receive(content)
    write_status(run.folder, Status("done", kind="measure"))
    expected = header_of(run)

    def before(meta):
        return {name: value for name, value in meta.items() if name != OURS} | {field: "spoiled"}

    run.weights.write_bytes(with_meta(run.weights.read_bytes(), before))
    assert read_header(run.weights).meta[field] == "spoiled"
    found = header_of(run)
    assert found.meta[field] == expected.meta[field]
    assert found.tensors == expected.tensors
    run.weights.write_bytes(with_meta(run.weights.read_bytes(), lambda meta: {"family": "vea"}))
    with pytest.raises(LabError) as caught:
        header_of(run)
    assert "model" in caught.value.visitor


def test_half_weights_stay_half(workspace, tmp_path, same):
    model = aecore.build_model("ae", hidden=[8])
    path = model.save(tmp_path / "half.safetensors", half=True)
    run = workspace.receive(path.read_bytes(), "digits")
    assert {t["dtype"] for t in read_header(run.weights).tensors.values()} == {"F16"}
    assert same(run.model(), aecore.load_model(path))


def test_a_model_beyond_the_limit_of_weights_is_refused_with_both_numbers(
    workspace, content, monkeypatch
):
    monkeypatch.setenv("LATENT_LAB_PARAMETERS", "1000")
    with pytest.raises(LabError, match=r"has 13,396 weights, and may have up to 1,000"):
        workspace.receive(content)
    assert everything(workspace.folder) == set()


def test_images_that_are_not_here_are_named(workspace, content, tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_LAB_DATA", str(tmp_path / "empty"))
    with pytest.raises(LabError, match=r"MNIST.* is not here") as caught:
        workspace.receive(content, "mnist")
    assert str(tmp_path) not in str(caught.value)
    assert everything(workspace.folder) == set()


def test_a_classifier_is_refused(workspace):
    with pytest.raises(LabError, match="holds a classifier"):
        workspace.receive((SHIPPED / "mnist-classifier" / "model.safetensors").read_bytes())
    assert everything(workspace.folder) == set()


def test_a_file_beyond_the_limit_is_refused(workspace, content, monkeypatch):
    monkeypatch.setenv("LATENT_LAB_UPLOAD_MB", "0.01")
    with pytest.raises(LabError, match=r"larger than 0.01 MB"):
        workspace.receive(content)


def test_a_full_workspace_takes_no_more(workspace, content, monkeypatch):
    workspace.receive(content)
    monkeypatch.setenv("LATENT_LAB_QUOTA_MB", "0.1")
    with pytest.raises(LabError, match=r"keeps 0 of 0.1 MB; .* Delete some of its runs"):
        workspace.receive(content)
    assert len(workspace.runs()) == 1


# Age


def age(folder, days):
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (time.time() - days * 86_400,) * 2)


def test_old_runs_expire_and_their_empty_workspace_with_them(workspace):
    other = open_workspace(new_token())
    old, young, theirs = make(workspace), make(workspace), make(other)
    age(old.folder, 61)
    age(theirs.folder, 61)
    assert sorted(expire()) == sorted([old.name, theirs.name])
    assert workspace.runs() == [young]
    age(other.folder, 61)
    assert expire() == []
    assert not other.folder.exists()
    assert workspaces_folder().exists()


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_run_under_way_never_expires(workspace, state):
    run = make(workspace)
    write_status(run.folder, Status(state))
    later = time.time() + 365 * 86_400
    assert expire(later) == []
    write_status(run.folder, Status("done"))
    assert expire(later) == [run.name]


def test_what_was_changed_lately_is_young(workspace, monkeypatch):
    run = make(workspace)
    age(workspace.folder, 61)
    workspace.write_note(run, notes="still in use")
    assert expire() == []
    monkeypatch.setenv("LATENT_LAB_DAYS", "0")
    assert expire(time.time() + 1) == [run.name]


def test_rubbish_in_the_folder_expires_too(workspace):
    run = make(workspace)
    (run.folder / "config.json").write_text("{")
    age(run.folder, 61)
    assert expire() == [run.name]


# Status


def test_a_status_is_kept(tmp_path):
    status = Status("failed", "It broke.", "", "train", "abc", 1.0, 2.0, 3.0)
    write_status(tmp_path, status)
    found = read_status(tmp_path)
    assert replace(found, beat=None) == status
    assert found.beat == pytest.approx(time.time(), abs=5)


def test_a_run_without_a_sign_of_life_was_interrupted(tmp_path):
    write_status(tmp_path, Status("running", phase="training", job="abc"))
    assert read_status(tmp_path).state == "running"
    late = time.time() - STALE - 1
    os.utime(tmp_path / "status.json", (late, late))
    found = read_status(tmp_path)
    assert (found.state, found.phase, found.job) == ("interrupted", "", "abc")
    assert "Continue it" in found.reason
    beat(tmp_path)  # a machine that slept
    assert read_status(tmp_path).state == "running"


@pytest.mark.parametrize("state", ["queued", "done", "failed", "stopped"])
def test_other_states_do_not_age(tmp_path, state):
    write_status(tmp_path, Status(state, phase="measuring"))
    os.utime(tmp_path / "status.json", (1, 1))
    assert read_status(tmp_path).state == state


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"7", b'{"state": "flying"}', b'{"state": 1}', b'{"x": 1}']
)
def test_a_damaged_status_is_a_failure(tmp_path, content):
    (tmp_path / "status.json").write_bytes(content)
    found = read_status(tmp_path)
    assert found.state == "failed"
    assert "damaged" in found.reason


def test_a_sign_of_life_for_a_run_that_is_gone_is_nothing(tmp_path):
    beat(tmp_path / "gone")
    assert read_status(tmp_path / "gone").state == "done"


# Limits


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_is_stated_and_can_be_set(name, monkeypatch):
    assert limit(name) == LIMITS[name].default
    monkeypatch.setenv(LIMITS[name].variable, "1234")
    assert limit(name) == 1234
    assert any("1,234" in sentence for sentence in sentences())
    for wrong in ("many", "-1", "nan", "inf"):
        monkeypatch.setenv(LIMITS[name].variable, wrong)
        with pytest.raises(LabError, match=LIMITS[name].variable):
            limit(name)
    monkeypatch.setenv(LIMITS[name].variable, " ")
    assert limit(name) == LIMITS[name].default


def test_the_folder_of_workspaces_is_where_the_runs_are():
    assert workspaces_folder() == runs_folder().absolute() / "workspaces"
