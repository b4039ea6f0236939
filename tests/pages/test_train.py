"""Train as Python builds it: the form, wrong values, hostile addresses, what a batch holds."""

import base64
import dataclasses
import io
import json
import math
import queue
import re
import shlex
from itertools import chain, repeat
from types import SimpleNamespace
from urllib.parse import parse_qs

import numpy as np
import pytest
from google.protobuf.json_format import MessageToJson
from PIL import Image
from starlette.requests import Request

import aecore
from aecore import jobs
from aecore.__main__ import parser
from aecore.analysis.card import finish
from aecore.data import datasets as data
from aecore.errors import LabError
from aecore.families import REGISTRY, models
from aecore.jobs import Place, Progress, Spec
from aecore.runs import Recorder, open_run
from aecore.runs.snapshots import list_snapshots
from aecore.runs.status import Status, write_status
from aecore.runs.workspaces import new_token, open_workspace
from aecore.training import FitConfig
from aecore.ui import choosers, export, page
from aecore.ui.train import batches, code, datasets, estimate, form, monitor, run_list, words
from aecore.ui.train.words import WORDS
from aecore.web.events import Streams
from tests.pages.conftest import address

TOKEN = new_token()
TINY = Spec("vae", "digits", {"hidden": [8]}, {"epochs": 1, "batch_size": 256})


def make(workspace, spec, *, title="", group=""):
    """A run's folder as `jobs.submit` leaves it, which nobody will train."""
    model, settings = jobs.check(spec)
    folder = workspace.new_folder(spec.family).absolute()
    Recorder(folder, model, spec.dataset, settings)
    run = open_run(folder)
    workspace.write_note(run, title=title, group=group)
    return run


@pytest.fixture
def submitted(monkeypatch):
    """What was put into the queue; no engine is started."""
    found = []

    def submit(workspace, spec, **words):
        found.append((spec, words))
        return make(workspace, spec, **words)

    monkeypatch.setattr(jobs, "submit", submit)
    return found


@pytest.fixture(autouse=True)
def stub(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path))
    monkeypatch.setattr(jobs, "estimate", lambda spec, wait=0: jobs.check(spec) and 75.0)
    monkeypatch.setattr(jobs, "queue", list)
    estimate._timings.clear()
    choosers.runs.clear()


@pytest.fixture
def show(at):
    """The page at an address: `show(w=..., model=...)`."""

    def run(**query):
        return at("train", **query).run()

    return run


def whole(app):
    assert not app.exception, app.exception
    return app


def button(app, label):
    return next(one for one in app.button if one.label == label)


def told(app, component="train"):
    """What a component was sent with the page."""
    found = [part.proto for part in app.main if part.type == "bidi_component"]
    name = f"latent_lab_train_{component}"
    return json.loads(next(p.json for p in found if p.component_name == name))


@pytest.fixture
def followed(answer):
    """What comes of a page's first run when its address is asked, until nothing will follow."""
    return lambda app: _followed(app, answer)


def _followed(app, answer):
    _, query = told(app)["follow"]["answers"].split("?")
    found, seen = {}, ""
    for _ in range(100):
        scope = {"type": "http", "headers": [], "query_string": f"{query}&since={seen}".encode()}
        asked = json.loads(answer(Streams(WORDS).progress(Request(scope))).body)
        for name, came in asked["events"]:
            found[name] = came["rows"] if name == "records" else came["value"]
        seen = asked["id"]
        if asked["end"]:
            return found
    raise AssertionError("it does not end")


def sentences(app):
    return [one.value for one in (*app.error, *app.warning)]


def test_the_families_are_those_of_the_registry(show):
    found = whole(show(w=TOKEN)).selectbox(key="family")
    assert found.options == [REGISTRY[name].title for name in models()]
    assert found.value == "vae"


def test_a_first_visit_makes_a_workspace_and_keeps_it(show):
    app = whole(show())
    token = address(app, "w")
    assert open_workspace(token).runs() == []
    assert token == address(whole(app.run()), "w")
    assert told(app)["runs"] == []
    assert not sentences(app)


