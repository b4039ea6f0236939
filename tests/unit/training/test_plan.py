"""Phases, updates, unknown labels: `fit` follows the plan of a family that it knows nothing of."""

from itertools import islice

import numpy as np
import pytest
import torch

import aecore
from aecore.data import Split
from aecore.errors import LabError
from aecore.families import Phase, Term, Update
from aecore.families.ae import AE
from aecore.families.plan import phase_ends
from aecore.training import evaluate, fit
from aecore.training.batches import epochs_of
from aecore.training.optimiser import one_cycle

SETTINGS = {"epochs": 2, "batch_size": 32, "precision": "float32", "device": "cpu"}


class Stepwise(AE):
    """Two phases, the second with three updates; one term is a batch's; labels count."""

    name = "stepwise"
    title = short = "Stepwise"
    summary = "For these tests."
    TERMS = (*AE.TERMS, Term("spread", "Spread", "z", batch=True))
    labelled_share = 0.25

    def __init__(self, **options):
        super().__init__(**options)
        self.seen, self.asked = [], []

    def plan(self):
        return (
            Phase("encoder", 3, (Update("loss", lambda model: model.encoder.parameters()),)),
            Phase(
                "all",
                5,
                (
                    Update(),
                    Update("spread", lambda model: model.encoder.parameters(), rate=0.5),
                    Update("reconstruction", lambda model: model.decoder.parameters()),
                ),
            ),
        )

    def losses(self, x, y=None, *, generator=None):
        noisy = x + 0.05 * torch.empty_like(x).normal_(generator=generator)
        z = self.encoder(noisy.clamp(0, 1))
        reconstruction = self.reconstruction_loss(z, x)
        spread = (z.var(0) - 1).square().sum()
        known = z[y >= 0].square().mean() if (y >= 0).any() else 0
        total = reconstruction + spread + known
        return {"loss": total, "reconstruction": reconstruction, "spread": spread}

    def objective(self, term, x, y=None, *, generator=None):
        self.seen.append(y)
        self.asked.append(term)
        return self.losses(x, y, generator=generator)


def new(seed=0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Stepwise(hidden=[16])


def trained(data, model=None, **changes):
    model = new() if model is None else model
    return model, list(fit(model, data, **{**SETTINGS, **changes}))


# Phases and updates


def test_phases_end_at_their_share_of_the_steps_and_with_a_record(few):
    model, records = trained(few)
    assert [(r.step, r.phase) for r in records] == [(6, "encoder"), (8, "all"), (16, "all")]
    assert [r.test is None for r in records] == [True, False, False]
    assert model.asked == ["loss"] * 6 + ["loss", "spread", "reconstruction"] * 10


def test_a_phase_moves_its_parameters_only(few, weights):
    model = new()
    before = weights(model)
    next(fit(model, few, **SETTINGS))
    moved = {name for name, value in weights(model).items() if not torch.equal(value, before[name])}
    assert moved == {name for name in before if name.startswith("encoder")}


def test_updates_equal_a_loop_by_hand(few, weights, same):
    """Three optimisers of torch's own, under its own schedule, in a loop written out."""
    model, copy = new(), new()
    (record,) = fit(model, few, **{**SETTINGS, "epochs": 1}, plan=model.plan()[1:])
    steps = [
        (term, torch.optim.AdamW(p, lr=rate, weight_decay=0.01, fused=True), list(p), rate)
        for term, p, rate in (
            ("loss", list(copy.parameters()), 0.002),
            ("spread", list(copy.encoder.parameters()), 0.001),
            ("reconstruction", list(copy.decoder.parameters()), 0.002),
        )
    ]
    schedules = [
        torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=9)
        for _, optimizer, _, rate in steps
    ]
    images = torch.tensor(few.train.images).unsqueeze(1).float() / 255
    labels = torch.tensor(few.train.labels.astype(np.int64))
    noise = torch.Generator().manual_seed(0)
    for rows in torch.randperm(256, generator=torch.Generator().manual_seed(0)).split(32):
        for (term, optimizer, parameters, _), schedule in zip(steps, schedules, strict=True):
            optimizer.zero_grad()
            copy.losses(images[rows], labels[rows], generator=noise)[term].backward()
            torch.nn.utils.clip_grad_norm_(parameters, 50.0)
            optimizer.step()
            schedule.step()
    assert record.step == 8
    assert same(model, copy)


@pytest.mark.parametrize("steps", [1, 2, 3, 10, 97])
def test_the_rate_is_torchs_one_cycle_to_the_last_bit(steps):
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=0.003)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.003, total_steps=steps + 1)
    for done in range(steps):
        group = optimizer.param_groups[0]
        assert one_cycle(done, steps, 0.003) == (group["lr"], group["betas"][0])
        optimizer.step()
        schedule.step()


@pytest.mark.parametrize("stop", range(1, 17))
def test_stopped_and_continued_is_as_never_stopped(few, same, stop):
    """Within a phase, at its end, at an epoch's end, at the last step: the same to the last bit."""
    settings = {**SETTINGS, "report_every": 1, "seed": 3}
    whole, records = trained(few, **settings)
    first = fit(new(), few, **settings)
    early = list(islice(first, stop))
    state = {name: value.clone() for name, value in first.state().items()}
    model = new(9)
    later = list(fit(model, few, **settings, resume=state))
    assert same(model, whole)
    assert [(r.losses, r.phase) for r in (*early, *later)] == [(r.losses, r.phase) for r in records]


