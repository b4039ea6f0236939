// One model in the live panel: its plane, its picture, its readings, and the hands on them.

import { ClassBars } from "../core/class_bars.js";
import { Model } from "../core/model.js";
import { dequantise } from "../core/nn.js";
import { imageCanvas, paint } from "../core/canvas.js";
import { number } from "../core/numbers.js";
import { CodePlane } from "./code_plane.js";
import { Gestures } from "./gestures.js";
import { compose, element, field, icon, share, symbolOf, write } from "../core/dom.js";
import { group, wordsOf } from "../core/words.js";
import { Chooser } from "./projection_select.js";
import { nearest, spaceOf } from "./latent_space.js";
import { inViewText, zoomButtons } from "./zoom_buttons.js";

const { say, fill } = wordsOf("plane/model_view");

const GRID = 25; // decoded images across, at most
const FRAME = 9; // milliseconds of decoding per frame while a grid fills

/** One model's place in the panel: its plane, its picture, its readings, its sliders. */
export class ModelView {
  constructor(panel, parent, model, block, index) {
    const { arrays } = block;
    this.panel = panel;
    this.model = model;
    this.index = index;
    this.dim = block.latent_dim;
    const logs = arrays.log_std && dequantise(arrays, "log_std");
    this.sds = logs && logs.map(Math.exp);
    this.nats = arrays.nats.values;
    this.spacing = arrays.distances.values[0];
    this.network = new Model(block).assume(model.label);
    this.z = new Float32Array(this.dim);
    this.space = spaceOf(block);
    this.codes = this.space.codes;
    this.radius = this.space.radius;
    this.build(parent, arrays);
  }

  build(parent, arrays) {
    const title = this.title = this.model.title;
    this.count = element("span", { class: "count" });
    this.frame = element("div", {
      class: "frame", tabindex: "0", role: "application",
      "aria-label": say("plane", { title }),
    });
    this.tile = imageCanvas();
    this.tile.className = "decoded";
    this.zText = element("b", { class: "z" });
    this.chip = element("span", { class: "chip" });
    this.distance = element("p", { class: "distance" });
    this.sliders = this.buildSliders(arrays);
    const zooms = zoomButtons(title, { zoom: (factor) => this.gestures.zoom(factor), fit: () => this.fit() });
    const head = this.head = element("div", { class: "head" }, element("h3", {}, title), this.count, zooms);
    this.planeColumn = element("div", { class: "plane-column" }, head, this.frame);
    this.side = element("div", { class: "side" });
    this.arrange();
    parent.append(element("div", { class: "model" }, this.planeColumn, this.side));
    this.plane = new CodePlane(this.frame, this.space, this.look);
    if (this.dim > 2) {
      this.chooser = new Chooser(this.plane, title, (projection) => {
        this.project(projection);
        this.panel.remember();
      });
      head.after(this.chooser.host);
    }
    this.listen();
  }

  /** What the plane looks like (see `CodePlane`). */
  get look() {
    return this.panel.data.layout === "decode"
      ? { pointRadius: 1.3, discRadius: 13, ratio: 0.75 }
      : { pointRadius: 1.15, discRadius: 11, ratio: 0.76 };
  }

  /** Put picture and readings into `side`, and what stands below the plane into `planeColumn`. */
  arrange() {
    const { side } = this;
    const decode = this.panel.data.layout === "decode";
    const tile = element("div", { class: "tile of-xh", style: `--size: ${decode ? 316 : 96}px` }, this.tile);
    tile.setAttribute("role", "img");
    this.tileBox = tile;
    const readings = element("div", { class: "readings" },
      element("div", { class: "row" }, this.zText, this.chip), this.distance, this.sliders);
    if (decode) {
      side.append(
        element("div", { class: "row spread" }, element("b", { class: "formula" }, symbolOf("xh"), " = g(", symbolOf("z"), ")"), this.chip),
        tile, this.zText, this.distance, this.sliders, this.buildBars());
      this.answer = element("p", { class: "answer" });
      this.planeColumn.append(this.answer);
    } else if (this.panel.data.layout === "home") {
      side.append(element("b", {}, ...fill("drawn", { xh: symbolOf("xh") })), tile, readings);
    } else {
      side.append(tile, readings);
    }
  }

