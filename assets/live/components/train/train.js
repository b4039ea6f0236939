// Train: runs under way and finished ones, their losses and planes, and the time machine.

import { loadBlock } from "../../core/nn.js";
import { follow } from "../../core/events.js";
import { Component, mounting } from "../../core/component.js";
import { readColours } from "../../core/theme.js";
import { group, wordsOf } from "../../core/words.js";
import { element, icon } from "../../core/dom.js";
import { LossChart } from "../../charts/loss_chart.js";
import { paintThumb } from "./snapshots.js";
import { Images } from "../../images/test_images.js";
import { PointTooltip } from "../../plane/point_tooltip.js";
import { RunView, endNote } from "./run_view.js";

const { say } = wordsOf("components/train/train");

const TWEEN = 400; // milliseconds from one moment to the next while a run is watched
const THUMBS = 10;
const FEW_THUMBS = 5; // on a narrow page
const NARROW = 620;
const DOTS_APART = 9; // pixels
const [PACE, LONGEST] = [250, 8000]; // milliseconds that a moment takes when played, and all of them at most
const SETTLED = 250; // milliseconds without a move after which the address is written
const LEAVING = 60_000; // milliseconds in which another page comes, from a busy server too
const LIFTED = ["pointerup", "pointercancel"]; // a pointer that held the slider is heard wherever it is

/** The component. Its view: the moment that it is left at, as an epoch. */
class Train extends Component {
  constructor(root) {
    super(root);
    this.runViews = [];
    this.labels = null; // classes of the test images
    this.at = 0;
    this.following = true;
    this.images = this.log = false;
    this.end = ""; // the name of the plane of the codes at the end; "" while their way is shown
    this.answerText = "";
    this.series = null; // the option in which the runs of a row differ: { symbol, title, note }
    this.lines = null; // charts of the losses of all runs in a row, by name
    this.fullBar = 1; // value of a bar that fills its track
    this.asPoints = this.asImages = this.asLog = null; // switches
    this.planes = []; // buttons of planes, and which each one chooses
    root.className = "panel train";
    const { signal } = this;
    root.addEventListener("pointerdown", () => (this.held = true), { signal });
    for (const name of LIFTED) addEventListener(name, () => (this.held = false), { capture: true, signal });
    this.leaving = 0; // until when another page may come
    this.watchLeaving();
    this.colours = readColours(root);
    this.tooltip = new PointTooltip(this);
  }

  keyOf({ runs }) {
    return JSON.stringify(runs.map((run) => run.name));
  }

  about(data) {
    return this.keyOf(data);
  }

  /** With runs, it is there once a moment is drawn. */
  get whole() {
    return !this.runViews.length;
  }

  update() {
    const { data } = this;
    this.fetchImages(data.images);
    if (this.tests?.url !== data.tests?.url) this.tests = data.tests && new Images(data.tests);
    data.runs.forEach((run, i) => this.runViews[i].describe(run));
    if (this.runViews.length) this.showState();
    this.follow(data.follow);
  }

  /** @param {Error} error */
  fail(error) {
    super.fail(error);
    this.feed?.stop();
    this.followed = this.imagesUrl = null; // whoever tries again is told everything anew
    for (const runView of this.runViews) runView.destroy();
    this.runViews = [];
  }

  destroy() {
    this.imagesUrl = null;
    this.feed?.stop();
    clearTimeout(this.settling);
    clearTimeout(this.rerun);
    cancelAnimationFrame(this.painting);
    for (const runView of this.runViews) runView.destroy();
  }

  // ------------------------------------------------------------------ what comes of the runs

  /** Follow these runs; those that are followed may go on after an end. */
  follow(addresses) {
    if (this.followed === addresses.stream) return this.feed.again();
    this.feed?.stop();
    this.followed = addresses.stream;
    const ofRun = (take) => (of, value) => {
      const runView = this.runViews.find(({ run }) => run.name === of);
      if (runView) take(runView, value);
    };
    const handlers = {
      status: ofRun((runView, status) => this.takeStatus(runView, status)),
      terms: ofRun((runView, terms) => runView.takeTerms(terms)),
      records: ofRun((runView, rows) => runView.takeRecords(rows)),
      snapshots: ofRun((runView, snapshots) => this.takeSnapshots(runView, snapshots)),
      bars: ofRun((runView, bars) => this.takeBars(runView, bars)),
      planes: ofRun((runView, planes) => this.takePlanes(runView, planes)),
      error: ofRun((runView, sentence) => runView.fail(sentence)),
      answer: (of, text) => this.takeAnswer(text),
      stand: (of, stand) => this.takeStand(stand),
    };
    this.feed = follow(addresses, handlers);
  }

