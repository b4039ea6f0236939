"""The event stream of trainings on a real server: what comes, is refused, outlives a cut."""

import dataclasses
import gzip
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from urllib.parse import urlencode

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

import aecore
from aecore import jobs
from aecore.jobs import Place, Spec
from aecore.runs import Recorder, open_run
from aecore.runs.snapshots import take
from aecore.runs.status import Status, write_status
from aecore.runs.workspaces import new_token, open_workspace
from aecore.web import events, progress
from aecore.web.content import contents
from aecore.web.events import Log, Streams, Words, id_of, seen_in

SPEC = Spec("vae", "digits", {"hidden": [8]}, {"epochs": 6, "batch_size": 32})


def record(epoch, **losses):
    losses = losses or {"loss": 150.0 - epoch, "reconstruction": 140.0 - epoch, "kl": 10.0}
    step = round(43 * epoch)
    values = {"step": step, "steps": 258, "epoch": epoch, "seconds": epoch, "losses": losses}
    return json.dumps(values | {"test": losses}) + "\n"


def append(run, *epochs):
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write("".join(map(record, epochs)))


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A folder of runs, and a queue that moves nothing."""
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path))
    monkeypatch.setattr(jobs, "queue", list)
    monkeypatch.setattr(progress, "_queue", (-1e9, []))
    monkeypatch.setattr(events, "LINGER", 3.0)


@pytest.fixture
def token():
    return new_token()


@pytest.fixture
def make(token):
    """A run of the workspace, as it is while it is trained."""

    def run(token=token, state="running", **options):
        workspace = open_workspace(token)
        spec = dataclasses.replace(SPEC, options=SPEC.options | options)
        model, settings = jobs.check(spec)
        folder = workspace.new_folder(spec.family).absolute()
        Recorder(folder, model, spec.dataset, settings)
        if state:
            phase = "training" if state == "running" else ""
            write_status(folder, Status(state, phase=phase))
        return open_run(folder)

    return run


@pytest.fixture(scope="module")
def server():
    """The two routes on a port of their own."""
    words = Words(
        lambda runs: " and ".join(f"{len(one.records.rows)} rows" for one in runs),
        lambda workspace, places: {"rows": [place.folder.name for place in places]},
    )
    streams = Streams(words)
    routes = [Route("/lab/events", streams.events), Route("/lab/progress", streams.progress)]
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(Starlette(routes=routes), port=port, log_level="warning")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield port
    running.should_exit = running.force_exit = True
    thread.join(10)


class Tab:
    """A browser's tab that follows: what it was sent, and what it makes of it."""

    def __init__(self, port, since="", **query):
        self.rows, self.parts, self.sizes, self.id = {}, {}, [], since
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Last-Event-ID": since} if since else {}
        self.connection.request("GET", f"/lab/events?{urlencode(query, True)}", headers=headers)
        self.answer = self.connection.getresponse()

    def events(self):
        name, data, whole = "", "", False
        for line in self.answer:
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                name = text[7:]
            elif text.startswith("data: "):
                data = json.loads(text[6:])
            elif text.startswith("id: "):
                self.id, whole = text[4:], True
            elif not text and name:
                self.take(name, data)
                self.whole = whole  # with it, all that was found at a look has come
                yield name, data
                name, whole = "", False

    def take(self, name, data):
        if name == "records":
            rows = self.rows.setdefault(data["of"], [])
            self.sizes.append(len(data["rows"]))
            rows[data["at"] :] = data["rows"]
        elif name != "end":
            self.parts[name, data["of"]] = data["value"]

    def until(self, met):
        """Go on until an event after which this holds."""
        for name, data in self.events():
            if met(name, data):
                return self
        raise AssertionError("the stream ended")

    def rest(self):
        """All names of events until the stream ends."""
        return [name for name, _ in self.events()]

    def epochs(self, run):
        return [row[0] for row in self.rows.get(run.name, [])]

    def close(self):
        self.connection.close()
        self.answer.close()


@pytest.fixture
def follow(server):
    tabs = []

    def open_tab(token, *runs, since=""):
        tabs.append(Tab(server, since, w=token, run=[run.name for run in runs]))
        return tabs[-1]

    yield open_tab
    for tab in tabs:
        tab.close()


