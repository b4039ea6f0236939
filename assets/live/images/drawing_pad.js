// The drawing pad: a pen for mouse, finger or arrow keys, and the image that comes of its ink.

import { element } from "../core/dom.js";
import { wordsOf } from "../core/words.js";
import { Drawing, PEN, SHEET } from "./drawing.js";

const { say, fill } = wordsOf("images/drawing_pad");

const STEP = 4; // pixels of the sheet that an arrow key moves the pen
const APPLE = /^(Mac|iP)/.test(navigator.platform);

export class Pad {
  /** onImage(image) at every change, with grey values of 28 * 28 or null; onSettled() after it. */
  constructor({ onImage, onSettled }) {
    this.onImage = onImage;
    this.onSettled = onSettled;
    this.picture = null;
    this.drawing = new Drawing();
    this.pen = { x: SHEET / 2, y: SHEET / 4, down: false };
    /** The pointer that draws. @type {number | null} */
    this.pointer = null;
    this.canvas = element("canvas", {
      width: SHEET, height: SHEET, tabindex: 0, role: "application",
      "aria-label": say("pad"),
    });
    this.cursor = element("i", { class: "pen" });
    this.message = element("p", { class: "caption", "aria-live": "polite" });
    const clear = element("button", { type: "button", class: "png" }, say("clear"));
    clear.onclick = () => this.clear();
    this.back = element("button", { type: "button", class: "png", disabled: "", title: say("undo_what") }, say("undo"));
    this.back.onclick = () => this.undo();
    this.host = element("div", { class: "pad" },
      element("div", { class: "sheet" }, this.canvas, this.cursor),
      element("div", { class: "words" },
        element("p", {}, say("invitation")),
        element("p", { class: "caption keys" }, ...fill("keys", {
          arrows: keys("←", "→", "↑", "↓"), space: keys(say("space")), undo: keys(say(APPLE ? "command" : "control"), "Z") })),
        element("p", { class: "caption" }, say("fitted")),
        element("div", { class: "edit" }, this.back, clear), this.message));
    this.listen();
    this.movePen();
  }

  listen() {
    const { canvas } = this;
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return { x: ((event.clientX - box.left) / box.width) * SHEET, y: ((event.clientY - box.top) / box.height) * SHEET };
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button || this.pointer !== null) return; // one finger draws
      canvas.setPointerCapture(event.pointerId);
      this.pointer = event.pointerId;
      this.drawing.begin(place(event));
      this.changed();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== this.pointer) return;
      const passed = event.getCoalescedEvents?.() ?? [];
      for (const point of passed.length ? passed : [event]) this.drawing.extend(place(point));
      this.changed();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => {
        if (event.pointerId !== this.pointer) return;
        this.pointer = null;
        Object.assign(this.pen, on(place(event)), { down: false });
        this.movePen();
        this.onSettled();
      });
    }
    canvas.addEventListener("keydown", (event) => this.key(event));
    this.host.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.key.toLowerCase() !== "z") return;
      event.preventDefault();
      this.undo();
    });
  }

  key(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if ((!way && event.key !== " ") || this.pointer !== null) return;
    event.preventDefault();
    const { pen, drawing } = this;
    if (way) {
      Object.assign(pen, on({ x: pen.x + way[0] * STEP, y: pen.y + way[1] * STEP }));
      if (pen.down) drawing.extend({ ...pen });
    } else {
      pen.down = !pen.down;
      if (pen.down) drawing.begin({ ...pen });
    }
    if (pen.down) {
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

  changed() {
    this.paint();
    this.onImage(this.drawing.image());
  }

  clear() {
    this.drawing.clear();
    this.#replaced({ x: SHEET / 2, y: SHEET / 4 });
  }

  /** Take back the last stroke, or the last clearing. */
  undo() {
    if (this.pointer !== null || !this.drawing.past.length) return;
    this.drawing.undo();
    this.#replaced();
  }

  #replaced(pen) {
    Object.assign(this.pen, pen, { down: false });
    this.movePen();
    this.changed();
    this.onSettled();
  }

  /** Put an image of 28 * 28 grey values on the pad, to be drawn on; null for a blank one. */
  put(image) {
    this.drawing.put(image);
    this.paint();
  }

  /** In the colours of paper and ink, [r, g, b] each. */
  paint([paper, ink] = this.colours ?? [[255, 255, 255], [0, 0, 0]]) {
    this.colours = [paper, ink];
    this.back.disabled = !this.drawing.past.length;
    const { ink: strength } = this.drawing;
    const context = this.canvas.getContext("2d");
    const picture = (this.picture ??= context.createImageData(SHEET, SHEET));
    for (let i = 0, k = 0; i < strength.length; i++, k += 4) {
      for (let c = 0; c < 3; c++) picture.data[k + c] = paper[c] + (ink[c] - paper[c]) * strength[i] + 0.5;
      picture.data[k + 3] = 255;
    }
    context.putImageData(picture, 0, 0);
  }
}

/** A place where all of the pen is on the sheet. */
const on = ({ x, y }) => ({ x: between(x), y: between(y) });
const between = (v) => Math.min(Math.max(v, PEN), SHEET - PEN);
const keys = (...names) => names.map((name) => element("kbd", {}, name));
