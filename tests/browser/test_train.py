"""Train on a real server: start, watch, leave, stop, continue, look back, keep and bring back."""

import re

import numpy as np

from aecore.data import load_dataset
from tests.browser.conftest import POLLING

READY = ".train[data-ready]"
LONG = "/train?images=Digits%2C+1%2C352&layers=16&epochs=200&batch_few=16"
SHORT = "/train?images=Digits%2C+1%2C352&layers=8&epochs=2&batch_few=128"

# What the first run that is shown tells, read in one go.
SEEN = """root => { const train = root.live, [runView] = train.runViews; return runView?.run && {
    title: runView.run.title, state: runView.run.state, says: runView.chip.textContent,
    epoch: runView.run.epoch, at: train.at, most: train.most, shown: runView.epoch,
    reason: runView.reason.textContent, rows: runView.rows.length,
    codes: [...runView.buffer.subarray(0, 8)],
    drawn: [...runView.rebuilt[0].pixels ?? []].slice(300, 360),
    cursor: Number(runView.losses.bar?.getAttribute("x1")), said: train.moment.textContent } }"""

# Where a code of the second run stands on the screen.
POINT = """(root, i) => { const { plane } = root.live.runViews[1];
    plane.host.scrollIntoView({ block: "center" });
    const [x, y] = plane.toScreen(...plane.projection.places.subarray(2 * i, 2 * i + 2));
    const box = plane.host.getBoundingClientRect(); return [x + box.left, y + box.top] }"""
# Where the cursor of the second run's losses stands and where it is pointed at, and what it says.
TOLD = """root => { const { losses } = root.live.runViews[1]; return { x: losses.x(losses.pointed),
    bar: Number(losses.bar.getAttribute("x1")), text: losses.ends[0].text.textContent } }"""

# Whether every plane and all its moments are there.
WHOLE = """p.runViews.every(({ moments, plane }) =>
    moments.length && moments.every((moment) => moment.at) && plane)"""

# Which moment is shown ten frames from now: while they play, each frame moves it.
LATER = """async (root) => { for (let k = 0; k < 10; k++) await new Promise(requestAnimationFrame);
    return root.live.at }"""


def seen(tab):
    return tab.root.evaluate(SEEN)


def until_state(tab, state):
    tab.page.wait_for_function(
        """state => { const root = document.querySelector("[data-testid=stMain]");
            const shadows = [...root.querySelectorAll("*")].map((e) => e.shadowRoot ?? e);
            const live = shadows.map((s) => s.querySelector?.(".train")?.live).find(Boolean);
            return live?.runViews.length && live.runViews.every(({ run }) => run?.state === state
                && (state === "running" || !run.busy)) }""",
        arg=state,
        polling=POLLING,
    )


def link_to(page, name):
    return page.get_by_role("link", name=name, exact=True).first


def press(tab, name, *, within=None):
    (within or tab.page).get_by_role("button", name=name, exact=True).first.click()


