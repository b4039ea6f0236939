// A curve in the plane, noise about it, and the step back that a small network learned.

import { Component, mounting } from "../../core/component.js";
import { element, icon, save, symbolOf } from "../../core/dom.js";
import { Network, loadBlock } from "../../core/nn.js";
import { number } from "../../core/numbers.js";
import { Sheet } from "../../core/sheet.js";
import { wordsOf } from "../../core/words.js";
import { Gestures } from "../../plane/gestures.js";
import { zeroLines } from "../../plane/layers/ticks.js";
import { Plane } from "../../plane/plane.js";
import { nearestOn, walkBack } from "./spiral.js";
import { arrows, cloud, curve, way } from "./spiral_layers.js";

const { say, fill } = wordsOf("components/denoise/spiral_demo");

const HALF = 1.25; // what the plane shows above and below 0
const SHAPE = 0.8; // its height by its width
const FURTHER = 10; // steps after the first
const KEY_STEP = 0.02; // of an arrow key; five times as far with Shift
const SETTLED = 250; // milliseconds after the last change until it is announced
const TURN = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/** The component: `levels` of noise with what each `says`, networks and curve at `url`. Its view: the level and the noisy point. */
class SpiralDemo extends Component {
  constructor(root) {
    super(root);
    root.className = "manifold";
  }

  get below() {
    return true;
  }

  load({ url }) {
    return loadBlock(url);
  }

  build({ networks, arrays }) {
    const { data, root } = this;
    this.networks = data.levels.map((level) => new Network(networks[level], arrays));
    /** @type {import("./spiral_layers.js").Spiral} */
    this.spiral = { curve: arrays.curve.values, cloud: arrays.cloud.values, noise: arrays.noise.values,
      level: 0, network: this.networks[0], way: [], pointing: false };
    const frame = element("div", {
      class: "frame", tabindex: "0", role: "application",
      "aria-label": say("plane"),
    });
    this.plane = new Plane(frame, {
      home: [[-HALF / SHAPE, HALF / SHAPE], [-HALF, HALF]],
      projection: { mark: "x", names: [1, 2], metric: true },
      ratio: SHAPE,
      below: [zeroLines, ...[arrows, cloud, curve].map((layer) => layer(this.spiral))],
      above: [way(this.spiral)],
    });
    const png = element("button", { type: "button", class: "png", title: say("png") }, icon("image"), "PNG");
    png.onclick = () => save(this.picture(), `${data.name}.png`);
    const count = this.spiral.cloud.length / 2;
    const legend = element("p", { class: "caption legend" },
      element("span", {}, element("i", { class: "of-curve" }), ...fill("curve", { x: symbolOf("x") })),
      element("span", {}, element("i", { class: "of-cloud" }), ...fill("cloud", { points: count, xt: symbolOf("xt") })),
      element("span", {}, element("i", { class: "of-arrow" }), ...fill("arrows", { step: ["g(f(", symbolOf("xt"), ")) − ", symbolOf("xt")] })));
    root.replaceChildren(
      element("div", { class: "toolbar" }, this.buildLevels(), png),
      element("div", { class: "halves" }, element("div", {}, frame, legend), this.buildSide()));
    this.status = element("p", { class: "sr", "aria-live": "polite" });
    root.append(this.status);
    this.listen();
    const { curve_level: level, curve_at: at } = this.view.values;
    this.pinned = this.within(at);
    this.setLevel(Math.max(data.levels.indexOf(Number(level)), 0));
    this.observer.observe(frame);
    this.resize();
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
    return element("div", { class: "row" }, element("span", {}, ...fill("level", { s: mark })),
      element("div", { class: "segments", role: "radiogroup", "aria-label": say("levels") }, ...this.choices));
  }

  buildSide() {
    this.at = element("p", { class: "reading" });
    this.to = element("p", { class: "reading" });
    this.bars = [
      [symbolOf("xt")], [symbolOf("xh")], fill("further", { xh: symbolOf("xh"), steps: FURTHER }),
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
      element("h4", {}, say("distance")), ...this.bars.map(({ row }) => row),
      this.says, element("p", { class: "hint" }, ...fill("hint", { keys })));
  }

