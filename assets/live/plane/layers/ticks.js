// The edge of a plane, the ticks and names of its axes, and the lines of zero.

import { symbol } from "../../core/canvas.js";
import { number } from "../../core/numbers.js";
import { digitsOf, multiples, niceStep } from "../../core/ticks.js";

/** @type {import("../plane.js").Layer} */
export const ticks = {
  free: true,
  draw(context, plane, colours) {
    context.strokeStyle = colours.border;
    context.lineWidth = 1;
    plane.edge(context);
    context.stroke();
    const { inner, projection: { metric, mark, names: [across, up] } } = plane;
    const bottom = inner.y + inner.h;
    context.fillStyle = colours.faint;
    context.font = `11.5px ${colours.font}`;
    context.textBaseline = "middle";
    if (metric) {
      const step = niceStep(plane.window.unit * (inner.w < 400 ? 60 : 90));
      const [x0, y0] = plane.toPlane(inner.x, bottom);
      const [x1, y1] = plane.toPlane(inner.x + inner.w, inner.y);
      context.textAlign = "center";
      for (const value of multiples(step, x0, x1)) {
        const [px] = plane.toScreen(value, 0);
        if (px > inner.x + inner.w - 22) continue; // the axis' name stands there
        context.fillText(number(value, digitsOf(step)), px, bottom + 14);
        context.fillRect(Math.round(px), bottom, 1, 4);
      }
      context.textAlign = "right";
      for (const value of multiples(step, y0, y1)) {
        const [, py] = plane.toScreen(0, value);
        if (py < inner.y + 18) continue;
        context.fillText(number(value, digitsOf(step)), inner.x - 7, py);
        context.fillRect(inner.x - 4, Math.round(py), 4, 1);
      }
    }
    symbol(context, colours, mark, across, inner.x + inner.w - 12, bottom + 15);
    symbol(context, colours, mark, up, inner.x - (up > 9 ? 26 : 20), inner.y + 8);
    context.textBaseline = "alphabetic";
  },
};

/** @type {import("../plane.js").Layer} */
export const zeroLines = {
  draw(context, plane, colours) {
    const { inner } = plane;
    const [x, y] = plane.toScreen(0, 0);
    context.fillStyle = colours.hairline;
    context.fillRect(Math.round(x), inner.y, 1, inner.h);
    context.fillRect(inner.x, Math.round(y), inner.w, 1);
  },
};
