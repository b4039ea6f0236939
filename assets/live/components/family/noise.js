// Noise that no model has seen, and how much of it a model copies.

import { randomBits } from "../../images/noise.js";

const [SIDE, MARGIN, SHARE] = [28, 4, 0.3]; // pixels, pixels left out at each side, share of the others that are on
const DRAWS = 40; // over which the copied share is a mean

/** Pixels of the middle that are on by chance. @param {number} seed */
export function noiseOf(seed) {
  return Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [row, column] = [Math.floor(i / SIDE), i % SIDE];
    const inside = Math.min(row, column) >= MARGIN && Math.max(row, column) < SIDE - MARGIN;
    return Number(inside && randomBits(seed, i) / 2 ** 32 < SHARE);
  });
}

/**
 * The share of noise's energy about its mean that comes back: 1 less the squared error over it, no
 * less than 0.
 * @param {import("../../core/model.js").Model} model
 */
export function copied(model) {
  let [error, energy] = [0, 0];
  for (let seed = 0; seed < DRAWS; seed++) {
    const noise = noiseOf(seed);
    const drawn = model.decode(model.encode(noise));
    noise.forEach((value, i) => {
      const [row, column] = [Math.floor(i / SIDE), i % SIDE];
      const mean = Math.min(row, column) >= MARGIN && Math.max(row, column) < SIDE - MARGIN ? SHARE : 0;
      error += (drawn[i] - value) ** 2;
      energy += (value - mean) ** 2;
    });
  }
  return Math.max(0, 1 - error / energy);
}
