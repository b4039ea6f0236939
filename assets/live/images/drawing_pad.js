// The drawing pad: a pen for mouse, finger or arrow keys, and the image that comes of its ink.

import { element } from "../core/dom.js";
import { wordsOf } from "../core/words.js";
import { prepare } from "./digit_image.js";

const { say, fill } = wordsOf("images/drawing_pad");

const SHEET = 140; // pixels of ink across: five for each of an image's 28
const PEN = 6; // the pen's radius in them
const STEP = 4;

export class Pad {
  /** onImage(image) at every change, with grey values of 28 * 28 or null; onSettled() after it. */
  constructor({ onImage, onSettled }) {
    this.onImage = onImage;
    this.onSettled = onSettled;
    this.picture = null;
    this.ink = new Float32Array(SHEET * SHEET);
    this.pen = { x: SHEET / 2, y: SHEET / 4, down: false };
    this.canvas = element("canvas", {
      width: SHEET, height: SHEET, tabindex: 0, role: "application",
      "aria-label": say("pad"),
    });
    this.cursor = element("i", { class: "pen" });
    this.message = element("p", { class: "caption", "aria-live": "polite" });
    const clear = element("button", { type: "button", class: "png" }, say("clear"));
    clear.onclick = () => this.clear();
    this.host = element("div", { class: "pad" },
      element("div", { class: "sheet" }, this.canvas, this.cursor),
      element("div", { class: "words" },
        element("p", {}, say("invitation")),
        element("p", { class: "caption keys" }, ...fill("keys", {
          arrows: ["←", "→", "↑", "↓"].map((key) => element("kbd", {}, key)), space: element("kbd", {}, say("space")) })),
        element("p", { class: "caption" }, say("fitted")),
        clear, this.message));
    this.listen();
    this.movePen();
  }

  listen() {
    const { canvas } = this;
    let last = null;
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return { x: ((event.clientX - box.left) / box.width) * SHEET, y: ((event.clientY - box.top) / box.height) * SHEET };
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button || last) return; // one finger draws
      canvas.setPointerCapture(event.pointerId);
      last = { ...place(event), id: event.pointerId };
      this.stroke(last, last);
      this.changed();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== last?.id) return;
      const passed = event.getCoalescedEvents?.() ?? [];
      for (const point of passed.length ? passed : [event]) {
        const next = { ...place(point), id: last.id };
        this.stroke(last, next);
        last = next;
      }
      this.changed();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => {
        if (event.pointerId !== last?.id) return;
        Object.assign(this.pen, { x: last.x, y: last.y, down: false });
        last = null;
        this.movePen();
        this.onSettled();
      });
    }
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way && event.key !== " ") return;
    event.preventDefault();
    const { x, y } = this.pen;
    if (way) {
      const inside = (v) => Math.min(Math.max(v, PEN), SHEET - PEN);
      Object.assign(this.pen, { x: inside(x + way[0] * STEP), y: inside(y + way[1] * STEP) });
    } else {
      this.pen.down = !this.pen.down;
    }
    if (this.pen.down) {
      this.stroke({ x, y }, this.pen);
      this.changed();
      this.onSettled();
    }
    this.movePen();
  }

  movePen() {
    const { x, y, down } = this.pen;
    this.cursor.style.left = `${(100 * x) / SHEET}%`;
    this.cursor.style.top = `${(100 * y) / SHEET}%`;
    this.cursor.classList.toggle("down", down);
    this.message.textContent = down ? say("down") : "";
  }

  /** Leave ink along a line: full within the pen, none a pixel beyond. */
  stroke(a, b) {
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const length = dx * dx + dy * dy || 1;
    const reach = PEN + 1;
    const [left, right] = [Math.min(a.x, b.x) - reach, Math.max(a.x, b.x) + reach];
    const [top, bottom] = [Math.min(a.y, b.y) - reach, Math.max(a.y, b.y) + reach];
    for (let y = Math.max(0, Math.floor(top)); y < Math.min(SHEET, bottom); y++) {
      for (let x = Math.max(0, Math.floor(left)); x < Math.min(SHEET, right); x++) {
        const [px, py] = [x + 0.5 - a.x, y + 0.5 - a.y];
        const t = Math.min(Math.max((px * dx + py * dy) / length, 0), 1);
        const ink = PEN + 0.5 - Math.hypot(px - t * dx, py - t * dy);
        const at = y * SHEET + x;
        this.ink[at] = Math.max(this.ink[at], Math.min(ink, 1));
      }
    }
  }

  changed() {
    this.paint();
    this.onImage(prepare(this.ink, SHEET, SHEET));
  }

  clear() {
    this.ink.fill(0);
    Object.assign(this.pen, { x: SHEET / 2, y: SHEET / 4, down: false });
    this.movePen();
    this.changed();
    this.onSettled();
  }

  /** Put an image of 28 * 28 grey values on the pad, to be drawn on; null for a blank one. */
  put(image) {
    const wide = SHEET / 28;
    for (let i = 0; i < this.ink.length; i++) {
      const [row, column] = [Math.floor(i / SHEET / wide), Math.floor((i % SHEET) / wide)];
      this.ink[i] = image ? image[row * 28 + column] / 255 : 0;
    }
    this.paint();
  }

  /** In the colours of paper and ink, [r, g, b] each. */
  paint([paper, ink] = this.colours ?? [[255, 255, 255], [0, 0, 0]]) {
    this.colours = [paper, ink];
    const context = this.canvas.getContext("2d");
    const picture = (this.picture ??= context.createImageData(SHEET, SHEET));
    for (let i = 0, k = 0; i < this.ink.length; i++, k += 4) {
      for (let c = 0; c < 3; c++) picture.data[k + c] = paper[c] + (ink[c] - paper[c]) * this.ink[i] + 0.5;
      picture.data[k + 3] = 255;
    }
    context.putImageData(picture, 0, 0);
  }
}
