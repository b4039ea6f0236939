"""The router: which pages there are, and what stands around each of them."""

import streamlit as st

from aecore.ui import router, session


def main() -> None:
    """Show the page that the address names."""
    home = st.Page("pages/home.py", title="Home", icon=":material/home:", default=True)
    pages = {
        "": [home],
        "Look inside": [
            st.Page("pages/decode.py", title="Decode", icon=":material/touch_app:"),
            st.Page("pages/compare.py", title="Compare", icon=":material/compare:"),
            st.Page("pages/interpolate.py", title="Interpolate", icon=":material/timeline:"),
        ],
        "Kinds of autoencoder": [
            st.Page("pages/denoise.py", title="Denoise", icon=":material/blur_on:"),
        ],
        "Workshop": [
            st.Page("pages/train.py", title="Train", icon=":material/model_training:"),
        ],
    }
    session.keep()
    router.run(pages)


if __name__ == "__main__":  # worker processes import this file again under another name
    main()