@pytest.fixture
def ask(server):
    """The answer of the JSON twin, or its status when it is refused."""

    def get(token, *runs, since=""):
        query = urlencode({"w": token, "run": [run.name for run in runs], "since": since}, True)
        with closing(http.client.HTTPConnection("127.0.0.1", server, timeout=20)) as connection:
            connection.request("GET", f"/lab/progress?{query}")
            answer = connection.getresponse()
            return json.loads(answer.read()) if answer.status == 200 else answer.status

    return get


def forgotten():
    """Wait until nobody listens, and nothing is looked at any more."""
    deadline = time.monotonic() + 30
    while events.watcher._thread is not None:
        assert time.monotonic() < deadline
        time.sleep(0.1)


# ---------------------------------------------------------------- the log


def test_a_log_gives_what_came_after_a_version_and_each_part_once():
    log = Log("one")
    log.put("status", 1)
    log.add([[0.5]], 0)
    seen = log.version
    log.put("status", 2)
    log.put("status", 2)
    log.add([[1.0], [1.5]], 1)
    assert log.version == seen + 2
    (_, rows), (part, value) = log.since(seen)
    assert json.loads(rows) == {"of": "one", "at": 1, "rows": [[1.0], [1.5]]}
    assert (part, json.loads(value)["value"]) == ("status", 2)
    assert json.loads(next(log.since(0))[1])["rows"] == [[0.5], [1.0], [1.5]]
    assert not list(log.since(log.version))
    log.add([], 0)  # written anew, and empty so far
    assert [json.loads(data) for _, data in log.since(seen + 2)] == [
        {"of": "one", "at": 0, "rows": []}
    ]


@pytest.mark.parametrize("text", ["", "x", "0a1b2c3d", "0a1b2c3d.-1", "../..", "é" * 900, "," * 50])
def test_an_id_that_is_none_has_seen_nothing(text):
    assert seen_in(text) == {}


def test_an_id_comes_back_as_it_went():
    seen = {f"{k:08x}": k for k in range(18)}
    assert seen_in(id_of(seen)) == seen


# ---------------------------------------------------------------- the stream


def test_what_comes_is_sent_once_and_the_stream_ends_with_the_run(make, follow, token):
    run = make()
    append(run, 1, 2)
    tab = follow(token, run)
    tab.until(lambda name, data: name == "status")
    assert tab.epochs(run) == [1, 2]
    assert tab.parts["status", run.name]["epoch"] == 2
    assert tab.parts["terms", run.name] == ["loss", "reconstruction", "kl"]
    append(run, 3)
    tab.until(lambda name, data: name == "status" and data["value"]["epoch"] == 3)
    assert tab.epochs(run) == [1, 2, 3]
    assert tab.sizes == [2, 1]  # only what was added
    write_status(run.folder, Status("done"))
    assert tab.rest()[-1] == "end"
    status = tab.parts["status", run.name]
    assert (status["state"], status["busy"], status["share"]) == ("done", False, 0.5)
    assert tab.parts["answer", ""] == "3 rows"
    assert tab.parts["stand", ""] == f"{run.name} done "


def test_a_finished_run_is_sent_whole_and_at_once(make, follow, token):
    run = make(state=None)
    append(run, 1, 2, 3)
    began = time.monotonic()
    tab = follow(token, run)
    assert tab.rest()[-1] == "end"
    assert time.monotonic() - began < 4
    assert tab.epochs(run) == [1, 2, 3]
    again = follow(token, run, since=tab.id)
    assert again.rest() == ["end"]


def test_after_a_cut_no_record_is_lost_or_doubled(make, follow, token):
    run = make()
    append(run, 1, 2)
    tab = follow(token, run)
    tab.until(lambda name, data: tab.whole and tab.epochs(run) == [1, 2])
    tab.close()
    append(run, 3, 4)
    again = follow(token, run, since=tab.id)
    again.rows = tab.rows
    again.until(lambda name, data: again.whole and again.sizes)
    assert again.epochs(run) == [1, 2, 3, 4]
    assert again.sizes == [2]
    # Cut for longer than the server remembers, or by its end: all is sent, and takes its place.
    again.close()
    forgotten()
    append(run, 5)
    late = follow(token, run, since=again.id)
    late.rows = again.rows
    late.until(lambda name, data: name == "status")
    assert late.epochs(run) == [1, 2, 3, 4, 5]