def test_train_submits_what_the_form_says(show, submitted, followed):
    app = whole(show(w=TOKEN, images="Digits, 1,352"))
    app.text_input(key="layers").set_value("32, 16")
    app.number_input(key="size").set_value(3)
    app.number_input(key="beta").set_value(4.0)
    app.number_input(key="batch_few").set_value(256)
    whole(button(whole(app.run()), "Train").click().run())
    ((spec, words),) = submitted
    fit = {"epochs": 20, "batch_size": 256, "seed": 0, "learning_rate": 0.002}
    options = {"latent_dim": 3, "hidden": [32, 16], "likelihood": "bernoulli", "beta": 4.0}
    assert spec == Spec("vae", "digits", options, fit)
    assert words == {"title": "digits-vae-1", "group": ""}
    (run,) = told(app)["runs"]
    assert (run["title"], run["epochs"]) == ("digits-vae-1", 20)
    assert followed(app)["status"]["state"] == "done"
    assert address(app, "run") == run["name"]


@pytest.mark.parametrize(
    ("key", "value", "ends"),
    [("epochs", 201, "1 to 200"), ("size", 0, "1 to 1,024"), ("rate", 10.0, "0.0001 to 1.0"),
     ("beta", -1.0, "0.0 to 1,000.0"), ("seed", -1, "0 to 2,147,483,647")],
)  # fmt: skip
def test_a_number_beyond_its_ends_is_said_and_nothing_else_is_trained(show, key, value, ends):
    app = whole(show(w=TOKEN, images="Digits, 1,352"))
    app.number_input(key=key).set_value(value)
    whole(app.run())
    assert sentences(app) == [f"Give a number from {ends}."]
    labels = ("Train", "AE and VAE")
    assert all(button(app, label).disabled for label in labels)


def test_few_images_have_a_small_batch_or_the_number_of_steps_is_told(show, monkeypatch, tmp_path):
    monkeypatch.setenv("LATENT_LAB_DATA", str(tmp_path))  # without MNIST
    app = whole(show(w=TOKEN))
    batch = app.number_input(key="batch_few")
    assert (app.selectbox(key="images").value, batch.value) == ("digits", 32)
    steps = lambda: [c.value for c in app.caption if c.value.startswith("An epoch has")]  # noqa: E731
    assert steps() == []
    batch.set_value(1352)
    whole(app.run())
    assert steps() == ["An epoch has 1 step; a smaller batch makes more."]
    app.selectbox(key="images").set_value("strokes")
    app = whole(app.run())
    assert app.number_input(key="batch").value == 256
    app.selectbox(key="images").set_value("digits")
    assert whole(app.run()).number_input(key="batch_few").value == 1352


@pytest.mark.parametrize("family", models())
def test_each_family_has_its_options_and_they_can_be_trained(show, submitted, family):
    app = whole(show(w=TOKEN, images="Digits, 1,352", family=REGISTRY[family].title))
    whole(button(app, "Train").click().run())
    ((spec, _),) = submitted
    model, _ = jobs.check(spec)
    hidden = {option.name for option in REGISTRY[family].OPTIONS if not option.form}
    assert set(model.options) - set(spec.options) == hidden
    assert {key: model.options[key] for key in spec.options} == spec.options


def test_a_batch_differs_in_one_thing(show, submitted):
    app = whole(show(w=TOKEN, images="Digits, 1,352"))
    whole(button(app, "AE and VAE").click().run())
    ae, vae = (spec for spec, _ in submitted)
    assert (ae.family, vae.family) == ("ae", "vae")
    assert vae.options == ae.options | {"beta": 1.0}
    assert ae.fit == vae.fit
    assert len({words["group"] for _, words in submitted}) == 1
    assert [run["family"] for run in told(app)["runs"]] == ["ae", "vae"]
    submitted.clear()
    whole(button(app, "VAEs with β = 0, 0.25, 1, 4, 16").click().run())
    assert [spec.options["beta"] for spec, _ in submitted] == [0, 0.25, 1, 4, 16]
    assert len({json.dumps(spec.options | {"beta": 0}) for spec, _ in submitted}) == 1
    assert [run["setting"] for run in told(app)["runs"]] == ["0", "0.25", "1", "4", "16"]


def test_a_batch_that_cannot_be_whole_is_not_begun(monkeypatch, submitted):
    workspace = open_workspace(TOKEN)
    taken = jobs.submit

    def full(*args, **words):
        if len(submitted) == 3:
            raise LabError("Full.")
        return taken(*args, **words)

    monkeypatch.setattr(jobs, "submit", full)
    with pytest.raises(LabError, match="Full"):
        form.submit(workspace, batches.beta_series(TINY))
    assert workspace.runs() == []


