// A plane of a latent space: codes of test images on one of its projections, and a point among them.

import { Plane } from "./plane.js";
import { widest } from "./projections.js";
import { cursor, tags } from "./layers/cursor.js";
import { discs } from "./layers/discs.js";
import { gaps } from "./layers/gaps.js";
import { grid } from "./layers/grid.js";
import { linked } from "./layers/linked.js";
import { loupe } from "./layers/loupe.js";
import { points } from "./layers/points.js";
import { prior, priorNames } from "./layers/prior.js";
import { zeroLines } from "./layers/ticks.js";

const [LOW, HIGH] = [0.015, 0.985]; // shares of the codes between which the first view lies on each axis

/** The view that holds nearly all places, [x, y, x, y, ...], with a margin: [[x0, x1], [y0, y1]].
 * @returns {import("./plane.js").Pair[]}
 */
export function homeOf(places, count) {
  return [0, 1].map((axis) => {
    const column = new Float32Array(count);
    for (let i = 0; i < count; i++) column[i] = places[2 * i + axis];
    column.sort();
    const low = column[Math.floor(count * LOW)];
    const high = column[Math.floor(count * HIGH)];
    const margin = 0.06 * (high - low) || 0.5;
    return [low - margin, high + margin];
  });
}

/** What a plane shows at first. @returns {import("./plane.js").Pair[]} */
const firstView = (space, projection, reach) => (reach && projection.metric
  ? [[-reach, reach], [-reach, reach]]
  : homeOf(projection.places, space.count));

export class CodePlane extends Plane {
  /**
   * host: an element to fill. space: as `spaceOf` gives it, or { codes, labels, count, dim, prior }
   * and the mark of its axes where they are not those of z. reach: how far the first view goes from 0
   * either way; without, as far as nearly all codes.
   * @param {HTMLElement} host @param {any} space
   * @param {{ pointRadius?: number, discRadius?: number, ratio?: number, reach?: number }} [look]
   */
  constructor(host, space, { pointRadius = 1.15, discRadius = 11, ratio = 0.76, reach = 0 } = {}) {
    const projection = widest(space);
    super(host, { home: firstView(space, projection, reach), projection, ratio });
    this.reach = reach;
    this.space = space;
    this.pointRadius = pointRadius;
    this.discRadius = discRadius;
    /** Classes that are not shown. @type {Set<number>} */
    this.hidden = new Set();
    this.show = { gaps: false, prior: false, grid: false, points: true, discs: true, path: false };
    /** The decoded grid, as far as it is there. @type {{ canvas: HTMLCanvasElement } | null} */
    this.grid = null;
    /** What a page draws above the codes that stands still, too. @type {import("./plane.js").Layer[]} */
    this.still = [];
    /** The same, below the discs of the classes. @type {import("./plane.js").Layer[]} */
    this.under = [];
    this.inView = 0;
    /** Where the classes' discs were drawn: { label, x, y, r }. @type {any[]} */
    this.discs = [];
  }

  /** Show another plane of the same space. */
  project(projection) {
    this.projection = projection;
    this.home = firstView(this.space, projection, this.reach);
    this.fit();
  }

  /** Which plane it is: two dimensions, or the name of one that is computed. */
  get axes() {
    return this.projection.key;
  }

  /** Where a code is in the frame. */
  at(z) {
    return this.toScreen(...this.projection.place(z));
  }

  drawBase(colours) {
    const { show, space, projection: { metric } } = this;
    this.inView = 0;
    this.discs = [];
    this.below = [
      show.gaps && space.dim === 2 && gaps,
      metric && zeroLines,
      show.points && points,
      show.grid && this.grid && grid,
      show.prior && space.prior && metric && prior,
      ...this.under,
      show.points && show.discs && !show.grid && discs,
      show.prior && space.prior && metric && priorNames,
      ...this.still,
    ].filter(Boolean);
    super.drawBase(colours);
  }

  /** Draw the part of the decoded grid that is there over what is drawn already. */
  drawGrid() {
    grid.draw(this.base.getContext("2d"), this);
  }

  /**
   * Draw the point [x, y] of a code among them. pointing: it follows the pointer (halo, drop lines,
   * loupe); linked: { at: [x, y], spread: { rx, ry, angle } | null } of the linked test image;
   * loupe: a canvas to show beside it, and whether a finger (`touch`) hides what is near.
   */
  drawPoint(colours, { point, pointing = false, focused = false, linked: link = null, loupe: image = null, touch = false }) {
    const [px, py] = this.toScreen(...point);
    const inside = this.contains(px, py);
    this.cursor = { point, place: [px, py], inside, pointing, linked: link, image, touch };
    this.drawOver(colours, [
      link && linked,
      cursor,
      inside && (pointing || focused) && this.projection.metric && tags,
      inside && pointing && image && loupe,
    ].filter(Boolean));
  }
}
