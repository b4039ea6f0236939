"""The steps of `Dockerfile` and `compose.yaml`, taken in a fresh folder without an engine.

Each RUN line is run as it stands, as root; then the services of the compose file are started as the
image's user, their health is checked as it says, and a model is trained on its workers.

    python .ci/check_containers.py             packages are installed as the image would
    python .ci/check_containers.py --offline   those of this environment are used

Folders such as /data lie below the fresh one, `scheduler` is this machine, and ports are free ones.
"""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from fnmatch import fnmatch
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PATIENCE = 90.0  # seconds for a service to be healthy
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0"}
# It may read all, as this machine's Python may lie in root's own folder; it writes what is its own.
AS_USER = ["setpriv", "--clear-groups", "--inh-caps=+dac_read_search"]
AS_USER += ["--ambient-caps=+dac_read_search"]
Process = subprocess.Popen[str]
TRAIN = """
import time
from aecore import jobs
from aecore.runs.workspaces import new_token, open_workspace
workspace = open_workspace(new_token())
spec = jobs.Spec("vae", "digits", {"hidden": [16]}, {"epochs": 1})
runs = [jobs.submit(workspace, spec) for _ in range(2)]
while any(jobs.follow(run).status.busy for run in runs):
    time.sleep(0.2)
print(*(jobs.follow(run).status.state for run in runs), *(run.folder for run in runs))
"""


class Image:
    """What the lines of a Dockerfile make of a folder."""

    def __init__(self, folder: Path, *, offline: bool) -> None:
        self.folder, self.work, self.user = folder, folder, 0
        self.health = ""
        environment = folder / "python"
        options = ["--without-pip"] if offline else []
        subprocess.run([sys.executable, "-m", "venv", *options, environment], check=True)
        path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
        temporary = folder / "tmp"
        temporary.mkdir()
        temporary.chmod(0o1777)
        self.variables = {"PATH": path, "HOME": str(folder), "TMPDIR": str(temporary)}
        self.building = {}
        if offline:
            packages = sysconfig.get_path("purelib", vars={"base": str(environment)})
            (Path(packages) / "others.pth").write_text(sysconfig.get_path("purelib"))
            self.building = OFFLINE
        else:
            self.building = {k: v for k, v in os.environ.items() if k.startswith("PIP_")}

    def place(self, path: str) -> Path:
        """Where a path of the image is."""
        return self.folder / path.lstrip("/") if path.startswith("/") else self.work / path

    def take(self, line: str) -> None:
        """Take one step. Raises ValueError for an instruction that is not known here."""
        name, _, rest = line.partition(" ")
        match name:
            case "FROM" | "ARG" | "VOLUME" | "EXPOSE" | "CMD":
                pass
            case "WORKDIR":
                self.work = self.place(rest)
                self.work.mkdir(parents=True, exist_ok=True)
            case "COPY":
                source, target = rest.split()
                for found in sent(source):
                    to = self.place(target) / found
                    to.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / found, to)
            case "ENV":
                for pair in shlex.split(rest):
                    key, _, value = pair.partition("=")
                    self.variables[key] = self.below(value)
            case "USER":
                self.user = int(rest.split(":")[0])
            case "RUN":
                print("RUN", rest, flush=True)
                self.run(["sh", "-c", rest], **self.building)
            case "HEALTHCHECK":
                self.health = rest.removeprefix("CMD ")
            case _:
                raise ValueError(f"{name} is not known here")

    def below(self, value: str) -> str:
        """A value of the environment, its folder below the fresh one."""
        return str(self.place(value)) if value.startswith("/") else value

    def start(self, command: list[str], variables: dict[str, str], **how: object) -> Process:
        """Start a command in it."""
        user = [*AS_USER, f"--reuid={self.user}", f"--regid={self.user}"] if self.user else []
        environment = self.variables | variables
        return subprocess.Popen([*user, *command], cwd=self.work, env=environment, text=True, **how)

    def run(self, command: list[str], **variables: str) -> str:
        """Run a command in it; what it printed. Raises RuntimeError when it fails."""
        process = self.start(command, variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        printed, _ = process.communicate()
        if process.returncode:
            raise RuntimeError(f"{shlex.join(command)}\n{printed}")
        return printed


def lines(text: str) -> list[str]:
    """The instructions of a Dockerfile, each in one line."""
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^#.*\n", "", text))
    return [line.strip() for line in joined.splitlines() if line.strip()]


def sent(source: str) -> list[str]:
    """The files of the project that COPY takes, without those of `.dockerignore`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", source]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    names = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    return [name for name in names if not any(leaves_out(pattern, name) for pattern in ignored)]


def leaves_out(pattern: str, name: str) -> bool:
    """Whether a line of `.dockerignore` is of a file: below the project, with `**/` anywhere."""
    anywhere, parts = pattern.startswith("**/"), Path(name).parts
    return any(
        fnmatch(part, pattern.removeprefix("**/")) for part in (parts if anywhere else parts[:1])
    )


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def here(text: str, ports: dict[str, int]) -> str:
    """A text of the compose file for this machine: its ports, and its name for the scheduler."""
    for port, other in ports.items():
        text = re.sub(rf"\b{port}\b", str(other), text)
    return re.sub(r"\bscheduler(?=[:'])", "127.0.0.1", text)


def wait(image: Image, check: str, variables: dict[str, str]) -> None:
    """Wait until a health check passes. Raises RuntimeError when it does not in time."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            image.run(["sh", "-c", check], **variables)
            return
        except RuntimeError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def main(arguments: list[str]) -> int:
    """Build, start, check and train; 2 where it cannot be tried."""
    another = [*AS_USER, "--reuid=1", "--regid=1", "true"]
    if not shutil.which("setpriv") or subprocess.run(another, capture_output=True).returncode:
        print("This wants Linux and the rights of root, as the image's user is another one.")
        return 2
    folder = Path(tempfile.mkdtemp(prefix="image-"))
    folder.chmod(0o755)
    processes: list[Process] = []
    try:
        image = Image(folder, offline="--offline" in arguments)
        for line in lines((ROOT / "Dockerfile").read_text("utf-8")):
            image.take(line)
        services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
        ports = {"8786": free_port(), "8501": free_port()}
        for name in ("scheduler", "worker", "app"):
            service = services[name]
            variables = {k: here(v, ports) for k, v in service.get("environment", {}).items()}
            for _ in range(service.get("deploy", {}).get("replicas", 1)):
                command = shlex.split(here(service["command"], ports))
                print(name, shlex.join(command), flush=True)
                processes.append(image.start(command, variables))
            check = service.get("healthcheck", {"test": image.health})
            if not check.get("disable"):
                wait(image, here(check["test"], ports), variables)
        done = image.run(["python", "-c", TRAIN], **variables).split()
        print("trained", *done)
        return 0 if done[:2] == ["done"] * 2 else 1
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(20)
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
