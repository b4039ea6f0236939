// A drawing: strokes of a round pen, what they were drawn on, and the image that comes of their ink.

import { prepare } from "./digit_image.js";

export const SHEET = 140; // pixels of ink across: five for each of an image's 28
export const PEN = 6; // the pen's radius in them
const WIDE = SHEET / 28;
const FIGURE = 80; // the longer side of a figure for which this pen is as broad as MNIST's
const FITTED = FIGURE + 2 * PEN + 2; // with the pen and its soft edge
const LEAST = PEN; // a shorter figure is a dot
const NEAR = 0.5; // pixels; a point nearer to the last adds nothing

/** A place on the sheet. @typedef {{ x: number, y: number }} Point */
/** From pen down to pen up: a line, or more where it left the sheet in between. @typedef {Point[][]} Stroke */

export class Drawing {
  constructor() {
    /** The image below the strokes, which came from elsewhere. @type {Uint8Array<ArrayBuffer> | null} */
    this.below = null;
    /** @type {Stroke[]} */
    this.strokes = [];
    /** What undo leads back to, the latest last. @type {{ below: Uint8Array<ArrayBuffer> | null, strokes: Stroke[] }[]} */
    this.past = [];
    /** The ink on the sheet, 0 to 1. */
    this.ink = new Float32Array(SHEET * SHEET);
    this.outside = false;
  }

  get blank() {
    return !this.below && !this.strokes.length;
  }

  /**
   * Put an image of 784 grey values, or none, in place of everything, which undo cannot bring back.
   * @param {Uint8Array<ArrayBuffer> | null} image
   */
  put(image) {
    if (!image && this.blank) return; // what was cleared can still be brought back
    this.past = [];
    this.#become({ below: image, strokes: [] });
  }

  /** Put the pen down. @param {Point} point */
  begin(point) {
    this.#remember();
    this.strokes = [...this.strokes, [[point]]];
    this.outside = false;
    leave(this.ink, SHEET, point, point);
  }

  /** Move the pen that is down; beyond the sheet it leaves nothing. @param {Point} point */
  extend(point) {
    const stroke = this.strokes[this.strokes.length - 1];
    const line = stroke[stroke.length - 1];
    const last = line[line.length - 1];
    const there = { x: inside(point.x), y: inside(point.y) };
    const { outside } = this;
    this.outside = there.x !== point.x || there.y !== point.y;
    if (outside) {
      if (!this.outside) stroke.push([there]);
    } else if (Math.hypot(there.x - last.x, there.y - last.y) >= NEAR) {
      line.push(there);
      leave(this.ink, SHEET, last, there);
    }
  }

  clear() {
    if (this.blank) return;
    this.#remember();
    this.#become({ below: null, strokes: [] });
  }

  /** Take back the last stroke or the last clearing. */
  undo() {
    const before = this.past.pop();
    if (before) this.#become(before);
  }

  /**
   * Grey values of 28 * 28 as MNIST's, or null without ink. A figure of any size gives the same
   * image; what continues an image is as it is on the sheet.
   * @returns {Uint8Array<ArrayBuffer> | null}
   */
  image() {
    if (!this.strokes.length) return this.below;
    return this.below ? prepare(this.ink, SHEET, SHEET) : prepare(fitted(this.strokes), FITTED, FITTED);
  }

  #remember() {
    this.past.push({ below: this.below, strokes: this.strokes });
  }

  #become({ below, strokes }) {
    Object.assign(this, { below, strokes });
    for (let i = 0; i < this.ink.length; i++) {
      const [row, column] = [Math.floor(i / SHEET / WIDE), Math.floor((i % SHEET) / WIDE)];
      this.ink[i] = below ? below[row * 28 + column] / 255 : 0;
    }
    for (const line of strokes.flat()) trace(this.ink, SHEET, line);
  }
}

const inside = (v) => Math.min(Math.max(v, 0), SHEET);

/** The ink of strokes whose figure is moved and scaled to its usual size, and drawn with the same pen. */
function fitted(strokes) {
  const points = strokes.flat(2);
  const [left, right] = range(points.map(({ x }) => x));
  const [top, bottom] = range(points.map(({ y }) => y));
  const scale = FIGURE / Math.max(right - left, bottom - top, LEAST);
  const ink = new Float32Array(FITTED * FITTED);
  const place = ({ x, y }) => ({ x: (x - left) * scale + PEN + 1, y: (y - top) * scale + PEN + 1 });
  for (const line of strokes.flat()) trace(ink, FITTED, line.map(place));
  return ink;
}

const range = (values) => values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);

function trace(ink, side, line) {
  line.forEach((point, i) => leave(ink, side, line[Math.max(0, i - 1)], point));
}

/** Leave ink along a line: full within the pen, none a pixel beyond. */
function leave(ink, side, a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy || 1;
  const reach = PEN + 1;
  const [left, right] = [Math.min(a.x, b.x) - reach, Math.max(a.x, b.x) + reach];
  const [top, bottom] = [Math.min(a.y, b.y) - reach, Math.max(a.y, b.y) + reach];
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(side, bottom); y++) {
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(side, right); x++) {
      const [px, py] = [x + 0.5 - a.x, y + 0.5 - a.y];
      const t = Math.min(Math.max((px * dx + py * dy) / length, 0), 1);
      const soft = PEN + 0.5 - Math.hypot(px - t * dx, py - t * dy);
      const at = y * side + x;
      ink[at] = Math.max(ink[at], Math.min(soft, 1));
    }
  }
}
