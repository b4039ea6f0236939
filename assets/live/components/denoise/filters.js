// Filters of first layers, one grid a model; the one that is pointed at stands large below.

import { greyPicture } from "../../core/canvas.js";
import { Component, mounting } from "../../core/component.js";
import { element, icon, save, share } from "../../core/dom.js";
import { loadBlock } from "../../core/nn.js";
import { number } from "../../core/numbers.js";
import { Sheet } from "../../core/sheet.js";
import { wordsOf } from "../../core/words.js";

const { say, fill } = wordsOf("components/denoise/filters");

const ACROSS = 10;
const PITCH = 64; // pixels of the sheet from one filter to the next
const GAP = 4;
const LARGE = 96; // CSS pixels of the large filter
const signed = (r) => `${r < -0.005 ? "−" : ""}${share(Math.abs(r))}`;
const STEP_OF = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -ACROSS, ArrowDown: ACROSS };

/** The component: `grids` of { title, finding, first, units, extent, agreement, shaped }, grey at `url`. */
class FilterGrids extends Component {
  constructor(root) {
    super(root);
    root.className = "filters";
    /** @type {FilterGrid[]} */
    this.grids = [];
  }

  get below() {
    return true;
  }

  load({ url }) {
    return loadBlock(url);
  }

  build({ arrays: { grey, large, spots } }) {
    const { data } = this;
    let first = 0;
    this.grids = data.grids.map((about) => {
      const from = 784 * first;
      first += about.units.length;
      const part = ({ values }) => values.subarray(from, 784 * first);
      return new FilterGrid(this, about, { grey: part(grey), large: part(large), spots: part(spots) });
    });
    const png = element("button", { type: "button", title: say("png") }, icon("image"), "PNG");
    png.onclick = () => save(this.picture(), `${data.name}.png`);
    const most = number(data.scale, 1);
    const scale = element("p", { class: "caption scale" },
      ...fill("scale", { least: `−${most}`, ramp: element("i"), most }));
    this.root.replaceChildren(
      element("div", { class: "grids" }, ...this.grids.map((grid) => grid.box)),
      element("p", { class: "caption meaning" }, data.meaning),
      element("div", { class: "keep" }, png, scale));
    this.grids.forEach((grid) => grid.pin(grid.about.first));
  }

  recolour() {
    this.grids.forEach((grid) => grid.leave());
  }

  /** All grids with their titles as one picture. */
  picture() {
    const step = 60;
    const width = ACROSS * step + 36;
    const rows = Math.max(...this.grids.map(({ cells }) => Math.ceil(cells.length / ACROSS)));
    const sheet = new Sheet(this.grids.length * width + 12, rows * step + 96, this.colours);
    this.grids.forEach(({ about, cells }, k) => {
      const left = 24 + k * width;
      sheet.write(about.title, left, 40, { size: 22, weight: 650, most: width - 24 });
      sheet.write(about.finding, left, 68, { size: 18, most: width - 24 });
      cells.forEach(({ canvas }, i) =>
        sheet.put(canvas, left + (i % ACROSS) * step, 84 + Math.floor(i / ACROSS) * step, 56));
    });
    return sheet.canvas;
  }
}

export const mount = mounting(FilterGrids);

// One model's grid: a single stop of the Tab key, in which arrow keys, pointer and finger choose.
class FilterGrid {
  constructor(stage, about, { grey, large, spots }) {
    this.stage = stage;
    this.about = about;
    this.spots = spots;
    this.pinned = 0;
    this.shown = null;
    this.pictures = about.units.map((_, i) => greyPicture(large, i));
    this.cells = about.units.map((unit, i) => this.cell(unit, i, greyPicture(grey, i)));
    this.list = element("div", { class: "cells", role: "listbox", tabindex: "0", "aria-label": `${about.title}: filters` },
      ...this.cells.map(({ box }) => box), this.sheet());
    this.large = element("canvas", { class: "large", role: "img" });
    this.name = element("b");
    this.chip = element("span", { class: "chip" });
    this.words = element("p", { class: "caption" });
    this.box = element("section", { class: "grid" }, element("h4", {}, about.title),
      element("p", { class: "caption finding" }, about.finding), this.list,
      element("div", { class: "one" }, this.large,
        element("div", { class: "readings" }, element("div", { class: "row" }, this.name, this.chip), this.words)));
    this.listen();
  }

