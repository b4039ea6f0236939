// Draws that a seed makes again, here and anywhere.

import { randomBits } from "../../images/noise.js";

const TWO_32 = 2 ** 32;

/** A number in [0, 1) for every combination of whole numbers. @param {...number} counters */
export const uniform = (...counters) => randomBits(...counters) / TWO_32;

/** A draw of N(0, 1) for every combination of whole numbers. @param {...number} counters */
export function normal(...counters) {
  const radius = Math.sqrt(-2 * Math.log((randomBits(...counters, 0) + 1) / TWO_32)); // Box & Muller
  return radius * Math.cos(2 * Math.PI * uniform(...counters, 1));
}
