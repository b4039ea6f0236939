// Sparse: which units fire for an image, how active they are on average, and the same at each strength.

import { paint, stillImage } from "../../../core/canvas.js";
import { element, write } from "../../../core/dom.js";
import { number, squaredError } from "../../../core/numbers.js";
import { wordsOf } from "../../../core/words.js";
import { firing, histogram, nearestStop } from "../units.js";
import { Figure, headOf } from "./figure.js";
import { UnitGrid, paintUnits, unitsOf } from "./unit_grid.js";

const { say, fill } = wordsOf("components/family/figures/sparse");

const MANY = 100; // units that never fire are worth a sentence from so many on
const POINT = 0.01; // of accuracy, below which two readers are alike

export class Sparse extends Figure {
  constructor(page) {
    super(page);
    const { data: { images }, view } = page;
    this.grids = [
      new UnitGrid({ images, pinned: view.values.unit, onPinned: (unit) => view.set({ unit }), onPressed: (value) => this.#press(value) }),
      new UnitGrid({ images, pinned: null, onPinned: () => {} }),
    ];
    this.sides = this.grids.map((grid) => {
      const head = element("div");
      const unfit = element("p", { class: "caption unfit" });
      return { grid, head, unfit, host: element("section", { class: "side-of" }, head, unfit, grid.host) };
    });
    this.host.classList.add("two");
    this.tabs = [0, 1].map((i) => {
      const button = element("button", { type: "button" });
      button.onclick = () => this.#turn(i);
      return button;
    });
    this.#turn(0);
    this.host.append(element("div", { class: "segments" }, ...this.tabs), ...this.sides.map(({ host }) => host), element("p", { class: "caption whole" }, say("note")));
    /** Whose heads stand above the grids. @type {(import("./figure.js").Member | null)[]} */
    this.heads = [null, null];
    /** @type {Strength[]} */
    this.strengths = [];
  }

  /** A phone has room for one grid at a time. @param {number} side */
  #turn(side) {
    this.tabs.forEach((button, i) => button.setAttribute("aria-pressed", String(i === side)));
    this.sides.forEach(({ host }, i) => host.classList.toggle("turned-away", i !== side));
    this.grids[side].chart.draw();
  }

  #press(value) {
    const { member } = this.shows.chosen;
    if (member.stops.length) this.page.choose({ option: member.stops[nearestStop(member.stops, value)] });
  }

  get unitCount() {
    return this.units?.[0]?.units ?? 0;
  }

  set(shows) {
    super.set(shows);
    const { chosen, against, stop } = shows;
    this.units = [chosen, against].map(({ run }) => unitsOf(run));
    const counts = this.units.map((units) => (units?.means ? histogram(units.means) : []));
    const most = Math.max(...counts.flat(), 1);
    this.sides.forEach(({ grid, head, unfit }, i) => {
      const { member } = [chosen, against][i];
      const units = this.units[i];
      if (this.heads[i] !== member) head.replaceChildren(headOf(member));
      this.heads[i] = member;
      write(this.tabs[i], member.title);
      unfit.hidden = Boolean(units);
      grid.host.hidden = !units;
      if (!units) return write(unfit, say("unfit", { title: member.title }));
      grid.set(units, member.title);
      const asked = !i && stop >= 0 && !Number.isNaN(Number(member.stops[stop])) ? member.stops[stop] : null;
      grid.showActivity(most, asked);
    });
    this.#mark();
  }

  show(row) {
    super.show(row);
    const { colours } = this.page;
    this.fired = this.units.map((units, i) => {
      if (!units) return null;
      const code = units.run.model.encode(row.x);
      const sentence = (fired, all) => fill("fire", { fired: element("b", {}, `${fired}`), units: element("b", {}, `${all}`), digit: row.digit });
      this.grids[i].show(code, row.digit, sentence, colours);
      return firing(this.grids[i].code);
    });
    this.#showStrengths();
  }

