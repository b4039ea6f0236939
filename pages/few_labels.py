"""Few labels: how many labels each way of learning needs, and ten guesses at one digit."""

import streamlit as st

from aecore import studies
from aecore.ui import few_labels, navigation, page
from aecore.ui.text import few_labels as words

NAVIGATION = {
    "title": "Few labels",
    "icon": "label",
    "section": "Kinds of autoencoder",
    "place": 2,
    "question": "How far do a hundred labels go?",
    "door": "Drag the number of labels, and see who gains from images that nobody labelled.",
}

# Methods of the study in the order of the table, and the ideas that words and lines go by.
METHODS = {"pixels": "pixels", "m1": "codes", "m2": "classes", "m1m2": "both", "aae": "critic"}
GUESSING = ("mnist-m2-100", "mnist-m1m2-100", "mnist-aae-100")

controls = page.header("How far do a hundred labels go?", few_labels.lede())
study, ablation = studies.load("few_labels"), studies.load("ablation")
found = few_labels.methods(study, METHODS)

few_labels.lines(study, found)

with st.container(key="lab-beside", horizontal=True, vertical_alignment="bottom"):
    page.section(words.GUESSES, words.GUESSES_NOTE)
    run = few_labels.choose_guesser(GUESSING)
if run:
    few_labels.ten_guesses(run)
else:
    st.markdown(words.NO_GUESSES)
    st.page_link(navigation.page("train"), label=words.TRAIN, icon=":material/model_training:")
with controls:
    page.copy_link(*([run] if run else []))

if ablation:
    page.section(words.ABLATION, words.ABLATION_NOTE)
    bars, formula = st.columns([6, 7], gap="large", vertical_alignment="center")
    with bars:
        few_labels.ablation(ablation)
    with formula:
        page.formulas(words.OBJECTIVE)
if study:
    few_labels.table(study, found)

page.details(
    mathematics=r"""
A label $y$ that is not known is a hidden variable, beside the style $\sym{z}$. With
$p(y) = 1/10$ and $p(\sym{z}) = \mathcal{N}(0, I)$, an image whose label is known costs

$$\mathcal{L}(\sym{x}, y) = -\mathbb{E}_{q(\sym{z} \mid \sym{x}, y)}
\big[\log p(\sym{x} \mid y, \sym{z})\big]
+ \mathrm{KL}\big(q(\sym{z} \mid \sym{x}, y) \,\|\, p(\sym{z})\big) - \log p(y)$$

and one whose label is not known what all ten would cost, each as far as it is believed:

$$\mathcal{U}(\sym{x}) = \sum_y q(y \mid \sym{x})\,\mathcal{L}(\sym{x}, y)
- \mathcal{H}\big(q(y \mid \sym{x})\big)$$

M2 lowers both, and with weight $\alpha$ the error $-\log q(y \mid \sym{x})$ of the images with
known labels. So unlabelled images teach $q$ too: it must name the class that draws them best. The
nats below each of the ten drawings are $\mathcal{L}(\sym{x}, y)$ at the mean of the code,
$\sym{z} = \sym{mu}(\sym{x}, y)$, where nothing is drawn by chance.

**M1** learns codes of all images as a VAE, then a classifier on them from the labelled ones
alone. **M1+M2** is M2 on such codes. The **AAE** has a critic for $q(y \mid \sym{x})$ and one
for $\sym{z}$ where M2 has its KL terms; its codes are points, so its nats are those of the pixels
alone.
""",
    code="""
import aecore

data = aecore.load_dataset("digits").few_labels(100, seed=0)  # ten of each class are known
model = aecore.build_model("m2", latent_dim=8, hidden=(128,))
for record in aecore.fit(model, data, epochs=3, batch_size=128, seed=0):
    pass

x = data.test.images[:1]
print(model.classify(x).detach().numpy().round(2))            # q(y | x), one for each class
for label in range(10):
    drawn = model.reconstruct(x, [label]).detach()            # the digit as if it were that one
    print(label, float(((drawn - aecore.data.as_pixels(x)) ** 2).sum()))
""",
    try_="""
- Drag the number of labels to all. How much is left for the unlabelled images to teach?
- Press Another hundred a few times. Which method cares most for which images were labelled?
- Press a digit that is read wrongly. Do the nats of the ten drawings say the same as the bars?
- Find a digit for which two drawings cost nearly the same. Would you have known it?
- Choose another model. Do they doubt the same digits?
""",
)
