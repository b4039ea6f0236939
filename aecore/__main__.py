"""The commands of `python -m aecore`: train, evaluate, download, pretrain, study, benchmark."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from aecore import studies
from aecore.analysis.projections import stored
from aecore.errors import LabError
from aecore.runs import runs_folder
from aecore.runs.codes import MOST_DIMENSIONS

if TYPE_CHECKING:  # torch is loaded only by what needs a model
    from aecore.families import Option

KINDS = {
    "whole": "a whole number",
    "number": "a number",
    "sizes": "a list of whole numbers such as 512,256",
    "switch": "yes or no",
}


def train(args: argparse.Namespace) -> dict:
    """Train a model into a run folder; Ctrl-C keeps what was learned."""
    from aecore.analysis.card import classifier_for, finish
    from aecore.analysis.projections import add_places
    from aecore.data import load_dataset
    from aecore.families import build_model
    from aecore.runs import Recorder
    from aecore.training import SETTINGS, FitConfig, fit

    given = {name: value for name, value in vars(args).items() if value is not None}
    config = FitConfig(**{s.name: given[s.name] for s in SETTINGS if s.name in given})
    options = {name: given[name] for name in family_options() if name in given}
    model = build_model(args.family, seed=config.seed, **options)
    data = load_dataset(args.dataset)
    folder = Path(args.out or runs_folder() / f"{args.dataset.replace('_', '-')}-{args.family}")
    progress = fit(model, data, config, report_every=20)
    recorder = Recorder(folder, model, args.dataset, config)
    try:
        for record in show_progress(progress, config.epochs):
            recorder.record(record)
    except KeyboardInterrupt:
        print("Stopped; keeping what was learned.", file=sys.stderr)
    except LabError as error:  # a loss that is no number: the last good weights are kept
        finish(recorder, model, data)
        raise LabError(f"{error} The run is in {folder}.") from error
    run = finish(recorder, model, data, classifier=classifier_for(args.dataset))
    for projection in stored():
        if given.get(projection.name) and run.has_codes:
            try:
                add_places(run.folder / "codes.npz", projection.name)
            except LabError as error:
                raise LabError(f"{error} The run is in {folder}.") from error
    return {"run": str(folder), "name": run.name, **run.card}


def evaluate(args: argparse.Namespace) -> dict:
    """Measure a run, or a model file on a dataset."""
    from aecore.analysis.card import as_trained, classifier_for
    from aecore.analysis.likelihood import importance_weighted_nll
    from aecore.analysis.measures import Subject, measure
    from aecore.data import load_dataset
    from aecore.families import Autoencoder, load_model
    from aecore.files import read_header
    from aecore.runs import open_run
    from aecore.training import evaluate as losses

    if args.images and not args.draws:
        raise LabError("--images belongs to --draws: say how many draws, such as --draws 5000.")
    path = Path(args.run)
    if path.suffix == ".safetensors":
        model, about = load_model(path), read_header(path).meta
        dataset, settings = about.get("dataset"), about.get("fit")
    else:
        run = open_run(args.run)
        model, dataset, settings = run.model(), run.config.dataset, run.config.fit
    dataset = args.dataset or dataset
    if dataset is None:
        raise LabError(f"{path.name} does not say what it was trained on. Add --dataset.")
    data = as_trained(load_dataset(dataset), settings)
    if args.draws:
        images = data.test.images[: args.images]
        labels = data.test.known_labels[: args.images]
        nll = importance_weighted_nll(cast("Autoencoder", model), images, labels, k=args.draws)
        return {"dataset": dataset, "images": len(images), "draws": args.draws, "nll": nll}
    if not isinstance(model, Autoencoder):
        return {"dataset": dataset, "figures": losses(model, data.test)}
    subject = Subject(model, data, classifier=classifier_for(dataset))
    return {"dataset": dataset, "figures": measure(subject)}


def download(args: argparse.Namespace) -> dict:
    """Fetch a dataset into the data folder."""
    from tqdm import tqdm

    from aecore.data import download_dataset

    with tqdm(unit="B", unit_scale=True, disable=None, file=sys.stderr) as bar:

        def show(done: int, total: int, name: str) -> None:
            bar.total = total
            bar.set_description(name, refresh=False)
            bar.update(done - bar.n)

        download_dataset(args.dataset, progress=show)
    return {"dataset": args.dataset}


def pretrain(args: argparse.Namespace) -> dict:
    """Rebuild the shipped runs, and the networks of the curve in the plane."""
    from tqdm import tqdm

    from aecore.analysis import spiral_demo
    from aecore.shipped import RECIPES, remeasure
    from aecore.shipped import pretrain as make

    if args.measure:
        return {name: remeasure(name).card for name in args.names or RECIPES}
    cards = {}
    for name in args.names or [*RECIPES, "manifold"]:
        if name == "manifold":
            spiral_demo.pretrain()
            cards[name] = spiral_demo.figures()
            continue
        with tqdm(total=1, desc=name, disable=None, file=sys.stderr) as bar:
            run = make(name, lambda record, bar=bar: bar.update(record.step / record.steps - bar.n))
        cards[name] = run.card
    return cards


def study(args: argparse.Namespace) -> dict:
    """Train what a study compares, on all of MNIST, and store its table."""
    from aecore.studies import make

    return {name: make(name, lambda line: print(line, file=sys.stderr)) for name in args.names}


def benchmark(args: argparse.Namespace) -> dict:
    """Measure speed on this machine, as ratios within one run."""
    from aecore.benchmark import PARTS, run_all

    return run_all(args.parts or PARTS)


def show_progress(records: Iterable, epochs: int) -> Iterator:
    """Pass records on, with a progress bar on a terminal and the losses of each epoch."""
    from tqdm import tqdm

    with tqdm(total=epochs, unit="epoch", disable=None, file=sys.stderr) as bar:
        for record in records:
            bar.update(round(record.epoch - bar.n, 3))
            if record.test:
                bar.set_postfix(test=f"{record.test['loss']:.2f}")
            yield record


def parser(*, training: bool = True) -> argparse.ArgumentParser:
    """All commands and their options; those of training import torch."""
    top = argparse.ArgumentParser(prog="python -m aecore", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)

    def add(action: object) -> argparse.ArgumentParser:
        command = commands.add_parser(
            action.__name__, help=action.__doc__, description=action.__doc__
        )
        command.add_argument(
            "--json", action="store_true", help="print one JSON object, on the last line"
        )
        command.set_defaults(action=action)
        return command

    command = add(train)
    command.add_argument("family", help="a name; an unknown one is answered by all there are")
    command.add_argument(
        "--dataset", default="digits", help="digits, strokes, mnist, fashion_mnist, kmnist"
    )
    command.add_argument("--out", help="the run's folder; its last part is the run's name")
    if training:
        add_options(command)
    for projection in stored():
        command.add_argument(
            f"--{projection.name}",
            action="store_true",
            help=f"add {projection.title}'s plane of the codes, beyond 2 and up to "
            f"{MOST_DIMENSIONS} dimensions: {projection.cost}",
        )

    command = add(evaluate)
    command.add_argument("run", help="a run's folder, a shipped run's name, or a .safetensors file")
    command.add_argument("--dataset", help="default: the one it was trained on")
    command.add_argument(
        "--draws",
        type=positive,
        help="instead, −log p(x) alone, by importance sampling with so many draws for each image",
    )
    command.add_argument(
        "--images", type=positive, help="with --draws, of how many test images; default: all"
    )

    add(download).add_argument("dataset", help="mnist, fashion_mnist or kmnist")
    rebuild = add(pretrain)
    rebuild.add_argument(
        "names", nargs="*", metavar="NAME", help="default: all shipped runs, and manifold"
    )
    rebuild.add_argument(
        "--measure",
        action="store_true",
        help="only measure their weights anew, and add planes of UMAP that are missing",
    )
    add(study).add_argument("names", nargs="+", metavar="NAME", help=", ".join(studies.names()))
    add(benchmark).add_argument(
        "--only",
        action="append",
        dest="parts",
        choices=["training", "browser", "load"],
        help="leave out the others",
    )
    return top


def positive(text: str) -> int:
    """A whole number from 1 on."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 on, not {value}")
    return value


