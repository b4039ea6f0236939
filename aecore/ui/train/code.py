"""The code that trains the same run."""

import shlex
from dataclasses import asdict

from aecore.runs import RunConfig
from aecore.training.config import FitConfig

ALWAYS = ("epochs", "batch_size", "learning_rate", "seed", "precision")


def command(config: RunConfig) -> str:
    """The line that trains the same run.

    Example:
        >>> command(RunConfig("a", "ae", {"latent_dim": 2, "hidden": [8]}, "digits", {"seed": 3}))
        'python -m aecore train ae --dataset digits --latent-dim 2 --hidden 8 --seed 3'
    """
    parts = ["python", "-m", "aecore", "train", config.family, "--dataset", config.dataset]
    usual = asdict(FitConfig())
    chosen = {k: v for k, v in config.fit.items() if k in ALWAYS or v != usual.get(k, v)}
    for name, value in {**config.options, **chosen}.items():
        parts += [f"--{name.replace('_', '-')}", _text(value)]
    return shlex.join(parts)


def python(config: RunConfig) -> str:
    """The same in five lines of Python."""
    usual = asdict(FitConfig())
    settings = asdict(FitConfig(**config.fit))
    fit = {k: v for k, v in settings.items() if v != usual[k] or k == "epochs"}
    options = ", ".join(
        f"{k}={v!r}" for k, v in {"seed": settings["seed"], **config.options}.items()
    )
    changes = ", ".join(f"{k}={v!r}" for k, v in fit.items())
    return f"""import aecore
data = aecore.load_dataset({config.dataset!r})
model = aecore.build_model({config.family!r}, {options})
for record in aecore.fit(model, data, {changes}):
    print(record.epoch, record.test or record.losses)
"""


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
