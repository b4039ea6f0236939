"""Workspaces: each visitor's own runs, behind a token that is hard to guess.

A workspace is a folder named by a hash of its token, so that no text from a visitor ever becomes
a path, and whoever lists the disk learns no token. The folder of a run in it has a made-up name;
its title and notes are text in a file.
"""

import json
import re
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from math import prod
from pathlib import Path

from aecore.errors import LabError, unwritten
from aecore.families.description import Description
from aecore.files import Header, read_header, write_json
from aecore.runs import Run, RunConfig, check_name, list_runs, open_run, runs_folder
from aecore.runs.limits import MEGABYTE, limit
from aecore.runs.networks import OURS

TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")
LONGEST_TITLE = 80  # characters
LONGEST_NOTES = 4000
LONGEST_TRAINING = 1e9  # seconds that a model file is believed


def new_token() -> str:
    """A token for a new workspace: 128 random bits that can stand in an address.

    Example:
        >>> len(new_token()), new_token() == new_token()
        (22, False)
    """
    return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class Note:
    """What a visitor says of a run, and what ties it to others.

    Attributes:
        title: what to call it; the run's own name where it is empty.
        notes: any text.
        group: the same for all runs that were started as one batch; else empty.
    """

    title: str = ""
    notes: str = ""
    group: str = ""


@dataclass(frozen=True)
class Workspace:
    """One visitor's runs. Made by `open_workspace`; its folder appears with the first run."""

    folder: Path

    def runs(self) -> list[Run]:
        """Its runs, the newest first."""
        return sorted(list_runs(self.folder), key=lambda run: run.config.created, reverse=True)

    def run(self, name: str) -> Run:
        """One of its runs by its name.

        Raises:
            LabError: when there is none of that name here.
        """
        folder = self.folder / check_name(name)
        if not (folder / "config.json").is_file():
            raise LabError(f"There is no run {name!r} in this workspace.")
        return open_run(folder.absolute())

    def new_folder(self, family: str) -> Path:
        """A folder for a new run, not there yet, with a name that no visitor chose."""
        return self.folder / check_name(f"{family}-{secrets.token_hex(4)}")

    def note(self, run: Run) -> Note:
        """Title, notes and group of one of its runs; empty where nothing was written."""
        file = self._own(run) / "note.json"
        try:
            values = json.loads(file.read_bytes())
            note = Note(**{name: str(text) for name, text in values.items()})
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            return Note()
        return note

    def write_note(
        self,
        run: Run,
        *,
        title: str | None = None,
        notes: str | None = None,
        group: str | None = None,
    ) -> Note:
        """Change a run's title or notes; None leaves a part as it is.

        Raises:
            LabError: for a text that is too long or cannot be stored.
        """
        given = {"title": title, "notes": notes, "group": group}
        changes = {name: _text(text, name) for name, text in given.items() if text is not None}
        note = replace(self.note(run), **changes)
        write_json(self._own(run) / "note.json", asdict(note))
        return note

    def title(self, run: Run) -> str:
        """What to call one of its runs."""
        return self.note(run).title or run.name

    def delete(self, run: Run) -> None:
        """Remove one of its runs.

        Raises:
            LabError: while it waits or is trained.
        """
        self._own(run)
        if run.status.under_way:
            raise LabError("This run is still under way. Stop it first, then delete it.")
        # First what makes it a run: a worker that still measures it may write beside.
        (run.folder / "config.json").unlink(missing_ok=True)
        shutil.rmtree(run.folder, ignore_errors=True)

    def size(self) -> int:
        """Bytes on disk."""
        return _size(self.folder)

    def check_room(self, needed: int) -> None:
        """Refuse when so many more bytes are more than the workspace may keep."""
        quota = limit("quota_mb")
        used = self.size()
        if used + needed > quota * MEGABYTE:
            raise LabError(
                f"This workspace keeps {used / MEGABYTE:.0f} of {quota:,} MB; there is no room for "
                f"{needed / MEGABYTE:.0f} MB more. Delete some of its runs."
            )

    def receive(self, content: bytes, dataset: str | None = None) -> Run:
        """Make a run of an uploaded model file, as yet without codes and figures.

        Nothing in the file is executed, and nothing of it is kept unless all of it is sound.

        Args:
            content: the file.
            dataset: what to measure it on; None for the one that it names itself.

        Raises:
            LabError: for a file that is too large, not a model of ours, damaged, or no
                autoencoder; for a dataset that is unknown or not here; when the workspace is full.
        """
        from aecore.families import Autoencoder, load_model

        most = limit("upload_mb")
        if len(content) > most * MEGABYTE:
            raise LabError(f"The file is larger than {most:,} MB, which is too large to upload.")
        self.check_room(2 * len(content))
        draft = self.new_folder("upload")
        try:
            draft.mkdir(parents=True)
            path = draft / "model.safetensors"
            path.write_bytes(content)
            header = read_header(path)
            _check_weights(header)
            model = load_model(path)
            if not isinstance(model, Autoencoder):
                raise LabError(
                    f"The file holds a {model.title.lower()}. Choose that of an autoencoder."
                )
            dataset = _images(header.meta.get("dataset") if dataset is None else dataset)
            config = RunConfig(
                draft.name,
                model.name,
                model.options,
                dataset,
                _settings(header.meta),
                about=Description.of(model).plain(),
            )
            how = {"dataset": dataset, "fit": config.fit, "seconds": _seconds(header.meta)}
            how[OURS] = True
            # Networks and prior are described anew: the file's own word for them is not taken.
            half = all(tensor["dtype"] == "F16" for tensor in header.tensors.values())
            model.save(path, half=half, extra=how)
            write_json(draft / "config.json", asdict(config))
            return open_run(draft.absolute())
        except BaseException as error:
            shutil.rmtree(draft, ignore_errors=True)
            if isinstance(error, OSError):
                raise LabError(
                    f"The file could not be stored in {self.folder}: {error.strerror}. Make it "
                    "writable, or set LATENT_LAB_RUNS to another.",
                    unwritten(error),
                ) from error
            raise

    def _own(self, run: Run) -> Path:
        """The folder of a run that is really one of these: pages pass names on."""
        if run.folder.absolute().parent != self.folder.absolute():
            raise LabError(f"There is no run {run.name!r} in this workspace.")
        return run.folder