  takeStatus(runView, status) {
    runView.takeStatus(status);
    if (this.runViews.some(({ run }) => !run.state)) return;
    const under = this.runViews.some(({ run }) => run.state === "queued" || run.state === "running");
    if (under && this.under === false) this.reveal();
    this.under = under;
    this.showState();
    this.repaint();
  }

  takeSnapshots(runView, snapshots) {
    runView.takeSnapshots(snapshots);
    this.showState();
    this.return();
    this.measure();
    if (this.runViews.every(({ moments, listed }) => listed && !moments.length)) this.root.dataset.ready = "true";
  }

  takeBars(runView, bars) {
    runView.takeBars(bars);
    this.fullBar = Math.max(...this.runViews.flatMap((one) => (one.bars ? [one.bars.full, ...one.bars.values] : [])));
    for (const one of this.runViews) one.showBars();
  }

  takePlanes(runView, planes) {
    runView.takePlanes(planes);
    const titles = new Map(this.runViews.flatMap(({ run }) => run.placed.map(({ name, title }) => [name, title])));
    if (!titles.has(this.end)) this.end = "";
    const kinds = [["", say("pca")], ...titles];
    if (String(kinds) !== String(this.planes.map(({ name, text }) => [name, text]))) {
      this.planes = kinds.map(([name, text]) => ({ name, text, button: this.toggle(text, () => {
        this.end = name;
        if (name) this.images = false;
        for (const runView of this.runViews) runView.fetchEnds(); // what did not arrive is asked for again
      }) }));
      this.kindsOfPlane.replaceChildren(...this.planes.map(({ button }) => button));
      this.press();
    }
    this.showState();
  }

  takeAnswer(text) {
    this.answerText = text;
    if (this.runViews.length) this.showState();
  }

  /** A run has moved on: what the page says beside the component is of before, so the page runs anew. */
  takeStand(stand) {
    clearTimeout(this.rerun);
    this.rerun = setTimeout(() => {
      if (performance.now() < this.leaving) return this.takeStand(stand);
      if (stand !== this.data.stand && stand !== this.stand) this.call.setTriggerValue("stand", stand);
      this.stand = stand;
    }, Math.max(0, this.leaving - performance.now()));
  }

  /** Another page was chosen: what Streamlit hears until it comes names this one, which would come back. */
  watchLeaving() {
    const { signal } = this;
    const leave = (path) => {
      if (path !== this.view?.path) this.leaving = performance.now() + LEAVING;
    };
    addEventListener("popstate", () => leave(location.pathname), { signal });
    addEventListener("click", ({ target, ctrlKey, metaKey, shiftKey }) => {
      const link = target instanceof Element && target.closest("a[href]");
      const here = !ctrlKey && !metaKey && !shiftKey; // else it opens beside this page
      if (here && link instanceof HTMLAnchorElement) leave(link.pathname);
    }, { capture: true, signal });
  }

  /** Another run, or one that goes on: whoever is further down or up the page is taken to it. */
  reveal() {
    const { top } = this.root.getBoundingClientRect();
    if (top > 0 && top < innerHeight / 2) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.root.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
  }

  async fetchImages(url) {
    if (this.imagesUrl === url) return;
    this.imagesUrl = url;
    if (!url) return;
    try {
      const { arrays } = await loadBlock(url);
      if (this.imagesUrl !== url) return;
      Object.assign(this, { labels: arrays.labels.values, fixed: arrays.fixed.values });
      this.recolour();
    } catch (error) {
      if (this.imagesUrl === url) this.fail(error);
    }
  }

  // ------------------------------------------------------------------ building

  build(loaded, before) {
    if (before) {
      this.reveal();
      this.view.set({ moment: null }); // it was one of another run
    }
    this.show(this.data.runs);
    this.wanted = this.view.values.moment;
    this.update();
  }

