// What a number of labels means: which method is best there, and how many labels pixels alone need.

import { group, wordsOf } from "../../core/words.js";

const { say } = wordsOf("components/few_labels/standing");

/**
 * A method of the study: accuracies by number of labels, null or none where it was not measured.
 * @typedef {{ idea: string, label: string, draws: number[][], mean: (number | null)[], sd: (number | null)[] }} Method
 */

/** The idea of the method that sees nothing but the labelled images. */
const ALONE = "pixels";

/** The methods that were measured at a stop, best first. @param {Method[]} methods @param {number} stop */
export const ranked = (methods, stop) =>
  methods.filter(({ mean }) => mean[stop] != null).sort((a, b) => b.mean[stop] - a.mean[stop]);

/**
 * At how many labels a line first reaches a height, between its points on a logarithmic axis; null
 * where it does not.
 * @param {number[]} labels @param {(number | null)[]} values @param {number} height
 */
export function reached(labels, values, height) {
  const points = labels.map((count, i) => [count, values[i]]).filter(([, value]) => value != null);
  const i = points.findIndex(([, value]) => value >= height);
  if (i <= 0) return points[i]?.[0] ?? null;
  const [[n0, v0], [n1, v1]] = [points[i - 1], points[i]];
  return n0 * (n1 / n0) ** ((height - v0) / (v1 - v0));
}

/**
 * Where the methods stand at so many labels; `needed` labels bring pixels to the best one's share.
 * @typedef {{ kind: string, labels: number, images: number, best?: string, share?: number, pixels: number | null, needed?: number | null }} Facts
 */

/**
 * Where the methods stand at a stop, as facts.
 * @param {{ labels: number[], methods: Method[], images: number }} study @param {number} stop
 * @returns {Facts}
 */
export function standingAt({ labels, methods, images }, stop) {
  const [best, second] = ranked(methods, stop);
  const alone = methods.find(({ idea }) => idea === ALONE);
  const pixels = alone?.mean[stop] ?? null;
  const facts = { labels: labels[stop], images, best: best?.label, share: best?.mean[stop], pixels };
  if (!best) return { ...facts, kind: "none" };
  if (pixels === null) return { ...facts, kind: "alone" };
  if (best === alone) return { ...facts, kind: second ? "unbeaten" : "only" };
  if (labels[stop] >= images) return { ...facts, kind: "all" };
  const needed = reached(labels, alone.mean, best.mean[stop]);
  return { ...facts, kind: needed === null ? "beyond" : "needed", needed };
}

/** A number of labels as far as it is known: two digits. @param {number} count */
export const about = (count) => group(Number(count.toPrecision(2)));

/** The facts as sentences. @param {Facts} facts */
export function standingText({ kind, labels, images, best, share, pixels, needed }) {
  const percent = (value) => (100 * value).toFixed(1);
  const all = labels >= images;
  const values = {
    best, labels: group(labels), images: group(images), others: group(images - labels),
    share: percent(share ?? 0), pixels: percent(pixels ?? 0), needed: needed ? about(needed) : "",
  };
  const count = say(all ? "count_all" : "count", values);
  switch (kind) {
    case "none": return say("none", { ...values, count });
    case "alone": return say("alone", { ...values, count });
    case "only": return `${say("pixels", { ...values, count })} ${say("only")}`;
    case "unbeaten": return `${say("pixels", { ...values, count })} ${say("unbeaten")}`;
    case "all": return say("all", values);
    default: return `${say("both", { ...values, count })} ${say(kind === "beyond" ? "beyond" : "needed", values)}`;
  }
}
