"""What pages say of a run that was chosen."""

from types import SimpleNamespace

import pytest

from aecore.runs import SHIPPED, list_runs
from aecore.ui import choosers, session


@pytest.mark.parametrize("kl", [0.0, 0.004, 0.09])
def test_a_collapsed_posterior_is_explained(monkeypatch, kl):
    monkeypatch.setattr(session, "title", lambda run: "my-vae")
    said = choosers.collapse(SimpleNamespace(card={"figures": {"kl": kl}}))
    assert said.startswith("Posterior collapse: the KL of my-vae is ")
    assert "says next to nothing of its image" in said


def test_no_run_that_came_with_the_app_has_collapsed():
    assert not any(choosers.collapse(run) for run in list_runs(SHIPPED))
