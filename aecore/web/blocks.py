"""What the browser gets of a run: its layers and codes in one compressed block. No torch."""

import numpy as np

from aecore.analysis.projections import REGISTRY, missing
from aecore.errors import LabError
from aecore.files import packed, read_tensors
from aecore.runs import Run, open_run
from aecore.runs.networks import header_of, networks_of, prior_of
from aecore.web.content import offer

# What a page may want of a run, and the networks in it.
PARTS = {
    "plane": ("decoder", "classifier"),
    "encoder": ("encoder",),
    "networks": ("encoder", "decoder", "classifier"),
}


def url_of(run: Run, part: str = "plane") -> str:
    """Where a browser fetches a part of a run, relative to the app's address (see `block`).

    Raises:
        LabError: when the run's files are damaged; the message names the run.
    """
    try:
        key = f"{run.folder}-{part}-{run.weights.stat().st_mtime_ns}"
        return offer(key, lambda: block(open_run(run.folder), part))
    except OSError as error:
        raise LabError(f"The run {run.name!r} has no weights yet.") from error
    except LabError as error:
        cannot = f"The run {run.name!r} cannot be shown."
        raise LabError(f"{cannot} {error}", f"{cannot} {error.visitor}") from error


def block(run: Run, part: str = "plane") -> bytes:
    """One gzip-compressed block, which `assets/live/core/nn.js` reads.

    Inside: four bytes of length, JSON, then arrays back to back. The JSON has the networks
    (`aecore.families.networks.Net`), the prior over codes, what planes there are
    (`aecore.analysis.projections`) and the arrays' names, types and shapes.
    Where a network takes a label ``y``, the codes are of the images with their own. Weights are
    float16, or float32 where one of an array is too large for that. Values of two bytes and more
    are stored as all first bytes, then all second ones and so on, which compresses better.

    Args:
        run: any run.
        part: ``"plane"``, an autoencoder's decoder with its codes, or a classifier; ``"encoder"``;
            or ``"networks"``, encoder, decoder and what infers a class, without codes.

    Example:
        >>> from aecore.runs import shipped_run
        >>> len(block(shipped_run("mnist-vae"))) < 1_250_000
        True
    """
    header = header_of(run)
    networks = networks_of(header)
    networks = {name: networks[name] for name in PARTS[part] if name in networks}
    layers = [layer for net in networks.values() for layer in net["layers"]]
    names = [layer[kind] for layer in layers for kind in ("weight", "bias") if kind in layer]
    arrays = {k: as_half(v) for k, v in read_tensors(run.weights, names).items()}
    about: dict[str, object] = {"name": run.name, "family": run.family, "networks": networks}
    if run.latent_dim is not None:
        about["latent_dim"] = run.latent_dim
    if run.has_codes and part == "plane":
        codes = run.codes
        arrays |= codes.arrays()
        # Column by column: half the size when compressed.
        columns = ("mean", "log_std", "reference", *codes.places)
        arrays |= {k: arrays[k].T for k in columns if k in arrays}
        planes = [p for p in REGISTRY.values() if p.suits(codes) and p not in missing(codes)]
        for plane in planes:
            if plane.linear:
                arrays |= plane.linear(codes.mean.values).arrays(plane.name)
        about["projections"] = [plane.about() for plane in planes]
        about["prior"] = prior_of(run)
    return packed(about, arrays)


def as_half(values: np.ndarray) -> np.ndarray:
    """Numbers as float16; as float32 where one of them would overflow.

    Example:
        >>> as_half(np.float32([1, 2])).dtype.str, as_half(np.float32([1, 1e5])).dtype.str
        ('<f2', '<f4')
    """
    fits = np.abs(values).max(initial=0) <= np.finfo(np.float16).max
    return values.astype("<f2" if fits else "<f4")
