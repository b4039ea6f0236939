"""`pip install .` in a fresh environment, and its command in a folder that holds nothing."""

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.browser.conftest import serving
from tests.conftest import lacking

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The programs of an environment with the app in it; other packages are those of the tests."""
    if int(version("setuptools").split(".")[0]) < 77:
        lacking("the app cannot be built here: setuptools is older than 77")
    folder = tmp_path_factory.mktemp("environment")
    source = folder / "source"
    tracked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(tracked, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        lacking("the app cannot be built here: these files are no clone of git")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    python = folder / "env" / "bin" / "python"
    if os.name == "nt":
        python = folder / "env" / "Scripts" / "python.exe"
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip()
    (Path(packages) / "tests.pth").write_text(sysconfig.get_path("purelib"))
    # No network is asked: what it needs, to be built and to run, is there.
    install = ["-m", "pip", "install", "-q", "--no-index", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [python, *install, "--no-warn-script-location", source], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return python.parent


def test_the_command_opens_every_page_from_any_folder(environment, desk, tmp_path):
    """The folder that it was built from is not needed."""
    command = [environment / "latent-lab"]
    with serving(tmp_path, root=tmp_path, command=command) as url, desk.tab(url) as lab:
        for page in ("home", "decode", "compare", "interpolate", "denoise", "family"):
            lab.open("/" if page == "home" else f"/{page}")
        lab.open("/train", ready="h1")
        assert not lab.page.locator(".stException, .stAlert").count()
    ask = [environment / "python", "-c", "import aecore.layout; print(aecore.layout.SITE)"]
    site = subprocess.run(ask, cwd=tmp_path, capture_output=True, text=True).stdout.strip()
    assert Path(site).is_relative_to(environment.parent)


def test_its_port_is_that_of_the_environment_and_options_reach_streamlit(monkeypatch):
    from aecore.ui import command

    called = []
    monkeypatch.setattr(command.cli, "main", lambda arguments, **_: called.append(arguments))
    monkeypatch.setenv("PORT", "8600")
    for arguments in ([], ["--port", "8700", "--server.baseUrlPath", "teach"]):
        with pytest.raises(SystemExit):
            command.main(arguments)
    script = str(ROOT / "app.py")
    assert called == [
        ["run", script, "--server.port=8600"],
        ["run", script, "--server.port=8700", "--server.baseUrlPath", "teach"],
    ]


def test_both_lists_of_requirements_are_the_same():
    """Those of a clone, and those of an installation with its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    parts = [project["dependencies"], *project["optional-dependencies"].values()]
    listed = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    assert [line for line in listed if not re.match("#", line)] == [one for p in parts for one in p]
