// The clean images of the table: four test images of a dataset, or one that is drawn or uploaded.

import { element } from "../../core/dom.js";
import { wordsOf } from "../../core/words.js";
import { Pad } from "../../images/drawing_pad.js";
import { packed, unpacked } from "../../images/packed.js";
import { TestImages } from "../../images/source.js";
import { Upload } from "../../images/upload.js";
import { glyph } from "./noise_bar.js";

const { say } = wordsOf("components/denoise/clean_images");

const ROWS = 4; // images of a dataset, or draws of the noise for a single image

/** A row of the table. @typedef {{ clean: Float32Array, caption: string, index: number }} Row */

export class CleanImages {
  /**
   * Sources, whose usual one comes first, and the controls of what is taken from them.
   * @param {import("../../core/view.js").View} view has the fields images, first and image
   * @param {AbortSignal} signal that nobody waits for images any more
   * @param {{ onRows: () => void, onDrawn: (image: Float32Array | null) => void }} events onRows:
   *   `rows` gives others; onDrawn: the one image is another
   */
  constructor(view, signal, { onRows, onDrawn }) {
    this.view = view;
    this.signal = signal;
    this.onRows = onRows;
    this.onDrawn = onDrawn;
    /** @type {Map<string, import("../../images/source.js").About>} */
    this.sources = new Map();
    /** @type {Map<string, TestImages>} */
    this.datasets = new Map();
    /** What was drawn on the pad, in grey values. @type {Uint8Array<ArrayBuffer> | null} */
    this.drawing = null;
    this.choices = element("div", { class: "kinds", role: "group", "aria-label": say("sources") });
    this.others = element("button", { type: "button", class: "again", title: say("next") }, glyph("arrow_forward"), say("others"));
    this.others.onclick = () => this.#next();
    this.note = element("p", { class: "caption" }, say("one"));
    this.pad = new Pad({ onImage: (image) => this.#drawn(image), onSettled: () => this.#keepDrawing() });
    this.upload = new Upload({ onImage: (image) => this.#uploaded(image) });
    this.host = element("div", { class: "sources" },
      element("div", { class: "source-bar" }, this.choices, this.others, this.note), this.pad.host, this.upload.host);
  }

  /** Offer these; the view is put right where it names another. @param {import("../../images/source.js").About[]} sources */
  offer(sources) {
    this.sources = new Map(sources.map((about) => [about.name, about]));
    if (!this.sources.has(this.view.values.images)) this.view.set({ images: null });
    this.choices.replaceChildren(...sources.map(({ name, title }) => {
      const button = element("button", { type: "button", "data-source": name }, title);
      button.onclick = () => this.#choose(name);
      return button;
    }));
    this.#show();
  }

  /** The source in use: the one that the view names, or the usual one. */
  get source() {
    const [usual] = this.sources.values();
    return this.sources.get(this.view.values.images) ?? usual;
  }

  /** The rows of the table; none where no image is drawn or uploaded yet. @returns {Promise<Row[]>} */
  async rows() {
    const { source } = this;
    if (source.way === "dataset") return this.#testImages(source);
    if (source.way === "drawn" && this.drawing) return draws(asImage(this.drawing));
    const { image: text } = this.view.values;
    const image = text && (await unpacked(text));
    if (text && !image && this.view.values.image === text) this.view.set({ image: null });
    if (source.way === "drawn") this.pad.put(image);
    return image ? draws(asImage(image)) : [];
  }

  /** @param {import("../../images/source.js").About} about @returns {Promise<Row[]>} */
  async #testImages(about) {
    const images = this.datasets.get(about.name) ?? new TestImages(about, this.signal);
    this.datasets.set(about.name, images);
    const { first: asked } = this.view.values;
    images.image(asked).catch(() => {}); // beside the labels; whether it is shown is known once they are here
    const labels = await images.fetchLabels();
    const first = this.#first(labels.length);
    const numbers = Array.from({ length: ROWS }, (_, i) => first + i);
    return (await images.images(numbers)).map((clean, i) => ({
      clean,
      caption: say("image", { digit: say(`digit_${labels[first + i]}`), index: first + i }),
      index: first + i,
    }));
  }

  /** The number of the first image that the view asks for, out of so many; the view is put right. */
  #first(count) {
    const { first: asked } = this.view.values;
    const first = asked % ROWS || asked + ROWS > count ? 0 : asked;
    if (first !== asked) this.view.set({ first });
    this.count = count;
    return first;
  }

  /** The next four test images; after the last ones the first. */
  #next() {
    const next = this.view.values.first + ROWS;
    this.view.set({ first: next + ROWS > this.count ? 0 : next });
    this.onRows();
  }

  #choose(name) {
    if (name === this.source.name) return;
    const [usual] = this.sources.keys();
    this.view.set({ images: name === usual ? null : name });
    this.#show();
    this.onRows();
  }

  #show() {
    const { name, way } = this.source;
    for (const button of this.choices.children) {
      button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.source === name));
    }
    this.others.hidden = way !== "dataset";
    this.note.hidden = way === "dataset";
    this.pad.host.hidden = way !== "drawn";
    this.upload.host.hidden = way !== "uploaded";
  }

  /** @param {Uint8Array<ArrayBuffer> | null} image */
  #drawn(image) {
    this.drawing = image;
    this.onDrawn(image && asImage(image));
  }

  /** The pen has left the pad: keep the drawing in the view. */
  async #keepDrawing() {
    const { drawing } = this;
    const text = drawing ? await packed(drawing) : null;
    if (drawing === this.drawing) this.view.set({ image: text });
  }

  /** @param {Uint8Array<ArrayBuffer>} image */
  async #uploaded(image) {
    this.view.set({ image: await packed(image) });
    this.drawing = null; // the pad is to show this image
    if (this.source.way === "uploaded") this.onRows();
  }

  recolour(ink) {
    this.pad.paint(ink);
  }
}

/** One image under several draws of the noise. @param {Float32Array} clean @returns {Row[]} */
export const draws = (clean) =>
  Array.from({ length: ROWS }, (_, i) => ({ clean, caption: say("draw", { number: i + 1 }), index: i }));

const asImage = (/** @type {Uint8Array} */ bytes) => Float32Array.from(bytes, (v) => v / 255);
