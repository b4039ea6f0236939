// The live panel: one to three models' planes under one linked cursor, decoded as it moves.

import { Component, mounting } from "../../core/component.js";
import { Model } from "../../core/model.js";
import { loadBlock } from "../../core/nn.js";
import { imageCanvas, paint } from "../../core/canvas.js";
import { number } from "../../core/numbers.js";
import { element, icon, save, symbolOf, write } from "../../core/dom.js";
import { Sheet } from "../../core/sheet.js";
import { wordsOf } from "../../core/words.js";
import { Images } from "../../images/test_images.js";
import { showAsked } from "../../plane/projection_select.js";
import { ModelView } from "../../plane/model_view.js";

const { say, fill } = wordsOf("components/panel/panel");

export class Panel extends Component {
  constructor(root) {
    super(root);
    this.models = [];
    this.hidden = new Set();
  }

  keyOf(data) {
    return JSON.stringify([data.layout, data.models, data.reader]);
  }

  about(data) {
    return data.models.map(({ name }) => name).join();
  }

  waiting(data) {
    this.models = [];
    this.pinned = null; // a point of other models means nothing to these
    this.root.className = `panel ${data.layout} models-${data.models.length}`;
    this.root.replaceChildren(this.skeleton(data));
  }

  load({ reader, models }) {
    return Promise.all([reader, ...models.map((m) => m.url)].map((url) => (url ? loadBlock(url) : null)));
  }

  build([reader, ...blocks]) {
    const { root, data } = this;
    this.shown = this.link = null;
    this.reader = reader && new Model(reader);
    this.images = data.images && new Images(data.images);
    this.legend = this.buildLegend();
    this.toolbar = this.buildToolbar();
    const row = element("div", { class: "models" });
    root.replaceChildren(this.toolbar, row);
    this.models = data.models.map((model, index) => this.viewOf(row, model, blocks[index], index));
    this.status = element("p", { class: "sr", "aria-live": "polite" });
    if (data.layout === "compare" && data.linked) root.append(this.buildLink());
    root.append(this.status);
    this.models.forEach((view) => this.observer.observe(view.frame));
    this.resize();
    if (!data.linked) this.models.forEach((view) => view.z.set(view.start()));
    this.pin(0, this.models[0].start());
    this.restore(this.view.values);
    this.setShown(this.shows);
  }

  update() {
    this.setShown(this.shows);
  }

  /** What is drawn on the planes. @returns {string[]} */
  get shows() {
    return this.data.show;
  }

  /** A model's place in this panel. */
  viewOf(row, model, block, index) {
    return new ModelView(this, row, model, block, index);
  }

  /**
   * Show what the view asks for, as far as it fits these models, and put the view right.
   * @param {any} values
   */
  restore({ at = 0, z, axes = [], hide }) {
    this.hidden = new Set(hide);
    this.hide();
    showAsked(this.models, this.view);
    const fits = z?.length === this.models[at]?.dim;
    if (fits) this.pin(at, z);
    this.view.set({ at: fits ? at : 0, z: fits ? z : null, axes: axes.length ? this.axes() : [] });
  }

  /** What each plane shows; nothing where all have but one plane to show. */
  axes() {
    return this.models.some((view) => view.dim > 2) ? this.models.map((view) => view.plane.axes) : [];
  }

