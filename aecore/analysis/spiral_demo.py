"""Denoising in the plane, where it can be seen: points on a curve, noise off it, and the way back.

The networks here are small enough to draw in full. Reading them needs no torch; training does.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from aecore.errors import LabError
from aecore.files import FORMAT, VERSION, packed, read_header, read_tensors, write_atomic
from aecore.runs import SHIPPED

if TYPE_CHECKING:
    from torch import nn

STORED = SHIPPED / "manifold.safetensors"

LEVELS = (0.02, 0.05, 0.1, 0.2, 0.4)  # of the noise in training, s
TURNS, INNER, OUTER = 1.5, 0.25, 1.2  # of the spiral
PIECES = 600  # straight ones, for distances
FAR = 0.2  # off the curve: beyond what the lower levels of noise reach
CLOUD = 500  # noisy points that are shown

WIDTH = 64
SHARP = 6.0  # first weights: a hidden unit must turn within the width of the noise
STEPS, BATCH, PEAK = 4000, 1024, 1e-2


def curve(n: int) -> np.ndarray:
    """Points on a spiral of one and a half turns, evenly by length, float32 (n, 2).

    Example:
        >>> curve(3).round(2) + 0.0
        array([[ 0.25, 0. ], [ 0.85, -0.16], [-1.2 , 0. ]], dtype=float32)
    """
    return along(np.linspace(0, 1, n))


def along(share: np.ndarray) -> np.ndarray:
    """Points at shares in [0, 1] of the curve's length, float32 (n, 2).

    Example:
        >>> bool(np.array_equal(along(np.array([0.0, 1.0])), curve(2)))
        True
    """
    t = np.linspace(0, 1, 8001)
    angle, radius = 2 * np.pi * TURNS * t, INNER + (OUTER - INNER) * t
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(x, axis=0).T))])
    at = np.asarray(share) * length[-1]
    return np.stack([np.interp(at, length, x[:, k]) for k in (0, 1)], 1).astype("f4")


def distance(points: np.ndarray) -> np.ndarray:
    """How far points (n, 2) are from the curve, drawn as 600 straight pieces.

    Example:
        >>> distance(np.array([[0.25, 0.0], [-2.2, 0.0]])).round(3)
        array([0., 1.])
    """
    ends = curve(PIECES + 1).astype("f8")
    start, step = ends[:-1].T, np.diff(ends, axis=0).T
    squared = []
    for part in np.split(np.asarray(points, "f8"), range(200, len(points), 200)):  # fits a cache
        x, y = part.T[..., None] - start[:, None]
        share = ((x * step[0] + y * step[1]) / (step * step).sum(0)).clip(0, 1)
        squared.append(((x - share * step[0]) ** 2 + (y - share * step[1]) ** 2).min(1))
    return np.sqrt(np.concatenate(squared))


def noisy(count: int, level: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points x drawn on the curve and x̃ = x + s ε, ε ~ N(0, I); each float32 (count, 2).

    The same seed gives the same x and ε at every level.

    Example:
        >>> x, spoiled = noisy(1000, 0.1)
        >>> bool(abs((spoiled - x).std() - 0.1) < 0.01)
        True
    """
    rng = np.random.default_rng(seed)
    x = along(rng.random(count))
    return x, x + np.float32(level) * rng.standard_normal((count, 2)).astype("f4")


def score(points: np.ndarray, level: float) -> np.ndarray:
    r"""The slope of the log density of noisy points, exactly, float64 (n, 2).

    The curve smoothed by the noise has the density p(x̃) = ∫ N(x̃; x, s² I) dx over the curve, and

        ∇ log p(x̃) = (E[x | x̃] − x̃) / s².

    The network that rebuilds x from x̃ with the least squared error gives E[x | x̃]: so its arrow,
    divided by s², is this slope.

    References:
        Alain and Bengio, What regularized auto-encoders learn from the data-generating
        distribution, 2014: (r(x̃) − x̃) / s² → ∇ log p(x̃) as s → 0.

    Example:
        >>> bool(score(np.array([[-1.3, 0.0]]), 0.1)[0, 0] > 0)  # back to the curve's end
        True
    """
    x, points = curve(2000).astype("f8"), np.asarray(points, "f8")
    power = -((points[:, None] - x) ** 2).sum(2) / (2 * level**2)
    weight = np.exp(power - power.max(1, keepdims=True))
    mean = weight @ x / weight.sum(1, keepdims=True)
    return (mean - points) / level**2


