// A plot of a living figure: bands, bars and lines over one axis, points that are named, and a value in a tag.

import { LineChart } from "../../charts/line_chart.js";
import { vector } from "../../core/dom.js";
import { digitsOf, multiples, niceStep } from "../../core/ticks.js";

/**
 * What is drawn. `from` and `to` are the ends of the axis, `least` (0) and `most` those of the values; texts are
 * given. `about` is the symbol in whose colour bars are, else z.
 * @typedef {{ values: number[], text: (value: number) => string }} Ticks
 * @typedef {{
 *   from?: number, to: number, least?: number, most: number, x: Ticks, y: Ticks, title?: string, corner?: string,
 *   bands?: { from: number, to: number, text?: string }[], bars?: number[], about?: string,
 *   lines?: { points: [number, number][], mark: string, name?: string }[],
 *   points?: { x: number, y: number, text: string, mark: string, side?: string, below?: boolean }[],
 *   tag?: { value: number, text: string } | null }} Drawing
 */

const TAG = 66; // pixels
const APART = 15; // between the names at the ends of lines

export class Plot extends LineChart {
  /** @type {Drawing | null} */
  drawing = null;

  /**
   * @param {{ high: number, top?: number, gutter?: number, onMoved?: (value: number) => void }} look its height, the
   *   room above and, for names, at the right; onMoved(value) while it is pressed, for one that has a tag
   */
  constructor({ high, top = 34, gutter = 0, onMoved }) {
    super("plot", { left: 34, top, bottom: 44, right: 8 }, { press: (value) => onMoved?.(value + (this.drawing?.from ?? 0)) });
    this.high = high;
    this.names = gutter;
    this.host.classList.toggle("draggable", Boolean(onMoved));
  }

  /** @param {Drawing} drawing */
  show(drawing) {
    this.drawing = drawing;
    this.span = drawing.to - (drawing.from ?? 0);
    this.draw();
  }

  draw() {
    if (this.drawing) super.draw();
  }

  layout() {
    this.room.bottom = this.drawing.title ? 44 : 24;
    this.height = this.high + this.room.top + this.room.bottom;
    this.gutter = this.names;
  }

  x(value) {
    return super.x(value - (this.drawing.from ?? 0));
  }

  y(value) {
    const { least = 0, most } = this.drawing;
    return this.foot - ((value - least) / (most - least)) * (this.foot - this.room.top);
  }

  parts() {
    const { bands = [], bars, lines = [], points = [], title, corner, x, y, tag } = this.drawing;
    const { left, top } = this.room;
    const right = left + this.inner;
    const parts = bands.flatMap(({ from, to, text }) => [
      vector("rect", { class: "band", x: this.x(from) + 1, width: Math.max(0, this.x(to) - this.x(from) - 2), y: top, height: this.foot - top }),
      ...(text ? [vector("text", { class: "tick", x: (this.x(from) + this.x(to)) / 2, y: top + 16, "text-anchor": "middle" }, text)] : []),
    ]);
    parts.push(...this.rows(y.values, y.text), ...this.columns(x.values, x.text));
    if (title) parts.push(vector("text", { class: "title", x: left + this.inner / 2, y: this.foot + 38, "text-anchor": "middle" }, title));
    if (corner) parts.push(vector("text", { class: "title", x: right, y: top - 14, "text-anchor": "end" }, corner));
    if (bars) parts.push(...this.#bars(bars));
    parts.push(...lines.map(({ points: line, mark }) => this.path(line, mark)), ...this.#names(lines));
    for (const { x: at, y: height, text, mark, side = "start", below } of points) {
      const [cx, cy] = [this.x(at), this.y(height)];
      parts.push(vector("circle", { class: `point ${mark}`, cx, cy, r: 4.5 }),
        vector("text", { class: "named halo", x: cx + (side === "start" ? 9 : -9), y: cy + (below ? 18 : -9), "text-anchor": side }, text));
    }
    if (tag) parts.push(...this.#tag(tag));
    return parts;
  }

  #bars(bars) {
    const wide = this.inner / bars.length;
    const each = bars.map((value, i) => (value ? `M${(this.room.left + i * wide + 0.5).toFixed(1)} ${this.foot}V${this.y(value).toFixed(1)}h${Math.max(1, wide - 1).toFixed(1)}V${this.foot}Z` : ""));
    return [vector("path", { class: `bar-of ${this.drawing.about ?? ""}`, d: each.join("") })];
  }

  /** Each line's name at its end, pushed apart where two would overlap. */
  #names(lines) {
    const ends = lines.filter(({ name, points }) => name && points.length).map(({ name, mark, points }) =>
      ({ name, mark, x: this.x(points[points.length - 1][0]), y: this.y(points[points.length - 1][1]) })).sort((a, b) => a.y - b.y);
    ends.forEach((end, i) => (end.y = i ? Math.max(end.y, ends[i - 1].y + APART) : end.y));
    return ends.map(({ name, mark, x, y }) => vector("text", { class: `name ${mark}`, x: x + 8, y: y + 4 }, name));
  }

  #tag({ value, text }) {
    const x = this.x(value);
    const middle = Math.min(Math.max(x, TAG / 2), this.width - TAG / 2);
    return [vector("line", { class: "asked", x1: x, x2: x, y1: 20, y2: this.foot }),
      vector("g", { class: "asked-tag" }, vector("rect", { x: middle - TAG / 2, y: 0, width: TAG, height: 24, rx: 5 }),
        vector("text", { x: middle, y: 16.5, "text-anchor": "middle" }, text))];
  }
}

/**
 * Ends and marks of an axis that holds all of these values, in about so many steps.
 * @param {number[]} values @param {number} steps
 */
export function bounded(values, steps) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const step = niceStep((most - least || 1) / steps);
  const [low, high] = [Math.floor(least / step), Math.max(Math.ceil(most / step), Math.floor(least / step) + 1)];
  return { low: low * step, high: high * step, marks: multiples(step, low * step, high * step), digits: digitsOf(step) };
}

/** Ticks at these values. @param {number[]} values @param {(value: number) => string} text @returns {Ticks} */
export const ticks = (values, text) => ({ values, text });
