// Few labels: accuracy against the number of labels, a stop to drag, and the labelled images.

import { AccuracyChart } from "../../charts/accuracy_chart.js";
import { chartPicture } from "../../charts/picture.js";
import { Component, mounting } from "../../core/component.js";
import { element, icon, save, write } from "../../core/dom.js";
import { saveCsv } from "../../core/export.js";
import { Sheet } from "../../core/sheet.js";
import { group, wordsOf } from "../../core/words.js";
import { Labelled } from "./labelled.js";
import { about, ranked, standingAt, standingText } from "./standing.js";

const { say } = wordsOf("components/few_labels/few_labels");

const STEP_OF = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -1, PageUp: 1, Home: -Infinity, End: Infinity };
const THUMB = 10; // half of the slider's, in pixels
const SETTLED = 250; // milliseconds after the last change until it is announced

const accuracy = (value) => value.toFixed(3).replace(/^0/, "");

/**
 * The component: numbers of `labels`, `methods` with their accuracies, and where the `labelled` images
 * are. Its view: the number of labels, and the draw of them, from 1.
 */
class FewLabels extends Component {
  constructor(root) {
    super(root);
    root.className = "panel few-labels";
  }

  keyOf({ labels, methods, labelled }) {
    return JSON.stringify([labels, methods, labelled]);
  }

  build() {
    const { data } = this;
    const { labels, methods, images } = data;
    this.view.within({ labels: (count) => labels.includes(count) });
    this.chart = new AccuracyChart({ onStop: (stop) => this.goTo(stop), onSettled: () => this.settle() });
    this.slider = element("input", { type: "range", min: 0, max: 1, step: "any", "aria-label": say("slider") });
    this.slider.oninput = () => {
      const place = Number(this.slider.value) * this.chart.place(labels.at(-1), labels[0]);
      this.goTo(this.chart.nearest(place));
    };
    this.slider.onchange = () => this.settle();
    this.slider.onkeydown = (event) => this.onKey(event);
    this.track = element("div", { class: "track" }, this.slider, element("p", { class: "caption" }, say("axis")));
    this.readings = element("ol", { class: "readings" });
    this.answer = element("p", { class: "answer" });
    this.status = element("p", { class: "sr", "aria-live": "polite" });
    this.labelled = new Labelled(data.labelled, () => this.again());
    this.stage = element("div", { class: "stage" },
      element("div", { class: "lines" },
        element("div", { class: "row" }, element("h3", {}, say("title")),
          element("span", { class: "caption" }, methods.length ? say("note", { tested: group(data.tested) }) : data.unmeasured)),
        methods.length ? this.chart.host : null, this.track, this.readings),
      element("div", { class: "hundred" }, this.labelled.host, methods.length ? this.buildKeep() : null));
    this.root.replaceChildren(this.stage, methods.length ? element("div", { class: "said" }, this.answer) : "", this.status);
    this.chart.labels = labels;
    if (methods.length) this.chart.set({ labels, lines: methods, images });
  }

  buildKeep() {
    const png = element("button", { type: "button", title: say("png") }, icon("image"), "PNG");
    png.onclick = async () => save(await this.picture(), "few-labels.png");
    const csv = element("button", { type: "button", title: say("csv") }, icon("table"), "CSV");
    csv.onclick = () => saveCsv(this.rows(), "few-labels.csv");
    return element("div", { class: "keep" }, png, csv);
  }

  /** The images come after the lines. */
  complete() {
    this.fetch();
  }

  destroy() {
    clearTimeout(this.speaking);
    this.chart?.destroy();
  }

  // ------------------------------------------------------------------ the stop

  /** The stop that the view asks for; the first where there is none of so many labels. */
  get at() {
    return Math.max(0, this.data.labels.indexOf(this.view.values.labels));
  }

  /** The draw of labels, from 0. */
  get drawNumber() {
    return this.view.values.draw - 1;
  }

