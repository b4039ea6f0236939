"""Decode: one model, large. Every point of its plane is an image."""

import streamlit as st

from aecore.ui import choosers, component, page
from aecore.ui.text import runs

NAVIGATION = {
    "title": "Decode",
    "icon": "touch_app",
    "section": "Look inside",
    "place": 0,
    "question": "What does a point mean?",
    "door": "One plane, large: move over it, drag its sliders, see the whole plane as images.",
}

with page.header(
    "What does a point mean?",
    "Every point of this plane is an image. Move over it and watch it change.",
):
    run = choosers.choose_run("model", "Model", "mnist-vae")
    label = choosers.choose_class([run])
    page.copy_link(run)

if collapse := choosers.collapse(run):
    page.answer(page.plain(collapse))

with st.container(horizontal=True, vertical_alignment="center"):
    views = {
        name: title for name, title in runs.PLANES.items() if name != "gaps" or run.latent_dim == 2
    }
    view = choosers.segments("view", views, "points")
    shown = choosers.shades([run], gaps=False)
component.live_panel([run], key="decode", layout="decode", show=[view, *shown], label=label)
choosers.about_run(run)

page.details(
    mathematics=choosers.decoder_mathematics(run),
    code=f"""
import torch

import aecore

model = {choosers.opening(run)}
z = torch.zeros(1, {run.latent_dim})  # any point of the plane
image = model.decode(z)  # (1, 1, 28, 28), pixels in [0, 1]
""",
    try_="""
- Move slowly from one disc to another. Where does one digit turn into the next?
- Choose Images: the whole plane at once. Which digits are neighbours, and why those?
- Focus the plane with Tab and use the arrow keys; Shift makes larger steps.
- Choose a 16-dimensional run and move one slider at a time. Which of them change nothing?
""",
)