  listen() {
    const at = (place) => this.within(this.plane.toPlane(...place));
    this.gestures = new Gestures(this.plane.host, this.plane, {
      hover: (place) => this.point(at(place), true),
      leave: () => this.rest(),
      press: (place) => {
        this.pin(at(place), true);
        return true;
      },
      drag: (place) => this.pin(at(place), true),
      release: (place, touch) => {
        this.pin(at(place), !touch);
        this.keep();
      },
      cancel: () => this.rest(),
      arrow: (x, y, { shiftKey }) => {
        const step = KEY_STEP * (shiftKey ? 5 : 1);
        this.pin(this.within([this.pinned[0] + step * Math.sign(x), this.pinned[1] + step * Math.sign(y)]), false);
        this.keep();
      },
    });
  }

  // ------------------------------------------------------------------ state

  chooseLevel(i) {
    this.setLevel(i);
    this.keep();
  }

  setLevel(i) {
    this.level = i;
    Object.assign(this.spiral, { level: this.data.levels[i], network: this.networks[i] });
    this.choices.forEach((button, k) => {
      button.setAttribute("aria-checked", String(k === i));
      button.tabIndex = k === i ? 0 : -1;
    });
    this.says.textContent = this.data.says[i];
    this.plane.changed = true;
    this.rest();
  }

  /** The nearest place that the plane shows. */
  within([x, y]) {
    const clamp = (v, most) => Math.min(Math.max(v, -most), most);
    return [clamp(x, HALF / SHAPE), clamp(y, HALF)];
  }

  pin(at, pointing) {
    this.pinned = at;
    this.point(at, pointing);
  }

  rest() {
    this.point(this.pinned, false);
  }

  /** Show a noisy point now, and where the network takes it. */
  point(at, pointing) {
    const { spiral } = this;
    spiral.pointing = pointing;
    spiral.way = walkBack(spiral.network, at, 1 + FURTHER);
    this.squared = [0, 1, spiral.way.length - 1].map((k) => nearestOn(spiral.curve, ...spiral.way[k]).squared);
    const most = Math.max(...this.squared, 1e-9);
    this.bars.forEach(({ fill, value }, k) => {
      fill.style.width = `${Math.max(0.5, (100 * this.squared[k]) / most)}%`;
      value.textContent = number(this.squared[k], 4);
    });
    const text = ([x, y]) => `(${number(x)}, ${number(y)})`;
    this.at.replaceChildren(symbolOf("xt"), ` = ${text(spiral.way[0])}`);
    this.to.replaceChildren(symbolOf("xh"), " = g(f(", symbolOf("xt"), `)) = ${text(spiral.way[1])}`);
    this.schedule();
  }

  /** Keep what is chosen in the view; say it once it has settled. */
  keep() {
    this.view.set({ curve_level: `${this.data.levels[this.level]}`, curve_at: this.pinned.map((v) => Number(v.toFixed(3))) });
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => (this.status.textContent = this.sentence()), SETTLED);
  }

  sentence() {
    const [before, after] = this.squared.map((v) => number(Math.sqrt(v), 3));
    const [from, to] = this.spiral.way.map((point) => `(${point.map((v) => number(v)).join(", ")})`);
    return say("sentence", { from, before, to, after });
  }

  // ------------------------------------------------------------------ drawing

  resize() {
    if (this.plane.resize(Math.floor(this.plane.host.clientWidth))) this.draw();
  }

  recolour() {
    this.plane.changed = true;
    this.schedule();
  }

  draw() {
    if (!this.plane.width) return;
    if (this.plane.changed) this.plane.drawBase(this.colours);
    this.plane.drawOver(this.colours);
  }

  /** The plane with its level and the point's distances as one picture, as sharp as the screen. */
  picture() {
    const { plane } = this;
    const left = 24 + plane.inner.x;
    const sheet = new Sheet(plane.width + 48, plane.height + 104, this.colours, plane.scale);
    sheet.write(say("trained", { level: number(this.spiral.level) }), left, 34, { size: 17, weight: 650 });
    for (const layer of [plane.base, plane.over]) sheet.put(layer, 24, 46, plane.width, plane.height);
    const [before, after] = this.squared.map((v) => number(v, 4));
    sheet.write(say("distances", { before, after }), left, plane.height + 76);
    return sheet.canvas;
  }

  destroy() {
    clearTimeout(this.speaking);
    this.gestures?.destroy();
  }
}

export const mount = mounting(SpiralDemo);
