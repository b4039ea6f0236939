"""How fast `fit` is: against a plain PyTorch loop, and against the matrix products in it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from aecore.data import Dataset, Split, load_dataset
from aecore.errors import LabError
from aecore.families import Model, build_model
from aecore.training import evaluate, fit

HIDDEN, CODE = 400, 20  # the model of pytorch/examples/vae
IMAGES = 12_800
TINY = 64  # test images of a timed fit, so that testing takes none of the time

Say = Callable[[str], None]


def measure(say: Say, *, images: int = IMAGES, repetitions: int = 7) -> tuple[dict, dict]:
    """Time training of a 784-400-20 VAE on the CPU.

    Returns:
        The figures, and what to know of the machine.

        - `fit_over_plain_loop`: images per second of `fit`, in the precision it chooses itself
          ("auto"), over those of `plain_loop`, which is float32 and, as there on a CPU, loads its
          images itself; batch 128, one epoch. Timed on either side: everything from a new model
          and images in memory to the end of the epoch, so the optimiser, the data loader, and
          `fit`'s test on a few images too.
        - `fit_over_plain_loop_float32`: the same with `fit` in float32.
          `fit_over_plain_loop_with_worker`, `fit_over_plain_loop_float32_with_worker`: the same
          two against the loop with one worker process, its start included.
        - `share_of_matmul_rate`: floating point operations of the step's matrix products by the
          time of a step of `fit`, over the rate of these products alone; batch 512, float32. The
          step's time is `Record.seconds` from the first epoch's end to the last's, by the steps
          between. `share_of_matmul_rate_bfloat16` is the same under autocast, against the rate of
          products of bfloat16.
        - `bfloat16_over_float32`: images per second of `fit`, batch 512.
        - `bfloat16_loss_difference`: test loss, nats, after that training, bfloat16 minus float32.
    """
    data, title = _images(images)
    timed = replace(data, test=_first(data.test, TINY))
    ratios: dict[str, list[float]] = {}
    for i in range(repetitions):
        say(f"fit and the plain loop, {i + 1} of {repetitions}")
        ours = {
            precision: _seconds(partial(_epoch_of_fit, timed, precision))
            for precision in ("auto", "float32")
        }
        for workers, ending in enumerate(("", "_with_worker")):
            plain = _seconds(partial(plain_loop, data.train, workers=workers))
            for precision, seconds in ours.items():
                name = "" if precision == "auto" else "_float32"
                ratios.setdefault(f"fit_over_plain_loop{name}{ending}", []).append(plain / seconds)

    shares: dict[str, list[float]] = {"float32": [], "bfloat16": []}
    faster, loss = [], {}
    for i in range(repetitions):
        say(f"fit and its matrix products, {i + 1} of {repetitions}")
        step = {}
        for precision, share in shares.items():
            model = new_model()
            alone = seconds_of_products(512, getattr(torch, precision))
            step[precision] = seconds_per_step(model, timed, precision)
            alone += seconds_of_products(512, getattr(torch, precision))
            share.append(alone / 2 / step[precision])
            loss[precision] = evaluate(model, data.test)["loss"]  # the same in each repetition
        faster.append(step["float32"] / step["bfloat16"])
    figures = {
        **{name: median(values) for name, values in ratios.items()},
        "share_of_matmul_rate": median(shares["float32"]),
        "share_of_matmul_rate_bfloat16": median(shares["bfloat16"]),
        "bfloat16_over_float32": median(faster),
        "bfloat16_loss_difference": loss["bfloat16"] - loss["float32"],
    }
    machine = {"torch": torch.__version__, "threads": torch.get_num_threads(), "images": title}
    return {name: round(value, 3) for name, value in figures.items()}, machine


def settings(batch: int, precision: str = "float32") -> dict:
    """`fit`'s settings for every measurement here."""
    return {
        "batch_size": batch,
        "learning_rate": 1e-3,
        "optimizer": "adam",
        "precision": precision,
        "device": "cpu",
    }


def new_model() -> Model:
    """The model of `plain_loop`, as one of ours."""
    return build_model("vae", latent_dim=CODE, hidden=(HIDDEN,), activation="relu")


def _epoch_of_fit(data: Dataset, precision: str) -> None:
    for _ in fit(new_model(), data, **settings(128, precision), epochs=1):
        pass


def seconds_per_step(model: Model, data: Dataset, precision: str, epochs: int = 3) -> float:
    """Time of one step of `fit` at batch 512, without what is done once at the start."""
    records = list(fit(model, data, **settings(512, precision), epochs=epochs))
    first, last = records[0], records[-1]
    return (last.seconds - first.seconds) / (last.step - first.step)


# ---------------------------------------------------------------- the matrix products of a step


