// Interpolate: from stop to stop through the latent spaces of two or three models at once.

import { Model } from "../../core/model.js";
import { loadBlock } from "../../core/nn.js";
import { circle, paint } from "../../core/canvas.js";
import { Component, mounting } from "../../core/component.js";
import { Refusal } from "../../core/refusal.js";
import { rgb } from "../../core/theme.js";
import { compose, element, icon, offer, save, share, write } from "../../core/dom.js";
import { saveCsv } from "../../core/export.js";
import { showAsked } from "../../plane/projection_select.js";
import { resample } from "./interpolation.js";
import { POINTS, Route, PathModel } from "./route.js";
import { Films, readTile } from "../../images/filmstrips.js";
import { TestImages } from "../../images/source.js";
import { Bands } from "../../charts/class_bands.js";
import { PathPlane } from "../../plane/path_plane.js";
import { Gif, blends } from "../../images/gif.js";
import { capital, list, percent, wordsOf } from "../../core/words.js";

const { say } = wordsOf("components/interpolate/interpolate");

const LEG = 2500; // milliseconds from one stop to the next
const SLICE = 9; // milliseconds of sampling at a time
const READING = 4; // milliseconds of reading what the tiles show
const MOST_STOPS = 8;
const CORNERS = 48; // of a drawn path, as the address keeps it
const GIF_STEPS = 20; // frames a leg
const FIRST = [2, 4, 5, 6];
const MODES = ["move", "pick", "draw"];

/**
 * The component: `models` with their dataset, the `reader` of digits or null, and the `sources` of
 * stops, the usual one first. Its view: source and stops, the position, the row whose
 * readings are drawn, a drawn path, and the planes' axes.
 */
class Interpolate extends Component {
  constructor(root) {
    super(root);
    this.turn = 0; // of routes: what is under way for an earlier one is dropped
    this.mode = "move";
    this.position = 0;
    this.sources = new Map();
    this.unread = new Set();
    this.stamp = null; // canvas on which the images of a GIF are painted
    /** The stops last taken from each source. */
    this.taken = new Map();
    this.planes = [];
    /** What shows the stops. @type {any[]} */
    this.stopTiles = [];
  }

  keyOf({ models, reader }) {
    return JSON.stringify([models, reader]);
  }

  about({ models }) {
    return models.map(({ name }) => name).join();
  }

  /** The last route stays while other models come, but it is at rest. */
  waiting(data) {
    this.pause();
    this.turn++;
    this.root.className = data.reader ? "panel interpolate" : "panel interpolate unread";
    if (!this.route) this.root.replaceChildren(this.skeleton(data));
  }

  async load({ models, reader, sources: given }) {
    const [{ name: source }] = given;
    this.restore(source);
    const sources = new Map(given.map((about) => [about.name, this.sources.get(about.name) ?? new TestImages(about, this.signal)]));
    const used = new Set([source, this.source, ...this.stops.map(({ from }) => from)]);
    for (const { from, i } of this.stops.length ? this.stops : sources.get(source).stops.map((i) => ({ from: source, i }))) {
      sources.get(from)?.image(i).catch(() => {}); // beside the models; whether it is shown is known once they are here
    }
    const own = new Set(models.map(({ dataset }) => dataset)); // their labels are in the models' blocks
    const [classifier, ...blocks] = await Promise.all([
      ...[reader, ...models.map((m) => m.url)].map((url) => (url ? loadBlock(url) : null)),
      ...[...sources.values()].filter(({ name }) => used.has(name)).map((one) => (own.has(one.name) ? one.find() : one.fetchLabels())),
    ]);
    return { sources, classifier, blocks: blocks.slice(0, models.length) };
  }

  async build({ sources, classifier, blocks }, before) {
    const { root, data, key } = this;
    const last = this.models;
    this.sources = sources;
    this.unread = new Set();
    this.reader = classifier && new Model(classifier);
    this.models = data.models.map((about, m) => new PathModel(about, blocks[m]));
    this.nameThem();
    this.checkView(last);
    this.films = new Films((position) => this.jump(position));
    this.bands = new Bands((position) => this.jump(position));
    this.leavePlanes();
    this.planes = this.models.slice(0, 2).map((_, m) => new PathPlane(this, m));
    this.route = null; // of other models
    root.replaceChildren(...this.parts());
    this.setMode(this.mode);
    if (!before) showAsked(this.planes, this.view);
    [...this.planes.map((pathPlane) => pathPlane.frame), this.films.host].forEach((part) => this.observer.observe(part));
    this.resize();
    await this.refresh();
    if (this.key === key && this.route) this.resize();
  }

