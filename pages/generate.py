"""Generate: each class drawn in one hand, and new digits four ways."""

from aecore.ui import choosers, page
from aecore.ui.generate import draws, styles
from aecore.ui.text import generate as words

NAVIGATION = {
    "title": "Generate",
    "icon": "casino",
    "section": "Look inside",
    "place": 3,
    "question": "Which digit, in whose hand?",
    "door": "One point is ten digits in one hand, yours too; and four ways to draw new ones.",
}

with page.header(
    "Which digit, in whose hand?",
    "The class is told, so the point need only say how it is written. Move it, and ten digits "
    "change hands.",
):
    run = styles.choose()
    page.copy_link(*([run] if run else []))

if run:
    styles.panel(run)
else:
    styles.empty()

if ways := draws.there():
    page.section(words.DRAWS, words.ways(len(ways)))
    way = draws.choose(ways)
    draws.panel(way)
    draws.findings(way, ways)

page.details(
    mathematics=r"""
A conditional decoder is given the class $y$ beside the code, and so is the encoder:

$$\sym{xh} = g(\sym{z}, y), \qquad
\mathcal{L} = -\mathbb{E}_{q}\,[\log p(\sym{x} \mid \sym{z}, y)]
+ \mathrm{KL}\big(q(\sym{z} \mid \sym{x}, y) \,\|\, \mathcal{N}(0, I)\big)$$

The prior of $\sym{z}$ is the same for every class. Where $q$ matches it, knowing $\sym{z}$ says
nothing of $y$, and what is left for $\sym{z}$ is what the classes have in common: slant, width, the
weight of the stroke. That the classes also agree on which point means which slant is asked for by
no term; one decoder for all of them makes it likely.

The lean under an image is that of its ink: with $u$ and $v$ a pixel's distances from the middle of
the ink, to the right and down, each pixel weighed by its ink,

$$\text{lean} = -\arctan \frac{\sum u v}{\sum v^2}$$

A new digit needs a code to decode. A VAE was trained towards $\mathcal{N}(0, I)$ by its KL term; an
adversarial autoencoder towards any prior that can be sampled, as a critic $D$ tells its codes from
draws $\sym{z}'$ of that:

$$\mathcal{L}_D = -\log D(\sym{z}') - \log\big(1 - D(f(\sym{x}))\big), \qquad
\mathcal{L}_f = -\log D(f(\sym{x}))$$

An autoencoder was trained towards nothing, so a mixture of Gaussians is fitted to its codes
afterwards: $p(\sym{z}) = \sum_k w_k\,\mathcal{N}(\sym{z};\, m_k, S_k)$.

Distances are those of pixels in $[0, 1]$, $\lVert \sym{xh} - \sym{x} \rVert$. A blurred image is
near many; so draws are held against test images that the same model rebuilt.
""",
    code=f"""
import numpy as np
import torch

import aecore
from aecore.analysis.mixture import CodeMixture

model = {choosers.opening(run) if run else 'aecore.open_run("mnist-cvae").model()'}
z = torch.zeros(10, {run.latent_dim if run else 2})  # one point, ten times
images = model.decode(z, torch.arange(10))  # each class there, (10, 1, 28, 28)

plain = aecore.open_run("mnist-ae")  # trained towards no prior: Gaussians are fitted to its codes
mixture = CodeMixture.fit(plain.codes.reference.values, components=20)
codes, _ = mixture.sample(16, np.random.default_rng(0))
drawn = plain.model().decode(torch.from_numpy(codes))  # sixteen draws, (16, 1, 28, 28)
""",
    try_="""
- Move from left to right through the middle. Which digits follow, and which does not?
- Find the point at which the strokes are thickest, and one at which the digits are narrow.
- Press Another hand a few times. Does its own digit look like the test image?
- Press Draw one, draw a digit, and see the other nine in your hand. Then say it is another class.
- Choose Images and go through the classes: does a place mean the same in each?
- Below, press a place between two clusters, for each of the four. Which draws no digit there?
- Press New draws until one is read as another digit than was asked. Where does its code lie?
""",
)
