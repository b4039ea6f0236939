"""What is read of a run's folder while it is trained."""

import json

import pytest

from aecore.errors import LabError
from aecore.runs.status import Status, write_status
from aecore.web import progress
from aecore.web.progress import Records, Statuses


def record(epoch, **losses):
    losses = losses or {"loss": 150.0 - epoch, "reconstruction": 140.0 - epoch, "kl": 10.0}
    values = {"step": 43 * epoch, "steps": 258, "epoch": epoch, "seconds": epoch}
    return json.dumps(values | {"losses": losses, "test": losses}) + "\n"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "metrics.jsonl"


def test_only_new_records_are_read(path, monkeypatch):
    read = []
    parse = json.loads
    monkeypatch.setattr(progress.json, "loads", lambda text: read.append(text) or parse(text))
    records = Records(path.parent)
    assert (records.read(), records.rows, records.last) == (0, [], None)
    path.write_text("".join(map(record, range(1, 7))))
    assert records.read() == 0
    assert (len(records.rows), records.terms) == (6, ["loss", "reconstruction", "kl"])
    assert len(read) == 6
    with path.open("a") as file:
        file.write(record(7) + record(8)[:-5])  # the last is not whole yet
    assert records.read() == 6
    assert [row[0] for row in records.rows] == [1, 2, 3, 4, 5, 6, 7]
    assert len(read) == 7
    assert records.last["epoch"] == 7
    path.write_text(record(1) + record(9))  # trained again from an earlier moment
    assert records.read() == 0
    assert [row[0] for row in records.rows] == [1, 9]
    path.write_text("{}\n")
    with pytest.raises(LabError, match="damaged"):
        records.read()


def test_losses_that_come_with_a_later_phase_get_their_own_column(path):
    path.write_text(record(1, loss=3.0) + record(2, loss=2.0, adversary=0.123456789))
    records = Records(path.parent)
    records.read()
    assert records.terms == ["loss", "adversary"]
    assert records.rows == [[1, [3.0, None], [3.0, None]], [2, [2.0, 0.12346], [2.0, 0.12346]]]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_is_a_gap(path, value):
    path.write_text(record(1, loss=value, kl=1.0))
    records = Records(path.parent)
    records.read()
    assert records.rows == [[1, [None, 1.0], [None, 1.0]]]


def test_where_a_workspace_stands_differs_once_a_run_has_moved_on(tmp_path):
    statuses = Statuses(tmp_path)
    assert (statuses.stand, statuses.lively) == ("", False)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_status(tmp_path / name, Status("queued"))
    statuses.read()
    first = statuses.stand
    assert statuses.lively
    write_status(tmp_path / "a", Status("running", phase="training"))
    statuses.read()
    assert statuses.stand != first
    for name in ("a", "b"):
        write_status(tmp_path / name, Status("done"))
    statuses.read()
    assert not statuses.lively
    (tmp_path / "a" / "status.json").unlink()
    statuses.read()
    assert statuses.stand == "b done "
