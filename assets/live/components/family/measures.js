// The table of what was measured of the two: a row for each figure that both of their cards have, or
// that only one can have.

import { element, write } from "../../core/dom.js";
import { number } from "../../core/numbers.js";
import { percent, wordsOf } from "../../core/words.js";

const { say } = wordsOf("components/family/measures");

const POINT = 0.01; // of accuracy

/**
 * @typedef {{ values: (number | undefined)[], titles: string[], asked: string | null, units: number[] | null }} Facts two figures,
 *   whose they are, the mean activation that was asked for, and how many units the two have
 * @typedef {{ key: string, of?: (figures: any) => number | undefined, write: (value: number) => string, says?: (facts: Facts) => string, alone?: string }} Measure
 *   alone: what it says where only one of the two has it, by its key; else it is left out then
 */

const plain = (digits) => (/** @type {number} */ value) => number(value, digits);
const thousandths = (/** @type {number} */ value) => value.toFixed(3).replace(/^0/, "");
const both = (/** @type {Facts} */ { values }) => values.every((value) => value !== undefined);
const lower = (/** @type {Facts} */ { values: [a, b], titles }) => titles[a <= b ? 0 : 1];
const higher = (/** @type {Facts} */ { values: [a, b], titles }) => titles[a >= b ? 0 : 1];

/** How far two figures are apart as they are written, to tenths. @param {Facts} facts */
function apart({ values }) {
  const [a, b] = values.map((value) => Math.round(10 * value));
  return number(Math.abs(a - b) / 10, 1);
}

/** One unit in how many fires. @param {number[]} values @param {number[]} units */
function oneIn(values, units) {
  const [first, second] = values.map((value, i) => number(units[i] / value, units[i] < 2 * value ? 1 : 0));
  return { first, second };
}

/** What two readers' accuracies say. @param {Facts} facts */
function reading(facts) {
  const [a, b] = facts.values;
  if (Math.abs(a - b) < POINT) return say("reader_alike");
  return say("reader_says", { better: higher(facts), lead: Math.round(100 * Math.abs(a - b)) });
}

/** @type {Measure[]} */
const MEASURES = [
  { key: "squared_error", write: plain(1), says: (facts) => say("squared_error_says", { better: lower(facts), lead: apart(facts) }) },
  { key: "linear_error", write: plain(2), alone: "linear_error_alone" },
  { key: "pca_error", write: plain(2), alone: "pca_error_alone" },
  { key: "firing", write: plain(1), says: ({ values, units }) => (units ? say("firing_says", oneIn(values, units)) : "") },
  { key: "mean_activation", write: thousandths, says: ({ asked }) => (asked ? say("mean_activation_says", { rho: asked }) : "") },
  { key: "silent", write: plain(0), says: ({ values: [a, b] }) => (a > b ? say("silent_says") : "") },
  { key: "linear_reader_100", of: ({ linear_reader: found }) => found?.["100"], write: thousandths, says: reading },
  { key: "linear_reader_1000", of: ({ linear_reader: found }) => found?.["1000"], write: thousandths, says: reading },
  { key: "jacobian_norm", write: plain(2), says: (facts) => say("jacobian_norm_says", { better: lower(facts) }) },
  { key: "saturated", write: percent, says: () => say("saturated_says") },
  { key: "noise_copied", write: percent, says: () => say("noise_copied_says") },
  { key: "negative_elbo", write: plain(1), says: (facts) => say("negative_elbo_says", { better: lower(facts), lead: apart(facts) }), alone: "negative_elbo_alone" },
  { key: "kl", write: plain(1), says: (facts) => say("kl_says", { better: lower(facts), lead: apart(facts) }), alone: "kl_alone" },
  { key: "knn_accuracy", write: thousandths, says: (facts) => say("knn_says", { better: higher(facts) }) },
  { key: "accuracy", write: thousandths, alone: "accuracy_alone" },
  { key: "leakage", write: thousandths, says: () => say("leakage_says"), alone: "leakage_says" },
  { key: "read_as_asked", write: thousandths, alone: "read_as_asked_alone" },
];

/**
 * The rows: a key, the two figures, as they are written, and what they say where both are there.
 * @param {(Record<string, any> | undefined)[]} figures of the two cards @param {string[]} titles
 * @param {string | null} asked @param {number[] | null} units
 */
export function rowsOf(figures, titles, asked, units) {
  if (!figures.every(Boolean)) return []; // one has no run: there is nothing to compare
  return MEASURES.flatMap(({ key, of = (card) => card[key], write, says, alone }) => {
    const values = figures.map((card) => {
      const value = card && of(card);
      return typeof value === "number" ? value : undefined;
    });
    const facts = { values, titles, asked, units };
    const has = values.findIndex((value) => value !== undefined);
    if (has < 0 || (!both(facts) && !alone)) return [];
    const alike = values[0] === values[1];
    const said = both(facts) ? (says && !alike ? says(facts) : "") : say(alone, { own: titles[has], other: titles[1 - has] });
    return [{ key, figures: values, values: values.map((value) => (value === undefined ? "–" : write(value))), says: said }];
  });
}

/** The table; where its rows stay, only words that change are written. */
export class Measures {
  constructor() {
    this.head = lineOf("th", 4);
    this.body = element("tbody");
    this.host = element("table", { class: "measures" }, element("thead", {}, this.head), this.body);
  }

  /** @param {ReturnType<typeof rowsOf>} rows @param {string[]} heads */
  show(rows, heads) {
    if (this.body.children.length !== rows.length) this.body.replaceChildren(...rows.map(() => lineOf("td", 4)));
    const lines = [[say("measure"), ...heads, say("says")], ...rows.map(({ key, values, says }) => [say(key), ...values, says])];
    [this.head, ...this.body.children].forEach((line, i) => [...line.children].forEach((cell, k) => write(cell, lines[i][k])));
  }
}

/** @param {string} tag @param {number} cells */
const lineOf = (tag, cells) => element("tr", {}, ...Array.from({ length: cells }, () => element(tag)));
