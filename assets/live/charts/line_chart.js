// A chart of lines over one axis of numbers from 0, with a cursor that is dragged along it.

import { element, vector } from "../core/dom.js";

const APART = 16; // pixels between two names' middles, at least

let charts = 0; // for a clip path of its own for each

/**
 * What every chart of lines has: its frame and scale, the cursor and the pointer on it. A subclass
 * sets `span`, the end of the axis, and has `layout(width)`, which sets the `height`, the `gutter`
 * for names at the right and what `y(value)` needs, and `parts()`, what to draw from below to above.
 */
export class LineChart {
  /**
   * @param {string} name its class of style
   * @param {{ left: number, top: number, bottom: number, right: number }} room around its lines, in pixels
   * @param {{ press: (x: number) => void, release?: () => void, point?: (x: number | null) => void }} hands
   *   what to do with a value of the axis: while it is pressed, when it is let go, and while the
   *   pointer rests on it (null once it leaves)
   */
  constructor(name, room, { press, release, point }) {
    this.room = room;
    this.clip = `lines-${(charts += 1)}`;
    this.svg = vector("svg", { role: "img" });
    this.host = element("div", { class: name }, this.svg);
    this.width = 0;
    this.height = 0;
    this.gutter = 0;
    this.span = 0;
    /** The width that there is; null until it was measured: to ask for it forces a layout. @type {number | null} */
    this.across = null;
    this.observer = new ResizeObserver(([{ contentRect }]) => {
      this.across = Math.round(contentRect.width);
      if (this.across !== this.width) this.draw();
    });
    this.observer.observe(this.host);
    const { svg } = this;
    svg.addEventListener("pointerdown", (event) => {
      if (event.button || !this.width) return;
      svg.setPointerCapture(event.pointerId);
      point?.(null);
      press(this.valueAt(event));
    });
    svg.addEventListener("pointermove", (event) => {
      if (svg.hasPointerCapture(event.pointerId)) press(this.valueAt(event));
      else if (this.width) point?.(this.valueAt(event));
    });
    svg.addEventListener("lostpointercapture", () => release?.());
    svg.addEventListener("pointerleave", () => point?.(null));
  }

  /** @param {number} _width */
  layout(_width) {}

  /** @returns {Element[]} */
  parts() {
    return [];
  }

  /** Where a value stands, in pixels from above. @param {number} value */
  y(value) {
    return value;
  }

  /** Where an event is on the axis. */
  valueAt({ clientX }) {
    const x = clientX - this.svg.getBoundingClientRect().left;
    return Math.min(Math.max((x - this.room.left) / this.inner, 0), 1) * this.span;
  }

  x(value) {
    return this.room.left + (value / this.span) * this.inner;
  }

  /** Lay it out anew; it waits until it has a width and something to draw. */
  draw() {
    const width = this.across ?? this.host.clientWidth;
    if (!width || !this.span) return;
    const { room, svg } = this;
    this.width = width;
    this.layout(width);
    this.inner = Math.max(60, width - room.left - room.right - this.gutter);
    this.foot = this.height - room.bottom;
    svg.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
    svg.style.height = `${this.height}px`;
    const window = { x: room.left, y: room.top - 3, width: this.inner + 2, height: this.foot - room.top + 6 };
    this.bar = vector("line", { class: "now", y1: room.top - 5, y2: this.foot });
    svg.replaceChildren(vector("clipPath", { id: this.clip }, vector("rect", window)), ...this.parts());
  }

  /** A line across at each value, with its text at the left. */
  rows(values, textOf) {
    const { left } = this.room;
    return values.flatMap((value) => {
      const y = Math.round(this.y(value)) + 0.5;
      return [vector("line", { class: "grid", x1: left, x2: left + this.inner, y1: y, y2: y }),
        vector("text", { class: "tick", x: left - 8, y: y + 4, "text-anchor": "end" }, textOf(value))];
    });
  }

  /** A text below the axis at each value. */
  columns(values, textOf) {
    return values.map((value) =>
      vector("text", { class: "tick", x: this.x(value), y: this.foot + 17, "text-anchor": "middle" }, textOf(value)));
  }

  /** A line through points [value, height], cut off where it leaves the chart. */
  path(points, mark, style = "") {
    const places = points.map(([x, y]) => `${this.x(x).toFixed(1)} ${this.y(y).toFixed(1)}`);
    return vector("path", { class: `line ${mark}`, d: places.length ? `M${places.join("L")}` : "", style, "clip-path": `url(#${this.clip})` });
  }

  /**
   * Names at the right of lines' ends, pushed apart where two would overlap.
   * @param {{ mark: string, label: string, y: number }[]} ends
   */
  endNames(ends) {
    const right = this.room.left + this.inner;
    const placed = ends.map((end) => ({ ...end, at: 0 })).sort((a, b) => a.y - b.y);
    placed.forEach((end, i) => (end.at = i ? Math.max(end.y, placed[i - 1].at + APART) : end.y));
    let floor = this.foot + 4;
    for (const end of placed.toReversed()) {
      end.at = Math.min(end.at, floor);
      floor = end.at - APART;
    }
    return placed.flatMap(({ mark, label, y, at }) => [
      vector("path", { class: `leader ${mark}`, d: `M${right + 1} ${y}L${right + 7} ${at}` }),
      vector("text", { class: `name ${mark}`, x: right + 10, y: at + 4.5 }, label),
    ]);
  }

  /** A tag above the chart that moves with the cursor. */
  tag() {
    this.tagText = vector("text", { "text-anchor": "middle", y: 17 });
    this.tagBox = vector("rect", { y: 0, height: 25, rx: 5 });
    return [vector("g", { class: "level-tag" }, this.tagBox, this.tagText)];
  }

  /** Put the tag at a place in pixels, within the chart. */
  moveTag(x, text) {
    const half = 4.1 * text.length + 8;
    const middle = Math.min(Math.max(x, half), this.width - half);
    this.tagText.textContent = text;
    this.tagText.setAttribute("x", middle);
    this.tagBox.setAttribute("x", middle - half);
    this.tagBox.setAttribute("width", 2 * half);
  }

  /** Put the cursor at a value; gives its place in pixels. */
  moveBar(value) {
    const x = this.x(value);
    this.bar.setAttribute("x1", x);
    this.bar.setAttribute("x2", x);
    return x;
  }

  destroy() {
    this.observer.disconnect();
  }
}