  cell(unit, i, canvas) {
    const box = element("div", { class: "unit", role: "option", id: `${this.about.title}-${i}`, "aria-selected": "false",
      "aria-label": say("unit_label", { unit: say("unit", { unit }), readings: this.readings(i).join(". ") }) });
    return { canvas, box };
  }

  // All filters on one canvas: as many canvases would slow every frame of the page.
  sheet() {
    const rows = Math.ceil(this.cells.length / ACROSS);
    const canvas = element("canvas", { class: "sheet", width: ACROSS * PITCH, height: rows * PITCH });
    const context = canvas.getContext("2d");
    this.cells.forEach(({ canvas: filter }, i) =>
      context.drawImage(filter, (i % ACROSS) * PITCH + GAP, Math.floor(i / ACROSS) * PITCH + GAP, PITCH - 2 * GAP, PITCH - 2 * GAP));
    return canvas;
  }

  readings(i) {
    const { extent, agreement, shaped } = this.about;
    return [say(shaped[i] ? "extent" : "spot", { count: extent[i] }), say("agreement", { r: signed(agreement[i]) })];
  }

  listen() {
    const { list } = this;
    const take = (event) => {
      const i = this.at(event);
      if (i != null) this.pin(i);
    };
    list.addEventListener("pointerdown", take);
    list.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch" || event.buttons) take(event);
      else if (this.at(event) != null) this.show(this.at(event));
    });
    list.addEventListener("pointerleave", () => this.leave());
    list.addEventListener("keydown", (event) => {
      const last = this.cells.length - 1;
      const to = { Home: 0, End: last }[event.key] ?? this.pinned + STEP_OF[event.key];
      if (Number.isNaN(to) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      if (to >= 0 && to <= last) this.pin(to);
    });
  }

  /** Which filter an event points at; filters and the gaps beside them tile the grid. */
  at({ clientX, clientY }) {
    const box = this.list.getBoundingClientRect();
    const rows = Math.ceil(this.cells.length / ACROSS);
    const column = Math.floor((ACROSS * (clientX - box.left)) / box.width);
    const row = Math.floor((rows * (clientY - box.top)) / box.height);
    const i = row * ACROSS + column;
    return column < 0 || column >= ACROSS || row < 0 || i >= this.cells.length ? null : i;
  }

  pin(i) {
    this.cells[this.pinned]?.box.setAttribute("aria-selected", "false");
    this.pinned = i;
    this.cells[i].box.setAttribute("aria-selected", "true");
    this.list.setAttribute("aria-activedescendant", this.cells[i].box.id);
    this.show(i);
  }

  leave() {
    this.shown = null;
    this.show(this.pinned);
  }

  show(i) {
    if (this.shown === i) return;
    this.shown = i;
    this.cells.forEach(({ box }, k) => box.classList.toggle("shown", k === i));
    const good = this.about.shaped[i];
    this.name.textContent = say("unit", { unit: this.about.units[i] });
    this.chip.className = `chip ${good ? "good" : "gap"}`;
    this.chip.replaceChildren(icon(good ? "check" : "warning"), say(good ? "shape" : "noise"));
    this.words.replaceChildren(...this.readings(i).map((line) => element("span", {}, line)));
    this.large.setAttribute("aria-label", this.cells[i].box.getAttribute("aria-label"));
    this.enlarge(i);
  }

  // The filter on its own scale, each pixel a square, with a line round its strongest spot.
  enlarge(i) {
    const side = Math.round((LARGE * devicePixelRatio) / 28);
    this.large.width = this.large.height = 28 * side;
    const context = this.large.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(this.pictures[i], 0, 0, 28 * side, 28 * side);
    const inside = (x, y) => x >= 0 && y >= 0 && x < 28 && y < 28 && this.spots[784 * i + 28 * y + x];
    context.beginPath();
    for (let y = 0; y <= 28; y++) {
      for (let x = 0; x <= 28; x++) {
        if (inside(x, y) !== inside(x - 1, y) && (inside(x, y) || inside(x - 1, y))) {
          context.moveTo(x * side, y * side);
          context.lineTo(x * side, (y + 1) * side);
        }
        if (inside(x, y) !== inside(x, y - 1) && (inside(x, y) || inside(x, y - 1))) {
          context.moveTo(x * side, y * side);
          context.lineTo((x + 1) * side, y * side);
        }
      }
    }
    context.strokeStyle = this.stage.colours.z;
    context.lineWidth = 1.6 * devicePixelRatio;
    context.lineCap = "square";
    context.stroke();
  }
}
