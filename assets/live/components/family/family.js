// Family: any two members on the same images, and the living figure of the one that is chosen.

import { Component, mounting } from "../../core/component.js";
import { element, icon, save, write } from "../../core/dom.js";
import { saveCsv } from "../../core/export.js";
import { loadBlock } from "../../core/nn.js";
import { number } from "../../core/numbers.js";
import { Sheet } from "../../core/sheet.js";
import { list, wordsOf } from "../../core/words.js";
import { TestImages } from "../../images/source.js";
import { Bar } from "./bar.js";
import { FamilyMap } from "./family_map.js";
import { Beta } from "./figures/beta.js";
import { Contractive } from "./figures/contractive.js";
import { Door } from "./figures/door.js";
import { Gradient } from "./figures/gradient.js";
import { Importance } from "./figures/importance.js";
import { Linear } from "./figures/linear.js";
import { Overcomplete } from "./figures/overcomplete.js";
import { Sparse } from "./figures/sparse.js";
import { Stacked } from "./figures/stacked.js";
import { Tied } from "./figures/tied.js";
import { sidesOf, usualAgainst, memberOf } from "./kinship.js";
import { Measures, rowsOf } from "./measures.js";
import { PairTable } from "./pair_table.js";
import { ShippedRuns } from "./shipped_runs.js";

const { say } = wordsOf("components/family/family");

const ROWS = 4; // test images
const SETTLED = 400; // milliseconds after the last change until it is announced

/** Living figures by the name that a member has for its own. @type {Record<string, new (page: any) => import("./figures/figure.js").Figure>} */
const FIGURES = {
  beta: Beta, contractive: Contractive, door: Door, gradient: Gradient, importance: Importance, linear: Linear,
  overcomplete: Overcomplete, sparse: Sparse, stacked: Stacked, tied: Tied,
};

/**
 * The component: `members` (`kinship.Member`), the `known` of their runs, the `sources` of images.
 * Its view: the two members, the stop of the slider, the first image, the one pressed, and a unit.
 */
class Family extends Component {
  constructor(root) {
    super(root);
    root.className = "panel family";
    this.turn = 0;
    /** @type {import("./figures/figure.js").Figure | null} */
    this.figure = null;
  }

  keyOf({ members, sources }) {
    return JSON.stringify([members, sources]);
  }

  /** Map and bar stand there at once. */
  waiting(data) {
    this.data = data;
    this.furnish();
    this.showSides();
  }

  load() {
    const { chosen, against } = this.sides;
    return Promise.all([this.findRows(), this.runs.get(chosen.run), this.runs.get(against.run)]);
  }

  build([rows, chosen, against]) {
    this.setRows(rows);
    this.setRuns(this.sides, chosen, against);
  }

  drawFirst() {
    this.draw();
    this.keep.forEach((button) => (button.disabled = false));
  }

  complete() {
    this.figure.complete();
    this.prefetch();
    this.paintMap();
  }

  destroy() {
    this.turn++;
    clearTimeout(this.speaking);
    this.figure?.destroy();
  }

  // ------------------------------------------------------------------ building

  furnish() {
    const { data: { members, images, known, sources: [source] } } = this;
    this.figure?.destroy();
    this.figure = this.shows = null;
    this.runs = new ShippedRuns(known);
    this.source = new TestImages(source, this.signal);
    this.map = new FamilyMap(members, { onChosen: (name) => this.chooseMember(name), onAgainst: (name) => this.setAgainst(name) });
    this.bar = new Bar(members, {
      onAgainst: (name) => this.setAgainst(name),
      onStop: (stop) => this.choose({ option: this.sides.chosen.member.stops[stop] }),
      onOthers: () => this.nextImages(),
    });
    this.table = new PairTable({ images, onPressed: (row) => this.press(row) });
    this.right = element("div", { class: "right" });
    this.sentence = element("p", { class: "answer" });
    this.under = element("div");
    this.measured = new Measures();
    this.note = element("p", { class: "note" });
    this.measures = element("section", {}, element("h3", { class: "section" }, say("measured", { images })), this.note, this.measured.host);
    this.status = element("p", { class: "sr", "aria-live": "polite" });
    const png = element("button", { type: "button", title: say("png") }, icon("image"), "PNG");
    png.onclick = () => save(this.picture(), "family.png");
    const csv = element("button", { type: "button", title: say("csv") }, icon("table"), "CSV");
    csv.onclick = () => saveCsv(this.csvRows(), "family.csv");
    this.keep = [png, csv];
    this.keep.forEach((button) => (button.disabled = true)); // until there is something to keep
    this.root.replaceChildren(this.map.host, this.bar.host,
      element("div", { class: "look" }, this.table.host, this.right), this.sentence, this.under,
      this.measures,
      element("div", { class: "keep" }, ...this.keep), this.status);
  }

