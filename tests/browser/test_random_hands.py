"""Random hands on every page, slow and fast, while pieces fail or come late: nothing breaks.

A failure prints its seed and what was done; ``LATENT_LAB_HANDS=7`` plays seed 7 on every page, and
``0-40`` the seeds from 0 to 40. Without it Compare and Train, where a play takes longest, are left
out.
"""

import os

import pytest

from tests.browser.hands import Hands
from tests.browser.test_address import same_state
from tests.browser.test_train import SHORT, press

NAMES = ["home", "decode", "compare", "interpolate", "denoise", "train", "generate", "few_labels"]
NAMES += ["family"]
SHORT_ONES = ["home", "decode", "interpolate", "denoise"]
FAST, SLOW = 8, 2  # actions

# What a page's first component holds of what a key moves.
HELD = """({ live }) => [live.pinned, live.position, live.level, live.at, live.planes?.[0]?.z,
    live.view?.values.option, live.view?.values.a]"""


def seeds():
    """One for each page, unless the environment names others."""
    asked = os.environ.get("LATENT_LAB_HANDS", "0").split("-")
    return range(int(asked[0]), int(asked[-1]) + 1)


def play(lab, name, seed, *, touch=False, fast=FAST, slow=SLOW):
    """Act on a page, on Train while it trains; then all must agree, and be the same once more."""
    hands = Hands(lab, f"{seed} {name}", touch=touch)
    lab.stay = False  # who knows what is open then
    try:
        lab.load({"home": "/", "train": SHORT}.get(name, f"/{name}"), "h1")
        if name == "train":
            press(lab, "Train")
        for k in range(fast + slow):
            hands.act(slowly=k >= fast)
        hands.heal()
        assert not hands.said()
        before = hands.shown()
        assert all(view["agrees"] for view in before["views"]), before
        hands.reload()
        after = hands.shown()
        hands.done.append(f"before {before}, reloaded {after}")
        assert same_state(after, before)
        assert answers(lab)
        assert not hands.said()
    except BaseException:
        print(f"LATENT_LAB_HANDS={seed}, from {name}", *hands.done, *lab.said, sep="\n")
        raise
    finally:
        hands.let_go()


def answers(lab):
    """Whether what moves by keys moves."""
    for handle in lab.page.locator("[data-root]").locator(".frame, input[type=range]").all()[:1]:
        before = lab.ask(HELD)
        handle.focus()
        handle.press("ArrowLeft")
        if lab.ask(HELD) == before:
            handle.press("ArrowRight")
        return lab.ask(HELD) != before
    return True


@pytest.mark.parametrize("seed", seeds())
@pytest.mark.parametrize("name", NAMES if "LATENT_LAB_HANDS" in os.environ else SHORT_ONES)
def test_random_hands_break_nothing(name, seed, request):
    play(request.getfixturevalue("tab" if name == "train" else "lab"), name, seed)


@pytest.mark.parametrize("seed", seeds())
def test_random_fingers_break_nothing(seed, phone):
    play(phone, NAMES[(seed + 2) % 5], seed, touch=True)
