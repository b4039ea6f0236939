"""What pages are built from. Only here, and in the pages, is streamlit imported."""

from aecore.ui import streamlit_patches

streamlit_patches.apply()
