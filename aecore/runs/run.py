"""A run is a folder: what was trained, how it went, and what came of it.

    config.json         family, options, dataset, training settings
    metrics.jsonl       one record per evaluation
    model.safetensors   weights
    codes.npz           codes of the test images (not for a classifier, or beyond 64 dimensions)
    card.json           figures
    status.json         where it stands (of a run that was trained in the app)
    checkpoint.safetensors, snapshots/  to go on from, and to look back on

Shipped models are runs like any other. Nothing here imports torch until a model is asked for.
"""

import json
import os
import re
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from aecore.errors import LabError, damaged_run, nearest
from aecore.families.description import Description
from aecore.layout import ASSETS
from aecore.runs.codes import MOST_DIMENSIONS, Codes
from aecore.runs.status import Status, read_status

if TYPE_CHECKING:
    from aecore.families import Model

SHIPPED = ASSETS / "pretrained"
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
VERSION = 1
TAIL = 4096  # bytes; a record has some hundred


@dataclass(frozen=True)
class RunConfig:
    """What a run is: plain values, stored as ``config.json``."""

    name: str
    family: str
    options: dict
    dataset: str
    fit: dict
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    version: int = VERSION
    about: dict = field(default_factory=dict)  # `Description.plain`; not of a run made before


@dataclass(frozen=True)
class Run:
    """A run on disk. Opening one reads its configuration; the rest is read when it is used."""

    folder: Path
    config: RunConfig

    @property
    def name(self) -> str:
        """The run's name, which is its folder's."""
        return self.config.name

    @property
    def family(self) -> str:
        """The name of its model's family."""
        return self.config.family

    @cached_property
    def about(self) -> Description:
        """Describe its model without loading it; an older run takes its family's description."""
        try:
            return Description.read(self.config.about)
        except (KeyError, TypeError):
            return _description(self.config.family, json.dumps(self.config.options))

    @property
    def latent_dim(self) -> int | None:
        """Size of a code; None for a classifier."""
        return self.config.options.get("latent_dim")

    @cached_property
    def likelihood(self) -> str:
        """Of what its nats are: −log p(x | z) of ``"bernoulli"`` or ``"gaussian"`` pixels.

        A family without that option says it by its decoder: pixels as they are, or logits.

        Example:
            >>> shipped_run("mnist-vae").likelihood, shipped_run("mnist-linear-30").likelihood
            ('bernoulli', 'gaussian')
        """
        if "likelihood" in self.config.options:
            return self.config.options["likelihood"]
        from aecore.runs.networks import header_of, networks_of

        try:
            outputs = networks_of(header_of(self))["decoder"]["outputs"]
        except (LabError, OSError, KeyError):
            return "bernoulli"
        return "gaussian" if dict(outputs).keys() == {"pixels"} else "bernoulli"

    @property
    def has_codes(self) -> bool:
        """Whether it keeps codes: an autoencoder of at most 64 dimensions."""
        return self.latent_dim is not None and self.latent_dim <= MOST_DIMENSIONS

    @property
    def weights(self) -> Path:
        """The model's file."""
        return self.folder / "model.safetensors"

    @property
    def checkpoint(self) -> Path:
        """What training goes on from, where it was left before its end."""
        return self.folder / "checkpoint.safetensors"

    @property
    def status(self) -> Status:
        """Where it stands, read anew each time."""
        return read_status(self.folder)

    @property
    def can_continue(self) -> bool:
        """Whether it was left before its end and can go on from there.

        A run that ended in numbers that are none kept its last good weights, but would come to
        the same end again.
        """
        status = self.status
        left = status.state in ("stopped", "failed", "interrupted")
        unbroken = self.checkpoint.exists() or not self.weights.exists()
        return left and (unbroken or status.kind == "measure")

    @cached_property
    def codes(self) -> Codes:
        """Codes of the test images."""
        return Codes.load(self.folder / "codes.npz")

    @cached_property
    def card(self) -> dict:
        """Figures, time taken and what they were measured on."""
        return read_json(self.folder / "card.json")

    def records(self) -> list[dict]:
        """The training records so far; a last line that is not whole yet is left out."""
        records = []
        try:
            with open(self.folder / "metrics.jsonl", encoding="utf-8") as file:
                records = [json.loads(line) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            pass
        except (OSError, ValueError, RecursionError) as error:
            raise damaged_run(self.folder / "metrics.jsonl") from error
        return records

    def last_record(self) -> dict | None:
        """The latest training record, without reading those before it; None before the first."""
        try:
            with open(self.folder / "metrics.jsonl", "rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
                *_, line = file.read().rpartition(b"\n")[0].rpartition(b"\n")
            return json.loads(line) if line else None
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            raise damaged_run(self.folder / "metrics.jsonl") from error

    def model(self) -> "Model":
        """Its model, loaded anew (this imports torch)."""
        from aecore.families import load_model

        return load_model(self.weights)


@lru_cache(maxsize=256)
def _description(family: str, options: str) -> Description:
    """As the family describes itself (this imports torch); one that is none has only a name."""
    import torch

    from aecore.families import build_model

    try:
        with torch.device("meta"):
            return Description.of(build_model(family, **json.loads(options)))
    except (LabError, TypeError):
        return Description(family, family)


def runs_folder() -> Path:
    """The folder of runs: ``LATENT_LAB_RUNS``, else ``runs`` in the current folder."""
    return Path(os.environ.get("LATENT_LAB_RUNS") or "runs")


def check_name(name: str) -> str:
    """A run's name is a folder's name, so it may hold only a-z, 0-9 and inner hyphens.

    Example:
        >>> check_name("my-vae-2")
        'my-vae-2'
        >>> check_name("../etc")
        Traceback (most recent call last):
        ...
        aecore.errors.LabError: A run's name has 1 to 64 of a-z, 0-9 and inner hyphens; '../etc'
        does not fit.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise LabError(
            "A run's name has 1 to 64 of a-z, 0-9 and inner hyphens; "
            f"{str(name)[:80]!r} does not fit."
        )
    return name


def open_run(run: str | Path) -> Run:
    """Open a run by the name of a shipped one, or by its folder.

    Raises:
        LabError: when there is no such run, or it is damaged or of a newer version.

    Example:
        >>> open_run("mnist-vae").latent_dim
        2
    """
    shipped = SHIPPED / run if NAME.fullmatch(str(run)) else None
    folder = shipped if shipped is not None and shipped.is_dir() else Path(run)
    if not os.path.isfile(folder / "config.json"):  # false for every name that no file can have
        near = nearest(folder.name[:80], (found.name for found in list_runs(SHIPPED)))
        raise LabError(
            f"There is no run {str(run)[:80]!r}.{near} Give a run's folder, or the name of a "
            f"shipped one: those in {SHIPPED}.",
            f"The run {folder.name[:80]!r} is not here any more. Choose another.",
        )
    values = read_json(folder / "config.json")
    version = values.get("version")
    if isinstance(version, int) and version > VERSION:
        raise LabError(
            f"The run {folder.name!r} was made by a newer Latent Lab. Update to open it.",
            f"The run {folder.name!r} was made by a newer Latent Lab. Choose another.",
        )
    damaged = damaged_run(folder / "config.json")
    try:
        config = RunConfig(**values)
    except TypeError as error:
        raise damaged from error
    texts, tables = (
        (config.name, config.family, config.dataset),
        (config.options, config.fit, config.about),
    )
    if not all(isinstance(v, str) for v in texts) or not all(isinstance(v, dict) for v in tables):
        raise damaged
    if not isinstance(config.version, int):
        raise damaged
    return Run(folder, config)


def list_runs(folder: Path | None = None) -> list[Run]:
    """The runs in a folder that can be opened, by name, -3 before -10; default `runs_folder`.

    Example:
        >>> [run.name for run in list_runs(SHIPPED)][:2]
        ['mnist-aae', 'mnist-aae-100']
    """
    folder = runs_folder() if folder is None else folder
    found = []
    for config in sorted(folder.glob("*/config.json"), key=lambda path: natural(path.parent.name)):
        try:
            found.append(open_run(config.parent))
        except LabError:
            continue  # a damaged run is not offered; the others still are
    return found


def natural(name: str) -> list[str | int]:
    """What names are sorted by so that their numbers count as such.

    Example:
        >>> sorted(["run-10", "run-3", "run"], key=natural)
        ['run', 'run-3', 'run-10']
    """
    parts = re.split(r"([0-9]+)", name)
    return [int(part) if i % 2 else part for i, part in enumerate(parts)]


@lru_cache(maxsize=64)
def shipped_run(name: str) -> Run:
    """A shipped run, opened once per process: it never changes."""
    return open_run(check_name(name))


def delete_run(run: Run) -> None:
    """Remove a run of one's own; a shipped one is refused."""
    if run.folder.resolve().parent == SHIPPED.resolve():
        raise LabError("A shipped run cannot be deleted.")
    shutil.rmtree(run.folder)


def read_json(path: Path) -> dict:
    """A JSON object from a run's folder.

    Raises:
        LabError: when it is missing or damaged.
    """
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise damaged_run(path, "missing or damaged") from error
    if not isinstance(value, dict):
        raise damaged_run(path)
    return value
