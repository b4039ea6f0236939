// The standard normal prior: circles of 1, 2 and 3 standard deviations, and above all else their names.

import { written } from "../../core/canvas.js";

const CIRCLES = [1, 2, 3];
const DIAGONALS = [[-1, -1], [1, -1], [-1, 1], [1, 1]]; // the upper left one, where no disc stands there
const ROOM = 14; // pixels about a name

const centre = (plane) => plane.at(new Float32Array(plane.space.dim));

/** @type {import("../plane.js").Layer} */
export const prior = {
  draw(context, plane, colours) {
    const [x, y] = centre(plane);
    context.strokeStyle = colours.sigma;
    context.lineWidth = 1;
    context.globalAlpha = 0.55;
    context.setLineDash([4, 4]);
    for (const k of CIRCLES) {
      context.beginPath();
      context.arc(x, y, k / plane.window.unit, 0, 2 * Math.PI);
      context.stroke();
    }
    context.setLineDash([]);
    context.globalAlpha = 1;
  },
};

/** @type {import("../plane.js").Layer} */
export const priorNames = {
  draw(context, plane, colours) {
    const [x, y] = centre(plane);
    context.font = `12px ${colours.font}`;
    context.textAlign = "center";
    for (const k of CIRCLES) {
      const r = (0.707 * k) / plane.window.unit;
      const places = DIAGONALS.map(([across, down]) => [x + across * (r + ROOM), y + down * (r + 8) + 4]);
      const free = places.find(([px, py]) => plane.contains(px, py)
        && plane.discs.every((disc) => Math.hypot(px - disc.x, py - 4 - disc.y) > disc.r + ROOM));
      const [px, py] = free ?? places[0];
      written(context, `${k} σ`, px, py, colours.sigma, colours.plane);
    }
  },
};
