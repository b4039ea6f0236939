"""Train: choose a model, press Train, and watch its latent space take shape."""

import streamlit as st

from aecore import jobs
from aecore.ui import page, session
from aecore.ui.train import form, monitor, run_list

NAVIGATION = {"title": "Train", "icon": "model_training", "section": "Workshop", "place": 0}

jobs.warm()
workspace, message = session.settled()
with page.header(
    "How does a code take shape?", "Choose a model, press Train, and watch its plane unfold."
):
    page.copy_link(own=True)
runs, odd = monitor.chosen(workspace)
# What comes and goes has a place of its own: what stands below stays the same to the browser, with
# its focus, its folds and the file that was chosen in it.
with st.container():
    for sentence in filter(None, [message, odd]):
        st.warning(sentence, icon=":material/info:")

with st.container(key="lab-train"):
    controls, shown = st.columns([10, 30], gap="large")
    with controls:
        spec = form.form(workspace)
        form.buttons(workspace, spec)
        form.limits()
        run_list.queue(workspace, runs)
    with shown:
        monitor.stage(workspace, runs)

with st.container():
    if len(runs) == 1:
        run_list.about(workspace, runs[0])
page.section(
    "Your runs",
    "They are only at this address: keep the link. Whoever has it can see, change and delete them.",
)
with st.container():
    run_list.show(workspace, runs)
run_list.upload(workspace)

page.details(
    mathematics=r"""
Training takes steps down the gradient of a loss, averaged over a batch of images. For an
autoencoder that is the reconstruction alone; a VAE adds the KL divergence to its prior, weighted
by $\beta$:

$$\mathcal{L} = -\mathbb{E}_{q(\sym{z} \mid \sym{x})} \log p(\sym{x} \mid \sym{z})
+ \beta\, \mathrm{KL}\big(q(\sym{z} \mid \sym{x}) \,\|\, \mathcal{N}(0, I)\big)$$

With $\beta = 1$ it is the negative ELBO. With $\beta = 0$ nothing holds the codes together; with a
large $\beta$ the posterior falls onto the prior, and the code says nothing any more.

Codes of more than two dimensions are shown on one fixed plane, the two widest directions of the
codes by PCA, so that what moves on it are the codes.
""",
    try_="""
- Train a VAE and drag the time machine back: when do the classes come apart?
- Press AE and VAE: which plane grows, and which one keeps to the circles?
- Press the series of β: from which β on is there no KL left in a dimension?
""",
)