  drawFirst() {} // it was, when its size was known

  complete() {
    if (this.route) this.follow();
  }

  /** Lay out what shows all of the route, and sample it. */
  follow() {
    const { route } = this;
    this.films.lay(route, route.rows.map((row) => this.titleOf(row)));
    this.startSurvey(this.turn);
  }

  leavePlanes() {
    for (const pathPlane of this.planes) pathPlane.gestures.destroy();
  }

  destroy() {
    this.pause();
    this.turn++; // what is under way is for nobody
    clearTimeout(this.surveying);
    clearTimeout(this.reading);
    clearTimeout(this.speaking);
    this.leavePlanes();
  }

  skeleton({ models }) {
    const bars = () => [1, 2, 3].map(() => element("span", { class: "bar" }));
    return element("div", { class: "field" }, element("div", { class: "deck" }, element("p", { class: "caption" }, say("stops"))),
      ...models.slice(0, 2).map((m) => element("div", { class: "path-plane" },
        element("div", { class: "head" }, element("h3", {}, m.title)), element("div", { class: "frame waiting" }, ...bars()))));
  }

  /** What to call the models: their kinds where those differ, else their runs' names. */
  nameThem() {
    const all = this.models;
    const own = all.filter((one, m) => all.findIndex((other) => other.name === one.name) === m);
    const clash = new Set(own.map((one) => one.short)).size < own.length;
    all.forEach((one, m) => {
      const twice = all.filter((other) => other.name === one.name).length > 1;
      const sided = (name) => (twice ? say(`side_${m + 1}`, { name }) : name);
      one.called = clash ? one.name : say("called", { name: one.short });
      one.label = sided(clash ? one.name : one.short);
      one.title = sided(clash ? one.name : one.title);
    });
  }

  titleOf(row) {
    if (row.m === null) return say("fade");
    const { label, title, space } = this.models[row.m];
    return (row.kind === "lerp" || row.kind === "slerp") && space.prior ? `${label}, ${row.kind}` : title;
  }

  /** The same where there is little room: below a tile. */
  shortOf(row) {
    const plain = row.m !== null && (this.route.drawn || !this.models[row.m].space.prior);
    return plain ? this.models[row.m].label : this.titleOf(row);
  }

