// The colour of a unit by how strongly it answers.

import { rgb } from "../../core/theme.js";

const STRENGTH = 1.35; // weak answers stay near the ground, so that few strong ones are seen to be few

/** From the colour of nothing to that of a code, by an activation in [0, 1]. @param {any} colours */
export function mixed(colours) {
  const [none, full] = [rgb(colours.hairline), rgb(colours.z)];
  return (/** @type {number} */ activation) => {
    const share = Math.min(Math.max(activation, 0), 1) ** STRENGTH;
    return `rgb(${none.map((c, i) => Math.round(c + (full[i] - c) * share)).join()})`;
  };
}
