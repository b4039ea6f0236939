// The bar above the table: the kind of noise, its level, and another draw of it.

import { element, write } from "../../core/dom.js";
import { wordsOf } from "../../core/words.js";

const { say } = wordsOf("components/denoise/noise_bar");

export class NoiseBar {
  /**
   * kinds: by name { title, symbol, meaning, high, step }; onKind(kind), onLevel(level) while the
   * slider moves, onSettled() when it is let go, onAgain() for new noise.
   */
  constructor(kinds, { onKind, onLevel, onSettled, onAgain }) {
    /** What is shown of a kind. @type {any} */
    this.about = null;
    this.choices = Object.entries(kinds).map(([kind, { title }]) => {
      const button = element("button", { type: "button" }, title);
      button.onclick = () => onKind(kind);
      return { kind, button };
    });
    this.slider = element("input", { type: "range", min: 0, "aria-label": say("level") });
    this.symbol = element("span", { class: "symbol" });
    this.value = element("output");
    this.slider.oninput = () => onLevel(Number(this.slider.value));
    this.slider.onchange = onSettled;
    const again = element("button", { type: "button", class: "again" }, glyph("casino"), say("again"));
    again.onclick = onAgain;
    this.host = element("div", { class: "noise-bar" },
      element("div", { class: "kinds", role: "group", "aria-label": say("kind") }, ...this.choices.map(({ button }) => button)),
      element("label", { class: "level" }, element("span", {}, say("level")), this.symbol, this.slider, this.value),
      again);
  }

  /** Show a kind and its level; `about` is of the kind, `text` the level as it is written. */
  show(kind, about, level, text) {
    const { slider } = this;
    if (about !== this.about) this.#choose(kind, about);
    if (Number(slider.value) !== level) slider.value = String(level);
    slider.style.setProperty("--share", `${((100 * level) / about.high).toFixed(2)}%`);
    slider.setAttribute("aria-valuetext", say("value", { level: text, meaning: about.meaning }));
    write(this.value, text);
  }

  #choose(kind, about) {
    this.about = about;
    for (const { kind: own, button } of this.choices) button.setAttribute("aria-pressed", String(own === kind));
    this.slider.max = about.high;
    this.slider.step = about.step;
    this.symbol.textContent = about.symbol;
    this.symbol.title = about.meaning;
  }
}

/** A symbol of the icon font. */
export const glyph = (name) => element("span", { class: "glyph", "aria-hidden": "true" }, name);
