// One plane of the latent space: points, gaps, prior, decoded grid below; what moves above.

import { widest } from "./projections.js";

const LEFT = 36; // gutters for ticks and value tags
const BOTTOM = 28;
const EDGE = 8;
const ZOOM_MOST = 400;
const FONT = '"Source Sans", "Source Sans 3", "Source Sans Pro", sans-serif';
const SYMBOL = 'KaTeX_Math, "STIX Two Math", "Cambria Math", "Times New Roman", serif';

/** Colours of the theme in force, read from the CSS tokens. */
export function readColours(element) {
  const style = getComputedStyle(element);
  const probe = document.createElement("i");
  element.append(probe);
  const read = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const names = ["plane", "gap", "border", "hairline", "text", "muted", "faint", "x", "xt", "xh", "z", "mu",
    "sigma", "ink0", "ink1", "on-primary", "bg"];
  const colours = Object.fromEntries(names.map((name) => [name, read(name)]));
  colours.classes = Array.from({ length: 10 }, (_, i) => read(`c${i}`));
  colours.dark = luminance(rgb(colours.bg)) < 0.5;
  colours.ink = [rgb(colours.ink0), rgb(colours.ink1)];
  probe.remove();
  return Object.assign(colours, { font: style.fontFamily || FONT });
}

/** The three channels of a computed colour. */
export function rgb(text) {
  const numbers = text.match(/[\d.]+/g).map(Number);
  return text.startsWith("color(") ? numbers.slice(0, 3).map((v) => v * 255) : numbers.slice(0, 3);
}

const luminance = ([r, g, b]) => (0.3 * r + 0.59 * g + 0.11 * b) / 255;

/** Resolves once the symbols' fonts are there; a canvas does not wait for them by itself. */
export const symbolFonts = () =>
  Promise.all(["italic 600 15px KaTeX_Math", "11px KaTeX_Main"].map((font) => document.fonts.load(font, "z1")));

