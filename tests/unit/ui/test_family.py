"""What the Family page is sent: members as data, whichever of their runs are shipped."""

import gzip
import json

import numpy as np
import pytest

from aecore.errors import LabError
from aecore.files import read_tensors
from aecore.runs import SHIPPED, shipped_run
from aecore.ui.family import figures, members, stage, thumbnails
from aecore.ui.text import family as words
from aecore.web import shipped_runs


def test_every_member_has_words_and_a_parent_that_comes_from_the_first():
    names = [member.name for member in members.MEMBERS]
    assert list(words.MEMBERS) == names
    sliding = {member.name for member in members.MEMBERS if member.option or member.study}
    assert set(words.SLIDERS) == sliding
    assert [member.name for member in members.MEMBERS if member.parent is None] == ["ae"]
    assert all(member.parent in names for member in members.MEMBERS if member.parent)
    assert len({member.place for member in members.MEMBERS}) == len(names)
    for _, _, idea, _ in words.MEMBERS.values():
        assert len(idea.split()) <= 7


@pytest.mark.parametrize("member", members.MEMBERS, ids=lambda member: member.name)
def test_a_member_has_one_plain_run_or_one_for_each_of_its_own(member):
    assert len(member.plain) in {0, 1, len(member.runs)}
    assert not member.usual or member.usual in member.runs
    described = stage.described(member)
    shipped = [name for name in member.runs if (SHIPPED / name).is_dir()]
    assert [name for name in described["runs"] if name] == shipped
    assert len(described["stops"]) in {0, len(described["runs"])}
    assert described["usual"] < max(1, len(described["runs"]))


def test_a_slider_stops_at_runs_and_at_what_a_study_measured(monkeypatch, tmp_path):
    monkeypatch.setattr("aecore.studies.STUDIES", tmp_path)
    by_name = {member.name: member for member in members.MEMBERS}
    beta = stage.described(by_name["beta"])
    assert beta["stops"][beta["runs"].index("mnist-vae")] == "1"
    assert stage.described(by_name["iwae"])["stops"] == []
    (tmp_path / "beta.json").write_text('{"betas": [0.25, 0.5, 1.0, 8.0]}')
    (tmp_path / "importance.json").write_text('{"k": [1, 50, 5000]}')
    beta = stage.described(by_name["beta"])
    assert {".25", ".50", "1", "8"} <= set(beta["stops"])
    assert beta["stops"] == sorted(beta["stops"], key=float)
    assert beta["runs"][beta["stops"].index("8")] is None
    assert beta["runs"][beta["usual"]]
    iwae = stage.described(by_name["iwae"])
    assert (iwae["stops"], iwae["runs"], iwae["usual"]) == (["1", "50", "5000"], [None] * 3, 1)
    both = stage.described(by_name["m1m2"])
    assert (both["stops"], both["kinds"], both["usual"]) == (["M2", "M1+M2"], True, 1)


def test_runs_that_are_not_shipped_are_left_out(monkeypatch, tmp_path):
    monkeypatch.setattr(stage, "SHIPPED", tmp_path)
    monkeypatch.setattr("aecore.studies.STUDIES", tmp_path)
    for member in members.MEMBERS:
        described = stage.described(member)
        assert (described["runs"], described["plain"], described["stops"]) == ([], [], [])
    assert stage.first_runs([stage.described(one) for one in members.MEMBERS], {}) == {}


def test_the_runs_that_a_page_opens_with_come_with_it():
    told = [stage.described(member) for member in members.MEMBERS]
    asked = {"member": "denoising", "option": ".30", "against": "x" * 99, "unit": None}
    assert list(stage.first_runs(told, asked)) == ["mnist-dae-30", "mnist-ae-32"]


def test_a_browser_is_told_of_shipped_runs_alone(tmp_path, monkeypatch):
    about = shipped_runs.about("mnist-linear-30")
    assert (
        about["figures"]["pca_error"] == shipped_run("mnist-linear-30").card["figures"]["pca_error"]
    )
    assert "under_noise" not in about["figures"]
    (tmp_path / "own").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("own", "../mnist-ae", "x" * 99, ""):
        with pytest.raises(LabError):
            shipped_runs.about(name)


