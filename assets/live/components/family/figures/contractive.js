// Contractive: how far a small step in the image moves its code, and which directions a code keeps.

import { imageCanvas, paintWeights } from "../../../core/canvas.js";
import { element, vector, write } from "../../../core/dom.js";
import { number } from "../../../core/numbers.js";
import { niceStep } from "../../../core/ticks.js";
import { wordsOf } from "../../../core/words.js";
import { singular } from "../jacobian.js";
import { Plot, ticks } from "../plot.js";
import { oneLayer } from "../shipped_runs.js";
import { Figure, headOf } from "./figure.js";

const { say, fill } = wordsOf("components/family/figures/contractive");

const KEPT = 6; // directions that are shown
const SHOWN = 60; // singular values
const TENTH = 9;
const [WIDE, HIGH] = [280, 190]; // of the ellipses' picture
const MARKS = ["own", "other"];

export class Contractive extends Figure {
  constructor(page) {
    super(page);
    this.head = element("div");
    this.step = vector("svg", { class: "step", viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img" });
    this.chart = new Plot({ high: 150, top: 16, gutter: 92 });
    this.kept = [0, 1].map(() => {
      const name = element("b");
      const canvases = Array.from({ length: KEPT }, imageCanvas);
      const host = element("div", { class: "kept" }, element("p", { class: "caption" }, name, element("span", {}, say("keeps"))), ...canvases);
      return { name, canvases, host, /** @type {ReturnType<typeof singular> | null} */ painted: null };
    });
    const z = element("i", { class: "symbol z" }, "z");
    this.host.classList.add("contractive");
    this.host.append(this.head, element("div", { class: "halves" },
      element("section", {}, element("h4", {}, say("step")), this.step, element("p", { class: "caption" }, say("axes"))),
      element("section", {}, element("h4", {}, ...fill("spectrum", { z })), this.chart.host)),
      ...this.kept.map(({ host }) => host));
    /** Singular values and directions by run and image: a slider comes back to them. @type {Map<string, ReturnType<typeof singular>>} */
    this.known = new Map();
  }

  set(shows) {
    super.set(shows);
    const shown = [shows.chosen, shows.against];
    this.layers = shown.map(({ run }) => {
      const layer = run && oneLayer(run);
      return layer?.sigmoid ? layer : null;
    });
    shown.forEach(({ member }, i) => {
      write(this.kept[i].name, member.title);
      this.kept[i].host.classList.toggle("other", i === 1);
    });
  }

  show(row) {
    super.show(row);
    const { chosen, against } = this.shows;
    this.head.replaceChildren(headOf(chosen.member, say("at", { index: row.index })));
    this.found = [chosen, against].map(({ run }, i) => (this.layers[i] ? this.#of(run, this.layers[i], row) : null));
    this.#drawSteps();
    this.#drawSpectrum();
    this.found.forEach((found, i) => {
      const { host, canvases, painted } = this.kept[i];
      host.hidden = !found;
      if (!found || painted === found) return;
      this.kept[i].painted = found;
      canvases.forEach((canvas, k) => paintWeights(canvas, found.directions[k]));
    });
  }

  /** @returns {ReturnType<typeof singular>} */
  #of(run, layer, { x, index }) {
    const key = `${run.name} ${index}`;
    const found = this.known.get(key) ?? singular(layer, run.model.encode(x), KEPT);
    this.known.set(key, found);
    return found;
  }

  /** Half-axes are the code's steps for a step of 1 along the first and the tenth direction. */
  #drawSteps() {
    const most = Math.max(...this.found.map((found) => found?.values[0] ?? 0)) || 1;
    const scale = (WIDE / 2 - 24) / most;
    const [x, y] = [WIDE / 2, HIGH / 2];
    const parts = [vector("line", { class: "axis", x1: 0, x2: WIDE, y1: y, y2: y }), vector("line", { class: "axis", x1: x, x2: x, y1: 8, y2: HIGH - 8 }),
      vector("text", { class: "tick", x: WIDE, y: y + 15, "text-anchor": "end" }, say("first")),
      vector("text", { class: "tick", x: x + 5, y: 14 }, say("tenth"))];
    this.found.toReversed().forEach((found, i) => {
      if (!found) return;
      const mark = MARKS[1 - i];
      const [a, b] = [found.values[0], found.values[TENTH]];
      const side = mark === "own" ? 1 : -1;
      parts.push(vector("ellipse", { class: mark, cx: x, cy: y, rx: a * scale, ry: b * scale }),
        vector("text", { class: `size ${mark}`, x, y: y + side * (b * scale + (side > 0 ? 17 : 8)), "text-anchor": "middle" },
          `${number(a, 2)} × ${number(b, 2)}`));
    });
    this.step.setAttribute("aria-label", this.answer());
    this.step.replaceChildren(...parts);
  }

  #drawSpectrum() {
    const shown = [this.shows.chosen, this.shows.against];
    const lines = this.found.flatMap((found, i) => (found
      ? [{ mark: MARKS[i], name: shown[i].member.short, points: Array.from(found.values.slice(0, SHOWN), (value, k) => [k + 1, value]) }] : []));
    const most = Math.max(...lines.map(({ points }) => points[0][1])) || 1;
    const step = niceStep(most / 3);
    const above = Math.ceil(most / step) * step;
    const marks = Array.from({ length: Math.round(above / step) + 1 }, (_, k) => k * step);
    this.chart.show({
      from: 1, to: SHOWN, most: above, lines: /** @type {any} */ (lines),
      x: ticks([1, 20, 40, SHOWN], (k) => `${k}`), y: ticks(marks, (value) => number(value, step < 1 ? 1 : 0)), title: say("directions"),
      points: lines.map(({ points, mark }) => ({ x: 1, y: points[0][1], mark, text: "" })),
    });
  }

  answer() {
    const [own, other] = this.found ?? [];
    if (!own || !this.row) return "";
    const figures = [this.shows.chosen.run.figures, this.shows.against.run?.figures ?? {}];
    if (this.shows.chosen.run === this.shows.against.run) return say("one");
    if (!other) return say("alone", { most: number(own.values[0], 2) });
    const said = [say("most", { most: number(own.values[0], 2), other: number(other.values[0], 2) })];
    const [norm, error] = ["jacobian_norm", "squared_error"].map((key) => figures.map((card) => card[key]));
    if (![...norm, ...error].includes(undefined)) {
      said.push(say("mean", { norm: number(norm[0], 2), norm_other: number(norm[1], 2), error: number(error[0], 1), error_other: number(error[1], 1) }));
    }
    return said.join(" ");
  }

  destroy() {
    this.chart.destroy();
  }
}
