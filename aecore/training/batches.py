"""The images of each batch: every epoch in a new order, drawn from one generator."""

from collections.abc import Iterator

import torch
from torch import Tensor


def epochs_of(
    known: Tensor, size: int, share: float | None, generator: torch.Generator
) -> Iterator[list[Tensor]]:
    """Endlessly, the rows of each batch of an epoch.

    Without a ``share``, or when all labels are known, each image comes once in an epoch. With one,
    that share of each batch has known labels, and the rest has not: labelled images come again in
    an epoch as often as it takes, and as many others are left out of it, by chance.

    Args:
        known: which images have known labels, bool (N,).
        size: images in a batch; the last of an epoch may be smaller.
        share: of each batch that has known labels, from 0 to 1.
        generator: of the order.

    Example:
        >>> known = torch.tensor([True, False, False, False])
        >>> batches = next(epochs_of(known, 2, 0.5, torch.Generator().manual_seed(0)))
        >>> [int(known[rows].sum()) for rows in batches]
        [1, 1]
    """
    if share is None or known.all() or not known.any():
        while True:
            yield list(torch.randperm(len(known), generator=generator).split(size))
    sizes = [len(rows) for rows in known.split(size)]
    labelled = [round(share * count) for count in sizes]
    with_label, without = known.nonzero()[:, 0], (~known).nonzero()[:, 0]
    others = [count - some for count, some in zip(sizes, labelled, strict=True)]
    while True:
        parts = zip(
            _drawn(with_label, sum(labelled), generator).split(labelled),
            _drawn(without, sum(others), generator).split(others),
            strict=True,
        )
        yield [torch.cat(pair) for pair in parts]


def _drawn(rows: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """So many rows: each once before any comes again."""
    rounds = -(-count // len(rows))
    orders = [torch.randperm(len(rows), generator=generator) for _ in range(rounds)]
    return rows[torch.cat([torch.empty(0, dtype=torch.long), *orders])[:count]]
