// Lines against the level of noise, and a level that is dragged through them.

import { number } from "../core/numbers.js";
import { vector } from "../core/dom.js";
import { digitsOf, multiples, niceStep } from "../core/ticks.js";
import { wordsOf } from "../core/words.js";
import { LineChart } from "./line_chart.js";

const { fill } = wordsOf("charts/noise_chart");

const ROOM = { left: 38, top: 32, bottom: 44, right: 12 };
const LETTERS = 5; // of a name, at least: charts below each other have one scale
const WIDEST = 560; // pixels of width up to which it grows higher

/** A line { level, values }: its value between two of its levels. */
export function onCurve({ level, values }, x) {
  let i = 1;
  while (i < level.length - 1 && level[i] < x) i++;
  const share = (x - level[i - 1]) / (level[i] - level[i - 1]);
  return values[i - 1] + Math.min(Math.max(share, 0), 1) * (values[i] - values[i - 1]);
}

/** The levels at which two lines cross, in order; to touch is not to cross. */
export function crossings(a, b) {
  const levels = [...new Set([...a.level, ...b.level])].sort((p, q) => p - q);
  const found = [];
  let last = null; // where the lines last differed
  for (const x of levels) {
    const lead = onCurve(a, x) - onCurve(b, x);
    if (lead === 0) continue;
    if (last && Math.sign(lead) !== Math.sign(last.lead)) {
      found.push(last.x + ((x - last.x) * last.lead) / (last.lead - lead));
    }
    last = { x, lead };
  }
  return found;
}

/** The levels at which another line becomes the lowest. */
export function handovers(lines) {
  const found = [];
  lines.forEach((a, i) => lines.slice(i + 1).forEach((b) => {
    for (const x of crossings(a, b)) {
      const least = Math.min(...lines.map((line) => onCurve(line, x)));
      if (onCurve(a, x) <= least + 1e-6 * Math.abs(least)) found.push({ x, y: onCurve(a, x) });
    }
  }));
  return found;
}

export class NoiseChart extends LineChart {
  /** The level's control: { symbol, high, step }. @type {any} */
  about = null;
  lines = [];
  points = [];
  /** @type {{ value: number, label: string } | null} */
  limit = null;
  ceiling = Infinity;
  /** @type {number | null} */
  level = null;

  /** ratio: its height by its width; onLevel(level) while it is pressed, onSettled() when it is let go. */
  constructor({ ratio, onLevel, onSettled }) {
    const press = (x) => {
      const { high, step } = this.about;
      onLevel(Math.min(Math.round(x / step) * step, high));
    };
    super("chart", ROOM, { press, release: onSettled });
    this.ratio = ratio;
  }

  /**
   * What to draw: about the level (symbol, high, step); lines { label, mark, weight, level, values,
   * trained }, where a mark is a class of their style; points { x, y } that are named by their
   * level; a limit { value, label }; and a ceiling, above which lines leave the chart.
   */
  set({ about, lines, points = [], limit = null, ceiling = Infinity }) {
    Object.assign(this, { about, lines, points, limit, ceiling, span: about.high });
    this.draw();
  }

  layout(width) {
    this.height = Math.round(Math.min(width, WIDEST) * this.ratio);
    const highest = Math.max(this.limit?.value ?? 0, ...this.lines.flatMap((line) => line.values)) || 1;
    this.gutter = Math.max(LETTERS, ...this.lines.map((line) => line.label.length)) * 6.9 + 24;
    const most = Math.min(highest, this.ceiling);
    this.step = niceStep(most / Math.max(2, (this.height - ROOM.bottom - ROOM.top) / 52));
    const above = Math.ceil(most / this.step - 1e-9) * this.step; // the next tick, where it is near
    this.most = above < 1.15 * most ? above : most;
  }

  y(value) {
    return this.foot - (value / this.most) * (this.foot - ROOM.top);
  }

