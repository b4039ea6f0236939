"""Home: one living figure, three doors, and what is here to open and to train."""

import streamlit as st

from aecore.runs import SHIPPED, list_runs, open_run
from aecore.ui import live, page, widgets

page.header(
    "What does an autoencoder learn?",
    "An encoder turns an image into a few numbers, a decoder turns them back. Move over the "
    "plane to see what other numbers mean.",
)
live.home_figure(open_run("mnist-vae"), key="home")

page.section("Three ways in")
doors = st.columns(3, gap="medium")
with doors[0].container(border=True):
    st.page_link(
        "pages/decode.py", label="**What does a point mean?**", icon=":material/touch_app:"
    )
    st.markdown("One plane, large: move over it, drag its sliders, see the whole plane as images.")
with doors[1].container(border=True):
    st.page_link("pages/compare.py", label="**What lives in the gaps?**", icon=":material/compare:")
    st.markdown("An autoencoder beside a variational one, on the same images, under one cursor.")
with doors[2].container(border=True):
    sixteen = {"left": "mnist-ae-16", "right": "mnist-vae-16", "draws": "N(0, I)"}
    st.page_link(
        "pages/compare.py",
        label="**What do sixteen dimensions change?**",
        icon=":material/casino:",
        query_params=sixteen,
    )
    st.markdown("The same pair with more room: sharper images, and draws that miss one of them.")

page.section(
    "Here already", "Trained on all 60,000 images of MNIST; figures are for its 10,000 test images."
)
page.table(
    ["Run", "Code size", "Test loss, nats", "What it is"], widgets.run_rows(list_runs(SHIPPED))
)

page.section(
    "To train yourself", "On the command line; a run then stands beside the others on every page."
)
page.table(["Images", "Training", "Test", "On this machine"], widgets.dataset_rows())
st.code(
    "python -m aecore train vae --dataset digits --epochs 30 --out runs/my-vae", language="bash"
)
