// Ticks of an axis.

/**
 * The least step of 1, 2 or 5 times a power of ten that is no smaller than `least`; a thousandth
 * less will do.
 * @param {number} least positive
 */
export function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * (/** @type {number} */ ([1, 2, 5, 10].find((k) => k * power >= least * 0.999)));
}

/**
 * The multiples of a step from low to high, both counted in.
 * @param {number} step @param {number} low @param {number} high
 */
export function multiples(step, low, high) {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

/**
 * Ticks of a logarithmic axis: 1, 2 and 5 times the powers of ten between low and high, or the
 * powers alone; where fewer than two lie between, the ends themselves to three digits.
 * @param {number} low positive @param {number} high @param {boolean} all whether there is room for 2 and 5
 */
export function powers(low, high, all) {
  const found = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
    found.push(...(all ? [1, 2, 5] : [1]).map((k) => k * power).filter((value) => value >= low && value <= high));
  }
  return found.length > 1 ? found : [low, high].map((value) => Number(value.toPrecision(3)));
}

/** The digits after the point that a step of this size needs. @param {number} step */
export const digitsOf = (step) => Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
