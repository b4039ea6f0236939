"""Home: one living figure, four doors, and what is here to open and to train."""

import streamlit as st

from aecore.runs import SHIPPED, list_runs, open_run
from aecore.ui import choosers, component, navigation, page

NAVIGATION = {"title": "Home", "icon": "home", "section": "", "place": 0}

page.header(
    "What does an autoencoder learn?",
    "An encoder turns an image into a few numbers, a decoder turns them back. Move over the "
    "plane to see what other numbers mean.",
)
component.home_figure(open_run("mnist-vae"), key="home")

DOORS = (
    (
        *("decode", "What does a point mean?", ":material/touch_app:"),
        "One plane, large: move over it, drag its sliders, see the whole plane as images.",
    ),
    (
        *("compare", "What lives in the gaps?", ":material/compare:"),
        "An autoencoder beside a variational one, on the same images, under one cursor.",
    ),
    (
        *("interpolate", "What lies between two digits?", ":material/timeline:"),
        "From a 2 to a 4, a 5 and a 6: watch what each model draws on the way.",
    ),
    (
        *("denoise", "What does noise teach?", ":material/blur_on:"),
        "Spoil an image, or draw your own, and see which model brings it back.",
    ),
)

page.section("Four ways in")
for place, (name, question, icon, words) in zip(st.columns(4), DOORS, strict=True):
    with place.container(border=True, height="stretch"):
        st.page_link(navigation.page(name), label=f"**{question}**", icon=icon)
        st.markdown(words)

page.section(
    "Here already", "Trained on all 60,000 images of MNIST; figures are for its 10,000 test images."
)
page.table(
    ["Run", "Code size", "Test loss, nats", "What it is"], choosers.run_rows(list_runs(SHIPPED))
)

page.section(
    "To train yourself",
    "On the page Train; a run then stands beside the others on every page.",
)
page.table(["Images", "Training", "Test", "On this machine"], choosers.dataset_rows())