  buildSliders(arrays) {
    const low = arrays.reference_low.values;
    const step = arrays.reference_step.values;
    this.inputs = [];
    return element("div", { class: `sliders ${this.dim > 2 ? "many" : ""}` }, ...Array.from({ length: this.dim }, (_, j) => {
      const high = low[j] + step[j] * 65535;
      const { row, input, show } = field(symbolOf("z", j + 1), {
        min: low[j], max: high, label: `${this.model.title}, z${j + 1}`,
      });
      input.oninput = () => {
        const z = this.resting();
        z[j] = Number(input.value);
        this.panel.pin(this.index, z, { remember: true });
      };
      this.inputs.push({ input, show });
      return row;
    }));
  }

  project(projection) {
    this.plane.project(projection);
    this.chooser?.show();
    this.fillGrid();
    this.panel.rest();
    this.panel.schedule();
  }

  buildBars() {
    this.bars = new ClassBars();
    if (!this.panel.reader) return element("div");
    return element("div", { class: "bars" }, element("h4", {}, say("read")),
      ...this.bars.rows,
      element("p", { class: "caption" }, this.panel.data.readerNote ?? ""));
  }

  /** Where the point stands at first: the code of test image 0. */
  start() {
    return this.codeOf(0);
  }

  codeOf(i) {
    return this.codes.subarray(i * this.dim, (i + 1) * this.dim);
  }

  nearestTest() {
    return nearest(this.codes, this.dim, this.z)[0];
  }

  // ------------------------------------------------------------------ showing z

  /** Decode it and draw it; `tell` says the rest once all canvases are drawn, as they ask for styles. */
  show(how, driving, linked) {
    const { z, panel, plane } = this;
    this.drawImage();
    const pointing = driving && how !== "pin";
    plane.drawPoint(panel.colours, {
      point: plane.projection.place(z),
      pointing,
      focused: driving && this.frame.matches(":focus-visible"),
      linked: plane.show.points ? this.linkedMark(linked) : null,
      loupe: pointing && this.takesLoupe(how) ? this.tile : null,
      touch: how === "touch",
    });
  }

  /** Show what the decoder makes of z. */
  drawImage() {
    this.image = this.network.decode(this.z);
    paint(this.tile, this.image, this.panel.colours.ink);
  }

  /** How the linked test image is marked on the plane; null for not at all. */
  linkedMark(linked) {
    if (this.panel.data.layout === "home") return null;
    const { dim, plane: { projection } } = this;
    const { places } = projection;
    return {
      at: [places[2 * linked], places[2 * linked + 1]],
      spread: this.sds && projection.spread(this.sds.subarray(linked * dim, (linked + 1) * dim)),
    };
  }

  /** Whether the image is shown beside the pointer, too. */
  takesLoupe(how) {
    return this.panel.data.layout === "compare" || how === "touch";
  }

  /** Say where the point is, and what is read there. */
  tell(linked) {
    const { z, dim } = this;
    const away = Math.sqrt(nearest(this.space.reference, dim, z)[1]);
    compose(this.zText, ...this.placeText(linked));
    this.setGap(away > this.radius);
    const units = away / this.spacing;
    const digits = this.radius < 0.1 ? 3 : 2;
    write(this.distance, say(this.spacing > 0 ? "distance" : "distance_alone", {
      all: group(this.space.reference.length / dim),
      away: number(away, digits),
      times: units < 10 ? number(units, 1) : group(Math.round(units)),
      radius: number(this.radius, digits),
    }));
    this.inputs.forEach(({ show }, j) => show(z[j]));
    this.tellImage();
  }

