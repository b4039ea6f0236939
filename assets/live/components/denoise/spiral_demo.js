// A curve in the plane, noise about it, and the step back that a small network learned.

import { Network, loadBlock } from "../../core/nn.js";
import { circle, number, readColours, symbolFonts } from "../../plane/plane.js";
import { element, icon, save, symbolOf } from "../../core/dom.js";

const GUTTER = { left: 36, bottom: 28, edge: 8 };
const HALF = 1.25; // what the plane shows above and below 0
const SHAPE = 0.8; // its height by its width
const FURTHER = 10; // steps after the first
const DRAWN_AS = 1 / 3; // of an arrow: at full length they would hide each other
const TRAINED = 3; // noise levels off the curve: hardly any training point lay farther
const KEY_STEP = 0.02;
const WAYS_OF_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const TURN = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
const MATHS = 'KaTeX_Math, "STIX Two Math", "Cambria Math", "Times New Roman", serif';

/** The component: `levels` of noise with what each `says`, networks and curve at `url`. */
export function mount(component, root) {
  root.live ??= new ManifoldPicture(root);
  root.live.update(component);
}

/** The nearest place of a curve, drawn as straight pieces between points [x, y, x, y, ...]. */
export function nearestOn(points, x, y) {
  let best = Infinity;
  let at = null;
  for (let i = 0; i + 3 < points.length; i += 2) {
    const [dx, dy] = [points[i + 2] - points[i], points[i + 3] - points[i + 1]];
    const along = ((x - points[i]) * dx + (y - points[i + 1]) * dy) / (dx * dx + dy * dy);
    const share = Math.min(Math.max(along, 0), 1);
    const [px, py] = [points[i] + share * dx, points[i + 1] + share * dy];
    const squared = (x - px) ** 2 + (y - py) ** 2;
    if (squared < best) [best, at] = [squared, [px, py]];
  }
  return { squared: best, at };
}

/** A point and where a network takes it, step after step: `count` + 1 points. */
export function walkBack(network, [x, y], count) {
  const way = [[x, y]];
  const input = new Float32Array(2);
  for (let k = 0; k < count; k++) {
    input.set(way[k]);
    way.push([...network.run(input)]);
  }
  return way;
}

class ManifoldPicture {
  constructor(root) {
    this.root = root;
    root.className = "manifold";
    root.addEventListener("transitionend", (event) => {
      if (event.target === root && event.propertyName === "color" && this.networks) this.recolour();
    });
  }

  async update({ data, setStateValue }) {
    this.send = (curve) => setStateValue("curve", curve);
    const key = JSON.stringify([data.url, data.levels, data.says]);
    if (key === this.key) return; // later, the address says what this told it, a rerun late
    this.key = key;
    try {
      const block = await loadBlock(data.url);
      if (key !== this.key) return;
      this.data = data;
      this.build(block);
    } catch (error) {
      this.key = null;
      this.root.replaceChildren(element("p", { class: "error", role: "alert" }, error.message));
    }
  }

