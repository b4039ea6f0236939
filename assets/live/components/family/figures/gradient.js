// Autoencoder: how strongly cross-entropy and the squared error push one sigmoid unit whose pixel is 1.

import { element, share, write } from "../../../core/dom.js";
import { formulaOf } from "../../../core/formula.js";
import { number } from "../../../core/numbers.js";
import { wordsOf } from "../../../core/words.js";
import { Plot, ticks } from "../plot.js";
import { Figure } from "./figure.js";

const { say } = wordsOf("components/family/figures/gradient");

const [FROM, TO, SATURATED] = [-8, 8, -4];
const SYMBOLS = { x: "{x}", xh: "{xh}" }; // as a formula has them
const LEAST_PUSH = 0.02; // below which a unit is left alone
const TURN = -Math.log(2); // left of it the squared error pushes the less, the more wrong the unit is

/** x̂ and the lengths of both gradients at a pre-activation, of a pixel that is 1. @param {number} a */
export function pushes(a) {
  const drawn = 1 / (1 + Math.exp(-a));
  return { drawn, entropy: 1 - drawn, squared: 2 * (1 - drawn) * drawn * (1 - drawn) };
}

export class Gradient extends Figure {
  constructor(page) {
    super(page);
    const head = element("div", { class: "head-of" }, element("h3", {}, say("title"), element("small", {}, say("unit"))), formulaOf(say("formula", SYMBOLS)));
    this.chart = new Plot({ high: 230, top: 36, gutter: 0, onMoved: (a) => this.#move(a) });
    this.input = element("input", { type: "range", min: String(FROM), max: String(TO), step: "0.1", "aria-label": say("activation") });
    this.input.oninput = () => this.#move(Number(this.input.value));
    this.value = element("output");
    this.host.append(head, this.chart.host, element("label", { class: "slider" }, element("i", { class: "symbol" }, "a"), this.input, this.value));
    const steps = Array.from({ length: 161 }, (_, i) => FROM + i / 10);
    const line = (key) => /** @type {[number, number][]} */ (steps.map((a) => [a, pushes(a)[key]]));
    this.lines = [{ mark: "own", points: line("entropy") }, { mark: "dashed", points: line("squared") }];
    this.names = /** @type {any[]} */ ([{ x: -1.2, y: 0.86, mark: "none", text: say("entropy") }, { x: -2.4, y: 0.24, mark: "none", side: "end", text: say("squared") }]);
  }

  #move(a) {
    this.page.view.set({ a: Math.round(10 * a) / 10 });
    this.page.schedule();
  }

  show(row) {
    super.show(row);
    const { a } = this.page.view.values;
    const { entropy, squared } = pushes(a);
    const text = number(a, 1);
    const side = a > 5 ? "end" : "start";
    this.input.value = String(a);
    this.input.style.setProperty("--share", `${(100 * (a - FROM)) / (TO - FROM)}%`);
    write(this.value, text);
    this.chart.show({
      from: FROM, to: TO, most: 1, lines: this.lines, title: say("activation"), corner: say("length"), bands: [{ from: FROM, to: SATURATED }],
      x: ticks([-8, -4, 0, 4, 8], (value) => number(value, 0)), y: ticks([0, 0.25, 0.5, 0.75, 1], (value) => (value % 1 ? share(value) : `${value}`)),
      points: [...this.names, { x: a, y: entropy, mark: "own", text: thousandths(entropy), below: entropy > squared && entropy > 0.5, side },
        { x: a, y: squared, mark: "own", text: entropy - squared > 0.06 ? thousandths(squared) : "", side }],
      tag: { value: a, text: `a = ${text}` },
    });
  }

  answer() {
    const { a } = this.page.view.values;
    const { drawn, entropy, squared } = pushes(a);
    const facts = { a: number(a, 1), drawn: thousandths(drawn), entropy: thousandths(entropy), squared: thousandths(squared), times: timesOf(entropy / squared) };
    if (entropy < LEAST_PUSH) return say("right", facts);
    return say(a < TURN ? "wrong" : "between", facts);
  }

  destroy() {
    this.chart.destroy();
  }
}

const thousandths = (value) => value.toFixed(3).replace(/^0/, "");
const timesOf = (ratio) => (ratio < 10 ? number(ratio, 1) : number(ratio, 0));
