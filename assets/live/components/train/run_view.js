// One run of the page Train: its state, losses, plane and reconstructions at a moment of its training.

import { imageCanvas, paint } from "../../core/canvas.js";
import { number } from "../../core/numbers.js";
import { CodePlane } from "../../plane/code_plane.js";
import { Places } from "../../plane/projections.js";
import { element, icon, symbolOf } from "../../core/dom.js";
import { LossChart, valueAt } from "../../charts/loss_chart.js";
import { loadEnd, loadMoment, paintGrid } from "./snapshots.js";

const SIGNS = { done: "check", failed: "warning", interrupted: "warning" };
const LOADERS = 3;
const GUTTERS = 42; // of a plane, for ticks: in a row of planes its frame cuts them off
const FEW_CODES = 1000; // codes on a plane in a row: five of them are drawn at each frame
export const UMAP_SAYS = "UMAP of the codes at the end; it has no moments. Distances on it mean little.";

export class RunView {
  /** component: the component; number: which of its runs this is; size: "large", "small" beside another, or "slim" in a row. */
  constructor(component, number, size) {
    this.component = component;
    this.number = number;
    this.size = size;
    this.small = size !== "large";
    this.moments = [];
    this.rows = [];
    this.listed = false;
    this.loaders = 0;
    this.run = { name: "", state: "", terms: [], kl: null, umap: null };
    this.buffer = new Float32Array(0);
    this.build();
  }

