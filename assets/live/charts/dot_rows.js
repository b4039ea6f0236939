// Rows of dots over one axis of numbers from 0: each value a dot, and a line at each row's median.

import { circle } from "../core/canvas.js";
import { element } from "../core/dom.js";
import { number } from "../core/numbers.js";
import { multiples, niceStep } from "../core/ticks.js";

const [ROW, FOOT, RADIUS, SPREAD] = [30, 36, 1.5, 8];
const ROOM = 1.08; // of the largest value

/** A row: its name, its colour's token, its values and their median. @typedef {{ name: string, colour: string, values: number[], median: number }} Row */

export class DotRows {
  /** @param {Row[]} rows @param {string} title of the axis @param {string} sentence what it shows, in words */
  constructor(rows, title, sentence) {
    this.rows = rows;
    this.title = title;
    this.span = ROOM * Math.max(...rows.flatMap(({ values }) => values));
    this.canvas = element("canvas", { role: "img", "aria-label": sentence });
    this.host = element("div", { class: "dot-rows" }, this.canvas);
    /** A value that is marked in the last row. @type {number | null} */
    this.marked = null;
    this.height = ROW * rows.length + FOOT;
  }

  /** Where a dot stands above or below its row's middle: the golden ratio spreads any count evenly. */
  static aside = (i) => (((i * 0.618034) % 1) - 0.5) * 2 * SPREAD;

  draw(colours) {
    const { canvas, rows, span, height } = this;
    const width = this.host.clientWidth;
    if (!width) return;
    const scale = devicePixelRatio;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    context.font = `13px ${colours.font}`;
    const left = Math.min(Math.max(...rows.map(({ name }) => context.measureText(name).width)) + 12, width / 2);
    const x = (value) => left + (value / span) * (width - left - 8);
    context.textBaseline = "middle";
    rows.forEach((row, k) => {
      const y = ROW * (k + 0.5) + 4;
      context.fillStyle = colours.muted;
      context.font = `13px ${colours.font}`;
      context.textAlign = "right";
      context.fillText(row.name, left - 10, y, left - 10);
      const colour = colours[row.colour];
      context.fillStyle = colour;
      context.globalAlpha = 0.45;
      row.values.forEach((value, i) => {
        circle(context, x(value), y + DotRows.aside(i), RADIUS);
        context.fill();
      });
      context.globalAlpha = 1;
      context.fillRect(x(row.median) - 1, y - 11, 2, 22);
      context.font = `600 12px ${colours.font}`;
      context.textAlign = "left";
      const text = number(row.median, 1);
      Object.assign(context, { lineWidth: 4, strokeStyle: colours.bg, lineJoin: "round" });
      context.strokeText(text, x(row.median) + 4, y - 9);
      context.fillText(text, x(row.median) + 4, y - 9);
      if (this.marked !== null && k === rows.length - 1) {
        circle(context, x(this.marked), y, 5);
        Object.assign(context, { fillStyle: colours.bg, strokeStyle: colour, lineWidth: 2.2 });
        context.fill();
        context.stroke();
      }
    });
    const foot = ROW * rows.length + 6;
    context.fillStyle = colours.hairline;
    context.fillRect(left, foot, width - left - 8, 1);
    context.fillStyle = colours.faint;
    context.font = `11.5px ${colours.font}`;
    context.textAlign = "center";
    const step = niceStep((span * 60) / (width - left));
    for (const value of multiples(step, 0, span)) context.fillText(number(value, 0), x(value), foot + 10);
    context.fillStyle = colours.muted;
    context.fillText(this.title, left + (width - left) / 2, foot + 25, width - left);
    context.textBaseline = "alphabetic";
  }
}
