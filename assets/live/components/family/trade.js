// What the study of β says: what a code costs at each weight, and what it leaves.

const USED = 0.01; // nats of KL above which a number of the code is used

/**
 * @typedef {{ latent_dim: number, betas: number[], kl: number[], reconstruction: number[], per_dimension: number[][], squared_error: number[] }} Trade
 */

/** How many numbers of a code are used. @param {number[]} each the KL of each */
export const usedOf = (each) => each.filter((kl) => kl > USED).length;

/** The facts at one weight; null beyond those that were measured. @param {Trade} study @param {number} i */
export function tradeAt(study, i) {
  const each = study.per_dimension[i];
  if (!each) return null;
  return { beta: study.betas[i], used: usedOf(each), kl: study.kl[i], nats: study.reconstruction[i], error: study.squared_error[i] };
}

/** The weight that a text or a number means. @param {Trade} study @param {string | number} value */
export const placeOf = ({ betas }, value) => betas.indexOf(Number(value));
