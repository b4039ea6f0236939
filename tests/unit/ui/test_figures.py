"""Figures of Plotly: what is drawn of a run."""

from aecore.families.description import Description
from aecore.ui.figures import learning_curve


def test_a_curve_of_a_phase_is_drawn_where_its_loss_is():
    losses = ({"loss": 3.0, "layer": 2.0}, {"loss": 2.0, "kl": 1.0})
    records = [
        {"epoch": epoch, "losses": found, "test": found} for epoch, found in enumerate(losses)
    ]
    figure = learning_curve(records, Description("Autoencoder", "AE"))
    lines = {line.name: (line.x, line.y) for line in figure.data}
    assert lines == {"loss": ((0, 1), (3, 2)), "layer": ((0,), (2,)), "kl": ((1,), (1,))}