  show(runs) {
    for (const runView of this.runViews) runView.destroy();
    Object.assign(this, { at: 0, following: true, goal: null, under: null, answerText: "", fullBar: 1 });
    delete this.root.dataset.ready;
    if (!runs.length) {
      this.runViews = [];
      this.root.replaceChildren(element("div", { class: "empty" }, element("p", {}, say("empty"))));
      return;
    }
    this.live = element("span", { class: "chip running", hidden: "" }, element("i"), say("live"));
    this.answer = element("div", { class: "answer", role: "status", hidden: "" });
    const size = ["large", "small"][runs.length - 1] ?? "slim";
    this.series = size === "slim" ? this.data.series : null;
    this.runViews = runs.map((_, i) => new RunView(this, i, size));
    const hosts = this.runViews.map((runView) => runView.host);
    this.lines = this.rowNote = null;
    if (size === "large") this.root.replaceChildren(...hosts, this.buildMachine(), this.buildPictures(), this.answer, this.tooltip.tip);
    else if (size === "small") this.root.replaceChildren(element("div", { class: "run-views several" }, ...hosts), this.buildMachine(), this.answer, this.tooltip.tip);
    else this.root.replaceChildren(...this.buildRow(hosts), this.buildMachine(), this.buildCurves(), this.answer, this.tooltip.tip);
  }

  /** Planes in one row, which scrolls in itself where it has no room. */
  buildRow(hosts) {
    this.rowTitle = element("h4", {}, say("codes"));
    this.rowNote = element("p", { class: "caption" });
    const { series } = this;
    const label = series?.title ?? say("row");
    return [
      element("div", { class: "row spread row-head" }, this.rowTitle, element("span", { class: "caption" }, series?.note ?? ""), this.live),
      element("div", { class: "run-views in-row", style: `--runs: ${hosts.length}`, role: "group", tabindex: "0", "aria-label": label }, ...hosts),
      this.rowNote];
  }

  /** Where the losses of all runs in a row are drawn, a chart for each term on the same axes. */
  buildCurves() {
    this.lines = new Map();
    return (this.allCurves = element("div", { class: "all-curves" }));
  }

  /** The chart of a term, made when the first run has it. */
  chartOf({ name, title }) {
    if (!this.lines.has(name)) {
      const onEpoch = (epoch) => this.toEpoch(this.longest, epoch);
      const chart = new LossChart({ label: say("chart", { title }), height: 190, gutter: true, onEpoch });
      const head = element("div", { class: "row spread" }, element("h4", {}, say("chart_title", { title })), element("span", { class: "caption" }, say("unit")));
      this.allCurves.append(element("div", {}, head, chart.host));
      this.lines.set(name, chart);
    }
    return this.lines.get(name);
  }

  drawCurves() {
    const epochs = Math.max(...this.runViews.map(({ run }) => run.epochs ?? 1));
    const terms = new Map(this.runViews.flatMap(({ parts }) => parts.map((term) => [term.name, term])));
    [...terms.values()].forEach((term, k) => {
      const drawn = this.runViews.filter(({ points }) => points.get(term.name)?.train.length);
      const lines = drawn.map(({ run, points }) => ({
        name: this.series ? say("series_line", { symbol: this.series.symbol, value: run.setting }) : run.title,
        colour: term.colour, points: points.get(term.name).test, before: points.get(term.name).train }));
      this.chartOf(term).set({ lines, epochs, log: this.log, zero: k > 0 && !this.log });
    });
  }

  /** What concerns all runs together. */
  showState() {
    const runs = this.runViews.map(({ run }) => run);
    const { answerText } = this;
    if (this.answer.textContent !== answerText) this.answer.textContent = answerText;
    this.answer.hidden = !answerText;
    this.root.classList.toggle("bare", runs.every((run) => run.bare));
    if (this.rowNote) this.rowNote.textContent = this.images ? say("decoded") : this.end ? endNote(this.planes.find(({ name }) => name === this.end)?.text) : runs[0].plane ?? "";
    this.kindsOfPlane.hidden = !runs.some((run) => run.placed.length);
  }

