"""Denoise: spoil an image, and see what each kind of autoencoder makes of it."""

from aecore.runs import shipped_run
from aecore.ui import page
from aecore.ui.denoise import figures, stage

NAVIGATION = {
    "title": "Denoise",
    "icon": "blur_on",
    "section": "Kinds of autoencoder",
    "place": 1,
    "question": "What does noise teach?",
    "door": "Spoil an image, or draw your own, and see which model brings it back.",
}

ONE_LAYER = ("mnist-tied-0", "mnist-tied-25", "mnist-tied-50")

with page.header("What does noise teach?", "Shown a spoiled image, it must draw the clean one."):
    runs = stage.choose_models()
    page.copy_link(*runs)

stage.panel(runs)

figures.filter_grids([shipped_run(name) for name in ONE_LAYER])
figures.manifold_picture()

page.details(
    mathematics=r"""
A denoising autoencoder is shown $\sym{xt}$, drawn from a corruption $q(\sym{xt} \mid \sym{x})$, and
is judged against the clean image:

$$\mathcal{L}_{\text{DAE}} = -\log p\big(\sym{x} \mid f(\sym{xt})\big), \qquad
\sym{xt} \sim q(\sym{xt} \mid \sym{x})$$

Many clean images could have become the same $\sym{xt}$. The reconstruction that is best on average,
in squared error and in cross-entropy alike, is their mean:

$$\sym{xh} = r(\sym{xt}) = \mathbb{E}[\sym{x} \mid \sym{xt}]$$

So it is blurred where the noise leaves a doubt. With Gaussian noise of a small standard deviation
$s$, the step from $\sym{xt}$ to $\sym{xh}$ points to where images are more probable:

$$\frac{r(\sym{xt}) - \sym{xt}}{s^2} \approx \nabla_{\sym{xt}} \log p(\sym{xt})$$

It learned to pull points back to where images lie, so it moves clean ones a little too.
""",
    code="""
import aecore
from aecore.data.noise import corrupt

data = aecore.load_dataset("digits")
model = aecore.open_run("mnist-dae-50").model()

x = data.test.images[:4] / 255                 # clean, in [0, 1]
spoiled = corrupt(x, "gaussian", 0.5, seed=0)  # the noise that this page shows
drawn = model.reconstruct(spoiled).detach().numpy().reshape(x.shape)

for shown in (spoiled, drawn):                 # squared error, summed over 784 pixels
    print(((shown - x) ** 2).sum((1, 2)).round(1))
""",
    try_="""
- Drag the level to 0. Which model keeps the image best, and which one least? Why?
- Drag it up slowly: where does the autoencoder’s picture stop being the digit? The DAEs’?
- Each DAE was trained at one level, marked on its line. Is it best there?
- Choose Masking or Occlusion, which no DAE here has seen. What do they put in the hole?
- Add a sparse or a contractive run under Models. Does its code move less? Is its picture better?
- Choose Draw, draw half a digit, and see how each model completes it.
""",
)
