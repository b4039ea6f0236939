// One digit, ten guesses: test digits to press, how likely each label is, and the digit drawn as each.

import { ClassBars } from "../../core/class_bars.js";
import { stillImage, paint } from "../../core/canvas.js";
import { Component, mounting } from "../../core/component.js";
import { element, icon, symbolOf, write } from "../../core/dom.js";
import { formulaOf } from "../../core/formula.js";
import { Model } from "../../core/model.js";
import { loadBlock } from "../../core/nn.js";
import { wordsOf } from "../../core/words.js";
import { readTile } from "../../images/filmstrips.js";
import { TestImages } from "../../images/source.js";
import { answerText, picked, tenGuesses } from "./ten_guesses.js";

const { say, fill } = wordsOf("components/few_labels/guesses");

const SCANNED = 300; // test images among which those that are shown are looked for

/**
 * The component: the networks at `url`, and the `source` of test images. Its view: the number of the
 * test image.
 */
class Guesses extends Component {
  constructor(root) {
    super(root);
    root.className = "guesses";
  }

  get below() {
    return true;
  }

  keyOf({ url, source }) {
    return JSON.stringify([url, source.name]);
  }

  about({ source }) {
    return source.name;
  }

  async load({ url, source }) {
    this.images = new TestImages(source, this.signal);
    const [block, labels] = await Promise.all([loadBlock(url), this.images.fetchLabels()]);
    this.labels = labels;
    return block;
  }

  async build(block) {
    this.model = new Model(block);
    this.view.within({ digit: (index) => index < this.labels.length });
    this.row = element("div", { class: "choice", role: "group", "aria-label": say("choice") });
    this.row.onkeydown = (event) => this.onKey(event);
    this.others = element("button", { type: "button", class: "png", title: say("next") }, icon("arrow"), say("others"));
    this.others.onclick = () => this.next();
    this.xTitle = element("h4");
    this.xTile = readTile("100%", "of-x", { still: true });
    this.bars = new ClassBars(this.model.classes);
    this.drawn = Array.from({ length: this.model.classes }, (_, label) => {
      const { canvas, picture, reveal } = stillImage();
      const tile = element("div", { class: "tile of-xh", style: "--size: 100%", role: "img" }, picture);
      const nats = element("span", { class: "nats" });
      const cell = element("div", { class: "guess" }, tile,
        element("span", { class: "label" }, element("i", { style: `background: var(--c${label})` }), `${label}`), nats);
      return { cell, canvas, reveal, tile, nats };
    });
    this.answer = element("p", { class: "answer" });
    this.status = element("p", { class: "sr", "aria-live": "polite" });
    this.findings = element("div", { class: "findings" },
      element("div", { class: "image" }, this.xTitle, this.xTile.cell.firstChild),
      element("div", { class: "bars" },
        element("h4", {}, formulaOf("q(y | {x})"), " ", element("span", { class: "caption" }, say("likely"))),
        ...this.bars.rows),
      element("div", { class: "drawn" },
        element("h4", {}, symbolOf("xh"), " ", say("as"), " ", element("span", { class: "caption" }, ...fill("below", { x: symbolOf("x") }))),
        element("div", { class: "ten" }, ...this.drawn.map(({ cell }) => cell))));
    await this.lookUp();
    this.root.replaceChildren(
      element("div", { class: "row spread" }, element("p", { class: "caption" }, say("shown", { title: this.images.title })), this.others),
      this.row, this.findings, this.answer, this.status);
  }

  // ------------------------------------------------------------------ which images

  /** The first of the images that are looked through, by the image that the view asks for. */
  get start() {
    const { digit } = this.view.values;
    return Math.floor((digit ?? 0) / SCANNED) * SCANNED;
  }

