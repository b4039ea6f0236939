"""Decode: what stands beside the picture agrees with the classifier and the codes."""

import re

import numpy as np

from aecore.runs import shipped_run
from aecore.ui.text.en.live import DIGITS

NAME = "mnist-vae"


def test_bars_answer_and_chip_agree_with_the_classifier(lab, drawn, judged, same_image):
    lab.open("/decode")
    codes = shipped_run(NAME).codes
    reference = codes.reference.values.astype(float)
    kinds = set()
    for across, down in [
        (0.5, 0.5),
        (0.02, 0.02),
        (0.3, 0.6),
        (0.62, 0.41),
        (0.97, 0.95),
        (0.44, 0.3),
    ]:
        place, seen = lab.hover(0, across, down)
        same_image(seen.pixels[0], NAME, place.z)
        p = judged(drawn(NAME, place.z)[None])[0]
        bars = lab.root.locator(".bar-row .value").all_text_contents()
        assert np.abs(np.array(bars, float) - p).max() < 0.006
        answer = lab.root.locator(".answer").inner_text()
        first, second = np.argsort(-p)[:2]
        numbers = [float(number) for number in re.findall(r"\d*\.\d\d", answer)]
        sure = "reads a" in answer
        if abs(p[first] - 0.9) > 0.005:
            assert sure == (p[first] > 0.9)
        if sure:
            assert f"A classifier reads {DIGITS[f'digit_{first}']} here" in answer
            assert np.allclose(numbers, [p[first]], atol=0.006)
        elif p[first] - p[second] > 0.01:
            assert f"hesitates here: {first} (" in answer
            assert np.allclose(numbers, [p[first], p[second]], atol=0.006)
        away = np.sqrt(((reference - place.z) ** 2).sum(1).min())
        gap = "the decoder improvises" in answer
        if abs(away - codes.radius) > 1e-3 * codes.radius:
            assert gap == (away > codes.radius)
        assert lab.root.locator(".chip").inner_text() == ("in a gap" if gap else "on the data")
        kinds |= {sure, f"gap {gap}"}
    assert {True, "gap True", "gap False"} <= kinds


def test_another_model_and_its_card(lab, same_image):
    lab.open("/decode")
    lab.page.get_by_role("combobox", name="Model").click()
    lab.page.get_by_role("option", name="mnist-ae-16", exact=True).click()
    lab.until("p.models[0]?.dim === 16 && p.pinned")
    lab.settle()
    assert lab.address()[0]["model"] == "mnist-ae-16"
    seen = lab.read()
    assert np.allclose(seen.z[0], shipped_run("mnist-ae-16").codes.mean.values[0], atol=1e-5)
    same_image(seen.pixels[0], "mnist-ae-16", seen.z[0])
    lab.page.get_by_text("This run").click()
    lab.page.locator(".stExpander .js-plotly-plot").wait_for()


def test_a_choice_that_another_model_does_not_have_leaves_the_address(lab):
    lab.open("/decode?view=Gaps")
    lab.page.get_by_role("combobox", name="Model").click()
    lab.page.get_by_role("option", name="mnist-ae-16").click()
    lab.page.wait_for_url(lambda url: "mnist-ae-16" in url and "view=" not in url)
    lab.settle()
    assert lab.page.locator(".stButtonGroup [data-selected=true]").first.inner_text() == "Points"
