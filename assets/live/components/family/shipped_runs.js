// Shipped runs by name: networks and figures, fetched when they are first asked for.

import { content } from "../../core/content.js";
import { Model } from "../../core/model.js";
import { loadBlock } from "../../core/nn.js";

/**
 * @typedef {{ networks: string, figures: Record<string, any> }} About what the server says of a run
 * @typedef {{ name: string, figures: Record<string, any>, model: Model, arrays: Record<string, BlockArray>, layers: any[] }} ShippedRun
 *   arrays: its weights; layers: its encoder's
 */

export class ShippedRuns {
  /** @param {Record<string, About>} known what was sent with the page */
  constructor(known) {
    this.known = known;
    /** @type {Map<string, Promise<ShippedRun>>} */
    this.asked = new Map();
  }

  /** A run; null where there is none. @param {string | null} name */
  get(name) {
    if (!name) return Promise.resolve(null);
    const found = this.asked.get(name) ?? this.#fetch(name);
    this.asked.set(name, found);
    found.catch(() => this.asked.delete(name)); // the next to ask tries again
    return found;
  }

  /** @param {string} name @returns {Promise<ShippedRun>} */
  async #fetch(name) {
    const about = this.known[name] ?? (await content(`lab/shipped/${name}`, (answer) => answer.json()));
    const block = await loadBlock(about.networks);
    const { arrays, networks } = block;
    return { name, figures: about.figures, model: new Model(block), arrays, layers: networks.encoder?.layers ?? [] };
  }
}

/** The one layer of an encoder that has one: its weights, a row of 784 for each unit, and whether sigmoids follow. */
export function oneLayer({ layers, arrays }) {
  const linear = layers.filter(({ op }) => op === "linear");
  if (linear.length !== 1) return null;
  const { shape: [units, pixels], values } = arrays[linear[0].weight];
  return pixels === 784 ? { units, weights: values, sigmoid: layers.some(({ op }) => op === "sigmoid") } : null;
}
