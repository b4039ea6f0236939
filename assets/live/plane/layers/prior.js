// The standard normal prior: circles of 1, 2 and 3 standard deviations.

/** @type {import("../plane.js").Layer} */
export const prior = {
  draw(context, plane, colours) {
    const [x, y] = plane.at(new Float32Array(plane.space.dim));
    context.strokeStyle = context.fillStyle = colours.sigma;
    context.lineWidth = 1;
    context.font = `12px ${colours.font}`;
    context.textAlign = "right";
    for (const k of [1, 2, 3]) {
      const r = k / plane.window.unit;
      context.globalAlpha = 0.55;
      context.setLineDash([4, 4]);
      context.beginPath();
      context.arc(x, y, r, 0, 2 * Math.PI);
      context.stroke();
      context.setLineDash([]);
      context.globalAlpha = 1;
      context.fillText(`${k} σ`, x - r * 0.707 - 3, y - r * 0.707 - 3);
    }
  },
};
