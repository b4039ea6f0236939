// Places of a curve in the plane, and the way on which a network takes a point back to it.

/** The nearest place of a curve, drawn as straight pieces between points [x, y, x, y, ...].
 * @param {ArrayLike<number>} points @param {number} x @param {number} y
 * @returns {{ squared: number, at: [number, number] }}
 */
export function nearestOn(points, x, y) {
  let best = Infinity;
  /** @type {[number, number]} */
  let at = [x, y];
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

/** A point and where a network takes it, step after step: `count` + 1 points.
 * @param {{ run(x: Float32Array): Float32Array }} network
 * @param {[number, number]} from @param {number} count
 * @returns {[number, number][]}
 */
export function walkBack(network, from, count) {
  /** @type {[number, number][]} */
  const way = [[...from]];
  const input = new Float32Array(2);
  for (let k = 0; k < count; k++) {
    input.set(way[k]);
    const [x, y] = network.run(input);
    way.push([x, y]);
  }
  return way;
}
