// What the browser is told of a model's latent space: its codes, and what counts as near them.

import { dequantise } from "../core/nn.js";

/** The latent space of a block of `aecore.web.blocks`. */
export function spaceOf({ latent_dim: dim, prior, projections = [], arrays }) {
  const labels = arrays.labels.values;
  return {
    codes: dequantise(arrays, "mean"), labels, count: labels.length, dim,
    prior: prior?.kind === "standard_normal", // its circles are drawn
    reference: dequantise(arrays, "reference"), radius: arrays.distances.values[1],
    projections: projections.map((about) => ({ ...about, ...planeOf(arrays, about.name) })),
  };
}

// What there is of a projection: places of the test images, or the formula of its plane.
function planeOf(arrays, name) {
  if (arrays[name]) return { places: dequantise(arrays, name) };
  const [mean, axes, share] = ["mean", "axes", "share"].map((part) => arrays[`${name}_${part}`].values);
  return { mean, axes, share };
}

/** Row of the nearest point and its squared distance. */
export function nearest(points, dim, z) {
  let best = Infinity;
  let row = 0;
  if (dim === 2) {
    const [zx, zy] = z;
    for (let k = 0; k < points.length; k += 2) {
      const dx = points[k] - zx;
      const dy = points[k + 1] - zy;
      const d = dx * dx + dy * dy;
      if (d < best) {
        best = d;
        row = k;
      }
    }
    return [row / 2, best];
  }
  for (let k = 0, i = 0; k < points.length; k += dim, i++) {
    let d = 0;
    for (let j = 0; j < dim && d < best; j++) {
      const difference = points[k + j] - z[j];
      d += difference * difference;
    }
    if (d < best) {
      best = d;
      row = i;
    }
  }
  return [row, best];
}
