"""The page Few labels: its studies as lines, rows and bars, and the runs that guess a label."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from statistics import mean, stdev

import streamlit as st

from aecore.data import DatasetInfo, available_datasets
from aecore.errors import LabError
from aecore.runs import Run
from aecore.runs.networks import header_of, networks_of
from aecore.ui import choosers, component, page, session, sources
from aecore.ui.state import View, Whole
from aecore.ui.text import few_labels as words
from aecore.web import blocks, labelled

DATASET = "mnist"  # of the studies
STOPS = (100, 300, 1000, 3000, 60_000)  # numbers of labels where nothing was measured

# What the address keeps of the lines: the number of labels, and the draw of them, from 1. And of
# the guesses: the number of the test image.
VIEW = View(Whole("labels", STOPS[0], end=10**6), Whole("draw", 1, low=1, end=labelled.DRAWS + 1))
GUESSES = View(Whole("digit", None, end=10**6))


@dataclass(frozen=True)
class Method:
    """What one method reached, for each number of labels.

    Attributes:
        idea: its name in `words.METHODS` and in the style.
        draws: accuracies, one for each draw of labels; empty where nothing was measured.
        mean, sd: over the draws; None of no draws, and the second of a single one.
    """

    idea: str
    draws: list[list[float]]
    mean: list[float | None]
    sd: list[float | None]


def lede() -> str:
    """The sentence below the question: of how many images, and which of them are here."""
    where = _labelled()
    return words.lede(_info().train_images, None if where["same"] else where["title"])


def methods(study: Mapping | None, ideas: Mapping[str, str]) -> list[Method]:
    """The methods of a study that were measured anywhere.

    Args:
        study: ``labels``, and for each of ``methods`` its ``accuracy``, or None.
        ideas: what the methods are called here, in the order of the table.
    """
    found = []
    for name, idea in ideas.items():
        measured = study["methods"].get(name) if study else None
        draws = [list(values or ()) for values in (measured or {}).get("accuracy", ())]
        if any(draws):
            means = [mean(values) if values else None for values in draws]
            spreads = [stdev(values) if len(values) > 1 else None for values in draws]
            found.append(Method(idea, draws, means, spreads))
    return found


def lines(study: Mapping | None, found: Sequence[Method], *, key: str = "few-labels") -> None:
    """Accuracy against the number of labels, the labelled images, and what the stop says.

    Args:
        study: as in `methods`; None where nothing was measured.
        found: its methods.
        key: of the component.
    """
    about, stops, where = _info(), list(study["labels"] if study else STOPS), _labelled()
    data = {
        "labels": stops,
        "methods": [asdict(one) | words.METHODS[one.idea] for one in found],
        "images": about.train_images,
        "tested": about.test_images,
        "unmeasured": words.UNMEASURED,
        "labelled": where,
        "draws": labelled.DRAWS,
    }
    ahead = [f"{where['url']}/{stops[0]}/0"]
    component.mount("few_labels/few_labels", key, data, view=VIEW, ahead=ahead)


def _info() -> DatasetInfo:
    return next(info for info in available_datasets() if info.name == DATASET)


def _labelled() -> dict:
    """Where labelled images are asked for: of the studies' dataset, or of one that is bundled."""
    here = {info.name: info for info in available_datasets() if info.on_disk}
    shown = here.get(DATASET, here[component.BUNDLED])
    return {
        "url": labelled.url_of(shown.name),
        "title": shown.title,
        "same": shown.name == DATASET,
    }


# The guesses


def guesses(run: Run) -> bool:
    """Whether its networks infer the class of an image, and draw an image of each class."""
    if run.likelihood != "bernoulli":
        return False  # its nats would be others
    try:
        networks = networks_of(header_of(run))
    except (LabError, OSError):
        return False
    taken = {name for name, _ in networks["decoder"]["inputs"]} if "decoder" in networks else ()
    return "classifier" in networks and "y" in taken


def choose_guesser(first: Sequence[str]) -> Run | None:
    """A select of the runs that guess; its choice is in the address. None where there is none.

    Args:
        first: names, of which the first that is here is shown where no other is asked for.
    """
    folders = choosers.runs(guesses)
    if not folders:
        return None
    usual = next((name for name in first if name in folders), "")
    return choosers.choose_run("model", "Model", usual, guesses, words.not_shown)


def ten_guesses(run: Run, *, key: str = "guesses") -> None:
    """Test digits to press; how likely each label is, and the digit drawn as each of them.

    Raises:
        LabError: when the run's files are damaged; the message names the run.
    """
    data = {
        "url": blocks.url_of(run, "networks"),
        "name": session.title(run),
        "short": run.about.short,
        "source": sources.specs(sources.datasets([run]))[0],
    }
    component.mount("few_labels/guesses", key, data, view=GUESSES)


# The ablation and the table


def ablation(study: Mapping) -> None:
    """A bar for each of the three ways that was measured."""
    ways = {name: values for name in words.WAYS if (values := study.get(name))}
    rows = "".join(_bar(name, values) for name, values in ways.items())
    ticks = "".join(f"<span>{tick}</span>" for tick in ("0", ".25", ".50", ".75", "1"))
    chance = f'<i class="chance"><span>{words.CHANCE}</span></i>'
    axis = f'<div class="ticks">{ticks}</div><p>{words.AXIS}</p>'
    st.html(f'<div class="lab-bars"><div class="rows">{chance}{rows}</div>{axis}</div>')


def _bar(name: str, values: Sequence[float]) -> str:
    share, (first, second) = mean(values), words.WAYS[name]
    said = escape(words.way(words.WAYS[name], share, len(values)))
    return (
        f'<div class="bar {name}" role="img" aria-label="{said}"><span class="name">{first}<br>'
        f'{second}</span><span class="track"><i style="width: {100 * share:.1f}%"></i></span>'
        f"<b>{words.accuracy(share)}</b></div>"
    )


def table(study: Mapping, found: Sequence[Method]) -> None:
    """Means by method and number of labels."""
    about = _info()
    page.section(words.measured(about.test_images))
    first, last = words.HEAD
    head = [first, *(words.labels(count, about.train_images) for count in study["labels"]), last]
    rows = [
        [
            words.METHODS[m.idea]["title"],
            *map(words.accuracy, m.mean),
            words.METHODS[m.idea]["sees"],
        ]
        for m in found
    ]
    page.table(head, rows)