def test_a_run_is_watched_left_stopped_continued_and_looked_back_on(tab, tmp_path):
    page = tab.open(LONG, READY).page
    press(tab, "Train")
    until_state(tab, "running")
    page.wait_for_url(re.compile("run=vae-"))
    tab.until("p.runViews[0].last > 0 && p.runViews[0].buffer.length")
    early = seen(tab)
    tab.until("p.runViews[0].epoch > a", early["shown"])
    later = seen(tab)
    assert later["codes"] != early["codes"]
    assert later["cursor"] > early["cursor"]

    tab.reload()  # in the middle
    until_state(tab, "running")
    tab.until("p.runViews[0].epoch > a", later["shown"])
    tab.root.get_by_role("button", name="Stop and keep").click()
    until_state(tab, "stopped")
    stopped = seen(tab)
    assert stopped["reason"] == "Stopped by hand."
    assert 0 < stopped["epoch"] < 200

    link_to(page, "Compare").click()
    tab.settle(".compare[data-ready]")
    assert re.search(r"[?&]w=[\w-]{22}", page.url)
    # A link to shipped runs does not give the visitor's own away; one to Train says that it does.
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(tab, "Copy link")
    page.get_by_role("status").get_by_text("Copied").wait_for(state="attached")
    assert page.evaluate("navigator.clipboard.readText()") == re.sub(r"[?&]w=[^&]+", "", page.url)
    page.get_by_role("link", name="Train", exact=True).click()
    tab.settle(READY)
    tab.until("p.runViews[0].rows.length && p.runViews[0].last > 0")
    assert seen(tab)["epoch"] == stopped["epoch"]
    press(tab, "Continue", within=tab.root)
    until_state(tab, "running")
    tab.until("p.runViews[0].run.epoch > a", stopped["epoch"])
    tab.root.get_by_role("button", name="Stop and keep").click()
    until_state(tab, "stopped")
    tab.settle(READY)
    tab.until("p.runViews[0].moments.every((moment) => moment.at) && p.at === p.most")
    done = seen(tab)
    assert done["epoch"] > stopped["epoch"]

    # Back in time, by pointer: all of it moves together.
    slider = tab.root.get_by_role("slider")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 10, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], y, steps=3)
    tab.until("Math.abs(p.at / p.most - 0.4) < 0.03 && p.runViews[0].epoch < a", done["shown"])
    back = seen(tab)
    page.mouse.up()
    for part in ("codes", "drawn", "said"):
        assert back[part] != done[part]
    assert back["cursor"] < done["cursor"]
    # By keys, a moment at a time.
    slider.focus()
    page.keyboard.press("Home")
    tab.until("p.at === 0 && p.runViews[0].epoch === 0")
    page.keyboard.press("ArrowRight")
    tab.until("p.at === 1 && p.runViews[0].epoch === p.runViews[0].moments[1].epoch")
    page.keyboard.press("End")
    tab.until("p.at === p.most && p.runViews[0].epoch === a", done["shown"])
    assert seen(tab)["codes"] == done["codes"]
    # The plane decoded, and losses on a logarithmic axis.
    press(tab, "Images", within=tab.root)
    tab.until("p.runViews[0].mosaicBox.classList.contains('shown')")
    tab.until("p.runViews[0].mosaic.width === 420")
    assert tab.painted(".mosaic canvas", lambda seen: seen.std() > 10).std() > 10
    press(tab, "Log scale", within=tab.root)
    tab.until("p.runViews[0].losses.log")
    # A thumbnail goes there, too.
    tab.root.get_by_role("button", name="Before training").click()
    tab.until("p.at === 0")
    page.wait_for_url(re.compile("moment=0"))

    with page.expect_download() as caught:
        press(tab, "Model file")
    assert caught.value.suggested_filename == "digits-vae-1.safetensors"
    file = tmp_path / "brought-back.safetensors"
    caught.value.save_as(file)
    page.get_by_text("Add a model file").click()
    page.locator("input[type=file]").set_input_files(file)
    press(tab, "Add it")
    tab.until("p.runViews[0].run?.title === 'brought-back'")
    until_state(tab, "done")
    page.locator(".lab-run", has_text="brought-back").get_by_text("−ELBO").wait_for()
    page.get_by_role("link", name="Decode it").click()
    tab.settle(".decode[data-ready]")
    assert page.get_by_role("combobox", name="Model").input_value() == "brought-back"