@pytest.mark.parametrize(
    "text", ["", "12; 3", "0", "-4", "9000", "1,2,3,4,5,6,7,8,9", "ten", "²", "9" * 5000]
)
def test_wrong_layers_are_one_sentence_and_nothing_is_lost(show, text):
    app = whole(show(w=TOKEN, images="Digits, 1,352", seed="7"))
    app.text_input(key="layers").set_value(text)
    whole(app.run())
    (said,) = sentences(app)
    assert said.startswith("Hidden layers are whole numbers")
    assert button(app, "Train").disabled
    assert app.text_input(key="layers").value == text
    assert app.number_input(key="seed").value == 7


def test_what_is_refused_on_submitting_is_one_sentence(show, monkeypatch):
    def refuse(*_, **__):
        raise LabError("This would take 60,000,000 weights.")

    monkeypatch.setattr(jobs, "submit", refuse)
    app = whole(show(w=TOKEN, images="Digits, 1,352"))
    whole(button(app, "Train").click().run())
    assert sentences(app) == ["This would take 60,000,000 weights."]


def test_a_press_counts_as_an_estimate_comes(show, submitted, monkeypatch):
    """The estimate of settings that were changed at once before may come within the same run."""
    app = whole(show(w=TOKEN, images="Digits, 1,352"))
    timing = estimate.timing_of(Spec("vae", "digits", {}, {"epochs": 20}))
    assert timing.done.wait(20)
    looks = chain([False], repeat(True))  # not there yet, and there a moment later
    timing.done = SimpleNamespace(is_set=lambda: next(looks))
    monkeypatch.setattr(estimate, "timing_of", lambda spec: timing)
    whole(button(app, "Train").click().run())
    assert len(submitted) == 1


def test_a_model_beyond_the_limits_is_told_before_the_start(show, monkeypatch):
    monkeypatch.setenv("LATENT_LAB_PARAMETERS", "1000")
    app = whole(show(w=TOKEN, images="Digits, 1,352"))
    spec = Spec("vae", "digits", {"hidden": [512, 256]}, {"epochs": 20})
    timing = estimate.timing_of(spec)
    assert timing.done.wait(20)
    assert "weights" in timing.wrong
    assert address(app, "w") == TOKEN


def samples(app):
    """The strips of sample images on the page."""
    return [
        one.proto.body for one in app.main if one.type == "html" if "lab-samples" in one.proto.body
    ]


def test_ten_of_the_images_are_shown(show, digits):
    (strip,) = samples(whole(show(w=TOKEN, images="Digits, 1,352")))
    assert 'role="img" aria-label="The first test image of each class of Digits: 0, 1, 2' in strip
    content = base64.b64decode(re.search(r"url\(data:image/png;base64,([^)]+)\)", strip)[1])
    picture = np.asarray(Image.open(io.BytesIO(content)).getchannel("A"))
    tiles = picture.reshape(30, 10, 30).transpose(1, 0, 2)[:, 1:-1, 1:-1]
    first = [int(np.flatnonzero(digits.test.labels == label)[0]) for label in range(10)]
    assert np.array_equal(tiles, digits.test.images[first])
    (other,) = samples(whole(show(w=TOKEN, images="Strokes, 20,000")))
    assert other != strip


@pytest.fixture
def kmnist(monkeypatch, tmp_path):
    """A machine without a tiny KMNIST; `fetch.say` lets its download go on, fail or succeed."""
    monkeypatch.setenv("LATENT_LAB_DATA", str(tmp_path / "data"))
    monkeypatch.setitem(
        data._SOURCES, "kmnist", dataclasses.replace(data._SOURCES["kmnist"], counts=(6, 4))
    )
    said = queue.Queue()

    def fetch(name, progress):
        while step := said.get(timeout=20):
            if isinstance(step, Exception):
                raise step
            progress(step, 0, "train-images-idx3-ubyte.gz")
            fetch.told.put(step)
        raw = tmp_path / "data" / "KMNIST" / "raw"
        raw.mkdir(parents=True)
        for file, shape in data._SOURCES[name].files.items():
            head = bytes((0, 0, 8, len(shape))) + np.array(shape, ">u4").tobytes()
            (raw / file).write_bytes(head + bytes(math.prod(shape)))

    fetch.say, fetch.told = said.put, queue.Queue()
    monkeypatch.setattr(datasets, "download_dataset", fetch)
    yield fetch
    said.put(0)


def download(app):
    """The page's button that downloads, or None."""
    return next((one for one in app.button if one.label.startswith("Download ")), None)


def bars(app):
    return [json.loads(MessageToJson(p.proto)) for p in app.get("progress")]


