// Paths through the latent space: aecore/analysis/interpolation.py in the browser, number for number. A point is a
// Float32Array, the kind of array that a network runs fastest on.

const PARALLEL = 1e-6; // below this sine of the angle between two codes, an arc is a line

/** The straight line from a to b at t in [0, 1]: (1 - t) a + t b. */
export function lerp(a, b, t) {
  checkLeg(a, b, t);
  return weighted(a, 1 - t, b, t);
}

/** The arc from a to b around the origin at t in [0, 1], the norm from |a| to |b|; else lerp. */
export function slerp(a, b, t) {
  checkLeg(a, b, t);
  const r = Math.hypot(...a);
  const s = Math.hypot(...b);
  if (r === 0 || s === 0) return weighted(a, 1 - t, b, t);
  let apart = 0;
  let together = 0;
  for (let i = 0; i < a.length; i++) {
    apart += (a[i] / r - b[i] / s) ** 2;
    together += (a[i] / r + b[i] / s) ** 2;
  }
  const angle = 2 * Math.atan2(Math.sqrt(apart), Math.sqrt(together));
  const sine = Math.sin(angle);
  if (!(sine > PARALLEL)) return weighted(a, 1 - t, b, t);
  const norm = (1 - t) * r + t * s;
  return weighted(
    a, (norm / r) * (Math.sin((1 - t) * angle) / sine),
    b, (norm / s) * (Math.sin(t * angle) / sine),
  );
}

/** Where one is on the chain through the points after so many legs, from 0 to points.length - 1. */
export function along(points, position, kind = "lerp") {
  checkPath(points);
  const way = { lerp, slerp }[kind];
  if (!way) throw new Error(`There is no kind of path "${kind}".`);
  if (!(position >= 0 && position <= points.length - 1)) {
    throw new Error(`A position on this path must lie in [0, ${points.length - 1}].`);
  }
  const leg = Math.min(Math.floor(position), points.length - 2);
  return way(points[leg], points[leg + 1], position - leg);
}

/** The frames of a path through all points: n steps from each to the next, every stop a frame. */
export function chain(points, n, kind = "lerp") {
  checkPath(points);
  checkSteps(n, 1);
  const frames = (points.length - 1) * n + 1;
  return Array.from({ length: frames }, (_, i) => along(points, i / n, kind));
}

/** n points evenly spaced along a polyline, by the length of the way; both ends are kept. */
export function resample(points, n) {
  checkPath(points);
  checkSteps(n, 2);
  const corners = [points[0]];
  const reached = [0];
  for (let i = 1; i < points.length; i++) {
    const length = Math.hypot(...points[i].map((v, j) => v - points[i - 1][j]));
    if (length === 0) continue;
    corners.push(points[i]);
    reached.push(reached.at(-1) + length);
  }
  const last = corners.length - 1;
  let leg = 0;
  return Array.from({ length: n }, (_, i) => {
    if (last === 0 || i === n - 1) return Float32Array.from(corners[last]);
    const wanted = (i * reached[last]) / (n - 1);
    while (leg < last - 1 && reached[leg + 1] <= wanted) leg++;
    const t = Math.min((wanted - reached[leg]) / (reached[leg + 1] - reached[leg]), 1);
    return weighted(corners[leg], 1 - t, corners[leg + 1], t);
  });
}

/** One image laid over another, pixel by pixel; values in [0, 1]. */
export function crossFade(x0, x1, t) {
  return lerp(x0, x1, t);
}

function weighted(a, p, b, q) {
  const point = new Float32Array(a.length);
  for (let i = 0; i < point.length; i++) point[i] = p * a[i] + q * b[i];
  return point;
}

function checkLeg(a, b, t) {
  checkPath([a, b]);
  if (!(t >= 0 && t <= 1)) throw new Error("A position on this path must lie in [0, 1].");
}

function checkPath(points) {
  if (points.length < 2) throw new Error("A path needs at least two points.");
  for (const point of points) {
    if (!point.length || point.length !== points[0].length) {
      throw new Error("The points of a path must be of one shape.");
    }
    if (!point.every(Number.isFinite)) {
      throw new Error("The points of a path must be finite numbers.");
    }
  }
}

function checkSteps(n, least) {
  if (!Number.isInteger(n) || n < least) {
    throw new Error(`A path's number of points must be a whole number from ${least}.`);
  }
}