  /** Say what is read in the image. */
  tellImage() {
    if (this.bars && this.panel.reader) this.showReading(this.panel.reader.classify(this.image));
    this.tileBox.setAttribute("aria-label", say("decoded", { place: this.zText.textContent }));
  }

  setGap(inGap) {
    if (this.inGap === inGap) return;
    this.inGap = inGap;
    this.chip.className = `chip ${inGap ? "gap" : "good"}`;
    this.chip.replaceChildren(icon(inGap ? "warning" : "check"), say(inGap ? "in_gap" : "on_data"));
  }

  placeText(linked) {
    const { z, plane: { projection } } = this;
    const { metric, mark, names } = projection;
    if (this.dim <= 3) return [symbolOf("z"), ` = (${Array.from(z, (v) => number(v)).join(", ")})`];
    if (!metric) return fill("near", { z: symbolOf("z"), index: linked });
    const [x, y] = projection.place(z);
    return [symbolOf(mark, names[0]), ` = ${number(x)}, `, symbolOf(mark, names[1]), ` = ${number(y)}`];
  }

  showReading({ digit, sure, probabilities }) {
    this.reading = { digit, sure };
    this.bars.show(probabilities);
    const order = Array.from(probabilities, (p, i) => [p, i]).sort((x, y) => y[0] - x[0]);
    const [first, second] = order;
    const answer = sure >= 0.9
      ? say("sure", { digit: say(`digit_${digit}`), share: share(sure) })
      : say("unsure", { first: first[1], most: share(first[0]), second: second[1], less: share(second[0]) });
    write(this.answer, this.inGap ? `${say("improvised")} ${answer}` : answer);
  }

  sentence() {
    return say("sentence", { title: this.model.title, state: this.state() });
  }

  /** Where the point is, and whether training codes are near it. */
  state() {
    return say(this.inGap ? "state_in_gap" : "state_on_data", { place: this.zText.textContent });
  }

  drawBase() {
    if (!this.plane.changed || !this.plane.width) return;
    this.plane.drawBase(this.panel.colours);
    const { count } = this.space;
    this.count.textContent = this.plane.show.points
      ? inViewText(this.plane.inView, count)
      : this.gridSize ?? "";
  }

  fit() {
    this.plane.fit();
    this.moved();
  }

  moved() {
    this.panel.schedule();
    this.fillGrid(150);
    this.panel.rest();
  }

  // ------------------------------------------------------------------ the decoded grid

  /** Decode a grid of points over the view, a few milliseconds a frame. */
  fillGrid(wait = 0) {
    const { plane } = this;
    cancelAnimationFrame(this.filling);
    clearTimeout(this.gridTimer);
    plane.grid = null;
    plane.changed = true;
    if (!plane.show.grid || !plane.width || !this.panel.seen) return;
    this.gridTimer = setTimeout(() => this.startGrid(), wait);
  }

  startGrid() {
    const { plane, panel } = this;
    const { inner } = plane;
    const across = Math.min(GRID, Math.floor(inner.w / 22));
    const cell = inner.w / across;
    const up = Math.min(GRID, Math.floor(inner.h / cell));
    const rise = inner.h / up;
    const scale = plane.scale;
    const canvas = document.createElement("canvas");
    canvas.width = inner.w * scale;
    canvas.height = inner.h * scale;
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    const stamp = imageCanvas();
    const rest = Float32Array.from(panel.pinned?.m === this.index ? panel.pinned.z : this.z);
    const reach = (cell * plane.window.unit) / Math.SQRT2; // UMAP knows no code far from its places
    const order = spread(across * up);
    plane.grid = { canvas };
    this.gridSize = say("grid", { across, up });
    let k = 0;
    const fill = () => {
      const end = performance.now() + FRAME;
      for (; k < order.length && performance.now() < end; k++) {
        const column = order[k] % across;
        const row = Math.floor(order[k] / across);
        const place = plane.toPlane(inner.x + (column + 0.5) * cell, inner.y + (row + 0.5) * rise);
        const z = plane.projection.unproject(place, rest, reach);
        if (!z) continue;
        const image = this.network.decode(z);
        const ink = panel.reader ? tint(panel.colours, panel.reader.classify(image)) : panel.colours.ink[1];
        paint(stamp, image, [panel.colours.ink[0], ink]);
        const [left, right, top, bottom] = [column * cell, (column + 1) * cell, row * rise, (row + 1) * rise]
          .map((edge) => Math.round(edge * scale)); // whole pixels leave no seams
        context.drawImage(stamp, left, top, right - left, bottom - top);
      }
      if (k < order.length) {
        plane.drawGrid(); // points and gaps below it are drawn again only once it is whole
        this.filling = requestAnimationFrame(fill);
        return;
      }
      plane.changed = true;
      panel.schedule();
    };
    fill();
  }

