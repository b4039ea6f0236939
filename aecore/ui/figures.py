"""Plotly figures: pure functions from plain values to a `Figure`."""

from collections.abc import Sequence

import plotly.graph_objects as go

from aecore.families import Description
from aecore.ui.page import SYMBOLS
from aecore.ui.text import units

GREY = "#66717E"  # of what is a sum of terms
LAYOUT = {
    "height": 280,
    "margin": {"l": 48, "r": 150, "t": 8, "b": 44},
    "showlegend": False,
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "hovermode": "x unified",
}


def learning_curve(records: Sequence[dict], about: Description) -> go.Figure:
    """Test losses (nats per image) against epochs, each named at its line's end.

    Args:
        records: a run's records, as `aecore.runs.Run.records` gives them.
        about: its model, whose terms have titles and colours.

    Example:
        >>> record = {"epoch": 1.0, "losses": {"loss": 150.0}, "test": {"loss": 151.0}}
        >>> learning_curve([record], Description("Autoencoder", "AE")).data[0].y
        (151.0,)
    """
    tested = [record for record in records if record["test"]]
    figure = go.Figure(layout=LAYOUT)
    titles = {"loss": about.loss} | {term.name: term.title for term in about.terms}
    colours = {term.name: colour_of(term.colour) for term in about.terms}
    # A phase of a training may have losses of its own: each is drawn where it is.
    drawn = dict.fromkeys(name for record in tested for name in record["test"])
    if len(drawn) == 2 and all(len(set(record["test"].values())) == 1 for record in tested):
        drawn.pop("loss", None)  # it is its only term
    for term in drawn:
        points = [(r["epoch"], r["test"][term]) for r in tested if term in r["test"]]
        epochs, values = zip(*points, strict=True)
        colour = colours.get(term, GREY)
        figure.add_scatter(x=epochs, y=values, mode="lines", name=term, line={"color": colour})
        figure.add_annotation(
            x=epochs[-1],
            y=values[-1],
            text=f"{titles.get(term, term)} {units.figure(values[-1], 1)}",
            font={"color": colour},
            showarrow=False,
            xanchor="left",
            xshift=6,
            yshift=8 if term == "loss" else -8,  # the two can end close together
        )
    figure.update_xaxes(title="epoch", rangemode="tozero")
    figure.update_yaxes(title="nats per image, test")
    return figure


def kl_bars(per_dimension: Sequence[float]) -> go.Figure:
    """KL(q(z | x) ‖ N(0, I)) of each latent dimension in nats, in descending order.

    Example:
        >>> kl_bars([0.0, 2.0]).data[0].x
        ('z2', 'z1')
    """
    order = sorted(range(len(per_dimension)), key=lambda j: -per_dimension[j])
    figure = go.Figure(layout=LAYOUT)
    figure.add_bar(
        x=[f"z{j + 1}" for j in order],
        y=[per_dimension[j] for j in order],
        marker_color=colour_of("sigma"),
        hovertemplate="%{x}: %{y:.2f} nats<extra></extra>",
    )
    figure.update_yaxes(title="KL, nats per image")
    return figure


def colour_of(symbol: str) -> str:
    """The colour of a symbol; grey where it has none.

    Example:
        >>> colour_of("xh"), colour_of("rho")
        ('#00767D', '#66717E')
    """
    return SYMBOLS[symbol][1] if symbol in SYMBOLS else GREY
