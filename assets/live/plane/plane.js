// A plane on the screen: which part of it is in view, and the layers that are drawn on it.

import { ticks } from "./layers/ticks.js";

const LEFT = 36; // gutters for ticks and value tags
const BOTTOM = 28;
const EDGE = 8;
const ZOOM_MOST = 400;

/** @typedef {[number, number]} Pair */

/**
 * A thing that is drawn on a plane. It is cut off at the plane's edge unless it is `free` to stand
 * in the gutters, too.
 * @typedef {object} Layer
 * @property {(context: CanvasRenderingContext2D, plane: any, colours?: any) => void} draw
 * @property {boolean} [free]
 */

export class Plane {
  /**
   * @param {HTMLElement} host an element to fill
   * @param {object} about
   * @param {Pair[]} about.home what all of it is, across and up
   * @param {any} about.projection the symbol of its axes (`mark`), their indices (`names`), and whether
   *   distances mean something (`metric`): only then are there ticks
   * @param {number} [about.ratio] its height by its width
   * @param {Layer[]} [about.below] what stands still, from below to above
   * @param {Layer[]} [about.above] what moves
   */
  constructor(host, { home, projection, ratio = 0.76, below = [], above = [] }) {
    this.host = host;
    this.home = home;
    this.projection = projection;
    this.ratio = ratio;
    this.below = below;
    this.above = above;
    /** @type {any} */
    this.view = null;
    this.changed = true;
    this.width = 0;
    this.height = 0;
    this.scale = 0;
    this.inner = { x: LEFT, y: EDGE, w: 0, h: 0 };
    this.base = document.createElement("canvas");
    this.over = document.createElement("canvas");
    this.base.className = "base";
    this.over.className = "over";
    host.append(this.base, this.over);
  }

  // ------------------------------------------------------------------ what is in view

  /** Show all of it. */
  fit() {
    this.view = null;
    this.changed = true;
  }

  /** Take a width in CSS pixels; says whether anything is another size now. */
  resize(width) {
    width = Math.max(width, 2 * (LEFT + EDGE)); // taken off the page it has none, and is drawn once more
    const height = Math.round((width - LEFT - EDGE) * this.ratio) + BOTTOM + EDGE;
    if (width === this.width && height === this.height && this.scale === devicePixelRatio) return false;
    Object.assign(this, { width, height, scale: devicePixelRatio, changed: true });
    this.inner = { x: LEFT, y: EDGE, w: width - LEFT - EDGE, h: height - BOTTOM - EDGE };
    if (this.view) {
      const full = this.fullUnit();
      this.view.unit *= full / this.view.full; // the same stretch of it at another size
      this.view.full = full;
    }
    for (const canvas of [this.base, this.over]) {
      canvas.width = Math.round(width * this.scale);
      canvas.height = Math.round(height * this.scale);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    this.host.style.height = `${height}px`;
    return true;
  }

  /** Units of the plane a CSS pixel at which all of it fits. */
  fullUnit() {
    const [[x0, x1], [y0, y1]] = this.home;
    return Math.max((x1 - x0) / this.inner.w, (y1 - y0) / this.inner.h);
  }

  /** What is in view: its middle, its units a CSS pixel, and those at which all fits. */
  get window() {
    if (!this.view) {
      const [[x0, x1], [y0, y1]] = this.home;
      const unit = this.fullUnit();
      this.view = { x: (x0 + x1) / 2, y: (y0 + y1) / 2, unit, full: unit };
    }
    return this.view;
  }

  /** Where a place of the plane is in the frame, in CSS pixels. @returns {Pair} */
  toScreen(x, y) {
    const { inner, window: view } = this;
    return [inner.x + inner.w / 2 + (x - view.x) / view.unit, inner.y + inner.h / 2 - (y - view.y) / view.unit];
  }

  /** The place of the plane at a place in the frame. @returns {Pair} */
  toPlane(px, py) {
    const { inner, window: view } = this;
    return [view.x + (px - inner.x - inner.w / 2) * view.unit, view.y - (py - inner.y - inner.h / 2) * view.unit];
  }

  /** Whether a place in the frame is on the plane, not in a gutter. */
  contains(px, py) {
    const { x, y, w, h } = this.inner;
    return px >= x && px <= x + w && py >= y && py <= y + h;
  }

  /** Zoom by a factor about a place in the frame (its middle by default). */
  zoom(factor, px = this.inner.x + this.inner.w / 2, py = this.inner.y + this.inner.h / 2) {
    const view = this.window;
    const [x, y] = this.toPlane(px, py);
    const unit = Math.min(Math.max(view.unit / factor, view.full / ZOOM_MOST), view.full * 8);
    const k = unit / view.unit;
    Object.assign(view, { unit, x: x + (view.x - x) * k, y: y + (view.y - y) * k });
    this.changed = true;
  }

  /** Move by CSS pixels. */
  pan(dx, dy) {
    const view = this.window;
    view.x -= dx * view.unit;
    view.y += dy * view.unit;
    this.changed = true;
  }

  /** Move the view, if need be, so that a place is in it; says whether it moved. */
  reveal(x, y) {
    if (!this.width) return false;
    const [px, py] = this.toScreen(x, y);
    const { inner } = this;
    const dx = Math.max(inner.x + 16 - px, 0) + Math.min(inner.x + inner.w - 16 - px, 0);
    const dy = Math.max(inner.y + 16 - py, 0) + Math.min(inner.y + inner.h - 16 - py, 0);
    if (!dx && !dy) return false;
    this.pan(dx, dy);
    return true;
  }

  // ------------------------------------------------------------------ drawing

  /** Draw what stands still. */
  drawBase(colours) {
    this.changed = false;
    this.#draw(this.base, [...this.below, ticks], colours);
  }

  /** Draw what moves. */
  drawOver(colours, layers = this.above) {
    this.#draw(this.over, layers, colours);
  }

  #draw(canvas, layers, colours) {
    const context = canvas.getContext("2d");
    context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.save();
    this.edge(context);
    if (canvas === this.base) {
      context.fillStyle = colours.plane;
      context.fill();
    }
    context.clip();
    for (const layer of layers) if (!layer.free) layer.draw(context, this, colours);
    context.restore();
    for (const layer of layers) if (layer.free) layer.draw(context, this, colours);
  }

  /** The path of the plane's edge. */
  edge(context) {
    const { x, y, w, h } = this.inner;
    context.beginPath();
    context.roundRect(x, y, w, h, 6);
  }
}
