"""The page Train: what its component is sent of the runs that it shows.

What changes while a run is trained comes by the event stream (`aecore.web.events`), what does not
is sent with the page.
"""

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from urllib.parse import urlencode

from aecore.data import available_datasets, load_dataset
from aecore.errors import LabError
from aecore.families.description import Symbol
from aecore.files import packed
from aecore.runs import Run
from aecore.runs.codes import MOST_DIMENSIONS
from aecore.runs.snapshots import IMAGES, examples
from aecore.runs.workspaces import Workspace
from aecore.ui import address, component, series, session
from aecore.ui.state import Number, View
from aecore.ui.text import train
from aecore.web import control
from aecore.web.content import offer
from aecore.web.images import single_images
from aecore.web.progress import Statuses

# What the address keeps: the epoch at which the time machine is left; one who watches is at none.
MOMENT = View(Number("moment", low=0, high=1e6, digits=4))


def chosen(workspace: Workspace) -> tuple[list[Run], str]:
    """The runs that the address opens, and a sentence where it names none that there is.

    ``group`` opens a batch side by side, ``run`` one run; without them the latest under way is
    opened.
    """
    runs = workspace.runs()

    def named(what: str, value: str) -> list[Run]:
        if what == "run":
            return [run for run in runs if run.name == value]
        found = [run for run in runs if value and workspace.note(run).group == value]
        return series.in_order(found)

    what = "group" if address.get("group") is not None else "run"
    value = address.get(what)
    if value is None:
        value = next((run.name for run in runs if run.status.under_way), None)
        if value is None:
            return runs[:1], ""
    if found := named(what, value):
        show(what, value)  # also one under way, to stay with it when it ends
        return found, ""
    return runs[:1], train.not_here(what == "group")


def show(what: str, value: str) -> None:
    """Have the address open a run (``what`` is ``"run"``) or a group."""
    for name in ("run", "group"):
        address.put(name)
    address.put(what, value)


def stage(workspace: Workspace, runs: Sequence[Run]) -> None:
    """The component, which follows these runs; the page runs anew when one has moved on."""
    present = [run for run in runs if (run.folder / "config.json").exists()]
    dataset = present[0].config.dataset if present else None
    setting = series.setting(present)
    data = {
        "runs": [described(workspace, run, setting) for run in present],
        "series": train.series(setting.symbol, setting.label) if setting else None,
        "follow": addresses(present),
        "stand": Statuses(workspace.folder.absolute()).stand,
        "states": {"states": train.STATES, "phases": train.PHASES},
        "images": _images(dataset) if dataset else None,
        "tests": _tests(dataset) if dataset else None,
    }
    # The queue, the list and what is offered of a run are of before.
    component.mount("train/train", "train", data, view=MOMENT, on_stand_change=lambda: None)


def addresses(runs: Sequence[Run]) -> dict[str, str]:
    """Where the browser follows these runs, and all of the visitor's in the queue."""
    query = urlencode({"w": session.token(), "run": [run.name for run in runs]}, doseq=True)
    return {"stream": f"lab/events?{query}", "answers": f"lab/progress?{query}"}


def requests(run: Run) -> dict[str, str]:
    """Where the browser asks to stop a run, or to go on with it."""
    query = urlencode({"w": session.token(), "run": run.name})
    return {name: f"lab/run/{name}?{query}" for name in control.ACTIONS}


def described(workspace: Workspace, run: Run, setting: Symbol | None = None) -> dict:
    """What the component shows of a run and does not change while it is trained."""
    kinds = {
        "none": train.not_stored(MOST_DIMENSIONS),
        "axis": train.plane(1, ended=False, begun=False),
        "end": train.plane(run.latent_dim, ended=True, begun=True),
        "epoch": train.plane(run.latent_dim, ended=False, begun=True),
        "early": train.plane(run.latent_dim, ended=False, begun=False),
    }
    return {
        "name": run.name,
        "requests": requests(run),
        "title": workspace.title(run),
        "what": what(run),
        "family": run.family,
        "prior": run.about.prior,
        "posterior": run.about.posterior,
        "loss": run.about.loss,
        "terms": [asdict(term) for term in run.about.terms],
        "setting": train.value(run.config.options[setting.option]) if setting else None,
        "dim": run.latent_dim,
        "epochs": int(run.config.fit.get("epochs", 0)),
        "planes": kinds,
    }


def what(run: Run) -> str:
    """Kind, size of the code and images of a run, in words."""
    dataset = _titles().get(run.config.dataset, run.config.dataset)
    return train.run(run.about.title, run.latent_dim, series.settings(run), dataset)


@cache
def _titles() -> dict[str, str]:
    return {info.name: info.title for info in available_datasets()}


def _images(dataset: str) -> str | None:
    """Where the browser fetches the ten fixed test images, and the labels of all that are shown."""
    try:
        data = load_dataset(dataset)
    except LabError:
        return None
    arrays = {"fixed": data.test.images[examples(data)], "labels": data.test.labels[:IMAGES]}
    return offer(f"fixed-{dataset}", lambda: packed({}, arrays))


def _tests(dataset: str) -> dict | None:
    """Where the browser fetches the test image of a point that is pointed at."""
    return single_images(dataset)
