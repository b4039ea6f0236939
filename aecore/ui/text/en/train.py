"""What the page Train says of runs: where they stand, how long they take, what they are."""

from collections.abc import Mapping, Sequence

from aecore.ui.text.en.units import duration, figure, megabytes

STATES = {
    "queued": "waiting",
    "running": "running",
    "stopped": "stopped",
    "failed": "failed",
    "interrupted": "interrupted",
    "done": "done",
}
PHASES = {
    "preparing": "getting ready",
    "measuring": "measuring",
    "placing": "placing its codes on planes",
}
LOSSES = {"negative_elbo": "−ELBO", "reconstruction": "reconstruction"}

# A run


def state(state: str, phase: str = "") -> str:
    """Where a run stands, in a word or two.

    Example:
        >>> state("queued"), state("running", "measuring")
        ('waiting', 'measuring')
    """
    return PHASES.get(phase, STATES[state])


def code_size(dimensions: int | None) -> str:
    """Size of a code.

    Example:
        >>> code_size(1), code_size(2)
        ('1 unit', '2 units')
    """
    return "1 unit" if dimensions == 1 else f"{dimensions} units"


def run(kind: str, dimensions: int | None, settings: Mapping[str, float], dataset: str) -> str:
    """What a run is: kind, size of the code, options by their symbols, images.

    Example:
        >>> run("Variational autoencoder", 2, {"β": 4.0}, "MNIST")
        'Variational autoencoder, 2 units, β = 4, MNIST'
    """
    return ", ".join([kind, code_size(dimensions), *_settings(settings), dataset])


def _settings(settings: Mapping[str, float]) -> list[str]:
    return [f"{symbol} = {value(number)}" for symbol, number in settings.items()]


def value(number: float) -> str:
    """The value of an option.

    Example:
        >>> value(4.0), value(0.25)
        ('4', '0.25')
    """
    return f"{number:g}"


def result(loss: str, nats: float, seconds: float) -> str:
    """The error on test images of a measured run, to stand after what it is.

    Example:
        >>> result("negative_elbo", 142.03, 93.0)
        ', −ELBO 142.0 nats, trained in 93 s'
    """
    return f", {LOSSES[loss]} {figure(nats, 1)} nats, trained in {seconds:.0f} s"


def not_here(group: bool) -> str:
    """What is said of an address that names a run, or a group of runs, of somebody else's.

    Example:
        >>> not_here(False)
        'The run that the address names is not in this workspace.'
    """
    runs = "runs that the address names are" if group else "run that the address names is"
    return f"The {runs} not in this workspace."


def group(kinds: Sequence[str], count: int, symbol: str | None = None) -> tuple[str, str]:
    """What runs beside each other are, and how many.

    Args:
        kinds: of the runs.
        count: of the runs.
        symbol: of the one option in which they differ, if there is one.

    Example:
        >>> group(["AE", "VAE"], 2), group(["VAE"] * 5, 5, "β")
        (('AE and VAE', '2 runs'), ('A series of β', '5 runs'))
    """
    return series_title(symbol) if symbol else " and ".join(dict.fromkeys(kinds)), f"{count} runs"


def series_title(symbol: str) -> str:
    """What runs are called that differ in one option."""
    return f"A series of {symbol}"


def series(symbol: str, label: str) -> dict[str, str]:
    """A series of runs: the symbol of the option in which they differ, a title and a note.

    Example:
        >>> series("β", "Weight β of the KL term")["note"]
        'The models differ in one option alone: weight β of the KL term'
        >>> series("size", "")["note"]
        'The models differ in size alone'
    """
    note = f"The models differ in one option alone: {label[:1].lower()}{label[1:]}"
    if not label:
        note = f"The models differ in {symbol} alone"
    return {"symbol": symbol, "title": series_title(symbol), "note": note}


# Measures of each dimension of a code: title, unit, colour, and the value of a full bar at least
BARS = {"kl_per_dimension": ("KL", "nats", "sigma", 4.0)}


# Its plane


def not_stored(most: int) -> str:
    """Why a run of more dimensions has no plane."""
    return f"A code of more than {most} numbers is not kept, so there is no plane."


def plane(dimensions: int, *, ended: bool, begun: bool) -> str | None:
    """What is shown of a code that is no plane by itself; None of one that is.

    Args:
        dimensions: of the code.
        ended: whether its training is over.
        begun: whether the first epoch is.
    """
    if dimensions == 1:
        return "The code is one number: it lies along one axis."
    if dimensions == 2:
        return None
    when = "at the last moment" if ended else "after the first epoch" if begun else "so far"
    return (
        f"Not z₁ and z₂: the two widest directions of {dimensions} dimensions, by PCA of the codes "
        f"{when}, the same plane for all moments."
    )


