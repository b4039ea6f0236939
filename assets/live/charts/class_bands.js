// What is read along a route: the classes' probabilities, one upon another.

import { element } from "../core/dom.js";
import { wordsOf } from "../core/words.js";

const { say } = wordsOf("charts/class_bands");

const HIGH = 104;
const ROOM = 26; // pixels that a digit needs in its band

export class Bands {
  route = null;

  constructor(goTo) {
    this.canvas = element("canvas", { role: "img" });
    this.line = element("i", { class: "band-line" });
    this.digits = element("div", { class: "band-digits", "aria-hidden": "true" }); // above the line
    this.stops = element("div", { class: "band-stops" });
    this.plot = element("div", { class: "band-plot" }, this.canvas, this.line, this.digits, this.stops);
    this.host = element("div", { class: "bands" },
      element("p", { class: "caption" }, say("title")),
      element("div", { class: "band-ticks", "aria-hidden": "true" }, element("span", {}, "1"), element("span", {}, "0")), this.plot);
    const follow = (event) => {
      if (!this.route) return;
      const box = this.canvas.getBoundingClientRect();
      goTo(((event.clientX - box.left) / box.width) * this.route.legs);
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      follow(event);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (this.canvas.hasPointerCapture(event.pointerId)) follow(event);
    });
  }

  /** Draw a row whose samples are all taken. */
  show(route, row, title, colours) {
    Object.assign(this, { route, row, title });
    const width = (this.width = this.plot.clientWidth);
    if (!width) return;
    const scale = devicePixelRatio;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(HIGH * scale);
    const context = this.canvas.getContext("2d");
    context.scale(scale, scale);
    const count = row.samples.length;
    const x = (i) => (i / (count - 1)) * width;
    // Below and above each class: the sums of those before it.
    const floors = row.samples.map(({ probabilities }) => {
      const sums = [0];
      for (const p of probabilities) sums.push(sums.at(-1) + p);
      return sums;
    });
    const y = (i, c) => HIGH * (1 - Math.min(1, floors[i][c]));
    for (let c = 0; c < 10; c++) {
      context.beginPath();
      for (let i = 0; i < count; i++) context.lineTo(x(i), y(i, c));
      for (let i = count - 1; i >= 0; i--) context.lineTo(x(i), y(i, c + 1));
      context.closePath();
      context.fillStyle = colours.classes[c];
      context.globalAlpha = 0.85;
      context.fill();
      context.globalAlpha = 1;
    }
    context.strokeStyle = colours.bg;
    context.lineWidth = 1.6;
    for (let c = 1; c < 10; c++) {
      context.beginPath();
      for (let i = 0; i < count; i++) context.lineTo(x(i), y(i, c));
      context.stroke();
    }
    const stretches = this.#stretches(row, x);
    this.digits.replaceChildren(...stretches.map(({ digit, from, to }) => {
      const middle = Math.round((from + to) / 2);
      const centre = (y(middle, digit) + y(middle, digit + 1)) / 2;
      return element("span", { style: `left: ${x(middle)}px; top: ${centre}px` }, `${digit}`);
    }));
    const read = stretches.map(({ digit }) => digit).join(", ");
    this.canvas.setAttribute("aria-label", say("read", { title, digits: read }));
    this.stops.replaceChildren(...(route.drawn ? [] : route.stops.map(({ label }, i) =>
      element("span", { style: `left: ${(100 * i) / route.legs}%` }, `${label}`))));
    this.move(this.position ?? 0);
  }

  /** Where one class leads over a width in which its digit finds room. */
  #stretches({ samples }, x) {
    const found = [];
    samples.forEach(({ digit, probabilities }, i) => {
      if (probabilities[digit] * HIGH < ROOM) return;
      const last = found.at(-1);
      if (last?.digit === digit && last.to === i - 1) last.to = i;
      else found.push({ digit, from: i, to: i });
    });
    return found.filter(({ from, to }) => x(to) - x(from) >= ROOM - 4);
  }

  move(position) {
    this.position = position;
    if (this.route) this.line.style.transform = `translateX(${(position / this.route.legs) * this.width}px)`;
  }
}
