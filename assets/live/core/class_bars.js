// Bars of each class's probability, the digit beside each.

import { element, share, write } from "./dom.js";

const NAMED = 0.25; // from this probability on a class is set in bold

export class ClassBars {
  /** @param {number} [count] of classes */
  constructor(count = 10) {
    this.bars = Array.from({ length: count }, (_, digit) => {
      const fill = element("i", { style: `background: var(--c${digit})` });
      const value = element("span", { class: "value" });
      const row = element("div", { class: "bar-row" },
        element("span", { class: "digit" }, `${digit}`), element("span", { class: "track" }, fill), value);
      return { row, fill, value };
    });
    this.rows = this.bars.map(({ row }) => row);
  }

  /** @param {ArrayLike<number>} probabilities */
  show(probabilities) {
    this.bars.forEach(({ row, fill, value }, i) => {
      fill.style.width = `${Math.max(1, 100 * probabilities[i]).toFixed(1)}%`;
      write(value, share(probabilities[i]));
      row.classList.toggle("read", probabilities[i] >= NAMED);
    });
  }
}