def open_workspace(token: str) -> Workspace:
    """The workspace of a token.

    Raises:
        LabError: for a text that is no token.

    Example:
        >>> open_workspace("../../etc")
        Traceback (most recent call last):
        ...
        aecore.errors.LabError: This is not the address of a workspace. Open the page anew for a
        fresh one.
    """
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        raise LabError(
            "This is not the address of a workspace. Open the page anew for a fresh one."
        )
    return Workspace(workspaces_folder() / sha256(token.encode()).hexdigest()[:32])


def workspaces_folder() -> Path:
    """Where all workspaces are."""
    return runs_folder().absolute() / "workspaces"


def expire(now: float | None = None) -> list[str]:
    """Delete the runs that nobody has changed for so many days, and workspaces left empty.

    A run that waits or is trained stays. Returns the names of the runs deleted.
    """
    oldest = (time.time() if now is None else now) - limit("days") * 86_400
    gone = []
    for workspace in workspaces_folder().glob("*"):
        for folder in workspace.glob("*"):
            if _changed(folder) < oldest and _may_go(folder):
                shutil.rmtree(folder, ignore_errors=True)
                gone.append(folder.name)
        with suppress(OSError):  # mostly: it is not empty
            if _changed(workspace) < oldest:
                workspace.rmdir()
    return gone


def _may_go(folder: Path) -> bool:
    try:
        return not open_run(folder).status.under_way
    except LabError:
        return True  # no run, or a damaged one


def _changed(folder: Path) -> float:
    """When the newest thing in a folder was changed."""
    times = [0.0]
    for path in (folder, *folder.rglob("*")):
        with suppress(OSError):
            times.append(path.lstat().st_mtime)
    return max(times)


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # gone meanwhile
            total += path.lstat().st_size
    return total


def _check_weights(header: Header) -> None:
    """Refuse a model beyond the limit of weights."""
    most = limit("parameters")
    count = sum(prod(tensor["shape"]) for tensor in header.tensors.values())
    if count > most:
        raise LabError(f"The model has {count:,} weights, and may have up to {most:,}.")


def _images(dataset: object) -> str:
    """The name of images that a model can be measured on here."""
    from aecore.data import available_datasets

    info = next((one for one in available_datasets() if one.name == dataset), None)
    if info is None:
        raise LabError(
            "The file does not say what it was trained on. Choose the images to measure it on."
        )
    if not info.on_disk:
        raise LabError(
            f"{info.title}, which the model is to be measured on, is not here. Download it "
            "first, or choose other images."
        )
    return info.name


def _seconds(meta: dict) -> float | None:
    """How long the training took, as a model file tells; None where it tells no such number."""
    seconds = meta.get("seconds")
    if isinstance(seconds, (int, float)) and 0 <= seconds < LONGEST_TRAINING:
        return float(seconds)
    return None


def _settings(meta: dict) -> dict:
    """The training settings that a model file tells; none where it tells none that hold."""
    from aecore.training import FitConfig

    try:
        return asdict(FitConfig(**meta["fit"]))
    except (KeyError, TypeError, LabError):
        return {}


def _text(text: str, name: str) -> str:
    """A visitor's text: without what cannot be shown or stored, and not longer than it may be."""
    most = LONGEST_NOTES if name == "notes" else LONGEST_TITLE
    if not isinstance(text, str):
        raise LabError(f"The {name} must be a text.")
    text = text.encode("utf-8", "ignore").decode()  # halves of characters
    text = "".join(c for c in text if c == "\n" or c.isprintable()).strip()
    if name != "notes":
        text = " ".join(text.split())
    if len(text) > most:
        raise LabError(f"The {name} may have up to {most:,} characters; this has {len(text):,}.")
    return text
