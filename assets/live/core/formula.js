// A formula in one line, from a short text: symbols in their colours, letters in italics.

import { element, symbolOf } from "./dom.js";

const PIECE = /\{(\w+)\}|([_^])(?:\(([^)]*)\)|(.))|([[\]])|([A-Za-zα-ωℓℒ]+)|([^{}[\]_^A-Za-zα-ωℓℒ]+)/gu;
const SCRIPT = { "ℒ": "L", N: "N" }; // a loss, and a Gaussian
const UPRIGHT = "EH"; // an expectation, and an entropy

/**
 * A formula: `{x}` is a symbol in its colour, `_j`, `^2` or `_(j−1)` stand below and above, `[...]`
 * on tint. A single letter is a variable, more of them are a function's name.
 * @param {string} text
 */
export function formulaOf(text) {
  const host = element("span", { class: "formula" });
  const places = [host];
  for (const [, name, side, group, one, bracket, letters, other] of text.matchAll(PIECE)) {
    const place = places[places.length - 1];
    if (name) place.append(symbolOf(name));
    else if (side) place.append(element(side === "_" ? "sub" : "sup", {}, ...formulaOf(group ?? one).childNodes));
    else if (bracket === "[") places.push(place.appendChild(element("span", { class: "added" })));
    else if (bracket) places.pop();
    else place.append(letters ? letter(letters) : other);
  }
  return host;
}

function letter(letters) {
  if (SCRIPT[letters]) return element("i", { class: "script" }, SCRIPT[letters]);
  return letters.length > 1 || UPRIGHT.includes(letters) ? letters : element("i", {}, letters);
}
