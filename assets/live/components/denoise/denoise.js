// Denoise: images, their noise, what each model makes of it, and its error by level.

import { NoiseChart, crossings, handovers, onCurve } from "../../charts/noise_chart.js";
import { Component, mounting } from "../../core/component.js";
import { element, icon, save, symbolOf, write } from "../../core/dom.js";
import { saveCsv } from "../../core/export.js";
import { Model } from "../../core/model.js";
import { loadBlock } from "../../core/nn.js";
import { rgb } from "../../core/theme.js";
import { wordsOf } from "../../core/words.js";
import { CleanImages, draws } from "./clean_images.js";
import { ImageTable } from "./image_table.js";
import { NoiseBar, glyph } from "./noise_bar.js";
import { lowestAt, movementAt, movementText, verdictAt, verdictText } from "./verdict.js";

const { say, fill } = wordsOf("components/denoise/denoise");

const SEEDS = 10_000;
const SETTLED = 250; // milliseconds after the last change until it is announced
const LONGEST = 16; // characters of a line's name

/**
 * The component: `models` with their curves, `kinds` of noise, and the `sources` of images.
 * Its view: source, first test image or the one image, kind, level, seed and differences.
 */
class Denoise extends Component {
  constructor(root) {
    super(root);
    root.className = "panel denoise";
    /** The level of each kind that was chosen by hand. @type {Record<string, number>} */
    this.levels = {};
    this.turn = 0;
  }

  keyOf({ models, kinds }) {
    return JSON.stringify([models, kinds]);
  }

  /** The images are fetched beside the models; both are then in the browser's memory. */
  async load({ models, sources }) {
    this.images.offer(sources);
    const [blocks] = await Promise.all([Promise.all(models.map(({ url }) => loadBlock(url))), this.images.rows()]);
    return blocks;
  }

  /** At first all but the images and the curves is there; other models come while the last ones are shown. */
  waiting(data) {
    if (this.table) return;
    this.data = data;
    this.furnish();
    this.schedule();
  }

  async build(blocks) {
    this.lines = null; // of other models
    this.models = this.data.models.map((model, i) => ({ ...model, network: new Model(blocks[i]) }));
    this.root.replaceChildren(...this.parts);
    this.readRamp();
    await this.setImages();
  }

  drawFirst() {
    this.repaint();
  }

  /** The curves come after the images. */
  complete() {
    this.setCurves();
    this.schedule();
  }

  async update({ sources }) {
    if (JSON.stringify(sources) === JSON.stringify(this.data.sources)) return;
    this.images.offer(this.data.sources);
    await this.setImages();
  }

  destroy() {
    this.turn++; // what is under way is for nobody
    clearTimeout(this.speaking);
    for (const part of [this.table, this.errors, this.drifts]) part?.destroy();
  }

  // ------------------------------------------------------------------ the view

  get kind() {
    return this.view.values.kind;
  }

  get seed() {
    return this.view.values.seed;
  }

  get diff() {
    return this.view.values.diff;
  }

  /** What the kind's control is like: its symbol, meaning, highest level and step. */
  get control() {
    return this.data.kinds[this.kind];
  }

  get level() {
    return this.levels[this.kind] ?? this.control.level;
  }

  /** A level with as many digits as its control has. */
  text(level) {
    return this.control.step === 1 ? `${level}` : level.toFixed(2);
  }

  /** The level that the address asks for, if the kind has such a one. */
  takeLevel() {
    const { view: { values: { level } }, control: { high, step } } = this;
    if (level === null) return;
    const rounded = Math.round(level * 100) / 100;
    if (rounded <= high && (step !== 1 || Number.isInteger(rounded))) this.levels[this.kind] = rounded;
    this.keepLevel();
  }

  /** Put the level into the view; that of the kind's control stands in no address. */
  keepLevel() {
    this.view.set({ level: this.level === this.control.level ? null : this.level });
  }

  /** Change some of the view, and show it. */
  change(values) {
    this.view.set(values);
    this.repaint();
    this.settle();
  }

  setKind(kind) {
    this.view.set({ kind });
    if (this.models && this.seen) this.setCurves();
    this.repaint();
    this.settle();
  }

  /** Show a level while it is moved; `settle` keeps it in the view. */
  setLevel(level) {
    if (level === this.level) return;
    this.levels[this.kind] = level;
    this.repaint();
  }