  parts() {
    const button = (name, text, act, more = {}) => {
      const node = element("button", { type: "button", ...more }, name && icon(name), text);
      node.onclick = act;
      return node;
    };
    // Stops
    this.sourceSelect = element("select", { "aria-label": say("source") },
      ...[...this.sources.values()].map(({ name, title }) => element("option", { value: name }, title)));
    this.sourceSelect.onchange = () => this.chooseSource(this.sourceSelect.value);
    this.stopsCaption = element("p", { class: "caption" });
    this.stopList = element("ol", { class: "stops" });
    this.othersButton = button("shuffle", say("others"), () => this.others());
    this.addButton = button("plus", say("add"), () => this.addAny());
    this.backButton = button("arrow", say("back"), () => this.leaveDrawn(), { class: "back" });
    this.note = element("p", { class: "caption note-line" });
    // What a drag on the planes does
    this.hint = element("p", { class: "caption" });
    this.modeButtons = MODES.map((mode) => button(null, say(`mode_${mode}`), () => this.setMode(mode), { "data-mode": mode }));
    const modes = element("div", { class: "segments", role: "group", "aria-label": say("modes") }, ...this.modeButtons);
    // Position
    this.playButton = button("play", "", () => (this.playing ? this.pause() : this.play()), { class: "play", "aria-label": say("play") });
    this.slider = element("input", { type: "range", min: "0", step: "0.01", "aria-label": say("position") });
    this.slider.oninput = () => {
      this.pause();
      this.goTo(Number(this.slider.value));
    };
    this.slider.onchange = () => this.remember(); // once it is let go: to write an address takes a frame
    this.slider.onkeydown = (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      this.playButton.click();
    };
    this.ticks = element("div", { class: "stop-ticks", "aria-hidden": "true" });
    this.legText = element("span");
    this.alphaText = element("span");
    const player = element("div", { class: "player" }, this.playButton,
      element("div", { class: "track" }, this.slider, this.ticks,
        element("div", { class: "row spread caption" }, this.legText, this.alphaText)));
    this.tileRow = element("div", { class: "now" });
    const deck = element("div", { class: "deck" },
      element("div", { class: "deck-stops" },
        element("div", { class: "row spread" }, this.stopsCaption, this.sourceSelect), this.stopList,
        element("div", { class: "row" }, this.othersButton, this.addButton, this.backButton), this.note, modes, this.hint),
      element("div", { class: "deck-now" }, player, this.tileRow));
    const field = element("div", { class: "field" }, deck, ...this.planes.map((pathPlane) => pathPlane.host));
    // Below
    this.answer = element("p", { class: "answer" });
    this.stepsHead = element("h2", {});
    const under = this.reader ? say("under") : "";
    this.bandButtons = element("div", { class: "segments", role: "group", "aria-label": say("row") });
    const reading = this.reader ? [
      element("div", { class: "section" }, element("h2", {}, say("read")), this.bandButtons), this.bands.host] : [];
    this.keep = [
      button("film", say("gif"), () => this.saveGif()),
      button("image", "PNG", () => save(this.films.picture(this.colours, this.heading()), `${this.fileName()}.png`)),
      button("table", "CSV", () => saveCsv(this.sampleRows(), `${this.fileName()}.csv`)),
    ];
    this.keep.forEach((node) => (node.disabled = true)); // until all samples are taken
    this.status = element("p", { class: "sr", "aria-live": "polite" });
    return [field, this.answer,
      element("div", { class: "section" }, this.stepsHead, element("p", { class: "caption" }, under)), this.films.host,
      ...reading, element("div", { class: "keep" }, ...this.keep), this.status];
  }

  // ------------------------------------------------------------------ stops

  /** Begin with what the view asks for; stops without a source are of the one in use. */
  restore(usual) {
    if (this.stops) return;
    const { source, stops, at, band, path } = this.view.values;
    this.source = source ?? usual;
    this.stops = stops.map(({ from, i }) => ({ from: from ?? this.source, i }));
    Object.assign(this, { position: at, band, drawn: path });
  }

  /** Give up what these models and sources cannot show, and put the view right; last: those before. */
  checkView(last) {
    const { drawn } = this;
    const foreign = last && drawn && last[drawn.m]?.url !== this.models[drawn.m]?.url;
    if (drawn && (foreign || drawn.m >= Math.min(2, this.models.length))) {
      this.drawn = null;
      this.view.set({ path: null });
    }
    if (!this.sources.has(this.source)) {
      this.source = this.data.sources[0].name;
      this.view.set({ source: null });
    }
    if (this.stops.length >= 2 && this.stops.every(({ from, i }) => i < (this.labelsOf(from)?.length ?? 0))) return;
    const { stops } = this.sources.get(this.source);
    this.stops = FIRST.map((digit, k) => ({ from: this.source, i: stops[k] ?? this.example(digit) }));
    this.view.set({ stops: null });
  }

  labelsOf(from) {
    const own = this.models.find((one) => one.dataset === from);
    return own ? own.space.labels : this.sources.get(from)?.labels;
  }

  /** The next test image of a class in the source in use, or another one where it has none. */
  example(label, after = -1, from = this.source) {
    const labels = this.labelsOf(from);
    for (let step = 1; step <= labels.length; step++) {
      const i = (after + step) % labels.length;
      if (labels[i] === label) return i;
    }
    return label % labels.length;
  }

  /** Any test image of a class, but not the one that is there. */
  anyExample(label, there = -1) {
    const i = this.example(label, Math.floor(Math.random() * this.labelsOf(this.source).length));
    return i === there ? this.example(label, i) : i;
  }

  labelOf({ from, i }) {
    return this.labelsOf(from)[i];
  }

