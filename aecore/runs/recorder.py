"""Writes a run while it is trained."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from aecore.errors import LabError, unwritten
from aecore.families.description import Description
from aecore.files import write_atomic, write_json
from aecore.runs.run import Run, RunConfig, check_name

if TYPE_CHECKING:  # torch is loaded only by what needs a model
    from aecore.families import Model
    from aecore.training import FitConfig, Record, Training


class Recorder:
    """Writes a run while it is trained: the configuration first, then records and weights.

    Codes and figures come last, by `aecore.analysis.card.finish`.

    Args:
        folder: made if need be; its name becomes the run's name.
        model: its family and options are recorded.
        dataset: the name of the dataset.
        fit: the training settings.

    Raises:
        LabError: when the folder holds a run already, or cannot be written.
    """

    def __init__(self, folder: str | Path, model: "Model", dataset: str, fit: "FitConfig") -> None:
        self.folder = Path(folder)
        check_name(self.folder.name)
        if (self.folder / "config.json").exists():
            raise LabError(
                f"There is a run in {self.folder.name!r} already. "
                "Choose another name, or delete it.",
                f"There is a run {self.folder.name!r} already. Choose another name, or delete it.",
            )
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LabError(
                f"The folder {self.folder} cannot be made: {error.strerror}. Make it writable, or "
                "set LATENT_LAB_RUNS to another.",
                unwritten(error),
            ) from error
        about = Description.of(model).plain()
        self.config = RunConfig(
            self.folder.name, model.name, model.options, dataset, asdict(fit), about=about
        )
        self.seconds = 0.0
        write_json(self.folder / "config.json", asdict(self.config))

    @classmethod
    def of(cls, run: Run, step: int = 0, seconds: float = 0.0) -> "Recorder":
        """Go on writing a run that is there, from a step on: what was recorded later is dropped.

        Raises:
            LabError: when the records are damaged or cannot be written.
        """
        recorder = cls.__new__(cls)
        recorder.folder, recorder.config, recorder.seconds = run.folder, run.config, seconds
        lines = [json.dumps(r) + "\n" for r in run.records() if r["step"] <= step]
        if (run.folder / "metrics.jsonl").exists():
            write_atomic(
                run.folder / "metrics.jsonl", lambda file: file.write("".join(lines).encode())
            )
        return recorder

    def record(self, record: "Record") -> None:
        """Append one record of `fit`."""
        self.seconds = record.seconds
        try:
            with open(self.folder / "metrics.jsonl", "a", encoding="utf-8") as file:
                file.write(json.dumps(record.as_dict()) + "\n")
        except OSError as error:
            raise LabError(
                f"The run could not be written: {error.strerror}.", unwritten(error)
            ) from error

    def checkpoint(self, training: "Training") -> None:
        """Keep what training goes on from, and its weights as a model that can be used now."""
        from aecore.training.checkpoint import save_checkpoint

        run = Run(self.folder, self.config)
        save_checkpoint(training, run.checkpoint)
        self.keep(training.model)

    def keep(self, model: "Model", *, half: bool = False) -> Path:
        """Write the weights, with all that a card says of how they were trained."""
        how = {
            "dataset": self.config.dataset,
            "fit": self.config.fit,
            "created": self.config.created,
            "seconds": round(self.seconds, 1),
        }
        return model.save(Run(self.folder, self.config).weights, half=half, extra=how)