def products(batch: int) -> Iterator[tuple[int, int, int]]:
    """The matrix products (m, k) times (k, n) of one training step, as (m, k, n).

    For each linear layer: the output, the weights' gradient, and the input's gradient, which the
    first layer does not need.

    Example:
        >>> list(products(8))[:2]
        [(8, 784, 400), (400, 8, 784)]
    """
    layers = [(784, HIDDEN), (HIDDEN, 2 * CODE), (CODE, HIDDEN), (HIDDEN, 784)]
    for number, (inputs, outputs) in enumerate(layers):
        yield batch, inputs, outputs
        yield outputs, batch, inputs
        if number:
            yield batch, outputs, inputs


def operations(batch: int) -> int:
    """Floating point operations of `products`: one product and one sum for each of m k n."""
    return sum(2 * m * k * n for m, k, n in products(batch))


def seconds_of_products(batch: int, dtype: torch.dtype, repetitions: int = 25) -> float:
    """Time of all `products` once, one after the other, with nothing in between."""
    pairs = [
        (torch.randn(m, k).to(dtype), torch.randn(k, n).to(dtype)) for m, k, n in products(batch)
    ]

    def once() -> None:
        for a, b in pairs:
            torch.mm(a, b)

    def many() -> None:
        for _ in range(repetitions):
            once()

    once()
    return _seconds(many) / repetitions


# ---------------------------------------------------------------- the plain loop


class PlainVAE(nn.Module):
    """The model of pytorch/examples/vae."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(784, HIDDEN)
        self.fc21 = nn.Linear(HIDDEN, CODE)
        self.fc22 = nn.Linear(HIDDEN, CODE)
        self.fc3 = nn.Linear(CODE, HIDDEN)
        self.fc4 = nn.Linear(HIDDEN, 784)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Reconstruction, mean and log variance of images."""
        h = functional.relu(self.fc1(x.view(-1, 784)))
        mean, log_var = self.fc21(h), self.fc22(h)
        std = torch.exp(0.5 * log_var)
        z = mean + torch.randn_like(std) * std
        return torch.sigmoid(self.fc4(functional.relu(self.fc3(z)))), mean, log_var


def plain_loss(recon: Tensor, x: Tensor, mean: Tensor, log_var: Tensor) -> Tensor:
    """Cross-entropy and KL, summed over the batch."""
    bce = functional.binary_cross_entropy(recon, x.view(-1, 784), reduction="sum")
    return bce - 0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())


def plain_loop(
    split: Split,
    *,
    batch: int = 128,
    epochs: int = 1,
    workers: int = 0,
    model: PlainVAE | None = None,
) -> list[float]:
    """Train as pytorch/examples/vae does on a CPU; the mean training loss of each epoch.

    A `DataLoader` over single images that become tensors one by one, Adam at 1e-3, the loss read
    off at every step.
    """
    model = model or PlainVAE()
    loader = DataLoader(Items(split), batch_size=batch, shuffle=True, num_workers=workers)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(epochs):
        model.train()
        total = 0.0
        for x, _ in loader:
            optimizer.zero_grad()
            recon, mean, log_var = model(x)
            loss = plain_loss(recon, x, mean, log_var)
            loss.backward()
            total += loss.item()
            optimizer.step()
        losses.append(total / len(split))
    return losses


class Items(TorchDataset):
    """What torchvision's MNIST with `ToTensor` gives: an image by way of Pillow, and its label."""

    def __init__(self, split: Split) -> None:
        self.data = torch.tensor(split.images)
        self.targets = torch.tensor(split.labels, dtype=torch.long)

    def __len__(self) -> int:
        """The number of images."""
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """One image, float32 (1, 28, 28) in [0, 1], and its label."""
        from PIL import Image

        image = Image.fromarray(self.data[index].numpy())
        return _to_tensor()(image), int(self.targets[index])


@cache
def _to_tensor() -> Callable[[object], Tensor]:
    """torchvision's `ToTensor`; without torchvision, the same in as many steps."""
    try:
        from aecore.data.datasets import _torchvision_datasets

        _torchvision_datasets()  # imports a build that does not match this torch, too
        from torchvision.transforms import ToTensor
    except (ImportError, RuntimeError):
        import numpy as np

        def to_tensor(image: object) -> Tensor:
            pixels = torch.from_numpy(np.array(image, np.uint8)).view(28, 28, 1)
            return pixels.permute(2, 0, 1).contiguous().to(torch.float32).div(255)

        return to_tensor
    return ToTensor()


# ---------------------------------------------------------------- images and clocks


def _images(count: int) -> tuple[Dataset, str]:
    """The first images of MNIST; digits over and over where MNIST is not on disk."""
    try:
        data = load_dataset("mnist")
    except LabError:
        data = load_dataset("digits")
    test = _first(data.test, 2000)
    return replace(data, train=_first(data.train, count), test=test), f"{count:,} of {data.title}"


def _first(split: Split, count: int) -> Split:
    rows = torch.arange(count).numpy() % len(split)
    return Split(split.images[rows], split.labels[rows])


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
