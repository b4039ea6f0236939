from itertools import combinations, product

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

import aecore
from aecore.errors import LabError
from aecore.families import REGISTRY, known_options
from aecore.families.base import PIXEL_STD
from aecore.families.denoising import DAE
from aecore.families.distributions import reparameterise

HIDDEN = {"mlp": [16, 12], "conv": [3, 4]}
LATENT = 3


def build(family, network="mlp", likelihood="bernoulli", **options):
    """A small model; options that its family does not have are left out."""
    small = {"hidden": HIDDEN[network], "network": network, "likelihood": likelihood}
    known = known_options(REGISTRY[family])
    small = {name: value for name, value in small.items() if name in known}
    return aecore.build_model(family, **{"latent_dim": LATENT, **small, **options})


def cases():
    """Every registered autoencoder with each network and each likelihood that it has.

    Pairwise: one family has (mlp, bernoulli) and (conv, gaussian), the next the other two, so that
    every two of family, network and likelihood meet without a model for all three.
    """
    for turn, family in enumerate(aecore.models()):
        known = known_options(REGISTRY[family])
        networks = list(HIDDEN) if "network" in known else ["mlp"]
        likelihoods = ["bernoulli", "gaussian"] if "likelihood" in known else ["bernoulli"]
        for k in range(max(len(networks), len(likelihoods))):
            yield family, networks[k % len(networks)], likelihoods[(k + turn) % len(likelihoods)]


def test_every_two_of_family_network_and_likelihood_meet():
    met = {frozenset(two) for case in cases() for two in combinations(case, 2)}
    assert {frozenset(two) for two in product(HIDDEN, ("bernoulli", "gaussian"))} <= met
    for family in aecore.models():
        known = known_options(REGISTRY[family])
        own = [*(HIDDEN if "network" in known else ()),
               *(("bernoulli", "gaussian") if "likelihood" in known else ())]  # fmt: skip
        assert {frozenset((family, name)) for name in own} <= met


@pytest.fixture(params=cases(), ids=lambda case: "-".join(case))
def model(request):
    return build(*request.param)


def numpy_nats(model, x, z):
    """−log p(x | z) of each image, from the decoded image alone, in float64."""
    with torch.no_grad():
        shown = model.decode(z).double().numpy().reshape(len(z), -1)
    x = x.double().numpy().reshape(len(x), -1)
    if model.likelihood == "bernoulli":
        return -(x * np.log(shown) + (1 - x) * np.log1p(-shown)).sum(1)
    log_norm = np.log(PIXEL_STD * np.sqrt(2 * np.pi))
    return ((x - shown) ** 2 / (2 * PIXEL_STD**2) + log_norm).sum(1)


def numpy_kl(mean, std):
    """KL(q ‖ N(0, I)) of each image, in float64."""
    mean, std = mean.detach().double().numpy(), std.detach().double().numpy()
    return 0.5 * (mean**2 + std**2 - 1 - np.log(std**2)).sum(1)


# The whole registry


def test_shapes_and_range(model, images):
    codes = model.encode(images)
    assert codes.shape == (5, LATENT)
    seeded = torch.Generator().manual_seed(0)
    for shown in (
        model.decode(codes),
        model.reconstruct(images),
        model.sample(5, generator=seeded),
    ):
        assert shown.shape == (5, 1, 28, 28)
        assert shown.dtype == torch.float32
        assert 0 <= shown.min() < shown.max() <= 1
    read = model.classify(images)
    y = None if read is None else read.argmax(1)  # an unknown class is inferred where it can be
    assert torch.equal(model.reconstruct(images), model.decode(codes, y))


