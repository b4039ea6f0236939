// One run of the page Train: its state, losses, plane and reconstructions at a moment of its training.

import { imageCanvas, paint } from "../../core/canvas.js";
import { request } from "../../core/request.js";
import { number } from "../../core/numbers.js";
import { group, wordsOf } from "../../core/words.js";
import { CodePlane } from "../../plane/code_plane.js";
import { Places } from "../../plane/projections.js";
import { element, icon, symbolOf } from "../../core/dom.js";
import { LossChart, valueAt } from "../../charts/loss_chart.js";
import { loadEnd, loadMoment, paintGrid } from "./snapshots.js";

const { say, fill } = wordsOf("components/train/run_view");

const SIGNS = { done: "check", failed: "warning", interrupted: "warning" };
const AFTERWARDS = ["measuring", "placing"]; // phases in which nothing is learned any more
const LOADERS = 3;
const GUTTERS = 42; // of a plane, for ticks: in a row of planes its frame cuts them off
const FEW_CODES = 1000; // codes on a plane in a row: five of them are drawn at each frame
const MOST_BARS = 8;

/** The note under a plane of the codes at the end. */
export const endNote = (title) => say("end_plane", { title });

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
    this.requested = ""; // "stop" or "continue", until it is done or refused
    this.failure = this.refusal = ""; // sentences
    this.run = { name: "", state: "", terms: [], placed: [] };
    this.ends = new Map(); // planes of the codes at the end, by the projection's name
    this.columns = []; // names of the losses in a row
    this.points = new Map(); // of the lines of its losses, by name
    this.bars = null; // a measure of each dimension: { title, unit, colour, full, values }
    this.buffer = new Float32Array(0);
    this.build();
  }

  build() {
    const { component, small } = this;
    const slim = this.size === "slim";
    this.title = element("h3");
    this.chip = element("span", { class: "chip" });
    this.when = element("span", { class: "when" });
    this.stop = element("button", { type: "button", class: "stop" }, element("i", { class: "square" }), say(slim ? "stop_short" : "stop"));
    if (slim) this.stop.setAttribute("aria-label", say("stop"));
    this.stop.onclick = () => this.request("stop");
    this.more = element("button", { type: "button", class: "stop", hidden: "" }, say("continue"));
    this.more.onclick = () => this.request("continue");
    this.done = element("i");
    this.bar = element("div", { class: "progress", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, this.done);
    this.what = element("p", { class: "caption" });
    this.reason = element("p", { class: "reason", role: "status" });
    this.card = element("div", { class: "card" },
      element("div", { class: "row spread" }, element("div", { class: "row" }, this.title, this.chip), element("div", { class: "row" }, this.when, this.stop, this.more)),
      this.what, this.bar, this.reason);
    const onEpoch = (epoch) => component.toEpoch(this, epoch);
    this.losses = new LossChart({ label: say("losses_chart"), height: small ? 130 : 200, onEpoch });
    this.others = new LossChart({ label: say("others_chart"), height: small ? 96 : 130, onEpoch });
    this.othersTitle = element("h4");
    this.dimensions = element("div", { class: "dimensions" });
    this.bed = element("div");
    this.frame = element("div", { class: "field", role: "img", "aria-label": say("codes_plane") }, this.bed);
    this.endBed = element("div");
    this.endFrame = element("div", { class: "field gone", role: "img", "aria-label": say("end_codes") }, this.endBed);
    component.tooltip.watch(this.frame, () => this.plane);
    component.tooltip.watch(this.endFrame, () => this.endPlane);
    this.mosaic = element("canvas", { role: "img", "aria-label": say("decoded") });
    this.mosaicBox = element("div", { class: "mosaic" }, this.mosaic);
    this.note = element("p", { class: "caption" });
    this.codes = element("h4");
    const charts = element("div", { class: "charts" },
      element("div", { class: "row spread" }, element("h4", {}, say(small ? "losses_short" : "losses")),
        element("span", { class: "caption" }, say("losses_note"))),
      this.losses.host, this.othersTitle, this.others.host, this.dimensions);
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
    this.showState(this.run);
  }

  /** Ask the server to stop the run, or to go on with it. */
  async request(action) {
    Object.assign(this, { requested: action, refusal: "" });
    this.showState(this.run);
    this.refusal = await request(this.run.requests[action]);
    if (this.refusal) this.requested = "";
    this.showState(this.run);
    this.component.feed.again();
  }

  /** Where it stands. */
  takeStatus(status) {
    const { run } = this;
    if (!status[`can_${this.requested}`] || run.state !== status.state) this.requested = "";
    if (run.state !== status.state) this.refusal = "";
    Object.assign(run, status);
    this.showState(run);
  }

  /** Names of its losses, of all phases: a later phase may have others. */
  takeTerms(names) {
    this.columns = names;
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
    this.describePlane();
    this.fetchMoments();
  }

  /** Why it cannot be followed now; nothing, where it can. */
  fail(sentence) {
    this.failure = sentence;
    this.showState(this.run);
  }

  destroy() {
    this.observer.disconnect();
    this.moments = [];
  }

  /** Take the planes of the codes at the end, each with its name, title, symbol and url. */
  takePlanes(planes) {
    this.run.placed = planes;
    return this.fetchEnds();
  }

  async fetchEnds() {
    await Promise.all(this.run.placed.map(async (plane) => {
      if (this.ends.get(plane.name)?.plane.url === plane.url) return;
      try {
        this.ends.set(plane.name, { plane, ...(await loadEnd(plane.url)) });
      } catch {
        this.ends.delete(plane.name);
      }
    }));
    this.component.arrived(this);
  }

  /** The plane of the codes at the end that is chosen, once it is there. */
  get end() {
    return this.run.placed.some(({ name }) => name === this.component.end) ? this.ends.get(this.component.end) : undefined;
  }

  showState(run) {
    const slim = this.size === "slim";
    const series = slim && this.component.series;
    this.title.replaceChildren(...(series ? fill("setting", { symbol: symbolText(series.symbol), value: run.setting }) : [run.title]));
    this.host.setAttribute("aria-label", run.title);
    this.what.textContent = slim ? "" : run.what;
    this.chip.className = `chip ${run.state}`;
    const sign = SIGNS[run.state];
    const { phases, states } = this.component.data.states;
    this.chip.hidden = !run.state;
    this.chip.replaceChildren(...(sign ? [icon(sign)] : []), this.requested === "stop" ? say("stopping") : phases[run.phase] ?? states[run.state] ?? "");
    const parts = [];
    if (run.epoch) parts.push(...fill("epoch", { epoch: element("b", {}, tidy(run.epoch)), epochs: run.epochs }));
    else if (run.position) {
      const values = { position: run.position, time: clock(run.starts_in) };
      parts.push(say(run.starts_in < 1 ? "starts_next" : "starts_in", values));
    }
    if (run.state === "running" && run.left != null && run.share < 1) parts.push("\u2003", ...fill("left", { time: element("b", {}, clock(run.left)) }));
    this.when.replaceChildren(...(slim && run.state === "done" ? [] : parts));
    this.bar.hidden = run.bare || (slim && !run.busy);
    this.host.classList.toggle("bare", run.bare);
    this.stop.hidden = !run.can_stop;
    this.stop.lastChild.textContent = say(slim || AFTERWARDS.includes(run.phase) ? "stop_short" : "stop");
    this.stop.disabled = this.requested === "stop";
    this.more.disabled = this.requested === "continue";
    this.more.hidden = !run.can_continue || run.busy;
    this.done.style.width = `${100 * (run.share ?? 0)}%`;
    this.bar.setAttribute("aria-valuenow", Math.round(100 * (run.share ?? 0)));
    this.bar.setAttribute("aria-label", say("training_of", { title: run.title }));
    const came = run.bare ? say("bare") : "";
    this.reason.textContent = this.refusal || this.failure || run.reason || came;
    this.reason.hidden = !this.reason.textContent;
    this.describePlane();
    const flat = run.dim <= 64;
    this.frame.classList.toggle("gone", !flat);
    this.showBars();
  }

  takeBars(bars) {
    this.bars = bars;
  }

  /** A measure of each dimension, the largest first. */
  showBars() {
    const { bars, component } = this;
    const key = JSON.stringify([bars, component.fullBar]);
    if (key === this.barsKey) return;
    this.barsKey = key;
    this.dimensions.replaceChildren();
    if (!bars) return;
    const { title, unit, colour, values } = bars;
    const order = values.map((value, j) => [value, j + 1]).sort((a, b) => b[0] - a[0]).slice(0, MOST_BARS);
    const kind = values.length > MOST_BARS ? "bars_most" : this.size === "slim" ? "bars_short" : "bars";
    this.dimensions.append(element("p", { class: "caption" }, say(kind, { title, unit, shown: MOST_BARS, all: values.length })),
      ...order.map(([value, j]) => element("div", { class: "bar-row" }, symbolOf("z", j),
        element("div", { class: "track" }, element("i", { style: `width: ${(100 * value) / component.fullBar}%; background: var(--${colour})` })),
        element("span", { class: "value" }, number(value)))));
  }

  /** The parts of its loss that its rows have, the family's first one first. */
  get parts() {
    const { columns, run } = this;
    const known = run.terms.filter(({ name }) => columns.includes(name));
    const others = columns.filter((name) => name !== "loss" && !known.some((term) => term.name === name));
    return [...known, ...others.map((name) => ({ name, title: name, colour: "text" }))];
  }

  /** Values of a term by epoch, on test images and on those it is trained on. */
  pointsOf(name) {
    const at = this.columns.indexOf(name);
    const points = (k) => this.rows.filter((row) => row[k]?.[at] != null).map((row) => [row[0], row[k][at]]);
    return { test: points(2), train: points(1) };
  }

  drawCurves() {
    const { component, parts, run } = this;
    this.points = new Map(this.columns.map((name) => [name, this.pointsOf(name)]));
    if (this.size === "slim") return component.drawCurves();
    const lines = ({ name, title, colour }) => {
      const { test, train } = this.points.get(name) ?? { test: [], train: [] };
      if (!train.length && !test.length) return [];
      // Before the first test, the training images' line tells the value.
      return [{ colour, thin: true, points: train }, { name: title, colour, points: test, before: train }];
    };
    const [first, ...others] = parts;
    const whole = others.length ? lines({ name: "loss", title: run.loss, colour: "text" }) : [];
    const shared = { epochs: run.epochs, log: component.log };
    this.losses.set({ lines: [...whole, ...(first ? lines(first) : [])], zero: false, ...shared });
    this.othersTitle.textContent = others.length === 1 ? others[0].title : say("others");
    this.othersTitle.hidden = this.others.host.hidden = !others.length;
    this.others.set({ lines: others.flatMap(lines), zero: true, ...shared });
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
      const next = this.moments.findLast((moment) => moment.url && !moment.at && !moment.requested);
      if (!next) return;
      next.requested = true; // once: a damaged one stays out, the others still show
      try {
        next.at = await loadMoment(next.url);
      } catch (error) {
        next.lost = true;
        if (this.host.isConnected && this.moments.every(({ url, lost }) => lost || !url)) this.component.fail(error);
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
    this.others.show(epoch);
    const low = this.near(Math.floor(at));
    const high = this.near(Math.ceil(at));
    const share = high > low ? (at - low) / (high - low) : 0;
    const nearest = this.moments[share < 0.5 ? low : high].at;
    this.epoch = epoch;
    this.showRebuilt(nearest, colours);
    this.showFigures(epoch);
    if (!nearest.places || !component.labels) return;
    const images = component.images && Boolean(nearest.grid);
    const end = this.end && !images;
    this.frame.classList.toggle("gone", images || Boolean(end));
    this.endFrame.classList.toggle("gone", !end);
    this.mosaicBox.classList.toggle("shown", images);
    if (images) this.showGrid(nearest, colours);
    else if (end) this.showEnd(colours);
    else this.showPlane(this.moments[low].at, this.moments[high].at, share, colours);
    this.describePlane(images ? nearest : null);
  }

  /** A term at an epoch: on test images, before their first on those it is trained on. */
  figure(name, epoch) {
    const { test, train } = this.points.get(name) ?? { test: [], train: [] };
    const tested = valueAt(test, epoch);
    const value = tested ?? valueAt(train, epoch);
    return value == null ? null : { value: number(value, value < 10 ? 2 : 1), train: tested == null };
  }

  showFigures(epoch) {
    if (this.size !== "slim") return;
    this.figures.replaceChildren(...this.parts.flatMap(({ name, title, colour }) => {
      const found = this.figure(name, epoch);
      return found ? [element("p", {}, element("span", { style: `color: var(--${colour})` }, title), element("b", {}, found.value))] : [];
    }));
  }

  /** Heading and note of the plane; moment: whose decoded grid is shown. */
  describePlane(moment) {
    const { run } = this;
    const key = `${moment?.extent} ${this.buffer.length} ${run.plane} ${this.end?.plane.url}`;
    if (this.planeKey === key) return;
    this.planeKey = key;
    const shown = this.end ? this.end.places.length / 2 : this.buffer.length / 2;
    const code = run.posterior ? symbolOf("mu") : ["f(", symbolOf("x"), ")"];
    if (moment) this.codes.textContent = say("decoded");
    else this.codes.replaceChildren(...(shown ? fill("codes", { code, images: group(shown) }) : fill("codes_of", { code })));
    let note = run.plane ?? "";
    if (moment) {
      const [x0, x1, y0, y1] = moment.extent;
      const digits = Math.max(1, 1 - Math.floor(Math.log10(Math.max(x1 - x0, y1 - y0) || 1)));
      const [left, right, bottom, top] = moment.extent.map((value) => number(value, digits));
      note = say(run.dim > 2 ? "grid_own" : "grid", { left, right, bottom, top });
    } else if (this.end) note = endNote(this.end.plane.title);
    this.note.textContent = note;
  }

  showEnd(colours) {
    const width = this.roomOf(this.endFrame);
    const { places, labels, home, plane } = this.end;
    const key = `${plane.url} ${width} ${colours.dark} ${colours.font}`;
    if (this.endShown === key) return; // it stands still
    this.endShown = key;
    if (this.endPlane?.space.codes !== places) {
      this.endBed.replaceChildren();
      const space = { codes: places, labels, count: labels.length, dim: 2, prior: false };
      this.endPlane = new CodePlane(this.endBed, space, this.look);
      this.endPlane.project(new Places(space, { ...plane, places }));
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

/** A symbol of an option, such as β. */
const symbolText = (symbol) => element("span", { class: "symbol" }, symbol);

const tidy = (epoch) => (epoch < 10 && epoch % 1 ? epoch.toFixed(1) : `${Math.floor(epoch)}`);

/** Minutes and seconds. */
function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
