// What a model that infers the class makes of an image: how likely each class is, and the image drawn
// as each of them, with the nats that it takes to describe it so.

import { share } from "../../core/dom.js";
import { wordsOf } from "../../core/words.js";

const { say } = wordsOf("components/few_labels/ten_guesses");

export const DOUBTED = 4; // images that are shown beside one of each class

/**
 * Ten guesses at an image.
 * @typedef {{ digit: number, probabilities: Float32Array, images: Float32Array[], nats: number[], least: number }} Guesses
 */

/**
 * The nats of a class are L(x, y) at the mean of the code: −log p(x | z, y), and where the code has a
 * posterior the KL to the prior N(0, I) and −log p(y).
 * @param {import("../../core/model.js").Model} model @param {Float32Array} x @returns {Guesses}
 */
export function tenGuesses(model, x) {
  const { digit, probabilities } = model.classify(x);
  const found = { digit, probabilities: probabilities.slice(), images: [], nats: [], least: 0 };
  for (let label = 0; label < probabilities.length; label++) {
    const y = model.labelOf([label]);
    const posterior = model.posterior(x, y);
    const z = posterior ? posterior.mean.slice() : model.encode(x, y).slice();
    const more = posterior ? divergence(posterior) + Math.log(probabilities.length) : 0;
    found.images.push(model.decode(z, y).slice());
    found.nats.push(model.nats(x, z, y) + more);
  }
  found.least = found.nats.indexOf(Math.min(...found.nats));
  return found;
}

/** KL(N(mean, sd²) ‖ N(0, I)) in nats. */
const divergence = ({ mean, sd }) =>
  mean.reduce((sum, mu, j) => sum + (mu * mu + sd[j] * sd[j] - 1) / 2 - Math.log(sd[j]), 0);

/**
 * Which images to show: of each class the first that is read as it, or else the first; and those
 * whose own label the model believes least, both in the order of the classes.
 * @param {ArrayLike<number>} labels @param {{ digit: number, probabilities: ArrayLike<number> }[]} read
 */
export function picked(labels, read) {
  const numbers = Array.from(read, (_, i) => i);
  const classes = [...new Set(numbers.map((i) => labels[i]))].sort((a, b) => a - b);
  const first = classes.map((label) =>
    numbers.find((i) => labels[i] === label && read[i].digit === label) ?? numbers.find((i) => labels[i] === label));
  const believed = (i) => read[i].probabilities[labels[i]];
  const doubted = numbers.filter((i) => !first.includes(i)).sort((a, b) => believed(a) - believed(b)).slice(0, DOUBTED);
  return [...first, ...doubted.sort((a, b) => labels[a] - labels[b] || a - b)];
}

/** The answer in words. @param {string} name of the model @param {number} label the true one @param {Guesses} guesses */
export function answerText(name, label, { digit, probabilities, nats, least }) {
  const others = Array.from(probabilities, (p, i) => [p, i]).filter(([, i]) => i !== digit).sort((a, b) => b[0] - a[0]);
  const other = digit === label ? others[0][1] : label;
  const values = {
    name, label, digit: say(`digit_${digit}`), sure: share(probabilities[digit]), other: say(`digit_${other}`),
    less: share(probabilities[other]), first: say(`digit_${label}`), second: say(`digit_${digit === label ? other : digit}`),
    first_nats: nats[label].toFixed(1), second_nats: nats[digit === label ? other : digit].toFixed(1),
    apart: Math.abs(nats[label] - nats[digit]).toFixed(1), least: say(`digit_${least}`),
  };
  const read = say(digit === label ? "right" : "wrong", values);
  if (least !== digit) return `${read} ${say("nats", values)} ${say("otherwise", values)}`;
  return `${read} ${say(digit === label ? "nats" : "decide", values)}`;
}