# The queue


def ahead(count: int) -> str:
    """How many runs of others come first; empty where there are none.

    Example:
        >>> ahead(1), ahead(3), ahead(0)
        ('1 run of others is ahead.', '3 runs of others are ahead.', '')
    """
    runs = "run of others is" if count == 1 else "runs of others are"
    return f"{count} {runs} ahead." if count else ""


def turn(starts_in: float) -> str:
    """When a run that waits will begin, in seconds from now.

    Example:
        >>> turn(0), turn(100)
        ('next', 'in about 2 minutes')
    """
    return "next" if starts_in < 1 else f"in {duration(starts_in)}"


def place(
    kind: str, dimensions: int | None, settings: Mapping[str, float], epoch: float, epochs: int
) -> str:
    """What stands in the queue: what it is, options that are unusual, and how far it is.

    Example:
        >>> place("Variational", 2, {}, 3.04, 20), place("Denoising", 1, {"s": 0.3}, 0, 20)
        ('Variational, 2 units, epoch 3 of 20', 'Denoising, 1 unit, s = 0.3')
    """
    far = [f"epoch {round(epoch, 1):g} of {epochs}"] if epoch else []
    return ", ".join([kind, code_size(dimensions), *_settings(settings), *far])


# The form


def steps(count: int) -> str:
    """What is said of an epoch of few steps.

    Example:
        >>> steps(1)
        'An epoch has 1 step; a smaller batch makes more.'
    """
    return f"An epoch has {count} step{'' if count == 1 else 's'}; a smaller batch makes more."


def number(low: float, high: float) -> str:
    """What is asked of a number.

    Example:
        >>> number(1, 60_000)
        'Give a number from 1 to 60,000.'
    """
    return f"Give a number from {low:,} to {high:,}."


def estimate(seconds: float | None, waiting: int, most_minutes: float) -> str:
    """How long a training will take.

    Args:
        seconds: None while it is not known.
        waiting: how many runs come before.
        most_minutes: after which a run is stopped here.

    Example:
        >>> estimate(None, 0, 60), estimate(70, 2, 60)
        ('How long it takes cannot be told yet.',
         'About a minute on this machine, after the 2 that wait.')
    """
    if seconds is None:
        return "How long it takes cannot be told yet."
    text = duration(seconds)
    text = f"{text[0].upper()}{text[1:]} on this machine"
    if waiting:
        text += f", after the {waiting} that wait{'s' if waiting == 1 else ''}"
    if seconds > 60 * most_minutes:
        text += f". After {most_minutes:g} minutes it stops, and can be continued"
    return f"{text}."


# Datasets


def samples(dataset: str, classes: Sequence[str]) -> str:
    """What a row of ten images shows, for those who do not see it."""
    return f"The first test image of each class of {dataset}: {', '.join(classes)}"


def missing(dataset: str) -> str:
    """What is said of a dataset that has to be fetched."""
    return f"{dataset} is not on this machine yet."


def fetch(dataset: str, size: int) -> str:
    """A button that fetches a dataset of so many bytes.

    Example:
        >>> fetch("MNIST", 11_594_722)
        'Download MNIST (12 MB)'
    """
    return f"Download {dataset} ({megabytes(size)})"


def download(done: int, total: int, seconds: float) -> str:
    """How far a download is, in bytes, after so many seconds.

    Example:
        >>> download(0, 10, 0), download(10, 10, 3)
        ('Looking for a mirror …', 'Checking and unpacking …')
        >>> download(8_000_000, 20_000_000, 10)
        '8.0 of 20 MB here, about 15 seconds left'
    """
    share = min(1.0, done / max(1, total))
    if not done:
        return "Looking for a mirror …"
    if share == 1:
        return "Checking and unpacking …"
    text = f"{done / 1e6:.1f} of {megabytes(total)} here"
    if seconds < 1:
        return text
    return f"{text}, {duration(seconds * (1 - share) / share)} left"


def download_failed(dataset: str) -> str:
    """What is said of a download that failed for a reason nobody foresaw."""
    return f"{dataset} could not be downloaded; the server's log has the details."


def disk_full(dataset: str, free: float) -> str:
    """What is said where a dataset does not fit; ``free`` in bytes."""
    return (
        f"The server's disk has only {free / 1e6:,.0f} MB left, too little for {dataset}. Free "
        "some space and try again."
    )
