// The units of a code as a grid, each by how strongly it answers, and how active they are on average.

import { imageCanvas, paintWeights } from "../../../core/canvas.js";
import { element, share } from "../../../core/dom.js";
import { niceStep } from "../../../core/ticks.js";
import { wordsOf } from "../../../core/words.js";
import { Plot, ticks } from "../plot.js";
import { oneLayer } from "../shipped_runs.js";
import { mixed } from "../shades.js";
import { beginnings, firing, histogram, orderOf } from "../units.js";

const { say } = wordsOf("components/family/figures/unit_grid");

const ACROSS = 25;
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -ACROSS, ArrowDown: ACROSS };
const SHARP = 2;
const PITCH = 14; // pixels from one cell to the next
const CELL = 11;

/** @type {WeakMap<object, ReturnType<typeof made>>} */
const known = new WeakMap();

/** The units of a run of one sigmoid layer, as they stand on a grid; null of another. @param {import("../shipped_runs.js").ShippedRun | null} run */
export function unitsOf(run) {
  if (!run) return null;
  if (!known.has(run)) known.set(run, made(run));
  return known.get(run);
}

/** @param {import("../shipped_runs.js").ShippedRun} run */
function made(run) {
  const layer = oneLayer(run);
  if (!layer?.sigmoid) return null;
  const { class_activation: byClass, unit_activation: means } = run.figures;
  return { ...layer, run, means: means?.length === layer.units ? means : null, ...orderOf(byClass, layer.units) };
}

/** A grid painted on a canvas. @param {HTMLCanvasElement} canvas @param {number[]} order @param {ArrayLike<number>} code @param {any} colours */
export function paintUnits(canvas, order, code, colours) {
  canvas.width = ACROSS * PITCH * SHARP;
  canvas.height = Math.ceil(order.length / ACROSS) * PITCH * SHARP;
  const context = canvas.getContext("2d");
  context.scale(SHARP, SHARP);
  const shade = mixed(colours);
  order.forEach((unit, i) => {
    context.beginPath();
    context.roundRect((i % ACROSS) * PITCH + 1, Math.floor(i / ACROSS) * PITCH + 1, CELL, CELL, 2.5);
    context.fillStyle = shade(code[unit]);
    context.fill();
  });
}

export class UnitGrid {
  /** @param {{ images: string, pinned: number | null, onPinned: (unit: number) => void, onPressed?: (value: number) => void }} about */
  constructor({ images, pinned, onPinned, onPressed }) {
    this.pinned = pinned;
    this.onPinned = onPinned;
    this.canvas = element("canvas");
    this.ring = element("i", { class: "ring", hidden: "" });
    this.weights = imageCanvas();
    this.words = element("span");
    this.card = element("div", { class: "unit-card", hidden: "" }, this.weights, this.words);
    this.labels = element("div", { class: "digits", "aria-hidden": "true" });
    this.field = element("div", { class: "cells", role: "application", tabindex: "0" }, this.canvas, this.ring, this.card);
    this.status = element("span", { class: "sr", "aria-live": "polite" });
    this.count = element("p", { class: "count" });
    this.images = images;
    this.chart = new Plot({ high: 106, onMoved: onPressed });
    this.host = element("div", { class: "unit-grid" }, this.count,
      element("div", { class: "with-digits" }, this.labels, this.field), this.chart.host, this.status);
    this.#listen();
  }