def test_samples_follow_their_generator(model):
    one, again, other = (
        model.sample(4, generator=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_images_stay_in_range_for_extreme_codes(model):
    shown = model.decode(torch.tensor([[1e4] * LATENT, [-1e4] * LATENT]))
    assert ((shown >= 0) & (shown <= 1)).all()


def test_a_gradient_reaches_every_parameter_from_some_update(model, images):
    y, reached = torch.tensor([0, 1, -1, 3, 4]), set()
    for update in (update for phase in model.plan() for update in phase.updates):
        loss = model.objective(update.term, images, y)[update.term]
        moved = list(update.parameters(model))
        grads = torch.autograd.grad(loss, moved, allow_unused=True)
        reached |= {
            id(p) for p, grad in zip(moved, grads, strict=True) if grad is not None and grad.any()
        }
    assert [name for name, p in model.named_parameters() if id(p) not in reached] == []


def test_encode_is_deterministic(model, images):
    codes = model.encode(images)
    torch.manual_seed(1)
    assert torch.equal(model.encode(images), codes)
    assert torch.equal(model.train().encode(images), codes)


def test_losses_are_the_terms_that_the_family_names(model, images):
    losses = model.losses(images, torch.tensor([0, 1, -1, 3, 4]))
    assert set(losses) == {"loss", *(term.name for term in model.TERMS)}
    assert all(term.shape == () and torch.isfinite(term) for term in losses.values())
    for update in (update for phase in model.plan() for update in phase.updates):
        assert update.term in model.objective(update.term, images, torch.tensor([0, 1, -1, 3, 4]))


def test_terms_are_means_over_images_but_those_of_a_batch(model, images):
    """Twice the same images, with labels known or not, have the same losses in any family without
    noise of its own."""
    y = torch.tensor([0, 1, -1, 3, 4])
    seeds = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    once, other = (model.losses(images, y, generator=seed) for seed in seeds)
    if any(not torch.equal(once[name], other[name]) for name in once):
        return  # it draws noise: the test below knows of which kind
    alone = [model.losses(images[i : i + 1], y[i : i + 1]) for i in range(5)]
    for term in (term for term in model.TERMS if not term.batch):
        mean = np.mean([losses[term.name].item() for losses in alone])
        assert once[term.name].item() == pytest.approx(mean, rel=1e-5)


def test_losses_are_sums_over_pixels_and_means_over_images(images):
    for case in cases():
        if case[0] in ("ae", "vae", "dae", "tied-dae"):
            check_losses(build(*case), images)


def check_losses(model, images):
    losses = model.losses(images, generator=torch.Generator().manual_seed(3))
    if model.posterior(images) is not None:
        posterior = model.posterior(images)
        z = reparameterise(posterior, torch.Generator().manual_seed(3)).detach()
        kl = numpy_kl(posterior.mean, posterior.stddev).mean()
    else:
        shown = images
        if isinstance(model, DAE):
            shown = model.corrupt(images, torch.Generator().manual_seed(3))
        z, kl = model.encode(shown).detach(), 0.0
    nats = numpy_nats(model, images, z).mean()
    expected = {"loss": nats + kl, "reconstruction": nats} | ({"kl": kl} if kl else {})
    assert {k: float(v.detach()) for k, v in losses.items()} == pytest.approx(expected, rel=1e-5)


def test_a_batch_of_one_is_as_good_as_any(model, images):
    alone = torch.cat([model.encode(image[None]) for image in images])
    assert torch.allclose(alone, model.encode(images), atol=1e-6)
    assert torch.isfinite(model.losses(images[:1])["loss"])


def test_every_form_of_an_image_means_the_same(model, images, digits):
    codes = model.encode(images)
    grey = digits.test.images[:5]
    for form in (
        images.view(5, 784),
        images.view(5, 28, 28),
        images.double(),
        torch.tensor(grey),
        grey,
    ):
        assert torch.equal(model.encode(form), codes)


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_other_shapes_are_refused(model, mode):
    model = getattr(model, mode)()
    for shape in [(2, 783), (2, 3, 28, 28), (2, 1, 27, 28), (784,), ()]:
        for use in (model.encode, model.reconstruct, model.losses):
            with pytest.raises(LabError, match="must have the shape"):
                use(torch.zeros(shape))


@pytest.mark.parametrize("value", [-0.01, 1.01, 255.0, float("nan"), float("inf")])
def test_values_outside_0_and_1_are_refused(model, images, value):
    images[2, 0, 5, 5] = value
    for use in (model.encode, model.reconstruct, model.losses):
        with pytest.raises(LabError, match=r"lie in \[0, 1\]"):
            use(images)


@pytest.mark.parametrize("shape", [(LATENT,), (2, LATENT + 1), (2, 0), (2, LATENT, 1)])
def test_codes_of_another_shape_are_refused(model, shape):
    with pytest.raises(LabError, match=r"Codes must have shape \(B, 3\)"):
        model.decode(torch.zeros(shape))


def test_saving_and_loading_changes_nothing(model, images, same, tmp_path):
    copy = aecore.load_model(model.save(tmp_path / "model.safetensors"))
    assert type(copy) is type(model)
    assert copy.options == model.options
    assert not copy.training
    assert same(copy, model)
    assert torch.equal(copy.reconstruct(images), model.reconstruct(images))
    copy.losses(images)["loss"].backward()  # and it can be trained on


def test_half_precision_is_close(model, images, same, tmp_path):
    before = model.encode(images)
    half = model.save(tmp_path / "half.safetensors", half=True)
    copy = aecore.load_model(half)
    assert torch.equal(model.encode(images), before)  # the model itself is left as it was
    assert not same(copy, model)
    assert torch.allclose(copy.reconstruct(images), model.reconstruct(images), atol=2e-3)
    assert half.stat().st_size < 0.65 * model.save(tmp_path / "full.safetensors").stat().st_size


# The registry itself


def test_the_registry_names_and_describes():
    assert {"ae", "vae", "dae", "tied-dae"} <= set(aecore.models())
    assert "classifier" not in aecore.models()
    for summary in aecore.models().values():
        assert summary
        assert "\n" not in summary


def test_a_seed_fixes_the_initial_weights_and_leaves_torch_alone(same):
    state = torch.get_rng_state()
    one, again, other = (aecore.build_model("vae", hidden=[8], seed=seed) for seed in (1, 1, 2))
    assert same(one, again)
    assert not same(one, other)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_new_model_is_ready_for_use():
    assert not aecore.build_model("ae", hidden=[8]).training


@pytest.mark.parametrize("name", ["vea", "", None, ["vae"], "Model"])
def test_an_unknown_model_lists_the_names(name):
    with pytest.raises(LabError, match=f"Choose one of: {', '.join(REGISTRY)}"):
        aecore.build_model(name)


@pytest.mark.parametrize(
    ("family", "options", "words"),
    [
        ("ae", {"beta": 2.0}, "no option 'beta'"),
        ("ae", {"latent_dim": 0}, "latent_dim must be"),
        ("ae", {"latent_dim": 2.0}, "latent_dim must be"),
        ("ae", {"latent_dim": True}, "latent_dim must be"),
        ("ae", {"latent_dim": 10**9}, "latent_dim must be"),
        ("ae", {"hidden": 16}, "hidden must be"),
        ("ae", {"hidden": [8] * 9}, "hidden must be"),
        ("ae", {"hidden": [0]}, "Each size in hidden"),
        ("ae", {"hidden": [10**6]}, "Each size in hidden"),
        ("ae", {"network": "rnn"}, "no network 'rnn'"),
        ("ae", {"network": "conv", "hidden": []}, "one or two hidden layers"),
        ("ae", {"network": "conv", "hidden": [4, 4, 4]}, "one or two hidden layers"),
        ("ae", {"activation": "step"}, "no activation 'step'"),
        ("ae", {"likelihood": "poisson"}, "no likelihood 'poisson'"),
        ("ae", {"seed": -1}, "seed must be"),
        ("vae", {"beta": -1}, "beta must be"),
        ("vae", {"beta": float("nan")}, "beta must be"),
        ("vae", {"beta": "1"}, "beta must be"),
        ("classifier", {"classes": 1}, "classes must be"),
        ("classifier", {"classes": "ten"}, "classes must be"),
    ],
)
def test_a_bad_option_is_named(family, options, words):
    with pytest.raises(LabError, match=words):
        aecore.build_model(family, **options)


@pytest.mark.parametrize("family", REGISTRY)
def test_options_rebuild_the_model(family):
    model = aecore.build_model(family)
    assert set(model.options) == set(known_options(type(model)))
    assert aecore.build_model(family, **model.options).options == model.options


# The variational autoencoder


@pytest.fixture
def vae():
    return build("vae")


def test_kl_is_the_closed_form(vae, images):
    mean, std = torch.tensor([[1.0, -2.0]]), torch.tensor([[0.5, 1.5]])
    exact = kl_divergence(Normal(mean, std), Normal(0.0, 1.0)).sum().item()
    assert numpy_kl(mean, std) == pytest.approx(exact, rel=1e-6)
    posterior = vae.posterior(images)
    kl = vae.losses(images)["kl"].item()
    assert kl == pytest.approx(numpy_kl(posterior.mean, posterior.stddev).mean(), rel=1e-5)
    assert kl > 0


def test_kl_agrees_with_monte_carlo(vae, images):
    with torch.no_grad():
        posterior = vae.posterior(images)
        torch.manual_seed(0)
        z = posterior.sample((20_000,))
        draws = (posterior.log_prob(z) - vae.prior().log_prob(z)).mean(1)
    error = draws.std().item() / len(draws) ** 0.5
    assert vae.losses(images)["kl"].item() == pytest.approx(draws.mean().item(), abs=4 * error)


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0, 4.0])
def test_loss_is_reconstruction_plus_beta_kl(images, beta):
    losses = build("vae", beta=beta).losses(images)
    assert torch.equal(losses["loss"], losses["reconstruction"] + beta * losses["kl"])
    assert (beta > 0) or torch.equal(losses["loss"], losses["reconstruction"])


