// Denoise: images, their noise, what each model makes of it, and its error by level.

import { Decoder, Network, loadBlock } from "../../core/nn.js";
import { corrupt } from "../../images/noise.js";
import { imageCanvas, paint } from "../../core/canvas.js";
import { number } from "../../core/numbers.js";
import { readColours, symbolFonts } from "../../core/theme.js";
import { element, icon, save, symbolOf } from "../../core/dom.js";
import { NoiseChart, crossings, handovers, onCurve } from "../../charts/noise_chart.js";
import { Pad } from "../../images/drawing_pad.js";
import { saveCsv } from "../../core/export.js";
import { lowestAt, movementAt, movementText, verdictAt, verdictText } from "./verdict.js";

const MOST_WORK = 14; // milliseconds of a frame; what is left over waits for the next
const DRAWS = 4;

/** The component: called at every rerun on the same element. */
export function mount(component, root) {
  root.live ??= new Denoise(root);
  root.live.update(component);
}

class Denoise {
  constructor(root) {
    this.root = root;
    this.rows = [];
    this.cells = [];
    this.version = 0;
    this.next = 0;
    root.className = "panel denoise";
    root.addEventListener("transitionend", (event) => {
      if (event.target === root && event.propertyName === "color") this.recolour();
    });
  }

  async update({ data, setStateValue, setTriggerValue }) {
    this.send = (noise) => setStateValue("noise", noise);
    this.give = (image) => setTriggerValue("drawn", image);
    const first = !this.data;
    this.data = data;
    if (first) {
      const { kind, level, seed, diff } = data.start;
      // Only now: later, the address says what was told from here, a rerun late.
      Object.assign(this, { kind, seed, diff, levels: { [kind]: level } });
      this.build();
    }
    const wanted = JSON.stringify(data.models);
    if (this.wanted !== wanted) {
      this.wanted = wanted;
      let blocks;
      try {
        blocks = await Promise.all(data.models.map((model) => loadBlock(model.url)));
      } catch (error) {
        if (this.wanted !== wanted) return;
        this.wanted = null;
        this.failed.textContent = error.message;
        this.findings.before(this.failed);
        return;
      }
      if (this.wanted !== wanted) return; // a newer call overtook this one
      this.failed.remove();
      this.models = data.models.map((model, i) => ({ ...model, ...networks(blocks[i]) }));
      this.shown = null;
    }
    if (this.models) this.setImages();
  }

  get about() {
    return this.data.kinds[this.kind];
  }

  get level() {
    return this.levels[this.kind] ?? this.about.level;
  }

  /** A level with as many digits as its control has. */
  text(level) {
    return this.about.step === 1 ? `${level}` : level.toFixed(2);
  }

  // ------------------------------------------------------------------ building

