// The buttons of a plane that zoom, and how many of its codes are in view.

import { element, icon } from "../core/dom.js";
import { group, wordsOf } from "../core/words.js";

const { say } = wordsOf("plane/zoom_buttons");
const STEP = 1.5;

/** Buttons that zoom in and out and show all; `zoom` takes a factor. */
export function zoomButtons(title, { zoom, fit }) {
  const button = (name, label, act) => {
    const node = element("button", { type: "button", title: label, "aria-label": say("of_plane", { label, title }) }, icon(name));
    node.onclick = act;
    return node;
  };
  return element("div", { class: "zooms" },
    button("plus", say("in"), () => zoom(STEP)),
    button("minus", say("out"), () => zoom(1 / STEP)),
    button("fit", say("all"), fit));
}

/** How many of all test images have their code in view. */
export const inViewText = (seen, all) => say("in_view", { seen: group(seen), all: group(all) });