def train(level: float, seed: int = 0, steps: int = STEPS) -> "nn.Sequential":
    """A denoising autoencoder of the plane; a few seconds.

        minimise E ‖x − g(f(x̃))‖²,    x̃ = x + s ε,    x on the curve, ε ~ N(0, I).

    f turns 2 numbers into a code of 64, g turns that into 2 again. The code is no bottleneck: it is
    wide enough to copy any point, and only the noise keeps the network from that.

    Args:
        level: of the noise, s.
        seed: of the first weights and of the noise.
        steps: of Adam, with fresh noise for 1,024 points in each.

    Raises:
        LabError: for a level that is not above 0.

    Example:
        >>> [type(layer).__name__ for layer in train(0.1, steps=1)]
        ['Linear', 'Tanh', 'Linear', 'Tanh', 'Linear']
    """
    import torch
    from torch import nn

    if not 0 < level < 10:
        raise LabError(f"The noise level must lie between 0 and 10, not {level}.")
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder, hidden = nn.Linear(2, WIDTH), nn.Linear(WIDTH, WIDTH)
        model = nn.Sequential(encoder, nn.Tanh(), hidden, nn.Tanh(), nn.Linear(WIDTH, 2))
    with torch.no_grad():
        # Torch's own start is nearly linear at this scale: it learns to copy, and stays there.
        way = nn.functional.normalize(torch.randn(WIDTH, 2, generator=generator))
        encoder.weight.copy_(SHARP * way)
        encoder.bias.uniform_(-SHARP * OUTER, SHARP * OUTER, generator=generator)
        hidden.weight.mul_(2)
    points = torch.from_numpy(curve(2000))
    optimizer = torch.optim.Adam(model.parameters(), lr=PEAK, betas=(0.9, 0.99), fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK, total_steps=steps + 1)
    for _ in range(steps):
        x = points[torch.randint(len(points), (BATCH,), generator=generator)]
        spoiled = x + level * torch.randn(x.shape, generator=generator)
        error = (x - model(spoiled)).square().sum(1).mean()
        optimizer.zero_grad()
        (error / level**2).backward()  # of one size at every level
        optimizer.step()
        schedule.step()
    return model.eval()


def reconstruct(points: np.ndarray, level: float, steps: int = 1) -> np.ndarray:
    """x̂ = g(f(x̃)) by the stored network of a level, float32 (n, 2).

    Args:
        points: x̃, (n, 2).
        level: one of `LEVELS`.
        steps: how often: 2 for g(f(g(f(x̃)))).

    Raises:
        LabError: for a level that no network was trained at, or a damaged file.

    Example:
        >>> off = np.array([[-1.3, 0.0]])  # 0.1 from the curve's end
        >>> bool(distance(reconstruct(off, 0.1))[0] < 0.02)
        True
    """
    layers, arrays = networks()
    if str(level) not in layers:
        known = ", ".join(layers)
        raise LabError(f"There is no network of the curve at {level!r}. Choose one of: {known}.")
    x = np.asarray(points, "f4")
    for _ in range(steps):
        for layer in layers[str(level)]:
            if layer["op"] == "linear":
                x = x @ arrays[layer["weight"]].T + arrays[layer["bias"]]
            else:
                x = np.tanh(x)
    return x


@cache
def networks() -> tuple[dict[str, list[dict]], dict[str, np.ndarray]]:
    """The stored networks: layers by level, as the browser reads them, and their weights.

    Example:
        >>> list(networks()[0])
        ['0.02', '0.05', '0.1', '0.2', '0.4']
    """
    return read_header(STORED).meta["browser"], read_tensors(STORED)


@cache
def figures() -> dict[str, dict[str, float]]:
    """What `measure` found at each level when the networks were trained.

    Example:
        >>> figures()["0.1"]["after"] < figures()["0.1"]["before"]
        True
    """
    return read_header(STORED).meta["figures"]


