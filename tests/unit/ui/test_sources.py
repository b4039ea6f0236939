"""Where a page's images come from: the runs' own datasets, and digits that are here."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from aecore.ui import sources


@pytest.fixture
def found(monkeypatch):
    """Names of the sources for runs of some datasets, where others are on disk."""

    def of(*datasets, downloaded=()):
        known = sources.available_datasets()
        here = {"digits", "strokes", *downloaded}
        infos = [replace(info, on_disk=info.name in here) for info in known]
        monkeypatch.setattr(sources, "available_datasets", lambda: infos)
        runs = [SimpleNamespace(config=SimpleNamespace(dataset=name)) for name in datasets]
        return [source.name for source in sources.datasets(runs)]

    return of


def test_the_runs_own_come_first_and_digits_that_are_here_follow(found):
    assert found("mnist", downloaded=["mnist"]) == ["mnist", "digits", "strokes"]
    assert found("strokes", "mnist", downloaded=["mnist"]) == ["strokes", "mnist", "digits"]
    assert found("mnist", "fashion_mnist", downloaded=["fashion_mnist"]) == [
        *("fashion_mnist", "digits", "strokes", "mnist"),
    ]


def test_where_their_own_are_missing_others_of_their_kind_are_usual(found):
    assert found("mnist") == ["digits", "strokes", "mnist"]
    assert found("kmnist") == ["kmnist", "digits", "strokes"]
    assert found("deleted", downloaded=["mnist"]) == ["digits", "mnist", "strokes"]


def test_only_digits_are_read_by_the_classifier_of_digits():
    def runs(*names):
        return [SimpleNamespace(config=SimpleNamespace(dataset=name)) for name in names]

    assert sources.are_digits(runs("mnist", "digits", "strokes"))
    for other in ("fashion_mnist", "kmnist", "deleted"):
        assert not sources.are_digits(runs("mnist", other))