  /** Take other stops; the planes show the new path, unless the pointer moves a stop on one of them. */
  setStops(stops, { focus = true } = {}) {
    this.stops = stops;
    this.drawn = null;
    this.refresh({ focus });
    this.remember();
  }

  replaceStop(k, stop, options) {
    this.setStops(this.stops.with(k, stop), options);
  }

  others() {
    const other = (stop) => this.anyExample(this.labelOf(stop), stop.from === this.source ? stop.i : -1);
    this.setStops(this.stops.map((stop) => ({ from: this.source, i: other(stop) })));
  }

  addAny() {
    const there = this.stops.map((stop) => this.labelOf(stop));
    const label = Array.from({ length: 10 }, (_, k) => (there.at(-1) + 1 + k) % 10).find((digit) => !there.includes(digit));
    this.setStops([...this.stops, { from: this.source, i: this.anyExample(label ?? 0) }]);
  }

  /** A test image picked on the plane of a model. */
  addStop(m, i) {
    const stops = this.stops.slice(0, MOST_STOPS - 1); // the ninth takes the place of the eighth
    this.announce(say("added", { digit: say(`digit_${this.models[m].space.labels[i]}`), number: stops.length + 1 }));
    this.setStops([...stops, { from: this.models[m].dataset, i }], { focus: false });
  }

  moveStop(k, m, i) {
    const stop = { from: this.models[m].dataset, i };
    if (JSON.stringify(stop) !== JSON.stringify(this.stops[k])) this.replaceStop(k, stop, { focus: false });
  }

  /** Take stops of the same classes from another source. */
  async chooseSource(name) {
    const source = this.sources.get(name);
    this.wanted = source;
    try {
      if (!this.labelsOf(name)) await source.fetchLabels();
    } catch (error) {
      return this.fail(error);
    }
    if (this.wanted !== source || this.sources.get(name) !== source) return; // another choice came after
    const { source: from, stops } = this;
    const changed = name !== from;
    this.taken.set(from, stops);
    this.source = name;
    if (!changed && stops.every((stop) => stop.from === name)) return;
    const labels = (some) => some.map((stop) => this.labelOf(stop)).join();
    const before = this.taken.get(name);
    this.setStops(changed && before && labels(before) === labels(stops) ? before
      : stops.map((stop) => ({ from: name, i: this.example(this.labelOf(stop)) })));
  }

  /** A path of one's own on the plane of model m, through corners of its two axes. */
  drawPath(m, corners) {
    const few = corners.length > CORNERS ? resample(corners, CORNERS) : corners;
    this.drawn = { m, points: few.map((point) => Array.from(point, (v) => Number(v.toPrecision(4)))) };
    this.position = 0;
    this.refresh({ focus: false });
    this.remember();
  }

  leaveDrawn() {
    this.drawn = null;
    this.position = 0;
    this.refresh();
    this.remember();
  }

  /** A stop with its image and its code in every model. */
  async prepare({ from, i }) {
    const own = this.models.filter((one) => one.dataset === from);
    let image = await this.sources.get(from)?.image(i);
    const rebuilt = !image;
    this.signal.throwIfAborted();
    if (rebuilt && !own.length) throw new Refusal(say("lost"));
    image ??= own[0].network.decode(own[0].codeOf(i)).slice();
    const codes = await Promise.all(this.models.map(async (one) => {
      if (one.dataset === from) return one.codeOf(i);
      await one.fetchEncoder();
      return one.encode(image);
    }));
    return { from, i, image, codes, rebuilt, label: this.labelOf({ from, i }) };
  }

  /** Make the route anew; while its images come, the last one stays. */
  async refresh({ focus = true } = {}) {
    const turn = ++this.turn;
    const { drawn } = this;
    let stops;
    try {
      stops = await Promise.all(this.stops.map((stop) => this.prepare(stop)));
      if (drawn) await Promise.all(this.models.map((one) => one.fetchEncoder()));
    } catch (error) {
      if (turn === this.turn) this.fail(error);
      return;
    }
    if (turn !== this.turn) return;
    this.route = new Route(this.models, this.reader, { stops, drawn: drawn && this.wholePath(drawn, stops[0]) });
    this.leg = null;
    this.answer.textContent = say("reading");
    for (const pathPlane of this.planes) pathPlane.take(this.route);
    this.position = Math.min(this.position, this.route.legs);
    if (focus) this.planes.forEach((pathPlane) => pathPlane.focus(this.route));
    this.showStops();
    this.layOut();
    this.schedule();
    if (this.seen) this.follow();
  }

