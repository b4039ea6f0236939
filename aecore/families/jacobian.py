"""The Jacobian of an encoder, ∂f(x)/∂x: how far a code moves with its image."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import jacfwd, jacrev, vmap

from aecore.families.networks import PIXELS

TOGETHER = 64  # images whose Jacobians are in memory at a time


def jacobian(encoder: nn.Module, x: Tensor, size: int) -> Tensor:
    """∂f/∂x of each image, exactly, (B, size, 784): as many passes as the smaller side has.

    Args:
        encoder: f, from images (B, 1, 28, 28) to codes.
        x: the images.
        size: of a code.

    Example:
        >>> linear = nn.Sequential(nn.Flatten(), nn.Linear(784, 3))
        >>> found = jacobian(linear, torch.rand(2, 1, 28, 28), 3)
        >>> bool(torch.allclose(found[1], linear[1].weight))
        True
    """
    return _each(lambda image: _of_one(encoder, image, size), x)


def squared_norm(encoder: nn.Module, x: Tensor, size: int) -> Tensor:
    """‖∂f/∂x‖²_F of each image, (B,), differentiable in the weights; as `jacobian`, but without
    memory for all Jacobians at once.
    """
    return _each(lambda image: _of_one(encoder, image, size).square().sum(), x)


def estimated_norm(
    encoder: nn.Module, x: Tensor, generator: torch.Generator | None = None
) -> Tensor:
    """An estimate of ‖∂f/∂x‖²_F of each image from one backward pass, (B,): ‖vᵀ ∂f/∂x‖² with the
    numbers of v +1 or −1 by chance, right on average.

    References:
        Hutchinson, A Stochastic Estimator of the Trace, 1990.
    """

    def pulled(image: Tensor, v: Tensor) -> Tensor:
        back = torch.func.vjp(lambda one: encoder(one[None])[0], image)[1]
        return back(v)[0].square().sum()

    with torch.autocast(x.device.type, enabled=False):
        size = encoder(x[:1]).shape[1]
        coins = torch.empty(len(x), size, device=x.device).uniform_(generator=generator)
        return vmap(pulled)(x, coins.round() * 2 - 1)


def _of_one(encoder: nn.Module, image: Tensor, size: int) -> Tensor:
    derive = jacrev if size <= PIXELS else jacfwd
    return derive(lambda one: encoder(one[None])[0])(image).flatten(1)


def _each(of_one: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    with torch.autocast(x.device.type, enabled=False):
        return vmap(of_one, chunk_size=TOGETHER)(x)
