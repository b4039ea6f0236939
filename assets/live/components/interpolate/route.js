// A route: one way through the latent spaces of several models, and what is met along it.

import { Model } from "../../core/model.js";
import { loadBlock } from "../../core/nn.js";
import { along, crossFade } from "./interpolation.js";
import { circle } from "../../core/canvas.js";
import { nearest, spaceOf } from "../../plane/latent_space.js";
import { drawnText, legText } from "./sentences.js";

const FINE = 40; // samples a leg, about
const STRIP = 15; // steps of a filmstrip, about
const DRAWN = 3; // a drawn path takes as long as so many legs
const POINTS = 121; // of a drawn path: evenly spaced

/** A model of the route: its plane's space, its networks; the encoder is fetched when it is needed. */
export class PathModel {
  /** about: its name, title, label and the address of its encoder. */
  constructor(about, block) {
    Object.assign(this, about);
    this.encoder = about.encoder;
    this.space = spaceOf(block);
    this.dim = block.latent_dim;
    this.network = new Model(block).assume(about.label);
  }

  codeOf(i) {
    return this.space.codes.slice(i * this.dim, (i + 1) * this.dim);
  }

  async fetchEncoder() {
    if (!this.network.has("encoder")) this.network.add(await loadBlock(this.encoder));
  }

  /** The code of an image, the mean where the encoder gives a posterior. */
  encode(image) {
    return this.network.encode(image).slice();
  }

  /** Distance to the nearest training code; beyond `space.radius` lies a gap. */
  away(z) {
    return Math.sqrt(nearest(this.space.reference, this.dim, z)[1]);
  }
}

export class Route {
  /**
   * stops: [{ image, label, codes }] with a code for each model; or drawn: { m, points }, a
   * polyline in the space of model m. reader: null where images are no digits.
   */
  constructor(models, reader, { stops, drawn = null }) {
    this.models = models;
    this.reader = reader;
    this.stops = stops;
    this.drawn = drawn;
    this.legs = drawn ? DRAWN : stops.length - 1;
    this.step = Math.max(1, Math.round(STRIP / this.legs)); // frames a leg
    this.fine = this.step * Math.round(FINE / this.step); // samples a leg: each frame is one
    this.last = this.legs * this.fine;
    if (drawn) {
      const ends = [drawn.points[0], drawn.points.at(-1)];
      this.images = ends.map((z) => models[drawn.m].network.decode(z).slice());
    } else {
      this.images = stops.map((stop) => stop.image);
    }
    this.rows = this.#rows();
    this.done = false;
    for (const row of this.rows) {
      if (row.m === null || row.kind === "follows") continue; // what follows has to be encoded first
      row.codes = Array.from({ length: this.last + 1 }, (_, i) => this.codeAt(row, i / this.fine));
    }
  }

