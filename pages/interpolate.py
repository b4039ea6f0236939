"""Interpolate: from stop to stop through the latent spaces of two models, and through pixels."""

from aecore.ui import choosers, interpolate, page

NAVIGATION = {
    "title": "Interpolate",
    "icon": "timeline",
    "section": "Look inside",
    "place": 2,
    "question": "What lies between two digits?",
    "door": "From a 2 to a 4, a 5 and a 6: watch what each model draws on the way.",
}

with page.header(
    "What lies between two digits?", "Walk between digits. The road depends on the map."
):
    left, right = choosers.choose_two("mnist-ae", "mnist-vae")
    also = choosers.choose_another("also", "Also")
    runs = [run for run in (left, right, also) if run]
    label = choosers.choose_class(runs)
    page.copy_link(*runs)

interpolate.walk(runs, label)

page.details(
    mathematics=r"""
The pixel fade lays one image over the other. A **lerp** walks the straight line between two codes,
and the decoder draws every point of it:

$$\sym{x}(\alpha) = (1 - \alpha)\,\sym{x} + \alpha\,\sym{x}', \qquad
\sym{xh}(\alpha) = g\big((1 - \alpha)\,\sym{z} + \alpha\,\sym{z}'\big)$$

A **slerp** walks the arc around the origin, where $\Omega$ is the angle between the two codes; the
norm goes evenly from the first to the second:

$$\sym{z}(\alpha) = r(\alpha) \left[ \frac{\sin (1 - \alpha)\Omega}{\sin \Omega}
\frac{\sym{z}}{\lVert \sym{z} \rVert} + \frac{\sin \alpha\Omega}{\sin \Omega}
\frac{\sym{z}'}{\lVert \sym{z}' \rVert} \right], \qquad
r(\alpha) = (1 - \alpha)\,\lVert \sym{z} \rVert + \alpha\,\lVert \sym{z}' \rVert$$

Why an arc? In $d$ dimensions a draw from $\mathcal{N}(0, I)$ has a norm near $\sqrt{d}$, give or
take about $0.7$, whatever $d$ is. Two draws are nearly at right angles, so the middle of the
straight line between them has norm $\sqrt{d/2}$: for large $d$ a place where the prior draws
almost nothing. The arc keeps the norm. In two dimensions the norm varies anyway, and the straight
line does no harm.
""",
    code=f"""
import torch

import aecore
from aecore.analysis.interpolation import chain, cross_fade

data = aecore.load_dataset("digits")
stops = [list(data.test.labels).index(digit) for digit in (2, 4, 5, 6)]
images = data.test.images[stops]

model = {choosers.opening(right)}
z = model.encode(images).detach().numpy()        # a code for each stop
path = chain(z, 5, "slerp")                      # sixteen codes; "lerp" for straight lines
frames = model.decode(torch.from_numpy(path))    # (16, 1, 28, 28), pixels in [0, 1]
faded = cross_fade(images[0], images[1], 0.5)    # two images, one over the other
""",
    try_="""
- Drag slowly from the 4 to the 5. Which digit do you meet, and does it lie between them on the
  planes?
- Choose Pick stops and put two stops on either side of a gap. What does the decoder draw in it?
- Draw a path from disc to disc that never leaves the data. How does the other model follow?
- Choose the 16-dimensional runs. Is there still a third digit on the way? What share is in a gap?
- Set two stops to the same digit. What changes on the way from one to the other?
""",
)
