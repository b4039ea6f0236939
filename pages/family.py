"""Family: every autoencoder is its parent and one idea; any two, on the same images."""

from aecore.ui import page
from aecore.ui.family import stage

NAVIGATION = {
    "title": "Family",
    "icon": "account_tree",
    "section": "Kinds of autoencoder",
    "place": 0,
    "question": "What does one idea change?",
    "door": "Every autoencoder is its parent and one idea: hold any two against each other.",
}

with page.header(
    "What does one idea change?",
    "Every autoencoder here is its parent and one idea. Choose one, then another to hold against "
    "it.",
):
    page.copy_link()

stage.panel()

page.details(
    mathematics=r"""
Every member minimises how badly $\sym{xh} = g(f(\sym{x}))$ rebuilds $\sym{x}$, and adds one thing.
The **sparse** one asks each unit for a mean activation of $\rho$ over a batch:

$$\mathcal{L} = -\log p(\sym{x} \mid \sym{z}) + \lambda \sum_j \mathrm{KL}(\rho \,\|\, \bar{z}_j),
\qquad \mathrm{KL}(\rho \,\|\, \bar{z}) = \rho \log \frac{\rho}{\bar{z}} +
(1 - \rho) \log \frac{1 - \rho}{1 - \bar{z}}$$

The **contractive** one charges for every direction in which a small step moves the code. With one
layer of sigmoid units, $\sym{z} = s(W\sym{x} + b)$, the Jacobian has a closed form:

$$\frac{\partial \sym{z}}{\partial \sym{x}} = \mathrm{diag}\big(\sym{z}(1 - \sym{z})\big)\, W,
\qquad \Big\lVert \frac{\partial \sym{z}}{\partial \sym{x}} \Big\rVert_F^2 =
\sum_j \big(z_j (1 - z_j)\big)^2 \lVert W_j \rVert^2$$

The **linear** one, $\sym{xh} = UV\sym{x}$ by the squared error, is best where $U$ spans the plane
of the first principal components; which basis of that plane it finds is left open. Of a sigmoid
output $\sym{xh} = s(a)$ the **cross-entropy** has the gradient $\sym{xh} - \sym{x}$ and the
**squared error** $2(\sym{xh} - \sym{x})\,\sym{xh}(1 - \sym{xh})$, which is almost 0 where the unit
is saturated, right or wrong.

**β** is the price of a nat of KL. The best code is where one nat more would save β nats of
reconstruction, so that is the slope at which the costs of all weights lie:

$$\mathcal{L}_\beta = R + \beta K, \quad
R = -\mathbb{E}_q[\log p(\sym{x} \mid \sym{z})], \quad
K = \mathrm{KL}\big(q(\sym{z} \mid \sym{x}) \,\|\, \mathcal{N}(0, I)\big), \qquad
\frac{\mathrm{d}R}{\mathrm{d}K} = -\beta$$

The **IWAE** takes $k$ draws for one image. Its bound is the ELBO with one, never looser with more,
and in the limit the likelihood itself:

$$\mathcal{L}_k = -\mathbb{E} \log \frac{1}{k} \sum_{i=1}^{k}
\frac{p(\sym{x}, \sym{z}_i)}{q(\sym{z}_i \mid \sym{x})} \;\geq\; -\log p(\sym{x})$$
""",
    code="""
import aecore

data = aecore.load_dataset("digits")
for weight in (0, 2):                          # without the penalty, and with it
    model = aecore.build_model("sparse", latent_dim=100, rho=0.05, weight=weight)
    for record in aecore.fit(model, data, epochs=5, batch_size=64, learning_rate=0.01):
        pass
    z = model.encode(data.test.images / 255).detach()
    print(weight, "units above one half:", (z > 0.5).sum(1).float().mean().round().item())
""",
    try_="""
- Choose **Sparse** and drag $\\rho$ down. When does the digit begin to blur? Which units are left?
- Point at units beside one digit. Do they look for its strokes?
- Press another image: how many of the units that fire for the first fire for this one, too?
- Hold **Variational** against **Autoencoder** at 2, 16 and 32 numbers. What does the cloud cost?
- Choose a member, then the one that it stands against: the two change places.
""",
)
