"""What pages are built from. Only here, and in the pages, is streamlit imported."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

# Streamlit takes a folder named `pages` for its old kind of app until st.navigation has run once,
# and would show the first visitor of a fresh server a page without the router around it.
if PagesManager.uses_pages_directory:
    PagesManager.uses_pages_directory = False
    st.rerun()
