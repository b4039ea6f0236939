"""The members of the family as data: what each adds to its parent, and which runs show it.

Titles, ideas and formulas are words: `aecore.ui.text`'s `family.MEMBERS`, by the same names.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Member:
    """One member of the family.

    Attributes:
        name: in addresses.
        parent: the member that it adds one idea to; None for the first.
        place: its column and row on the map, from 0.
        figure: the module of its living figure, in `assets/live/components/family/figures`.
        runs: shipped runs of its kind, in the order of its slider.
        plain: runs of its parent's kind that lack its idea alone: one for each of its runs, or one
            for all.
        usual: the run that is shown first.
        option: of the runs, which the slider steps through, or ``family``: it steps from kind to
            kind; empty where no run has a place on a slider.
        off: an option without which that one does nothing.
        study: the study of its figure, and the list in it of what the slider steps through, too.
        page: that has more of it.
    """

    name: str
    parent: str | None
    place: tuple[int, int]
    figure: str
    runs: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    usual: str = ""
    option: str = ""
    off: str = ""
    study: tuple[str, str] | None = None
    page: str = ""


SIZES = ("mnist-ae", "mnist-ae-16", "mnist-ae-32")

MEMBERS = (
    Member("linear", "ae", (0, 0), "linear", ("mnist-linear-30",), ("mnist-ae-32",)),
    Member("ae", None, (1, 0), "gradient", SIZES, usual="mnist-ae-32", option="latent_dim"),
    Member(
        "overcomplete",
        "ae",
        (2, 0),
        "overcomplete",
        ("mnist-overcomplete", "mnist-overcomplete-masked"),
        ("mnist-ae-16",),
    ),
    Member(
        "sparse",
        "ae",
        (3, 0),
        "sparse",
        tuple(f"mnist-sparse-{rho}" for rho in ("off", "20", "10", "05", "02")),
        ("mnist-sparse-off",),
        usual="mnist-sparse-05",
        option="rho",
        off="weight",
    ),
    Member(
        "contractive",
        "ae",
        (4, 0),
        "contractive",
        tuple(f"mnist-contractive-{weight}" for weight in (0, 3, 10)),
        ("mnist-contractive-0",),
        usual="mnist-contractive-3",
        option="weight",
    ),
    Member(
        "denoising",
        "ae",
        (5, 0),
        "door",
        tuple(f"mnist-dae-{percent}" for percent in (10, 30, 50)),
        ("mnist-ae-32",),
        usual="mnist-dae-50",
        option="level",
        page="denoise",
    ),
    Member("stacked", "ae", (6, 0), "stacked", ("mnist-deep-30",), ("mnist-ae-32",)),
    Member("tied", "ae", (7, 0), "tied", ("mnist-tied-0",), ("mnist-sparse-off",)),
    Member(
        "variational",
        "ae",
        (1, 1),
        "door",
        ("mnist-vae", "mnist-vae-16", "mnist-vae-32"),
        SIZES,
        usual="mnist-vae",
        option="latent_dim",
        page="compare",
    ),
    Member(
        "beta",
        "variational",
        (2, 1),
        "beta",
        ("mnist-beta-025", "mnist-vae", "mnist-beta-4"),
        ("mnist-vae",),
        usual="mnist-beta-4",
        option="beta",
        study=("beta", "betas"),
    ),
    Member(
        "conditional",
        "variational",
        (3, 1),
        "door",
        ("mnist-cvae",),
        ("mnist-vae",),
        page="generate",
    ),
    Member(
        "m1m2",
        "variational",
        (4, 1),
        "door",
        ("mnist-m2-100", "mnist-m1m2-100"),
        usual="mnist-m1m2-100",
        option="family",
        page="few_labels",
    ),
    Member("iwae", "variational", (5, 1), "importance", study=("importance", "k")),
    Member("adversarial", "ae", (7, 1), "door", ("mnist-aae",), ("mnist-ae",), page="generate"),
)