def test_thumbnails_are_there_for_the_runs_that_are(tmp_path, monkeypatch):
    def told():
        content = gzip.decompress(thumbnails.block())
        return json.loads(content[4 : 4 + int.from_bytes(content[:4], "little")])

    about = told()
    assert {"linear", "ae", "tied", "variational", "conditional"} <= set(about["thumbnails"])
    arrays = {array["name"]: array["shape"] for array in about["arrays"]}
    assert arrays["conditional"] == [10, 784]
    assert arrays["variational"] == [thumbnails.POINTS, 2]

    def missing(name):
        raise LabError(f"There is no run {name}.")

    monkeypatch.setattr(thumbnails, "shipped_run", missing)
    monkeypatch.setattr("aecore.studies.STUDIES", tmp_path)
    assert told()["thumbnails"] == {}

    (tmp_path / "beta.json").write_text('{"per_dimension": [[4, 2, 0.5], [3, 0.3, 0], [2, 0, 0]]}')
    models = '{"vae": {"bound": [90, 85]}, "iwae": {"bound": [95, 84]}}'
    (tmp_path / "importance.json").write_text(f'{{"k": [1, 50], "models": {models}}}')
    figures = told()["thumbnails"]
    assert figures["beta"]["values"] == pytest.approx([1, 0.1, 0])
    assert figures["iwae"]["lines"][1]["values"] == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("value", "off", "text"),
    [(0.02, False, ".02"), (0.1, True, "off"), (0, False, "0"), (5000, False, "5000")],
)
def test_stops_are_short(value, off, text):
    assert words.stop(value, off) == text
    assert stage.VIEW.read({"option": text})["option"] == text


def arrays_of(block):
    content = gzip.decompress(block)
    about = json.loads(content[4 : 4 + int.from_bytes(content[:4], "little")])
    return about, {array["name"]: array["shape"] for array in about["arrays"]}


def test_a_linear_decoders_columns_stand_beside_pcas_where_it_is_stored(monkeypatch, tmp_path):
    monkeypatch.setattr(figures, "PCA", tmp_path / "pca.npz")
    _, arrays = arrays_of(figures.linear())
    assert arrays == {"columns": [8, 784]}
    components = np.eye(30, 784, dtype=np.float16)
    np.savez(tmp_path / "pca.npz", mean=np.zeros(784), components=components)
    _, arrays = arrays_of(figures.linear())
    assert arrays == {key: [8, 784] for key in ("columns", "components", "nearest")}


def test_the_nearest_direction_lies_in_the_span_and_no_other_there_is_nearer():
    chance = np.random.default_rng(0)
    spanning, direction = chance.normal(size=(3, 9)), chance.normal(size=(1, 9))
    (found,) = figures.nearest(direction, spanning)
    assert np.linalg.norm(found) == pytest.approx(1)
    assert np.linalg.matrix_rank(np.vstack([spanning, found])) == 3
    others = chance.normal(size=(500, 3)) @ spanning
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    assert (others @ direction[0] <= found @ direction[0] + 1e-9).all()


def test_what_a_unit_looks_for_is_held_against_what_it_draws(monkeypatch):
    run = shipped_run("mnist-linear-30")  # of one layer whose weights are free
    monkeypatch.setattr(figures, "FREE", run.name)
    about, arrays = arrays_of(figures.tied())
    assert arrays == {key: [8, 784] for key in ("tied", "filters", "strokes")}
    assert about["weights"] == [393_284, 785_284]
    assert about["units"] == 30
    encoder, decoder = (
        read_tensors(run.weights, [name])[name].astype(float)
        for name in ("encoder.1.weight", "decoder.0.weight")
    )
    wanted = [np.corrcoef(encoder[k], decoder[:, k])[0, 1] for k in range(30)]
    assert about["mean_agreement"] == pytest.approx(np.mean(wanted), abs=1e-3)


def test_a_figure_whose_run_is_missing_has_no_address(monkeypatch, tmp_path):
    monkeypatch.setattr(figures, "SHIPPED", tmp_path)
    assert figures.urls() == {"linear": None, "tied": None}