  #listen() {
    const { field } = this;
    field.addEventListener("pointermove", (event) => this.#point(this.#at(event)));
    field.addEventListener("pointerleave", () => this.#point(this.pinned));
    field.addEventListener("pointerdown", (event) => this.#pin(this.#at(event)));
    field.addEventListener("keydown", (event) => {
      if (!STEPS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const at = this.units.order.indexOf(this.pinned ?? -1);
      const to = this.units.order[at < 0 ? 0 : at + STEPS[event.key]];
      if (to === undefined) return;
      this.#pin(to);
      this.status.textContent = say("spoken", { unit: to, value: share(this.code[to]) });
    });
  }

  /** Which unit an event points at; null beside them. */
  #at({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    const across = Math.floor((ACROSS * (clientX - box.left)) / box.width);
    const rows = Math.ceil(this.units.order.length / ACROSS);
    const down = Math.floor((rows * (clientY - box.top)) / box.height);
    return across >= 0 && across < ACROSS && down >= 0 ? this.units.order[ACROSS * down + across] ?? null : null;
  }

  #pin(unit) {
    if (unit === null) return;
    this.pinned = unit;
    this.onPinned(unit);
    this.#point(unit);
  }

  /** Say more of a unit: the one that is pointed at, else the one that is pinned. */
  #point(unit) {
    const i = unit === null ? -1 : this.units.order.indexOf(unit);
    this.ring.hidden = this.card.hidden = i < 0;
    this.pointed = unit;
    if (i < 0) return;
    const rows = Math.ceil(this.units.order.length / ACROSS);
    const [column, row] = [i % ACROSS, Math.floor(i / ACROSS)];
    this.field.style.setProperty("--x", `${(100 * column) / ACROSS}%`);
    this.field.style.setProperty("--y", `${(100 * row) / rows}%`);
    this.field.style.setProperty("--wide", `${100 / ACROSS}%`);
    this.field.style.setProperty("--high", `${100 / rows}%`);
    this.card.classList.toggle("to-the-left", column > ACROSS / 2);
    this.card.classList.toggle("above", row > rows / 2);
    const { weights, means, most } = this.units;
    paintWeights(this.weights, weights.subarray(784 * unit, 784 * (unit + 1)));
    const lines = [say("here", { value: share(this.code[unit]) })];
    if (means) lines.push(say("average", { value: share(means[unit]) }));
    if (most[unit] !== null) lines.push(say("most", { digit: most[unit] }));
    this.words.replaceChildren(element("b", {}, say("unit", { unit })), ...lines.map((line) => element("span", {}, line)));
  }

  /** @param {NonNullable<ReturnType<typeof unitsOf>>} units @param {string} title of the member */
  set(units, title) {
    this.field.setAttribute("aria-label", say("grid", { title }));
    if (this.units === units) return;
    this.units = units;
    const rows = beginnings(units.order, units.most, ACROSS);
    this.rows = rows.map((digits) => element("span", {}, ...digits.flatMap((digit, i) => [...(i ? [" "] : []), element("i", { "data-digit": digit }, `${digit}`)])));
    this.labels.replaceChildren(...this.rows);
    this.chart.host.hidden = !units.means;
  }

  /** How many units are how active on average. @param {number} most of any bar that is to fit @param {string | null} asked the stop */
  showActivity(most, asked) {
    const { units, activity } = this;
    if (!units.means || (activity?.units === units && activity.most === most && activity.asked === asked)) return;
    this.activity = { units, most, asked };
    const step = niceStep(Math.max(2, most) / 2);
    this.chart.show({
      to: 1, most: 2 * step, bars: histogram(units.means),
      x: ticks([0, 0.25, 0.5, 0.75, 1], (value) => (value % 1 ? share(value) : `${value}`)),
      y: ticks([0, step, 2 * step], (count) => `${count}`),
      title: say("histogram", { images: this.images }), corner: say("units"),
      tag: asked === null ? null : { value: Number(asked), text: say("rho", { value: asked }) },
    });
  }

  /** How this image's code fires them. @param {ArrayLike<number>} code @param {number} digit @param {any} colours */
  show(code, digit, sentence, colours) {
    const { units, shown } = this;
    if (shown?.units === units && shown.colours === colours && this.code.every((value, i) => value === code[i])) return;
    this.shown = { units, colours };
    this.code = Float32Array.from(code);
    paintUnits(this.canvas, this.units.order, this.code, colours);
    for (const label of this.labels.querySelectorAll("i")) label.classList.toggle("own", Number(label.dataset.digit) === digit);
    this.count.replaceChildren(...sentence(firing(this.code), this.units.units));
    this.#point(this.pinned !== null && this.pinned < this.units.units ? this.pinned : null);
  }

  destroy() {
    this.chart.destroy();
  }
}
