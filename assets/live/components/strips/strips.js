// Strips of decoded images, each with what a classifier reads in it.

import { Decoder, Reader, loadBlock } from "../../core/nn.js";
import { imageCanvas, paint } from "../../core/canvas.js";
import { readColours } from "../../core/theme.js";
import { element, icon, save, share } from "../../core/dom.js";

const SURE = 0.9;

/** The component: `strips` of { model, caption, rows: [{ codes, classes }] }. */
export function mount(component, root) {
  root.className = "strips";
  root.live ??= new Strips(root);
  root.live.update(component.data);
}

const soon = (action) =>
  globalThis.requestIdleCallback ? requestIdleCallback(action, { timeout: 1000 }) : setTimeout(action, 100);

class Strips {
  constructor(root) {
    this.root = root;
    root.addEventListener("transitionend", (event) => {
      if (event.target === root && this.data) this.draw();
    });
  }

  async update(data) {
    const key = JSON.stringify(data);
    if (key === this.key) return;
    this.key = key;
    try {
      const [reader, ...blocks] = await Promise.all([data.reader, ...data.strips.map((s) => s.model)].map((url) => url && loadBlock(url)));
      if (key !== this.key) return;
      this.reader = reader && new Reader(reader);
      this.decoders = blocks.map((block) => new Decoder(block));
      this.data = data;
      soon(() => this.draw()); // dozens of decodes: after the planes are there
    } catch (error) {
      this.key = null;
      this.root.replaceChildren(element("p", { class: "error", role: "alert" }, error.message));
    }
  }

  draw() {
    if (!this.root.isConnected) return; // another page came first
    const colours = (this.colours = readColours(this.root));
    const columns = this.data.strips.map((strip, k) => {
      let sure = 0;
      let total = 0;
      const rows = strip.rows.map(({ codes, classes, layout }) =>
        element("div", { class: `tiles ${layout ?? ""}` }, ...codes.map((code, i) => {
          const image = this.decoders[k].decode(code);
          const read = this.reader?.read(image);
          total += 1;
          sure += read?.sure >= SURE;
          const canvas = imageCanvas();
          paint(canvas, image, colours.ink);
          return cell(canvas, read, classes?.[i]);
        })));
      const counted = strip.count && this.reader ? ` ${sure} of ${total} read with .90 or more.` : "";
      const caption = strip.caption + counted;
      return element("div", { class: "strip" }, element("p", { class: "caption" }, caption), ...rows);
    });
    this.root.replaceChildren(...columns, this.buttons());
    this.root.dataset.ready = "true";
  }

  buttons() {
    const png = element("button", { type: "button" }, icon("image"), "PNG");
    png.onclick = () => save(this.picture(), `${this.data.name}.png`);
    return element("div", { class: "keep" }, png);
  }

  /** All strips as one picture, at four pixels a pixel. */
  picture() {
    const { colours } = this;
    const size = 112;
    const step = size + 16;
    const strips = [...this.root.querySelectorAll(".strip")];
    const rowsOf = (strip) => [...strip.querySelectorAll(".tiles")].map((row) => [...row.querySelectorAll(".cell")]);
    const widest = Math.max(...strips.flatMap((strip) => rowsOf(strip).map((row) => row.length)));
    const rows = strips.reduce((n, strip) => n + rowsOf(strip).length, 0);
    const canvas = document.createElement("canvas");
    canvas.width = widest * step + 48;
    canvas.height = rows * (size + 56) + strips.length * 60 + 24;
    const context = canvas.getContext("2d");
    context.fillStyle = colours.bg;
    context.fillRect(0, 0, canvas.width, canvas.height);
    let y = 24;
    for (const strip of strips) {
      context.textAlign = "left";
      context.fillStyle = colours.text;
      context.font = `22px ${colours.font}`;
      context.fillText(strip.querySelector(".caption").textContent, 24, y + 24, canvas.width - 48);
      y += 48;
      for (const row of rowsOf(strip)) {
        row.forEach((entry, i) => {
          const x = 24 + i * step;
          context.drawImage(entry.querySelector("canvas"), x, y, size, size);
          context.textAlign = "center";
          context.font = `600 20px ${colours.font}`;
          const words = [...entry.querySelectorAll(".label, .sure")].map((part) => part.textContent);
          context.fillText(words.join("  "), x + size / 2, y + size + 26);
        });
        y += size + 56;
      }
      y += 12;
    }
    return canvas;
  }
}

function cell(canvas, read, expected) {
  if (!read) return element("div", { class: "cell" }, element("div", { class: "tile" }, canvas));
  const { digit, sure } = read;
  const other = expected != null && expected !== digit;
  const text = other ? `${expected}→${digit}` : `${digit}`;
  const label = element("div", { class: `label ${sure < SURE ? "unsure" : ""}` },
    element("i", { style: `background: var(--c${digit})` }), text);
  const tile = element("div", { class: "tile", role: "img", "aria-label": `Read as ${digit}, ${share(sure)}` }, canvas);
  return element("div", { class: "cell" }, tile, label, element("div", { class: "sure" }, share(sure)));
}