def add_options(command: argparse.ArgumentParser) -> None:
    """A flag for each setting of training and for each option of each family."""
    from aecore.families import REGISTRY
    from aecore.training import SETTINGS

    for setting in SETTINGS:
        command.add_argument(setting.flag, type=reader(setting), help=setting.help)
    for name, option in family_options().items():
        owners = [f.name for f in REGISTRY.values() if name in {o.name for o in f.OPTIONS}]
        command.add_argument(
            option.flag, type=reader(option), help=f"{option.help} ({', '.join(owners)})"
        )


def family_options() -> "dict[str, Option]":
    """The options of all families by name; those of one name are of one kind."""
    from aecore.families import REGISTRY

    found: dict[str, Option] = {}
    for family in REGISTRY.values():
        for option in family.OPTIONS:
            found.setdefault(option.name, option)
    return found


def reader(option: "Option") -> Callable[[str], object]:
    """What reads an option's text, and refuses one of another kind."""

    def read(text: str) -> object:
        try:
            return option.parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} is not {KINDS[option.kind]}") from error

    return read


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code, 2 for a mistake that one sentence explains."""
    arguments = sys.argv[1:] if arguments is None else arguments
    args = parser(training=arguments[:1] == ["train"]).parse_args(arguments)
    try:
        result = args.action(args)
    except LabError as error:
        print(f"{error}", file=sys.stderr)
        return 2
    print(json.dumps(result) if args.json else json.dumps(result, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
