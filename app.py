"""The server: Streamlit's pages and the routes beside them on one port."""

from pathlib import Path

import streamlit as st

from aecore import ui
from aecore.ui.train.words import WORDS
from aecore.web.routes import routes

app = st.App(
    Path(ui.__file__).with_name("router.py"),
    routes=routes(st.get_option("server.baseUrlPath"), WORDS),
)
