// A disc with its digit for each class, where the class is densest in view.

import { circle, line } from "../../core/canvas.js";

const CELL = 18; // pixels of a cell in which points are counted
const LEAST = 12; // points about a cell, its own counted twice, that make a class worth a disc, or
const SHARE = 0.05; // so much of a class, where it has few
const APART = 3; // pixels between two discs

/** @type {import("../plane.js").Layer} */
export const discs = {
  draw(context, plane, colours) {
    const { inner } = plane;
    const r = inner.w < 400 ? 9 : plane.discRadius;
    plane.discs = pushApart(densest(plane), 2 * r + APART).map((disc) => ({ ...disc, r,
      x: within(disc.x, inner.x + r, inner.x + inner.w - r), y: within(disc.y, inner.y + r, inner.y + inner.h - r) }));
    for (const { label, home, x, y } of plane.discs) {
      if (Math.hypot(x - home[0], y - home[1]) > 9) {
        context.strokeStyle = colours.classes[label];
        context.lineWidth = 1.2;
        line(context, x, y, ...home);
      }
      disc(context, colours, label, x, y, r);
    }
  },
};

/** The disc of a class. */
export function disc(context, colours, label, x, y, r) {
  circle(context, x, y, r);
  context.fillStyle = colours.plane;
  context.globalAlpha = 0.95;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = colours.classes[label];
  context.lineWidth = 1.8;
  context.stroke();
  context.fillStyle = colours.text;
  context.font = `650 ${Math.round(r * 1.2)}px ${colours.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(label, x, y + 0.5);
  context.textBaseline = "alphabetic";
}

const within = (value, low, high) => Math.min(Math.max(value, low), high);

/** Discs { home: [x, y] } with places { x, y } of their own, so far apart as they can push each other. */
export function pushApart(found, apart) {
  const placed = found.map((disc) => ({ ...disc, x: disc.home[0], y: disc.home[1] }));
  for (let round = 0; round < 60; round++) {
    for (const a of placed) {
      for (const b of placed) {
        if (a === b) continue;
        const dx = b.x - a.x || 0.01;
        const dy = b.y - a.y;
        const far = Math.hypot(dx, dy);
        const push = (apart - far) / 2;
        if (push <= 0) continue;
        b.x += (dx / far) * push * 0.5;
        b.y += (dy / far) * push * 0.5;
        a.x -= (dx / far) * push * 0.5;
        a.y -= (dy / far) * push * 0.5;
      }
    }
  }
  return placed;
}

/** Where each class that is shown is densest: { label, home: [x, y] }; none that is hardly in view. A class of few points has one, too: colour is never its only sign. */
export function densest(plane) {
  const { inner, hidden, space: { labels, count }, projection: { places } } = plane;
  const columns = Math.ceil(inner.w / CELL) + 2;
  const rows = Math.ceil(inner.h / CELL) + 2;
  const heaps = Array.from({ length: 10 }, () => new Float32Array(columns * rows));
  const sizes = new Float32Array(10);
  for (let i = 0; i < count; i++) {
    sizes[labels[i]] += 1;
    const [px, py] = plane.toScreen(places[2 * i], places[2 * i + 1]);
    if (!plane.contains(px, py)) continue;
    const c = Math.floor((px - inner.x) / CELL) + 1;
    const r = Math.floor((py - inner.y) / CELL) + 1;
    heaps[labels[i]][r * columns + c] += 1;
  }
  const found = [];
  heaps.forEach((heap, label) => {
    if (hidden.has(label)) return;
    let best = 0;
    let at = -1;
    for (let r = 1; r < rows - 1; r++) {
      for (let c = 1; c < columns - 1; c++) {
        const k = r * columns + c;
        const mass = 2 * heap[k] + heap[k - 1] + heap[k + 1] + heap[k - columns] + heap[k + columns];
        if (mass > best) [best, at] = [mass, k];
      }
    }
    if (best < Math.min(LEAST, SHARE * sizes[label]) || !best) return;
    const x = inner.x + ((at % columns) - 0.5) * CELL;
    const y = inner.y + (Math.floor(at / columns) - 0.5) * CELL;
    found.push({ label, home: [x, y] });
  });
  return found;
}