  /** A drawn path in all dimensions of its model: what the plane leaves open is as at the first stop. */
  wholePath({ m, points }, first) {
    const whole = points.map((point) => this.planes[m].plane.projection.unproject(point, first.codes[m]));
    return { m, points: resample(whole, POINTS) };
  }

  showStops() {
    const { route, drawn } = this;
    this.stopTiles = [];
    const cells = drawn
      ? route.images.map((image, k) => this.endCell(image, k))
      : route.stops.map((stop, k) => this.stopCell(stop, k));
    const focus = this.root.getRootNode().activeElement?.dataset.stop;
    this.stopList.replaceChildren(...cells);
    if (focus) this.stopList.querySelector(`[data-stop="${focus}"]`)?.focus();
    this.stopsCaption.textContent = drawn
      ? say("drawn_for", { name: this.models[drawn.m].called })
      : say("count", { number: say(`number_${route.stops.length}`) });
    this.othersButton.hidden = this.addButton.hidden = !!drawn;
    this.addButton.disabled = route.stops.length >= MOST_STOPS;
    this.backButton.hidden = !drawn;
    this.sourceSelect.value = this.source;
    this.note.textContent = this.noteText();
    this.note.hidden = !this.note.textContent;
  }

  noteText() {
    const { route, models } = this;
    if (route.drawn) {
      const { called } = models[route.drawn.m];
      const others = [...new Set(models.map((one) => one.called))].filter((name) => name !== called);
      return others.length ? capital(say("follow", { count: others.length, names: list(others), name: called })) : "";
    }
    const rebuilt = route.stops.find((stop) => stop.rebuilt);
    if (rebuilt) {
      const own = models.find((one) => one.dataset === rebuilt.from);
      return say("rebuilt", { dataset: this.sources.get(rebuilt.from)?.title ?? say("its_dataset"), name: own.called });
    }
    const strange = route.stops.some((stop) => models.some((one) => one.dataset !== stop.from));
    return strange ? say("encoded") : "";
  }

  stopCell(stop, k) {
    const { stops } = this;
    const tile = this.stopTile(stop.image, "of-x");
    const button = element("button", { type: "button", class: "example", "data-stop": `tile ${k}`,
      title: say("another"), "aria-label": say("another_of", { number: k + 1, digit: say(`digit_${stop.label}`) }) }, tile.picture);
    button.onclick = () => this.replaceStop(k, { from: this.source, i: this.example(stop.label, stop.from === this.source ? stop.i : -1) });
    const remove = () => stops.length > 2 && this.setStops(stops.toSpliced(k, 1));
    button.onkeydown = (event) => {  // what a handler returns here would take the key from the browser
      if (event.key === "Delete" || event.key === "Backspace") remove();
    };
    const options = Array.from({ length: 10 }, (_, digit) => element("option", { value: digit }, `${digit}`));
    const select = element("select", { "aria-label": say("digit", { number: k + 1 }), "data-stop": `digit ${k}` }, ...options,
      stops.length > 2 ? element("option", { value: "remove" }, say("remove")) : null);
    select.value = String(stop.label);
    select.onchange = () => (select.value === "remove" ? remove()
      : this.replaceStop(k, { from: this.source, i: this.example(Number(select.value)) }));
    return element("li", {}, k ? icon("arrow") : null, element("div", {}, button, select));
  }

  stopTile(image, kind) {
    const tile = readTile("60px", kind, { still: true });
    tile.show(image, this.colours.ink);
    this.stopTiles.push(tile);
    return tile;
  }

  endCell(image, k) {
    const tile = this.stopTile(image, "of-xh");
    return element("li", {}, k ? icon("arrow") : null,
      element("div", {}, tile.cell, element("span", { class: "caption" }, say(k ? "end" : "start"))));
  }

  // ------------------------------------------------------------------ the route, laid out and sampled

