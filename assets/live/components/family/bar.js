// The bar below the map: the chosen member, whom it stands against, its own slider, other images.

import { element, icon } from "../../core/dom.js";
import { wordsOf } from "../../core/words.js";
import { sidesOf } from "./kinship.js";

const { say } = wordsOf("components/family/bar");

export class Bar {
  /**
   * @param {import("./kinship.js").Member[]} members
   * @param {{ onAgainst: (name: string) => void, onStop: (stop: number) => void, onOthers: () => void }} events
   */
  constructor(members, { onAgainst, onStop, onOthers }) {
    /** Whom it names already. @type {import("./kinship.js").Member[]} */
    this.named = [];
    this.title = element("b", { class: "who" });
    this.select = element("select", { "aria-label": say("against") }, ...members.map(({ name, title }) =>
      element("option", { value: name }, title)));
    this.select.onchange = () => onAgainst(this.select.value);
    this.label = element("span", { class: "what-slides" });
    this.input = element("input", { type: "range", min: "0", step: "1" });
    this.input.oninput = () => onStop(Number(this.input.value));
    this.ticks = element("span", { class: "ticks", "aria-hidden": "true" });
    this.slider = element("label", { class: "stops" }, this.label, element("span", { class: "track" }, this.input, this.ticks));
    this.others = element("button", { type: "button", class: "others", title: say("next") }, icon("arrow"), say("others"));
    this.others.onclick = onOthers;
    this.host = element("div", { class: "bar-strip" }, this.title,
      element("label", { class: "other" }, say("against"), this.select), this.others);
  }

  /** @param {ReturnType<typeof sidesOf>} sides */
  show({ chosen: { member }, against, stop }) {
    const { stops, slider: { label, symbol } } = member;
    const last = stops.length - 1;
    if (this.named[0] !== member || this.named[1] !== against.member) {
      this.named = [member, against.member];
      this.title.textContent = member.title;
      for (const option of this.select.options) option.hidden = option.disabled = option.value === member.name;
      this.select.value = against.member.name;
      this.label.replaceChildren(`${label} `, ...(symbol ? [element("i", { class: "symbol" }, symbol)] : []));
      this.input.max = String(last);
      this.ticks.replaceChildren(...stops.map((text, i) => element("i", { style: `left: ${(100 * i) / last}%` }, text)));
    }
    if (stop < 0) return this.slider.remove();
    if (!this.slider.isConnected) this.others.before(this.slider);
    this.input.value = String(stop);
    this.input.setAttribute("aria-valuetext", say("value", { label, symbol, value: stops[stop] }));
    this.input.style.setProperty("--share", `${(100 * stop) / last}%`);
    [...this.ticks.children].forEach((tick, i) => tick.classList.toggle("now", i === stop));
  }
}
