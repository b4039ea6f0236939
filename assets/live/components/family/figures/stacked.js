// Stacked: the error against updates, from scratch and after each way of pretraining layer by layer.

import { element, write } from "../../../core/dom.js";
import { number } from "../../../core/numbers.js";
import { multiples, niceStep } from "../../../core/ticks.js";
import { group, wordsOf } from "../../../core/words.js";
import { Plot, ticks } from "../plot.js";
import { ends, told } from "../pretraining.js";
import { Figure, headOf } from "./figure.js";

const { say } = wordsOf("components/family/figures/stacked");

const MARKS = { none: "dashed", ae: "own", dae: "denoising", rbm: "boltzmann" };

export class Stacked extends Figure {
  constructor(page) {
    super(page);
    this.head = element("div");
    this.chart = new Plot({ high: 260, top: 34, gutter: 128 });
    this.empty = element("p", { class: "caption unfit" });
    this.host.append(this.head, this.empty, this.chart.host);
  }

  get alone() {
    return Boolean(this.page.data.figures.pretraining);
  }

  set(shows) {
    super.set(shows);
    const { figures: { pretraining: study } } = this.page.data;
    const network = study?.network ? say("network", { sizes: study.network.join(", ") }) : "";
    this.head.replaceChildren(headOf(shows.chosen.member, network));
    this.chart.host.hidden = !study;
    this.empty.hidden = Boolean(study);
    if (!study) return write(this.empty, say("unmeasured"));
    const curves = Object.entries(study.curves).filter(([way]) => MARKS[way]);
    const last = Math.max(...curves.flatMap(([, { step }]) => step));
    const most = Math.max(...curves.flatMap(([, { error }]) => error));
    const [across, up] = [niceStep(last / 5), niceStep(most / 4)];
    const phases = (study.phases?.ae ?? []).slice(0, -1);
    this.facts = told(study);
    this.ends = ends(study);
    const { pretrained } = this.facts;
    this.chart.show({
      to: last, most: Math.ceil(most / up) * up, corner: say("error"), title: say("updates"),
      x: ticks(multiples(across, 0, last), group), y: ticks(multiples(up, 0, Math.ceil(most / up) * up), (value) => number(value, 0)),
      bands: phases.map(([, end], i) => ({ from: i ? phases[i - 1][1] : 0, to: end, text: say("layer", { number: i + 1 }) })),
      lines: curves.map(([way, { step, error }]) => ({ mark: MARKS[way], name: say(`way_${way}`), points: step.map((x, i) => [x, error[i]]) })),
      points: pretrained ? [{ x: pretrained.step, y: pretrained.error, mark: "hollow", text: say("before", { error: number(pretrained.error, 1) }) }] : [],
    });
  }

  answer() {
    if (!this.facts?.stacked) return "";
    const { step, stacked, scratch, pretrained, reached } = this.facts;
    const said = [say("after", { step: group(step), stacked: number(stacked, 1), scratch: number(scratch, 1) })];
    if (pretrained && reached !== null) said.push(say("reached", { updates: group(reached), pretraining: group(pretrained.step), error: number(pretrained.error, 1) }));
    else if (pretrained) said.push(say("unreached", { pretraining: group(pretrained.step), error: number(pretrained.error, 1) }));
    if (this.ends) {
      const [ended, fresh] = [this.ends.stacked, this.ends.scratch].map((error) => number(error, 2));
      said.push(say("ends", { step: group(this.ends.step), stacked: ended, scratch: fresh }));
    }
    return said.join(" ");
  }

  destroy() {
    this.chart.destroy();
  }
}
