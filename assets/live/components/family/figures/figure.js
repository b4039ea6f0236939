// What every living figure has: where it stands, whom it shows, and the sentence that it ends in.

import { element } from "../../../core/dom.js";
import { formulaOf } from "../../../core/formula.js";

/**
 * @typedef {import("../kinship.js").Member} Member
 * @typedef {import("../shipped_runs.js").ShippedRun} ShippedRun
 * @typedef {{ member: Member, run: ShippedRun | null }} Shown a member and the run that shows it
 * @typedef {{ chosen: Shown, against: Shown, stop: number }} Shows
 * @typedef {{ x: Float32Array, digit: number, index: number }} Row the image that is pressed
 */

export class Figure {
  /** @param {any} page the component: its runs, view, colours, data, and what it does on `choose` and `door` */
  constructor(page) {
    this.page = page;
    this.host = element("div", { class: "figure" });
    /** What stands below the answer; empty for most. */
    this.below = element("div", { class: "below" });
    /** @type {Shows | null} */
    this.shows = null;
    /** @type {Row | null} */
    this.row = null;
  }

  /** Two other members, or other runs of theirs. @param {Shows} shows */
  set(shows) {
    this.shows = shows;
  }

  /** The image that is pressed is another. @param {Row} row */
  show(row) {
    this.row = row;
  }

  /** The sentence that it ends in; empty where there is none. @returns {string} */
  answer() {
    return "";
  }

  /** Whether it shows what the idea changes where no run is shipped. */
  get alone() {
    return false;
  }

  /** How many units may be pinned. */
  get unitCount() {
    return 0;
  }

  /** What the first image does not need. @returns {Promise<void>} */
  async complete() {}

  /** The colours are others. */
  recolour() {
    if (this.row) this.show(this.row);
  }

  destroy() {}
}

/** A member's name, with a note beside it, and its formula. @param {Member} member @param {string} [note] */
export const headOf = ({ title, formula }, note) => element("div", { class: "head-of" },
  element("h3", {}, title, note ? element("small", {}, note) : null), formulaOf(formula));
