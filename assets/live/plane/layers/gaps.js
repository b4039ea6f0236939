// Gaps of a latent space: what no disc of the gap radius around a reference code covers.

import { rgb } from "../../core/theme.js";

/** @type {import("../plane.js").Layer} */
export const gaps = {
  draw(context, plane, colours) {
    const { inner, scale, space } = plane;
    const width = Math.round(inner.w * scale);
    const height = Math.round(inner.h * scale);
    const covered = cover(plane, width, height, Math.max(space.radius / plane.window.unit, 0.75) * scale);
    const picture = new ImageData(width, height);
    const pixels = new Uint32Array(picture.data.buffer);
    const [red, green, blue] = rgb(colours.gap);
    const shade = (255 << 24) | (blue << 16) | (green << 8) | red;
    for (let i = 0; i < covered.length; i++) {
      if (!covered[i]) pixels[i] = shade;
    }
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    canvas.getContext("2d").putImageData(picture, 0, 0);
    context.filter = "blur(0.6px)";
    context.drawImage(canvas, inner.x, inner.y, inner.w, inner.h);
    context.filter = "none";
  },
};

// One byte for each pixel of the screen, in which each disc of radius r leaves its rows: a tenth of
// the time of drawing discs.
function cover(plane, width, height, r) {
  const { inner, scale, space: { reference } } = plane;
  const reach = Math.ceil(r);
  const halves = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.sqrt(Math.max(0, r * r - (i - reach) ** 2)));
  const covered = new Uint8Array(width * height);
  const stamped = new Uint8Array((width + 2 * reach + 1) * (height + 2 * reach + 1));
  for (let i = 0; i < reference.length; i += 2) {
    const [px, py] = plane.toScreen(reference[i], reference[i + 1]);
    const x = Math.round((px - inner.x) * scale);
    const y = Math.round((py - inner.y) * scale);
    if (x < -reach || y < -reach || x > width + reach || y > height + reach) continue;
    const cell = (y + reach) * (width + 2 * reach + 1) + x + reach;
    if (stamped[cell]) continue; // another code shares this pixel
    stamped[cell] = 1;
    for (let k = 0; k < halves.length; k++) {
      const row = y + k - reach;
      if (row < 0 || row >= height) continue;
      const left = Math.max(0, Math.round(x - halves[k]));
      const right = Math.min(width, Math.round(x + halves[k]));
      if (left < right) covered.fill(1, row * width + left, row * width + right);
    }
  }
  return covered;
}
