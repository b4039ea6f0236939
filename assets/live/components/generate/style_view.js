// The plane of styles and what one point of it draws: an image of each class, read and measured.

import { imageCanvas, paint } from "../../core/canvas.js";
import { element, share, symbolOf, write } from "../../core/dom.js";
import { painted } from "../../core/frames.js";
import { wordsOf } from "../../core/words.js";
import { ModelView } from "../../plane/model_view.js";
import { lean, together } from "./lean.js";
import { normal } from "./random.js";

const { say } = wordsOf("components/generate/style_view");

const SURE = 0.9;
const POINTS = 200; // at which it is found which classes lean together
const PACE = 160; // milliseconds between two readings of the ten, which take longer than to draw them
const FRAME = 5; // milliseconds a frame for that
const REACH = 3.5; // standard deviations of the prior in the first view

export class StyleView extends ModelView {
  get look() {
    return { pointRadius: 1.15, discRadius: 11, ratio: 0.87, reach: this.space.prior ? REACH : 0 };
  }

  arrange() {
    const { side, panel } = this;
    /** A label for each class. */
    this.labels = Array.from({ length: this.network.classes }, (_, digit) => this.network.labelOf([digit]));
    /** What was read in each class's image last: { digit, sure, lean }. @type {any[]} */
    this.reads = [];
    this.readAt = -Infinity;
    /** For each class whether it leans as the others do; null until that is found. @type {boolean[] | null} */
    this.together = null;
    this.tiles = this.labels.map((_, digit) => {
      /** @type {any} with the pixels that it shows */
      const canvas = imageCanvas();
      canvas.className = "decoded";
      const dot = element("i");
      const digits = element("b", {}, `${digit}`);
      const figures = element("span", { class: "sure" });
      const host = element("button", { type: "button", class: "style", title: say("open", { digit }) },
        element("span", { class: "tile of-xh" }, canvas), element("span", { class: "label" }, dot, digits), figures);
      host.onclick = () => panel.open(digit);
      return { canvas, host, dot, digits, figures };
    });
    side.append(
      element("div", { class: "row spread" },
        element("b", { class: "formula" }, symbolOf("xh"), " = g(", symbolOf("z"), ", ", element("span", { class: "symbol" }, "y"), ")",
          element("span", { class: "caption" }, say("one_point"))),
        this.chip),
      element("div", { class: "styles" }, ...this.tiles.map(({ host }) => host)),
      element("div", { class: "row spread" }, this.zText, element("p", { class: "caption" }, say("under"))),
      this.sliders);
    this.planeColumn.append(panel.legend);
  }

  takesLoupe() {
    return false; // the ten tiles are it
  }

  /** A ring alone: whose handwriting is nearest. */
  linkedMark(linked) {
    const { places } = this.plane.projection;
    return { at: [places[2 * linked], places[2 * linked + 1]], spread: null };
  }

  drawImage() {
    const { ink } = this.panel.colours;
    this.tiles.forEach(({ canvas }, digit) => paint(canvas, this.network.decode(this.z, this.labels[digit]), ink));
  }

  /** What is read comes once the images are on the screen, and while the pointer moves not at each of its moves. */
  async tellImage() {
    if (this.pending) return;
    this.pending = true;
    await painted();
    const wait = this.readAt + PACE - performance.now();
    if (wait > 0) await new Promise((done) => setTimeout(done, wait));
    this.pending = false;
    if (this.panel.gone) return;
    this.readAt = performance.now();
    const { reader } = this.panel;
    this.reads = this.tiles.map(({ canvas: { pixels } }) => {
      const { digit, sure } = reader.classify(pixels);
      return { digit, sure, lean: lean(pixels) };
    });
    this.tiles.forEach((tile, digit) => this.#caption(tile, digit, this.reads[digit]));
    this.panel.onRead();
  }

  /**
   * Find which classes lean together, a few milliseconds a frame: over draws of the prior, or without
   * one over codes of test images.
   */
  async findTogether() {
    const leans = this.labels.map(() => new Float32Array(POINTS));
    for (let i = 0; i < POINTS;) {
      await new Promise((done) => requestAnimationFrame(done));
      if (this.panel.gone) return;
      const end = performance.now() + FRAME;
      for (; i < POINTS && performance.now() < end; i++) {
        const z = this.space.prior
          ? Float32Array.from({ length: this.dim }, (_, j) => normal(i, j))
          : this.codeOf(Math.floor((i * this.space.count) / POINTS));
        this.labels.forEach((label, k) => (leans[k][i] = lean(this.network.decode(z, label))));
      }
    }
    this.together = together(leans);
    this.panel.onRead();
  }

  #caption({ host, dot, digits, figures }, asked, { digit, sure, lean: angle }) {
    const text = digit === asked ? `${digit}` : `${asked}→${digit}`;
    const degrees = say("degrees", { angle: Math.round(angle) }).replace("-", "−");
    if (dot.digit !== digit) dot.style.background = `var(--c${(dot.digit = digit)})`;
    write(digits, text);
    write(figures, `${share(sure)} · ${degrees}`);
    host.classList.toggle("unsure", sure < SURE);
    host.setAttribute("aria-label", say("tile", { asked, digit, share: share(sure), degrees, open: host.title }));
  }
}
