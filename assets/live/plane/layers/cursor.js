// The point of a code, and its coordinates in the gutters.

import { circle, line, tag } from "../../core/canvas.js";
import { number } from "../../core/numbers.js";

/** @type {import("../plane.js").Layer} */
export const cursor = {
  draw(context, plane, colours) {
    const { inner, cursor: { place: [x, y], inside, pointing } } = plane;
    if (inside && pointing) {
      context.strokeStyle = colours.z;
      context.globalAlpha = 0.45;
      context.lineWidth = 1;
      context.setLineDash([2, 3]);
      line(context, inner.x, y, x, y);
      line(context, x, y, x, inner.y + inner.h);
      context.setLineDash([]);
      context.globalAlpha = 1;
    }
    dot(context, [x, y], colours.z, colours.plane, { pointing, halo: inside && pointing });
  },
};

/** A point in its colour: filled with a halo while it follows the pointer, else a ring. */
export function dot(context, [x, y], colour, paper, { pointing, halo = pointing, r = 7 }) {
  if (halo) {
    context.globalAlpha = 0.14;
    circle(context, x, y, 15);
    context.fillStyle = colour;
    context.fill();
    context.globalAlpha = 1;
  }
  circle(context, x, y, r);
  context.fillStyle = pointing ? colour : paper;
  context.strokeStyle = pointing ? paper : colour;
  context.lineWidth = pointing ? 2 : 2.6;
  context.fill();
  context.stroke();
}

/** @type {import("../plane.js").Layer} */
export const tags = {
  free: true,
  draw(context, plane, colours) {
    const { inner, width, cursor: { point: [x, y], place: [px, py] } } = plane;
    const digits = Math.min(Math.max(2, -Math.floor(Math.log10(plane.window.unit * 2))), 5);
    const [ink, paper] = [colours["on-primary"], colours.z];
    tag(context, colours, number(x, digits), Math.max(px, inner.x + 14), inner.y + inner.h + 13, paper, ink, null, width);
    tag(context, colours, number(y, digits), inner.x - 18, Math.min(py, inner.y + inner.h - 9), paper, ink, null, width);
  },
};
