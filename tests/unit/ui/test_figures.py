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


def test_a_loss_of_one_term_is_one_line():
    tests = [{"loss": 9.0, "reconstruction": 9.0}, {"loss": 8.0, "reconstruction": 8.0}]
    records = [{"epoch": epoch, "losses": one, "test": one} for epoch, one in enumerate(tests)]
    figure = learning_curve(records, Description("Autoencoder", "AE"))
    assert [line.name for line in figure.data] == ["reconstruction"]
    tests[1]["loss"] = 8.5  # it is more than its term
    assert len(learning_curve(records, Description("Autoencoder", "AE")).data) == 2
