"""The engine: a Dask scheduler and its workers, on this machine or elsewhere.

Without ``DASK_SCHEDULER_ADDRESS`` it is one process beside the server, `python -m aecore.jobs`,
that keeps the scheduler and the workers. It prints its address, and ends, its workers with it, when
the pipe to its standard input is closed: however the server ended. With the variable it is that
cluster, whose workers must see the same folder of runs at the same path and find `aecore`.

Connections are neither encrypted nor authenticated: whoever reaches the scheduler's port can run
code as its user. On this machine that is every local user, as it listens on the loopback address.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aecore.errors import LabError
from aecore.jobs import subprocesses
from aecore.runs.limits import MEGABYTE, limit

if TYPE_CHECKING:
    from distributed import Client

ANSWER = 10.0  # seconds that a scheduler may take to answer, and to come back once it was lost
MEMORY_SHARE = 0.8  # of the machine's memory, for all workers together
LIBRARIES = 700 * MEGABYTE  # bytes that a worker takes before it trains anything (530 measured)
LOOK_EVERY = 5.0  # seconds between two looks at whether all workers are there
UNREACHED = (
    "What trains the models cannot be reached at this time. Runs keep their place and start once "
    "it answers; if they do not, tell whoever runs the server."
)
NICE = 10  # of the workers, so that the server answers first; LATENT_LAB_NICE sets another

_lock = threading.Lock()
_engine: "Engine | None" = None


@dataclass
class Engine:
    """A connection to the scheduler, and its process where this server started one."""

    client: "Client"
    process: subprocess.Popen | None

    @property
    def own(self) -> bool:
        """Whether it ends with this server."""
        return self.process is not None

    @property
    def lost(self) -> bool:
        """Whether its process or its connection has ended."""
        ended = self.process is not None and self.process.poll() is not None
        return ended or self.client.status == "closed"

    def workers(self) -> list[str]:
        """The addresses of its workers."""
        return list(self.client.scheduler_info(n_workers=-1)["workers"])

    def close(self) -> None:
        """Disconnect, and end the process that this server started."""
        with suppress(Exception):  # of a connection that is gone already
            self.client.close(timeout=2)
        if self.process is not None and self.process.stdin and self.process.stdout:
            with suppress(subprocess.TimeoutExpired, OSError):
                self.process.stdin.close()
                self.process.wait(5)
            self.process.stdout.close()


def running() -> Engine | None:
    """The engine, if there is one; it may be lost."""
    return _engine


def get(wait: float) -> Engine | None:
    """The engine, started if need be; None when another thread starts it for longer than this.

    Raises:
        LabError: when it cannot be started or reached.
    """
    global _engine
    if _engine is not None and not _engine.lost:
        return _engine
    if not _lock.acquire(timeout=max(0.0, wait)):
        return None
    try:
        if _engine is None or _engine.lost:
            _engine = _start()
        return _engine
    finally:
        _lock.release()


def close() -> None:
    """End the engine, if there is one and it is ours."""
    global _engine
    engine, _engine = _engine, None
    if engine is not None:
        engine.close()


def _start() -> Engine:
    from distributed import Client, fire_and_forget

    from aecore.jobs import worker

    process, address = None, os.environ.get("DASK_SCHEDULER_ADDRESS")
    if not address:
        process, address = _start_process()
    try:
        client = Client(address, set_as_default=False, timeout=ANSWER, name="latent-lab")
    except (OSError, ValueError) as error:
        if process is not None:
            process.kill()
        raise LabError(
            f"The engine at {address} does not answer. Start it, or unset DASK_SCHEDULER_ADDRESS.",
            UNREACHED,
        ) from error
    engine = Engine(client, process)
    if not engine.own:
        for one in engine.workers():
            fire_and_forget(client.submit(worker.warm_up, workers=[one], pure=False))
    return engine


def _start_process() -> tuple[subprocess.Popen, str]:
    process = subprocesses.start("aecore.jobs", stdout=subprocess.PIPE)
    try:
        line = process.stdout.readline() if process.stdout else b""
        return process, json.loads(line)["address"]
    except (ValueError, KeyError, TypeError) as error:
        process.kill()
        raise LabError(
            "The engine that trains could not be started on this machine.", UNREACHED
        ) from error


def main() -> None:
    """Keep a scheduler and workers until standard input is closed."""
    with suppress(AttributeError, OSError, ValueError):
        os.nice(int(os.environ.get("LATENT_LAB_NICE") or NICE))
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with tempfile.TemporaryDirectory(prefix="latent-lab-", ignore_cleanup_errors=True) as folder:
        # What the libraries put into the temporary folder, here and in the workers, goes with it.
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        with suppress(KeyboardInterrupt, BrokenPipeError):
            _work(ended)
    os._exit(0)  # the workers watch this process and go with it


def _work(ended: threading.Event) -> None:
    import dask
    from distributed import LocalCluster
    from distributed.system import MEMORY_LIMIT

    workers = max(1, int(limit("running")))
    share = MEMORY_SHARE * MEMORY_LIMIT / workers
    memory = max(LIBRARIES, min(LIBRARIES + limit("memory_mb") * MEGABYTE, share))
    dask.config.set(
        {
            # What ended its worker is not tried again: it would end the next one, too.
            "distributed.scheduler.allowed-failures": 0,
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
            # While nobody trains it rests: .03 of a core for all, .11 with what it does by itself.
            "distributed.worker.profile.enabled": False,
            "distributed.admin.tick.interval": "1s",
            "distributed.admin.system-monitor.interval": "5s",
            "temporary-directory": tempfile.gettempdir(),
        }
    )
    cluster = LocalCluster(
        host="127.0.0.1",
        n_workers=workers,
        threads_per_worker=3,  # one for a training, one that waits for UMAP, one for what is brief
        processes=True,
        scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        memory_limit=int(memory),
        silence_logs=logging.CRITICAL,  # what became of a run is in its status
        preload=["aecore.jobs.worker"],
    )
    print(json.dumps({"address": cluster.scheduler_address}), flush=True)
    threading.Thread(target=_read_to_the_end, args=(ended,), daemon=True).start()
    while not ended.wait(LOOK_EVERY):
        cluster.scale(workers)  # those that are gone for good come back


def _read_to_the_end(ended: threading.Event) -> None:
    sys.stdin.buffer.read()
    ended.set()