def test_leaving_at_once_after_stop_or_as_a_run_moves_on_loses_nothing(tab):
    page = tab.open(LONG, READY).page
    press(tab, "Train")
    until_state(tab, "running")
    page.wait_for_url(re.compile("run=vae-"))
    address = re.search(r"run=(vae-\w+)", page.url)[1]
    tab.settle(READY)
    # In one tick: Stop, a run that moved on before and after another page was chosen.
    with page.expect_response("**/lab/run/stop?*") as stopped:
        page.evaluate(
            """([root, link]) => { const { live } = root;
                live.runViews[0].stop.click();
                live.takeStand("before"); link.click(); live.takeStand("after") }""",
            [tab.root.element_handle(), link_to(page, "Compare").element_handle()],
        )
    tab.settle(".compare[data-ready]")
    assert stopped.value.json() == {"error": ""}
    page.wait_for_timeout(1500)  # in which the page that was left would come back
    assert page.url.partition("?")[0].endswith("/compare")
    page.go_back()
    tab.settle(READY)
    assert f"run={address}" in page.url
    # Forward and Back choose another page, too. They come a little later, so the run moves on
    # as they do: what Streamlit was told before is on its way, and names the page that was left.
    page.evaluate(
        """root => { const { live } = root;
            addEventListener("popstate", () => live.takeStand("before"), { once: true });
            history.forward() }""",
        tab.root.element_handle(),
    )
    tab.settle(".compare[data-ready]")
    page.wait_for_timeout(1000)
    assert page.url.partition("?")[0].endswith("/compare")


def test_what_the_server_refuses_is_said_at_the_run(tab):
    page = tab.open(LONG, READY).page
    press(tab, "Train")
    until_state(tab, "running")
    tab.settle(READY)
    stop = tab.root.get_by_role("button", name="Stop and keep")
    page.route("**/lab/run/stop?*", lambda route: route.abort())
    stop.click()
    tab.root.get_by_text("The server did not answer. Try again.").wait_for()
    page.unroute("**/lab/run/stop?*")
    refusal = "<b>The disk</b> is full."
    page.route(
        "**/lab/run/stop?*", lambda route: route.fulfill(status=409, json={"error": refusal})
    )
    stop.click()
    tab.root.get_by_text(refusal).wait_for()
    page.unroute("**/lab/run/stop?*")
    stop.click()
    until_state(tab, "stopped")
    assert seen(tab)["reason"] == "Stopped by hand."
    tab.said = [one for one in tab.said if "/lab/run/stop" not in one[1]]


def test_what_does_not_arrive_can_be_asked_for_again(tab):
    """The classes of the test images, and every moment: without them there is nothing to draw."""
    page = tab.open(SHORT, READY).page
    press(tab, "Train")
    until_state(tab, "done")
    tab.until(WHOLE)
    images = tab.ask("({ live }) => live.data.images")
    moments = tab.ask("({ live }) => live.runViews[0].moments.map(({ url }) => url)")
    for url in (images, *moments):
        page.route(f"**/{url}", lambda route: route.abort())
    page.reload(wait_until="commit")
    alert = tab.root.get_by_role("alert")
    for lost in ([images], moments):
        alert.wait_for()
        for url in lost:
            page.unroute(f"**/{url}")
        alert.get_by_role("button", name="Try again").click()
        alert.wait_for(state="detached")
    tab.settle(READY)
    tab.until(WHOLE)
    tab.said = [one for one in tab.said if "net::ERR_FAILED" not in one[0]]


