"""Home: one living figure, a door for each page, and what is here to open and to train."""

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

page.section("Ways in")
doors = list(navigation.doors().items())
for first in range(0, len(doors), 4):
    for place, (name, entry) in zip(st.columns(4), doors[first : first + 4], strict=False):
        with place.container(border=True, height="stretch"):
            icon = f":material/{entry.icon}:"
            st.page_link(navigation.page(name), label=f"**{entry.question}**", icon=icon)
            st.markdown(entry.door)

page.section(
    "Here already", "Trained on all 60,000 images of MNIST; figures are for its 10,000 test images."
)
page.folded_table(
    ["Run", "Code size", "Test loss, nats", "What it is"], choosers.runs_by_kind(list_runs(SHIPPED))
)

page.section(
    "To train yourself",
    "On the page Train; a run then stands beside the others on every page.",
)
page.table(["Images", "Training", "Test", "On this machine"], choosers.dataset_rows())