def test_images_that_are_not_here_can_be_fetched(show, kmnist):
    app = whole(show(w=TOKEN))
    assert app.selectbox(key="images").value == "digits"
    app.selectbox(key="images").set_value("kmnist")
    whole(app.run())
    assert download(app).label == "Download Kuzushiji-MNIST (21 MB)"
    assert button(app, "Train").disabled
    assert not samples(app)

    whole(download(app).click().run())
    kmnist.say(8_000_000)
    kmnist.told.get(timeout=20)
    whole(app.run())
    (bar,) = bars(app)
    assert bar["text"].startswith("8.0 of 21 MB here")
    assert bar["value"] == 37
    assert button(app, "Train").disabled
    # Another visitor sees the same, and waits, too.
    other = whole(show(w=new_token(), images="Kuzushiji-MNIST, 6"))
    assert bars(other)[0]["value"] == 37
    assert download(other) is None
    # So does the first one after a reload.
    again = whole(show(w=TOKEN, images="Kuzushiji-MNIST, 6"))
    assert bars(again)[0]["value"] == 37

    kmnist.say(0)
    assert datasets.current("kmnist").ended.wait(20)
    for one in (app, other):
        whole(one.run())
        assert one.selectbox(key="images").value == "kmnist"
        assert download(one) is None
        assert not button(one, "Train").disabled
        assert len(samples(one)) == 1


def test_a_download_is_cancelled(show, kmnist):
    app = whole(show(w=TOKEN, images="Kuzushiji-MNIST, 6"))
    whole(download(app).click().run())
    whole(button(app, "Cancel").click().run())
    assert download(app)
    assert not bars(app)
    assert not sentences(app)
    one = datasets.current("kmnist")
    kmnist.say(5)
    assert one.ended.wait(20)
    assert not one.wrong


def test_a_download_goes_on_while_anyone_waits(show, kmnist, monkeypatch):
    app = whole(show(w=TOKEN, images="Kuzushiji-MNIST, 6"))
    whole(download(app).click().run())
    other = whole(show(w=new_token(), images="Kuzushiji-MNIST, 6"))
    whole(button(app, "Cancel").click().run())
    one = datasets.current("kmnist")
    assert download(app)
    assert not bars(app)
    assert one.running
    assert bars(whole(other.run()))
    # Who cancelled can wait again, for the same download.
    whole(download(app).click().run())
    assert bars(app)
    assert datasets.current("kmnist") is one
    whole(button(other, "Cancel").click().run())
    assert one.running
    # Who has closed the page waits no more.
    third = whole(show(w=new_token(), images="Kuzushiji-MNIST, 6"))
    monkeypatch.setattr(datasets, "PRESENT", -1.0)
    whole(button(app, "Cancel").click().run())
    assert not one.running
    assert download(whole(third.run()))


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (data.DownloadError("/a/path", "No mirror can be reached."), "No mirror can be reached."),
        (OSError("/a/path"), "Kuzushiji-MNIST could not be downloaded; the server's log has the"),
    ],
    ids=["told", "unforeseen"],
)
def test_a_download_that_fails_says_so_and_can_be_tried_again(show, kmnist, error, says):
    app = whole(show(w=TOKEN, images="Kuzushiji-MNIST, 6"))
    whole(download(app).click().run())
    kmnist.say(error)
    assert datasets.current("kmnist").ended.wait(20)
    (said,) = sentences(whole(app.run()))
    assert said.startswith(says)
    whole(download(app).click().run())
    assert not sentences(app)
    assert len(bars(app)) == 1


@pytest.mark.parametrize("token", ["x", "../../etc/passwd", "é" * 30, "a" * 5000, "<b>" * 10])
def test_a_hostile_workspace_gives_a_new_one(show, token):
    app = whole(show(w=token))
    assert address(app, "w") != token
    open_workspace(address(app, "w"))
    (said,) = sentences(app)
    assert "names no workspace" in said


@pytest.mark.parametrize("name", ["../../etc", "mnist-vae", "é", "x" * 5000, "<script>", "a\0b"])
@pytest.mark.parametrize("key", ["run", "group"])
def test_a_hostile_run_is_one_sentence(show, key, name):
    app = whole(show(w=TOKEN, **{key: name}))
    (said,) = sentences(app)
    assert "not in this workspace" in said
    assert told(app)["runs"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"family": "rnn", "images": "../../etc"},
        {"epochs": "1e9", "size": "-3"},
        {"epochs": "nan", "batch": "x", "seed": "9" * 5000},
        {"rate": "inf", "beta": "nan", "likelihood": "poisson"},
        {"layers": "<b>"},
    ],
    ids=str,
)
def test_settings_edited_by_hand_fail_nowhere(show, query):
    app = whole(show(w=TOKEN, **query))
    assert all(said.startswith(("Hidden layers", "Give a number")) for said in sentences(app))