  parts() {
    const { about, lines } = this;
    const quarters = [0, 1, 2, 3, 4].map((k) => (k / 4) * about.high);
    const title = vector("text", { class: "title", x: ROOM.left + this.inner / 2, y: this.foot + 38, "text-anchor": "middle" },
      ...fill("level", { symbol: vector("tspan", { class: "level-symbol" }, about.symbol) }));
    return [
      ...this.rows(multiples(this.step, 0, this.most), (value) => number(value, Math.min(digitsOf(this.step), 2))),
      ...this.columns(quarters, (level) => (about.high === 1 ? level.toFixed(2) : `${level}`)), title,
      ...this.limits(), ...lines.map((line) => this.curve(line)), ...this.labels(),
      ...lines.flatMap((line) => this.training(line)), ...this.crossings(), this.moving(), ...this.crossed(),
    ];
  }

  draw() {
    super.draw();
    if (this.level != null) this.show(this.level);
  }

  limits() {
    if (!this.limit) return [];
    const y = this.y(this.limit.value);
    return [
      vector("line", { class: "limit", x1: ROOM.left, x2: ROOM.left + this.inner, y1: y, y2: y }),
      vector("text", { class: "tick halo", x: ROOM.left + 4, y: y > ROOM.top + 10 ? y - 5 : y + 14 }, this.limit.label),
    ];
  }

  curve({ level, values, mark, weight }) {
    const style = weight == null ? "" : `stroke-width: ${2.2 + 1.2 * weight}; opacity: ${0.5 + 0.5 * weight}`;
    return this.path(level.map((x, i) => [x, values[i]]), mark, style);
  }

  /** Each line's name at its end; with an arrow where it has left the chart. */
  labels() {
    return this.endNames(this.lines.map(({ mark, label, values }) => {
      const y = this.y(values.at(-1));
      return { mark, label: label + (y < ROOM.top - 2 ? " ↑" : ""), y: Math.max(y, ROOM.top) };
    }));
  }

  /** A diamond where a line's model was trained. */
  training(line) {
    if (line.trained == null || onCurve(line, line.trained) > this.most) return [];
    const at = `translate(${this.x(line.trained)} ${this.y(onCurve(line, line.trained))}) rotate(45)`;
    return [vector("rect", { class: "trained", x: -4.5, y: -4.5, width: 9, height: 9, transform: at })];
  }

  /** The points, from left to right, of those that fall together the first. */
  get shown() {
    const points = this.points.map(({ x, y }) => ({ level: x, x: this.x(x), y: this.y(y) })).sort((a, b) => a.x - b.x);
    return points.filter((p, i) => !points.slice(0, i).some((q) => Math.hypot(p.x - q.x, p.y - q.y) < 8));
  }

  crossings() {
    return this.shown.map(({ x, y }) => vector("circle", { class: "crossing", cx: x, cy: y, r: 4.5 }));
  }

  /** The level at each point, where it finds a free place: above the lines, so that no dot hides it. */
  crossed() {
    const taken = this.shown.map(({ x, y }) => [x - 7, y - 7, x + 7, y + 7]);
    const parts = [];
    for (const { level, x, y } of this.shown) {
      const text = this.about.step === 1 ? level.toFixed(1) : level.toFixed(2);
      const wide = 6.6 * text.length;
      const places = [-10, 20, -24, 34, -38].flatMap((dy) => [-wide / 2, -4, -wide + 2].map((dx) => [x + dx, y + dy]));
      const free = places.find(([left, base]) => left > ROOM.left - 6 && base < this.foot + 4 && !taken.some(([l, t, r, b]) =>
        left < r && left + wide > l && base - 11 < b && base > t));
      if (!free) continue;
      taken.push([free[0] - 2, free[1] - 12, free[0] + wide + 2, free[1] + 1]);
      parts.push(vector("text", { class: "crossed halo", x: free[0], y: free[1] }, text));
    }
    return parts;
  }

  /** The parts that follow the level. */
  moving() {
    this.dots = this.lines.map((line) => vector("circle", { class: `dot ${line.mark}`, r: 4.5 }));
    return vector("g", {}, this.bar, ...this.dots, ...this.tag());
  }

  /** Move to a level. */
  show(level) {
    this.level = level;
    if (!this.bar) return;
    const { symbol, step } = this.about;
    const x = this.moveBar(level);
    this.dots.forEach((dot, i) => {
      dot.setAttribute("cx", x);
      const y = this.y(onCurve(this.lines[i], level));
      dot.setAttribute("cy", y);
      dot.style.display = y < ROOM.top - 2 ? "none" : "";
    });
    this.moveTag(x, `${symbol} = ${step === 1 ? level : level.toFixed(2)}`);
  }
}
