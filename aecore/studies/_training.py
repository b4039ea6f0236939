"""What studies share: training to the end, accuracy, and data of few labelled images alone."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from aecore.data import Dataset
from aecore.families.base import Model
from aecore.families.encoding import in_batches
from aecore.families.plan import Phase
from aecore.training import fit


def trained(
    model: Model, data: Dataset, *, plan: Sequence[Phase] | None = None, **settings: Any
) -> Model:
    """A model after its training."""
    for _ in fit(model, data, plan=plan, **settings):
        pass
    return model


def accuracy(model: Model, data: Dataset) -> float:
    """Share of the test images that a model reads right."""
    right = 0
    with torch.no_grad():
        for x, y in in_batches(data.test.images, data.test.labels.astype(np.int64), 2000):
            read = model.classify(x)
            assert read is not None
            right += int(torch.eq(read.argmax(1), torch.as_tensor(y)).sum())
    return right / len(data.test)


def quick(data: Dataset, tests: int = 100) -> Dataset:
    """The same with few test images: a study reads the test set once, at the end."""
    test = replace(
        data.test,
        **{name: getattr(data.test, name)[:tests] for name in ("images", "labels", "known")},
    )
    return replace(data, test=test)


def labelled(data: Dataset, n: int, seed: int, images: int = 12_000) -> Dataset:
    """Only the images whose labels are known, over and over where they are fewer than ``images``:
    an epoch of them is long enough to learn something.
    """
    train = data.few_labels(n, seed).train if n < len(data.train) else data.train
    rows = np.flatnonzero(train.known_labels >= 0)
    rows = np.resize(rows, max(len(rows), images))
    return replace(
        data,
        train=replace(
            train, **{name: getattr(train, name)[rows] for name in ("images", "labels", "known")}
        ),
    )
