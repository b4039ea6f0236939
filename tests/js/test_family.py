"""Family in the browser: what its figures say, and which rows its table has."""

import re

import pytest

FAMILY = "components/family"
TRADE = {
    "latent_dim": 3,
    "betas": [0.5, 1, 4],
    "kl": [9, 5, 2],
    "reconstruction": [80, 85, 97],
    "per_dimension": [[5, 4, 0.02], [4, 1, 0], [2, 0, 0]],
    "squared_error": [9, 11, 20],
}
BOUNDS = {
    "k": [1, 50, 5000],
    "models": {
        "vae": {"draws": 1, "bound": [93.1, 89.1, 88.2]},
        "iwae": {"draws": 50, "bound": [97.3, 88.3, 86.9]},
    },
}


def clean(text):
    assert not re.search(r"undefined|NaN|null|  |\{", text)
    return text


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (0, "uses 3 of 3 numbers and 9.0 nats of KL, not 2 and 5.0 as the VAE’s. That buys 5.0"),
        (1, "β = 1 is the VAE: its code uses 2 of 3 numbers and 5.0 nats"),
        (2, "uses 1 of 3 numbers and 2.0 nats of KL, not 2 and 5.0 as the VAE’s. That costs 12.0"),
    ],
)
def test_what_a_weight_of_the_kl_costs(sentences, at, said):
    shows = {"stop": at, "chosen": {"member": {"stops": [".50", "1", "4"]}}, "against": {}}
    ask = {"study": TRADE, "at": at, "shows": shows}
    text = sentences("s.Beta.prototype.answer.call(x)", ask, s=f"{FAMILY}/figures/beta.js")
    assert said in clean(text)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (0, "One draw is the ELBO: by it an image takes 93.10 nats of the VAE and 97.30"),
        (
            2,
            "By 5,000 draws an image takes 88.20 nats of the VAE and 86.90 nats of the IWAE; by "
            "one 93.10 and 97.30.",
        ),
    ],
)
def test_what_many_draws_are_for(sentences, at, said):
    found = (
        "s.Importance.prototype.answer.call({ study: x[0], at: x[1], models: b.measured(x[0]) })"
    )
    modules = {"s": f"{FAMILY}/figures/importance.js", "b": f"{FAMILY}/bounds.js"}
    text = clean(sentences(found, [BOUNDS, at], **modules))
    assert said in text
    assert "falls by 4.90" in text
    assert text.endswith("By the tightest the IWAE is the better model by 1.30 nats.")


def test_a_row_of_the_table_has_two_figures_or_says_why_it_has_one(sentences):
    def rows(*figures):
        ask = [list(figures), ["A", "B"]]
        found = sentences("s.rowsOf(x[0], x[1], null, null)", ask, s=f"{FAMILY}/measures.js")
        return {row["key"]: (row["values"], clean(row["says"])) for row in found}

    one = {"squared_error": 9.0, "noise_copied": 0.5, "read_as_asked": 0.99, "knn_accuracy": 0.9}
    other = {"squared_error": 10.0, "knn_accuracy": 0.9, "negative_elbo": 101.0}
    found = rows(one, other)
    assert list(found) == ["squared_error", "negative_elbo", "knn_accuracy", "read_as_asked"]
    assert found["squared_error"] == (["9.0", "10.0"], "A rebuilds more closely, by 1.0.")
    assert found["read_as_asked"] == ([".990", "–"], "A is asked for a class; B is not.")
    assert found["negative_elbo"] == (["–", "101.0"], "B alone has a bound on −log p(x).")
    assert rows(one, None) == {}
