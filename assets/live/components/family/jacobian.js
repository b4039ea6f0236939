// How far a code moves with its image: the singular values of ∂z/∂x of one layer of sigmoid units.

import { eigen } from "../../core/eigen.js";

/** W Wᵀ by the weights, which stay while images change. @type {WeakMap<object, Float64Array>} */
const grams = new WeakMap();

/** @param {ArrayLike<number> & object} weights a row for each unit @param {number} units */
function gram(weights, units) {
  const known = grams.get(weights);
  if (known) return known;
  const pixels = weights.length / units;
  const found = new Float64Array(units * units);
  for (let i = 0; i < units; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let p = 0, a = i * pixels, b = j * pixels; p < pixels; p++) sum += weights[a + p] * weights[b + p];
      found[i * units + j] = found[j * units + i] = sum;
    }
  }
  grams.set(weights, found);
  return found;
}

/**
 * J = diag(z (1 − z)) W at a code z: singular values, descending, and the first directions of the
 * image that it keeps. They are found from J Jᵀ, which is as large as the code.
 * @param {{ units: number, weights: Float32Array }} layer @param {ArrayLike<number>} code
 * @param {number} [count] how many directions @returns {{ values: Float64Array, directions: Float32Array[] }}
 */
export function singular({ units, weights }, code, count = 0) {
  const slope = Float64Array.from({ length: units }, (_, i) => code[i] * (1 - code[i]));
  const product = gram(weights, units).slice();
  for (let i = 0, k = 0; i < units; i++) for (let j = 0; j < units; j++, k++) product[k] *= slope[i] * slope[j];
  const { values, vectors } = eigen(product, units);
  const roots = values.map((value) => Math.sqrt(Math.max(value, 0)));
  const pixels = weights.length / units;
  const directions = vectors.slice(0, count).map((vector, at) => {
    const found = new Float32Array(pixels);
    for (let i = 0; i < units; i++) {
      const share = (slope[i] * vector[i]) / (roots[at] || 1);
      for (let p = 0, a = i * pixels; p < pixels; p++) found[p] += share * weights[a + p];
    }
    return signed(found);
  });
  return { values: roots, directions };
}

/** A direction has no sign of its own: the one whose strongest pixel is white. @param {Float32Array} direction */
function signed(direction) {
  const strongest = direction.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  return strongest < 0 ? direction.map((value) => -value) : direction;
}
