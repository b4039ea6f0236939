// Rows of small pictures of weights in grey, each row with its name.

import { greyPicture } from "../../core/canvas.js";
import { element } from "../../core/dom.js";

/** The i-th of pictures of 784 grey values. @param {ArrayLike<number>} values @param {number} i */
const grey = (values, i) => element("img", { src: greyPicture(values, i).toDataURL(), alt: "", draggable: "false" });

/**
 * @param {BlockArray} array pictures (n, 784) of bytes @param {string} name @param {string} note
 * @param {{ own?: boolean }} [look] own: in the colour of what the figure is about
 */
export function rowOf({ shape: [count], values }, name, note, { own = false } = {}) {
  const pictures = Array.from({ length: count }, (_, i) => grey(values, i));
  return element("div", { class: `row-of${own ? " own" : ""}`, role: "img", "aria-label": `${name}: ${note}` },
    element("p", { class: "caption" }, element("b", {}, name), element("span", {}, note)), ...pictures);
}
