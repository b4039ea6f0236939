// The grid of decoded images, as far as it is there.

/** @type {import("../plane.js").Layer} */
export const grid = {
  draw(context, plane) {
    const { x, y, w, h } = plane.inner;
    context.drawImage(plane.grid.canvas, x, y, w, h);
  },
};