def test_a_visitor_sees_only_their_own_runs(show):
    mine, other = open_workspace(TOKEN), new_token()
    run = make(mine, TINY, title="mine <b>")
    assert [r["title"] for r in told(whole(show(w=TOKEN)))["runs"]] == ["mine <b>"]
    app = whole(show(w=other, run=run.name))
    assert told(app)["runs"] == []
    assert "not in this workspace" in sentences(app)[0]


def test_a_run_is_renamed_and_deleted_after_asking(show):
    workspace = open_workspace(TOKEN)
    run = make(workspace, TINY, title="first")
    app = whole(show(w=TOKEN, run=run.name))
    next(t for t in app.text_input if t.label == "Name").set_value("A better name")
    app.text_area[0].set_value("What I saw.")
    app = whole(button(app, "Keep name and notes").click().run())
    assert [one.value for one in app.success] == ["Kept."]
    assert not whole(app.run()).success
    note = workspace.note(run)
    assert (note.title, note.notes) == ("A better name", "What I saw.")
    whole(button(app, "Delete it").click().run())
    assert workspace.runs() == []
    assert address(app, "run") is None


def test_the_code_trains_the_same_run():
    config = make(open_workspace(TOKEN), TINY).config
    words = shlex.split(code.command(config))
    assert words[:3] == ["python", "-m", "aecore"]
    args = vars(parser().parse_args(words[3:]))
    assert {name: args[name] for name in config.options} == config.options
    assert all(args[k] == config.fit[k] for k in ("epochs", "batch_size", "seed", "learning_rate"))
    space = {}
    source = code.python(config)
    assert len(source.splitlines()) == 5
    exec(source, space)
    assert space["record"].epoch == 1
    assert space["model"].options == config.options


def test_all_records_and_moments_of_a_run_are_told(show, digits, followed):
    from aecore.runs.snapshots import take

    run = make(open_workspace(TOKEN), Spec("vae", "digits", {"latent_dim": 3, "hidden": [8]},
                                           {"epochs": 3, "batch_size": 32}))  # fmt: skip
    recorder = Recorder.of(run)
    model = aecore.build_model("vae", **run.config.options)
    settings = FitConfig(**run.config.fit)
    for record in aecore.fit(model, digits, settings, report_every=1):
        recorder.record(record)
        if record.step % 43 == 0:
            take(model, digits, record.step, record.epoch).save(run.folder)
    app = whole(show(w=TOKEN))
    came, (run,) = followed(app), told(app)["runs"]
    assert len(came["records"]) == 129
    assert came["records"][-1][0] == 3
    assert came["terms"] == ["loss", "reconstruction", "kl"]
    snapshots = came["snapshots"]
    assert [taken[0] for taken in snapshots["list"]] == [43, 86, 129]
    assert [taken[1] for taken in snapshots["list"]] == [1, 2, 3]
    assert all(url for *_, url in snapshots["list"])
    assert "PCA" in run["planes"][snapshots["plane"]]


def test_finished_runs_are_offered_on_the_other_pages(at, digits):
    workspace = open_workspace(TOKEN)
    run = make(workspace, TINY, title="mine")
    model = aecore.build_model("vae", **run.config.options)
    app = at("compare", w=TOKEN)
    assert "mine" not in whole(app.run()).selectbox(key="left").options
    recorder = Recorder.of(run)
    finish(recorder, model, digits)
    choosers.runs.clear()
    assert "mine" in whole(app.run()).selectbox(key="left").options
    app.selectbox(key="left").set_value("mine")
    whole(app.run())
    stranger = at("compare")
    assert "mine" not in whole(stranger.run()).selectbox(key="left").options


# The queue


def place(folder, *, running=False, starts_in=0.0):
    return Place(folder.absolute(), running, 60.0, starts_in)


