"""`fit`: training as an iterator. It knows neither the model's loss nor who is watching."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import Tensor

from aecore.data import Dataset, Split
from aecore.errors import LabError
from aecore.families.base import Model
from aecore.families.plan import Phase, phase_ends
from aecore.training.batches import epochs_of
from aecore.training.config import FitConfig
from aecore.training.optimiser import Moments, Optimiser

CHECK_EVERY = 25  # steps between looks at whether the loss is still a number


@dataclass(frozen=True)
class Record:
    """One report of progress.

    Attributes:
        epoch: epochs finished, a fraction within one.
        step: optimiser steps taken so far.
        steps: optimiser steps in all.
        losses: the model's named terms, mean over the training images since the last report.
        test: the same on all test images, at the end of each epoch; else None.
        seconds: time spent training and testing so far.
        phase: the name of the phase of the last of these steps (see `aecore.families.plan`).
    """

    epoch: float
    step: int
    steps: int
    losses: dict[str, float]
    test: dict[str, float] | None
    seconds: float
    phase: str = ""

    def as_dict(self) -> dict:
        """Plain values, for JSON."""
        return asdict(self)


def fit(
    model: Model,
    data: Dataset,
    config: FitConfig | None = None,
    *,
    report_every: int | Callable[[int], bool] | None = None,
    resume: dict[str, Tensor] | None = None,
    plan: Sequence[Phase] | None = None,
    **changes: Any,
) -> "Training":
    """Train a model; yield a `Record` after each epoch. To stop, ask for no further record.

    The model's own plan is followed, phase after phase: in each batch its updates, each by AdamW
    (or Adam) under a one-cycle learning rate, gradients clipped by norm. A phase that ends within
    an epoch ends with a record, too. The same seed on the same machine gives the same weights,
    whatever happens between two records, and also when training resumes from a saved
    `Training.state`.

    Args:
        model: trained in place, left in evaluation mode at every record.
        data: training images stay uint8 in memory; each batch is converted when it is used.
        config: how to train; keyword ``changes`` such as ``epochs=5`` replace its fields.
        report_every: also yield a record, without test losses, every so many steps, or after each
            step for which this is true.
        resume: go on from this state, of the same model, data and settings.
        plan: phases in place of the model's own.

    Raises:
        LabError: for a bad setting or a state that does not fit, before training; and when the
            loss or a gradient stops being a number, with the last good weights left in the model.

    Example:
        >>> import aecore
        >>> model = aecore.build_model("ae", hidden=(16,))
        >>> for record in fit(model, aecore.load_dataset("digits"), epochs=2):
        ...     pass
        >>> record.epoch, sorted(record.test)
        (2.0, ['loss', 'reconstruction'])
    """
    try:
        config = replace(config or FitConfig(), **changes)
    except TypeError as error:
        known = ", ".join(asdict(FitConfig()))
        takes = f"fit takes the settings {known}"
        raise LabError(f"{takes}: {error}.", f"{takes}.") from error
    if config.device == "cuda" and not torch.cuda.is_available():
        raise LabError("There is no GPU that torch can use here. Train with device='cpu'.")
    check_labels(model, config)
    if config.labels:
        data = data.few_labels(config.labels, config.seed)
    if config.binarised:
        data = replace(data, test=data.test.binarised())
    return Training(model, data, config, report_every, resume, plan)


def check_labels(model: Model, config: FitConfig) -> None:
    """Refuse a number of known labels for a family that has no use for unknown ones."""
    if config.labels and model.labelled_share is None:
        raise LabError(
            f"The family {model.name!r} does not learn from known and unknown labels: "
            "leave out the setting labels."
        )


class Training(Iterator[Record]):
    """Training under way: what `fit` returns. Its state can be saved between two records.

    Raises:
        LabError: when the state to go on from is not of this model and these settings.
    """

    def __init__(
        self,
        model: Model,
        data: Dataset,
        config: FitConfig,
        report_every: int | Callable[[int], bool] | None = None,
        resume: dict[str, Tensor] | None = None,
        plan: Sequence[Phase] | None = None,
    ) -> None:
        self.model, self.config = model, config
        self.device = pick_device(config.device)
        model.to(self.device)
        self.size = min(config.batch_size, len(data.train))
        self.steps = config.epochs * -(-len(data.train) // self.size)
        self.plan = tuple(plan or model.plan())
        self.ends = phase_ends(self.plan, self.steps)
        self.noise = torch.Generator(self.device).manual_seed(config.seed)
        self.step, self.seconds = 0, 0.0
        self._begin_phase()
        if resume is not None:
            self._go_on_from(resume)
        self._records = self._train(data, report_every)

    def __next__(self) -> Record:
        return next(self._records)

    def close(self) -> None:
        """Stop; the model keeps what it learned up to the last record or a little beyond."""
        self._records.close()

    def state(self) -> dict[str, Tensor]:
        """All that training goes on from, as tensors: after a record, before the next.

        Weights, the moments of the phase's optimisers, the state of the noise, steps and seconds so
        far. The phase, the order of the images and the learning rate follow from the seed and the
        step.
        """
        return {
            **{f"model.{name}": value for name, value in self.model.state_dict().items()},
            **{
                f"moments.{update}.{number}.{name}": value
                for update, optimiser in enumerate(self.optimisers)
                for number, values in optimiser.moments.items()
                for name, value in values.items()
            },
            "noise": self.noise.get_state(),
            "step": torch.tensor([self.step]),
            "seconds": torch.tensor([self.seconds], dtype=torch.float64),
        }

    def _begin_phase(self) -> None:
        """The phase of the next step, and new optimisers for its updates."""
        last = len(self.plan) - 1
        number = next((i for i, end in enumerate(self.ends) if self.step < end), last)
        self.phase = self.plan[number]
        self.start = self.ends[number - 1] if number else 0
        steps = self.ends[number] - self.start
        self.optimisers = [
            Optimiser(self.model, update, self.config, steps) for update in self.phase.updates
        ]

    def _go_on_from(self, state: dict[str, Tensor]) -> None:
        moments: dict[int, Moments] = {}
        try:
            for name, value in state.items():
                if name.startswith("moments."):
                    # Before there were several updates, none had a number.
                    *update, number, part = name.split(".")[1:]
                    of_update = moments.setdefault(int(update[0]) if update else 0, {})
                    of_update.setdefault(int(number), {})[part] = value.to(self.device, copy=True)
            weights = {k.removeprefix("model."): v for k, v in state.items() if "model." in k}
            self.model.load_state_dict(weights)
            self.step, self.seconds = int(state["step"]), float(state["seconds"])
            self._begin_phase()
            within = self.start < self.step < self.steps
            if within and len(moments) != len(self.optimisers):
                raise ValueError("moments of other updates")
            for place, values in moments.items() if within else ():
                self.optimisers[place].moments |= values
            self.noise.set_state(state["noise"])
        except (KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
            raise LabError(
                "This state of training belongs to another model or other settings. "
                "Start the run anew."
            ) from error

    def _train(
        self, data: Dataset, report_every: int | Callable[[int], bool] | None
    ) -> Generator[Record, None, None]:
        model, config, device = self.model, self.config, self.device
        images, labels = on_device(data.train, device)
        autocast = torch.autocast(
            device.type, torch.bfloat16, enabled=uses_bfloat16(config.precision, device)
        )
        order = epochs_of(
            torch.tensor(data.train.known),
            self.size,
            model.labelled_share,
            torch.Generator().manual_seed(config.seed),
        )
        guard = _Guard(model)
        wanted = report_every if callable(report_every) else _every(report_every)
        totals: dict[str, Tensor] = {}
        seen = 0
        done, within = divmod(self.step, self.steps // config.epochs)

        for epoch, batches in zip(range(config.epochs), order, strict=False):
            if epoch < done:
                continue  # trained before; only its order was drawn again
            clock = time.perf_counter()
            model.train()
            for rows in batches[within if epoch == done else 0 :]:
                rows = rows.to(device)
                # index_select is eight times as fast as images[rows]
                x = images.index_select(0, rows).float().div_(255)
                if config.binarised:
                    x = torch.bernoulli(x, generator=self.noise)
                y = labels.index_select(0, rows)
                losses: dict[str, Tensor] = {}
                model.progress = self.step / self.steps
                for optimiser in self.optimisers:
                    with autocast:
                        found = model.objective(optimiser.term, x, y, generator=self.noise)
                    norm = optimiser.step(found[optimiser.term], self.step - self.start)
                    guard.watch(found[optimiser.term], norm)
                    losses = found | losses  # a term counts as the first update has it
                self.step += 1
                seen += len(rows)
                for name, value in losses.items():
                    totals[name] = totals.get(name, 0) + value.detach() * len(rows)
                if self.step % CHECK_EVERY == 0:
                    guard.check(epoch)
                last, ended = self.step % len(batches) == 0, self.step in self.ends
                if last or ended or wanted(self.step):
                    guard.check(epoch)
                    test = self._test(data.test) if last else None
                    self.seconds += time.perf_counter() - clock
                    means = {name: float(value) / seen for name, value in totals.items()}
                    totals, seen = {}, 0
                    model.eval()
                    model.progress = 1.0
                    phase = self.phase.name
                    if ended:
                        self._begin_phase()
                    yield self._record(means, test, phase)
                    clock = time.perf_counter()
                    model.train()

    def _test(self, split: Split) -> dict[str, float]:
        return evaluate(self.model, split, seed=self.config.seed, batch_size=self.size)

    def _record(self, means: dict[str, float], test: dict[str, float] | None, phase: str) -> Record:
        epoch = self.step * self.config.epochs / self.steps
        return Record(epoch, self.step, self.steps, means, test, self.seconds, phase)


def _every(steps: int | None) -> Callable[[int], bool]:
    return lambda step: step % steps == 0 if steps else False


@torch.no_grad()
def evaluate(
    model: Model, split: Split, *, seed: int = 0, batch_size: int = 256, batch: int = 2000
) -> dict[str, float]:
    """The model's named losses over a whole split: means over its images, in float32.

    Terms that belong to a batch are taken as in training: of batches of its size, in an order by
    chance. All others do not depend on the batches.

    Args:
        model: left in evaluation mode.
        split: labels that are not known are -1.
        seed: of the noise that the model draws, and of that order.
        batch_size: of the training.
        batch: images that are taken together where that does not matter.

    Example:
        >>> import aecore
        >>> digits = aecore.load_dataset("digits")
        >>> sorted(evaluate(aecore.build_model("vae", hidden=(16,)), digits.test))
        ['kl', 'loss', 'reconstruction']
    """
    model.eval()
    device = next(model.parameters()).device
    images, labels = on_device(split, device)
    if any(term.batch for term in model.TERMS):
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
        images, labels, batch = images[order], labels[order], batch_size
    noise = torch.Generator(device).manual_seed(seed)
    totals: dict[str, float] = {}
    for x, y in zip(images.split(batch), labels.split(batch), strict=True):
        for name, value in model.losses(x.float().div_(255), y, generator=noise).items():
            totals[name] = totals.get(name, 0.0) + float(value) * len(x)
    return {name: total / len(images) for name, total in totals.items()}


class _Guard:
    """Keeps the last weights that were good, and refuses to go on from bad ones."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.worst: Tensor | float = 0.0
        self.good = self._copy()

    def watch(self, loss: Tensor, norm: Tensor) -> None:
        # A sum stays non-finite once one of its terms is: no need to look at every step.
        self.worst = self.worst + loss.detach().float() + norm

    def check(self, epoch: int) -> None:
        if torch.isfinite(torch.as_tensor(self.worst)):
            self.worst = 0.0
            self.good = self._copy()
            return
        self.model.load_state_dict(self.good)
        self.model.eval()
        raise LabError(
            f"Training stopped in epoch {epoch + 1}: the loss is no longer a number. The last good "
            "weights are kept. Try a smaller learning rate."
        )

    def _copy(self) -> dict[str, Tensor]:
        return {name: value.clone() for name, value in self.model.state_dict().items()}


def on_device(split: Split, device: torch.device) -> tuple[Tensor, Tensor]:
    """Images uint8 (N, 1, 28, 28) and labels int64 (N,), -1 where not known, as tensors."""
    images = torch.tensor(split.images).unsqueeze(1).to(device)
    return images, torch.tensor(split.known_labels).to(device)


def pick_device(name: str) -> torch.device:
    """``"auto"`` is a GPU when there is one."""
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def uses_bfloat16(precision: str, device: torch.device) -> bool:
    """Whether ``precision`` means bfloat16 here: asked for, or ``"auto"`` and native."""
    if precision != "auto":
        return precision == "bfloat16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