def test_two_planes_form_beside_each_other_and_move_together(tab):
    page = tab.open(SHORT, READY).page
    press(tab, "AE and VAE")
    page.wait_for_url(re.compile("group="))
    tab.until("p.runViews.length === 2")
    until_state(tab, "done")
    tab.until(WHOLE)
    families = tab.root.evaluate("root => root.live.runViews.map((runView) => runView.run.family)")
    assert families == ["ae", "vae"]
    tab.root.get_by_role("slider").focus()
    page.keyboard.press("Home")
    tab.until("p.runViews.every((runView) => runView.epoch === 0)")
    page.keyboard.press("End")
    tab.until("p.runViews.every((runView) => runView.epoch === 2)")
    assert tab.root.locator(".dimensions .bar-row").count() == 2  # the VAE's

    # A point that is pointed at shows its test image, a loss its values there.
    test = load_dataset("digits").test
    place = np.array(tab.ask(POINT, 7))
    page.mouse.move(*place)
    tooltip = tab.root.locator(".tooltip")
    tooltip.wait_for()
    name, i = re.fullmatch(r"class (\d), test image (\d+)", tooltip.inner_text()).groups()
    assert int(name) == test.labels[int(i)]
    assert np.abs(place - tab.ask(POINT, int(i))).max() <= 1  # itself, or one upon it
    drawn = tab.painted(".tooltip canvas", lambda seen: np.ptp(seen.astype(int)) > 150)
    ground, ink = drawn[0, 0], drawn.reshape(-1, 3)[test.images[int(i)].argmax()]
    assert np.abs(ground.astype(int) - ink).max() > 150  # as dark as it gets, where the image is
    losses = tab.root.locator(".curves").nth(2)
    losses.hover(position={"x": 120, "y": 60})
    tab.until("p.runViews[1].losses.pointed > 0 && p.runViews[1].losses.pointed < 2")
    tooltip.wait_for(state="hidden")
    told = tab.ask(TOLD)
    assert np.isclose(told["bar"], told["x"])
    assert told["text"].startswith("−ELBO ")
    page.mouse.move(5, 5)
    tab.until("Number(p.runViews[1].losses.bar.getAttribute('x1')) > a", told["bar"])

    # Played, the moments pass from the first to the last; in between it can be halted.
    press(tab, "Play", within=tab.root)
    tab.until("p.at > 0.5 && p.at < p.most - 1")
    press(tab, "Pause", within=tab.root)
    halted = tab.root.evaluate("root => root.live.at")
    assert 0 < halted < tab.root.evaluate("root => root.live.most")
    assert halted == tab.ask(LATER)
    press(tab, "Play", within=tab.root)
    tab.until("p.following && !p.playing")
    # Each is a run of its own, on every page, once it is measured.
    until_state(tab, "done")
    link_to(page, "Compare").click()
    tab.settle(".compare[data-ready]")
    left = page.get_by_role("combobox", name="Left")  # not one of the page that was left
    left.fill("digits-ae")  # a long list shows only a part of it
    page.get_by_role("option", name="digits-ae-1", exact=True).wait_for()
    page.keyboard.press("Escape")


def test_a_series_of_beta_stands_in_one_row_and_the_address_keeps_its_moment(tab):
    page = tab.open(SHORT, READY).page
    press(tab, "VAEs with β = 0, 0.25, 1, 4, 16")
    page.wait_for_url(re.compile("group="))
    tab.until("p.runViews.length === 5")
    for k in range(5):
        tab.until("p.runViews[a].run.state === 'done' && !p.runViews[a].run.busy", k)
    tab.until(WHOLE)
    titles = tab.root.locator(".slim h3")
    assert titles.all_inner_texts() == [f"β = {beta}" for beta in (0, 0.25, 1, 4, 16)]
    planes = tab.root.locator(".slim .field:not(.gone)").all()
    tops = {round(plane.bounding_box()["y"]) for plane in planes}
    assert len(tops) == 1
    assert tab.root.locator(".dimensions .bar-row").count() == 10  # two of each
    tab.root.locator(
        ".answer", has_text="from β\xa0=\xa00 to 16, the KL to the prior goes"
    ).wait_for()

    # Where it is left goes to the address, and comes back from it; at the end there is nothing.
    slider = tab.root.get_by_role("slider")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2)
    page.wait_for_url(re.compile("moment="))
    left = tab.root.evaluate("root => root.live.moment.textContent")
    tab.reload()
    tab.settle(READY)
    tab.until(
        "p.runViews.every((r) => r.moments.every((m) => m.at)) && p.moment.textContent === a", left
    )
    slider.focus()
    page.keyboard.press("End")
    page.wait_for_url(lambda url: "moment=" not in url)
    # It is one of these runs: another that is opened begins at its end.
    page.keyboard.press("Home")
    page.wait_for_url(re.compile("moment=0"))
    page.locator("[class*=st-key-open-] button").first.click()
    tab.until("p.runViews.length === 1 && p.runViews[0].moments.length && p.at === p.most")
    page.wait_for_url(lambda url: "run=" in url and "moment=" not in url)
    press(tab, "Open side by side")
    tab.until("p.runViews.length === 5 && p.runViews.every((r) => r.moments.length)")

    page.set_viewport_size({"width": 900, "height": 900})  # the row scrolls in itself
    row = tab.root.locator(".in-row")
    assert row.evaluate("row => row.scrollWidth > row.clientWidth + 100")
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= 900

    # Pressed twice, it deletes one run: the question goes with the run that it is about.
    runs = page.locator(".lab-run")
    count = runs.count()
    press(tab, "Delete")
    page.get_by_role("button", name="Delete it").dblclick()
    page.get_by_role("button", name="Delete it").wait_for(state="detached")
    runs.nth(count - 1).wait_for(state="detached")  # what is gone goes at the end of a run
    tab.settle(READY)
    assert runs.count() == count - 1
    press(tab, "Delete")
    page.get_by_role("button", name="Delete it").wait_for()