  /** A link to another page, which it opens without loading the app anew. */
  doorTo({ page }, text) {
    const link = element("a", { class: "door", href: new URL(page, document.baseURI).href }, text, icon("arrow"));
    link.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      this.call.setTriggerValue("go", page);
    };
    return link;
  }

  // ------------------------------------------------------------------ what is chosen

  get sides() {
    return sidesOf(this.data.members, /** @type {any} */ (this.view.values));
  }

  /** A member is chosen; against is its parent, or, where it stood against, the one before. */
  chooseMember(name) {
    const { chosen, against } = this.sides;
    if (name === chosen.member.name) return;
    const swap = name === against.member.name;
    this.choose({ member: name, against: swap ? chosen.member.name : null, option: null, unit: null });
  }

  /** Another stands against; the chosen one itself changes places with it. */
  setAgainst(name) {
    const { chosen, against } = this.sides;
    if (name === against.member.name) return;
    if (name === chosen.member.name) return this.choose({ member: against.member.name, against: name, option: null, unit: null });
    this.choose({ against: name });
  }

  /** Change some of the view, and show it. */
  choose(values) {
    const { members } = this.data;
    const wanted = { ...this.view.values, ...values };
    const usual = usualAgainst(members, memberOf(members, wanted.member));
    if (wanted.against === usual?.name) values = { ...values, against: null };
    this.view.set(values);
    this.refresh();
  }

  async refresh() {
    const turn = ++this.turn;
    this.showSides();
    const { sides } = this;
    let runs;
    try {
      runs = await Promise.all([this.runs.get(sides.chosen.run), this.runs.get(sides.against.run)]);
    } catch (error) {
      if (turn === this.turn) this.fail(error);
      return;
    }
    if (turn !== this.turn || !this.built) return;
    this.setRuns(sides, runs[0], runs[1]);
    this.schedule();
    this.prefetch();
  }

  /** Map and bar follow at once. */
  showSides() {
    this.map.show(this.sides);
    this.bar.show(this.sides);
  }

  /** The runs that the slider leads to come ahead. */
  prefetch() {
    const { chosen: { member }, stop } = this.sides;
    if (stop >= 0) for (const name of [...member.runs, ...member.plain]) this.runs.get(name).catch(() => {});
  }

  setRuns(sides, chosen, against) {
    const kind = sides.chosen.member.figure;
    const fresh = this.kind !== kind || !this.figure;
    if (fresh) {
      this.figure?.destroy();
      this.figure = new FIGURES[kind](this);
      this.kind = kind;
      this.right.replaceChildren(this.figure.host);
      this.under.replaceChildren(this.figure.below);
    }
    this.right.querySelector(":scope > .unrun")?.remove(); // of the member before; a hand may hold the figure itself
    this.shows = { chosen: { ...sides.chosen, run: chosen }, against: { ...sides.against, run: against }, stop: sides.stop };
    const shown = [this.shows.chosen, this.shows.against];
    this.figure.set(this.shows);
    this.view.within({
      option: (option) => sides.stop >= 0 && sides.chosen.member.stops.includes(option),
      unit: (unit) => unit < this.figure.unitCount,
    });
    if (fresh && this.seen) this.figure.complete();
    if (!chosen && !this.figure.alone) {
      this.right.append(element("div", { class: "unrun" }, element("p", {}, say("unrun")), this.doorTo(this.data.train, say("train"))));
    }
    this.table.setSides(shown.map(({ short, run }) => ({ title: short, mean: run?.figures.squared_error, there: Boolean(run) })), this.leftOut());
    const { member } = sides.chosen;
    const stop = sides.stop < 0 ? "" : member.stops[sides.stop];
    const { symbol } = member.slider;
    const titles = shown.map(({ member: { title, kinds }, short }) => (kinds ? short : title));
    const heads = [`${titles[0]}${stop && symbol ? `, ${symbol} = ${stop}` : ""}`, titles[1]];
    const asked = symbol === "ρ" && !Number.isNaN(Number(stop || NaN)) ? stop : null;
    const units = shown.map(({ run }) => run?.figures.unit_activation?.length);
    this.told = { rows: rowsOf(shown.map(({ run }) => run?.figures), titles, asked, units.every(Boolean) ? units : null), heads };
    const fires = this.told.rows.some(({ key }) => key === "firing");
    const runs = chosen && against ? say("runs", { chosen: chosen.name, against: against.name }) : "";
    const note = [runs, fires ? say("fires") : ""].filter(Boolean).join(" ");
    this.measures.hidden = !this.told.rows.length;
    write(this.note, note);
    this.note.hidden = !note;
    this.measured.show(this.told.rows, heads);
  }

  /** Why the images of one of the two are left out, and where to look instead; empty where none are. */
  leftOut() {
    const { chosen, against, stop } = this.shows;
    const { title, stops, runs, slider: { symbol } } = (chosen.run ? against : chosen).member;
    if (chosen.run && against.run) return "";
    if (chosen.run) return `${say("left_out", { title })} ${say("see_member")}`;
    if (!this.figure.alone) return ""; // the place of the figure says so
    const there = stops.filter((_, i) => runs[i]);
    if (!there.length || stop < 0) return `${say("left_out", { title })} ${say("see_figure")}`;
    return `${say("left_out_at", { symbol, value: stops[stop] })} ${say("see_stops", { count: there.length, stops: list(there) })}`;
  }

  // ------------------------------------------------------------------ images

  async findRows() {
    const labels = await this.source.fetchLabels();
    const first = Math.min(this.view.values.images, labels.length - ROWS); // the last four are full, too
    this.view.set({ images: first });
    this.count = labels.length;
    const numbers = Array.from({ length: ROWS }, (_, i) => first + i);
    const found = await this.source.images(numbers);
    return found.map((x, i) => ({ x, digit: labels[first + i], index: first + i }));
  }

  async nextImages() {
    const next = this.view.values.images + ROWS;
    this.view.set({ images: next + ROWS > this.count ? 0 : next });
    let rows;
    try {
      rows = await this.findRows();
    } catch (error) {
      return this.fail(error);
    }
    if (!this.built || rows[0].index !== this.view.values.images) return;
    this.setRows(rows);
    this.schedule();
  }

  setRows(rows) {
    this.rows = rows;
    this.table.setRows(rows);
  }

  press(row) {
    this.view.set({ row });
    this.schedule();
  }

  // ------------------------------------------------------------------ drawing

  draw() {
    if (!this.shows) return;
    const { row } = this.view.values;
    this.drawn = this.rows.map((one) => [this.shows.chosen, this.shows.against].map(({ run }) => drawnBy(run, one)));
    this.table.show(this.drawn, row, this.colours);
    this.figure.show(this.rows[row]);
    const said = this.figure.answer();
    write(this.sentence, said);
    this.sentence.hidden = !said;
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => write(this.status, said), SETTLED);
  }

  recolour() {
    this.figure?.recolour();
    this.draw();
    if (this.seen) this.paintMap();
  }

  /** The small figures of all members. @returns {Promise<Block>} */
  thumbnails() {
    return loadBlock(this.data.thumbnails).catch(() => ({ thumbnails: {}, arrays: {} })); // the names say enough
  }

  async paintMap() {
    const block = await this.thumbnails();
    if (!this.gone) this.map.paint(block, this.colours);
  }

  resize() {
    this.map.layout();
  }

  // ------------------------------------------------------------------ keeping

  /** The table of images as one picture. */
  picture() {
    const [size, gap, top, line] = [168, 28, 72, 220];
    const { rows } = this.table;
    const left = (column) => gap + column * (size + gap);
    const there = [this.shows.chosen, this.shows.against].map(({ short, run }, side) => ({ short, run, side })).filter(({ run }) => run);
    const sheet = new Sheet(left(there.length + 1), top + rows.length * line, this.colours);
    there.forEach(({ short }, k) => sheet.write(short, left(k + 1), 44, { size: 24, weight: 650, most: size }));
    rows.forEach((row, i) => {
      const y = top + i * line;
      sheet.put(row.canvas, left(0), y, size, size, this.colours.x);
      sheet.write(row.caption, left(0), y + size + 30, { size: 22, colour: this.colours.muted });
      there.forEach(({ side }, k) => {
        const cell = row.cells[side];
        sheet.put(cell.canvas, left(k + 1), y, size, size, this.colours.xh);
        sheet.write(cell.error.textContent, left(k + 1), y + size + 30, { size: 22 });
      });
    });
    return sheet.canvas;
  }

  /** Errors of the four images, then what was measured. */
  csvRows() {
    const { heads, rows } = this.told;
    const shown = this.table.rows.map(({ index, digit, cells }) =>
      ["squared_error", index, digit, ...cells.map(({ value }) => (value === null ? "" : number(value, 4)))]);
    return [["measure", "image", "digit", ...heads], ...shown, ...rows.map(({ key, figures }) => [key, "", "", ...figures.map((value) => value ?? "")])];
  }
}

/** What runs made of images: a slider comes back to them. @type {WeakMap<object, WeakMap<object, Float32Array | null>>} */
const drawings = new WeakMap();

/** What a run makes of a row's image, made once. */
function drawnBy(run, row) {
  if (!run) return null;
  if (!drawings.has(row)) drawings.set(row, new WeakMap());
  const made = drawings.get(row);
  if (!made.has(run)) made.set(run, draw(run, row));
  return made.get(run);
}

/** What a run makes of a test image; a class that it is told is the one it reads, or else the image's own. */
function draw(run, { x, digit }) {
  if (!run.model.has("decoder") || !run.model.has("encoder")) return null;
  const { model } = run;
  const y = model.classes ? model.labelOf([model.has("classifier") ? model.classify(x).digit : digit]) : undefined;
  return Float32Array.from(model.decode(model.encode(x, y), y));
}

export const mount = mounting(Family);
