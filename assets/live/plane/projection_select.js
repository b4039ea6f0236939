// Which plane of many dimensions is shown: two of them or one that is computed, chosen by hand and said in words.

/** A model's plane with its `head`. @typedef {{ plane: any, title: string, head: HTMLElement, chooser?: Chooser, project: (found: any) => void }} Shown */

import { element } from "../core/dom.js";
import { filled, wordsOf } from "../core/words.js";
import { projection } from "./projections.js";

const { say, fill } = wordsOf("plane/projection_select");

const subscript = (n) => String(n).replace(/\d/g, (d) => "₀₁₂₃₄₅₆₇₈₉"[d]);

export class Chooser {
  /** plane: of more than two dimensions. title: whose. changed: called when another is chosen. */
  constructor(plane, title, changed) {
    this.plane = plane;
    this.changed = changed;
    const { space } = plane;
    this.dim = space.dim;
    const kinds = [["axes", say("axes")], ...(space.projections ?? []).map(({ name, title }) => [name, title])];
    this.kind = this.select(say("plane", { title }), kinds, () => this.choose(this.kind.value === "axes" ? this.pair : this.kind.value));
    this.pair = plane.axes;
    const names = Array.from({ length: space.dim }, (_, j) => [j, `z${subscript(j + 1)}`]);
    const pick = (label, which) => this.select(label, names, (chosen) => {
      const pair = [...this.pair];
      // Both alike would be no plane: the other takes what this one had.
      if (pair[1 - which] === Number(chosen)) pair[1 - which] = pair[which];
      pair[which] = Number(chosen);
      this.choose(pair);
    });
    this.across = pick(say("across", { title }), 0);
    this.up = pick(say("up", { title }), 1);
    this.dimensions = element("span", { class: "pair" }, 
      ...fill("pair", { across: this.across, up: this.up, count: space.dim }));
    this.words = element("span");
    this.host = element("div", { class: "axes" }, kinds.length > 1 ? this.kind : null, " ", this.dimensions, this.words);
    this.show();
  }

  /** Say this in place of what the plane shows, until another is chosen. @param {string} sentence */
  note(sentence) {
    this.words.replaceChildren(" ", sentence);
  }

  select(label, options, act) {
    const select = element("select", { "aria-label": label }, ...options.map(([value, text]) => element("option", { value }, text)));
    select.onchange = () => act(select.value);
    return select;
  }

  choose(key) {
    const found = projection(this.plane.space, key);
    if (found) this.changed(found);
    this.show();
  }

  /** Say what the plane shows now. */
  show() {
    const { plane } = this;
    const key = plane.axes;
    if (Array.isArray(key)) this.pair = key;
    this.kind.value = Array.isArray(key) ? "axes" : key;
    [this.across.value, this.up.value] = this.pair.map(String);
    this.dimensions.hidden = !Array.isArray(key);
    this.words.replaceChildren(...(Array.isArray(key) ? [] : this.sentence(key)));
  }

  /** In words; the second part stands where there is room. */
  sentence(key) {
    const part = (text) => element("span", { class: "more" }, text);
    const { note, more, share: [first, second] = [0, 0] } = this.plane.space.projections.find(({ name }) => name === key);
    return [filled(note, { share: Math.round(100 * (first + second)), count: this.dim }), part(more)];
  }
}

/**
 * Show the planes that a link asks for; in place of one that is not there, a sentence.
 * @param {Shown[]} shown
 * @param {import("../core/view.js").View} view whose field `axes` has them
 */
export function showAsked(shown, view) {
  const asked = view.spoiled.includes("axes") ? [""] : (view.values.axes ?? []).slice(0, shown.length);
  view.spoiled = []; // it is said once
  asked.forEach((key, i) => {
    const { plane, title, chooser, head } = shown[i];
    const found = projection(plane.space, key);
    if (found) return shown[i].project(found);
    const name = Array.isArray(key) ? key.map((axis) => `z${subscript(axis + 1)}`).join(", ") : key.toUpperCase();
    const [across, up] = plane.projection.names;
    const sentence = say(name ? "missing" : "unknown", { title, name, across, up });
    if (chooser) chooser.note(sentence);
    else head.after(element("p", { class: "axes" }, sentence));
  });
}