def test_a_state_of_one_update_as_it_was_written_before_goes_on(few, same):
    settings = {**SETTINGS, "report_every": 1}
    whole, copy = (aecore.build_model("vae", hidden=[16]) for _ in range(2))
    list(fit(whole, few, **settings))
    first = fit(aecore.build_model("vae", hidden=[16]), few, **settings)
    list(islice(first, 5))
    state = {k.replace("moments.0.", "moments."): v.clone() for k, v in first.state().items()}
    list(fit(copy, few, **settings, resume=state))
    assert same(copy, whole)


def test_a_state_without_the_moments_of_an_update_is_refused(few):
    first = fit(new(), few, **SETTINGS, report_every=1)
    list(islice(first, 10))
    state = {k: v for k, v in first.state().items() if not k.startswith("moments.2.")}
    with pytest.raises(LabError, match="another model or other settings"):
        fit(new(), few, **SETTINGS, resume=state)


@pytest.mark.parametrize("plan", [[], [Phase(share=0)], [Phase(), Phase(share=-1)]])
def test_a_plan_without_steps_is_refused(plan):
    with pytest.raises(ValueError, match="share above 0"):
        phase_ends(plan, 10)


def test_every_step_belongs_to_one_phase():
    plan = [Phase(share=share) for share in (0.1, 0.2, 1.7)]
    for steps in range(1, 50):
        ends = phase_ends(plan, steps)
        assert ends == sorted(ends)
        assert ends[-1] == steps


# Labels


def test_pixels_are_drawn_with_their_grey_as_probability(digits):
    drawn = digits.binarised(3)
    for split, grey in ((drawn.train, digits.train), (drawn.test, digits.test)):
        assert set(np.unique(split.images)) == {0, 255}
        for shade in (0, 255):
            assert (split.images[grey.images == shade] == shade).all()
        middle = (grey.images > 100) & (grey.images < 156)
        assert abs(split.images[middle].mean() - grey.images[middle].mean()) < 3
        assert (split.labels == grey.labels).all()
    again, other = digits.binarised(3), digits.binarised(4)
    assert (again.test.images == drawn.test.images).all()
    assert (other.test.images != drawn.test.images).any()


def test_some_labels_are_known_as_many_of_each_class(digits):
    few = digits.few_labels(50, seed=1)
    assert few.train.known.sum() == 50
    counts = np.bincount(few.train.labels[few.train.known])
    assert counts.tolist() == [5] * 10
    assert few.test.known.all()
    assert digits.train.known.all()  # the dataset itself is as before
    other = digits.few_labels(50, seed=2).train.known
    assert (few.train.known != other).any()
    assert (digits.few_labels(50, seed=1).train.known == few.train.known).all()


@pytest.mark.parametrize("n", [0, -10, 25, 2.0, True, None, "10", 10**6])
def test_a_number_of_labels_that_cannot_be_is_refused(digits, n):
    with pytest.raises(LabError, match="known labels"):
        digits.few_labels(n)


def test_known_must_fit_its_images():
    images, labels = np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8)
    for known in (np.ones(2, bool), np.ones(3), [True]):
        with pytest.raises(LabError, match="one truth value for each of 3 images"):
            Split(images, labels, known)


def test_labels_that_are_not_known_are_minus_one(few):
    model, _ = trained(few, labels=20, epochs=1)
    seen = torch.cat(model.seen[:6])
    known = seen >= 0
    assert known.float().mean() == 0.25
    assert (seen[~known] == -1).all()
    assert all((y >= 0).sum() == 8 for y in model.seen)


def test_labels_are_refused_where_a_family_has_no_use_for_them(few):
    with pytest.raises(LabError, match="leave out the setting labels"):
        fit(aecore.build_model("ae", hidden=[8]), few, labels=20)


def test_an_epoch_has_each_image_once_when_all_labels_are_known():
    generator = torch.Generator().manual_seed(0)
    whole = torch.ones(10, dtype=torch.bool)
    for share in (None, 0.5):
        batches = next(epochs_of(whole, 4, share, generator))
        assert sorted(torch.cat(batches).tolist()) == list(range(10))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_a_batch_has_its_share_of_known_labels(share):
    known = torch.zeros(100, dtype=torch.bool)
    known[::14] = True  # eight of them
    epochs = epochs_of(known, 30, share, torch.Generator().manual_seed(0))
    for batches in islice(epochs, 3):
        assert [len(rows) for rows in batches] == [30, 30, 30, 10]
        assert [int(known[rows].sum()) for rows in batches] == [
            round(share * size) for size in (30, 30, 30, 10)
        ]
        rows = torch.cat(batches)
        counts = torch.bincount(rows, minlength=100)
        for part in (counts[known], counts[~known]):
            assert part.max() - part.min() <= 1  # each once before any comes again


# Terms of a batch


def test_a_term_of_a_batch_is_tested_at_the_size_of_training(few):
    """Of one image the spread has no value; of other sizes it has another."""
    model, records = trained(few)
    again = evaluate(model, few.test, seed=0, batch_size=32)
    assert records[-1].test == pytest.approx(again)
    assert again["spread"] != pytest.approx(evaluate(model, few.test, batch_size=50)["spread"])