  // ------------------------------------------------------------------ pointer, touch, keys

  listen() {
    const { frame, plane, panel } = this;
    const follow = (at, how) =>
      plane.contains(...at) ? panel.point(this.index, this.under(...at), how) : panel.rest();
    const leave = () => panel.rest();
    this.gestures = new Gestures(frame, plane, {
      hover: (at) => follow(at, "point"),
      leave,
      focus: leave,
      cancel: leave,
      press: (at, touch) => {
        if (touch) follow(at, "touch");
        return touch || this.onRing(at); // anywhere else a mouse moves the plane
      },
      drag: (at, touch) => follow(at, touch ? "touch" : "point"),
      release: (at, touch, clicks) => {
        if (!plane.contains(...at)) return leave();
        if (clicks === 1) this.before = panel.pinned;
        panel.pin(this.index, this.under(...at), { remember: true });
        if (!touch) follow(at, "point");
      },
      double: () => {
        if (this.before) panel.pin(this.before.m, this.before.z, { remember: true }); // its clicks were no pins
        this.fit();
      },
      arrow: (x, y) => {
        const { unit } = plane.window;
        panel.pin(this.index, plane.projection.move(this.resting(), x * unit, y * unit), { remember: true });
      },
      key: (event) => panel.pressKey(event),
      moved: () => this.moved(),
      fit: () => this.fit(),
    });
  }

  /** Whether a place in the frame is on the ring of the pinned point, to take it along. */
  onRing([x, y]) {
    const { m, z } = this.panel.pinned;
    const [rx, ry] = this.plane.at(z);
    return m === this.index && Math.hypot(x - rx, y - ry) < 12;
  }

  destroy() {
    this.gestures.destroy();
    cancelAnimationFrame(this.filling);
    clearTimeout(this.gridTimer);
  }

  /** The code to change a part of: the pinned one where it is this model's. */
  resting() {
    const { pinned } = this.panel;
    return pinned.m === this.index ? [...pinned.z] : Array.from(this.z);
  }

  /** The code under a point of the screen; what the plane leaves open is as pinned. */
  under(px, py) {
    return this.plane.projection.unproject(this.plane.toPlane(px, py), this.resting());
  }
}

// 0..n-1 in an order that covers the whole early: a step that shares no divisor with n.
function spread(n) {
  let step = Math.max(1, Math.round(n * 0.618));
  while (divisor(step, n) > 1) step++;
  return Array.from({ length: n }, (_, i) => (i * step) % n);
}

const divisor = (a, b) => (b ? divisor(b, a % b) : a);

// The ink of a grid image: its class's colour, half way from the theme's ink.
function tint(colours, { digit, sure }) {
  const [r, g, b] = colours.classes[digit].match(/[\d.]+/g).map(Number);
  const ink = colours.ink[1];
  const k = 0.7 * sure;
  return [r, g, b].map((v, c) => ink[c] + (v - ink[c]) * k);
}
