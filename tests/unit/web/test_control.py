"""Stop and Continue as the server answers them: whose run, from where, and what is refused."""

import json

import pytest
from starlette.applications import Starlette

import aecore
from aecore import jobs
from aecore.errors import LabError
from aecore.runs import Recorder, open_run
from aecore.runs.workspaces import new_token, open_workspace
from aecore.training import FitConfig
from aecore.web import control
from aecore.web.routes import routes

TOKEN = new_token()


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A visitor's run."""
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path))
    model = aecore.build_model("ae", hidden=[8])
    folder = open_workspace(TOKEN).new_folder("ae").absolute()
    Recorder(folder, model, "digits", FitConfig(epochs=1))
    return open_run(folder)


@pytest.fixture
def done(monkeypatch):
    """What was done, by name of the action and of the run."""
    found = []
    monkeypatch.setattr(jobs, "cancel", lambda run: found.append(("stop", run.name)))
    monkeypatch.setattr(jobs, "resume", lambda _, run: found.append(("continue", run.name)))
    return found


@pytest.fixture
def ask(asked):
    """Ask for an address; the status and the sentence, or no sentence where it is no JSON."""
    app = Starlette(routes=routes())

    def call(action, query, method="POST", headers=((control.HEADER, "1"),)):
        found = asked(app, f"/lab/run/{action}?{query}", method=method, **dict(headers))
        body = found.content
        return found.status, json.loads(body)["error"] if body[:1] == b"{" else None

    return call


@pytest.mark.parametrize("action", ["stop", "continue"])
def test_it_is_done_to_a_visitors_own_run(ask, run, done, action):
    assert ask(action, f"w={TOKEN}&run={run.name}") == (200, "")
    assert done == [(action, run.name)]


@pytest.mark.parametrize(
    "query",
    [
        *("", "w=&run=", "w=..&run={name}", "w={other}&run={name}", "w={token}"),
        *(f"w={{token}}&run={run}" for run in ("..%2F..", "x" * 300, "%00", "<b>")),
    ],
)
def test_nothing_is_done_to_a_run_that_is_not_in_the_workspace(ask, run, done, query):
    query = query.format(token=TOKEN, other=new_token(), name=run.name)
    status, sentence = ask("stop", query)
    assert status == 403
    assert sentence.endswith(".")
    assert done == []


def test_another_site_cannot_ask(ask, run, done):
    """A form sends no header of ours; a script asks first, which nothing here answers."""
    query = f"w={TOKEN}&run={run.name}"
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    assert ask("stop", query, headers=form)[0] == 403
    asks_first = (("Origin", "http://elsewhere"), ("Access-Control-Request-Method", "POST"))
    assert ask("stop", query, "OPTIONS", asks_first)[0] >= 400
    assert ask("stop", query, "GET")[0] >= 400
    assert done == []


def test_what_is_refused_is_said_in_a_sentence(ask, run, monkeypatch):
    query = f"w={TOKEN}&run={run.name}"
    assert ask("continue", query) == (
        409, "This run cannot be continued: it has come to its end, or is under way."
    )  # fmt: skip

    def full(run):
        raise LabError("The run could not be stopped: no space left.")

    monkeypatch.setattr(jobs, "cancel", full)
    assert ask("stop", query) == (409, "The run could not be stopped: no space left.")
