"""The conditional VAE: what it is told, it need not keep."""

import pytest
import torch

import aecore
from aecore.analysis.measures import Subject, measure
from aecore.analysis.probes import linear_probe
from aecore.errors import LabError

SMALL = {"latent_dim": 3, "hidden": [16]}


@pytest.fixture(scope="module")
def trained(digits):
    return fitted("cvae", digits)


def fitted(family, data):
    model = aecore.build_model(family, latent_dim=2, hidden=[64])
    quick = {"epochs": 16, "batch_size": 64, "learning_rate": 5e-3, "precision": "float32"}
    list(aecore.fit(model, data, **quick))
    return model


def test_its_bound_keeps_the_form_of_the_vae(images):
    """With the same label for all, the label is no more than a bias of the first layers."""
    y, model = torch.full((5,), 3), aecore.build_model("cvae", **SMALL)
    vae = aecore.build_model("vae", **SMALL)
    with torch.no_grad():
        for net, own, size in ((vae.encoder, model.encoder, 784), (vae.decoder, model.decoder, 3)):
            first = next(i for i, layer in enumerate(own) if hasattr(layer, "weight"))
            weights, key = own.state_dict(), f"{first}.weight"
            told = weights[key][:, size + 3]
            net.load_state_dict(weights | {key: weights[key][:, :size]})
            net[first].bias.add_(told)
    found, wanted = (
        one.losses(images, label, generator=torch.Generator().manual_seed(0))
        for one, label in ((model, y), (vae, None))
    )
    for name, value in wanted.items():
        assert found[name].item() == pytest.approx(value.item(), rel=1e-5)


def test_a_class_is_drawn_as_it_is_asked_for(digits, trained):
    """Samples are nearer to the mean image of their class than to another's, mostly."""
    y = torch.arange(10).repeat(20)
    shown = trained.sample(200, y, generator=torch.Generator().manual_seed(0)).flatten(1)
    train = digits.train
    means = torch.stack(
        [
            torch.from_numpy(train.images[train.labels == c].reshape(-1, 784)).float().mean(0) / 255
            for c in range(10)
        ]
    )
    assert (torch.cdist(shown, means).argmin(1) == y).float().mean() > 0.8


def test_the_code_knows_less_of_the_class_than_a_vaes(digits, trained):
    accuracy = []
    for model in (trained, fitted("vae", digits)):
        subject = Subject(model, digits)
        (train, _), (test, _) = subject.train_codes, subject.test_codes
        accuracy.append(linear_probe(train, digits.train.labels, test, digits.test.labels))
    assert accuracy[0] < accuracy[1] - 0.1


def test_its_card_says_what_leaks_and_whether_it_draws_as_asked(few):
    judge = aecore.build_model("classifier")
    figures = measure(Subject(aecore.build_model("cvae", **SMALL), few, classifier=judge))
    assert 0 <= figures["leakage"] <= 1
    assert 0 <= figures["read_as_asked"] <= 1
    assert "told" not in Subject(aecore.build_model("vae", **SMALL), few).has


def test_a_class_that_does_not_exist_is_refused(images):
    model = aecore.build_model("cvae", classes=3, **SMALL)
    for use in (model.losses, model.encode, model.reconstruct):
        with pytest.raises(LabError, match="from 0 to 2, or -1 where unknown"):
            use(images, torch.tensor([0, 1, 2, 3, 0]))
    with pytest.raises(LabError, match="from 0 to 2"):
        model.sample(1, torch.tensor([3]))
