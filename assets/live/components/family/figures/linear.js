// Linear: its columns beside PCA's components, and the angles between the two planes.

import { element } from "../../../core/dom.js";
import { loadBlock } from "../../../core/nn.js";
import { number } from "../../../core/numbers.js";
import { wordsOf } from "../../../core/words.js";
import { rowOf } from "../pictures.js";
import { Plot, ticks } from "../plot.js";
import { Figure, headOf } from "./figure.js";

const { say } = wordsOf("components/family/figures/linear");

const SMALL = 1; // degrees, below which two directions are one

export class Linear extends Figure {
  constructor(page) {
    super(page);
    this.head = element("div");
    this.rows = element("div", { class: "rows-of" });
    this.chart = new Plot({ high: 110, top: 30 });
    this.host.append(this.head, this.rows, this.chart.host);
    this.#load();
  }

  async #load() {
    const { figures: { linear } } = this.page.data;
    const block = linear && (await loadBlock(linear).catch(() => null));
    if (!block || this.page.gone) return;
    const { columns, components, nearest } = block.arrays;
    const own = { own: true };
    this.rows.replaceChildren(...(components ? [rowOf(components, say("pca"), say("components", { count: components.shape[0] })), rowOf(nearest, say("linear"), say("nearest"), own)] : []),
      rowOf(columns, say("linear"), say("columns"), own));
  }

  set(shows) {
    super.set(shows);
    this.head.replaceChildren(headOf(shows.chosen.member, say("beside")));
    const angles = shows.chosen.run?.figures.principal_angles;
    this.chart.host.hidden = !angles;
    if (!angles) return;
    const most = [15, 30, 60, 90].find((angle) => angle >= Math.max(...angles)) ?? 90;
    const last = angles[angles.length - 1];
    this.chart.show({
      from: 0.5, to: angles.length + 0.5, most, bars: angles, about: "xh", title: say("angles"),
      x: ticks([1, ...[5, 10, 15, 20, 25, 30].filter((k) => k <= angles.length)], (k) => `${k}`),
      y: ticks([0, most / 2, most], (angle) => `${number(angle, angle % 1 ? 1 : 0)}°`),
      points: last > SMALL ? [{ x: angles.length - 0.7, y: last, mark: "none", side: "end", text: `${number(last, 0)}°` }] : [],
    });
  }

  answer() {
    const { principal_angles: angles, linear_error: error, pca_error: pca } = this.shows.chosen.run?.figures ?? {};
    if (!angles || error === undefined || pca === undefined) return "";
    const near = angles.filter((angle) => angle < SMALL).length;
    const all = near === angles.length;
    return say(all ? "all" : "some", { near, count: angles.length, error: number(error, 2), pca: number(pca, 2) });
  }

  destroy() {
    this.chart.destroy();
  }
}