def test_the_queue_tells_of_ones_own_runs_and_counts_those_of_others(show, monkeypatch):
    mine, others = open_workspace(TOKEN), open_workspace(new_token())
    ours = [make(mine, TINY, title=title) for title in ("first <b>", "second", "third")]
    theirs = [make(others, TINY, title="secret") for _ in range(2)]
    write_status(ours[0].folder, Status("running", phase="training"))
    for run in (*ours[1:], *theirs):
        write_status(run.folder, Status("queued"))
    places = [
        place(ours[0].folder, running=True),
        place(theirs[0].folder),
        place(ours[1].folder),
        place(theirs[1].folder),
        place(ours[2].folder, starts_in=75),
    ]
    monkeypatch.setattr(jobs, "queue", lambda: places)
    progress = Progress(ours[0].status, epoch=3.14, epochs=9, share=0.349)
    follow = jobs.follow
    monkeypatch.setattr(
        jobs, "follow", lambda run: progress if run.name == ours[0].name else follow(run)
    )
    app = whole(show(w=TOKEN))
    assert "Queue" in [one.value for one in app.subheader]
    queue = told(app, "queue")["queue"]
    assert queue["ahead"] == "1 run of others is ahead."
    first, second, _ = queue["rows"]
    assert [row["title"] for row in queue["rows"]] == ["first <b>", "second", "third"]
    assert [row["turn"] for row in queue["rows"]] == ["running", "next", "in about a minute"]
    assert first["what"] == "Variational, 2 units, epoch 3.1 of 9"
    assert first["share"] == 0.349
    assert second["share"] is None
    assert "secret" not in json.dumps(queue)
    assert told(app, "queue")["follow"] == told(app)["follow"]  # one stream for both


def test_without_runs_under_way_there_is_no_queue(show):
    make(open_workspace(TOKEN), TINY)
    assert "Queue" not in [one.value for one in whole(show(w=TOKEN)).subheader]


def test_who_is_ahead(tmp_path):
    mine, other = tmp_path / "mine", tmp_path / "other"

    def ahead(*line):
        folders = {"m": mine, "o": other}
        return words.ahead(
            [place(folders[who.lower()] / "run", running=who.isupper()) for who in line], mine
        )

    assert ahead() == ahead("m") == ahead("O", "o") == 0
    assert ahead("M", "O", "o") == 0  # none of one's own waits
    assert ahead("M", "m", "o") == 0
    assert ahead("O", "m", "o") == 1
    assert ahead("O", "M", "o", "m", "o", "m") == 2


def test_the_state_is_told_in_words():
    assert run_list.state(Status("queued")) == "waiting"
    assert run_list.state(Status("running", phase="training")) == "running"
    assert run_list.state(Status("running", phase="measuring")) == "measuring"


# A link to copy


def copied(app):
    """What the button that copies the address was told."""
    found = [part.proto for part in app.main if part.type == "bidi_component"]
    return json.loads(next(p.json for p in found if p.component_name == "latent_lab_copy_link"))


def test_a_link_opens_the_workspace_only_where_its_runs_are_shown(show, digits, at):
    workspace = open_workspace(TOKEN)
    run = make(workspace, TINY, title="mine")
    finish(Recorder.of(run), aecore.build_model("vae", **run.config.options), digits)
    own = {"leaveOut": [], "warning": page.OWN_RUNS}
    assert "see, change and delete" in page.OWN_RUNS
    assert copied(whole(show(w=TOKEN))) == own
    for name, key in (("decode", "model"), ("compare", "right"), ("interpolate", "also")):
        app = at(name, w=TOKEN)
        assert copied(whole(app.run())) == {"leaveOut": ["w"], "warning": ""}
        app.selectbox(key=key).set_value("mine")
        assert copied(whole(app.run())) == own


def test_a_title_becomes_a_plain_file_name():
    assert export.slug("../../etc/passwd") == "etc-passwd"
    assert re.fullmatch(r"[a-z0-9-]+", export.slug("β <b>"))


# The stage


def trained(digits, *, title="", group="", looks=(0, 0.5, 1, 2, 3, 4, 5, 6), **options):
    """A run's folder with moments and records as a training leaves them, weights apart."""
    from aecore.runs.snapshots import take

    family = "vae" if "beta" in options else "ae"
    spec = Spec(family, "digits", {"hidden": [8]} | options, {"epochs": 6, "batch_size": 32})
    run = make(open_workspace(TOKEN), spec, title=title, group=group)
    model = aecore.build_model(family, **run.config.options)
    snapshot = take(model, digits, 0, 0.0)
    for epoch in looks:
        dataclasses.replace(snapshot, step=int(43 * epoch), epoch=float(epoch)).save(run.folder)
    lines = [record(epoch, kl="beta" in options) for epoch in range(1, 7)]
    (run.folder / "metrics.jsonl").write_text("".join(lines))
    return run


