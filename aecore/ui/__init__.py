"""What pages are built from. Only here, and in the pages, is streamlit imported."""

from aecore.ui.streamlit_patches import mend

mend()
