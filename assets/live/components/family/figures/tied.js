// Tied: what units look for and what they draw, with one set of weights and with two.

import { element } from "../../../core/dom.js";
import { loadBlock } from "../../../core/nn.js";
import { group, wordsOf } from "../../../core/words.js";
import { rowOf } from "../pictures.js";
import { Figure, headOf } from "./figure.js";

const { say } = wordsOf("components/family/figures/tied");

const ALIKE = 0.5; // correlation from which a filter and a stroke resemble each other

export class Tied extends Figure {
  constructor(page) {
    super(page);
    this.head = element("div");
    this.rows = element("div", { class: "rows-of" });
    this.host.append(this.head, this.rows);
    this.#load();
  }

  set(shows) {
    super.set(shows);
    this.head.replaceChildren(headOf(shows.chosen.member, say("beside")));
  }

  async #load() {
    const { figures: { tied } } = this.page.data;
    const block = tied && (await loadBlock(tied).catch(() => null));
    if (!block || this.page.gone) return;
    this.facts = block;
    const { arrays, agreement } = block;
    const own = { own: true };
    const agree = element("div", { class: "row-of" }, element("p", { class: "caption" }, say("agree")),
      ...agreement.map((r) => element("span", { class: "caption" }, short(r))));
    this.rows.replaceChildren(
      rowOf(arrays.tied, say("tied"), say("looks"), own), rowOf(arrays.tied, say("tied"), say("draws"), own),
      rowOf(arrays.filters, say("free"), say("looks")), rowOf(arrays.strokes, say("free"), say("draws")), agree);
    this.page.schedule();
  }

  answer() {
    if (!this.facts) return "";
    const { weights: [tied, free], mean_agreement: r, units } = this.facts;
    const facts = { tied: group(tied), free: group(free), r: short(r), units };
    return `${say("half", facts)} ${say(r > ALIKE ? "alike" : "apart", facts)}`;
  }
}

const short = (r) => `${r < 0 ? "−" : ""}${Math.abs(r).toFixed(2).replace(/^0/, "")}`;
