// Lines of accuracy against the number of labels, with bands, and a stop that is dragged from one
// number to the next.

import { vector } from "../core/dom.js";
import { multiples, niceStep } from "../core/ticks.js";
import { group, wordsOf } from "../core/words.js";
import { LineChart } from "./line_chart.js";

const { say } = wordsOf("charts/accuracy_chart");

const ROOM = { left: 38, top: 36, bottom: 26, right: 12 };
const RATIO = 0.48; // of its height by its width
const [LEAST, MOST] = [240, 330]; // pixels of height

/** A share of 1 as the axis has it. @param {number} value */
const short = (value) => value.toFixed(2).replace(/^0/, "");

export class AccuracyChart extends LineChart {
  /** @type {number[]} */
  labels = [];
  /** @type {{ idea: string, label: string, mean: (number | null)[], sd: (number | null)[], draws: number[][] }[]} */
  lines = [];
  /** The number of all images, whose labels are all there are. */
  images = Infinity;
  stop = 0;

  /** @param {{ onStop: (stop: number) => void, onSettled: () => void }} hands onStop(number of the stop) while it is pressed */
  constructor({ onStop, onSettled }) {
    super("chart accuracy", ROOM, { press: (place) => onStop(this.nearest(place)), release: onSettled });
  }

  /** What to draw: numbers of labels, a line for each method, and the number of all images. */
  set({ labels, lines, images }) {
    Object.assign(this, { labels, lines, images, span: this.place(labels.at(-1), labels[0]) || 1 });
    this.draw();
  }

  /** Where a number of labels is on the axis, which is logarithmic. */
  place(count, first = this.labels[0]) {
    return Math.log(count / first);
  }

  /** The stop that is nearest to a place of the axis. @param {number} place */
  nearest(place) {
    const away = this.labels.map((count) => Math.abs(this.place(count) - place));
    return away.indexOf(Math.min(...away));
  }

  layout(width) {
    this.height = Math.round(Math.min(Math.max(RATIO * width, LEAST), MOST));
    this.gutter = Math.max(...this.lines.map(({ label }) => label.length)) * 8 + 14;
    const lowest = Math.min(...this.lines.flatMap(({ mean, sd }) =>
      mean.flatMap((value, i) => (value == null ? [] : [value - (sd[i] ?? 0)]))));
    this.step = niceStep((1 - lowest) / 6);
    this.low = Math.max(0, Math.floor(lowest / this.step + 1e-9) * this.step);
  }

  y(value) {
    return this.foot - ((value - this.low) / (1 - this.low)) * (this.foot - ROOM.top);
  }

  parts() {
    this.moving = vector("g");
    return [
      ...this.rows(multiples(this.step, this.low, 1), short), ...this.stops(),
      ...this.lines.map((line) => this.band(line)),
      ...this.lines.flatMap((line) => this.line(line)),
      ...this.endNames(this.lines.map((line) => ({ mark: line.idea, label: line.label, y: this.y(this.points(line).at(-1)[1]) }))),
      this.bar, this.moving, ...this.tag(),
    ];
  }

  /** The numbers of labels below the axis, the first and the last within it. */
  stops() {
    return this.columns(this.labels.map((count) => this.place(count)), (place) => {
      const count = this.labels[this.nearest(place)];
      return count >= this.images ? say("all", { count: group(count) }) : group(count);
    });
  }

  /** A line's points as [place, mean], where it was measured. */
  points({ mean }) {
    return this.labels.flatMap((count, i) => (mean[i] == null ? [] : [[this.place(count), mean[i]]]));
  }

  /** A line through its points, with a faint one on to its name where the last was not measured. */
  line(line) {
    const points = this.points(line);
    const [place, value] = points.at(-1);
    const [x, y] = [this.x(place), this.y(value)];
    return [
      ...(place < this.span ? [vector("line", { class: `beyond ${line.idea}`, x1: x, x2: ROOM.left + this.inner, y1: y, y2: y })] : []),
      this.path(points, line.idea),
      ...points.map(([at, mean]) => vector("circle", { class: `dot ${line.idea}`, cx: this.x(at), cy: this.y(mean), r: 2.5 })),
    ];
  }

  /** One standard deviation on either side of a line. */
  band({ idea, mean, sd }) {
    const known = this.labels.flatMap((count, i) => (mean[i] == null ? [] : [[this.x(this.place(count)), mean[i], sd[i] ?? 0]]));
    const edge = (side) => known.map(([x, value, spread]) => `${x.toFixed(1)} ${this.y(Math.min(value + side * spread, 1)).toFixed(1)}`);
    return vector("path", { class: `band ${idea}`, d: `M${[...edge(1), ...edge(-1).reverse()].join("L")}Z` });
  }

  /**
   * Stand at a stop. draw: the draw of labels whose accuracies are marked; needed: how many labels
   * pixels need for the best line's height, null where they do not get there; text: of the tag.
   */
  show({ stop, draw, needed = null, height = null, from = null, text = "" }) {
    this.shown = { stop, draw, needed, height, from, text };
    if (!this.bar) return;
    const x = this.moveBar(this.place(this.labels[stop]));
    this.moveTag(x, text);
    const marks = this.lines.flatMap(({ idea, mean, draws }) => [
      ...(mean[stop] == null ? [] : [vector("circle", { class: `dot ${idea}`, cx: x, cy: this.y(mean[stop]), r: 4 })]),
      ...(draws[stop]?.[draw] == null || draws[stop].length < 2 ? []
        : [vector("circle", { class: `draw ${idea}`, cx: x, cy: this.y(draws[stop][draw]), r: 3.5 })]),
    ]);
    const path = height === null ? [] : this.crossing(x, height, needed, from);
    this.moving.replaceChildren(...path, ...marks);
  }

  /** A dotted line from a stop to where another line has the same height, and the number there. */
  crossing(x, height, needed, text) {
    const y = this.y(height);
    const end = needed === null ? ROOM.left + this.inner : this.x(this.place(needed));
    const across = vector("line", { class: "reach", x1: x, x2: end, y1: y, y2: y });
    if (needed === null) return [across];
    return [across, vector("circle", { class: "crossing", cx: end, cy: y, r: 5 }),
      vector("text", { class: "crossed halo", x: end + 4, y: y + 22, "text-anchor": "middle" }, text)];
  }

  draw() {
    super.draw();
    if (this.shown) this.show(this.shown);
  }
}