  /** The hand has let go: keep the level in the view, and say what it shows. */
  settle() {
    this.keepLevel();
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => this.speak(), SETTLED);
  }

  speak() {
    const verdict = this.verdict.textContent;
    this.errors.svg.setAttribute("aria-label", say("errors", { verdict }));
    this.drifts.svg.setAttribute("aria-label", say("drifts", { moved: this.moved.textContent }));
    this.status.textContent = verdict;
  }

  // ------------------------------------------------------------------ building

  /** What stays however often models change. */
  furnish() {
    const charts = { onLevel: (level) => this.setLevel(level), onSettled: () => this.settle() };
    this.takeLevel();
    this.images = new CleanImages(this.view, this.signal, { onRows: () => this.setImages(), onDrawn: (image) => this.takeDrawing(image) });
    this.table = new ImageTable();
    this.errors = new NoiseChart({ ratio: 0.74, ...charts });
    this.drifts = new NoiseChart({ ratio: 0.5, ...charts });
    this.measured = element("p", { class: "caption" });
    this.trained = element("p", { class: "caption" }, ...fill("trained", { mark: element("i", { class: "diamond" }) }));
    this.crossed = element("p", { class: "caption" }, ...fill("crossed", { mark: element("i", { class: "hollow" }) }));
    this.verdict = element("p", { class: "answer" });
    this.moved = element("p", { class: "moved" });
    this.status = element("p", { class: "sr", "aria-live": "polite" });
    this.legend = element("p", { class: "caption ramp" },
      element("i", { class: "missing" }), " ", ...fill("missing", { x: symbolOf("x") }),
      element("i", { class: "added" }), " ", say("added"));
    const note = element("p", { class: "caption" },
      ...fill("figures", { base: element("sub", {}, "10"), check: icon("check") }));
    this.differ = element("button", { type: "button", class: "differ" }, glyph("difference"), say("differences"));
    this.differ.onclick = () => this.change({ diff: !this.diff });
    this.findings = element("div", { class: "findings" },
      element("div", { class: "left" }, element("div", { class: "scroller" }, this.table.host),
        element("div", { class: "row" }, this.differ, this.legend), note, this.buildKeep()),
      element("div", { class: "right" },
        element("div", {}, element("h4", {}, say("error")), this.measured, this.errors.host, this.trained, this.crossed, this.verdict),
        element("div", {}, element("h4", {}, say("code_space")),
          element("p", { class: "caption" }, say("movement")),
          this.drifts.host, this.moved)));
    this.bar = new NoiseBar(this.data.kinds, {
      onKind: (kind) => this.setKind(kind),
      onAgain: () => this.change({ seed: (this.seed + 1) % SEEDS }),
      ...charts,
    });
    this.parts = [this.images.host, this.bar.host, this.findings, this.status];
    this.root.replaceChildren(...this.parts);
  }

  buildKeep() {
    const png = element("button", { type: "button", title: say("png") }, glyph("image"), "PNG");
    png.onclick = () => save(this.picture(), "denoise.png");
    const csv = element("button", { type: "button", title: say("csv") }, glyph("table"), "CSV");
    csv.onclick = () => saveCsv(this.curveRows(), "noise-curves.csv");
    this.keep = [png, csv];
    this.keep.forEach((button) => (button.disabled = true)); // until there is something to keep
    return element("div", { class: "keep" }, ...this.keep);
  }

  // ------------------------------------------------------------------ images

  /** Show the images that the view asks for. */
  async setImages() {
    const turn = ++this.turn;
    let rows;
    try {
      rows = await this.images.rows();
    } catch (error) {
      if (turn === this.turn) this.fail(error);
      return;
    }
    if (turn === this.turn && this.models) this.setRows(rows);
  }

  /** What is on the pad now. @param {Float32Array | null} image */
  takeDrawing(image) {
    this.turn++; // it is newer than what is on its way
    if (!this.models) return;
    if (!image || !this.table.rows.length) return this.setRows(image ? draws(image) : []);
    this.table.replace(image);
    this.repaint();
  }

  setRows(rows) {
    const empty = say(this.images.source.way === "drawn" ? "no_drawing" : "no_picture");
    this.table.set({ models: this.models, rows, empty, measured: this.data.measured });
    this.keep.forEach((button) => (button.disabled = false));
    if (this.seen) this.setCurves();
    this.repaint();
  }

  // ------------------------------------------------------------------ drawing

  /** Give the charts the lines of this kind of noise. */
  setCurves() {
    const measured = this.models.filter((model) => model.curves[this.kind]);
    const strongest = Math.max(...this.models.map(({ trained }) => trained?.level ?? 0));
    const lines = (name) => measured.map((model) => {
      const { level, [name]: values } = model.curves[this.kind];
      const noise = model.trained?.level ? model.trained : null;
      return {
        model, level, values,
        label: model.label.length > LONGEST ? `${model.label.slice(0, LONGEST - 1)}…` : model.label,
        mark: noise ? "denoiser" : model.trained ? "unspoiled" : model.prior ? "prior" : "plain",
        weight: noise && noise.level / strongest,
        trained: noise?.kind === this.kind ? noise.level : null,
      };
    });
    this.lines = lines("error");
    const noisy = measured[0]?.curves[this.kind];
    this.noisy = noisy && { level: noisy.level, values: noisy.noisy, label: say("noisy"), mark: "noisy" };
    const points = this.noisy ? this.lines.flatMap((line) => crossings(this.noisy, line).map((x) => ({ x, y: onCurve(line, x) }))) : [];
    this.errors.set({
      about: this.control,
      lines: this.noisy ? [this.noisy, ...this.lines] : [],
      points: [...points, ...handovers(this.lines)],
      ceiling: this.noisy && 2 * Math.max(...this.noisy.values), // worse than that is bad enough
    });
    this.moves = lines("drift");
    this.drifts.set({ about: this.control, lines: this.moves, limit: { value: 1, label: say("another") } });
    this.measured.textContent = say("measured", { images: this.data.measured });
    this.crossed.hidden = !this.errors.points.length;
    this.trained.hidden = this.lines.every((line) => line.trained == null);
  }

  /** Everything is out of date: show it anew from the next frame on. */
  repaint() {
    const { kind, level, seed, diff } = this;
    if (this.models) this.table.show({ kind, level, seed, diff }, this.colours);
    this.schedule();
  }

  /** Controls, charts, means and sentences at this level. */
  draw() {
    const { control, level, lines, noisy } = this;
    this.bar.show(this.kind, control, level, this.text(level));
    this.differ.setAttribute("aria-pressed", String(this.diff));
    this.root.classList.toggle("differing", this.diff);
    if (!lines) return; // the models are on their way
    this.errors.show(level);
    this.drifts.show(level);
    const own = [noisy, ...this.models.map((model) => lines.find((line) => line.model === model))];
    const best = noisy && lowestAt([noisy, ...lines], level);
    this.table.showMeans(own.map((line) => (line ? onCurve(line, level) : null)), best ? own.indexOf(best) : -1);
    write(this.verdict, verdictText(verdictAt(lines, noisy, level), (x) => x.toFixed(control.step === 1 ? 1 : 2)));
    write(this.moved, movementText(movementAt(this.moves, lines, level)));
  }

  recolour() {
    this.readRamp();
    this.images.recolour(this.colours.ink);
    this.repaint();
  }

  /** The colours of differences are those of their legend. */
  readRamp() {
    const ramp = (name) => rgb(getComputedStyle(this.legend.querySelector(`.${name}`)).backgroundColor);
    Object.assign(this.colours, { missing: ramp("missing"), added: ramp("added") });
  }

  // ------------------------------------------------------------------ keeping

  /** The table of images, at twice the size of the page's. */
  picture() {
    return this.table.picture(this.colours, `${this.control.symbol} = ${this.text(this.level)}`);
  }

  /** The curves of the chosen models under every kind of noise, one row for each level. */
  curveRows() {
    const rows = [["kind", "level", "model", "noisy_error", "error", "drift"]];
    for (const kind of Object.keys(this.data.kinds)) {
      for (const { name, curves } of this.models) {
        curves[kind]?.level.forEach((level, i) => rows.push(
          [kind, level, name, ...["noisy", "error", "drift"].map((part) => curves[kind][part][i].toPrecision(6))]));
      }
    }
    return rows;
  }
}

export const mount = mounting(Denoise);