  layOut() {
    const { route } = this;
    const titles = route.rows.map((row) => this.titleOf(row));
    const short = route.rows.map((row) => this.shortOf(row));
    const layout = JSON.stringify(short);
    if (layout !== this.tileLayout || !this.tileRow.childElementCount) {
      this.tileLayout = layout;
      this.tiles = route.rows.map((row) => readTile("100%", row.m === null ? "of-x" : "of-xh"));
      this.unread = new Set(); // what waited to be read is gone
      this.tileRow.style.setProperty("--across", this.tiles.length > 4 ? 5 : 4);
      this.tileRow.replaceChildren(...this.tiles.map(({ cell }, k) => {
        cell.children[0].after(element("span", { class: "caption" }, short[k]));
        return cell;
      }));
    }
    this.slider.max = String(route.legs);
    const marks = route.drawn ? [0, route.legs] : route.stops.map((_, k) => k);
    this.ticks.replaceChildren(...marks.map((k) => element("i", { style: `--part: ${k / route.legs}` })));
    this.stepsHead.textContent = capital(say("steps", { number: say(`number_${route.frames}`) }));
    if (!this.reader) return;
    const chosen = this.bandRow();
    this.bandButtons.replaceChildren(...route.rows.map((row, k) => {
      const button = element("button", { type: "button", "aria-pressed": String(row === chosen) }, titles[k]);
      button.onclick = () => this.chooseBand(row);
      return button;
    }));
  }

  /** The row whose readings are drawn: the chosen one, or its like on another route. */
  bandRow() {
    const { route, band } = this;
    const m = band && /^\d/.test(band) ? Number(band[0]) : null;
    return route.rows.find((row) => row.key === band)
      ?? (m === null ? null : route.mainRow(m)) ?? route.mainRow(Math.min(1, this.models.length - 1));
  }

  chooseBand(row) {
    this.band = row.key;
    [...this.bandButtons.children].forEach((button, k) => button.setAttribute("aria-pressed", String(this.route.rows[k] === row)));
    this.showBands();
    this.remember();
  }

  showBands() {
    if (!this.reader || !this.route?.done) return;
    const row = this.bandRow();
    this.bands.show(this.route, row, this.titleOf(row), this.colours);
  }

  /** Sample the route in slices, so that the page stays quick. */
  startSurvey(turn) {
    clearTimeout(this.surveying);
    const { route } = this;
    this.keep.forEach((button) => (button.disabled = true));
    const survey = route.survey(route.legAt(this.position).leg);
    const slice = () => {
      if (turn !== this.turn) return;
      const end = performance.now() + SLICE;
      while (performance.now() < end) {
        const { value, done } = survey.next();
        if (done) return this.finish();
        if (value.frame !== null) this.films.fill(value, this.colours.ink);
      }
      if (route.rows.some((row) => row.kind === "follows")) this.schedule(); // their line grows
      else if (this.leg === null) this.showPosition(); // once its leg is read, there is an answer
      this.surveying = setTimeout(slice);
    };
    this.surveying = setTimeout(slice);
  }

  finish() {
    this.films.finish();
    for (const pathPlane of this.planes) pathPlane.finish(this.route);
    this.keep.forEach((button) => (button.disabled = false));
    this.showBands();
    this.leg = null;
    this.schedule();
  }

  // ------------------------------------------------------------------ position

  goTo(position) {
    if (!this.route) return; // other models are on their way
    this.position = Math.min(Math.max(position, 0), this.route.legs);
    this.schedule();
  }

  /** Go there by hand: playing ends, and the address is told. */
  jump(position) {
    this.pause();
    this.goTo(position);
    this.remember();
  }

  play() {
    if (!this.route) return;
    if (this.position >= this.route.legs) this.position = 0;
    let last = performance.now();
    const step = (now) => {
      this.position = Math.min(this.position + Math.min(Math.max(now - last, 0), 100) / LEG, this.route.legs);
      last = now;
      this.draw();
      if (this.position >= this.route.legs) return this.pause();
      this.playing = requestAnimationFrame(step);
    };
    this.playing = requestAnimationFrame(step);
    this.showPlaying();
  }

  pause() {
    if (!this.playing) return;
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.showPlaying();
    this.remember();
  }