def test_umap_of_the_codes_comes_at_the_end(tab):
    page = tab.open(SHORT + "&size=3", READY).page
    press(tab, "Train")
    tab.until("p.runViews[0]?.ends.size")
    press(tab, "UMAP", within=tab.root)
    tab.until("p.runViews[0].endPlane && !p.runViews[0].endFrame.classList.contains('gone')")
    tab.root.get_by_text("it has no moments").wait_for()
    assert tab.painted(".field:not(.gone) canvas", lambda seen: seen.std() > 10).std() > 10
    tab.until(WHOLE)  # at the only moment there is one would still watch
    tab.root.get_by_role("button", name="Before training").click()
    tab.until("p.at === 0 && p.runViews[0].frame.classList.contains('gone')")
    press(tab, "PCA", within=tab.root)
    tab.until("p.runViews[0].endFrame.classList.contains('gone')")
    tab.root.get_by_text("by PCA of the codes at the last moment").wait_for()
    page.wait_for_url(re.compile("moment=0"))


def test_it_fits_a_phone_and_is_moved_by_a_finger(small_tab):
    tab = small_tab
    page = tab.open(SHORT, READY).page
    page.get_by_text(re.compile("^(A few|About) .* on this machine")).wait_for()  # the estimate
    press(tab, "Train")
    until_state(tab, "done")
    assert seen(tab)["epoch"] == 2
    tab.until("p.runViews[0].plane && p.runViews[0].moments.every((moment) => moment.at)")
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= 390
    page.touchscreen.tap(*tab.ask(POINT.replace("runViews[1]", "runViews[0]"), 7))
    tab.root.locator(".tooltip", has_text="test image").wait_for()
    tab.root.get_by_role("button", name="Before training").tap()
    tab.until("p.at === 0")
    slider = tab.root.get_by_role("slider")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.touchscreen.tap(box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2)
    tab.until("p.at > 0.4 * p.most && p.at < 0.8 * p.most")


def test_a_cut_stream_goes_on_and_one_that_is_held_back_is_asked_for_instead(tab):
    page, streams = tab.page, []

    def cut(route):
        streams.append(route.request.url)
        if len(streams) > 2:
            return route.continue_()
        return route.fulfill(content_type="text/event-stream", body=":\n\n")

    page.route("**/lab/events?*", cut)
    tab.open(SHORT, READY)
    press(tab, "Train")
    until_state(tab, "done")
    tab.until("p.runViews[0].rows.length && p.runViews[0].moments.every((moment) => moment.at)")
    assert len(streams) > 2
    assert seen(tab)["epoch"] == 2
    page.unroute("**/lab/events?*")
    page.route("**/lab/events?*", lambda route: None)  # nothing comes through
    tab.reload()
    until_state(tab, "done")
    assert seen(tab)["epoch"] == 2
    assert any("/lab/progress?" in url for url in tab.asked)
