// Filmstrips of a route: a row of frames for each way, each with what a classifier reads in it.

import { imageCanvas, paint, stillImage } from "../core/canvas.js";
import { element, share, symbolOf, write } from "../core/dom.js";
import { percent, wordsOf } from "../core/words.js";

const { say, fill } = wordsOf("images/filmstrips");

const FRAME_SURE = 0.9; // below it a reading is grey

/**
 * An image with a reading below it; `show` changes the image, `tell` what is read in it. still:
 * whether the image hardly ever changes.
 */
export function readTile(size, kind = "", { still = false } = {}) {
  const { canvas, picture, reveal } = still ? stillImage() : moving();
  const dot = element("i");
  const digit = element("span");
  const label = element("div", { class: "label" }, dot, digit);
  const sure = element("div", { class: "sure" });
  const tile = element("div", { class: `tile ${kind}`, style: `--size: ${size}`, role: "img" }, picture);
  const cell = element("div", { class: "cell" }, tile, label, sure);
  const show = (image, ink) => {
    paint(canvas, image, ink);
    reveal();
  };
  const tell = (read) => {
    cell.classList.add("shown");
    dot.style.background = `var(--c${read.digit})`;
    write(digit, read.digit);
    write(sure, share(read.sure));
    label.classList.toggle("unsure", read.sure < FRAME_SURE);
    tile.setAttribute("aria-label", say("read", { digit: read.digit, share: share(read.sure) }));
  };
  return { cell, canvas, picture, show, tell };
}

/** An image that is on the page as it is painted. */
function moving() {
  const canvas = imageCanvas();
  return { canvas, picture: canvas, reveal() {} };
}

export class Films {
  constructor(jump) {
    this.jump = jump;
    this.line = element("i", { class: "film-line" });
    this.inside = element("div", { class: "film-rows" });
    this.host = element("div", { class: "films", tabindex: "-1" }, this.inside);
  }

  /** Make room for a route's frames; those that stay keep their picture until they are filled. */
  lay(route, titles) {
    const layout = JSON.stringify([route.frames, route.legs, titles, route.rows.map((row) => row.key)]);
    this.route = route;
    if (layout === this.layout) return;
    this.layout = layout;
    this.rows = route.rows.map((row, k) => {
      const frames = Array.from({ length: route.frames }, (_, i) => {
        const frame = readTile("54px", route.isStop(i) ? "of-x" : "", { still: true });
        frame.cell.onclick = () => this.jump(i / this.route.step);
        return frame;
      });
      const gap = element("span", { class: "film-gap" });
      const name = element("div", { class: "film-name" }, element("b", {}, titles[k]), wayOf(row), gap);
      const strip = element("div", { class: "film-frames", style: `--frames: ${route.frames}` }, ...frames.map(({ cell }) => cell));
      return { frames, gap, strip, element: element("div", { class: "film" }, name, strip) };
    });
    this.inside.style.setProperty("--frames", route.frames);
    this.inside.replaceChildren(this.line, ...this.rows.map((row) => row.element));
    this.measure();
  }

  fill({ row, frame, image, sample }, ink) {
    const { show, tell } = this.rows[this.route.rows.indexOf(row)].frames[frame];
    show(image, ink);
    if (sample.digit !== undefined) tell(sample);
  }

  /** Say what share of each way lies in a gap. */
  finish() {
    this.route.rows.forEach((row, k) => {
      if (row.m !== null) this.rows[k].gap.textContent = say("gap", { share: percent(this.route.gapShare(row)) });
    });
  }

  recolour(ink) {
    for (const { frames } of this.rows ?? []) {
      for (const { canvas, show } of frames) if (canvas.pixels) show(canvas.pixels, ink);
    }
  }

  measure() {
    const strip = this.rows?.[0].strip;
    if (!strip?.clientWidth) return;
    this.left = strip.offsetLeft;
    this.pitch = strip.clientWidth / this.route.frames;
    const { scrollWidth, clientWidth } = this.host;
    this.scrolls = scrollWidth > clientWidth + 1 ? clientWidth : 0; // on a phone they scroll along
    this.move(this.position ?? 0);
  }

  /** Where a position stands across the strips: the middle of its frame. */
  across(position) {
    return this.left + (position * this.route.step + 0.5) * this.pitch;
  }

  move(position) {
    this.position = position;
    if (!this.pitch) return;
    const x = this.across(position);
    this.line.style.transform = `translateX(${x}px)`;
    if (this.scrolls) this.host.scrollLeft = x - this.scrolls / 2;
  }

  /** The strips with their words as one picture, twice as large as on the page. */
  picture(colours, heading) {
    const size = 112;
    const pitch = size + 16;
    const left = 280;
    const { rows, route } = this;
    const canvas = document.createElement("canvas");
    canvas.width = left + route.frames * pitch + 24;
    canvas.height = 76 + rows.length * (size + 76) + 8;
    const context = canvas.getContext("2d");
    context.fillStyle = colours.bg;
    context.fillRect(0, 0, canvas.width, canvas.height);
    const write = (text, x, y, font, colour = colours.text, align = "left") => {
      Object.assign(context, { font: `${font} ${colours.font}`, fillStyle: colour, textAlign: align });
      context.fillText(text, x, y);
    };
    write(heading, 24, 46, "650 26px");
    rows.forEach((row, k) => {
      const top = 76 + k * (size + 76);
      const [title, ...lines] = [...row.element.querySelector(".film-name").children].map((part) => part.textContent);
      write(title, 24, top + 40, "650 24px");
      lines.forEach((text, i) => write(text, 24, top + 70 + 28 * i, "20px", colours.muted));
      row.frames.forEach((frame, i) => {
        const x = left + i * pitch;
        context.drawImage(frame.canvas, x, top, size, size);
        context.strokeStyle = route.isStop(i) ? colours.x : colours.border;
        context.lineWidth = route.isStop(i) ? 4 : 2;
        context.strokeRect(x, top, size, size);
        const { digit, sure } = route.rows[k].samples[(i * route.fine) / route.step];
        if (digit == null) return;
        const middle = x + size / 2;
        context.beginPath();
        context.arc(middle - 14, top + size + 22, 7, 0, 2 * Math.PI);
        context.fillStyle = colours.classes[digit];
        context.fill();
        const certain = sure >= FRAME_SURE;
        write(digit, middle + 6, top + size + 30, certain ? "650 24px" : "24px", certain ? colours.text : colours.faint, "center");
        write(share(sure), middle, top + size + 54, "20px", colours.muted, "center");
      });
    });
    return canvas;
  }
}

/** The words beside a strip, with symbols in their colours. */
function wayOf({ kind }) {
  const [x, x2] = [symbolOf("x"), symbolOf("x")];
  return element("span", {}, ...fill(`way_${kind}`, { x, x2, z: symbolOf("z") }));
}