def test_without_kl_no_gradient_asks_for_a_prior(images):
    """β = 0 is the same network with reconstruction only."""
    models = [build("vae", beta=beta) for beta in (0.0, 0.0, 1.0)]
    for model, name in zip(models, ("loss", "reconstruction", "reconstruction"), strict=True):
        model.losses(images, generator=torch.Generator().manual_seed(0))[name].backward()
    one, *others = ([p.grad for p in model.parameters()] for model in models)
    for other in others:
        assert all(map(torch.equal, one, other))


def test_reparameterised_draws_are_differentiable_in_mean_and_deviation():
    mean = torch.tensor([[1.0, -2.0]], requires_grad=True)
    std = torch.tensor([[0.5, 3.0]], requires_grad=True)
    z = reparameterise(Normal(mean, std), torch.Generator().manual_seed(0))
    z.sum().backward()
    noise = torch.empty(1, 2).normal_(generator=torch.Generator().manual_seed(0))
    assert torch.equal(mean.grad, torch.ones(1, 2))  # ∂z/∂μ = 1
    assert torch.equal(std.grad, noise)  # ∂z/∂σ = ε
    assert torch.equal(z, mean + std * noise)


def test_draws_have_the_posteriors_moments():
    posterior = Normal(torch.full((40_000, 1), 2.0), torch.full((40_000, 1), 0.5))
    z = reparameterise(posterior, torch.Generator().manual_seed(0))
    assert z.mean().item() == pytest.approx(2, abs=0.01)
    assert z.std().item() == pytest.approx(0.5, abs=0.01)


