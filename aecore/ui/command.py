"""The command `latent-lab`: opens the app, from any folder."""

import argparse
import os
import sys

from streamlit.web import cli

from aecore.layout import SITE


def main(arguments: list[str] | None = None) -> None:
    """Serve the app until it is stopped, and open it in a browser where there is one.

    Args:
        arguments: those of the command line if None. What is not read here goes to Streamlit, such
            as ``--server.baseUrlPath teach``; the app's own settings are in the environment.
    """
    parser = argparse.ArgumentParser(
        prog="latent-lab",
        description="Open Latent Lab. Runs are made in the folder 'runs' below the current one, "
        "or in that of LATENT_LAB_RUNS.",
        epilog="Options of Streamlit may follow, such as --server.address 127.0.0.1.",
    )
    parser.add_argument(
        "--port", default=os.environ.get("PORT") or "8501", help="default: PORT, else 8501"
    )
    known, others = parser.parse_known_args(arguments)
    command = ["run", str(SITE / "app.py"), f"--server.port={known.port}", *others]
    sys.exit(cli.main(command, prog_name="streamlit"))
