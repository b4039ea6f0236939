// IWAE: how tight the bound is with so many draws, of models that were trained with one and with many.

import { element } from "../../../core/dom.js";
import { number } from "../../../core/numbers.js";
import { multiples, niceStep } from "../../../core/ticks.js";
import { group, list, wordsOf } from "../../../core/words.js";
import { measured, tightness } from "../bounds.js";
import { Plot, bounded, ticks } from "../plot.js";
import { Figure, headOf } from "./figure.js";

const { say } = wordsOf("components/family/figures/importance");

const ALIKE = 0.2; // nats, below which two models are alike
const MARKS = ["dashed", "own"];
const NAMES = 118; // pixels at the right, for the names of lines

export class Importance extends Figure {
  constructor(page) {
    super(page);
    this.study = page.data.figures.importance;
    this.models = this.study ? measured(this.study) : [];
    this.head = element("div");
    this.host.append(this.head);
    if (!this.models.length) return void this.host.append(element("p", { class: "caption unfit" }, say("unmeasured")));
    this.chart = new Plot({ high: 180, top: 34, gutter: NAMES, onMoved: (place) => this.#press(place) });
    this.curve = new Plot({ high: 110, top: 16, gutter: NAMES });
    this.host.append(element("h4", {}, say("bound")), this.chart.host, element("h4", { class: "later" }, say("curve")), this.curve.host,
      ...(this.models.some(({ from }) => from) ? [element("p", { class: "caption" }, say("follows"))] : []));
  }

  get alone() {
    return this.models.length > 0;
  }

  /** The stop that is nearest to a place of the axis. */
  #press(place) {
    const away = this.study.k.map((k) => Math.abs(Math.log10(k) - place));
    const k = this.study.k[away.indexOf(Math.min(...away))];
    const option = this.shows.chosen.member.stops.find((stop) => Number(stop) === k);
    if (option !== undefined) this.page.choose({ option });
  }

  set(shows) {
    super.set(shows);
    const { member } = shows.chosen;
    const { study, models } = this;
    if (!models.length) return this.head.replaceChildren(headOf(member));
    this.head.replaceChildren(headOf(member, say(study.pixels === "binarised" ? "network" : "network_grey", { sizes: study.network.join(", "), tested: group(study.tested) })));
    this.at = Math.max(0, study.k.indexOf(Number(member.stops[Math.max(shows.stop, 0)])));
    this.#drawBounds();
    if (this.drawn) return; // it does not know k
    this.drawn = true;
    this.#drawCurve();
  }

  #drawBounds() {
    const { study: { k }, models, at } = this;
    const up = bounded(models.flatMap(({ bound }) => bound), 3);
    const place = Math.log10(k[at]);
    const last = k.length - 1;
    // The one above says its value above the line, the one below it below.
    const lowest = models.reduce((best, { bound }, i) => (bound[at] < models[best].bound[at] ? i : best), 0);
    this.chart.show({
      to: Math.log10(k[last]), least: up.low, most: up.high, title: say("draws"),
      x: ticks(k.map(Math.log10), (value) => group(Math.round(10 ** value))), y: ticks(up.marks, (value) => number(value, up.digits)),
      lines: models.map(({ bound }, i) => ({ mark: markOf(i, models), name: nameOf(models[i]), points: bound.map((value, j) => [Math.log10(k[j]), value]) })),
      points: models.map(({ bound }, i) => ({ x: place, y: bound[at], mark: "picked", text: number(bound[at], 2), below: i === lowest && models.length > 1, side: at === last ? "end" : "start" })),
      tag: { value: place, text: say("tag", { k: group(k[at]) }) },
    });
  }

  #drawCurve() {
    const { models } = this;
    const last = Math.max(...models.flatMap(({ epochs }) => epochs));
    const up = bounded(models.flatMap(({ nll }) => nll), 3);
    const across = niceStep(last / 5);
    const begun = models.map(({ from }) => from); // the name of one that another goes on from would lie on that one's line
    this.curve.show({
      to: last, least: up.low, most: up.high, title: say("epochs"),
      x: ticks(multiples(across, 0, last), group), y: ticks(up.marks, (value) => number(value, up.digits)),
      lines: models.map(({ epochs, nll }, i) => ({ mark: markOf(i, models), name: begun.includes(models[i].name) ? "" : nameOf(models[i]), points: epochs.map((epoch, j) => [epoch, nll[j]]) })),
    });
  }

  answer() {
    const { models, at } = this;
    if (!models.length) return "";
    const { k } = this.study;
    const ends = (i) => list(models.map((model) => say("end", { nats: number(model.bound[i], 2), name: models.length > 2 || model.draws < 2 ? nameOf(model) : say("iwae") })));
    const { fall, lead } = tightness(models);
    const said = [at ? say("at", { k: group(k[at]), ends: ends(at), firsts: list(models.map(({ bound }) => number(bound[0], 2))) }) : say("elbo", { ends: ends(0) })];
    said.push(say("loose", { last: group(k[k.length - 1]), fall: number(fall, 2) }));
    if (lead !== null) said.push(say(Math.abs(lead) < ALIKE ? "alike" : lead > 0 ? "better" : "worse", { lead: Math.abs(lead) < ALIKE ? number(ALIKE, 1) : number(Math.abs(lead), 2) }));
    return said.join(" ");
  }

  destroy() {
    this.chart?.destroy();
    this.curve?.destroy();
  }
}

/** The one that was trained with the most draws has the full line. */
const markOf = (i, models) => (i === models.length - 1 ? MARKS[1] : i ? "denoising" : MARKS[0]);

const nameOf = ({ draws }) => (draws > 1 ? say("many", { draws }) : say("one"));
