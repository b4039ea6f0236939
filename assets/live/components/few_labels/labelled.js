// The labelled images: ten of each class, a row for each, on one canvas.

import { shadesOf } from "../../core/canvas.js";
import { element, icon } from "../../core/dom.js";
import { loadBlock } from "../../core/nn.js";
import { group, wordsOf } from "../../core/words.js";

const { say } = wordsOf("components/few_labels/labelled");

const ACROSS = 10; // images of a class
const PITCH = 62; // pixels of the canvas from one image to the next
const SIDE = 56;
const EDGE = (PITCH - SIDE) / 2;

export class Labelled {
  /**
   * @param {{ url: string, title: string, same: boolean }} about where they are asked for, of which dataset, and
   *   whether that is the one of the lines
   * @param {() => void} onAgain another draw is asked for
   */
  constructor(about, onAgain) {
    this.about = about;
    /** @type {Block | null} */
    this.block = null;
    this.canvas = element("canvas", { width: ACROSS * PITCH, height: ACROSS * PITCH, role: "img" });
    this.canvas.onpointermove = (event) => this.point(event);
    /** The images of a draw painted, by its block's bytes. @type {WeakMap<object, { ink: any, sheet: HTMLCanvasElement }>} */
    this.sheets = new WeakMap();
    this.title = element("h4");
    this.note = element("p", { class: "caption" });
    this.digits = element("div", { class: "digits", "aria-hidden": "true" },
      ...Array.from({ length: ACROSS }, (_, digit) => element("b", {}, `${digit}`)));
    this.again = element("button", { type: "button", class: "png" }, icon("shuffle"), say("again"));
    this.again.onclick = onAgain;
    this.host = element("div", { class: "labelled" },
      element("div", { class: "row spread" }, this.title, this.again), this.note,
      element("div", { class: "sheet" }, this.digits, this.canvas));
  }

  /** Fetch and show the images of a draw; of others than the lines', always of a hundred labels. */
  async show({ labels, images, draw, draws }, ink) {
    const count = this.about.same ? labels : Math.min(labels, 100);
    const asked = (this.asked = `${this.about.url}/${count}/${draw}`);
    const all = count >= images;
    this.again.style.visibility = all ? "hidden" : ""; // of all there is one draw
    this.title.textContent = say(all ? "title_all" : "title", { count: group(count) });
    const found = await loadBlock(asked).catch(() => null);
    if (asked !== this.asked) return; // another was asked for meanwhile
    this.block = found;
    this.shown = asked;
    const each = count / ACROSS;
    const parts = [
      all ? say("some_of_all", { each: ACROSS })
        : each > ACROSS ? say("some", { each: ACROSS, of: group(each), draw: draw + 1, draws })
        : say("each", { draw: draw + 1, draws }),
      ...(all ? [] : [say("others")]),
      ...(this.about.same ? [] : [say("stand_in", { title: this.about.title })]),
    ];
    this.note.textContent = found ? parts.join(" ") : say("lost");
    this.canvas.setAttribute("aria-label", this.note.textContent);
    this.paint(ink);
  }

  paint(ink) {
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.cells = [];
    if (!this.block) return;
    const { images, labels } = this.block.arrays;
    const seen = Array(ACROSS).fill(0);
    Array.from(labels.values).forEach((label, i) => (this.cells[label * ACROSS + seen[label]++] = i));
    const sheet = this.#sheet(images.values, ink);
    this.cells.forEach((i, cell) => {
      const [x, y] = [(cell % ACROSS) * PITCH + EDGE, Math.floor(cell / ACROSS) * PITCH + EDGE];
      context.drawImage(sheet, 0, 28 * i, 28, 28, x, y, SIDE, SIDE);
    });
  }

  /** The images one below the other; those of a draw that was seen before are kept. */
  #sheet(values, ink) {
    const known = this.sheets.get(values);
    if (known?.ink === ink) return known.sheet;
    const sheet = element("canvas", { width: "28", height: `${values.length / 28}` });
    const context = sheet.getContext("2d");
    const picture = context.createImageData(28, values.length / 28);
    const shades = shadesOf(ink);
    const pixels = new Uint32Array(picture.data.buffer);
    for (let k = 0; k < pixels.length; k++) pixels[k] = shades[values[k]];
    context.putImageData(picture, 0, 0);
    this.sheets.set(values, { ink, sheet });
    return sheet;
  }

  /** Name the image that is pointed at. */
  point({ offsetX, offsetY }) {
    const side = this.canvas.clientWidth / ACROSS;
    const cell = Math.floor(offsetY / side) * ACROSS + Math.floor(offsetX / side);
    const i = this.block ? this.cells[cell] : undefined;
    const { numbers, labels } = this.block?.arrays ?? {};
    this.canvas.title = i === undefined ? "" : say("image", { index: group(numbers.values[i]), digit: say(`digit_${labels.values[i]}`) });
  }
}