  showPlaying() {
    this.playButton.replaceChildren(icon(this.playing ? "pause" : "play"));
    this.playButton.setAttribute("aria-label", say(this.playing ? "pause" : "play"));
  }

  setMode(mode) {
    this.mode = mode;
    for (const button of this.modeButtons) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    this.hint.textContent = say(`hint_${mode}`);
    for (const pathPlane of this.planes) pathPlane.setMode(mode);
    this.schedule();
  }

  // ------------------------------------------------------------------ drawing

  draw() {
    const { route, colours, position } = this;
    if (!route) return;
    for (const pathPlane of this.planes) {
      if (this.seen) pathPlane.drawBase(colours, route);
      pathPlane.drawOver(colours, route, position);
    }
    route.rows.forEach((row, k) => this.tiles[k].show(route.at(row, position).image, colours.ink));
    this.films.move(position);
    this.bands.move(position);
    this.showPosition();
    if (this.reader) this.readTiles();
  }

  /** Read the tiles once they are painted, for a few milliseconds at a time: images never wait. */
  readTiles() {
    this.unread = new Set([...this.unread, ...this.tiles]); // those that waited come first
    clearTimeout(this.reading);
    const slice = () => {
      const end = performance.now() + READING;
      for (const tile of this.unread) {
        tile.tell(this.reader.classify(tile.canvas.pixels));
        this.unread.delete(tile);
        if (performance.now() > end) break;
      }
      if (this.unread.size) this.reading = setTimeout(slice);
    };
    this.reading = setTimeout(slice);
  }

  showPosition() {
    const { route, position, slider } = this;
    const { leg, alpha } = route.legAt(position);
    if (Number(slider.value) !== position) slider.value = position;
    slider.style.setProperty("--share", `${((100 * position) / route.legs).toFixed(2)}%`);
    const names = route.drawn ? [say("start"), say("end")] : [leg, leg + 1].map((k) => `${route.stops[k].label}`);
    write(this.legText, `${names[0]}\u2009→\u2009${names[1]}`);
    compose(this.alphaText, element("i", { class: "alpha" }, "α"), ` = ${share(alpha)}`);
    slider.setAttribute("aria-valuetext", say("position_at", { from: names[0], to: names[1], alpha: share(alpha) }));
    if (leg === this.leg || !route.knows(leg)) return;
    this.leg = leg;
    this.answer.textContent = route.sentence(leg, (m) => this.models[m].called);
  }

  resize() {
    for (const { plane, frame } of this.planes) plane.resize(Math.floor(frame.clientWidth));
    this.films.measure();
    this.showBands();
    if (this.route) this.draw(); // at once: a canvas of a new size is empty
  }

  recolour() {
    for (const { plane } of this.planes) plane.changed = true;
    this.films.recolour(this.colours.ink);
    for (const { canvas, show } of this.stopTiles) show(canvas.pixels, this.colours.ink);
    this.showBands();
    this.schedule();
  }

  // ------------------------------------------------------------------ keeping and saying