def record(epoch, *, kl=True):
    losses = {"loss": 150.0 - epoch, "reconstruction": 140.0 - epoch} | ({"kl": 10.0} if kl else {})
    values = {"step": 43 * epoch, "steps": 258, "epoch": epoch, "seconds": epoch, "losses": losses}
    return json.dumps(values | {"test": losses}) + "\n"


def test_what_became_of_the_codes_is_said_from_the_moments(show, digits, followed):
    run = trained(digits, looks=range(8))
    said = followed(whole(show(w=TOKEN, run=run.name)))["answer"]
    assert said.startswith("From the start the classes stay where they are")  # they never moved
    short = trained(digits, looks=(0, 1, 2))
    assert followed(whole(show(w=TOKEN, run=short.name)))["answer"] == ""


def test_runs_beside_each_other_are_compared(show, digits, followed):
    for beta in (0.0, 16.0):
        trained(digits, group="both", beta=beta)
    answer = followed(whole(show(w=TOKEN, group="both")))["answer"]
    assert "the KL to the prior goes from 10 to 10 nats" in answer
    assert "reconstruction error from 134 to 134" in answer


@pytest.mark.parametrize(
    ("moment", "epoch"),
    [("2.5", 2.5), ("0", 0.0)]
    + [(m, None) for m in ("-1", "nan", "inf", "1e9", "x", "", "9" * 5000, "<b>", "2,5")],
)
def test_an_address_names_a_moment_and_a_hostile_one_is_ignored(show, digits, moment, epoch):
    run = trained(digits)
    app = whole(show(w=TOKEN, run=run.name, moment=moment))
    assert told(app)["view"]["fields"] == monitor.MOMENT.spec()
    assert monitor.MOMENT.read({"moment": moment}) == {"moment": epoch}
    assert not sentences(app)


def test_a_run_says_its_terms_and_options_itself(digits):
    run = trained(digits, beta=4.0)
    found = monitor.described(open_workspace(TOKEN), run)
    titles = [(term["name"], term["title"], term["colour"]) for term in found["terms"]]
    assert titles == [(term.name, term.title, term.colour) for term in REGISTRY["vae"].TERMS]
    assert "β = 4" in found["what"]
    assert (found["loss"], found["prior"], found["posterior"]) == ("loss", True, True)
    assert not monitor.described(open_workspace(TOKEN), trained(digits))["posterior"]


def test_bars_are_of_a_measure_that_the_card_has(digits, followed, show):
    run = trained(digits, beta=1.0)
    look = lambda: followed(whole(show(w=TOKEN, run=run.name)))["bars"]  # noqa: E731
    assert look() is None
    card = run.folder / "card.json"
    card.write_text(json.dumps({"figures": {"kl_per_dimension": [0.123456, 7.0]}}))
    measure = {"title": "KL", "unit": "nats", "colour": "sigma", "full": 4.0}
    assert look() == measure | {"values": [0.1235, 7.0]}
    for text in ('{"figures": {"kl_per_dimension": ["x"]}}', '{"figures": {}}', "{}", "damaged"):
        card.write_text(text)
        assert look() is None


def test_a_plane_of_the_codes_is_offered_where_it_is(show, digits, followed):
    from aecore.analysis.measures import Subject, describe_codes

    run = trained(digits, latent_dim=3)
    path = run.folder / "codes.npz"
    codes = describe_codes(Subject(aecore.build_model("ae", **run.config.options), digits))
    codes.save(path)
    look = lambda: followed(whole(show(w=TOKEN, run=run.name)))["planes"]  # noqa: E731
    assert look() == []
    places = np.random.default_rng(0).normal(size=(len(codes), 2))
    codes.with_places("umap", places).save(path)
    (plane,) = look()
    assert (plane["title"], plane["symbol"]) == ("UMAP", "u")
    path.write_bytes(b"damaged")
    assert look() == []


def test_why_a_model_file_was_refused_is_said_until_another_is_chosen(show):
    app = show()
    app.file_uploader[0].upload("no-model.safetensors", b"no model" * 9).run()
    assert not app.error
    app.button(key="add").click().run()
    (said,) = app.error
    assert said.value.startswith("no-model.safetensors: ")
    app.run()  # of whatever else on the page
    assert [error.value for error in app.error] == [said.value]
    app.file_uploader[0].upload("another.safetensors", b"another" * 9).run()
    assert not app.error