@dataclass(frozen=True)
class Effect:
    """What training at one level of noise taught, in mean distances from the curve.

    Attributes:
        level: of the noise, s.
        before, after: of noisy points, before and after one step.
        on: after one step from the curve itself.
        far: after one step from `FAR` beside it.
    """

    level: float
    before: float
    after: float
    on: float
    far: float

    @property
    def cuts_corners(self) -> bool:
        """Whether points that were right are moved off by more than a line's width."""
        return self.on > 0.02

    @property
    def reaches_far(self) -> bool:
        """Whether training came as far from the curve as `FAR`: three standard deviations."""
        return 3 * self.level >= FAR


def effect(level: float) -> Effect:
    """What one of `LEVELS` taught, as `measure` found it when its network was trained.

    Example:
        >>> effect(0.1).after < effect(0.1).before
        True
    """
    return Effect(level, **figures()[str(level)])


def measure(
    level: float,
    rebuild: Callable[[np.ndarray], np.ndarray] | None = None,
    count: int = 10_000,
) -> dict[str, float]:
    """Mean distances from the curve before and after one step.

    Args:
        level: of the noise, s.
        rebuild: x̃ to x̂; by default the stored network of that level.
        count: of noisy points.

    Returns:
        ``before`` and ``after`` one step, of points with the noise of training; ``on``, after one
        step from the curve itself; ``far``, after one step from 0.2 beside it.

    Example:
        >>> sorted(measure(0.1, count=100))
        ['after', 'before', 'far', 'on']
    """
    rebuild = rebuild or partial(reconstruct, level=level)
    _, spoiled = noisy(count, level, seed=1)
    places = {
        "before": spoiled,
        "after": rebuild(spoiled),
        "on": rebuild(curve(1000)),
        "far": rebuild(beside(FAR)),
    }
    return {name: round(float(distance(x).mean()), 5) for name, x in places.items()}


def beside(far: float, count: int = 1000) -> np.ndarray:
    """Points at a distance from the curve, on both sides of it, without those nearer to it.

    Example:
        >>> bool(np.allclose(distance(beside(0.2)), 0.2, atol=0.002))
        True
    """
    x = curve(count).astype("f8")
    along = np.gradient(x, axis=0)
    normal = along[:, ::-1] * (-1, 1) / np.hypot(*along.T)[:, None]
    points = np.concatenate([x + far * normal, x - far * normal])
    return points[distance(points) > 0.995 * far].astype("f4")


def block() -> bytes:
    """What the browser gets: all networks, the curve and the cloud; see `aecore.web.blocks.block`.

    Example:
        >>> len(block()) < 120_000
        True
    """
    layers, arrays = networks()
    x, spoiled = noisy(CLOUD, 1.0)
    extra = {"curve": curve(PIECES + 1), "cloud": x, "noise": spoiled - x}
    arrays = {name: value.astype("<f4") for name, value in (arrays | extra).items()}
    point = [["x", 2]]
    nets = {k: {"inputs": point, "layers": each, "outputs": point} for k, each in layers.items()}
    return packed({"networks": nets}, arrays)


def pretrain() -> None:
    """Train the networks of all levels anew, from their seeds, and store them; half a minute."""
    from safetensors.numpy import save
    from torch import from_numpy, nn

    from aecore.families.networks import describe

    layers: dict = {}
    arrays: dict = {}
    found: dict = {}
    for level in LEVELS:
        model = train(level).requires_grad_(False)
        layers[str(level)] = describe(model, str(level))
        arrays |= {f"{level}.{name}": v.numpy() for name, v in model.state_dict().items()}

        def rebuild(x: np.ndarray, model: nn.Module = model) -> np.ndarray:
            return model(from_numpy(x)).numpy()

        found[str(level)] = measure(level, rebuild)
    meta = {"version": VERSION, "browser": layers, "figures": found}
    content = save(arrays, {FORMAT: json.dumps(meta)})
    write_atomic(STORED, lambda file: file.write(content))
    networks.cache_clear()
    figures.cache_clear()
