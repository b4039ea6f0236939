"""What the benchmark computes; nothing here depends on how fast this machine is."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch

from aecore import benchmark
from aecore.benchmark import browser, training
from aecore.data import Split, as_pixels
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
    found = json.loads(json.dumps(benchmark.run_all()))
    assert set(found) == {"figures", "goals", "met", "machine", "skipped"}
    assert found["figures"] == figures | measured
    assert found["met"] == {
        "fit_over_plain_loop": True,
        "share_of_matmul_rate": False,
        "decode_ms": True,
        "pointer_to_paint_ms": None,
        "interpolate_slider_to_paint_ms": None,
        "denoise_slider_to_paint_ms": None,
        "warm_first_decode_s": None,
        "cold_first_decode_s": None,
        "compare_bytes": False,
    }
    assert set(found["goals"]) == set(found["met"])
    assert {"cores", "python", "torch"} <= set(found["machine"])
    assert found["skipped"] == {"pointer_to_paint_ms": "no"}


def test_every_goal_is_a_figure():
    assert set(benchmark.MOST) <= set(browser.NAMES)
