// Sixteen draws of one model: where their codes lie, what they show, and how near a training image is.

import { DotRows } from "../../charts/dot_rows.js";
import { imageCanvas, paint, stillImage } from "../../core/canvas.js";
import { Component, mounting } from "../../core/component.js";
import { element, icon, save, share, symbolOf, write } from "../../core/dom.js";
import { saveCsv } from "../../core/export.js";
import { Model } from "../../core/model.js";
import { loadBlock } from "../../core/nn.js";
import { number } from "../../core/numbers.js";
import { Sheet } from "../../core/sheet.js";
import { group, wordsOf } from "../../core/words.js";
import { nearestTraining } from "../../images/nearest.js";
import { CodePlane } from "../../plane/code_plane.js";
import { Gestures } from "../../plane/gestures.js";
import { spaceOf } from "../../plane/latent_space.js";
import { dot, tags } from "../../plane/layers/cursor.js";
import { zoomButtons } from "../../plane/zoom_buttons.js";
import { drawOf, reachOf, sourceLayer } from "./priors.js";

const { say } = wordsOf("components/generate/draws");

const COUNT = 16;
const SEEDS = 10_000;
const SURE = 0.9;
const RING = 5; // pixels, of a draw on the plane
const SETTLED = 250; // milliseconds after the last change until it is announced
const NEAR = 12; // pixels from a draw's ring that still mean it

/**
 * One of the draws, or a place that was pressed.
 * @typedef {{ z: number[], asked: number | null, image: Float32Array, digit: number, sure: number,
 *   neighbour?: import("../../images/nearest.js").Neighbour }} Shown
 */

/**
 * The component: one `model`, the `source` of its draws, whether they are `asked` for a class, and
 * rows of distances to the `nearest` training image, and where the `training` images are, if they
 * are. Its view: seed, the picked draw, and a place.
 */
class Draws extends Component {
  constructor(root) {
    super(root);
    root.className = "draws";
  }

  get below() {
    return true; // it draws sixteen images, and a plane
  }

  about({ model }) {
    return model.name;
  }

  load({ reader, model }) {
    return Promise.all([reader, model.url].map(loadBlock));
  }

  build([reader, block]) {
    const { data } = this;
    this.reader = new Model(reader);
    this.network = new Model(block);
    const space = spaceOf(block);
    this.area = element("div", { class: "frame", tabindex: "0", role: "application", "aria-label": say("plane") });
    this.plane = new CodePlane(this.area, space, { pointRadius: 1.05, discRadius: 10, ratio: 0.92, reach: reachOf(data.source) });
    // A class has no place where it is told; Gaussians of a prior have theirs beyond.
    Object.assign(this.plane.show, { prior: true, discs: !this.network.classes && data.source.kind !== "mixture" });
    this.plane.under = [sourceLayer(data.source)];
    const zooms = zoomButtons(say("title"), { zoom: (factor) => this.gestures.zoom(factor), fit: () => this.fit() });
    this.caption = element("p", { class: "caption" });
    const again = element("button", { type: "button", class: "again" }, icon("shuffle"), say("again"));
    again.onclick = () => this.redraw();
    this.cells = Array.from({ length: COUNT }, (_, i) => this.buildCell(i));
    this.canvas = imageCanvas();
    this.canvas.className = "decoded";
    this.words = element("span", { class: "caption" });
    this.copy = imageCanvas();
    this.copy.className = "decoded";
    this.copyWords = element("span", { class: "caption" });
    this.neighbour = element("div", { class: "one", hidden: "" }, element("div", { class: "tile of-x" }, this.copy), this.copyWords);
    this.rows = data.nearest && new DotRows(data.nearest.rows, say("distance"), data.nearest.says);
    this.root.replaceChildren(element("div", { class: "model" },
      element("div", { class: "plane-column" },
        element("div", { class: "head" }, element("h3", {}, say("title")), element("span", { class: "count" }, say("press")), zooms), this.area),
      element("div", { class: "side" },
        element("div", { class: "row spread" }, this.caption, again),
        element("div", { class: "sixteen", role: "group", "aria-label": say("sixteen") }, ...this.cells.map(({ host }) => host)),
        element("div", { class: "nearest" },
          element("div", { class: "one" }, element("div", { class: "tile of-z" }, this.canvas), this.words),
          this.neighbour,
          this.rows?.host),
        this.buildKeep())));
    this.status = element("p", { class: "sr", "aria-live": "polite" });
    this.root.append(this.status);
    this.listen();
    this.observer.observe(this.area);
    this.resize();
    this.view.within({ place: ({ length }) => length === space.dim });
    this.take();
  }

