// The table of images: clean, noisy, and what each model makes of it, with the error of each.

import { imageCanvas, paint, stillImage } from "../../core/canvas.js";
import { element, icon, symbolOf, write } from "../../core/dom.js";
import { number, squaredError } from "../../core/numbers.js";
import { Sheet } from "../../core/sheet.js";
import { wordsOf } from "../../core/words.js";
import { corrupt } from "../../images/noise.js";

const { say } = wordsOf("components/denoise/image_table");

const MOST_WORK = 14; // milliseconds of a frame; what is left over waits for the next

/** The peak signal-to-noise ratio of a squared error over 784 pixels, in decibels. */
export const psnr = (error) => 10 * Math.log10(784 / error);

export class ImageTable {
  constructor() {
    this.host = element("table", { class: "spoiled" });
    this.rows = [];
    this.cells = [];
    this.means = [];
    this.version = 0;
    this.next = 0;
    this.frame = null;
    this.observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.lines.get(target).visible = isIntersecting;
    });
    /** The rows by their elements. @type {WeakMap<Element, any>} */
    this.lines = new WeakMap();
    /** What is shown: { kind, level, seed, diff }. @type {any} */
    this.noise = null;
    /** @type {any} */
    this.colours = null;
  }

  /**
   * Lay it out: models { title, detail, network }, rows { clean, caption, index }, what stands
   * where there are none, and what the means are of.
   */
  set({ models, rows, empty, measured }) {
    this.models = models;
    this.rows = rows.map((row) => ({ ...row, noisy: new Float32Array(784), version: -1, visible: true }));
    for (const row of this.rows) row.cells = models.map((model) => ({ row, model, version: -1 }));
    this.cells = models.flatMap((_, m) => this.rows.map((row) => row.cells[m])); // a model's weights stay at hand
    this.next = 0;
    this.observer.disconnect();
    const heads = [["x", say("clean"), ""], ["xt", say("noisy"), ""], ...models.map(({ title, detail }) => ["xh", title, detail])];
    const head = element("tr", {}, ...heads.map(([mark, title, detail]) =>
      element("th", { scope: "col" }, symbolOf(mark), ` ${title}`, element("small", {}, detail))));
    this.means = heads.slice(1).map(() => figures());
    const foot = element("tr", {}, element("th", { scope: "row" }, say("mean_of", { images: measured })),
      ...this.means.map((mean) => (mean.cell = element("td", {}, mean.host))));
    const body = this.rows.map((row) => this.#line(row));
    if (!body.length) body.push(element("tr", {}, element("td", { class: "empty", colspan: heads.length }, element("p", {}, empty))));
    this.host.style.setProperty("--columns", heads.length);
    this.host.replaceChildren(element("thead", {}, head), element("tbody", {}, ...body), element("tfoot", {}, foot));
  }

  /** Another clean image in every row. */
  replace(clean) {
    for (const row of this.rows) row.clean = clean;
  }

  #line(row) {
    Object.assign(row, stillImage());
    row.spoiled = imageCanvas();
    row.figures = figures();
    for (const cell of row.cells) Object.assign(cell, { canvas: imageCanvas(), figures: figures() });
    const tile = (mark, image) => {
      image.className = "decoded";
      return element("div", { class: `tile of-${mark}` }, image);
    };
    const line = element("tr", {},
      element("th", { scope: "row" }, tile("x", row.picture), element("span", { class: "what" }, row.caption)),
      (row.host = element("td", {}, tile("xt", row.spoiled), row.figures.host)),
      ...row.cells.map((cell) => (cell.host = element("td", {}, tile("xh", cell.canvas), cell.figures.host))));
    this.lines.set(line, row);
    this.observer.observe(line);
    return line;
  }

  /** Means from measured curves, null where there is none, and which of them is the least. */
  showMeans(values, least) {
    values.forEach((value, i) => {
      this.means[i].show(value);
      this.means[i].cell.classList.toggle("best", i === least);
    });
  }

  /** Everything is out of date: show it from the next frame on. noise: { kind, level, seed, diff }. */
  show(noise, colours) {
    this.noise = noise;
    this.colours = colours;
    this.version += 1;
    this.frame ??= requestAnimationFrame(() => this.#work());
  }

  #work() {
    this.frame = null;
    const end = performance.now() + MOST_WORK;
    let cell = this.#outdated();
    while (cell) {
      this.#rebuild(cell);
      cell = this.#outdated();
      if (performance.now() > end) break;
    }
    if (cell) this.frame = requestAnimationFrame(() => this.#work());
  }

  /** The next cell to do: of rows in view first, and in turn, so that a long drag forgets none. */
  #outdated() {
    const { cells, version } = this;
    for (const all of [false, true]) {
      for (let k = 0; k < cells.length; k++) {
        const at = (this.next + k) % cells.length;
        if (cells[at].version === version || !(all || cells[at].row.visible)) continue;
        this.next = at + 1;
        return cells[at];
      }
    }
    return null;
  }

  /** Spoil a row's image if need be, and let one model rebuild it. */
  #rebuild(cell) {
    const { row, model } = cell;
    if (row.version !== this.version) {
      const { kind, level, seed } = this.noise;
      row.version = this.version;
      corrupt(row.clean, kind, level, seed, row.index, row.noisy);
      this.#paintClean(row);
      this.#paint(row.spoiled, row.noisy, row.clean);
      row.error = squaredError(row.noisy, row.clean);
      row.figures.show(row.error);
    }
    const image = model.network.decode(model.network.encode(row.noisy));
    this.#paint(cell.canvas, image, row.clean);
    cell.error = squaredError(image, row.clean);
    cell.figures.show(cell.error);
    cell.version = this.version;
    if (row.cells.some(({ version }) => version !== this.version)) return;
    const all = [row, ...row.cells]; // to leave the image as it is may be the best
    const least = Math.min(...all.map(({ error }) => error));
    for (const { host, error } of all) host.classList.toggle("best", error === least);
  }

  /** The clean image, which stays as it is while the noise changes. */
  #paintClean(row) {
    const { ink } = this.colours;
    if (row.painted?.clean === row.clean && row.painted.ink === ink) return;
    row.painted = { clean: row.clean, ink };
    paint(row.canvas, row.clean, ink);
    row.reveal();
  }

  /** The image itself, or its difference from the clean one. */
  #paint(canvas, image, clean) {
    if (!this.noise.diff) return paint(canvas, image, this.colours.ink);
    const context = canvas.getContext("2d");
    const picture = (canvas.picture ??= context.createImageData(28, 28));
    canvas.pixels ??= new Float32Array(784);
    const [paper] = this.colours.ink;
    for (let i = 0, k = 0; i < 784; i++, k += 4) {
      const d = (canvas.pixels[i] = image[i] - clean[i]);
      const [share, colour] = d > 0 ? [d, this.colours.added] : [-d, this.colours.missing];
      for (let c = 0; c < 3; c++) picture.data[k + c] = paper[c] + (colour[c] - paper[c]) * share + 0.5;
      picture.data[k + 3] = 255;
    }
    context.putImageData(picture, 0, 0);
  }

  /** All of it as one picture, twice as large as on the page. */
  picture(colours, level) {
    const [size, gap, top, line] = [168, 28, 96, 236];
    const { rows, models } = this;
    const columns = 2 + models.length;
    const sheet = new Sheet(columns * (size + gap) + gap, top + rows.length * line + 96, colours);
    const left = (column) => gap + column * (size + gap);
    const write = (text, column, y, look = {}) => sheet.write(text, left(column), y, { size: 22, most: size + gap - 8, ...look });
    const score = ({ host, figures: shown }) => (host.classList.contains("best") ? "✓ " : "") + shown.text();
    [say("clean"), say("noisy"), ...models.map(({ title }) => title)].forEach((title, i) => write(title, i, 44, { size: 26, weight: 650 }));
    write(level, 1, 76, { colour: colours.xt });
    models.forEach(({ detail }, i) => write(detail, i + 2, 76, { colour: colours.muted }));
    rows.forEach((row, i) => {
      const y = top + i * line;
      sheet.put(row.canvas, left(0), y, size, size, colours.x);
      write(row.caption, 0, y + size + 30, { colour: colours.muted });
      sheet.put(row.spoiled, left(1), y, size, size, colours.xt);
      write(score(row), 1, y + size + 30);
      row.cells.forEach((cell, k) => {
        sheet.put(cell.canvas, left(k + 2), y, size, size, colours.xh);
        write(score(cell), k + 2, y + size + 30);
      });
    });
    const y = top + rows.length * line + 36;
    write(say("mean"), 0, y, { colour: colours.muted });
    this.means.forEach((mean, i) => write(score({ host: mean.cell, figures: mean }), i + 1, y));
    if (this.noise.diff) sheet.write(say("differences"), gap, y + 36, { size: 22 });
    return sheet.canvas;
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.observer.disconnect();
  }
}

/** A place for an error and its PSNR; null for one that was not measured. */
function figures() {
  const error = element("b");
  const ratio = element("span");
  const host = element("span", { class: "figures" }, error, icon("check"), ratio);
  const show = (value) => {
    write(error, value == null ? "–" : number(value, 1));
    write(ratio, value == null ? "" : value ? `${number(psnr(value), 1)} dB` : "∞ dB");
  };
  return { host, show, text: () => `${error.textContent}  ${ratio.textContent}` };
}