  /** Keep in the view what is shown; say it once it has settled. */
  remember() {
    if (this.playing || !this.route) return;
    const { source, band, drawn } = this;
    this.view.set({
      source,
      stops: this.stops.map(({ from, i }) => ({ from: from === source ? null : from, i })),
      at: Number(this.position.toFixed(3)),
      band,
      path: drawn,
      axes: this.planes.some(({ model }) => model.dim > 2) ? this.planes.map(({ plane }) => plane.axes) : [],
    });
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => this.speak(), 250);
  }

  speak() {
    const read = this.route.rows.map((row, k) => {
      const digit = this.tiles[k].cell.querySelector(".label").textContent;
      return digit && say("row_reads", { title: this.titleOf(row), digit });
    });
    this.announce([this.slider.getAttribute("aria-valuetext"), ...read.filter(Boolean)].join(", "));
  }

  announce(text) {
    this.status.textContent = text;
  }

  heading() {
    const { route } = this;
    return route.drawn ? this.stopsCaption.textContent : route.stops.map(({ label }) => label).join(" → ");
  }

  fileName() {
    const way = this.route.drawn ? "drawn" : this.route.stops.map(({ label }) => label).join("-");
    return `path-${way}-${this.models.map(({ name }) => name).join("-")}`;
  }

  /** A line for each sample and row. */
  sampleRows() {
    const { route, models } = this;
    const most = Math.max(...models.map(({ dim }) => dim));
    const head = ["position", "leg", "alpha", "row", "run", "digit", "sure", "gap", "distance",
      ...Array.from({ length: most }, (_, j) => `z${j + 1}`)];
    const lines = route.rows[0].samples.flatMap(({ position }, i) => route.rows.map((row) => {
      const { digit = "", sure, gap, away, code } = row.samples[i];
      const { leg, alpha } = route.legAt(position);
      const own = row.m === null ? ["", digit, sure?.toFixed(4) ?? "", "", ""]
        : [models[row.m].name, digit, sure?.toFixed(4) ?? "", Number(gap), away.toPrecision(6)];
      const z = Array.from({ length: most }, (_, j) => (code && j < code.length ? code[j].toPrecision(6) : ""));
      return [position.toFixed(4), leg + 1, alpha.toFixed(4), row.kind, ...own, ...z];
    }));
    return [head, ...lines];
  }

  /** The large frames with their titles and readings, along the whole path. */
  async saveGif() {
    const [button] = this.keep;
    const { route, colours } = this;
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(340, 24 + this.tiles.length * 136);
    canvas.height = 232;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const accents = [colours.x, colours.xh, colours.muted, ...(this.reader ? colours.classes : [])].map(rgb);
    const gif = new Gif(canvas.width, canvas.height, blends(rgb(colours.bg), rgb(colours.text), accents));
    const count = route.legs * GIF_STEPS + 1;
    const titles = route.rows.map((row) => this.shortOf(row));
    const label = button.lastChild;
    button.disabled = true;
    let end = performance.now() + SLICE;
    for (let i = 0; i < count; i++) {
      this.drawCard(context, route, (i * route.legs) / (count - 1), titles);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      gif.add(data, i === count - 1 ? 100 : Math.round(LEG / GIF_STEPS / 10));
      if (performance.now() < end) continue;
      label.textContent = say("gif_share", { share: percent(i / count) });
      await new Promise((resolve) => requestAnimationFrame(resolve));
      end = performance.now() + SLICE;
    }
    label.textContent = say("gif");
    button.disabled = !this.route.done;
    offer(gif.blob, `${this.fileName()}.gif`);
  }

  drawCard(context, route, position, titles) {
    const { colours } = this;
    const { width, height } = context.canvas;
    const stamp = (this.stamp ??= readTile("").canvas);
    const write = (text, x, y, font, colour = colours.text, align = "center") => {
      Object.assign(context, { font: `${font} ${colours.font}`, fillStyle: colour, textAlign: align });
      context.fillText(text, x, y, align === "center" ? 130 : width);
    };
    context.fillStyle = colours.bg;
    context.fillRect(0, 0, width, height);
    const { leg, alpha } = route.legAt(position);
    const names = route.drawn ? say("drawn") : `${route.stops[leg].label} → ${route.stops[leg + 1].label}`;
    write(names, 24, 32, "650 18px", colours.text, "left");
    write(`α = ${share(alpha)}`, width - 24, 32, "16px", colours.muted, "right");
    context.imageSmoothingEnabled = false;
    route.rows.forEach((row, k) => {
      const { image } = route.at(row, position);
      const x = 24 + k * 136;
      paint(stamp, image, colours.ink);
      context.drawImage(stamp, x, 50, 112, 112);
      context.strokeStyle = row.m === null ? colours.x : colours.xh;
      context.lineWidth = 2;
      context.strokeRect(x, 50, 112, 112);
      write(titles[k], x + 56, 184, "15px", colours.muted);
      const read = this.reader?.classify(image);
      if (!read) return;
      circle(context, x + 28, 205, 5);
      context.fillStyle = colours.classes[read.digit];
      context.fill();
      const sure = read.sure >= 0.9;
      write(`${read.digit}`, x + 44, 211, sure ? "650 17px" : "17px", sure ? colours.text : colours.muted);
      write(share(read.sure), x + 76, 211, "15px", colours.muted);
    });
  }
}

export const mount = mounting(Interpolate);