  answer() {
    const { chosen, against, stop } = this.shows;
    if (!this.fired?.[0] && this.fired?.[0] !== 0) return "";
    const [own, other] = [chosen.run.figures, against.run?.figures ?? {}];
    if (chosen.run === against.run) return say("one");
    const said = [];
    const rho = chosen.member.stops[stop];
    const facts = { digit: this.row.digit, fired: this.fired[0], units: this.units[0].units };
    if (Number.isNaN(Number(rho)) || this.fired[1] === null) said.push(say("alone", facts));
    else said.push(say("asked", { ...facts, rho, other: this.fired[1] }));
    const errors = { error: own.squared_error, error_other: other.squared_error };
    if (errors.error !== undefined && errors.error_other !== undefined) {
      const [reader, reader_other] = [own, other].map(({ linear_reader: found }) => found?.["100"]);
      const told = { error: number(errors.error, 1), error_other: number(errors.error_other, 1) };
      const gain = reader - reader_other;
      const costs = errors.error > errors.error_other;
      if (!costs || Number.isNaN(gain)) said.push(say("sharpness", told));
      else if (gain < POINT) said.push(gain > -POINT ? say("costs", told) : say("sharpness", told));
      else said.push(say("buys", { ...told, reader: Math.round(100 * reader), reader_other: Math.round(100 * reader_other) }));
    }
    if (own.silent > MANY) said.push(say("dead", { dead: own.silent }));
    return said.join(" ");
  }

  /** The same image at every strength comes after the first image. */
  async complete() {
    const { member } = this.shows.chosen;
    if (member.stops.length < 2) return;
    const runs = await Promise.all(member.runs.map((name) => this.page.runs.get(name)));
    if (this.page.gone || this.page.figure !== this) return;
    this.strengths = runs.map((run, i) => new Strength(run, member.stops[i], () => this.page.choose({ option: member.stops[i] }), say("off")));
    this.title = element("h3", { class: "section" });
    const count = say(`number_${runs.length}`);
    const note = element("p", { class: "note" }, ...fill("five_note", { count: count.slice(0, 1).toUpperCase() + count.slice(1), rho: element("i", { class: "symbol" }, "ρ") }));
    this.below.replaceChildren(this.title, note, element("div", { class: "strengths" }, ...this.strengths.map(({ host }) => host)));
    this.#mark();
    this.#showStrengths();
  }

  #mark() {
    this.strengths.forEach(({ host }, i) => host.setAttribute("aria-pressed", String(i === this.shows.stop)));
  }

  #showStrengths() {
    if (!this.row || !this.strengths.length) return;
    write(this.title, say("five", { digit: this.row.digit, count: say(`number_${this.strengths.length}`) }));
    for (const strength of this.strengths) strength.show(this.row.x, this.page.colours);
  }

  destroy() {
    for (const grid of this.grids) grid.destroy();
  }
}

/** One strength: what its run draws, and the units that fire for it. */
class Strength {
  constructor(run, stop, onChosen, off) {
    this.run = run;
    this.units = unitsOf(run);
    this.image = stillImage();
    this.image.picture.className = "decoded";
    this.grid = element("canvas");
    this.words = element("span", { class: "caption" });
    const title = Number.isNaN(Number(stop)) ? ` ${off}` : ` = ${stop}`;
    this.host = element("button", { type: "button", class: "strength" },
      element("b", {}, element("i", { class: "symbol" }, "ρ"), title),
      element("span", { class: "pictures" }, element("span", { class: "tile of-xh" }, this.image.picture), this.grid), this.words);
    this.host.onclick = onChosen;
  }

  /** It stays as it is while image and colours do, whatever the slider does. */
  show(x, colours) {
    if (this.shown?.x === x && this.shown.colours === colours) return;
    this.shown = { x, colours };
    const code = Float32Array.from(this.run.model.encode(x));
    const image = this.run.model.decode(code);
    paint(this.image.canvas, image, colours.ink);
    this.image.reveal();
    if (this.units) paintUnits(this.grid, this.units.order, code, colours);
    this.words.replaceChildren(...fill("strength", { fired: element("b", {}, `${firing(code)}`), error: element("b", {}, number(squaredError(image, x), 1)) }));
  }
}
