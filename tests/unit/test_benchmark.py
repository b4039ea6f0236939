"""What the benchmark computes; nothing here depends on how fast this machine is."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
import torch

from aecore import benchmark
from aecore.__main__ import main
from aecore.benchmark import browser, load, training
from aecore.benchmark.client import Visitor
from aecore.data import Split, as_pixels
from aecore.layout import SITE
from aecore.training import FitConfig, fit


def quiet(text):
    pass


def test_operations_equal_a_count_by_hand():
    weights = 784 * 400 + 400 * 40 + 20 * 400 + 400 * 784
    forward, for_weights, for_inputs = weights, weights, weights - 784 * 400
    assert training.operations(512) == 2 * 512 * (forward + for_weights + for_inputs)


def test_products_are_those_that_torch_computes():
    """Both ways, as torch itself counts them in a step of the model that is timed."""
    from torch.utils.flop_counter import FlopCounterMode

    model = training.new_model().train()
    x = torch.rand(16, 1, 28, 28)
    with FlopCounterMode(display=False) as counter:
        model.losses(x)["loss"].backward()
    assert counter.get_total_flops() == training.operations(16)


def test_items_are_what_fit_uses(few):
    items = training.Items(few.train)
    assert len(items) == len(few.train)
    x = torch.stack([items[i][0] for i in range(20)])
    assert torch.allclose(x, as_pixels(few.train.images[:20]), atol=1e-7)
    assert [items[i][1] for i in range(20)] == few.train.labels[:20].tolist()


def twin(model):
    """The plain model with the weights of ours."""
    plain = training.PlainVAE()
    w = {name: value.clone() for name, value in model.state_dict().items()}
    state = {}
    for part in ("weight", "bias"):
        state[f"fc1.{part}"] = w[f"encoder.1.{part}"]
        state[f"fc21.{part}"], state[f"fc22.{part}"] = w[f"encoder.3.{part}"].chunk(2)
        state[f"fc3.{part}"] = w[f"decoder.0.{part}"]
        state[f"fc4.{part}"] = w[f"decoder.2.{part}"]
    plain.load_state_dict(state)
    return plain


def test_the_plain_model_and_its_loss_are_ours(images):
    model = training.new_model().train()
    copy = twin(model)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        recon, mean, log_var = copy(images)
    plain = training.plain_loss(recon, images, mean, log_var) / len(images)
    ours = model.losses(images, generator=torch.Generator().manual_seed(3))["loss"]
    assert plain.item() == pytest.approx(ours.item(), rel=1e-5)


@pytest.mark.parametrize("workers", [0, 1])
def test_the_plain_loop_and_fit_learn_the_same(few, workers):
    """After as many epochs at much the same learning rate, the losses agree to a few percent."""
    model = training.new_model()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        plain = training.plain_loop(
            few.train, batch=32, epochs=6, workers=workers, model=twin(model)
        )
    settings = training.settings(32) | {"learning_rate": 2e-3}  # one cycle's mean is half its peak
    ours = [record.losses["loss"] for record in fit(model, few, **settings, epochs=6)]
    assert ours[-1] < 0.7 * ours[0]
    assert plain[-1] == pytest.approx(ours[-1], rel=0.08)


def test_settings_are_those_of_fit():
    assert FitConfig(**training.settings(128)).batch_size == 128
    assert FitConfig(**training.settings(512, "auto")).precision == "auto"


def test_training_is_measured(monkeypatch, few):
    data = replace(few, test=Split(few.test.images[:10], few.test.labels[:10]))
    monkeypatch.setattr(training, "_images", lambda count: (data, "few"))
    figures, machine = training.measure(quiet, repetitions=1)
    assert set(figures) == {
        "fit_over_plain_loop",
        "fit_over_plain_loop_float32",
        "fit_over_plain_loop_with_worker",
        "fit_over_plain_loop_float32_with_worker",
        "share_of_matmul_rate",
        "share_of_matmul_rate_bfloat16",
        "bfloat16_over_float32",
        "bfloat16_loss_difference",
    }
    assert all(value > 0 for name, value in figures.items() if not name.endswith("difference"))
    assert abs(figures["bfloat16_loss_difference"]) < 5
    assert machine["threads"] == torch.get_num_threads()


def test_images_are_mnist_or_else_digits(monkeypatch, tmp_path):
    monkeypatch.setenv("LATENT_LAB_DATA", str(tmp_path))
    data, title = training._images(3000)
    assert (len(data.train), title) == (3000, "3,000 of Digits")
    assert (data.train.images[0] == data.train.images[1352]).all()  # over and over


def test_without_a_browser_the_reason_is_given(monkeypatch, tmp_path):
    monkeypatch.setattr(browser, "_chromium", lambda: str(tmp_path / "none"))
    with ThreadPoolExecutor() as other:  # Playwright's loop may run in this thread already
        figures, skipped = other.submit(browser.measure, quiet).result()
    assert figures == dict.fromkeys(browser.NAMES)
    assert all(reason.startswith("No Chromium starts: ") for reason in skipped.values())


def test_the_result_is_plain_and_complete(monkeypatch, capsys):
    figures = {"fit_over_plain_loop": 3.0, "share_of_matmul_rate": 0.6}
    measured = dict.fromkeys(browser.NAMES) | {"decode_ms": 1.0, "compare_bytes": 2_500_001}
    monkeypatch.setattr(training, "measure", lambda say: (figures, {"torch": "2"}))
    monkeypatch.setattr(browser, "measure", lambda say: (measured, {"pointer_to_paint_ms": "no"}))
    seen = dict.fromkeys(load.NAMES) | {"load_errors": 0, "load_p95_ms": 101.0}
    seen |= {"load_script_runs_of_pins": 0, "load_p95_over_bare": 2.01}
    seen |= {"load_p95_training_over_bare": 3.0}
    monkeypatch.setattr(load, "measure", lambda say: (seen, {}))
    found = json.loads(json.dumps(benchmark.run_all()))
    assert set(found) == {"figures", "goals", "met", "machine", "skipped"}
    assert found["figures"] == figures | measured | seen
    assert found["met"] == {
        "fit_over_plain_loop": True,
        "fit_over_plain_loop_float32": None,
        "share_of_matmul_rate": False,
        "decode_ms": True,
        **dict.fromkeys(f"{name}_to_paint_ms" for name in browser.MOVED),
        **dict.fromkeys(f"{name}_to_paint_ratio" for name in browser.MOVED),
        **dict.fromkeys(f"{name}_opening_ratio" for name in browser.PAGES),
        "warm_first_decode_s": None,
        "cold_first_decode_s": None,
        "compare_bytes": False,
        "return_file_bytes": None,
        "load_script_runs_of_pins": True,
        "load_cores_of_pins": None,
        "load_cores_of_written_files": None,
        "load_p95_ms": False,
        "load_p95_over_bare": False,
        "load_p95_training_ms": None,
        "load_p95_training_over_bare": True,
        "load_cores_of_watchers": None,
        "load_record_p95_ms": None,
        "load_errors": True,
        "memory_growth": None,
    }
    assert set(found["goals"]) == set(found["met"])
    assert {"cores", "python", "torch"} <= set(found["machine"])
    assert found["skipped"] == {"pointer_to_paint_ms": "no"}


def test_pages_are_compared_with_an_empty_one_or_with_half_a_frame():
    times = {"pointer": 16.7, "denoise_slider": 30.0}
    fast = browser.over_empty({"empty_page": 5.0, **times})
    assert (fast["pointer_to_paint_ratio"], fast["empty_page_to_paint_ms"]) == (2.0, 5.0)
    slow = browser.over_empty({"empty_page": 10.0, **times})
    assert slow["denoise_slider_to_paint_ratio"] == 3.0
    assert set(slow) <= set(browser.NAMES)


def test_each_page_has_its_goal_over_a_bare_one():
    times = {name: 0.6 + k for k, name in enumerate(browser.PAGES)}
    found = browser.over_bare({"bare": 0.4, **times})
    met = benchmark.result(found, {}, {})["met"]
    assert set(found) <= set(browser.NAMES)
    assert [met[f"{name}_opening_ratio"] for name in times] == [True, False, False, False, False]


def test_a_part_is_measured_alone(monkeypatch, capsys):
    seen = dict.fromkeys(load.NAMES) | {"memory_growth": 1.0}
    monkeypatch.setattr(load, "measure", lambda say: (seen, {}))
    assert main(["benchmark", "--only", "load", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["figures"] == seen
    assert found["met"]["memory_growth"]
    assert found["met"]["decode_ms"] is None


def test_every_goal_is_a_figure():
    assert set(benchmark.MOST) <= {*browser.NAMES, *load.NAMES}


# ---------------------------------------------------------------- simulated visitors


@pytest.fixture
def alone(monkeypatch):
    """Runs a coroutine in a thread of its own: Playwright's loop may run in this one already.

    Servers have one worker, whose start takes longer than all that visitors do here.
    """
    monkeypatch.setenv("LATENT_LAB_RUNNING", "1")
    with ThreadPoolExecutor() as other:
        yield lambda work: other.submit(asyncio.run, work).result()


def test_a_class_comes_and_goes(alone):
    """Every figure is there, pins run no script, and nobody met an error."""
    errors = []
    size = load.Class(moving=2, control=1.0, choices=1, training=1, watching=2, seconds=0.5)
    figures = alone(load._class(quiet, size, errors))
    others = {"load_errors", "load_first_errors", "memory_growth"}
    assert set(figures) == set(load.NAMES) - others
    assert errors == []
    assert figures["load_script_runs_of_pins"] == 0
    assert min(figures["load_answers"]) >= 2
    assert 0 < figures["load_p50_training_ms"] <= figures["load_p95_training_ms"]
    assert figures["load_p95_over_bare"] > 0
    assert figures["load_records"] > 0
    assert 0 < figures["load_record_p50_ms"] <= figures["load_record_p95_ms"]
    assert not list(SITE.glob("benchmark-*"))


def test_records_are_timed_as_they_are_written(alone, tmp_path):
    """Those that were there before are not among them."""
    file = tmp_path / "vae" / "metrics.jsonl"
    file.parent.mkdir()
    file.write_text("{}\n")

    async def write():
        watched = asyncio.create_task(load._written(tmp_path, 0.3))
        await asyncio.sleep(0.05)
        with file.open("a") as more:
            more.write("{}\n{}\n")
        return await watched

    found = alone(write())
    assert set(found) == {("vae", 1), ("vae", 2)}
    assert all(abs(when - file.stat().st_mtime) < 0.01 for when in found.values())


def test_visitors_in_a_row_leave_little_behind(alone):
    errors = []
    figures = alone(load._row(quiet, load.Class(visits=(1, 3), together=2), errors))
    assert errors == []
    assert 0 < figures["memory_growth"] < 2


def test_the_errors_of_both_are_counted(alone, monkeypatch):
    async def part(say, size, errors):
        errors += ["one"] * 4
        return {}

    monkeypatch.setattr(load, "_class", part)
    monkeypatch.setattr(load, "_row", part)
    found = alone(load._measure(quiet, load.Class()))
    assert found == {"load_errors": 8, "load_first_errors": ["one"] * 5}


def test_visitors_do_what_browsers_do(alone, monkeypatch, tmp_path):
    """What they pin is in the address and comes back; their files and errors are counted."""

    async def visit():
        monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path))
        with browser.serving() as (server, _):
            visitor = Visitor(server)
            await visitor.open("decode", model="mnist-ae", view="Images")
            runs = visitor.runs
            visitor.pin([0.5, -1.25])
            assert visitor.payload("decode")["name"] == "mnist-ae"
            await visitor.change()
            assert parse_qs(visitor.query)["z"] == ["0.5,-1.25"]
            assert visitor.payload("decode")["name"] != "mnist-ae"  # the next of the list
            assert visitor.runs == runs + 1
            assert visitor.payload("decode")["show"][0] == "grid"  # what nobody touched stays
            await visitor.turn_to("compare")
            assert visitor.payload("decode") == {}
            assert len(visitor.payload("compare")["models"]) == 2
            await visitor.settle()
            assert visitor.errors == []

            visitor.server = "http://127.0.0.1:9"  # nobody answers there
            await visitor.turn_to("decode")
            await visitor.turn_to("train")
            await visitor.settle()
            assert visitor.errors
            assert all("did not arrive" in error for error in visitor.errors)
            await visitor.leave()

            wrong = Visitor(server)
            await wrong.open("train", layers="many")
            await wrong.leave()
            assert ["Hidden layers are whole numbers" in error for error in wrong.errors] == [True]

    alone(visit())
