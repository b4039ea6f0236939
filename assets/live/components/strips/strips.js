// Strips of decoded images, each with what a classifier reads in it.

import { paint, stillImage } from "../../core/canvas.js";
import { Component, mounting } from "../../core/component.js";
import { element, icon, save, share } from "../../core/dom.js";
import { Model } from "../../core/model.js";
import { loadBlock } from "../../core/nn.js";
import { Sheet } from "../../core/sheet.js";
import { wordsOf } from "../../core/words.js";

const { say } = wordsOf("components/strips/strips");

const SURE = 0.9;

/** The component: `strips` of { model, caption, rows: [{ codes, classes, layout }] }. */
class Strips extends Component {
  constructor(root) {
    super(root);
    root.className = "strips";
    /** @type {{ caption: string, rows: ReturnType<typeof cellOf>[][] }[]} */
    this.strips = [];
  }

  get below() {
    return true; // it decodes dozens of images
  }

  load({ reader, strips }) {
    return Promise.all([reader, ...strips.map(({ model }) => model)].map((url) => url && loadBlock(url)));
  }

  build([block, ...blocks]) {
    const { data } = this;
    const reader = block && new Model(block);
    this.strips = data.strips.map((strip, k) => {
      const model = new Model(blocks[k]).assume(data.strips[k].label);
      const rows = strip.rows.map(({ codes, classes }) => codes.map((code, i) => {
        const own = classes?.[i];
        const image = model.decode(code, own && model.labelOf(own));
        const expected = own?.length === 1 ? own[0] : null;
        return cellOf(image, reader?.classify(image), expected, this.colours.ink);
      }));
      return { caption: strip.count && reader ? `${strip.caption} ${counted(rows.flat())}` : strip.caption, rows };
    });
    const png = element("button", { type: "button" }, icon("image"), "PNG");
    png.onclick = () => save(this.picture(), `${data.name}.png`);
    this.root.replaceChildren(
      ...this.strips.map(({ caption, rows }, k) => element("div", { class: "strip" },
        element("p", { class: "caption" }, caption),
        ...rows.map((row, i) => element("div", { class: `tiles ${data.strips[k].rows[i].layout ?? ""}` }, ...row.map(({ host }) => host))))),
      element("div", { class: "keep" }, png));
  }

  recolour() {
    for (const { show } of this.strips.flatMap(({ rows }) => rows.flat())) show(this.colours.ink);
  }

  /** All strips as one picture, at four pixels a pixel. */
  picture() {
    const size = 112;
    const step = size + 16;
    const rows = this.strips.flatMap((strip) => strip.rows);
    const width = Math.max(...rows.map((row) => row.length)) * step + 48;
    const sheet = new Sheet(width, rows.length * (size + 56) + this.strips.length * 60 + 24, this.colours);
    let y = 24;
    for (const strip of this.strips) {
      sheet.write(strip.caption, 24, y + 24, { size: 22, most: width - 48 });
      y += 48;
      for (const row of strip.rows) {
        row.forEach(({ canvas, words }, i) => {
          sheet.put(canvas, 24 + i * step, y, size);
          sheet.write(words, 24 + i * step + size / 2, y + size + 26, { size: 20, weight: 600, align: "center" });
        });
        y += size + 56;
      }
      y += 12;
    }
    return sheet.canvas;
  }
}

export const mount = mounting(Strips);

/** How many were read with certainty, in words. */
function counted(cells) {
  return say("counted", { sure: cells.filter(({ sure }) => sure >= SURE).length, all: cells.length });
}

/** An image and what is read in it: against `expected`, where that is another class. */
function cellOf(decoded, read, expected, ink) {
  const image = Float32Array.from(decoded); // the model's is overwritten
  const { canvas, picture, reveal } = stillImage();
  const show = (colours) => {
    paint(canvas, image, colours);
    reveal();
  };
  show(ink);
  if (!read) return { canvas, show, words: "", sure: 0, host: element("div", { class: "cell" }, element("div", { class: "tile" }, picture)) };
  const { digit, sure } = read;
  const text = expected != null && expected !== digit ? `${expected}→${digit}` : `${digit}`;
  const label = element("div", { class: `label ${sure < SURE ? "unsure" : ""}` },
    element("i", { style: `background: var(--c${digit})` }), text);
  const tile = element("div", { class: "tile", role: "img", "aria-label": say("read", { digit, share: share(sure) }) }, picture);
  const host = element("div", { class: "cell" }, tile, label, element("div", { class: "sure" }, share(sure)));
  return { canvas, show, words: `${text}  ${share(sure)}`, sure, host };
}