def test_a_model_from_a_file_is_shown_without_moments(show, digits, followed):
    run = trained(digits)
    bare = lambda: followed(whole(show(w=TOKEN, run=run.name)))["status"]["bare"]  # noqa: E731
    assert not bare()
    write_status(run.folder, Status("done", kind="measure"))
    assert not bare()  # measured anew, it still has its moments
    for path in (*list_snapshots(run.folder), run.folder / "metrics.jsonl"):
        path.unlink()
    assert bare()


def test_a_finished_run_leads_to_the_pages_that_show_it(show, digits):
    from aecore.analysis.measures import Subject, describe_codes

    run = trained(digits, title="mine & yours")
    links = lambda: [  # noqa: E731
        (one.proto.label, one.proto.query_string)
        for one in whole(show(w=TOKEN, run=run.name)).main
        if one.type == "page_link"
    ]
    assert links() == []
    model = aecore.build_model("ae", **run.config.options)
    describe_codes(Subject(model, digits)).save(run.folder / "codes.npz")
    assert links() == [
        ("Decode it", "model=mine+%26+yours"),
        ("Compare it", "right=mine+%26+yours"),
    ]
    # Beside it: one of the same images, best another kind, of as many dimensions, of its batch.
    for title, options in {
        "wide": {"latent_dim": 5}, "other kind": {"beta": 1.0}, "twin": {"group": "pair"}
    }.items():  # fmt: skip
        other = trained(digits, title=title, **options)
        model = aecore.build_model(other.family, **other.config.options)
        describe_codes(Subject(model, digits)).save(other.folder / "codes.npz")
        shown = parse_qs(links()[1][1])
        best = "wide" if title == "wide" else "other kind"
        assert shown == {"left": [best], "right": ["mine & yours"]}
    open_workspace(TOKEN).write_note(run, group="pair")
    assert parse_qs(links()[1][1])["left"] == ["twin"]


def test_what_was_shown_last_is_shown_again(show, digits):
    first, second = (trained(digits, title=title, group="pair") for title in ("one", "two"))
    titles = lambda app: [run["title"] for run in told(app)["runs"]]  # noqa: E731

    def there_and_back(app):
        app.query_params.clear()  # as the menu does
        app.switch_page("../../pages/decode.py").run()
        return whole(app.switch_page("../../pages/train.py").run())

    app = there_and_back(whole(show(w=TOKEN, run=first.name)))
    assert titles(app) == ["one"]
    assert address(app, "run") == first.name
    app = there_and_back(whole(show(w=TOKEN, group="pair")))
    assert sorted(titles(app)) == ["one", "two"]
    assert address(app, "group") == "pair"
    for run in (first, second):
        app.button(key=f"delete-{run.name}").click()
        app = whole(app.run())
    assert titles(app) == []
    assert address(app, "group") is None
    assert not sentences(app)


PHASES = [
    Status("queued"),
    *(Status("running", phase=phase) for phase in ("preparing", "training", "measuring")),
    Status("stopped", phase="measuring"),
    Status("failed", phase="measuring"),
    Status("running", phase="measuring", kind="measure"),
    Status("done", phase="placing"),
]


@pytest.mark.parametrize("status", PHASES, ids=lambda one: f"{one.state} {one.phase}")
def test_a_run_can_be_stopped_in_each_phase(show, digits, monkeypatch, followed, status):
    run = trained(digits)
    write_status(run.folder, status)
    cancelled = []
    monkeypatch.setattr(jobs, "cancel", lambda run: cancelled.append(run.name))
    app = whole(show(w=TOKEN, run=run.name))
    app.button(key=f"stop-{run.name}").click().run()
    assert cancelled == [run.name]


@pytest.mark.parametrize("state", ["stopped", "failed", "interrupted", "done"])
def test_what_is_over_has_no_stop(show, digits, state):
    run = trained(digits)
    write_status(run.folder, Status(state))
    app = whole(show(w=TOKEN, run=run.name))
    assert [one.label for one in app.button if one.label == "Stop"] == []
    assert app.button(key=f"delete-{run.name}")


def test_a_stopped_run_can_be_continued_on_its_card(show, digits, monkeypatch, followed):
    run = trained(digits)
    monkeypatch.setattr(type(run), "can_continue", True)
    app = whole(show(w=TOKEN, run=run.name))
    assert followed(app)["status"]["can_continue"]
    query = f"?w={TOKEN}&run={run.name}"
    assert told(app)["runs"][0]["requests"] == {
        "stop": f"lab/run/stop{query}",
        "continue": f"lab/run/continue{query}",
    }
