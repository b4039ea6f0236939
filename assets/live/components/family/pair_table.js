// The table of images and what the two members make of each, with the error of each.

import { imageCanvas, paint, stillImage } from "../../core/canvas.js";
import { compose, element, symbolOf, write } from "../../core/dom.js";
import { number, squaredError } from "../../core/numbers.js";
import { list, wordsOf } from "../../core/words.js";

const { say } = wordsOf("components/family/pair_table");

/** @typedef {{ x: Float32Array, digit: number, index: number }} Row a test image, its class and its number */

export class PairTable {
  /** @param {{ images: string, onPressed: (row: number) => void }} about images: of which the means are */
  constructor({ images, onPressed }) {
    this.onPressed = onPressed;
    /** @type {any[]} */
    this.rows = [];
    this.heads = [element("th", { scope: "col" }), element("th", { scope: "col" })];
    this.means = [element("td"), element("td")];
    const head = element("tr", {}, element("th", { scope: "col" }, symbolOf("x"), ` ${say("image")}`), ...this.heads);
    const foot = element("tr", {}, element("th", { scope: "row" }, say("mean", { images })), ...this.means);
    this.body = element("tbody");
    this.table = element("table", { class: "pair" }, element("thead", {}, head), this.body, element("tfoot", {}, foot));
    this.leftOut = element("p", { class: "caption left-out" });
    this.host = element("div", { class: "left" }, this.table, this.leftOut,
      element("p", { class: "caption" }, say("note"), " ", say("press")));
    this.body.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    const step = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = this.rows.findIndex(({ button }) => button === event.target);
    const to = Math.min(Math.max(at + step, 0), this.rows.length - 1);
    this.onPressed(to);
    this.rows[to].button.focus();
  }

  /** @param {Row[]} rows */
  setRows(rows) {
    this.rows = rows.map((row, i) => {
      const still = stillImage();
      still.picture.className = "decoded";
      const button = element("button", { type: "button", class: "tile of-x" }, still.picture);
      button.onclick = () => this.onPressed(i);
      const cells = [0, 1].map(() => {
        const canvas = imageCanvas();
        canvas.className = "decoded";
        const error = element("b", { class: "error-of" });
        return { canvas, error, host: element("td", {}, element("div", { class: "tile of-xh" }, canvas), error) };
      });
      const caption = say("caption", { digit: say(`digit_${row.digit}`), index: row.index });
      const line = element("tr", {}, element("th", { scope: "row" }, button, element("span", { class: "what" }, caption)), ...cells.map(({ host }) => host));
      return { ...row, ...still, button, cells, line, caption };
    });
    this.body.replaceChildren(...this.rows.map(({ line }) => line));
  }

  /**
   * What the two are called, and the means of their cards; one that is not there is left out.
   * @param {{ title: string, mean: number | undefined, there: boolean }[]} sides @param {string} leftOut why
   */
  setSides(sides, leftOut) {
    this.sides = sides;
    sides.forEach(({ title, mean, there }, i) => {
      compose(this.heads[i], symbolOf("xh"), ` ${title}`);
      write(this.means[i], mean === undefined ? "–" : number(mean, 1));
      for (const cell of [this.heads[i], this.means[i]]) cell.hidden = !there;
    });
    this.table.classList.toggle("lone", !sides.every(({ there }) => there));
    write(this.leftOut, leftOut);
    this.leftOut.hidden = !leftOut;
  }

  /** The images that were pressed and drawn. @param {(Float32Array | null)[][]} drawn by row and side @param {number} pressed @param {any} colours */
  show(drawn, pressed, { ink }) {
    this.rows.forEach((row, i) => {
      if (row.ink !== ink) {
        paint(row.canvas, row.x, ink);
        row.reveal();
        row.ink = ink;
      }
      row.cells.forEach((cell, side) => {
        const image = drawn[i][side];
        cell.host.classList.toggle("none", !image);
        cell.host.hidden = !this.sides[side].there;
        cell.value = image ? squaredError(image, row.x) : null;
        write(cell.error, image ? number(cell.value, 1) : "–");
        if (cell.image === image && cell.ink === ink) return;
        Object.assign(cell, { image, ink });
        paint(cell.canvas, image ?? new Float32Array(784), ink);
      });
      const errors = row.cells.filter((_, side) => this.sides[side].there).map(({ error }) => error.textContent);
      row.button.setAttribute("aria-label", say("label", { caption: row.caption, errors: list(errors) }));
      row.button.setAttribute("aria-pressed", String(i === pressed));
      row.button.tabIndex = i === pressed ? 0 : -1;
    });
  }
}