  #rows() {
    const rows = [{ kind: "pixels", m: null }];
    this.models.forEach(({ space }, m) => {
      if (this.drawn) return rows.push({ kind: m === this.drawn.m ? "drawn" : "follows", m });
      rows.push({ kind: "lerp", m });
      if (space.prior) rows.push({ kind: "slerp", m });
    });
    return rows.map(({ kind, m }) => ({ kind, m, key: m === null ? kind : `${m}-${kind}`, codes: [], samples: [] }));
  }

  /** The row that a model's statements are made of: its straight line, or its drawn path. */
  mainRow(m) {
    return this.rows.find((row) => row.m === m && row.kind !== "slerp");
  }

  /** Which leg a position lies on, and how far along it is. */
  legAt(position) {
    if (this.drawn) return { leg: 0, alpha: position / this.legs };
    const leg = Math.min(Math.floor(position), this.legs - 1);
    return { leg, alpha: position - leg };
  }

  /** Where a row is in its model's space; null for pixels. */
  codeAt({ kind, m }, position) {
    if (kind === "pixels") return null;
    if (kind === "lerp" || kind === "slerp") return along(this.stops.map((stop) => stop.codes[m]), position, kind);
    const { m: leader, points } = this.drawn;
    const z = along(points, (position / this.legs) * (points.length - 1));
    return kind === "drawn" ? z : this.models[m].encode(this.models[leader].network.decode(z));
  }

  /** What a row shows, and where it is; the image is overwritten by the next call. */
  at(row, position) {
    const code = this.codeAt(row, position);
    if (code) return { code, image: this.models[row.m].network.decode(code) };
    const way = (position / this.legs) * (this.images.length - 1);
    const leg = Math.min(Math.floor(way), this.images.length - 2);
    return { code, image: crossFade(this.images[leg], this.images[leg + 1], way - leg) };
  }

  /**
   * Take all samples, those of the filmstrips first, then those of one leg; gives each with its
   * image, one at a time. Nearly all of its time goes into reading the images.
   * @returns {Generator<any, any>}
   */
  *survey(leg = 0) {
    const every = this.fine / this.step;
    const [from, to] = this.#within(leg);
    const rank = (i) => (i % every === 0 ? 0 : i >= from && i <= to ? 1 : 2);
    const all = Array.from({ length: this.last + 1 }, (_, i) => i);
    for (const i of all.sort((a, b) => rank(a) - rank(b) || a - b)) {
      for (const row of this.rows) {
        const { code, image } = this.at(row, i / this.fine);
        const away = code && this.models[row.m].away(code);
        const read = this.reader?.classify(image);
        row.samples[i] = {
          position: i / this.fine, code, away, gap: code !== null && away > this.models[row.m].space.radius,
          ...(read && { digit: read.digit, sure: read.sure, probabilities: read.probabilities.slice() }),
        };
        row.codes[i] = code;
        yield { row, frame: i % every ? null : i / every, image, sample: row.samples[i] };
      }
    }
    this.done = true;
  }

  get frames() {
    return this.legs * this.step + 1;
  }

  /** Whether a frame of the strips shows a stop. */
  isStop(frame) {
    return !this.drawn && frame % this.step === 0;
  }

  /** The first and the last sample of a leg, or of all of the way. */
  #within(leg = null) {
    return leg === null || this.drawn ? [0, this.last] : [leg * this.fine, (leg + 1) * this.fine];
  }

  /** Whether all samples of a leg are taken. */
  knows(leg) {
    const [from, to] = this.#within(leg);
    const { samples } = this.rows[this.rows.length - 1];
    for (let i = from; i <= to; i++) if (!samples[i]) return false;
    return true;
  }

  /** The share of the way, of all of it or of one leg, for which a condition on samples holds. */
  share(row, holds, leg = null) {
    const [from, to] = this.#within(leg);
    let sum = 0;
    for (let i = from; i <= to; i++) {
      if (holds(row.samples[i])) sum += i === from || i === to ? 0.5 : 1;
    }
    return sum / (to - from);
  }

  gapShare(row, leg = null) {
    return this.share(row, (sample) => sample.gap, leg);
  }

  /** What the models met on a leg, in one sentence; `call` names a model. */
  sentence(leg, call) {
    const seen = new Set();
    const subjects = this.models.map((_, m) => m).filter((m) => !seen.has(call(m)) && seen.add(call(m)));
    const met = subjects.map((m) => {
      const row = this.mainRow(m);
      const shares = Array.from({ length: this.reader ? 10 : 0 }, (_, digit) =>
        [digit, this.share(row, (sample) => sample.digit === digit, leg)]).filter(([, share]) => share >= 0.005);
      return { call: call(m), gap: this.gapShare(row, leg), shares, row };
    });
    if (this.drawn) {
      met.sort((a, b) => Number(b.row.kind === "drawn") - Number(a.row.kind === "drawn"));
      const first = ([digit]) => met[0].row.samples.findIndex((sample) => sample.digit === digit);
      met[0].shares.sort((a, b) => first(a) - first(b));
      return drawnText(met, !!this.reader);
    }
    const ends = [leg, leg + 1].map((i) => this.stops[i].label);
    for (const one of met) {
      const thirds = one.shares.filter(([digit]) => !ends.includes(digit)).sort((a, b) => b[1] - a[1]);
      [one.digit, one.share] = thirds[0] ?? [null, 0];
    }
    return legText(...ends, met, !!this.reader);
  }

  // ------------------------------------------------------------------ on a plane

  /** Where the codes of a row stand on a plane, as far as they are known; kept, as UMAP is slow. */
  places(plane, row) {
    if (row.seen?.projection !== plane.projection) row.seen = { projection: plane.projection, places: [] };
    const { places } = row.seen;
    row.codes.forEach((code, i) => code && (places[i] ??= plane.projection.place(code)));
    return places;
  }

  /** The same as a polyline in pixels. */
  trace(plane, row) {
    return this.places(plane, row).map((place) => plane.toScreen(...place));
  }

  /** The position whose place on a model's plane is nearest to a point of the screen. */
  nearestPosition(plane, m, px, py) {
    let best = Infinity;
    let position = 0;
    for (const row of this.rows) {
      if (row.m !== m) continue;
      const points = this.trace(plane, row);
      for (let i = 0; i + 1 < points.length; i++) {
        if (!points[i] || !points[i + 1]) continue;
        const [x, y] = points[i];
        const [dx, dy] = [points[i + 1][0] - x, points[i + 1][1] - y];
        const t = Math.min(Math.max(((px - x) * dx + (py - y) * dy) / (dx * dx + dy * dy || 1), 0), 1);
        const distance = Math.hypot(x + t * dx - px, y + t * dy - py);
        if (distance < best) [best, position] = [distance, (i + t) / this.fine];
      }
    }
    return position;
  }

  /** Draw the way on a model's plane. */
  drawWay(context, plane, m, colours) {
    const rows = this.rows.filter((row) => row.m === m);
    context.lineCap = context.lineJoin = "round";
    for (const row of [...rows].reverse()) {
      const bent = row.kind === "slerp";
      for (const [colour, width] of [[colours.plane, bent ? 4 : 6], [colours.z, 2.6]]) {
        context.strokeStyle = colour;
        context.lineWidth = width;
        context.setLineDash(bent && colour === colours.z ? [0.1, 5.5] : []);
        context.globalAlpha = bent && colour === colours.plane ? 0.6 : 1;
        context.beginPath();
        for (const [x, y] of this.trace(plane, row).filter(Boolean)) context.lineTo(x, y);
        context.stroke();
      }
    }
    context.setLineDash([]);
    context.globalAlpha = 1;
    if (!this.drawn) this.stops.forEach((stop) => drawStop(context, colours, this.placeOf(plane, m, stop), stop.label));
  }

  /** Draw a dot where it is. */
  drawPosition(context, plane, m, colours, position) {
    for (const row of this.rows.filter((one) => one.m === m).reverse()) {
      circle(context, ...plane.at(this.codeAt(row, position)), row.kind === "slerp" ? 5 : 7);
      context.fillStyle = row.kind === "slerp" ? colours.plane : colours.z;
      context.strokeStyle = row.kind === "slerp" ? colours.z : colours.plane;
      context.lineWidth = 2;
      context.fill();
      context.stroke();
    }
  }

  placeOf(plane, m, stop) {
    return plane.at(stop.codes[m]);
  }
}

export { POINTS };

function drawStop(context, colours, [x, y], label) {
  circle(context, x, y, 8.5);
  context.fillStyle = colours.x;
  context.strokeStyle = colours.plane;
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
  context.fillStyle = colours.bg;
  context.font = `650 11px ${colours.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(label, x, y + 0.5);
  context.textBaseline = "alphabetic";
}