  build() {
    const { root } = this;
    const charts = { onLevel: (level) => this.setLevel(level), onSettled: () => this.tell() };
    this.colours = readColours(root);
    this.pad = new Pad({ onImage: (image) => this.draw(image), onSettled: () => this.keepDrawing() });
    this.failed = element("p", { class: "error", role: "alert" });
    this.table = element("table", { class: "spoiled" });
    this.errors = new NoiseChart({ ratio: 0.74, ...charts });
    this.drifts = new NoiseChart({ ratio: 0.5, ...charts });
    this.measured = element("p", { class: "caption" });
    this.trained = element("p", { class: "caption" }, element("i", { class: "diamond" }), " the noise a model was trained with");
    this.verdict = element("p", { class: "answer" });
    this.moved = element("p", { class: "moved" });
    this.status = element("p", { class: "sr", "aria-live": "polite" });
    this.legend = element("p", { class: "caption ramp" },
      element("i", { class: "missing" }), " missing: less ink than in ", symbolOf("x"),
      element("i", { class: "added" }), " added: more");
    const note = element("p", { class: "caption" }, "Error: squared, summed over 784 pixels. PSNR: 10 log",
      element("sub", {}, "10"), "(784 / error). ", icon("check"), " the least of its row.");
    this.differ = element("button", { type: "button", class: "differ" }, glyph("difference"), "Differences");
    this.differ.onclick = () => {
      this.diff = !this.diff;
      this.repaint();
      this.tell();
    };
    this.findings = element("div", { class: "findings" },
      element("div", { class: "left" }, element("div", { class: "scroller" }, this.table),
        element("div", { class: "row" }, this.differ, this.legend), note, this.buildKeep()),
      element("div", { class: "right" },
        element("div", {}, element("h4", {}, "Error against noise"), this.measured, this.errors.host, this.trained, this.verdict),
        element("div", {}, element("h4", {}, "In code space"),
          element("p", { class: "caption" }, "How far noise moves a code; 1 is as far as another image’s."),
          this.drifts.host, this.moved)));
    this.pad.host.hidden = this.data.source !== "draw";
    root.replaceChildren(this.pad.host, this.buildBar(), this.findings, this.status);
    this.watch = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) target.images.visible = isIntersecting;
    });
    symbolFonts().then(() => this.recolour(), () => {});
  }

  buildBar() {
    const { kinds } = this.data;
    this.choices = Object.entries(kinds).map(([kind, { title }]) => {
      const button = element("button", { type: "button" }, title);
      button.onclick = () => this.setKind(kind);
      return Object.assign(button, { kind });
    });
    this.slider = element("input", { type: "range", min: 0, "aria-label": "Noise level" });
    this.symbol = element("span", { class: "symbol" });
    this.value = element("output");
    this.slider.oninput = () => this.setLevel(Number(this.slider.value));
    this.slider.onchange = () => this.tell();
    const again = element("button", { type: "button", class: "again" }, glyph("casino"), "New noise");
    again.onclick = () => {
      this.seed = (this.seed + 1) % 10_000;
      this.repaint();
      this.tell();
    };
    return element("div", { class: "noise-bar" },
      element("div", { class: "kinds", role: "group", "aria-label": "Kind of noise" }, ...this.choices),
      element("label", { class: "level" }, element("span", {}, "Noise level"), this.symbol, this.slider, this.value),
      again);
  }

  buildKeep() {
    const png = element("button", { type: "button", title: "Save the images as a PNG" }, glyph("image"), "PNG");
    png.onclick = () => save(this.picture(), "denoise.png");
    const csv = element("button", { type: "button", title: "Save the curves of every kind of noise as a CSV" }, glyph("table"), "CSV");
    csv.onclick = () => saveCsv(this.curveRows(), "noise-curves.csv");
    return element("div", { class: "keep" }, png, csv);
  }

  // ------------------------------------------------------------------ images

  /** Take the images that Python sends; a drawing is sent back by the pad alone, so only at first. */
  setImages() {
    const { source, images, image, labels, first } = this.data;
    const shown = JSON.stringify([source, images, source === "draw" ? "" : image]);
    if (this.shown === shown) return;
    const entered = this.source !== source;
    this.shown = shown;
    this.source = source;
    this.pad.host.hidden = source !== "draw";
    if (images) {
      const bytes = fromBase64(images);
      this.setRows(labels.map((label, i) => ({
        clean: asImage(bytes.subarray(i * 784, (i + 1) * 784)),
        caption: `${label === 8 ? "an" : "a"} ${label}, no. ${first + i}`,
        index: first + i,
      })));
      return;
    }
    if (source === "draw" && !entered && this.rows.length) {
      this.setRows(this.rows.map(({ clean, caption, index }) => ({ clean, caption, index }))); // other models
      return;
    }
    const bytes = image ? fromBase64(image) : null;
    if (source === "draw") this.pad.put(bytes);
    this.setOne(bytes);
  }

  /** One image under several draws of the noise; null for none. */
  setOne(bytes) {
    const clean = bytes && asImage(bytes);
    this.setRows(clean ? Array.from({ length: DRAWS }, (_, i) => ({ clean, caption: `noise draw ${i + 1}`, index: i })) : []);
  }

  draw(image) {
    this.drawn = image;
    if (!image || !this.rows.length) {
      this.setOne(image);
    } else {
      const clean = asImage(image);
      for (const row of this.rows) row.clean = clean;
      this.repaint();
    }
  }

  keepDrawing() {
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.give(this.drawn ? btoa(String.fromCharCode(...this.drawn)) : ""), 250);
  }

  setRows(rows) {
    this.rows = rows.map((row) => ({ ...row, noisy: new Float32Array(784), version: -1, visible: true }));
    this.cells = this.rows.flatMap((row) => (row.cells = this.models.map((model) => ({ row, model, version: -1 }))));
    this.next = 0;
    this.watch.disconnect();
    const heads = [["x", "clean", ""], ["xt", "noisy", ""], ...this.models.map(({ title, detail }) => ["xh", title, detail])];
    const head = element("tr", {}, ...heads.map(([mark, title, detail]) =>
      element("th", { scope: "col" }, symbolOf(mark), ` ${title}`, element("small", {}, detail))));
    this.means = heads.slice(1).map(() => figures());
    const foot = element("tr", {}, element("th", { scope: "row" }, `Mean of ${this.data.measured}`),
      ...this.means.map((mean) => (mean.cell = element("td", {}, mean.host))));
    const body = this.rows.map((row) => this.buildRow(row));
    const words = this.source === "draw" ? "Draw a digit on the pad above." : "Choose a picture of one digit above.";
    const empty = element("tr", {}, element("td", { class: "empty", colspan: heads.length }, element("p", {}, words)));
    this.table.style.setProperty("--columns", heads.length);
    this.table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...(body.length ? body : [empty])),
      element("tfoot", {}, foot));
    this.setCurves();
    this.repaint();
  }

  buildRow(row) {
    row.canvas = imageCanvas();
    row.spoiled = imageCanvas();
    row.figures = figures();
    for (const cell of row.cells) Object.assign(cell, { canvas: imageCanvas(), figures: figures() });
    const tile = (mark, canvas) => {
      canvas.className = "decoded";
      return element("div", { class: `tile of-${mark}` }, canvas);
    };
    const line = element("tr", {},
      element("th", { scope: "row" }, tile("x", row.canvas), element("span", { class: "what" }, row.caption)),
      (row.host = element("td", {}, tile("xt", row.spoiled), row.figures.host)),
      ...row.cells.map((cell) => (cell.host = element("td", {}, tile("xh", cell.canvas), cell.figures.host))));
    line.images = row;
    this.watch.observe(line);
    return line;
  }

  // ------------------------------------------------------------------ state

  setKind(kind) {
    this.kind = kind;
    this.setCurves();
    this.repaint();
    this.tell();
  }

  setLevel(level) {
    if (level === this.level) return;
    this.levels[this.kind] = level;
    this.repaint();
  }

  /** Tell Python what was chosen, once it has settled. */
  tell() {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      const { kind, level, seed, diff } = this;
      this.send({ kind, level, seed, diff });
      this.speak();
    }, 250);
  }

  speak() {
    const said = this.verdict.textContent;
    this.errors.svg.setAttribute("aria-label", `Squared error by noise level. ${said}`);
    this.drifts.svg.setAttribute("aria-label", `Movement of codes by noise level. ${this.moved.textContent}`);
    this.status.textContent = said;
  }

  /** Give the charts the lines of this kind of noise. */
  setCurves() {
    const measured = this.models.filter((model) => model.curves[this.kind]);
    const strongest = Math.max(...this.models.map(({ trained }) => trained?.level ?? 0));
    const lines = (name) => measured.map((model) => {
      const { level, [name]: values } = model.curves[this.kind];
      const noise = model.trained?.level ? model.trained : null;
      return {
        model, level, values,
        label: model.label.length > 16 ? `${model.label.slice(0, 15)}…` : model.label,
        mark: noise ? "dae" : model.family,
        weight: noise && noise.level / strongest,
        trained: noise?.kind === this.kind ? noise.level : null,
      };
    });
    this.lines = lines("error");
    const noisy = measured[0]?.curves[this.kind];
    this.noisy = noisy && { level: noisy.level, values: noisy.noisy, label: "noisy", mark: "noisy" };
    const points = this.noisy ? this.lines.flatMap((line) => crossings(this.noisy, line).map((x) => ({ x, y: onCurve(line, x) }))) : [];
    this.errors.set({
      about: this.about,
      lines: this.noisy ? [this.noisy, ...this.lines] : [],
      points: [...points, ...handovers(this.lines)],
      ceiling: this.noisy && 2 * Math.max(...this.noisy.values), // worse than that is bad enough
    });
    const moved = (this.moves = lines("drift"));
    this.drifts.set({ about: this.about, lines: moved, limit: { value: 1, label: "another image’s code" } });
    this.measured.textContent = `Squared error per image, mean of ${this.data.measured}`;
    this.trained.hidden = this.lines.every((line) => line.trained == null);
  }

  // ------------------------------------------------------------------ drawing

  /** Everything is out of date: show it anew from the next frame on. */
  repaint() {
    if (!this.means) return; // nothing is there yet
    this.version += 1;
    this.told = false;
    this.schedule();
  }

  schedule() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (!this.told) this.showLevel();
      const end = performance.now() + MOST_WORK;
      let cell = this.outdated();
      while (cell) {
        this.rebuild(cell);
        cell = this.outdated();
        if (performance.now() > end) break;
      }
      if (cell) this.schedule();
      else this.root.dataset.ready = "true";
    });
  }

  /** The next cell to do: of rows in view first, and in turn, so that a long drag forgets none. */
  outdated() {
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
  rebuild(cell) {
    const { row, model } = cell;
    const { ink } = this.colours;
    if (row.version !== this.version) {
      row.version = this.version;
      corrupt(row.clean, this.kind, this.level, this.seed, row.index, row.noisy);
      paint(row.canvas, row.clean, ink);
      this.paint(row.spoiled, row.noisy, row.clean);
      row.error = squared(row.noisy, row.clean);
      row.figures.show(row.error);
    }
    const image = model.decoder.decode(model.encoder.run(row.noisy).subarray(0, model.size));
    this.paint(cell.canvas, image, row.clean);
    cell.error = squared(image, row.clean);
    cell.figures.show(cell.error);
    cell.version = this.version;
    if (row.cells.some(({ version }) => version !== this.version)) return;
    const all = [row, ...row.cells]; // to leave the image as it is may be the best
    const least = Math.min(...all.map(({ error }) => error));
    for (const { host, error } of all) host.classList.toggle("best", error === least);
  }

  paint(canvas, image, clean) {
    if (!this.diff) return paint(canvas, image, this.colours.ink);
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

  /** Controls, charts, means and sentences at this level. */
  showLevel() {
    this.told = true;
    const { about, level, kind, slider } = this;
    for (const button of this.choices) button.setAttribute("aria-pressed", String(button.kind === kind));
    this.differ.setAttribute("aria-pressed", String(this.diff));
    this.root.classList.toggle("differing", this.diff);
    slider.max = about.high;
    slider.step = about.step;
    if (Number(slider.value) !== level) slider.value = level;
    slider.style.setProperty("--share", `${(100 * level) / about.high}%`);
    slider.setAttribute("aria-valuetext", `${this.text(level)}, ${about.meaning}`);
    this.symbol.textContent = about.symbol;
    this.symbol.title = about.meaning;
    this.value.textContent = this.text(level);
    this.errors.show(level);
    this.drifts.show(level);
    this.means[0].show(this.noisy ? onCurve(this.noisy, level) : null);
    const best = this.noisy && lowestAt([this.noisy, ...this.lines], level);
    this.means[0].cell.classList.toggle("best", best && best === this.noisy);
    this.models.forEach((model, i) => {
      const line = this.lines.find((one) => one.model === model);
      this.means[i + 1].show(line ? onCurve(line, level) : null);
      this.means[i + 1].cell.classList.toggle("best", Boolean(line) && line === best);
    });
    const shown = (x) => x.toFixed(about.step === 1 ? 1 : 2);
    this.verdict.textContent = verdictText(verdictAt(this.lines, this.noisy, level), shown);
    this.moved.textContent = movementText(movementAt(this.moves, this.lines, level));
  }

  recolour() {
    const colours = readColours(this.root);
    const probe = (name) => getComputedStyle(this.legend.querySelector(`.${name}`)).backgroundColor.match(/[\d.]+/g).map(Number).slice(0, 3);
    this.colours = Object.assign(colours, { missing: probe("missing"), added: probe("added") });
    this.pad.paint(colours.ink);
    this.repaint();
  }

  // ------------------------------------------------------------------ keeping

  /** The table of images, at twice the size of the page's. */
  picture() {
    const [size, gap, top, line] = [168, 28, 96, 236];
    const { colours, rows } = this;
    const columns = 2 + this.models.length;
    const canvas = element("canvas", { width: columns * (size + gap) + gap, height: top + rows.length * line + 96 });
    const context = canvas.getContext("2d");
    context.fillStyle = colours.bg;
    context.fillRect(0, 0, canvas.width, canvas.height);
    const say = (text, column, y, font, colour = colours.text) => {
      context.font = `${font} ${colours.font}`;
      context.fillStyle = colour;
      context.fillText(text, gap + column * (size + gap), y, size + gap - 8);
    };
    const put = (shown, column, y, colour) => {
      const x = gap + column * (size + gap);
      context.imageSmoothingEnabled = false;
      context.drawImage(shown, x, y, size, size);
      context.lineWidth = 4;
      context.strokeStyle = colour;
      context.strokeRect(x, y, size, size);
    };
    const noisy = probeColour(this.root, "xt");
    ["clean", "noisy", ...this.models.map((model) => model.title)].forEach((title, i) => say(title, i, 44, "650 26px"));
    say(`${this.about.symbol} = ${this.text(this.level)}`, 1, 76, "22px", noisy);
    this.models.forEach((model, i) => say(model.detail, i + 2, 76, "22px", colours.muted));
    rows.forEach((row, i) => {
      const y = top + i * line;
      put(row.canvas, 0, y, colours.x);
      say(row.caption, 0, y + size + 30, "22px", colours.muted);
      put(row.spoiled, 1, y, noisy);
      say((row.host.classList.contains("best") ? "✓ " : "") + row.figures.text(), 1, y + size + 30, "22px");
      row.cells.forEach((cell, k) => {
        put(cell.canvas, k + 2, y, colours.xh);
        say((cell.host.classList.contains("best") ? "✓ " : "") + cell.figures.text(), k + 2, y + size + 30, "22px");
      });
    });
    const y = top + rows.length * line + 36;
    say("Mean", 0, y, "22px", colours.muted);
    this.means.forEach((mean, i) => say((mean.cell.classList.contains("best") ? "✓ " : "") + mean.text(), i + 1, y, "22px"));
    if (this.diff) context.fillText("Differences from the clean image: blue is missing, orange is added.", gap, y + 36);
    return canvas;
  }

  /** The curves of the chosen models under every kind of noise, one row for each level. */
  curveRows() {
    const rows = [["kind", "level", "model", "noisy_error", "error", "drift"]];
    for (const kind of Object.keys(this.data.kinds)) {
      for (const { name, curves } of this.models) {
        curves[kind]?.level.forEach((level, i) => rows.push(
          [kind, level, name, ...["noisy", "error", "drift"].map((part) => curves[kind][part][i].toPrecision(6))]));
      }
    }
    return rows;
  }
}

function networks(block) {
  return {
    encoder: new Network(block.networks.encoder, block.arrays, [1, 28, 28]),
    decoder: new Decoder(block),
    size: block.latent_dim, // of a code: a VAE's encoder gives the means first
  };
}

const glyph = (name) => element("span", { class: "glyph", "aria-hidden": "true" }, name);
const asImage = (bytes) => Float32Array.from(bytes, (v) => v / 255);
const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

function squared(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}

/** A place for an error and its PSNR; null for one that was not measured. */
function figures() {
  const error = element("b");
  const psnr = element("span");
  const host = element("span", { class: "figures" }, error, icon("check"), psnr);
  const show = (value) => {
    error.textContent = value == null ? "–" : number(value, 1);
    psnr.textContent = value == null ? "" : value ? `${number(10 * Math.log10(784 / value), 1)} dB` : "∞ dB";
  };
  return { host, show, text: () => `${error.textContent}  ${psnr.textContent}` };
}

function probeColour(root, name) {
  const probe = element("i", { style: `color: var(--${name})` });
  root.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
