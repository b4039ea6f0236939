// A card's small figure: pictures, points, bars, lines, units or an ellipse, of a shipped run.

import { imageCanvas, paint } from "../../core/canvas.js";
import { element } from "../../core/dom.js";
import { mixed } from "./shades.js";

const [WIDE, HIGH] = [106, 48];

export class Thumbnail {
  /** @param {number} [sharp] pixels of the picture for one of its own */
  constructor(sharp = 2) {
    this.sharp = sharp;
    this.picture = element("img", { alt: "", draggable: "false" });
    this.host = element("span", { class: "thumbnail", "aria-hidden": "true" });
  }

  /**
   * @param {{ kind: string, array?: string, [more: string]: any } | undefined} about none where no run is shipped
   * @param {Record<string, BlockArray>} arrays
   * @param {any} colours
   */
  paint(about, arrays, colours) {
    this.host.classList.toggle("none", !about);
    if (!about) return;
    const canvas = element("canvas", { width: WIDE * this.sharp, height: HIGH * this.sharp });
    const context = canvas.getContext("2d");
    context.scale(this.sharp, this.sharp);
    KINDS[about.kind](context, about, arrays[about.array ?? ""], colours);
    this.picture.src = canvas.toDataURL();
    if (!this.picture.isConnected) this.host.append(this.picture);
  }
}

/** @type {Record<string, (context: CanvasRenderingContext2D, about: any, array: BlockArray | undefined, colours: any) => void>} */
const KINDS = {
  pictures: (context, { rows = 1 }, array, { ink }) => pictures(context, array, rows, ink),
  /** An image, what it goes through, and the image that comes out. */
  through(context, { by }, { values }, colours) {
    const size = 38;
    [0, 1].forEach((i) => context.drawImage(picture(values, i, colours.ink), i ? WIDE - size : 0, (HIGH - size) / 2, size, size));
    context.fillStyle = context.strokeStyle = by === "arrow" ? colours.muted : colours.z;
    const half = by === "wide" ? 22 : 6;
    if (by !== "arrow") return context.fillRect(WIDE / 2 - 2, HIGH / 2 - half, 4, 2 * half);
    context.lineWidth = 1.6;
    context.beginPath();
    for (const [x, y] of [[-9, 0], [8, 0], [3, -5], [8, 0], [3, 5]]) context[x === -9 ? "moveTo" : "lineTo"](WIDE / 2 + x, HIGH / 2 + y);
    context.stroke();
  },
  weights: (context, { rows = 1 }, array) => pictures(context, array, rows, [[0, 0, 0], [255, 255, 255]]),
  points(context, { labels }, { shape: [count], values }, colours) {
    for (let i = 0; i < count; i++) {
      context.fillStyle = colours.classes[labels[i]];
      context.fillRect(WIDE / 2 - 24 + values[2 * i] * (48 / 255), 48 - values[2 * i + 1] * (48 / 255), 1.6, 1.6);
    }
  },
  bars(context, { values, colour }, _, colours) {
    const step = 92 / values.length;
    context.fillStyle = colours[colour];
    values.forEach((v, i) => context.fillRect(7 + i * step, 44 - 40 * v, step * 0.78, 40 * v));
  },
  lines(context, { lines }, _, colours) {
    lines.forEach(({ values, colour, dashed }) => {
      context.beginPath();
      values.forEach(([x, y], i) => context[i ? "lineTo" : "moveTo"](6 + 94 * x, 44 - 40 * y));
      context.strokeStyle = colours[colour];
      context.lineWidth = 1.6;
      context.setLineDash(dashed ? [4, 3] : []);
      context.stroke();
    });
  },
  units(context, { across }, { values }, colours) {
    const [step, shades] = [100 / across, mixed(colours)];
    Array.from(values).forEach((v, i) => {
      context.fillStyle = shades(v / 255);
      context.fillRect(3 + (i % across) * step, 2 + Math.floor(i / across) * step, step * 0.76, step * 0.76);
    });
  },
  ellipse(context, { plain, own }, _, colours) {
    for (const [axes, colour, dashed] of [[plain, colours.muted, true], [own, colours.z, false]]) {
      context.beginPath();
      context.ellipse(WIDE / 2, HIGH / 2, 44 * axes[0], 44 * axes[1], -0.35, 0, 2 * Math.PI);
      context.setLineDash(dashed ? [4, 3] : []);
      context.strokeStyle = colour;
      context.lineWidth = 1.6;
      context.stroke();
      context.globalAlpha = 0.14;
      context.fillStyle = colour;
      if (!dashed) context.fill();
      context.globalAlpha = 1;
    }
  },
};

/**
 * Rows of pictures of 784 bytes, from a first colour to a second.
 * @param {CanvasRenderingContext2D} context @param {BlockArray} array @param {number} rows @param {any} ink
 */
function pictures(context, { shape: [count], values }, rows, ink) {
  const across = Math.ceil(count / rows);
  const size = Math.min((HIGH - 2 * (rows - 1)) / rows, WIDE / across - 3);
  const left = (WIDE - across * size - (across - 1) * 3) / 2;
  const top = (HIGH - rows * size - (rows - 1) * 2) / 2;
  for (let i = 0; i < count; i++) {
    context.drawImage(picture(values, i, ink), left + (i % across) * (size + 3), top + Math.floor(i / across) * (size + 2), size, size);
  }
}

/** The i-th of pictures of 784 bytes. @param {ArrayLike<number>} values @param {number} i @param {any} ink */
function picture(values, i, ink) {
  const canvas = imageCanvas();
  paint(canvas, Float32Array.from({ length: 784 }, (_, p) => values[784 * i + p] / 255), ink);
  return canvas;
}