  /** Keep in the view what is pinned and chosen; say it once it has settled. */
  remember() {
    const { m, z } = this.pinned;
    this.view.set({ at: m, z, axes: this.axes(), hide: [...this.hidden] });
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => this.speak(), 250);
  }

  destroy() {
    clearTimeout(this.speaking);
    for (const view of this.models) view.destroy();
  }

  // ------------------------------------------------------------------ building

  skeleton({ models }) {
    const bars = () => [1, 2, 3].map(() => element("span", { class: "bar" }));
    return element("div", { class: "models" }, ...models.map((m) =>
      element("div", { class: "model" }, element("h3", {}, m.title),
        element("div", { class: "frame waiting" }, ...bars()))));
  }

  buildLegend() {
    const legend = element("div", { class: "legend", role: "group", "aria-label": say("classes") });
    for (let label = 0; label < 10; label++) {
      const button = element("button", {
        type: "button", class: "class", "aria-pressed": "true", style: `--swatch: var(--c${label})`,
        title: say("class", { label }),
      }, element("i"), `${label}`);
      button.onclick = () => this.pressClass(label);
      legend.append(button);
    }
    return legend;
  }

  buildToolbar() {
    return element("div", { class: "toolbar" }, this.legend, this.buildHint());
  }

  /** How keys and clicks move the point, and the picture to keep. */
  buildHint() {
    const keys = ["←", "→", "↑", "↓"].map((key) => element("kbd", {}, key));
    const hint = element("p", { class: "hint" }, ...fill("hint", { keys }));
    const png = element("button", { type: "button", class: "png", title: say("png") }, icon("image"), element("span", {}, "PNG"));
    png.onclick = () => save(this.picture(), `${this.data.name}.png`);
    return element("div", { class: "row" }, hint, png);
  }

  /** A class of the legend was pressed: show or hide it. */
  pressClass(label) {
    if (!this.hidden.delete(label)) this.hidden.add(label);
    this.hide();
    this.remember();
  }

  /** Take the classes in `hidden` off every plane. */
  hide() {
    this.legend.querySelectorAll(".class").forEach((button, label) =>
      button.setAttribute("aria-pressed", String(!this.hidden.has(label))));
    for (const view of this.models) {
      view.plane.hidden = this.hidden;
      view.plane.changed = true;
    }
    this.schedule();
  }

  buildLink() {
    this.link = {
      x: imageCanvas(),
      name: element("span"),
      rebuilds: this.models.map(() => ({ canvas: imageCanvas(), nats: element("span") })),
    };
    const source = element("div", { class: "source" },
      this.images && element("div", { class: "tile of-x", style: "--size: 52px" }, this.link.x),
      element("div", {}, element("b", {}, ...fill("nearest", { x: symbolOf("x") })), this.link.name));
    const rebuilds = this.link.rebuilds.map(({ canvas, nats }, i) =>
      element("div", { class: "rebuild" },
        element("div", { class: "tile of-xh", style: "--size: 52px" }, canvas),
        element("div", {}, element("span", {}, ...fill("rebuild", { name: this.data.models[i].short, xh: symbolOf("xh") })), nats)));
    const note = element("span", {},
      say(this.models.every((view) => view.dim === 2) ? "gaps" : "gaps_of_many"),
      ...(this.images ? [] : [" ", say("missing")]));
    return element("div", { class: "link" }, source, icon("arrow"),
      ...rebuilds, element("p", { class: "note" }, icon("info"), note));
  }

  // ------------------------------------------------------------------ state

  setShown(show) {
    const shown = JSON.stringify(show);
    if (shown === this.shown) return;
    this.shown = shown;
    this.toolbar.classList.toggle("no-legend", show.includes("grid"));
    for (const view of this.models) {
      Object.assign(view.plane.show, {
        gaps: show.includes("gaps"),
        prior: show.includes("prior"),
        grid: show.includes("grid"),
        points: !show.includes("grid"),
      });
      view.plane.changed = true;
      view.fillGrid();
    }
    this.rest();
    this.schedule();
  }

  /** Pin z in one model's space; others go to the code of the linked test image. */
  pin(index, z, { remember = false } = {}) {
    this.pinned = { m: index, z: Array.from(z) };
    const { plane } = this.models[index];
    if (plane.reveal(...plane.projection.place(z))) this.schedule();
    this.point(index, this.pinned.z, "pin");
    if (remember) this.remember();
  }

  /** Show z now, without pinning it. */
  point(index, z, how) {
    const driver = this.models[index];
    driver.z.set(z);
    this.driver = driver;
    this.linked = driver.nearestTest();
    for (const view of this.models) {
      if (view !== driver && this.data.linked) view.z.set(view.codeOf(this.linked));
      view.show(how, view === driver, this.linked);
    }
    for (const view of this.models) view.tell(this.linked);
    if (this.link) this.showLink();
    this.onPoint(how);
  }

  /** A kind of its own may do more where the point moves. */
  onPoint(how) {}

  /** A key on a plane; true if it meant something. @param {KeyboardEvent} event @returns {boolean} */
  pressKey(event) {
    return false;
  }

  rest() {
    if (this.pinned) this.point(this.pinned.m, this.pinned.z, "pin");
  }

  showLink() {
    const { linked: i } = this;
    const { labels } = this.models[0].space;
    const likelihoods = this.data.models.map(({ likelihood }) => likelihood);
    const mixed = new Set(likelihoods).size > 1; // then their nats are of two units
    write(this.link.name, say("linked", { index: i, digit: say(`digit_${labels[i]}`) }));
    this.link.rebuilds.forEach(({ canvas, nats }, k) => {
      const view = this.models[k];
      const image = view === this.driver ? view.network.decode(view.codeOf(i)) : view.tile.pixels;
      paint(canvas, image, this.colours.ink);
      write(nats, say(mixed ? `nats_${likelihoods[k]}` : "nats", { value: number(view.nats[i], 1) }));
    });
    if (this.images) this.paintTest(this.link.x, i);
  }

  /** Paint a test image in its tile as soon as it is here; the tile is empty until then, as the words name another than it showed. */
  paintTest(canvas, i) {
    canvas.asked = i;
    canvas.parentElement.classList.toggle("waiting", canvas.shown !== i);
    this.images.get(i).then((image) => {
      if (!image || canvas.asked !== i || this.gone) return;
      paint(canvas, image, this.colours.ink);
      canvas.shown = i;
      canvas.parentElement.classList.remove("waiting");
    });
  }

  speak() {
    this.status.textContent = this.models.map((view) => view.sentence()).join(" ");
  }

  // ------------------------------------------------------------------ drawing

  drawFirst() {
    this.rest();
  }

  recolour() {
    for (const view of this.models) {
      view.plane.changed = true;
      view.fillGrid();
    }
    this.rest();
    this.schedule();
  }

  /** The planes and their decoded images as one picture, as sharp as the screen. */
  picture() {
    const { scale, height } = this.models[0].plane;
    const widths = this.models.map((view) => view.plane.width + 24);
    const sheet = new Sheet(widths.reduce((a, b) => a + b, 24), height + 190, this.colours, scale);
    let x = 24;
    this.models.forEach((view, i) => {
      const { plane, model, tile } = view;
      const left = x + plane.inner.x;
      sheet.write([...new Set([model.title, model.name])].join(" · "), left, 34, { size: 17, weight: 650 });
      for (const layer of [plane.base, plane.over]) sheet.put(layer, x, 46, plane.width, plane.height);
      sheet.put(tile, left, plane.height + 62, 112);
      sheet.write(view.state(), left + 128, plane.height + 84);
      x += widths[i];
    });
    return sheet.canvas;
  }

  resize() {
    for (const view of this.models) {
      if (view.plane.resize(Math.floor(view.frame.clientWidth))) view.fillGrid();
    }
    this.rest();
    this.schedule();
  }

  /** Redraw what stands still. */
  draw() {
    if (this.seen) this.models.forEach((view) => view.drawBase());
  }
}

export const mount = mounting(Panel);