def test_losses_stay_finite_for_an_absurd_posterior(vae, images):
    with torch.no_grad():
        vae.encoder[-1].bias[LATENT:] = 1e4
    losses = vae.losses(images)
    assert all(torch.isfinite(term) for term in losses.values())


# The choice of loss


@pytest.mark.parametrize(("likelihood", "slope"), [("bernoulli", 1.0), ("gaussian", 0.0)])
def test_saturation_stops_squared_error_but_not_cross_entropy(likelihood, slope):
    """White pixels shown black (a = −20): ∂loss/∂a is −1 each, or nearly nothing."""
    model = build("ae", likelihood=likelihood)
    bias = model.decoder[-2].bias
    with torch.no_grad():
        model.decoder[-2].weight.zero_()
        bias.fill_(-20.0)
    model.losses(torch.ones(2, 1, 28, 28))["loss"].backward()
    assert torch.allclose(bias.grad, torch.full((784,), -slope), atol=1e-6)


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_the_observations_mean_is_the_decoded_image(images, likelihood):
    model = build("ae", likelihood=likelihood)
    z = model.encode(images)
    assert torch.allclose(model.observation(z).mean, model.decode(z), atol=1e-6)
    assert model.observation(z).log_prob(images).shape == (5,)  # one number an image


# The judge


def test_the_classifier_gives_probabilities_and_losses(images, digits):
    judge = aecore.build_model("classifier")
    p = judge.classify(images)
    assert p.shape == (5, 10)
    assert torch.allclose(p.sum(1), torch.ones(5))
    y = torch.tensor(digits.test.labels[:5], dtype=torch.long)
    losses = judge.losses(images, y)
    p = p.detach().double().numpy()
    assert losses["loss"].item() == pytest.approx(-np.log(p[range(5), y]).mean(), rel=1e-5)
    assert losses["error"].item() == pytest.approx((p.argmax(1) != y.numpy()).mean())


def test_the_classifier_survives_its_file(images, same, tmp_path):
    judge = aecore.build_model("classifier")
    assert same(aecore.load_model(judge.save(tmp_path / "judge.safetensors")), judge)
