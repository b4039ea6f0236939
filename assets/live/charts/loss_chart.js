// Losses while a model is trained, with a cursor at a moment of it.

import { number } from "../core/numbers.js";
import { vector } from "../core/dom.js";
import { multiples, niceStep, powers } from "../core/ticks.js";
import { wordsOf } from "../core/words.js";
import { LineChart } from "./line_chart.js";

const { say } = wordsOf("charts/loss_chart");

const ROOM = { left: 44, top: 12, bottom: 24, right: 8 };
const APART = 17; // pixels between two names' middles, at least

/** A line's value at an epoch, between two of its points; null before the first. */
export function valueAt(points, epoch) {
  if (!points.length || epoch < points[0][0] - 1e-6) return null;
  const i = points.findIndex(([e]) => e >= epoch);
  if (i < 0) return points.at(-1)[1];
  if (i === 0) return points[0][1];
  const [[e0, v0], [e1, v1]] = [points[i - 1], points[i]];
  return v0 + ((v1 - v0) * (epoch - e0)) / (e1 - e0 || 1);
}

/**
 * The values that an axis spans, [low, high]. The steep start of a loss may leave it, unless it is
 * logarithmic or begins at zero.
 */
export function rangeOf(values, { log = false, zero = false } = {}) {
  const sorted = values.filter((value) => !log || value > 0).sort((a, b) => a - b);
  if (!sorted.length) return log ? [1, 10] : [0, 1];
  const last = sorted.at(-1);
  let [low, high] = [sorted[0], last];
  if (log) high = last * 1.02;
  else if (zero) low = 0;
  else {
    high = sorted[Math.min(sorted.length - 1, Math.ceil(0.9 * sorted.length))];
    low -= 0.06 * (high - low);
  }
  return high > low ? [low, high] : [low, low + (Math.abs(low) * 0.1 || 1)];
}

export class LossChart extends LineChart {
  lines = [];
  ends = [];
  log = false;
  zero = false;
  reached = 0;
  low = 0;
  high = 1;
  /** The epoch at which the cursor stands. @type {number | null} */
  epoch = null;
  /** The epoch that is pointed at. @type {number | null} */
  pointed = null;

  /**
   * label: what it shows, for who cannot see it; height in pixels; gutter: whether names keep a place
   * of their own at the right; onEpoch(epoch) while it is pressed. Pointed at, it tells the values there.
   */
  constructor({ label, height, gutter = false, onEpoch }) {
    super("curves", ROOM, { press: onEpoch, point: (epoch) => this.point(epoch) });
    this.height = height;
    this.named = gutter; // whether names keep a place of their own
    this.svg.setAttribute("aria-label", label);
    this.host.style.height = `${height}px`;
  }

  /**
   * lines: { name, colour, thin, points: [[epoch, value]], before }: the token of its colour, and
   * points whose values stand in before the first of its own; zero: whether the axis begins at 0.
   */
  set({ lines, epochs, log, zero }) {
    this.reached = Math.max(0, ...lines.flatMap(({ points }) => points.at(-1)?.[0] ?? []));
    Object.assign(this, { lines, span: epochs || 1, log, zero });
    this.draw();
  }

  layout() {
    const names = this.lines.filter((line) => line.name);
    this.nameWidth = Math.max(40, ...names.map(({ name }) => 7 * say("value", { name, value: "999.99" }).length));
    this.gutter = this.named ? this.nameWidth - ROOM.right : 0;
    [this.low, this.high] = rangeOf(this.lines.flatMap((line) => line.points.map(([, value]) => value)), { log: this.log, zero: this.zero });
    this.ends = names.map((line) => ({ line,
      dot: vector("circle", { class: "dot", r: 4, style: styleOf(line) }),
      text: vector("text", { class: "name", style: styleOf(line) }) }));
  }

  y(value) {
    const share = this.log
      ? Math.log(Math.max(value, this.low * 0.5) / this.low) / Math.log(this.high / this.low)
      : (value - this.low) / (this.high - this.low);
    return this.foot - share * (this.foot - ROOM.top);
  }

  parts() {
    const epochs = multiples(niceStep(this.span / Math.max(2, this.inner / 56)), 0, this.span);
    return [...this.rows(this.ticks(), plainly), ...this.columns(epochs, plainly),
      ...this.lines.map((line) =>
        this.path(line.points.filter(([, value]) => !this.log || value > 0), line.thin ? "thin" : "", styleOf(line))),
      this.bar, ...this.ends.flatMap(({ dot, text }) => [dot, text])];
  }

  ticks() {
    const { low, high } = this;
    const space = this.foot - ROOM.top;
    if (this.log) return powers(low, high, space > 14 * Math.log2(high / low)); // of 1 and 2
    return multiples(niceStep((high - low) / Math.max(2, space / 40)), low, high);
  }

  draw() {
    super.draw();
    if (this.epoch != null) this.show(this.epoch);
    else for (const part of [this.bar, ...this.ends.map(({ dot }) => dot)]) part?.style.setProperty("display", "none");
  }

  /** Where the highest of the lines passes between two epochs. */
  top(from, to) {
    const epochs = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => from + share * (to - from));
    const values = this.lines.flatMap(({ points }) => epochs.map((epoch) => valueAt(points, epoch))).filter((v) => v != null);
    return Math.min(this.foot, ...values.map((value) => this.y(value)));
  }

  /** Tell the values where the pointer is; null once it has left. */
  point(epoch) {
    this.pointed = epoch;
    if (this.epoch != null) this.show(this.epoch);
  }

  /** Move the cursor; names tell the values there, or where it is pointed at. */
  show(epoch) {
    this.epoch = epoch;
    if (!this.bar) return;
    if (this.pointed != null) epoch = Math.min(this.pointed, this.reached);
    this.bar.style.display = "";
    const x = this.moveBar(epoch);
    const values = this.ends.map(({ line }) => valueAt(line.points, epoch) ?? valueAt(line.before ?? [], epoch));
    const shown = [];
    this.ends.forEach((end, i) => {
      const value = values[i];
      for (const part of [end.dot, end.text]) part.style.display = value == null ? "none" : "";
      if (value != null) shown.push({ ...end, value, y: Math.min(Math.max(this.y(value), ROOM.top), this.foot) });
    });
    shown.sort((a, b) => a.y - b.y);
    let least = 4;
    const right = this.named || x + this.nameWidth < this.width; // names stand where there is room for them
    // Left of the cursor the lines themselves are there: all names stand above them.
    const clear = right ? 0 : this.top(epoch - (this.nameWidth * this.span) / this.inner, epoch);
    for (const [k, { line, dot, text, value, y }] of shown.entries()) {
      dot.setAttribute("cx", x);
      dot.setAttribute("cy", y);
      const below = APART * (shown.length - 1 - k); // room for the names that follow
      const at = Math.max(least, right ? Math.min(y, this.foot - below) : clear - 12 - below);
      least = at + APART;
      text.setAttribute("x", right ? x + 10 : x - 10);
      text.setAttribute("text-anchor", right ? "start" : "end");
      text.setAttribute("y", at + 4.5);
      const beyond = this.y(value) < ROOM.top - 1 ? "↑ " : ""; // the axis does not reach that far
      text.textContent = beyond + say("value", { name: line.name, value: number(value, value < 10 ? 2 : 1) });
    }
  }
}

const styleOf = ({ colour }) => `--line: var(--${colour}, var(--text))`;

const plainly = (value) => `${Number(value.toPrecision(4))}`.replace("-", "−");