  buildCell(i) {
    const still = stillImage();
    const dot = element("i");
    const digits = element("b");
    const sure = element("span", { class: "sure" });
    const host = element("button", { type: "button", class: "cell" },
      element("span", { class: "tile" }, still.picture), element("span", { class: "label" }, dot, digits), sure);
    host.onclick = () => this.pick(i);
    return { ...still, dot, digits, sure, host };
  }

  buildKeep() {
    const png = element("button", { type: "button", title: say("png") }, icon("image"), "PNG");
    png.onclick = () => save(this.picture(), `${this.data.name}.png`);
    const csv = element("button", { type: "button", title: say("csv") }, icon("table"), "CSV");
    csv.onclick = () => saveCsv(this.table(), `${this.data.name}.csv`);
    return element("div", { class: "keep" }, png, csv);
  }

  // ------------------------------------------------------------------ draws

  /** What the model draws at z, asked for a class or not. @returns {Shown} */
  shownAt(z, asked) {
    const y = asked === null || !this.network.classes ? undefined : this.network.labelOf([asked]);
    const image = Float32Array.from(this.network.decode(Float32Array.from(z), y)); // the model's is overwritten
    const { digit, sure } = this.reader.classify(image);
    return { z: Array.from(z), asked, image, digit, sure };
  }

  /** Draw the sixteen of the view's seed. */
  take() {
    const { source, asked, model } = this.data;
    const dim = this.plane.space.dim;
    this.draws = Array.from({ length: COUNT }, (_, i) => {
      const { z, part } = drawOf(source, dim, this.view.values.seed, i);
      return this.shownAt(z, asked ? part : null);
    });
    const sure = this.draws.filter((one) => one.sure >= SURE).length;
    write(this.caption, say("counted", { from: model.from, sure, all: COUNT }));
    this.draws.forEach((one, i) => this.showCell(this.cells[i], one));
    this.paintCells();
    this.showPicked();
    this.findNeighbours(this.draws.includes(this.shown) ? this.draws : [...this.draws, this.shown]);
  }

  /** Ask for the training images nearest to these, and show the one of what is shown. @param {Shown[]} ones */
  async findNeighbours(ones) {
    if (!this.data.training) return;
    const found = await nearestTraining(this.data.training, ones.map(({ image }) => image), this.signal);
    if (!found || this.gone) return;
    found.forEach((neighbour, i) => (ones[i].neighbour = neighbour));
    if (ones.includes(this.shown)) this.showNeighbour(this.shown);
  }

  /** The training image nearest to what is shown, where it is known. @param {Shown} one */
  showNeighbour({ neighbour }) {
    this.neighbour.hidden = !neighbour;
    if (neighbour) {
      const { row, label, distance, image } = neighbour;
      paint(this.copy, image, this.colours.ink);
      this.copyWords.replaceChildren(say("nearest"), element("br"), say("training", { row: group(row), digit: say(`digit_${label}`) }),
        element("br"), say("away", { distance: number(distance, 1) }));
    }
    if (!this.rows) return;
    this.rows.marked = neighbour?.distance ?? null;
    if (this.seen) this.rows.draw(this.colours);
  }

  showCell({ dot, digits, sure, host }, one) {
    dot.style.background = `var(--c${one.digit})`;
    write(digits, readText(one));
    write(sure, share(one.sure));
    host.classList.toggle("unsure", one.sure < SURE);
    host.setAttribute("aria-label", say("cell", { digit: readText(one), share: share(one.sure) }));
  }

  paintCells() {
    this.draws.forEach(({ image }, i) => {
      paint(this.cells[i].canvas, image, this.colours.ink);
      this.cells[i].reveal();
    });
  }

  redraw() {
    this.view.set({ seed: (this.view.values.seed + 1) % SEEDS, place: null });
    this.take();
    this.speak();
  }

  /** What is shown large: a place that was pressed, or the picked draw. @returns {Shown} */
  get shown() {
    const { place, picked } = this.view.values;
    if (!place) return this.draws[picked];
    if (this.pressed?.place !== place) this.pressed = { place, one: this.shownAt(place, this.draws[picked].asked) };
    return this.pressed.one;
  }

  pick(i) {
    this.view.set({ picked: i, place: null });
    this.showPicked();
    this.speak();
  }

  /** A place of the plane is decoded in place of a draw. */
  goTo(z) {
    this.view.set({ place: z });
    this.showPicked();
  }

