// Layers of the curve in the plane: arrows of a network, noisy points, the curve, and the way back.

import { circle } from "../../core/canvas.js";
import { SYMBOL } from "../../core/theme.js";
import { dot } from "../../plane/layers/cursor.js";
import { nearestOn, walkBack } from "./spiral.js";

const DRAWN_AS = 1 / 3; // of an arrow: at full length they would hide each other
const TRAINED = 3; // noise levels off the curve: hardly any training point lay farther

/**
 * What the layers show: the points [x, y, x, y, ...] of the `curve`, those of the `cloud` and the
 * `noise` that spoils them, the `level` of the noise and the `network` that was trained with it; the
 * `way` of one noisy point, and whether the hand is on it (`pointing`).
 * @typedef {{ curve: Float32Array, cloud: Float32Array, noise: Float32Array, level: number,
 *   network: { run(x: Float32Array): Float32Array }, way: [number, number][], pointing: boolean }} Spiral
 */

/** Where the network takes the points of a grid; faint where hardly anything was trained.
 * @param {Spiral} spiral @returns {import("../../plane/plane.js").Layer}
 */
export const arrows = (spiral) => ({
  draw(context, plane, colours) {
    const gap = plane.inner.w < 420 ? 0.2 : 0.1;
    const [across, up] = plane.home.map(([, most]) => Math.floor(most / gap));
    context.strokeStyle = context.fillStyle = colours.xh;
    context.lineWidth = 1.1;
    context.lineCap = "butt";
    const reach = (TRAINED * spiral.level) ** 2;
    for (let i = -across; i <= across; i++) {
      for (let j = -up; j <= up; j++) {
        const [from, to] = walkBack(spiral.network, [i * gap, j * gap], 1);
        context.globalAlpha = nearestOn(spiral.curve, ...from).squared < reach ? 0.95 : 0.4;
        const tip = from.map((v, k) => v + DRAWN_AS * (to[k] - v));
        arrow(context, plane.toScreen(...from), plane.toScreen(...tip));
      }
    }
    context.globalAlpha = 1;
  },
});

function arrow(context, [x0, y0], [x1, y1]) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 2) { // too short for a head
    circle(context, x0, y0, 1);
    context.fill();
    return;
  }
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const head = Math.min(5, length);
  const [bx, by] = [x1 - head * ux, y1 - head * uy];
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(bx, by);
  context.stroke();
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(bx - 0.45 * head * uy, by + 0.45 * head * ux);
  context.lineTo(bx + 0.45 * head * uy, by - 0.45 * head * ux);
  context.fill();
}

/** Noisy points about the curve. @param {Spiral} spiral @returns {import("../../plane/plane.js").Layer} */
export const cloud = (spiral) => ({
  draw(context, plane, colours) {
    const { cloud: clean, noise, level } = spiral;
    context.fillStyle = colours.xt;
    context.globalAlpha = colours.dark ? 0.62 : 0.55;
    for (let i = 0; i < clean.length; i += 2) {
      const [x, y] = plane.toScreen(clean[i] + level * noise[i], clean[i + 1] + level * noise[i + 1]);
      circle(context, x, y, 1.3);
      context.fill();
    }
    context.globalAlpha = 1;
  },
});

/** The curve, with its name at its end. @param {Spiral} spiral @returns {import("../../plane/plane.js").Layer} */
export const curve = ({ curve: points }) => ({
  draw(context, plane, colours) {
    context.strokeStyle = colours.x;
    context.lineWidth = 2.6;
    context.lineJoin = context.lineCap = "round";
    context.beginPath();
    for (let i = 0; i < points.length; i += 2) {
      const [x, y] = plane.toScreen(points[i], points[i + 1]);
      context.lineTo(x, y);
    }
    context.stroke();
    const [x, y] = plane.toScreen(points.at(-2), points.at(-1));
    name(context, colours, "x", x - 17, y + 4);
  },
});

/** One noisy point, its nearest place of the curve, and where the network takes it, step by step.
 * @param {Spiral} spiral @returns {import("../../plane/plane.js").Layer}
 */
export const way = (spiral) => ({
  draw(context, plane, colours) {
    const places = spiral.way.map((point) => plane.toScreen(...point));
    const [from, to] = places;
    const foot = plane.toScreen(...nearestOn(spiral.curve, ...spiral.way[0]).at);
    const stroke = (colour, width, dash, ...points) => {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.setLineDash(dash);
      context.beginPath();
      for (const [x, y] of points) context.lineTo(x, y);
      context.stroke();
      context.setLineDash([]);
    };
    stroke(colours.x, 1.4, [2, 3], from, foot);
    stroke(colours.plane, 6, [], from, to);
    stroke(colours.xh, 2.2, [], from, to);
    context.globalAlpha = 0.75;
    stroke(colours.xh, 1.2, [3, 3], ...places.slice(1));
    places.slice(2).forEach((place) => {
      circle(context, place[0], place[1], 2.4);
      context.fillStyle = colours.xh;
      context.fill();
    });
    context.globalAlpha = 1;
    circle(context, to[0], to[1], 5.5);
    context.fillStyle = colours.xh;
    context.strokeStyle = colours.plane;
    context.lineWidth = 2;
    context.fill();
    context.stroke();
    dot(context, from, colours.xt, colours.plane, { pointing: spiral.pointing });
    // Each name on the side that the other is not.
    const left = to[0] < from[0] || from[0] > plane.inner.x + plane.inner.w - 40;
    name(context, colours, "xt", from[0] + (left ? 12 : -23), from[1] - 9);
    if (Math.hypot(to[0] - from[0], to[1] - from[1]) > 24) name(context, colours, "xh", to[0] + (left ? -21 : 10), to[1] + 18);
  },
});

// A symbol in its colour with a halo; its accent is set by itself, as no font has both.
function name(context, colours, symbol, x, y) {
  context.textAlign = "left";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = colours.plane;
  context.fillStyle = colours[symbol];
  const accent = { xt: "˜", xh: "ˆ" }[symbol];
  const parts = [[`italic 600 17px ${SYMBOL}`, "x", x, y]];
  if (accent) parts.push(['600 16px KaTeX_Main, "Times New Roman", serif', accent, x + 2.5, y + 0.5]);
  for (const paint of ["strokeText", "fillText"]) {
    for (const [font, text, left, down] of parts) {
      context.font = font;
      context[paint](text, left, down);
    }
  }
}