def test_records_written_anew_replace_those_before(make, follow, token):
    run = make()
    append(run, 1, 2, 3)
    tab = follow(token, run)
    tab.until(lambda name, data: name == "status")
    (run.folder / "metrics.jsonl").write_text(record(1) + record(1.5))
    tab.until(lambda name, data: name == "status" and data["value"]["epoch"] == 1.5)
    assert tab.epochs(run) == [1, 1.5]


def test_who_asks_gets_the_same_events(make, ask, token):
    run = make()
    append(run, 1, 2)
    first = ask(token, run)
    assert not first["end"]
    found = dict(first["events"])
    assert [row[0] for row in found["records"]["rows"]] == [1, 2]
    append(run, 3)
    second = ask(token, run, since=first["id"])
    records = dict(second["events"])["records"]
    assert (records["at"], [row[0] for row in records["rows"]]) == (2, [3])
    write_status(run.folder, Status("done"))
    assert ask(token, run, since=second["id"])["end"]


def test_only_the_token_of_the_workspace_opens_it(make, ask, follow, token, tmp_path):
    run, other = make(), make(new_token())
    assert ask(token, run)["events"]
    assert ask(new_token(), run) == 403
    assert ask(token, run, other) == 403
    assert follow(new_token(), run).answer.status == 403
    for hostile in ("", "x", "../../etc/passwd", "é" * 30, "<b>" * 10, "a" * 5000):
        assert ask(hostile) == 403
    for name in ("../../etc", "mnist-vae", "é", "x" * 5000, "<script>", "a\0b", str(tmp_path)):
        (run_like,) = [type("Named", (), {"name": name})]
        assert ask(token, run_like) == 403


def test_without_runs_it_ends_at_once_and_a_run_that_waits_keeps_it_open(
    make, follow, token, monkeypatch
):
    assert follow(token).rest()[-1] == "end"
    run = make(state="queued")
    others = make(new_token(), state="queued")
    places = [Place(others.folder, False, 60.0), Place(run.folder, False, 60.0, 75.0)]
    monkeypatch.setattr(jobs, "queue", lambda: places)
    tab = follow(token, run)
    tab.until(lambda name, data: name == "status" and data["value"]["position"])
    status = tab.parts["status", run.name]
    assert (status["position"], status["starts_in"]) == (2, 75)
    assert tab.parts["queue", ""]["rows"] == [others.folder.name, run.name]
    write_status(run.folder, Status("stopped", "Stopped by hand."))
    assert tab.rest()[-1] == "end"
    assert tab.parts["status", run.name]["reason"] == "Stopped by hand."


def test_a_run_that_goes_on_is_followed_again(make, follow, token):
    run = make(state="stopped")
    append(run, 1)
    tab = follow(token, run)
    assert tab.rest()[-1] == "end"
    write_status(run.folder, Status("running", phase="training"))
    again = follow(token, run, since=tab.id)
    append(run, 2)
    again.until(lambda name, data: name == "status" and data["value"]["epoch"] == 2)
    assert again.parts["status", run.name]["state"] == "running"


def test_damaged_records_are_one_sentence_and_others_go_on(make, follow, token):
    run, other = make(state=None), make(state=None)
    (run.folder / "metrics.jsonl").write_text("{}\n")
    append(other, 1)
    tab = follow(token, run, other)
    assert tab.rest()[-1] == "end"
    assert "damaged" in tab.parts["error", run.name]
    assert tab.epochs(other) == [1]


def test_a_deleted_run_ends_its_stream(make, follow, token):
    run = make()
    tab = follow(token, run)
    tab.until(lambda name, data: name == "status")
    write_status(run.folder, Status("stopped"))
    open_workspace(token).delete(run)
    assert tab.rest()[-1] == "end"
    assert tab.parts["stand", ""] == ""


def test_folders_are_looked_at_once_for_all_and_not_at_all_without_listeners(
    make, follow, token, monkeypatch
):
    run = make()
    append(run, 1)
    looks = []
    look = events.RunWatch.look
    monkeypatch.setattr(
        events.RunWatch, "look", lambda watch: looks.append(threading.get_ident()) or look(watch)
    )
    tabs = [follow(token, run) for _ in range(10)]
    for tab in tabs:
        tab.until(lambda name, data: name == "status")
    assert len(set(looks)) == 1
    seen = len(looks)
    time.sleep(2)
    assert len(looks) - seen <= 2 / events.TICK + 2
    for tab in tabs:
        tab.close()
    forgotten()
    assert events.watcher.streams == 0