  /** The hand has come to rest: say what is shown, and ask what is near it. */
  settle() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      this.speak();
      const one = this.shown;
      if (!one.neighbour) this.findNeighbours([one]);
    }, SETTLED);
  }

  showPicked() {
    const { picked } = this.view.values;
    const one = this.shown;
    const there = one !== this.draws[picked];
    this.cells.forEach(({ host }, i) => host.setAttribute("aria-pressed", String(!there && i === picked)));
    paint(this.canvas, one.image, this.colours.ink);
    this.words.replaceChildren(say(there ? "there" : "this_draw"), element("br"),
      symbolOf("z"), ` = (${one.z.map((v) => number(v)).join(", ")})`, element("br"), say("read", { digit: readText(one), share: share(one.sure) }));
    this.showNeighbour(one);
    this.drawOver(one);
  }

  speak() {
    const { digit, sure, z } = this.shown;
    this.status.textContent = say("spoken", { place: z.map((v) => number(v)).join(", "), digit, share: share(sure) });
  }

  // ------------------------------------------------------------------ hands

  listen() {
    const { area, plane } = this;
    const under = (at) => Array.from(plane.projection.unproject(plane.toPlane(...at), this.shown.z));
    this.gestures = new Gestures(area, plane, {
      press: (at) => {
        if (!plane.contains(...at)) return false;
        const found = this.draws.findIndex(({ z }) => {
          const [x, y] = plane.at(z);
          return Math.hypot(x - at[0], y - at[1]) < NEAR;
        });
        if (found >= 0) this.pick(found);
        else this.goTo(under(at));
        return true;
      },
      drag: (at) => plane.contains(...at) && this.goTo(under(at)),
      release: () => this.settle(),
      focus: () => this.drawOver(this.shown),
      arrow: (x, y) => {
        const { unit } = plane.window;
        this.goTo(Array.from(plane.projection.move(this.shown.z, x * unit, y * unit)));
        this.settle();
      },
      moved: () => this.schedule(),
      fit: () => this.fit(),
    });
  }

  fit() {
    this.plane.fit();
    this.schedule();
  }

  // ------------------------------------------------------------------ drawing

  /** Rings of the sixteen, and what is shown as a point. */
  drawOver(one) {
    const { plane, colours, draws } = this;
    if (!plane.width) return;
    const point = plane.projection.place(one.z);
    const place = plane.toScreen(...point);
    Object.assign(plane, { cursor: { point, place, inside: plane.contains(...place), pointing: true } });
    const rings = {
      draw(context) {
        for (const { z } of draws) {
          dot(context, plane.at(z), colours.z, colours.plane, { pointing: false, r: RING });
        }
        dot(context, place, colours.z, colours.plane, { pointing: true });
      },
    };
    plane.drawOver(colours, [rings, ...(this.area.matches(":focus-visible") && plane.cursor.inside ? [tags] : [])]);
  }

  drawFirst() {
    this.draw();
    this.rows?.draw(this.colours);
  }

  draw() {
    if (this.plane.changed) this.plane.drawBase(this.colours);
    this.drawOver(this.shown);
  }

  recolour() {
    this.plane.changed = true;
    this.paintCells();
    this.showPicked();
    this.drawFirst();
  }

  resize() {
    this.plane.resize(Math.floor(this.area.clientWidth));
    if (this.built) this.drawFirst();
  }

  destroy() {
    clearTimeout(this.settling);
    this.gestures?.destroy();
  }

  // ------------------------------------------------------------------ keeping

  /** The plane and the sixteen as one picture. */
  picture() {
    const { plane, colours, data } = this;
    const [size, across] = [96, 8];
    const step = size + 14;
    const left = plane.width + 48;
    const sheet = new Sheet(left + across * step + 10, Math.max(plane.height + 70, 2 * (size + 56) + 90), colours, plane.scale);
    sheet.write(`${data.model.name} · ${this.caption.textContent}`, 24 + plane.inner.x, 34, { size: 16, weight: 650, most: left + across * step - 60 });
    for (const layer of [plane.base, plane.over]) sheet.put(layer, 24, 50, plane.width, plane.height);
    this.draws.forEach((one, i) => {
      const [x, y] = [left + (i % across) * step, 58 + Math.floor(i / across) * (size + 56)];
      sheet.put(this.cells[i].canvas, x, y, size);
      sheet.write(readText(one), x + size / 2, y + size + 20, { weight: 650, align: "center" });
      sheet.write(share(one.sure), x + size / 2, y + size + 36, { size: 12, colour: colours.muted, align: "center" });
    });
    return sheet.canvas;
  }

  /** A row for each draw. */
  table() {
    const names = this.draws[0].z.map((_, j) => `z${j + 1}`);
    const rows = this.draws.map(({ z, asked, digit, sure, neighbour }) => [
      ...z.map((v) => v.toPrecision(6)), asked, digit, sure.toFixed(4), neighbour?.row, neighbour?.distance]);
    return [[...names, "asked", "read", "sure", "nearest", "distance"], ...rows];
  }
}

/** What is read, against what was asked for where that is another class. @param {Shown} one */
const readText = ({ asked, digit }) => (asked !== null && asked !== digit ? `${asked}→${digit}` : `${digit}`);

export const mount = mounting(Draws);