  goTo(stop) {
    if (stop === this.at) return this.placeThumb();
    this.view.set({ labels: this.data.labels[stop] });
    this.fetch();
    this.schedule();
  }

  onKey(event) {
    const step = STEP_OF[event.key];
    if (!step) return;
    event.preventDefault();
    this.goTo(Math.min(Math.max(this.at + step, 0), this.data.labels.length - 1));
    this.settle();
  }

  /** Another draw of the labels: the next of those that there are. */
  again() {
    this.view.set({ draw: (this.view.values.draw % this.data.draws) + 1 });
    this.fetch();
    this.schedule();
    this.settle();
  }

  fetch() {
    const { labels, images, draws } = this.data;
    if (!this.seen) return; // the lines come first
    this.labelled.show({ labels: labels[this.at], images, draw: this.drawNumber, draws }, this.colours.ink);
  }

  /** The hand has let go: say what it shows. */
  settle() {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => (this.status.textContent = `${this.tag()}. ${this.answer.textContent}`), SETTLED);
  }

  // ------------------------------------------------------------------ drawing

  tag() {
    const { labels, images } = this.data;
    const count = labels[this.at];
    return say(count >= images ? "all" : "labels", { count: group(count) });
  }

  draw() {
    const { data, at: stop } = this;
    this.placeThumb();
    if (!data.methods.length) return;
    const facts = standingAt(data, stop);
    const shown = facts.kind === "needed" || facts.kind === "beyond";
    this.chart.show({ stop, draw: this.drawNumber, text: this.tag(), height: shown ? facts.share : null,
      needed: facts.needed ?? null, from: facts.needed ? about(facts.needed) : null });
    this.readings.replaceChildren(...ranked(data.methods, stop).map(({ idea, label, mean, sd, draws }) => {
      const own = draws[stop].length > 1 ? say("sd", { sd: accuracy(sd[stop]) }) : "";
      return element("li", { class: idea }, element("span", {}, label),
        element("b", {}, accuracy(mean[stop])), element("small", {}, own));
    }));
    write(this.answer, standingText(facts));
  }

  placeThumb() {
    const { labels } = this.data;
    const { chart, slider, at: stop } = this;
    const share = chart.place(labels[stop], labels[0]) / (chart.place(labels.at(-1), labels[0]) || 1);
    slider.value = String(share);
    slider.style.setProperty("--share", `${(100 * share).toFixed(2)}%`);
    slider.setAttribute("aria-valuetext", this.tag());
    if (!chart.width) return;
    this.track.style.marginLeft = `${chart.room.left - THUMB}px`;
    this.track.style.width = `${chart.inner + 2 * THUMB}px`;
  }

  resize() {
    this.schedule();
  }

  recolour() {
    this.labelled.paint(this.colours.ink);
    this.draw();
  }

  // ------------------------------------------------------------------ keeping

  /** The lines and the labelled images, as one picture. */
  async picture() {
    const { chart, colours, labelled } = this;
    const side = 460;
    const sheet = new Sheet(chart.width + side + 96, Math.max(chart.height, side) + 96, colours, 2);
    sheet.write(say("title"), 32, 44, { size: 19, weight: 650 });
    sheet.write(labelled.title.textContent, chart.width + 64, 44, { size: 19, weight: 650 });
    sheet.context.drawImage(await chartPicture(chart.svg, colours.font), 32, 64, chart.width, chart.height);
    sheet.context.drawImage(labelled.canvas, chart.width + 64, 64, side, side);
    return sheet.canvas;
  }

  /** The accuracies, one row for each draw. */
  rows() {
    const { labels, methods } = this.data;
    return [["method", "labels", "draw", "accuracy"], ...methods.flatMap(({ label, draws }) =>
      draws.flatMap((values, i) => values.map((value, draw) => [label, labels[i], draw + 1, value])))];
  }
}

export const mount = mounting(FewLabels);