  build() {
    const { component, small } = this;
    const slim = this.size === "slim";
    this.title = element("h3");
    this.chip = element("span", { class: "chip" });
    this.when = element("span", { class: "when" });
    this.stop = element("button", { type: "button", class: "stop" }, element("i", { class: "square" }), slim ? "Stop" : "Stop and keep");
    if (slim) this.stop.setAttribute("aria-label", "Stop and keep");
    this.stop.onclick = () => {
      this.stop.disabled = true;
      this.stopping = true;
      component.stopRun(this.run.name);
    };
    this.more = element("button", { type: "button", class: "stop", hidden: "" }, "Continue");
    this.more.onclick = () => component.resumeRun(this.run.name);
    this.done = element("i");
    this.bar = element("div", { class: "progress", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, this.done);
    this.what = element("p", { class: "caption" });
    this.reason = element("p", { class: "reason", role: "status" });
    this.card = element("div", { class: "card" },
      element("div", { class: "row spread" }, element("div", { class: "row" }, this.title, this.chip), element("div", { class: "row" }, this.when, this.stop, this.more)),
      this.what, this.bar, this.reason);
    const onEpoch = (epoch) => component.toEpoch(this, epoch);
    this.losses = new LossChart({ label: "Loss by epoch", height: small ? 130 : 200, onEpoch });
    this.kl = new LossChart({ label: "KL to the prior by epoch", height: small ? 96 : 130, onEpoch });
    this.klTitle = element("h4", {}, "KL to the prior");
    this.dimensions = element("div", { class: "dimensions" });
    this.bed = element("div");
    this.frame = element("div", { class: "field", role: "img", "aria-label": "Codes of test images" }, this.bed);
    this.endBed = element("div");
    this.endFrame = element("div", { class: "field gone", role: "img", "aria-label": "Codes at the end on UMAP’s plane" }, this.endBed);
    component.tooltip.watch(this.frame, () => this.plane);
    component.tooltip.watch(this.endFrame, () => this.endPlane);
    this.mosaic = element("canvas", { role: "img", "aria-label": "The plane decoded" });
    this.mosaicBox = element("div", { class: "mosaic" }, this.mosaic);
    this.note = element("p", { class: "caption" });
    this.codes = element("h4");
    const charts = element("div", { class: "charts" },
      element("div", { class: "row spread" }, element("h4", {}, small ? "Loss" : "Loss on test images"),
        element("span", { class: "caption" }, "nats per image; thin: training images")),
      this.losses.host, this.klTitle, this.kl.host, this.dimensions);
    this.figures = element("div", { class: "figures" });
    const heading = slim ? null : element("div", { class: "row spread" }, this.codes, small ? null : component.live);
    const map = element("div", { class: "map" }, heading, this.frame, this.endFrame, this.mosaicBox, this.note);
    this.originals = Array.from({ length: 10 }, imageCanvas);
    this.rebuilt = Array.from({ length: 10 }, imageCanvas);
    const ten = (mark, canvases) => element("div", { class: "ten" }, symbolOf(mark),
      ...canvases.map((canvas) => element("div", { class: "tile", style: "--size: 100%" }, canvas)));
    this.pictures = element("div", { class: "pictures" }, ...(small ? [] : [ten("x", this.originals)]), ten("xh", this.rebuilt));
    const views = element("div", { class: "views" }, ...(small ? [map, charts] : [charts, map]));
    const parts = slim ? [map, element("div", {}, this.dimensions, this.figures)] : [views];
    this.host = element("section", { class: small ? `run-view small ${this.size}` : "run-view" }, this.card, ...parts, ...(small ? [this.pictures] : []));
    this.observer = new ResizeObserver(() => this.fitted());
    this.observer.observe(this.host);
  }

  fitted() {
    if (this.plane?.resize(this.roomOf(this.frame))) this.component.repaint();
  }

  /** How wide a plane in a frame is. */
  roomOf(frame) {
    return Math.floor(frame.clientWidth) + (this.size === "slim" ? GUTTERS : 0);
  }

  /** What does not change while the run is trained, as the page sends it. */
  describe(about) {
    Object.assign(this.run, about);
    this.tell(this.run);
  }

  /** Where it stands. */
  takeStatus(status) {
    const { run } = this;
    if ((run.busy && !status.busy) || !status.can_stop) this.stopping = false;
    Object.assign(run, status);
    this.tell(run);
  }

  /** Names of its losses, of all phases: a later phase may have others. */
  takeTerms(terms) {
    this.run.terms = terms;
    this.drawCurves();
  }

  takeRecords(rows) {
    this.rows = rows;
    this.drawCurves();
    this.component.repaint();
  }

  takeSnapshots({ plane, list }) {
    this.run.plane = this.run.planes[plane] ?? null;
    this.listed = true;
    const had = new Map(this.moments.map((moment) => [moment.url, moment]));
    this.moments = list.map(([step, epoch, url]) => (url && had.get(url)) || { step, epoch, url });
    this.say();
    this.fetchMoments();
  }

  /** Why it cannot be followed now; nothing, where it can. */
  fail(sentence) {
    this.failure = sentence;
    this.tell(this.run);
  }

  destroy() {
    this.observer.disconnect();
    this.moments = [];
  }

  async fetchEnd(url) {
    if (this.endUrl === url) return;
    Object.assign(this, { endUrl: url, end: null, endShown: null });
    if (!url) return;
    try {
      const end = await loadEnd(url);
      if (this.endUrl === url) this.end = end;
    } catch {
      this.endUrl = null; // the next time that it is told tries again
    }
    this.component.arrived(this);
  }

  tell(run) {
    const slim = this.size === "slim";
    const series = slim && this.component.series;
    this.title.replaceChildren(...(series ? [element("span", { class: "symbol" }, "β"), ` = ${run.beta}`] : [run.title]));
    this.host.setAttribute("aria-label", run.title);
    this.what.textContent = slim ? "" : run.what;
    this.chip.className = `chip ${run.state}`;
    const sign = SIGNS[run.state];
    const { phases, states } = this.component.data.states;
    this.chip.hidden = !run.state;
    this.chip.replaceChildren(...(sign ? [icon(sign)] : []), this.stopping ? "stopping" : phases[run.phase] ?? states[run.state] ?? "");
    const parts = [];
    if (run.epoch) parts.push("Epoch ", element("b", {}, tidy(run.epoch)), ` of ${run.epochs}`);
    else if (run.position) {
      const starts = run.starts_in < 1 ? "starts next" : `starts in about ${clock(run.starts_in)}`;
      parts.push(`Number ${run.position} in the queue, ${starts}`);
    }
    if (run.state === "running" && run.left != null && run.share < 1) parts.push("\u2003", element("b", {}, clock(run.left)), " left");
    this.when.replaceChildren(...(slim && run.state === "done" ? [] : parts));
    this.bar.hidden = run.bare || (slim && !run.busy);
    this.host.classList.toggle("bare", run.bare);
    this.stop.hidden = !run.can_stop || run.share >= 1;
    this.stop.disabled = Boolean(this.stopping);
    this.more.hidden = !run.can_continue || run.busy;
    this.done.style.width = `${100 * (run.share ?? 0)}%`;
    this.bar.setAttribute("aria-valuenow", Math.round(100 * (run.share ?? 0)));
    this.bar.setAttribute("aria-label", `Training of ${run.title}`);
    const came = run.bare ? "This model came as a file, without the moments of its training." : "";
    this.reason.textContent = this.failure || run.reason || came;
    this.reason.hidden = !this.reason.textContent;
    this.say();
    const flat = run.dim <= 64;
    this.frame.classList.toggle("gone", !flat);
    this.tellDimensions();
  }

  /** KL of each dimension: near 0, it says nothing of the image. */
  tellDimensions() {
    const { kl } = this.run;
    const key = JSON.stringify([kl, this.component.mostKl]);
    if (key === this.klKey) return;
    this.klKey = key;
    this.dimensions.replaceChildren();
    if (!kl) return;
    const most = this.component.mostKl;
    const order = kl.map((value, j) => [value, j + 1]).sort((a, b) => b[0] - a[0]).slice(0, 8);
    const words = this.size === "slim" ? "KL at the end, nats" : "KL of each dimension at the end, in nats";
    this.dimensions.append(element("p", { class: "caption" }, kl.length > 8 ? `KL of 8 of ${kl.length} dimensions at the end, the largest, in nats` : words),
      ...order.map(([value, j]) => element("div", { class: "bar-row" }, symbolOf("z", j),
        element("div", { class: "track" }, element("i", { style: `width: ${(100 * value) / most}%; background: var(--sigma)` })),
        element("span", { class: "value" }, number(value)))));
  }

  /** Values of a term by epoch, on test images and on those it is trained on. */
  pointsOf(term) {
    const at = this.run.terms.indexOf(term);
    const points = (k) => (at < 0 ? [] : this.rows.filter((row) => row[k]?.[at] != null).map((row) => [row[0], row[k][at]]));
    return { test: points(2), train: points(1) };
  }

  drawCurves() {
    const { run } = this;
    this.points = { reconstruction: this.pointsOf("reconstruction"), kl: this.pointsOf("kl") };
    if (this.size === "slim") return this.component.drawCurves();
    const line = (term, name, mark) => {
      const { test, train } = this.points[term] ?? this.pointsOf(term);
      if (!train.length && !test.length) return [];
      // Before the first test, the training images' line tells the value.
      return [{ mark, thin: true, points: train }, { name, mark, points: test, before: train }];
    };
    const whole = run.terms.includes("kl") ? line("loss", run.beta === 1 ? "−ELBO" : "loss", "whole") : [];
    const { log } = this.component;
    this.losses.set({ lines: [...whole, ...line("reconstruction", "reconstruction", "of-xh")], epochs: run.epochs, log, zero: false });
    const kl = line("kl", "KL", "of-kl");
    this.klTitle.hidden = this.kl.host.hidden = !kl.length;
    this.kl.set({ lines: kl, epochs: run.epochs, log, zero: true });
  }

  /** Load what is new, the latest first: it is what one waits for. A few at a time. */
  fetchMoments() {
    while (this.loaders < LOADERS) {
      this.loaders += 1;
      this.load().finally(() => (this.loaders -= 1));
    }
  }

  async load() {
    while (this.host.isConnected) {
      const next = this.moments.findLast((moment) => moment.url && !moment.at && !moment.asked);
      if (!next) return;
      next.asked = true; // once: a damaged one stays out, the others still show
      try {
        next.at = await loadMoment(next.url);
      } catch {
        continue;
      }
      this.component.arrived(this);
    }
  }

  /** The last moment that is here. */
  get last() {
    return this.moments.findLastIndex((moment) => moment.at);
  }

  /** The nearest moment that is here, at or before an index, else after it. */
  near(index) {
    for (let i = Math.min(index, this.moments.length - 1); i >= 0; i--) if (this.moments[i].at) return i;
    return this.moments.findIndex((moment) => moment.at);
  }

  epochAt(at) {
    const low = Math.min(Math.floor(at), this.moments.length - 1);
    const [one, two] = [this.moments[low], this.moments[Math.min(low + 1, this.moments.length - 1)]];
    return one ? one.epoch + (two.epoch - one.epoch) * (at - low > 1 ? 1 : at - low) : 0;
  }

  indexAt(epoch) {
    const after = this.moments.findIndex((moment) => moment.epoch >= epoch);
    if (after <= 0) return after < 0 ? Math.max(0, this.moments.length - 1) : 0;
    const [one, two] = [this.moments[after - 1], this.moments[after]];
    return after - 1 + (epoch - one.epoch) / (two.epoch - one.epoch || 1);
  }

  /** Show the moment at an index, a fraction between two. */
  show(at, colours) {
    const { last, component } = this;
    if (last < 0) return;
    at = Math.min(at, this.moments.length - 1);
    const epoch = this.epochAt(at);
    this.losses.show(epoch);
    this.kl.show(epoch);
    const low = this.near(Math.floor(at));
    const high = this.near(Math.ceil(at));
    const share = high > low ? (at - low) / (high - low) : 0;
    const nearest = this.moments[share < 0.5 ? low : high].at;
    this.epoch = epoch;
    this.showRebuilt(nearest, colours);
    this.showFigures(epoch);
    if (!nearest.places || !component.labels) return;
    const images = component.images && Boolean(nearest.grid);
    const end = component.end && this.end && !images;
    this.frame.classList.toggle("gone", images || Boolean(end));
    this.endFrame.classList.toggle("gone", !end);
    this.mosaicBox.classList.toggle("shown", images);
    if (images) this.showGrid(nearest, colours);
    else if (end) this.showEnd(colours);
    else this.showPlane(this.moments[low].at, this.moments[high].at, share, colours);
    this.say(images ? nearest : null);
  }

  /** The error at an epoch in words: on test images, before their first on those it is trained on. */
  figure(term, epoch) {
    const { test, train } = this.points?.[term] ?? { test: [], train: [] };
    const value = valueAt(test, epoch);
    const stand = value ?? valueAt(train, epoch);
    return stand == null ? null : { value: number(stand, stand < 10 ? 2 : 1), train: value == null };
  }

  showFigures(epoch) {
    if (this.size !== "slim") return;
    const parts = [["xh", "reconstruction"], ["sigma", "kl"]].map(([colour, term]) => {
      const found = this.figure(term, epoch);
      return found && element("p", {}, element("span", { style: `color: var(--${colour})` }, term === "kl" ? "KL" : "rebuilt"), element("b", {}, found.value));
    });
    this.figures.replaceChildren(...parts.filter(Boolean));
  }

  /** Heading and words of the plane; moment: whose decoded grid is shown. */
  say(moment) {
    const { run, component } = this;
    const key = `${moment?.extent} ${this.buffer.length} ${run?.plane} ${component.end && this.endUrl}`;
    if (!run || this.said === key) return;
    this.said = key;
    const shown = this.end && component.end ? this.end.places.length / 2 : this.buffer.length / 2;
    const count = shown ? `${shown.toLocaleString("en")} ` : "";
    const posterior = run.beta != null;
    if (moment) this.codes.replaceChildren("The plane decoded");
    else this.codes.replaceChildren("Codes, ", ...(posterior ? [symbolOf("mu")] : ["f(", symbolOf("x"), ")"]), ` of ${count}test images`);
    let words = run.plane ?? "";
    if (moment) {
      const [x0, x1, y0, y1] = moment.extent;
      const digits = Math.max(1, 1 - Math.floor(Math.log10(Math.max(x1 - x0, y1 - y0) || 1)));
      const [left, right, bottom, top] = moment.extent.map((value) => number(value, digits));
      const own = run.dim > 2 ? " on the two widest directions of this moment’s own codes" : "";
      words = `Decoded from ${left} to ${right} across and ${bottom} to ${top} up${own}.`;
    } else if (component.end && this.end) words = UMAP_SAYS;
    this.note.textContent = words;
  }

  showEnd(colours) {
    const width = this.roomOf(this.endFrame);
    const key = `${width} ${colours.dark} ${colours.font}`;
    if (this.endShown === key) return; // it stands still
    this.endShown = key;
    const { places, labels, home } = this.end;
    if (this.endPlane?.space.codes !== places) {
      this.endBed.replaceChildren();
      const space = { codes: places, labels, count: labels.length, dim: 2, prior: false };
      this.endPlane = new CodePlane(this.endBed, space, this.look);
      this.endPlane.project(new Places(space, { name: "umap", symbol: "u", places }));
      this.endPlane.home = home;
    }
    this.endPlane.view = null;
    this.endPlane.resize(width);
    this.endPlane.drawBase(colours);
  }

  /** Shape of a plane and size of its points. */
  get look() {
    return { ratio: this.small ? 1 : 0.9, pointRadius: { large: 1.3, small: 1.05, slim: 0.8 }[this.size] };
  }

  showPlane(one, two, share, colours) {
    if (this.buffer.length !== one.places.length) this.buffer = new Float32Array(one.places.length);
    const { buffer, run } = this;
    for (let i = 0; i < buffer.length; i++) buffer[i] = one.places[i] + (two.places[i] - one.places[i]) * share;
    if (!this.plane) {
      const space = { codes: buffer, labels: this.component.labels, count: buffer.length / 2, dim: 2, prior: true, mark: run.dim > 2 ? "p" : "z" };
      this.plane = new CodePlane(this.bed, space, this.look);
      this.plane.show.prior = run.prior && run.dim === 2;
    }
    const { plane } = this;
    plane.space.codes = buffer;
    plane.space.labels = this.component.labels;
    plane.space.count = Math.min(buffer.length / 2, this.component.labels.length, this.size === "slim" ? FEW_CODES : Infinity);
    plane.home = one.home.map(([low, high], axis) => [low + (two.home[axis][0] - low) * share, high + (two.home[axis][1] - high) * share]);
    plane.view = null;
    plane.resize(this.roomOf(this.frame));
    plane.drawBase(colours);
  }

  showGrid(moment, colours) {
    if (this.gridShown !== moment || this.gridDark !== colours.dark) paintGrid(this.mosaic, moment.grid, colours.ink);
    this.gridShown = moment;
    this.gridDark = colours.dark;
  }

  showRebuilt(moment, colours) {
    if (this.shownMoment === moment && this.shownDark === colours.dark) return;
    this.shownMoment = moment;
    this.shownDark = colours.dark;
    const image = new Float32Array(784);
    const fill = (canvas, pixels, k) => {
      for (let i = 0; i < 784; i++) image[i] = (pixels[784 * k + i] ?? 0) / 255;
      paint(canvas, image, colours.ink);
    };
    this.rebuilt.forEach((canvas, k) => fill(canvas, moment.rebuilt, k));
    if (this.component.fixed) this.originals.forEach((canvas, k) => fill(canvas, this.component.fixed, k));
  }

  /** Everything is to be painted anew: other colours, other switches. */
  forget() {
    this.shownMoment = this.gridShown = this.endShown = null;
  }
}

const tidy = (epoch) => (epoch < 10 && epoch % 1 ? epoch.toFixed(1) : `${Math.floor(epoch)}`);

/** Minutes and seconds. */
function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
