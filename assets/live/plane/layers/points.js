// Codes of test images as points in the colours of their classes; it counts those in view.

/** @type {import("../plane.js").Layer} */
export const points = {
  draw(context, plane, colours) {
    const { space: { labels, count }, projection: { places }, hidden, show, scale } = plane;
    const r = plane.pointRadius;
    const size = Math.ceil(2 * r * scale) + 2;
    const sprites = colours.classes.map((colour) => disc(size, r * scale, colour));
    const half = size / scale / 2;
    plane.inView = 0;
    context.globalAlpha = show.grid ? 0.15 : show.path ? 0.38 : colours.dark ? 0.62 : 0.55;
    for (let i = 0; i < count; i++) {
      if (hidden.has(labels[i])) continue;
      const [px, py] = plane.toScreen(places[2 * i], places[2 * i + 1]);
      if (!plane.contains(px, py)) continue;
      plane.inView++;
      context.drawImage(sprites[labels[i]], px - half, py - half, half * 2, half * 2);
    }
    context.globalAlpha = 1;
  },
};

// A point of a class, drawn once for all.
function disc(size, radius, colour) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  context.arc(size / 2, size / 2, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
  return canvas;
}