  build({ networks, arrays }) {
    const { data, root } = this;
    this.networks = data.levels.map((level) => new Network(networks[level], arrays, [2]));
    this.curve = arrays.curve.values;
    this.cloud = arrays.cloud.values;
    this.noise = arrays.noise.values;
    this.base = element("canvas", { class: "base" });
    this.over = element("canvas", { class: "over" });
    this.frame = element("div", {
      class: "frame", tabindex: "0", role: "application",
      "aria-label": "Plane with a curve. Arrow keys move the noisy point, with Shift in larger steps.",
    }, this.base, this.over);
    const png = element("button", { type: "button", class: "png", title: "Save the plane as a PNG" }, icon("image"), "PNG");
    png.onclick = () => save(this.picture(), `${data.name}.png`);
    const count = this.cloud.length / 2;
    const legend = element("p", { class: "caption legend" },
      element("span", {}, element("i", { class: "of-curve" }), "the curve of ", symbolOf("x")),
      element("span", {}, element("i", { class: "of-cloud" }), `${count} noisy points `, symbolOf("xt")),
      element("span", {}, element("i", { class: "of-arrow" }), "arrows g(f(", symbolOf("xt"), ")) − ", symbolOf("xt"), ", a third as long; faint: hardly any training there"));
    root.replaceChildren(
      element("div", { class: "toolbar" }, this.buildLevels(), png),
      element("div", { class: "halves" }, element("div", {}, this.frame, legend), this.buildSide()));
    this.status = element("p", { class: "sr", "aria-live": "polite" });
    root.append(this.status);
    this.listen();
    this.colours = readColours(root);
    this.level = Math.max(data.levels.indexOf(data.start.level), 0);
    this.pinned = this.within(data.start.at);
    this.setLevel(this.level);
    this.observer?.disconnect();
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.frame);
    this.resize();
    root.dataset.ready = "true";
    symbolFonts().then(() => this.recolour(), () => {}); // without them, the fallback stays
  }

  buildLevels() {
    const { levels } = this.data;
    this.choices = levels.map((level, i) => {
      const button = element("button", { type: "button", role: "radio" }, number(level));
      button.onclick = () => this.chooseLevel(i);
      button.onkeydown = (event) => {
        const turn = TURN[event.key];
        if (!turn) return;
        event.preventDefault();
        const next = (i + turn + levels.length) % levels.length;
        this.chooseLevel(next);
        this.choices[next].focus();
      };
      return button;
    });
    const mark = element("span", { class: "symbol", style: "color: var(--xt)" }, "s");
    return element("div", { class: "row" }, element("span", {}, "Noise in training ", mark),
      element("div", { class: "segments", role: "radiogroup", "aria-label": "Noise level in training, s" }, ...this.choices));
  }

  buildSide() {
    this.at = element("p", { class: "reading" });
    this.to = element("p", { class: "reading" });
    this.bars = [
      [symbolOf("xt")], [symbolOf("xh")], [symbolOf("xh"), `, ${FURTHER} more steps`],
    ].map((name, i) => {
      const fill = element("i", { style: `background: var(--${i ? "xh" : "xt"})` });
      const value = element("span", { class: "value" });
      const row = element("div", { class: "away" }, element("span", { class: "name" }, ...name),
        element("span", { class: "track" }, fill), value);
      return { row, fill, value };
    });
    this.says = element("p", { class: "answer" });
    const keys = Object.values({ l: "←", r: "→", u: "↑", d: "↓" }).map((key) => element("kbd", {}, key));
    return element("div", { class: "side" }, this.at, this.to,
      element("h4", {}, "Squared distance from the curve"), ...this.bars.map(({ row }) => row),
      this.says, element("p", { class: "hint" }, ...keys, " move the point, a click pins it"));
  }

  listen() {
    const { frame } = this;
    const place = (event) => {
      const box = frame.getBoundingClientRect();
      return this.within(this.toPlane(event.clientX - box.left, event.clientY - box.top));
    };
    let held = null;
    frame.addEventListener("pointerdown", (event) => {
      if (event.button || held !== null) return; // one finger moves it
      held = event.pointerId;
      frame.setPointerCapture(held);
      this.pin(place(event), "drag");
    });
    frame.addEventListener("pointermove", (event) => {
      if (held === event.pointerId) this.pin(place(event), "drag");
      else if (held === null && event.pointerType !== "touch") this.point(place(event), "hover");
    });
    for (const end of ["pointerup", "pointercancel"]) {
      frame.addEventListener(end, (event) => {
        if (event.pointerId !== held) return;
        held = null;
        this.pin(this.pinned, event.pointerType === "touch" ? "pin" : "hover");
        this.tell();
      });
    }
    frame.addEventListener("pointerleave", () => held === null && this.leave());
    frame.addEventListener("keydown", (event) => {
      const way = WAYS_OF_KEYS[event.key];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const step = KEY_STEP * (event.shiftKey ? 5 : 1);
      this.pin(this.within(this.pinned.map((v, k) => v + step * way[k])), "keys");
      this.tell();
    });
  }

  // ------------------------------------------------------------------ state

  chooseLevel(i) {
    this.setLevel(i);
    this.tell();
  }

  setLevel(i) {
    this.level = i;
    this.choices.forEach((button, k) => {
      button.setAttribute("aria-checked", String(k === i));
      button.tabIndex = k === i ? 0 : -1;
    });
    this.says.textContent = this.data.says[i];
    this.stale = true;
    this.leave();
  }

  pin(at, how) {
    this.pinned = at;
    this.point(at, how);
  }

  leave() {
    this.point(this.pinned, "pin");
  }

  /** Show a noisy point now, and where the network takes it. */
  point(at, how) {
    this.how = how;
    this.way = walkBack(this.networks[this.level], at, 1 + FURTHER);
    const squared = [0, 1, this.way.length - 1].map((k) => nearestOn(this.curve, ...this.way[k]).squared);
    this.squared = squared;
    const most = Math.max(...squared, 1e-9);
    this.bars.forEach(({ fill, value }, k) => {
      fill.style.width = `${Math.max(0.5, (100 * squared[k]) / most)}%`;
      value.textContent = number(squared[k], 4);
    });
    const text = ([x, y]) => `(${number(x)}, ${number(y)})`;
    this.at.replaceChildren(symbolOf("xt"), ` = ${text(this.way[0])}`);
    this.to.replaceChildren(symbolOf("xh"), " = g(f(", symbolOf("xt"), `)) = ${text(this.way[1])}`);
    this.schedule();
  }

  /** Tell Python what is chosen, once it has settled. */
  tell() {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      const [x, y] = this.pinned.map((v) => Number(v.toFixed(3)));
      this.send({ level: this.data.levels[this.level], at: [x, y] });
      this.status.textContent = this.sentence();
    }, 250);
  }

  sentence() {
    const [before, after] = this.squared.map((v) => number(Math.sqrt(v), 3));
    const [from, to] = this.way.map((point) => `(${point.map((v) => number(v)).join(", ")})`);
    return `The noisy point ${from} is ${before} from the curve; one step leads to ${to}, ${after} from it.`;
  }

  // ------------------------------------------------------------------ places

  within([x, y]) {
    const clamp = (v, most) => Math.min(Math.max(v, -most), most);
    return [clamp(x, HALF / SHAPE), clamp(y, HALF)];
  }

  toScreen(x, y) {
    const { inner, unit } = this;
    return [inner.x + inner.w / 2 + x * unit, inner.y + inner.h / 2 - y * unit];
  }

  toPlane(px, py) {
    const { inner, unit } = this;
    return [(px - inner.x - inner.w / 2) / unit, (inner.y + inner.h / 2 - py) / unit];
  }

  resize() {
    const width = Math.max(Math.floor(this.frame.clientWidth), 160); // taken off the page it has none
    if (width === this.width && this.scale === devicePixelRatio) return;
    const w = width - GUTTER.left - GUTTER.edge;
    const h = Math.round(w * SHAPE);
    const height = h + GUTTER.bottom + GUTTER.edge;
    Object.assign(this, { width, height, scale: devicePixelRatio, unit: h / 2 / HALF, stale: true });
    this.inner = { x: GUTTER.left, y: GUTTER.edge, w, h };
    for (const canvas of [this.base, this.over]) {
      canvas.width = Math.round(width * this.scale);
      canvas.height = Math.round(height * this.scale);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    this.frame.style.height = `${height}px`;
    this.draw();
  }

  recolour() {
    this.colours = readColours(this.root);
    this.stale = true;
    this.schedule();
  }

  // ------------------------------------------------------------------ drawing

  schedule() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.draw();
    });
  }

  draw() {
    if (!this.inner) return;
    if (this.stale) this.drawBase();
    this.drawOver();
  }

  // Clipped to the plane, or free of it for what stands in the gutters.
  begin(canvas) {
    const context = canvas.getContext("2d");
    const { x, y, w, h } = this.inner;
    context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.save();
    context.beginPath();
    context.roundRect(x, y, w, h, 6);
    if (canvas === this.base) {
      context.fillStyle = this.colours.plane;
      context.fill();
    }
    context.clip();
    return context;
  }

  drawBase() {
    const { colours, inner } = this;
    this.stale = false;
    const context = this.begin(this.base);
    const [zx, zy] = this.toScreen(0, 0);
    context.fillStyle = colours.hairline;
    context.fillRect(Math.round(zx), inner.y, 1, inner.h);
    context.fillRect(inner.x, Math.round(zy), inner.w, 1);
    this.drawArrows(context);
    this.drawCloud(context);
    context.strokeStyle = colours.x;
    context.lineWidth = 2.6;
    context.lineJoin = context.lineCap = "round";
    context.beginPath();
    for (let i = 0; i < this.curve.length; i += 2) context.lineTo(...this.toScreen(this.curve[i], this.curve[i + 1]));
    context.stroke();
    const [ex, ey] = this.toScreen(this.curve.at(-2), this.curve.at(-1));
    this.label(context, "x", ex - 17, ey + 4);
    context.restore();
    context.strokeStyle = colours.border;
    context.lineWidth = 1;
    context.beginPath();
    context.roundRect(inner.x, inner.y, inner.w, inner.h, 6);
    context.stroke();
    this.drawAxes(context);
  }

  drawCloud(context) {
    const { cloud, noise, colours } = this;
    const s = this.data.levels[this.level];
    context.fillStyle = colours.xt;
    context.globalAlpha = colours.dark ? 0.62 : 0.55;
    for (let i = 0; i < cloud.length; i += 2) {
      circle(context, ...this.toScreen(cloud[i] + s * noise[i], cloud[i + 1] + s * noise[i + 1]), 1.3);
      context.fill();
    }
    context.globalAlpha = 1;
  }

  drawArrows(context) {
    const gap = this.inner.w < 420 ? 0.2 : 0.1;
    const across = Math.floor(HALF / SHAPE / gap);
    const up = Math.floor(HALF / gap);
    context.strokeStyle = context.fillStyle = this.colours.xh;
    context.lineWidth = 1.1;
    context.lineCap = "butt";
    const reach = (TRAINED * this.data.levels[this.level]) ** 2;
    for (let i = -across; i <= across; i++) {
      for (let j = -up; j <= up; j++) {
        const [from, to] = walkBack(this.networks[this.level], [i * gap, j * gap], 1);
        context.globalAlpha = nearestOn(this.curve, ...from).squared < reach ? 0.95 : 0.4;
        const tip = from.map((v, k) => v + DRAWN_AS * (to[k] - v));
        this.arrow(context, this.toScreen(...from), this.toScreen(...tip));
      }
    }
    context.globalAlpha = 1;
  }

  arrow(context, [x0, y0], [x1, y1]) {
    const length = Math.hypot(x1 - x0, y1 - y0);
    if (length < 2) { // too short for a head
      circle(context, x0, y0, 1);
      context.fill();
      return;
    }
    const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
    const head = Math.min(5, length);
    const [bx, by] = [x1 - head * ux, y1 - head * uy];
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(bx, by);
    context.stroke();
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(bx - 0.45 * head * uy, by + 0.45 * head * ux);
    context.lineTo(bx + 0.45 * head * uy, by - 0.45 * head * ux);
    context.fill();
  }

  drawAxes(context) {
    const { colours, inner } = this;
    const bottom = inner.y + inner.h;
    context.fillStyle = colours.faint;
    context.font = `11.5px ${colours.font}`;
    context.textBaseline = "middle";
    const step = inner.w < 420 ? 1 : 0.5;
    for (let v = -Math.floor(HALF / SHAPE / step) * step; v <= HALF / SHAPE; v += step) {
      const [px] = this.toScreen(v, 0);
      if (px > inner.x + inner.w - 26) continue; // the axis' name stands there
      context.textAlign = "center";
      context.fillText(number(v, 1), px, bottom + 14);
      context.fillRect(Math.round(px), bottom, 1, 4);
    }
    for (let v = -Math.floor(HALF / step) * step; v <= HALF; v += step) {
      const [, py] = this.toScreen(0, v);
      context.textAlign = "right";
      context.fillText(number(v, 1), inner.x - 7, py);
      context.fillRect(inner.x - 4, Math.round(py), 4, 1);
    }
    this.axisName(context, 1, inner.x + inner.w - 14, bottom + 15);
    this.axisName(context, 2, inner.x - 20, inner.y + 8);
    context.textBaseline = "alphabetic";
  }

  axisName(context, index, x, y) {
    context.fillStyle = this.colours.x;
    context.textAlign = "left";
    context.font = `italic 600 15px ${MATHS}`;
    context.fillText("x", x, y);
    context.font = '11px KaTeX_Main, "Times New Roman", serif';
    context.fillText(index, x + 9, y + 4);
  }

  // A symbol in its colour with a halo; its accent is set by itself, as no font has both.
  label(context, name, x, y) {
    const { colours } = this;
    context.textAlign = "left";
    context.lineJoin = "round";
    context.lineWidth = 4;
    context.strokeStyle = colours.plane;
    context.fillStyle = colours[name];
    const accent = { xt: "˜", xh: "ˆ" }[name];
    const parts = [[`italic 600 17px ${MATHS}`, "x", x, y]];
    if (accent) parts.push(['600 16px KaTeX_Main, "Times New Roman", serif', accent, x + 2.5, y + 0.5]);
    for (const paint of ["strokeText", "fillText"]) {
      for (const [font, text, left, down] of parts) {
        context.font = font;
        context[paint](text, left, down);
      }
    }
  }

  drawOver() {
    const { colours, way, how } = this;
    const context = this.begin(this.over);
    const places = way.map((point) => this.toScreen(...point));
    const [from, to] = places;
    const foot = this.toScreen(...nearestOn(this.curve, ...way[0]).at);
    const stroke = (colour, width, dash, ...points) => {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.setLineDash(dash);
      context.beginPath();
      points.forEach((point) => context.lineTo(...point));
      context.stroke();
      context.setLineDash([]);
    };
    stroke(colours.x, 1.4, [2, 3], from, foot);
    stroke(colours.plane, 6, [], from, to);
    stroke(colours.xh, 2.2, [], from, to);
    context.globalAlpha = 0.75;
    stroke(colours.xh, 1.2, [3, 3], ...places.slice(1));
    places.slice(2).forEach((place) => {
      circle(context, ...place, 2.4);
      context.fillStyle = colours.xh;
      context.fill();
    });
    context.globalAlpha = 1;
    circle(context, ...to, 5.5);
    context.fillStyle = colours.xh;
    context.strokeStyle = colours.plane;
    context.lineWidth = 2;
    context.fill();
    context.stroke();
    const pointing = how === "hover" || how === "drag";
    if (pointing) {
      context.globalAlpha = 0.14;
      circle(context, ...from, 15);
      context.fillStyle = colours.xt;
      context.fill();
      context.globalAlpha = 1;
    }
    circle(context, ...from, 7);
    context.fillStyle = pointing ? colours.xt : colours.plane;
    context.strokeStyle = pointing ? colours.plane : colours.xt;
    context.lineWidth = pointing ? 2 : 2.6;
    context.fill();
    context.stroke();
    // Each name on the side that the other is not.
    const left = to[0] < from[0] || from[0] > this.inner.x + this.inner.w - 40;
    this.label(context, "xt", from[0] + (left ? 12 : -23), from[1] - 9);
    if (Math.hypot(to[0] - from[0], to[1] - from[1]) > 24) this.label(context, "xh", to[0] + (left ? -21 : 10), to[1] + 18);
    context.restore();
  }

  /** The plane with its level and the point's distances as one picture, as sharp as the screen. */
  picture() {
    const { colours, scale } = this;
    const canvas = document.createElement("canvas");
    canvas.width = (this.width + 48) * scale;
    canvas.height = (this.height + 104) * scale;
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    context.fillStyle = colours.bg;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = colours.text;
    context.font = `650 17px ${colours.font}`;
    context.fillText(`Trained with noise s = ${number(this.data.levels[this.level])}`, 24 + this.inner.x, 34);
    for (const layer of [this.base, this.over]) context.drawImage(layer, 24, 46, this.width, this.height);
    context.font = `15px ${colours.font}`;
    const [before, after] = this.squared.map((v) => number(v, 4));
    context.fillText(`Squared distance from the curve: ${before}, after one step ${after}`, 24 + this.inner.x, this.height + 76);
    return canvas;
  }
}
