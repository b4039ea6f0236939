"""Compare: two models side by side under one linked cursor, and what sets them apart."""

from aecore.analysis import comparison
from aecore.ui import choosers, component, page
from aecore.ui.text import compare

NAVIGATION = {
    "title": "Compare",
    "icon": "compare",
    "section": "Look inside",
    "place": 1,
    "question": "What lives in the gaps?",
    "door": "An autoencoder beside a variational one, on the same images, under one cursor.",
}

STRIP_NOTE = "The mean code of each class, decoded, and below it the point halfway to the next."

with page.header(
    "What lives in the gaps?", "Move over either plane. The decoder draws what it thinks is there."
):
    left, right = choosers.choose_two("mnist-ae", "mnist-vae")
    label = choosers.choose_class([left, right])
    page.copy_link(left, right)

shown = choosers.shades([left, right], grid=True)
component.live_panel([left, right], key="compare", show=shown, label=label)

names = choosers.names(left, right)
figures = left.card["figures"], right.card["figures"]
alike = left.config.dataset == right.config.dataset
one_unit = left.likelihood == right.likelihood
same = left.folder == right.folder
drawn = [comparison.Gaps.of(run.card["figures"], prior=run.about.prior) for run in (left, right)]
facts = comparison.gaps(drawn[0], None if same else drawn[1], alike=alike)
said = [choosers.collapse(run) for run in ([left] if same else [left, right])]
page.answer(page.plain("\n\n".join(filter(None, [*said, compare.gaps(facts, *names)]))))

page.section(
    "Class means and their midpoints",
    f"{STRIP_NOTE} Under each: what a classifier reads, and how surely.",
)
choosers.class_means([left, right])

page.section("Sixteen samples")
choosers.samples([left, right], label)

page.section(
    "Measured on the test images",
    "Grey pixels; sums over pixels, means over images. A gap is farther from every training code "
    "than 99 % of test codes are. Recognised: the classifier gives one digit .90 or more, which it "
    "also does for some images that are none. N(0, I) covers only a small part of an AE’s plane.",
)
page.table(
    ["Measure", *choosers.headings(left, right), "What it says"],
    compare.measures(comparison.rows(*figures, alike=alike, one_unit=one_unit), *names),
)
choosers.codes_csv([left, right])

page.details(
    mathematics=r"""
An autoencoder minimises the reconstruction error alone; a variational one also pays for every
posterior that differs from the prior:

$$\mathcal{L}_{\text{AE}} = -\log p(\sym{x} \mid \sym{z}), \quad \sym{z} = f(\sym{x})$$

$$\mathcal{L}_{\text{VAE}} = -\mathbb{E}_{q}\,[\log p(\sym{x} \mid \sym{z})]
+ \mathrm{KL}\big(q(\sym{z} \mid \sym{x}) \,\|\, \mathcal{N}(0, I)\big)$$

$$q(\sym{z} \mid \sym{x}) = \mathcal{N}(\sym{mu}, \operatorname{diag} \sym{sigma}^2),
\quad \sym{z} = \sym{mu} + \sym{sigma}\,\sym{eps}, \quad \sym{eps} \sim \mathcal{N}(0, I)$$

Draws of $\sym{eps}$ blur each image over its ellipse, so the decoder must make sense of every point
in it; the KL term keeps the ellipses from shrinking to points and drifting apart. The circles hold
39, 86 and 99 % of the prior in two dimensions.
""",
    code=f"""
import aecore

data = aecore.load_dataset("mnist")
left = {choosers.opening(left)}
right = {choosers.opening(right)}

x = data.test.images[:1]                 # one test image, uint8 (1, 28, 28)
for model in (left, right):
    z = model.encode(x)                  # its code, deterministic
    print(z, model.reconstruct(x).shape) # and its reconstruction in [0, 1]
""",
    try_="""
- Point at a shaded part of the autoencoder’s plane. Is what you see a digit?
- Follow one test image: the blue ring is the same image in both planes. Do its neighbours agree?
- Switch the samples to N(0, I). Which of the two models was promised that such draws decode?
- Choose the 16-dimensional runs. Every class mean now decodes to its class; look at the samples.
""",
)
