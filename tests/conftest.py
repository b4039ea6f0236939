"""What several tests share."""

import asyncio
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

# One thread: the networks here are small, and threads that wait for each other on a busy machine
# take far longer than one alone. Set before torch is imported; what tests start inherits it.
# Numba's as well: where UMAP has run, torch has as many threads as Numba.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import torch

from aecore.benchmark.browser import CHROMIUM
from aecore.data import Split, as_pixels, data_folder, load_dataset

FIXTURES = Path(__file__).with_name("fixtures")
collect_ignore = ["fixtures"]

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"

# Folders of tests by what they need; `-m unit` runs one kind, doctests of the package with it.
KINDS = ("unit", "js", "pages", "workers", "browser")


def pytest_configure(config):
    for kind in KINDS:
        config.addinivalue_line("markers", f"{kind}: tests of the folder tests/{kind}")


def pytest_collection_modifyitems(config, items):
    for item in items:
        outer, *inner = item.path.relative_to(config.rootpath).parts
        item.add_marker(inner[0] if outer == "tests" and inner[0] in KINDS else "unit")


def busy():
    """How many processes wait for each core, at least 1: what is timed may take so much longer."""
    return max(1.0, os.getloadavg()[0] / os.cpu_count()) if hasattr(os, "getloadavg") else 1.0


def seconds_allowed():
    """What a single test may take: `LATENT_LAB_TEST_SECONDS`, 60 in CI, without limit elsewhere.

    Longer where more processes wait for a core than there are cores. On a quiet machine the goal
    is 15; a shared one, as CI's, was seen to take eight times as long for a while.
    """
    longest = os.environ.get("LATENT_LAB_TEST_SECONDS") or ("60" if os.environ.get("CI") else "inf")
    return float(longest) * busy()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that passes but takes too long fails, so that the whole suite stays quick."""
    report = yield
    if call.when == "call" and report.passed and call.duration > (allowed := seconds_allowed()):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} took {call.duration:.1f} s; {allowed:.1f} s allowed"
    return report


def lacking(reason: str) -> NoReturn:
    """Leave a test out for want of something; CI has it all, and fails."""
    pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)


@pytest.fixture(scope="session")
def mnist():
    """Real MNIST from LATENT_LAB_DATA or `../shared/data`; CI fails without it."""
    with pytest.MonkeyPatch.context() as patch:
        if BESIDE.is_dir() and not os.environ.get("LATENT_LAB_DATA"):
            patch.setenv("LATENT_LAB_DATA", str(BESIDE))
        folder = data_folder() / "MNIST" / "raw"
        if not folder.is_dir():
            lacking(f"no MNIST in {folder}")
        yield load_dataset("mnist")


@pytest.fixture(scope="session")
def digits():
    """All of digits: 1,352 training and 445 test images."""
    return load_dataset("digits")


@pytest.fixture(scope="session")
def few(digits):
    """The first 256 and 100 of digits: eight steps of 32."""

    def first(split, count):
        return Split(split.images[:count], split.labels[:count])

    return replace(digits, train=first(digits.train, 256), test=first(digits.test, 100))


@pytest.fixture
def images(digits):
    """Five digits as float32 (5, 1, 28, 28)."""
    return as_pixels(digits.test.images[:5])


@pytest.fixture
def weights():
    """A copy of a model's weights: `weights(model)`."""
    return lambda model: {k: v.detach().clone() for k, v in model.state_dict().items()}


@pytest.fixture
def same(weights):
    """Whether two models (or copies of weights) are equal to the last bit."""

    def equal(one, other):
        one, other = (m if isinstance(m, dict) else weights(m) for m in (one, other))
        return one.keys() == other.keys() and all(torch.equal(one[k], other[k]) for k in one)

    return equal


@pytest.fixture(scope="session")
def browser():
    """Chromium for all tests: the system's, or else Playwright's own; CI fails without one."""
    from playwright.sync_api import Error, sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    system = Path("/usr/bin/chromium")
    path = str(system) if system.exists() else next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        except Error as error:
            lacking(f"no Chromium that starts: {str(error).splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def model():
    """A shipped run's model, loaded once: `model(name)`."""
    from functools import cache

    from aecore.runs import shipped_run

    return cache(lambda name: shipped_run(name).model())


@pytest.fixture(scope="session")
def drawn(model):
    """What torch draws, float32 (n, 784): `drawn(name, codes)`; one code gives (784,)."""

    def draw(name, codes):
        z = torch.as_tensor(codes, dtype=torch.float32)
        with torch.no_grad():
            return (
                model(name).decode(z.reshape(-1, z.shape[-1])).reshape(*z.shape[:-1], 784).numpy()
            )

    return draw


@pytest.fixture(scope="session")
def judged(model):
    """What the shipped classifier gives, (n, 10): `judged(images)`."""

    def probabilities(images):
        with torch.no_grad():
            return model("mnist-classifier").classify(as_pixels(images)).numpy()

    return probabilities


@pytest.fixture(scope="session")
def copied():
    """Copy the project into a folder with one more file: `copied(folder, "toy_map.py", place)`."""
    root = FIXTURES.parents[1]

    def copy(folder, fixture, place):
        for name in ("aecore", "pages"):
            shutil.copytree(root / name, folder / name)  # with what Python has compiled of it
        shutil.copy(root / "app.py", folder)
        shutil.copy(FIXTURES / fixture, folder / place)
        for name in ("assets", "tests", "pyproject.toml", ".streamlit"):
            (folder / name).symlink_to(root / name)
        return folder

    return copy


@pytest.fixture
def toy():
    """The family of `tests/fixtures/toy_family.py`, in the registry for the time of a test."""
    from importlib.util import module_from_spec, spec_from_file_location

    from aecore.families import REGISTRY

    before = dict(REGISTRY)
    spec = spec_from_file_location("aecore.families.toy", FIXTURES / "toy_family.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module.Toy
    REGISTRY.clear()
    REGISTRY.update(before)


@pytest.fixture(scope="session")
def conditional():
    """A conditional family: its encoder and decoder are given the label, too."""
    from aecore.families.cvae import CVAE

    return CVAE


@pytest.fixture(scope="session")
def answer():
    """What a coroutine gives: `answer(coroutine)`, in a thread: this one has Playwright's loop."""
    with ThreadPoolExecutor(1) as thread:
        yield lambda coroutine: thread.submit(asyncio.run, coroutine).result()
