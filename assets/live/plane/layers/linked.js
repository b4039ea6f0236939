// The linked test image: a ring at its code, its posterior to scale, and a lens where that is small.

import { circle, line, tag, written } from "../../core/canvas.js";
import { SYMBOL } from "../../core/theme.js";

/** @type {import("../plane.js").Layer} */
export const linked = {
  draw(context, plane, colours) {
    const { linked: { at, spread }, place: dot } = plane.cursor;
    const [x, y] = plane.toScreen(...at);
    if (spread) {
      const { unit } = plane.window;
      ellipse(context, colours, x, y, spread, unit);
      if (Math.max(spread.rx, spread.ry) / unit < 12 && plane.contains(x, y)) lens(context, plane, colours, [x, y]);
    }
    ring(context, [x, y], colours.x, colours.plane, Math.hypot(x - dot[0], y - dot[1]) < 9 ? 12 : 6.5); // around the dot, or it would be hidden
  },
};

/** A ring about a place, set off from what is below it. */
export function ring(context, [x, y], colour, paper, r = 6.5) {
  for (const [stroke, width] of [[paper, 5], [colour, 2.2]]) {
    circle(context, x, y, r);
    context.strokeStyle = stroke;
    context.lineWidth = width;
    context.stroke();
  }
}

// The posterior is often a few pixels wide: a lens in a corner magnifies it.
function lens(context, plane, colours, [px, py]) {
  const { inner, space: { labels, count }, projection: { places }, cursor: { linked: { at, spread }, place: dot } } = plane;
  const r = inner.w < 400 ? 44 : 58;
  const power = wholePower((0.42 * r * plane.window.unit) / Math.max(spread.rx, spread.ry));
  if (power < 2) return;
  const [cx, cy] = corner(inner, r, [dot, [px, py]]);
  const angle = Math.atan2(cy - py, cx - px);
  context.strokeStyle = colours.muted;
  context.lineWidth = 1.2;
  line(context, px + 8 * Math.cos(angle), py + 8 * Math.sin(angle), cx - r * Math.cos(angle), cy - r * Math.sin(angle));
  context.save();
  circle(context, cx, cy, r);
  context.fillStyle = colours.plane;
  context.fill();
  context.clip();
  const unit = plane.window.unit / power;
  for (let i = 0; i < count; i++) {
    const dx = (places[2 * i] - at[0]) / unit;
    const dy = (places[2 * i + 1] - at[1]) / unit;
    if (dx * dx + dy * dy > r * r) continue;
    circle(context, cx + dx, cy - dy, 2.2);
    context.fillStyle = colours.classes[labels[i]];
    context.fill();
  }
  ellipse(context, colours, cx, cy, spread, unit);
  context.strokeStyle = colours.mu;
  context.lineWidth = 2.2;
  line(context, cx - 5, cy, cx + 5, cy);
  line(context, cx, cy - 5, cx, cy + 5);
  // Named on its line, as heights are on a map.
  const [across, up] = [(1.414 * spread.rx) / unit, (1.414 * spread.ry) / unit];
  const [cos, sin] = [Math.cos(spread.angle), Math.sin(spread.angle)];
  context.font = `italic 12px ${SYMBOL}`;
  context.textAlign = "center";
  written(context, "2σ", cx + across * cos - up * sin, cy - across * sin - up * cos + 4, colours.sigma, colours.plane);
  context.restore();
  circle(context, cx, cy, r);
  context.strokeStyle = colours.muted;
  context.stroke();
  tag(context, colours, `× ${power}`, cx, cy + r + 4, colours.plane, colours.text, colours.muted);
}

// The corner for a lens that is nearest to the places it must not cover, but covers none of them.
function corner(inner, r, places) {
  /** @type {import("../plane.js").Pair[]} */
  const corners = [inner.x + r + 12, inner.x + inner.w - r - 12].flatMap((x) =>
    [inner.y + r + 12, inner.y + inner.h - r - 26].map((y) => /** @type {import("../plane.js").Pair} */ ([x, y])));
  const room = ([x, y]) => Math.min(...places.map((place) => Math.hypot(x - place[0], y - place[1])));
  const free = corners.filter((one) => room(one) > r + 30);
  return (free.length ? free : corners).reduce((a, b) => (room(b) < room(a) ? b : a));
}

// A posterior at 2 σ and 1 σ, to scale.
function ellipse(context, colours, x, y, { rx, ry, angle }, unit) {
  context.fillStyle = context.strokeStyle = colours.sigma;
  for (const [k, fill, width] of [[2, 0.1, 1.4], [1, 0.14, 1.8]]) {
    context.beginPath();
    context.ellipse(x, y, (k * rx) / unit, (k * ry) / unit, -angle, 0, 2 * Math.PI);
    context.globalAlpha = fill;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = Math.min(width, 1 + rx / unit);
    context.stroke();
  }
}

const wholePower = (value) => (value >= 20 ? Math.round(value / 5) * 5 : Math.floor(value));
