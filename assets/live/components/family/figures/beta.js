// β-VAE: what the code costs against what it leaves, at each weight of the KL, and which numbers it uses.

import { element, write } from "../../../core/dom.js";
import { number } from "../../../core/numbers.js";
import { multiples, niceStep } from "../../../core/ticks.js";
import { wordsOf } from "../../../core/words.js";
import { Plot, bounded, ticks } from "../plot.js";
import { placeOf, tradeAt, usedOf } from "../trade.js";
import { Figure, headOf } from "./figure.js";

const { say } = wordsOf("components/family/figures/beta");

const HIGH = 180; // pixels of both charts
const whole = (value) => number(value, 0);

export class Beta extends Figure {
  constructor(page) {
    super(page);
    this.study = page.data.figures.beta;
    this.head = element("div");
    this.host.append(this.head);
    if (!this.study) return void this.host.append(element("p", { class: "caption unfit" }, say("unmeasured")));
    this.plane = new Plot({ high: HIGH, top: 24, gutter: 34, onMoved: (kl) => this.#press(kl) });
    this.bars = new Plot({ high: HIGH, top: 24 });
    this.images = element("span");
    this.host.append(element("div", { class: "halves" },
      element("section", {}, element("h4", {}, say("plane")), this.plane.host, element("p", { class: "caption" }, say("slope"))),
      element("section", {}, element("h4", {}, say("dimensions")), this.bars.host, element("p", { class: "caption" }, say("used"), " ", this.images))));
  }

  get alone() {
    return Boolean(this.study);
  }

  /** The weight whose cost is nearest to a place of the plane. */
  #press(kl) {
    const { member } = this.shows.chosen;
    const away = this.study.kl.map((own) => Math.abs(own - kl));
    const beta = this.study.betas[away.indexOf(Math.min(...away))];
    const option = member.stops.find((stop) => Number(stop) === beta);
    if (option !== undefined) this.page.choose({ option });
  }

  set(shows) {
    super.set(shows);
    const { member, run } = shows.chosen;
    this.head.replaceChildren(headOf(member, this.study ? say("code", { count: this.study.latent_dim }) : ""));
    if (!this.study) return;
    this.at = placeOf(this.study, member.stops[Math.max(shows.stop, 0)] ?? 1);
    const numbers = run?.model.networks.decoder?.inputs[0][1];
    write(this.images, numbers && numbers !== this.study.latent_dim ? say("images", { count: numbers }) : "");
    this.#drawPlane();
    this.#drawBars();
  }

  #drawPlane() {
    const { betas, kl, reconstruction } = this.study;
    const [across, up] = [bounded([0, ...kl], 4), bounded(reconstruction, 4)];
    const points = kl.map((x, i) => /** @type {[number, number]} */ ([x, reconstruction[i]]));
    const name = (i) => `${i === this.at ? "β = " : ""}${number(betas[i], 2).replace(/\.?0+$/, "").replace(/^0/, "")}`;
    this.plane.show({
      to: across.high, least: up.low, most: up.high, title: say("kl"), corner: say("reconstruction"),
      x: ticks(across.marks, whole), y: ticks(up.marks, whole), lines: [{ points, mark: "own" }],
      points: points.map(([x, y], i) => ({ x, y, mark: i === this.at ? "picked" : "stop", text: name(i) })),
    });
  }

  #drawBars() {
    const { per_dimension: all, latent_dim: count } = this.study;
    const each = all[this.at] ?? [];
    const step = niceStep(Math.max(...all.flat(), 1e-3) / 3);
    const most = Math.ceil(Math.max(...all.flat()) / step) * step;
    const used = usedOf(each);
    this.bars.show({
      from: 0.5, to: count + 0.5, most, bars: each, about: "sigma", title: say("dimension"), corner: say("nats"),
      x: ticks([1, ...multiples(4, 4, count)], (k) => `${k}`), y: ticks(multiples(step, 0, most), (value) => number(value, step < 1 ? 1 : 0)),
      bands: each.length && used < count ? [{ from: used + 0.5, to: count + 0.5, text: used < count - 2 ? say("unused") : "" }] : [],
    });
  }

  answer() {
    const { chosen, against } = this.shows;
    const own = this.study && tradeAt(this.study, this.at);
    if (!own) return chosen.run && chosen.run === against.run ? say("same") : "";
    const count = this.study.latent_dim;
    const facts = { beta: chosen.member.stops[Math.max(this.shows.stop, 0)] ?? "1", count, used: own.used, kl: number(own.kl, 1), error: number(own.error, 1) };
    const one = tradeAt(this.study, placeOf(this.study, 1));
    if (own.beta === 1) return say("vae", facts);
    if (!one) return say("alone", facts);
    const costs = own.nats - one.nats;
    return `${say("uses", { ...facts, used_one: one.used, kl_one: number(one.kl, 1) })} ${
      say(costs > 0 ? "costs" : "buys", { ...facts, nats: number(Math.abs(costs), 1), error_one: number(one.error, 1) })}`;
  }

  destroy() {
    this.plane?.destroy();
    this.bars?.destroy();
  }
}