  /** Read the images from here on, and choose those to show. */
  async lookUp() {
    const { start, labels } = this;
    const numbers = Array.from({ length: Math.min(SCANNED, labels.length - start) }, (_, i) => start + i);
    const images = await this.images.images(numbers);
    const read = images.map((image) => {
      const { digit, probabilities } = this.model.classify(image);
      return { digit, probabilities: probabilities.slice() };
    });
    const shown = picked(labels.subarray(start), read);
    const { digit: asked } = this.view.values;
    if (asked >= start && asked < start + numbers.length && asked !== null && !shown.includes(asked - start)) shown[shown.length - 1] = asked - start;
    this.shown = shown.map((i) => ({ index: start + i, label: labels[start + i], read: read[i].digit, image: images[i] }));
    const doubted = this.shown.slice(this.model.classes);
    this.first = (doubted.find(({ label, read }) => label !== read) ?? this.shown[0]).index;
    this.layChoice();
  }

  layChoice() {
    this.tiles = this.shown.map(({ index, label, read, image }) => {
      const { canvas, picture, reveal } = stillImage();
      const button = element("button", { type: "button", "aria-label": say(label === read ? "digit" : "misread", { index, label: say(`digit_${label}`), read: say(`digit_${read}`) }) },
        element("span", { class: "tile", style: "--size: 100%" }, picture),
        element("span", { class: "label" }, label === read ? `${label}` : `${label}→${read}`));
      button.onclick = () => this.choose(index);
      return { button, canvas, reveal, index, image };
    });
    this.row.replaceChildren(...this.tiles.map(({ button }) => button));
  }

  get chosen() {
    return this.shown.find(({ index }) => index === this.view.values.digit) ?? this.shown.find(({ index }) => index === this.first);
  }

  choose(index) {
    this.keep(index);
    this.draw();
    this.status.textContent = this.answer.textContent;
  }

  /** Keep an image in the view; the one that is shown at first stands in no address. */
  keep(index) {
    this.view.set({ digit: this.start === 0 && index === this.first ? null : index });
  }

  onKey({ key }) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
    const at = this.tiles.findIndex(({ button }) => button.matches(":focus"));
    if (step && at >= 0) this.tiles[(at + step + this.tiles.length) % this.tiles.length].button.focus();
  }

  /** Others of the test images; after the last ones the first. */
  async next() {
    const next = this.start + SCANNED;
    const first = next < this.labels.length ? next : 0;
    this.view.set({ digit: first || null });
    this.others.setAttribute("disabled", "");
    try {
      await this.lookUp();
      if (first) this.view.set({ digit: this.first });
      this.recolour();
    } catch (error) {
      this.fail(error);
    } finally {
      this.others.removeAttribute("disabled");
    }
  }

  // ------------------------------------------------------------------ drawing

  draw() {
    const { colours, data } = this;
    const { index, label, image } = this.chosen;
    const guesses = tenGuesses(this.model, image);
    for (const { button, index: own } of this.tiles) button.setAttribute("aria-pressed", String(own === index));
    this.xTitle.replaceChildren(symbolOf("x"), " ", element("span", { class: "caption" }, say("image", { index, digit: say(`digit_${label}`) })));
    this.xTile.show(image, colours.ink);
    this.bars.show(guesses.probabilities);
    this.drawn.forEach(({ cell, canvas, reveal, tile, nats }, i) => {
      paint(canvas, guesses.images[i], colours.ink);
      reveal();
      const value = guesses.nats[i].toFixed(1);
      const least = i === guesses.least;
      cell.classList.toggle("true", i === label);
      cell.classList.toggle("least", least);
      write(nats, least ? say("least", { nats: value }) : value);
      tile.setAttribute("aria-label", say("drawn", { digit: say(`digit_${i}`), nats: value }));
    });
    write(this.answer, answerText(data.short, label, guesses));
  }

  recolour() {
    for (const { canvas, reveal, image } of this.tiles) {
      paint(canvas, image, this.colours.ink);
      reveal();
    }
    this.draw();
  }
}

export const mount = mounting(Guesses);