/** Paint an image of 784 values in [0, 1] on a 28x28 canvas, from paper (0) to ink (1). */
export function paint(canvas, image, [paper, ink]) {
  const context = canvas.getContext("2d");
  const pixels = (canvas.picture ??= context.createImageData(28, 28));
  for (let i = 0, k = 0; i < 784; i++, k += 4) {
    const v = image[i];
    for (let c = 0; c < 3; c++) pixels.data[k + c] = paper[c] + (ink[c] - paper[c]) * v + 0.5;
    pixels.data[k + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  canvas.pixels = (canvas.pixels ?? new Float32Array(784));
  canvas.pixels.set(image);
}

/** A canvas of 28x28 for `paint`. */
export function imageCanvas() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 28;
  return canvas;
}

/** A number with a true minus sign. */
export const number = (value, digits = 2) => value.toFixed(digits).replace("-", "−").replace(/^−(0\.?0*)$/, "$1");

export class Plane {
  /**
   * host: an element to fill. space: as `spaceOf` gives it, or { codes, labels, count, dim, prior }
   * and the mark of its axes where they are not those of z.
   */
  constructor(host, space, { pointRadius = 1.15, discRadius = 11, ratio = 0.76 } = {}) {
    Object.assign(this, { host, space, pointRadius, discRadius, ratio });
    this.projection = widest(space);
    this.hidden = new Set();
    this.show = { gaps: false, prior: false, grid: false, points: true };
    this.base = document.createElement("canvas");
    this.over = document.createElement("canvas");
    this.base.className = "base";
    this.over.className = "over";
    host.append(this.base, this.over);
    this.fit();
  }

  /** Show another plane of the same space. */
  project(projection) {
    this.projection = projection;
    this.fit();
  }

  /** Which plane it is: two dimensions, "pca" or "umap". */
  get axes() {
    return this.projection.key;
  }

  /** Where a code stands on the screen. */
  at(z) {
    return this.toScreen(...this.projection.place(z));
  }

  /** The view that holds nearly all codes, at equal scale on both axes. */
  fit() {
    const { space: { count }, projection: { places } } = this;
    this.home = [0, 1].map((axis) => {
      const column = new Float32Array(count);
      for (let i = 0; i < count; i++) column[i] = places[2 * i + axis];
      column.sort();
      const low = column[Math.floor(count * 0.015)];
      const high = column[Math.floor(count * 0.985)];
      const margin = 0.06 * (high - low) || 0.5;
      return [low - margin, high + margin];
    });
    this.view = null;
    this.changed = true;
  }

  resize(width) {
    width = Math.max(width, 2 * (LEFT + EDGE)); // taken off the page it has none, and is drawn once more
    const height = Math.round((width - LEFT - EDGE) * this.ratio) + BOTTOM + EDGE;
    if (width === this.width && height === this.height && this.scale === devicePixelRatio) return false;
    Object.assign(this, { width, height, scale: devicePixelRatio, changed: true });
    this.inner = { x: LEFT, y: EDGE, w: width - LEFT - EDGE, h: height - BOTTOM - EDGE };
    if (this.view) {
      const full = this.fullUnit();
      this.view.unit *= full / this.view.full; // the same stretch of codes at another size
      this.view.full = full;
    }
    for (const canvas of [this.base, this.over]) {
      canvas.width = Math.round(width * this.scale);
      canvas.height = Math.round(height * this.scale);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    this.host.style.height = `${height}px`;
    return true;
  }

  /** Latent units a CSS pixel at which all of the first view fits. */
  fullUnit() {
    const [[x0, x1], [y0, y1]] = this.home;
    return Math.max((x1 - x0) / this.inner.w, (y1 - y0) / this.inner.h);
  }

  get window() {
    if (!this.view) {
      const [[x0, x1], [y0, y1]] = this.home;
      const unit = this.fullUnit();
      this.view = { x: (x0 + x1) / 2, y: (y0 + y1) / 2, unit, full: unit };
    }
    return this.view;
  }

  toScreen(x, y) {
    const { inner, window: view } = this;
    return [inner.x + inner.w / 2 + (x - view.x) / view.unit, inner.y + inner.h / 2 - (y - view.y) / view.unit];
  }

  toPlane(px, py) {
    const { inner, window: view } = this;
    return [view.x + (px - inner.x - inner.w / 2) * view.unit, view.y - (py - inner.y - inner.h / 2) * view.unit];
  }

  contains(px, py) {
    const { x, y, w, h } = this.inner;
    return px >= x && px <= x + w && py >= y && py <= y + h;
  }

  /** Zoom by a factor about a point of the screen (its centre by default). */
  zoom(factor, px = this.inner.x + this.inner.w / 2, py = this.inner.y + this.inner.h / 2) {
    const view = this.window;
    const [x, y] = this.toPlane(px, py);
    const unit = Math.min(Math.max(view.unit / factor, view.full / ZOOM_MOST), view.full * 8);
    const k = unit / view.unit;
    Object.assign(view, { unit, x: x + (view.x - x) * k, y: y + (view.y - y) * k });
    this.changed = true;
  }

  /** Move the view, if need be, so that a point is in it; says whether it moved. */
  reveal(x, y) {
    if (!this.width) return false;
    const [px, py] = this.toScreen(x, y);
    const { inner } = this;
    const dx = Math.max(inner.x + 16 - px, 0) + Math.min(inner.x + inner.w - 16 - px, 0);
    const dy = Math.max(inner.y + 16 - py, 0) + Math.min(inner.y + inner.h - 16 - py, 0);
    if (!dx && !dy) return false;
    this.pan(dx, dy);
    return true;
  }

  pan(dx, dy) {
    this.window.x -= dx * this.view.unit;
    this.view.y += dy * this.view.unit;
    this.changed = true;
  }

  // ------------------------------------------------------------------ what stands still

  drawBase(colours) {
    const context = this.base.getContext("2d");
    const { inner, width, height } = this;
    this.changed = false;
    context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    context.clearRect(0, 0, width, height);
    context.save();
    context.beginPath();
    context.roundRect(inner.x, inner.y, inner.w, inner.h, 6);
    context.fillStyle = colours.plane;
    context.fill();
    context.clip();
    if (this.show.gaps && this.space.dim === 2) this.#gaps(context, colours);
    if (this.projection.metric) this.#zeroLines(context, colours);
    this.inView = this.show.points ? this.#points(context, colours) : 0;
    if (this.show.grid && this.grid) this.drawGrid();
    if (this.show.prior && this.space.prior && this.projection.metric) this.#prior(context, colours);
    if (this.show.points && !this.show.grid) this.#discs(context, colours);
    context.restore();
    context.strokeStyle = colours.border;
    context.lineWidth = 1;
    context.beginPath();
    context.roundRect(inner.x, inner.y, inner.w, inner.h, 6);
    context.stroke();
    this.#ticks(context, colours);
  }

  /** The part of the decoded grid that is there. */
  drawGrid() {
    const { x, y, w, h } = this.inner;
    this.base.getContext("2d").drawImage(this.grid.canvas, x, y, w, h);
  }

  #zeroLines(context, colours) {
    const { inner } = this;
    const [zx, zy] = this.toScreen(0, 0);
    context.fillStyle = colours.hairline;
    context.fillRect(Math.round(zx), inner.y, 1, inner.h);
    context.fillRect(inner.x, Math.round(zy), inner.w, 1);
  }

  #points(context, colours) {
    const { space: { labels, count }, projection: { places } } = this;
    const r = this.pointRadius;
    const size = Math.ceil(2 * r * this.scale) + 2;
    const sprites = colours.classes.map((colour) => disc(size, r * this.scale, colour));
    const half = size / this.scale / 2;
    let inView = 0;
    context.globalAlpha = this.show.grid ? 0.15 : this.show.path ? 0.38 : colours.dark ? 0.62 : 0.55;
    for (let i = 0; i < count; i++) {
      if (this.hidden.has(labels[i])) continue;
      const [px, py] = this.toScreen(places[2 * i], places[2 * i + 1]);
      if (!this.contains(px, py)) continue;
      inView++;
      context.drawImage(sprites[labels[i]], px - half, py - half, half * 2, half * 2);
    }
    context.globalAlpha = 1;
    return inView;
  }

  // A gap is what no disc of the gap radius around a reference code covers: one byte for each
  // pixel of the screen, in which each disc leaves its rows. A tenth of the time of drawing discs.
  #gaps(context, colours) {
    const { inner, scale } = this;
    const { reference, radius } = this.space;
    const width = Math.round(inner.w * scale);
    const height = Math.round(inner.h * scale);
    const r = Math.max(radius / this.window.unit, 0.75) * scale;
    const reach = Math.ceil(r);
    const halves = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.sqrt(Math.max(0, r * r - (i - reach) ** 2)));
    const covered = new Uint8Array(width * height);
    const stamped = new Uint8Array((width + 2 * reach + 1) * (height + 2 * reach + 1));
    for (let i = 0; i < reference.length; i += 2) {
      const [px, py] = this.toScreen(reference[i], reference[i + 1]);
      const x = Math.round((px - inner.x) * scale);
      const y = Math.round((py - inner.y) * scale);
      if (x < -reach || y < -reach || x > width + reach || y > height + reach) continue;
      const cell = (y + reach) * (width + 2 * reach + 1) + x + reach;
      if (stamped[cell]) continue; // another code shares this pixel
      stamped[cell] = 1;
      for (let k = 0; k < halves.length; k++) {
        const row = y + k - reach;
        if (row < 0 || row >= height) continue;
        const left = Math.max(0, Math.round(x - halves[k]));
        const right = Math.min(width, Math.round(x + halves[k]));
        if (left < right) covered.fill(1, row * width + left, row * width + right);
      }
    }
    const picture = new ImageData(width, height);
    const pixels = new Uint32Array(picture.data.buffer);
    const [red, green, blue] = rgb(colours.gap);
    const shade = (255 << 24) | (blue << 16) | (green << 8) | red;
    for (let i = 0; i < covered.length; i++) {
      if (!covered[i]) pixels[i] = shade;
    }
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    canvas.getContext("2d").putImageData(picture, 0, 0);
    context.filter = "blur(0.6px)";
    context.drawImage(canvas, inner.x, inner.y, inner.w, inner.h);
    context.filter = "none";
  }

  #prior(context, colours) {
    const [zx, zy] = this.at(new Float32Array(this.space.dim));
    context.strokeStyle = colours.sigma;
    context.fillStyle = colours.sigma;
    context.lineWidth = 1;
    context.font = `12px ${colours.font}`;
    context.textAlign = "right";
    for (const k of [1, 2, 3]) {
      const r = k / this.window.unit;
      context.globalAlpha = 0.55;
      context.setLineDash([4, 4]);
      context.beginPath();
      context.arc(zx, zy, r, 0, 2 * Math.PI);
      context.stroke();
      context.setLineDash([]);
      context.globalAlpha = 1;
      context.fillText(`${k} σ`, zx - r * 0.707 - 3, zy - r * 0.707 - 3);
    }
  }

  #ticks(context, colours) {
    const { inner } = this;
    const step = niceStep(this.window.unit * (this.inner.w < 400 ? 60 : 90));
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const [x0, y0] = this.toPlane(inner.x, inner.y + inner.h);
    const [x1, y1] = this.toPlane(inner.x + inner.w, inner.y);
    context.fillStyle = colours.faint;
    context.font = `11.5px ${colours.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const { metric, mark, names: [across, up] } = this.projection;
    for (let v = Math.ceil(x0 / step) * step; metric && v <= x1; v += step) {
      const [px] = this.toScreen(v, 0);
      if (px > inner.x + inner.w - 22) continue; // the axis' name stands there
      context.fillText(number(v, digits), px, inner.y + inner.h + 14);
      context.fillRect(Math.round(px), inner.y + inner.h, 1, 4);
    }
    context.textAlign = "right";
    for (let v = Math.ceil(y0 / step) * step; metric && v <= y1; v += step) {
      const [, py] = this.toScreen(0, v);
      if (py < inner.y + 18) continue;
      context.fillText(number(v, digits), inner.x - 7, py);
      context.fillRect(inner.x - 4, Math.round(py), 4, 1);
    }
    symbol(context, colours, mark, across, inner.x + inner.w - 12, inner.y + inner.h + 15);
    symbol(context, colours, mark, up, inner.x - (up > 9 ? 26 : 20), inner.y + 8);
    context.textBaseline = "alphabetic";
  }

  // A disc stands where its class is densest in view; discs push each other 3 px apart.
  #discs(context, colours) {
    const r = this.inner.w < 400 ? 9 : this.discRadius;
    const discs = this.#densest().map((d) => ({ ...d, x: d.home[0], y: d.home[1] }));
    for (let round = 0; round < 60; round++) {
      for (const a of discs) {
        for (const b of discs) {
          if (a === b) continue;
          const dx = b.x - a.x || 0.01;
          const dy = b.y - a.y;
          const apart = Math.hypot(dx, dy);
          const push = (2 * r + 3 - apart) / 2;
          if (push <= 0) continue;
          b.x += (dx / apart) * push * 0.5;
          b.y += (dy / apart) * push * 0.5;
          a.x -= (dx / apart) * push * 0.5;
          a.y -= (dy / apart) * push * 0.5;
        }
      }
    }
    for (const { label, home, x, y } of discs) {
      if (!this.contains(x, y)) continue;
      if (Math.hypot(x - home[0], y - home[1]) > 9) {
        context.strokeStyle = colours.classes[label];
        context.lineWidth = 1.2;
        line(context, x, y, ...home);
      }
      circle(context, x, y, r);
      context.fillStyle = colours.plane;
      context.globalAlpha = 0.95;
      context.fill();
      context.globalAlpha = 1;
      context.strokeStyle = colours.classes[label];
      context.lineWidth = 1.8;
      context.stroke();
      context.fillStyle = colours.text;
      context.font = `650 ${Math.round(r * 1.2)}px ${colours.font}`;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(label, x, y + 0.5);
      context.textBaseline = "alphabetic";
    }
  }

  #densest() {
    const { inner, space: { labels, count }, projection: { places } } = this;
    const cell = 18;
    const columns = Math.ceil(inner.w / cell) + 2;
    const rows = Math.ceil(inner.h / cell) + 2;
    const heaps = Array.from({ length: 10 }, () => new Float32Array(columns * rows));
    for (let i = 0; i < count; i++) {
      const [px, py] = this.toScreen(places[2 * i], places[2 * i + 1]);
      if (!this.contains(px, py)) continue;
      const c = Math.floor((px - inner.x) / cell) + 1;
      const r = Math.floor((py - inner.y) / cell) + 1;
      heaps[labels[i]][r * columns + c] += 1;
    }
    const found = [];
    heaps.forEach((heap, label) => {
      if (this.hidden.has(label)) return;
      let best = 0;
      let at = -1;
      for (let r = 1; r < rows - 1; r++) {
        for (let c = 1; c < columns - 1; c++) {
          const k = r * columns + c;
          const mass = 2 * heap[k] + heap[k - 1] + heap[k + 1] + heap[k - columns] + heap[k + columns];
          if (mass > best) [best, at] = [mass, k];
        }
      }
      if (best < 12) return; // hardly any of this class is in view
      const x = inner.x + ((at % columns) - 0.5) * cell;
      const y = inner.y + (Math.floor(at / columns) - 0.5) * cell;
      found.push({ label, home: [x, y] });
    });
    return found;
  }

  // ------------------------------------------------------------------ what moves

  /**
   * point: [x, y] of z on the plane. pointing: follow the pointer (halo, drop lines, loupe).
   * linked: { at: [x, y], spread: { rx, ry, angle } | null } of the linked test image. loupe: a canvas.
   */
  drawOver(colours, { point, pointing, focused, linked, loupe, touch }) {
    const context = this.over.getContext("2d");
    const { inner } = this;
    context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    const [px, py] = this.toScreen(...point);
    const inside = this.contains(px, py);
    context.save();
    context.beginPath();
    context.roundRect(inner.x, inner.y, inner.w, inner.h, 6);
    context.clip();
    if (linked) this.#linked(context, colours, linked, [px, py]);
    if (inside && pointing) {
      context.strokeStyle = colours.z;
      context.globalAlpha = 0.45;
      context.lineWidth = 1;
      context.setLineDash([2, 3]);
      line(context, inner.x, py, px, py);
      line(context, px, py, px, inner.y + inner.h);
      context.setLineDash([]);
      context.globalAlpha = 0.14;
      circle(context, px, py, 15);
      context.fillStyle = colours.z;
      context.fill();
      context.globalAlpha = 1;
    }
    circle(context, px, py, 7);
    context.fillStyle = pointing ? colours.z : colours.plane;
    context.strokeStyle = pointing ? colours.plane : colours.z;
    context.lineWidth = pointing ? 2 : 2.6;
    context.fill();
    context.stroke();
    context.restore();
    if (inside && (pointing || focused) && this.projection.metric) this.#tags(context, colours, point, px, py);
    if (inside && pointing && loupe) this.#loupe(context, colours, loupe, px, py, touch);
    else this.loupeAt = null;
  }

  #linked(context, colours, { at, spread }, dot) {
    const [px, py] = this.toScreen(...at);
    if (spread) {
      const unit = this.window.unit;
      ellipse(context, colours, px, py, spread, unit);
      const largest = Math.max(spread.rx, spread.ry) / unit;
      if (largest < 12 && this.contains(px, py)) this.#lens(context, colours, [px, py], at, spread, dot);
    }
    // Around the dot of z when they meet, or it would be hidden.
    const r = Math.hypot(px - dot[0], py - dot[1]) < 9 ? 12 : 6.5;
    for (const [colour, width] of [[colours.plane, 5], [colours.x, 2.2]]) {
      circle(context, px, py, r);
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke();
    }
  }

  // The posterior is often a few pixels wide: a lens in a corner magnifies it.
  #lens(context, colours, [px, py], at, spread, dot) {
    const { inner } = this;
    const r = inner.w < 400 ? 44 : 58;
    const power = niceDown((0.42 * r * this.window.unit) / Math.max(spread.rx, spread.ry));
    if (power < 2) return;
    const corners = [inner.x + r + 12, inner.x + inner.w - r - 12].flatMap((x) =>
      [inner.y + r + 12, inner.y + inner.h - r - 26].map((y) => [x, y]));
    // The nearest corner that covers neither the dot nor the place it magnifies.
    const room = ([x, y]) => Math.min(Math.hypot(x - dot[0], y - dot[1]), Math.hypot(x - px, y - py));
    const free = corners.filter((corner) => room(corner) > r + 30);
    const [cx, cy] = (free.length ? free : corners).reduce((a, b) => (room(b) < room(a) ? b : a));
    const angle = Math.atan2(cy - py, cx - px);
    context.strokeStyle = colours.muted;
    context.lineWidth = 1.2;
    line(context, px + 8 * Math.cos(angle), py + 8 * Math.sin(angle), cx - r * Math.cos(angle), cy - r * Math.sin(angle));
    context.save();
    circle(context, cx, cy, r);
    context.fillStyle = colours.plane;
    context.fill();
    context.clip();
    const unit = this.window.unit / power;
    const { space: { labels, count }, projection: { places } } = this;
    for (let i = 0; i < count; i++) {
      const dx = (places[2 * i] - at[0]) / unit;
      const dy = (places[2 * i + 1] - at[1]) / unit;
      if (dx * dx + dy * dy > r * r) continue;
      circle(context, cx + dx, cy - dy, 2.2);
      context.fillStyle = colours.classes[labels[i]];
      context.fill();
    }
    ellipse(context, colours, cx, cy, spread, unit);
    context.strokeStyle = colours.mu;
    context.lineWidth = 2.2;
    line(context, cx - 5, cy, cx + 5, cy);
    line(context, cx, cy - 5, cx, cy + 5);
    context.fillStyle = colours.sigma;
    context.font = `italic 12px ${SYMBOL}`;
    context.textAlign = "left";
    context.fillText("2σ", cx + (1.1 * spread.rx) / unit, cy - (1.1 * spread.ry) / unit);
    context.restore();
    circle(context, cx, cy, r);
    context.strokeStyle = colours.muted;
    context.stroke();
    tag(context, colours, `× ${power}`, cx, cy + r + 4, colours.plane, colours.text, colours.muted);
  }

  #tags(context, colours, [x, y], px, py) {
    const digits = Math.max(2, -Math.floor(Math.log10(this.window.unit * 2)) );
    const places = Math.min(digits, 5);
    const { inner } = this;
    const [ink, paper] = [colours["on-primary"], colours.z];
    tag(context, colours, number(x, places), Math.max(px, inner.x + 14), inner.y + inner.h + 13, paper, ink, null, this.width);
    tag(context, colours, number(y, places), inner.x - 18, Math.min(py, inner.y + inner.h - 9), paper, ink, null, this.width);
  }

  #loupe(context, colours, image, px, py, touch) {
    const { inner } = this;
    const size = 76;
    const away = touch ? 62 : 26;
    let x = px - away - size;
    let y = py + (touch ? -away - size / 2 : 18);
    if (x < inner.x + 6) x = px + away;
    if (y + size > inner.y + inner.h - 6) y = py - away - size;
    if (y < inner.y + 6) y = Math.min(py + away, inner.y + inner.h - size - 6);
    const [lx, ly] = [Math.min(Math.max(px, x), x + size), Math.min(Math.max(py, y), y + size)];
    context.strokeStyle = colours.xh;
    context.lineWidth = 2;
    line(context, px, py, lx, ly);
    context.save();
    context.shadowColor = colours.dark ? "rgba(0,0,0,.5)" : "rgba(0,0,0,.12)";
    context.shadowBlur = 16;
    context.shadowOffsetY = 5;
    context.beginPath();
    context.roundRect(x, y, size, size, 6);
    context.fillStyle = colours.ink0;
    context.fill();
    context.restore();
    context.save();
    context.beginPath();
    context.roundRect(x, y, size, size, 6);
    context.clip();
    context.imageSmoothingQuality = "high";
    context.drawImage(image, x + 3, y + 3, size - 6, size - 6);
    context.restore();
    context.beginPath();
    context.roundRect(x, y, size, size, 6);
    context.stroke();
    circle(context, px, py, 7);
    context.fillStyle = colours.z;
    context.fill();
    context.strokeStyle = colours.plane;
    context.stroke();
    this.loupeAt = [x, y];
  }
}

function disc(size, radius, colour) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  context.arc(size / 2, size / 2, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
  return canvas;
}

export function circle(context, x, y, r) {
  context.beginPath();
  context.arc(x, y, r, 0, 2 * Math.PI);
}

function line(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

// The posterior at 2 σ and 1 σ, to scale.
function ellipse(context, colours, x, y, { rx, ry, angle }, unit) {
  context.fillStyle = context.strokeStyle = colours.sigma;
  for (const [k, fill, width] of [[2, 0.1, 1.4], [1, 0.14, 1.8]]) {
    context.beginPath();
    context.ellipse(x, y, (k * rx) / unit, (k * ry) / unit, -angle, 0, 2 * Math.PI);
    context.globalAlpha = fill;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = Math.min(width, 1 + rx / unit);
    context.stroke();
  }
}

function tag(context, colours, text, x, y, background, colour, border, most = Infinity) {
  context.font = `600 11.5px ${colours.font}`;
  const width = context.measureText(text).width + 12;
  x = Math.min(Math.max(x, width / 2 + 1), most - width / 2 - 1);
  context.beginPath();
  context.roundRect(x - width / 2, y - 9, width, 18, 4);
  context.fillStyle = background;
  context.fill();
  if (border) {
    context.strokeStyle = border;
    context.lineWidth = 1;
    context.stroke();
  }
  context.fillStyle = colour;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x, y + 0.5);
  context.textBaseline = "alphabetic";
}

function symbol(context, colours, mark, index, x, y) {
  context.fillStyle = colours.z;
  context.textAlign = "left";
  context.font = `italic 600 15px ${SYMBOL}`;
  context.fillText(mark, x, y);
  context.font = '11px KaTeX_Main, "Times New Roman", serif';
  context.fillText(index, x + 9, y + 4);
}

function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [1, 2, 5, 10].find((k) => k * power >= least);
}

const niceDown = (value) => (value >= 20 ? Math.round(value / 5) * 5 : Math.floor(value));
