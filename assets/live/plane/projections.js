// Planes of a latent space: where a code stands on one, and which code a place of it means. Each is a
// `Projection` (see types.d.ts); in `unproject`, `rest` is a code that fills in what the plane leaves open.

import { nearest } from "./latent_space.js";

const FEW = 5; // neighbours between which a place is read off

/**
 * Two of the dimensions; the others stay as they are.
 * @implements {Projection}
 */
export class Axes {
  metric = true;

  /** @param {Space} space */
  constructor(space, across = 0, up = 1) {
    this.space = space;
    this.key = [across, up];
    this.mark = space.mark ?? "z";
    this.names = [across + 1, up + 1];
    this.own = space.dim === 2 && across === 0 && up === 1 ? null : project(space, this);
  }

  get places() {
    return this.own ?? this.space.codes;
  }

  place(z) {
    const [a, b] = this.key;
    return [z[a], z[b]];
  }

  unproject([x, y], rest) {
    const z = Array.from(rest);
    [z[this.key[0]], z[this.key[1]]] = [x, y];
    return z;
  }

  move(z, dx, dy) {
    const [x, y] = this.place(z);
    return this.unproject([x + dx, y + dy], z);
  }

  spread(sd) {
    const [rx, ry] = this.place(sd);
    return { rx, ry, angle: 0 };
  }
}

/**
 * A plane through the codes, such as that of PCA: p = A (z − m), and back to the plane itself, m + Aᵀ p.
 * @implements {Projection}
 */
export class Linear {
  names = [1, 2];
  metric = true;

  /** @param {Space} space @param {ComputedPlane} plane */
  constructor(space, { name, symbol, mean, axes }) {
    this.space = space;
    this.dim = space.dim;
    this.key = name;
    this.mark = symbol;
    this.mean = mean;
    this.axes = axes;
    this.places = project(space, this);
  }

  place(z) {
    const { axes, mean, dim } = this;
    let [x, y] = [0, 0];
    for (let j = 0; j < dim; j++) {
      const v = z[j] - mean[j];
      x += axes[j] * v;
      y += axes[dim + j] * v;
    }
    return [x, y];
  }

  unproject([x, y]) {
    const { axes, mean, dim } = this;
    return mean.map((m, j) => m + axes[j] * x + axes[dim + j] * y);
  }

  move(z, dx, dy) {
    const [x, y] = this.place(z);
    return this.unproject([x + dx, y + dy]);
  }

  /** The Gaussian's covariance on the plane, A diag(sd²) Aᵀ, as an ellipse. */
  spread(sd) {
    const { axes, dim } = this;
    let [xx, xy, yy] = [0, 0, 0];
    for (let j = 0; j < dim; j++) {
      const v = sd[j] * sd[j];
      xx += axes[j] * axes[j] * v;
      xy += axes[j] * axes[dim + j] * v;
      yy += axes[dim + j] * axes[dim + j] * v;
    }
    const [middle, half] = [(xx + yy) / 2, Math.hypot((xx - yy) / 2, xy)];
    return { rx: Math.sqrt(middle + half), ry: Math.sqrt(Math.max(middle - half, 0)), angle: Math.atan2(2 * xy, xx - yy) / 2 };
  }
}

/**
 * Places of the test images, such as UMAP's. No formula leads to them or back: their codes are all it knows.
 * @implements {Projection}
 */
export class Places {
  names = [1, 2];
  metric = false;

  /** @param {Space} space @param {ComputedPlane} plane */
  constructor(space, { name, symbol, places }) {
    this.space = space;
    this.key = name;
    this.mark = symbol;
    this.places = places;
  }

  /** Between the places of the codes nearest to z, the nearer the closer. */
  place(z) {
    const { codes, dim, count } = this.space;
    const found = [];
    for (let i = 0, k = 0; i < count; i++, k += dim) {
      const worst = found.length < FEW ? Infinity : found[FEW - 1][1];
      let d = 0;
      for (let j = 0; j < dim && d < worst; j++) d += (codes[k + j] - z[j]) ** 2;
      if (d >= worst) continue;
      found.push([i, d]);
      found.sort((one, other) => one[1] - other[1]).splice(FEW);
    }
    let [x, y, sum] = [0, 0, 0];
    for (const [i, d] of found) {
      const weight = 1 / (d + 1e-12); // on a code it outweighs all others
      x += weight * this.places[2 * i];
      y += weight * this.places[2 * i + 1];
      sum += weight;
    }
    return [x / sum, y / sum];
  }

  /** The code of the image that stands nearest; null where none is within `reach`. */
  unproject(p, rest, reach = Infinity) {
    const [i, d] = nearest(this.places, 2, p);
    if (d > reach * reach) return null;
    return this.space.codes.slice(i * this.space.dim, (i + 1) * this.space.dim);
  }

  /** On in the same direction until another image is met. */
  move(z, dx, dy) {
    const [x, y] = this.place(z);
    for (let k = 1; k <= 100; k++) {
      const found = this.unproject([x + k * dx, y + k * dy]);
      if (found.some((v, j) => v !== z[j])) return found;
    }
    return Float32Array.from(z);
  }

  spread() {
    return null;
  }
}

/**
 * The plane that a key of the address names; null where this space has none such.
 * @param {Space} space
 * @param {unknown} key
 * @returns {Projection | null}
 */
export function projection(space, key) {
  const plane = space.projections?.find(({ name }) => name === key);
  if (plane) return plane.places ? new Places(space, plane) : new Linear(space, plane);
  const pair = Array.isArray(key) && key.length === 2 && key[0] !== key[1];
  return pair && key.every((axis) => axis >= 0 && axis < space.dim) ? new Axes(space, ...key) : null;
}

/**
 * The plane shown at first: the two dimensions in which the codes vary most.
 * @param {Space} space
 */
export function widest(space) {
  const { codes, count, dim } = space;
  if (dim <= 2) return new Axes(space, 0, dim - 1);
  const variance = Array.from({ length: dim }, (_, j) => {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < count; i++) {
      const v = codes[i * dim + j];
      sum += v;
      squares += v * v;
    }
    return squares / count - (sum / count) ** 2;
  });
  const order = variance.map((_, j) => j).sort((a, b) => variance[b] - variance[a]);
  return new Axes(space, ...order.slice(0, 2).sort((a, b) => a - b));
}

// Where all test images stand.
function project({ codes, count, dim }, plane) {
  const places = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) places.set(plane.place(codes.subarray(i * dim, (i + 1) * dim)), 2 * i);
  return places;
}
