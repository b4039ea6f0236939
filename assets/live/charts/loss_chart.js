// Losses while a model is trained, with a cursor at a moment of it.

import { element } from "../core/dom.js";
import { number } from "../plane/plane.js";

const ROOM = { left: 44, top: 12, bottom: 24, right: 8 };
const LINE_APART = 17; // pixels between two names' middles, at least

/** A node of SVG. */
function vector(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** A line's value at an epoch, between two of its points; null before the first. */
export function valueAt(points, epoch) {
  if (!points.length || epoch < points[0][0] - 1e-6) return null;
  const i = points.findIndex(([e]) => e >= epoch);
  if (i < 0) return points.at(-1)[1];
  if (i === 0) return points[0][1];
  const [[e0, v0], [e1, v1]] = [points[i - 1], points[i]];
  return v0 + ((v1 - v0) * (epoch - e0)) / (e1 - e0 || 1);
}

export class Curves {
  /**
   * name: one of its own; height in pixels; gutter: whether names keep a place of their own at the
   * right; onEpoch(epoch) while it is pressed. Pointed at, it tells the values there.
   */
  constructor({ name, label, height, gutter, onEpoch }) {
    Object.assign(this, { label, height, gutter, clip: `curves-${name}`, lines: [] });
    this.svg = vector("svg", { role: "img", "aria-label": label });
    this.host = element("div", { class: "curves", style: `height: ${height}px` }, this.svg);
    new ResizeObserver(() => this.draw()).observe(this.host);
    const epochAt = (event) => {
      const x = event.clientX - this.svg.getBoundingClientRect().left;
      return Math.min(Math.max((x - ROOM.left) / this.inner, 0), 1) * this.epochs;
    };
    const point = (epoch) => {
      this.pointed = epoch;
      if (this.epoch != null) this.show(this.epoch);
    };
    this.svg.addEventListener("pointerdown", (event) => {
      if (event.button || !this.inner) return;
      this.svg.setPointerCapture(event.pointerId);
      point(null);
      onEpoch(epochAt(event));
    });
    this.svg.addEventListener("pointermove", (event) => {
      if (this.svg.hasPointerCapture(event.pointerId)) onEpoch(epochAt(event));
      else if (this.inner) point(epochAt(event));
    });
    this.svg.addEventListener("pointerleave", () => point(null));
  }

  /**
   * lines: { name, mark, thin, points: [[epoch, value]], before }, the last one points whose values
   * stand in before the first of its own; zero: whether the axis begins at 0.
   */
  set({ lines, epochs, log, zero }) {
    const reached = Math.max(0, ...lines.flatMap(({ points }) => points.at(-1)?.[0] ?? []));
    Object.assign(this, { lines, epochs: epochs || 1, reached, log, zero });
    this.draw();
  }

  draw() {
    const width = Math.floor(this.host.clientWidth);
    if (!width || !this.epochs) return;
    const names = this.lines.filter((line) => line.name);
    this.label = Math.max(40, ...names.map((line) => 7 * (line.name.length + 7)));
    const right = this.gutter ? this.label : ROOM.right;
    Object.assign(this, { width, inner: Math.max(60, width - ROOM.left - right), foot: this.height - ROOM.bottom });
    this.svg.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
    this.range();
    const window = { x: ROOM.left, y: ROOM.top - 3, width: this.inner + 2, height: this.foot - ROOM.top + 6 };
    this.bar = vector("line", { class: "now", y1: ROOM.top - 4, y2: this.foot });
    this.ends = names.map((line) => ({ line,
      dot: vector("circle", { class: `dot ${line.mark}`, r: 4 }),
      text: vector("text", { class: `name ${line.mark}` }) }));
    this.svg.replaceChildren(
      vector("clipPath", { id: this.clip }, vector("rect", window)),
      ...this.axes(), ...this.lines.map((line) => this.path(line)), this.bar,
      ...this.ends.flatMap(({ dot, text }) => [dot, text]));
    if (this.epoch != null) this.show(this.epoch);
    else for (const part of [this.bar, ...this.ends.map(({ dot }) => dot)]) part.style.display = "none";
  }

  /** The values that the axis spans: the steep start of a loss may leave it, unless it is logarithmic. */
  range() {
    const all = this.lines.flatMap((line) => line.points.map(([, value]) => value)).filter((v) => !this.log || v > 0).sort((a, b) => a - b);
    if (!all.length) [this.low, this.high] = this.log ? [1, 10] : [0, 1];
    else if (this.log) [this.low, this.high] = [all[0], all.at(-1) * 1.02];
    else {
      const most = this.zero ? all.at(-1) : all[Math.min(all.length - 1, Math.ceil(0.9 * all.length))];
      this.low = this.zero ? 0 : all[0] - 0.06 * (most - all[0]);
      this.high = most;
    }
    if (!(this.high > this.low)) this.high = this.low + (Math.abs(this.low) * 0.1 || 1);
  }

  x(epoch) {
    return ROOM.left + (epoch / this.epochs) * this.inner;
  }

  y(value) {
    const share = this.log
      ? Math.log(Math.max(value, this.low * 0.5) / this.low) / Math.log(this.high / this.low)
      : (value - this.low) / (this.high - this.low);
    return this.foot - share * (this.foot - ROOM.top);
  }

  axes() {
    const parts = [];
    for (const value of this.log ? this.powers() : this.steps()) {
      const y = Math.round(this.y(value)) + 0.5;
      parts.push(vector("line", { class: "grid", x1: ROOM.left, x2: ROOM.left + this.inner, y1: y, y2: y }),
        vector("text", { class: "tick", x: ROOM.left - 8, y: y + 4, "text-anchor": "end" }, plainly(value)));
    }
    const step = roundStep(this.epochs / Math.max(2, this.inner / 56));
    for (let epoch = 0; epoch <= this.epochs * 1.0001; epoch += step) {
      parts.push(vector("text", { class: "tick", x: this.x(epoch), y: this.foot + 17, "text-anchor": "middle" }, plainly(epoch)));
    }
    return parts;
  }

  steps() {
    const step = roundStep((this.high - this.low) / Math.max(2, (this.foot - ROOM.top) / 40));
    const found = [];
    for (let value = Math.ceil(this.low / step) * step; value <= this.high * 1.0001; value += step) found.push(value);
    return found;
  }

  powers() {
    const all = (...marks) => {
      const found = [];
      for (let power = 10 ** Math.floor(Math.log10(this.low)); power <= this.high; power *= 10) {
        found.push(...marks.map((k) => k * power).filter((v) => v >= this.low && v <= this.high));
      }
      return found;
    };
    const apart = this.foot - ROOM.top > 14 * Math.log(this.high / this.low) / Math.log(2); // of 1 and 2
    const found = apart ? all(1, 2, 5) : all(1);
    return found.length > 1 ? found : [this.low, this.high].map((v) => Number(v.toPrecision(3)));
  }

  path({ points, mark, thin }) {
    const drawn = points.filter(([, value]) => !this.log || value > 0).map(([e, v]) => `${this.x(e).toFixed(1)} ${this.y(v).toFixed(1)}`);
    return vector("path", { class: `line ${mark}${thin ? " thin" : ""}`, d: drawn.length ? `M${drawn.join("L")}` : "", "clip-path": `url(#${this.clip})` });
  }

  /** Where the highest of the lines passes between two epochs. */
  top(from, to) {
    const epochs = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => from + share * (to - from));
    const values = this.lines.flatMap(({ points }) => epochs.map((epoch) => valueAt(points, epoch))).filter((v) => v != null);
    return Math.min(this.foot, ...values.map((value) => this.y(value)));
  }

  /** Move the cursor; names tell the values there, or where it is pointed at. */
  show(epoch) {
    this.epoch = epoch;
    if (!this.bar) return;
    if (this.pointed != null) epoch = Math.min(this.pointed, this.reached);
    const x = this.x(epoch);
    this.bar.style.display = "";
    this.bar.setAttribute("x1", x);
    this.bar.setAttribute("x2", x);
    const told = this.ends.map((end) => {
      const value = valueAt(end.line.points, epoch);
      return { end, value: value ?? valueAt(end.line.before ?? [], epoch) };
    });
    for (const { end, value } of told) {
      for (const part of [end.dot, end.text]) part.style.display = value == null ? "none" : "";
    }
    const seen = told.filter(({ value }) => value != null).map((one) => ({ ...one, y: Math.min(Math.max(this.y(one.value), ROOM.top), this.foot) }));
    seen.sort((a, b) => a.y - b.y);
    let least = 4;
    const right = this.gutter || x + this.label < this.width; // names stand where there is room for them
    // Left of the cursor the lines themselves are there: all names stand above them.
    const clear = right ? 0 : this.top(epoch - (this.label * this.epochs) / this.inner, epoch);
    for (const [k, { end, value, y }] of seen.entries()) {
      end.dot.setAttribute("cx", x);
      end.dot.setAttribute("cy", y);
      const below = LINE_APART * (seen.length - 1 - k); // room for the names that follow
      const at = Math.max(least, right ? Math.min(y, this.foot - below) : clear - 12 - below);
      least = at + LINE_APART;
      end.text.setAttribute("x", right ? x + 10 : x - 10);
      end.text.setAttribute("text-anchor", right ? "start" : "end");
      end.text.setAttribute("y", at + 4.5);
      end.text.textContent = `${end.line.name} ${number(value, value < 10 ? 2 : 1)}`;
    }
  }
}

const plainly = (value) => `${Number(value.toPrecision(4))}`.replace("-", "−");

function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [1, 2, 5, 10].find((k) => k * power >= least * 0.999);
}
