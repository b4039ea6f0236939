"""What the weight of the KL changes: what a code costs against what it keeps."""

from typing import Any

from aecore.analysis.likelihood import kl_per_dimension, reconstruction_nats, squared_error
from aecore.data import Dataset
from aecore.families import build_model
from aecore.families.encoding import encode_images
from aecore.studies import Found
from aecore.studies._training import quick, trained

BETAS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
NETWORK: dict[str, Any] = {"latent_dim": 16, "hidden": (256, 128)}
HOW: dict[str, Any] = {"epochs": 20, "batch_size": 200}


def run(data: Dataset) -> Found:
    """``betas``; for each ``reconstruction`` and ``kl``, nats per image, one draw of the code;
    ``per_dimension``: the KL of each, the dearest first; ``squared_error`` at the mean code. All on
    the test images.
    """
    few, images = quick(data), data.test.images
    found: dict = {"latent_dim": NETWORK["latent_dim"], "betas": []}
    parts = ("reconstruction", "kl", "per_dimension", "squared_error")
    found |= {part: [] for part in parts}
    for beta in BETAS:
        model = trained(build_model("vae", beta=beta, **NETWORK), few, **HOW)
        mean, std = encode_images(model, images)
        assert std is not None  # a VAE has a posterior
        each = sorted(kl_per_dimension(mean, std).tolist(), reverse=True)
        nats = float(reconstruction_nats(model, images, seed=0).mean())
        error = squared_error(model, images)
        found["betas"].append(beta)
        for part, value in zip(parts, (nats, sum(each), each, error), strict=True):
            rounded = [round(v, 3) for v in value] if isinstance(value, list) else round(value, 2)
            found[part].append(rounded)
        yield f"beta {beta}: reconstruction {nats:.1f}, KL {sum(each):.1f}", found
