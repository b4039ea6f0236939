// Rows of small pictures of weights in grey, each row with its name.

import { imageCanvas } from "../../core/canvas.js";
import { element } from "../../core/dom.js";

/** The i-th of pictures of 784 grey values. @param {ArrayLike<number>} values @param {number} i */
function grey(values, i) {
  const canvas = imageCanvas();
  const context = canvas.getContext("2d");
  const picture = context.createImageData(28, 28);
  for (let p = 0, k = 0; p < 784; p++, k += 4) {
    picture.data.fill(values[784 * i + p], k, k + 3);
    picture.data[k + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
  return element("img", { src: canvas.toDataURL(), alt: "", draggable: "false" });
}

/**
 * @param {BlockArray} array pictures (n, 784) of bytes @param {string} name @param {string} note
 * @param {{ own?: boolean }} [look] own: in the colour of what the figure is about
 */
export function rowOf({ shape: [count], values }, name, note, { own = false } = {}) {
  const pictures = Array.from({ length: count }, (_, i) => grey(values, i));
  return element("div", { class: `row-of${own ? " own" : ""}`, role: "img", "aria-label": `${name}: ${note}` },
    element("p", { class: "caption" }, element("b", {}, name), element("span", {}, note)), ...pictures);
}