# ---------------------------------------------------------------- snapshots


def test_snapshots_come_with_addresses_of_their_blocks(make, follow, token, digits):
    def addresses(data):
        return sum(bool(url) for *_, url in data["value"]["list"])

    run = make(latent_dim=3)
    model = aecore.build_model("vae", **run.config.options)
    for step in (0, 43, 86):
        take(model, digits, step, step / 43).save(run.folder)
    tab = follow(token, run)
    tab.until(lambda name, data: name == "snapshots" and addresses(data) == 3)
    found = tab.parts["snapshots", run.name]
    assert found["plane"] == "epoch"
    assert [row[:2] for row in found["list"]] == [[0, 0], [43, 1], [86, 2]]
    urls = [url for *_, url in found["list"]]
    assert all(url.startswith("lab/block/") for url in urls)
    content, kind = contents.get(urls[-1].rpartition("/")[2])
    assert kind == "application/gzip"
    packed = gzip.decompress(content)
    arrays = json.loads(packed[4 : 4 + int.from_bytes(packed[:4], "little")])["arrays"]
    shapes = {array["name"]: array["shape"] for array in arrays}
    assert (shapes["places"], shapes["rebuilt"]) == ([2, 445], [10, 28, 28])
    # The same plane for all moments: another one only once the training has ended.
    take(model, digits, 129, 3.0).save(run.folder)
    tab.until(lambda name, data: name == "snapshots" and addresses(data) == 4)
    later = tab.parts["snapshots", run.name]
    assert [url for *_, url in later["list"]][:3] == urls
    write_status(run.folder, Status("done"))
    assert tab.rest()[-1] == "end"
    assert tab.parts["snapshots", run.name]["plane"] == "end"


def test_a_damaged_snapshot_stays_out_and_the_others_show(make, follow, token, digits):
    run = make(state=None)
    model = aecore.build_model("vae", **run.config.options)
    paths = [take(model, digits, step, step / 43).save(run.folder) for step in (0, 43, 86)]
    paths[1].write_bytes(b"damaged")
    tab = follow(token, run)
    assert tab.rest()[-1] == "end"
    urls = [url for *_, url in tab.parts["snapshots", run.name]["list"]]
    assert [bool(url) for url in urls] == [True, False, True]


def test_a_long_run_is_sent_bit_by_bit_the_latest_first(make, follow, token, digits, monkeypatch):
    monkeypatch.setattr(events, "SLICE", 0.0)
    run = make(state=None)
    taken = take(aecore.build_model("vae", **run.config.options), digits, 0, 0.0)
    for step in range(4):
        dataclasses.replace(taken, step=step, epoch=step / 43).save(run.folder)
    put, kept = Log.put, []  # a browser may get several at once, on a busy machine

    def noted(log, part, value):
        if part == "snapshots" and len(value["list"]) == 4:  # not of a run of another test
            kept.append([bool(url) for *_, url in value["list"]])
        put(log, part, value)

    monkeypatch.setattr(Log, "put", noted)
    sent = [
        data["value"]["list"] for name, data in follow(token, run).events() if name == "snapshots"
    ]
    assert all(url for *_, url in sent[-1])
    assert all(seen == sorted(seen) for seen in kept)
    assert [False, False, False, True] in kept


# ---------------------------------------------------------------- the server's end

SERVER = """
import asyncio, sys, uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from aecore.web.events import Streams, Words
app = Starlette(routes=[Route("/lab/events", Streams(Words()).events)])
uvicorn.run(app, port=int(sys.argv[1]))
"""


def test_an_open_stream_does_not_keep_the_server_from_ending(make, token):
    run = make()
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", SERVER, str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        deadline = time.monotonic() + 60
        while True:
            try:
                tab = Tab(port, w=token, run=run.name)
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        tab.until(lambda name, data: name == "status")
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(15)
        finally:
            server.kill()
        tab.close()


def test_phases_with_losses_of_their_own_are_rows_of_all_their_terms(make):
    run = make()
    first = record(1, loss=3.0, layer=2.0)
    (run.folder / "metrics.jsonl").write_text(first + record(2, loss=2.0, reconstruction=1.0))
    records = progress.Records(run.folder)
    records.read()
    assert records.terms == ["loss", "layer", "reconstruction"]
    assert [row[2] for row in records.rows] == [[3.0, 2.0, None], [2.0, None, 1.0]]
