"""Where the files beside the package are: around it in a checkout, `latent_lab` once installed."""

from pathlib import Path

_INSTALLED = Path(__file__).parents[1] / "latent_lab"

SITE = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parent  # app.py and Streamlit's settings
ASSETS = SITE / "assets"
PAGES = SITE / "pages"