  buildMachine() {
    this.slider = element("input", { type: "range", min: 0, max: 1, step: "any", "aria-label": say("slider") });
    this.dots = element("div", { class: "dots", "aria-hidden": "true" });
    this.slider.oninput = () => this.go(Number(this.slider.value));
    this.slider.onkeydown = (event) => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5, Home: -1e6, End: 1e6 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.go(Math.min(Math.max((step < 0 ? Math.ceil(this.at) : Math.floor(this.at)) + step, 0), this.most));
    };
    this.thumbs = Array.from({ length: THUMBS }, () => {
      const canvas = element("canvas", { width: 124, height: 108 });
      const caption = element("span");
      const button = element("button", { type: "button", class: "thumb" }, canvas, caption);
      button.onclick = () => this.go(button.index);
      return Object.assign(button, { canvas, caption });
    });
    this.moment = element("output", { class: "caption" });
    const kinds = element("div", { class: "kinds", role: "group", "aria-label": say("shows") },
      this.asPoints = this.toggle(say("points"), () => (this.images = false)),
      this.asImages = this.toggle(say("images"), () => Object.assign(this, { images: true, end: "" })));
    this.kindsOfPlane = element("div", { class: "kinds", role: "group", "aria-label": say("which_plane"), hidden: "" });
    const logs = this.asLog = this.toggle(say("log"), () => {
      this.log = !this.log;
      this.runViews.forEach((runView) => runView.drawCurves());
    });
    this.player = element("button", { type: "button", class: "png player" });
    this.player.onclick = () => (this.playing ? this.rest() : this.play());
    this.rest();
    this.machine = element("div", { class: "machine" },
      element("div", { class: "row machine-head" }, element("h4", {}, say("machine")),
        element("span", { class: "caption" }, say("machine_note")), this.moment),
      element("div", { class: "thumbs" }, ...this.thumbs),
      element("div", { class: "rail" }, this.dots, this.slider),
      element("div", { class: "row switches" }, this.player, kinds, this.kindsOfPlane, logs, this.runViews.length === 2 ? this.live : null));
    this.press();
    return this.machine;
  }

  buildPictures() {
    this.rebuiltWhen = element("h4", {}, say("rebuilt"));
    this.rebuiltNats = element("span", { class: "caption" });
    return element("div", { class: "rebuilding" }, element("div", { class: "row spread" }, this.rebuiltWhen, this.rebuiltNats), this.runViews[0].pictures);
  }

  /** A button of those that choose what the planes show. */
  toggle(text, set) {
    const button = element("button", { type: "button", class: "png", "aria-pressed": "false" }, text);
    button.onclick = () => {
      set();
      this.runViews.forEach((runView) => runView.forget());
      this.press();
      this.showState();
      this.repaint();
    };
    return button;
  }

  press() {
    for (const { name, button } of this.planes) button.setAttribute("aria-pressed", String(name === this.end));
    this.asPoints.setAttribute("aria-pressed", String(!this.images));
    this.asImages.setAttribute("aria-pressed", String(this.images));
    this.asLog.setAttribute("aria-pressed", String(this.log));
  }

  // ------------------------------------------------------------------ moving through time

  /** The last index there is. */
  get most() {
    return Math.max(0, ...this.runViews.map((runView) => runView.moments.length - 1));
  }

  /** New moments may have come: the slider grows, and one who watches goes along. */
  measure() {
    const { most } = this;
    this.machine.hidden = this.runViews.every((runView) => !runView.moments.length);
    this.slider.max = Math.max(most, 1e-9);
    const last = Math.max(0, ...this.runViews.map((runView) => runView.last));
    if (this.following && last > this.at) this.tween(last);
    else if (this.at > most) this.at = most; // a run that goes on from before its last moment
    this.repaint();
  }

  arrived(runView) {
    if (this.runViews.includes(runView)) this.measure();
  }

  /** By hand. */
  go(at) {
    this.rest();
    this.move(at);
  }

  /** Let the moments pass, from the first when it stands at the last. */
  play() {
    const pace = Math.min(PACE, LONGEST / this.most);
    const from = this.at >= this.most - 0.01 ? 0 : this.at;
    const start = performance.now();
    this.playing = true;
    this.player.replaceChildren(icon("pause"), say("pause"));
    const step = (now) => {
      this.move(Math.min(from + Math.max(0, now - start) / pace, this.most));
      if (this.following || !this.root.isConnected) this.rest();
      else this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  rest() {
    if (this.playing) cancelAnimationFrame(this.frame);
    this.playing = false;
    this.player.replaceChildren(icon("play"), say("play"));
  }

  /** At the end one watches again. */
  move(at) {
    cancelAnimationFrame(this.frame);
    this.frame = this.goal = null;
    this.at = at;
    this.following = at >= this.most - 0.01;
    this.repaint();
    this.unsettle();
  }

  /** Wait until it is left where it is; as long as a pointer holds it, it is not. */
  unsettle() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => (this.held ? this.unsettle() : this.settle()), SETTLED);
  }

  /** The place in time goes to the address; one who watches has none. */
  settle() {
    this.view.set({ moment: this.following ? null : this.longest.epochAt(this.at) });
  }

  /** Go to the moment that the address named, once there are moments. */
  return() {
    if (this.wanted == null || !this.most) return;
    const { longest, wanted } = this;
    this.wanted = null;
    if (wanted > longest.moments.at(-1).epoch) return; // not there, or not yet: one watches
    Object.assign(this, { at: longest.indexAt(wanted), following: false });
  }

  /** The run with the most moments. */
  get longest() {
    return this.runViews.find((runView) => runView.moments.length === this.most + 1) ?? this.runViews[0];
  }

  toEpoch(runView, epoch) {
    if (runView.moments.length) this.go(Math.min(runView.indexAt(epoch), this.most));
  }

  tween(goal) {
    if (this.goal === goal) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const first = !this.root.dataset.ready;
    if (still || first || goal - this.at > 4) {
      this.at = goal;
      return;
    }
    this.goal = goal;
    const [from, start] = [this.at, performance.now()];
    const step = (now) => {
      const share = Math.min(Math.max((now - start) / TWEEN, 0), 1);
      this.at = from + (goal - from) * (1 - (1 - share) ** 2);
      if (share < 1 && this.goal === goal) this.frame = requestAnimationFrame(step);
      else this.goal = null;
      this.paint();
    };
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(step);
  }

  // ------------------------------------------------------------------ drawing

  repaint() {
    this.painting ??= requestAnimationFrame(() => {
      this.painting = null;
      this.paint();
    });
  }

  paint() {
    if (!this.runViews.length || !this.runViews.some((runView) => runView.moments.length)) return;
    for (const runView of this.runViews) if (runView.run) runView.show(this.at, this.colours);
    const first = this.longest;
    const epoch = first.epochAt(this.at);
    const moment = say("moment", { epoch: fine(epoch), epochs: first.run.epochs });
    this.moment.textContent = moment;
    if (document.activeElement !== this.slider || Math.abs(Number(this.slider.value) - this.at) > 1e-6) this.slider.value = this.at;
    this.slider.style.setProperty("--share", `${(100 * this.at) / Math.max(this.most, 1)}%`);
    this.slider.setAttribute("aria-valuetext", moment);
    const live = this.following && this.runViews.some((runView) => runView.run?.state === "running");
    this.live.hidden = !live;
    if (this.lines) {
      for (const chart of this.lines.values()) chart.show(epoch);
      this.rowTitle.textContent = first.plane ? say("codes_of", { images: group(first.plane.space.count) }) : say("codes");
    }
    if (this.runViews.length === 1) this.describeRebuilt(epoch, live);
    this.paintThumbs(first);
    if (this.labels && this.runViews.some((runView) => runView.last >= 0)) this.root.dataset.ready = "true";
  }

  describeRebuilt(epoch, live) {
    const [runView] = this.runViews;
    const found = runView.figure(runView.parts[0]?.name, epoch);
    this.rebuiltWhen.textContent = say(live ? "rebuilt_now" : this.following ? "rebuilt_end" : "rebuilt_at", { epoch: fine(epoch) });
    this.rebuiltNats.textContent = found ? say(found.train ? "nats_training" : "nats", { value: found.value }) : "";
  }

  /** Some of the moments, evenly picked. */
  paintThumbs(runView) {
    const most = this.root.clientWidth > NARROW ? THUMBS : FEW_THUMBS;
    const count = Math.min(most, runView.moments.length);
    this.machine.style.setProperty("--most", most);
    this.machine.style.setProperty("--shown", count);
    const dense = this.slider.clientWidth < DOTS_APART * this.most; // then a dot for each picture
    this.dots.style.setProperty("--part", 1 / Math.max(1, dense ? count - 1 : this.most));
    const apart = count > 1 ? (runView.moments.length - 1) / (count - 1) : 1;
    const far = (k) => Math.abs(Math.round(k * apart) - this.at);
    const shown = [...Array(count).keys()].reduce((one, k) => (far(k) < far(one) ? k : one), 0);
    this.thumbs.forEach((thumb, k) => {
      thumb.hidden = k >= count;
      if (k >= count) return;
      const index = Math.round(k * apart);
      const moment = runView.moments[index];
      thumb.index = index;
      thumb.setAttribute("aria-pressed", String(k === shown));
      const key = `${moment.url} ${Boolean(moment.at)} ${this.colours.dark} ${Boolean(this.labels)}`;
      if (thumb.key === key) return;
      thumb.key = key;
      const at = Number(moment.epoch.toPrecision(2));
      thumb.caption.textContent = index === 0 ? say("start") : `${at}`;
      thumb.setAttribute("aria-label", index === 0 ? say("before") : say("epoch", { epoch: at }));
      if (this.labels) paintThumb(thumb.canvas, moment.at, this.labels, this.colours);
    });
  }

  recolour() {
    this.runViews.forEach((runView) => runView.forget());
    this.repaint();
  }
}

const fine = (epoch) => epoch.toFixed(epoch < 10 ? 2 : 1);

export const mount = mounting(Train);
