// Lines against the level of noise, and a level that is dragged through them.

import { element } from "../core/dom.js";
import { number } from "../plane/plane.js";

const INSIDE = { left: 38, top: 32, bottom: 44, right: 12 };
const APART = 16; // pixels between two labels' middles, at least

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

/** A node of SVG; attributes as in `element`. */
function drawing(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export class Chart {
  /** name: one of its own; onLevel(level) while it is pointed into, onSettled() when it is let go. */
  constructor({ name, ratio, onLevel, onSettled }) {
    Object.assign(this, { ratio, onLevel, clip: `inside-${name}` });
    this.svg = drawing("svg", { role: "img" });
    this.host = element("div", { class: "chart" }, this.svg);
    this.width = 0;
    new ResizeObserver(() => this.resize()).observe(this.host);
    this.svg.addEventListener("pointerdown", (event) => {
      if (event.button || !this.about) return;
      this.svg.setPointerCapture(event.pointerId);
      this.held = event.pointerId;
      this.follow(event);
    });
    this.svg.addEventListener("pointermove", (event) => event.pointerId === this.held && this.follow(event));
    for (const end of ["pointerup", "pointercancel"]) {
      this.svg.addEventListener(end, () => {
        if (this.held == null) return;
        this.held = null;
        onSettled();
      });
    }
  }

  follow(event) {
    const { high, step } = this.about;
    const x = event.clientX - this.svg.getBoundingClientRect().left;
    const level = ((x - INSIDE.left) / this.inner) * high;
    this.onLevel(Math.min(Math.max(Math.round(level / step) * step, 0), high));
  }

  /**
   * What to draw: about the level (symbol, high, step); lines { label, mark, weight, level, values,
   * trained }, where a mark is a class of their style; points { x, y } that are named by their
   * level; a limit { value, label }; and a ceiling, above which lines leave the chart.
   */
  set({ about, lines, points = [], limit = null, ceiling = Infinity }) {
    Object.assign(this, { about, lines, points, limit, ceiling });
    this.draw();
  }

  resize() {
    const width = Math.floor(this.host.clientWidth);
    if (!width || width === this.width) return;
    this.width = width;
    this.draw();
  }

  draw() {
    if (!this.width || !this.about) return;
    const { width, lines, about } = this;
    const height = Math.round(Math.min(width * this.ratio, 560 * this.ratio));
    this.height = height;
    const highest = Math.max(this.limit?.value ?? 0, ...lines.flatMap((line) => line.values)) || 1;
    const label = Math.max(0, ...lines.map((line) => line.label.length)) * 6.9 + (highest > this.ceiling ? 24 : 12);
    this.inner = width - INSIDE.left - INSIDE.right - label;
    this.foot = height - INSIDE.bottom;
    const most = Math.min(highest, this.ceiling);
    const tick = tickStep(most / Math.max(2, (this.foot - INSIDE.top) / 52));
    const above = Math.ceil(most / tick - 1e-9) * tick; // the next tick, where it is near
    this.most = above < 1.15 * most ? above : most;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.style.height = `${height}px`;
    const window = { x: INSIDE.left, y: INSIDE.top - 2, width: this.inner, height: this.foot - INSIDE.top + 4 };
    const clip = drawing("clipPath", { id: this.clip }, drawing("rect", window));
    this.svg.replaceChildren(clip, ...this.axes(tick), ...this.limits(), ...lines.map((line) => this.path(line)),
      ...this.labels(), ...lines.flatMap((line) => this.training(line)), ...this.named(), this.moving());
    if (this.level != null) this.show(this.level);
  }

  x(level) {
    return INSIDE.left + (level / this.about.high) * this.inner;
  }

  y(value) {
    return this.foot - (value / this.most) * (this.foot - INSIDE.top);
  }

  axes(tick) {
    const { about } = this;
    const right = INSIDE.left + this.inner;
    const parts = [];
    const digits = tick < 1 ? 1 + (tick < 0.1) : 0;
    for (let value = 0; value <= this.most * 1.0001; value += tick) {
      const y = Math.round(this.y(value)) + 0.5;
      parts.push(drawing("line", { class: "grid", x1: INSIDE.left, x2: right, y1: y, y2: y }));
      parts.push(drawing("text", { class: "tick", x: INSIDE.left - 8, y: y + 4, "text-anchor": "end" }, number(value, digits)));
    }
    for (let k = 0; k <= 4; k++) {
      const level = (k / 4) * about.high;
      const text = about.high === 1 ? level.toFixed(2) : `${level}`;
      parts.push(drawing("text", { class: "tick", x: this.x(level), y: this.foot + 18, "text-anchor": "middle" }, text));
    }
    parts.push(drawing("text", { class: "title", x: INSIDE.left + this.inner / 2, y: this.foot + 38, "text-anchor": "middle" },
      "Noise level ", drawing("tspan", { class: "level-symbol" }, about.symbol)));
    return parts;
  }

  limits() {
    if (!this.limit) return [];
    const y = this.y(this.limit.value);
    return [
      drawing("line", { class: "limit", x1: INSIDE.left, x2: INSIDE.left + this.inner, y1: y, y2: y }),
      drawing("text", { class: "tick halo", x: INSIDE.left + 4, y: y > INSIDE.top + 10 ? y - 5 : y + 14 }, this.limit.label),
    ];
  }

  path(line) {
    const points = line.level.map((level, i) => `${this.x(level).toFixed(1)} ${this.y(line.values[i]).toFixed(1)}`);
    const style = line.weight == null ? "" : `stroke-width: ${2.2 + 1.2 * line.weight}; opacity: ${0.5 + 0.5 * line.weight}`;
    return drawing("path", { class: `line ${line.mark}`, d: `M${points.join("L")}`, style, "clip-path": `url(#${this.clip})` });
  }

  /** Each line's name at its end, pushed apart where two would overlap. */
  labels() {
    const right = INSIDE.left + this.inner;
    const ends = this.lines.map((line) => ({ line, from: this.y(line.values.at(-1)) })).sort((a, b) => a.from - b.from);
    for (const end of ends) {
      end.gone = end.from < INSIDE.top - 2;
      end.from = Math.max(end.from, INSIDE.top);
    }
    ends.forEach((end, i) => (end.y = i ? Math.max(end.from, ends[i - 1].y + APART) : end.from));
    let floor = this.foot + 4;
    for (const end of ends.toReversed()) {
      end.y = Math.min(end.y, floor);
      floor = end.y - APART;
    }
    return ends.flatMap(({ line, from, y, gone }) => [
      drawing("path", { class: `leader ${line.mark}`, d: `M${right + 1} ${from}L${right + 7} ${y}` }),
      drawing("text", { class: `name ${line.mark}`, x: right + 10, y: y + 4.5 }, line.label + (gone ? " ↑" : "")),
    ]);
  }

  /** A diamond where a line's model was trained. */
  training(line) {
    if (line.trained == null || onCurve(line, line.trained) > this.most) return [];
    const at = `translate(${this.x(line.trained)} ${this.y(onCurve(line, line.trained))}) rotate(45)`;
    return [drawing("rect", { class: "trained", x: -4.5, y: -4.5, width: 9, height: 9, transform: at })];
  }

  /** Hollow points with their level; a name that finds no free place is left out. */
  named() {
    const taken = [];
    const parts = [];
    const points = this.points.map(({ x, y }) => ({ level: x, x: this.x(x), y: this.y(y) })).sort((a, b) => a.x - b.x);
    const shown = points.filter((p, i) => !points.slice(0, i).some((q) => Math.hypot(p.x - q.x, p.y - q.y) < 8));
    for (const { x, y } of shown) {
      taken.push([x - 7, y - 7, x + 7, y + 7]);
      parts.push(drawing("circle", { class: "crossing", cx: x, cy: y, r: 4.5 }));
    }
    for (const { level, x, y } of shown) {
      const text = this.about.step === 1 ? level.toFixed(1) : level.toFixed(2);
      const wide = 6.6 * text.length;
      const places = [-10, -24, 20].flatMap((dy) => [-wide + 2, -wide / 2, -4].map((dx) => [x + dx, y + dy]));
      const free = places.find(([left, base]) => left > INSIDE.left - 6 && base < this.foot + 4 && !taken.some(([l, t, r, b]) =>
        left < r && left + wide > l && base - 11 < b && base > t));
      if (!free) continue;
      taken.push([free[0] - 2, free[1] - 12, free[0] + wide + 2, free[1] + 1]);
      parts.push(drawing("text", { class: "crossed halo", x: free[0], y: free[1] }, text));
    }
    return parts;
  }

  /** The parts that follow the level. */
  moving() {
    this.bar = drawing("line", { class: "now", y1: INSIDE.top - 6, y2: this.foot });
    this.dots = this.lines.map((line) => drawing("circle", { class: `dot ${line.mark}`, r: 4.5 }));
    this.tagText = drawing("text", { "text-anchor": "middle", y: 17 });
    this.tagBox = drawing("rect", { y: 0, height: 25, rx: 5 });
    this.tag = drawing("g", { class: "level-tag" }, this.tagBox, this.tagText);
    return drawing("g", {}, this.bar, ...this.dots, this.tag);
  }

  /** Move to a level. */
  show(level) {
    this.level = level;
    if (!this.bar) return;
    const { symbol, step } = this.about;
    const x = this.x(level);
    this.bar.setAttribute("x1", x);
    this.bar.setAttribute("x2", x);
    this.dots.forEach((dot, i) => {
      dot.setAttribute("cx", x);
      const y = this.y(onCurve(this.lines[i], level));
      dot.setAttribute("cy", y);
      dot.style.display = y < INSIDE.top - 2 ? "none" : "";
    });
    const text = `${symbol} = ${step === 1 ? level : level.toFixed(2)}`;
    const half = 4.1 * text.length + 8;
    const middle = Math.min(Math.max(x, half), this.width - half);
    this.tagText.textContent = text;
    this.tagText.setAttribute("x", middle);
    this.tagBox.setAttribute("x", middle - half);
    this.tagBox.setAttribute("width", 2 * half);
  }
}

/** A step of 1, 2 or 5 times a power of ten, at least this large. */
function tickStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((k) => k * power >= least * 0.999) ?? 10);
}
