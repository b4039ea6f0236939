"""The server: Streamlit's pages and the routes beside them on one port."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from aecore import ui
from aecore.ui.train.words import WORDS
from aecore.web.early import Early
from aecore.web.routes import routes

BELOW = st.get_option("server.baseUrlPath")
app = st.App(
    Path(ui.__file__).with_name("router.py"),
    routes=routes(BELOW, WORDS),
    middleware=[Middleware(Early, base_path=BELOW)],
)
