// Priors and mixtures as Python describes them: seeded draws, and the shapes that stand for them.

import { circle } from "../../core/canvas.js";
import { disc } from "../../plane/layers/discs.js";
import { normal, uniform } from "./random.js";

const TAU = 2 * Math.PI;
const NORMAL = 3.5; // standard deviations of N(0, I) in view
const BEYOND = 3.2; // standard deviations from a Gaussian's middle to the disc of its class
const TEN = 10; // classes of a prior that is the same for each
const [PLACE, EVEN] = [1000, 1001]; // counters of a draw beside those of its dimensions
const [FIRST, REST] = [0.05, 0.95]; // of a swiss roll: where it begins, and what is left

/**
 * A distribution over codes: its `kind`, and what belongs to it (`describe` of
 * `aecore.families.priors`), or `gaussians` with weights, means and covariances.
 * @typedef {{ kind: string, [more: string]: any }} Source
 */

/** A draw: its code, and the class whose part of the source it is of. @typedef {{ z: number[], part: number }} Draw */

/** A point of a swiss roll, from 0 at its inner end to 1. @param {Source} source @param {number} place @returns {[number, number]} */
const onRoll = ({ radius, turns }, place) => {
  const share = Math.sqrt(FIRST + REST * place);
  const angle = share * turns * TAU;
  return [radius * share * Math.cos(angle), radius * share * Math.sin(angle)];
};

/** @type {Record<string, (source: Source, place: number, noise: (j: number) => number, dim: number, even: number) => Draw>} */
const DRAWS = {
  standard_normal: (_, place, noise, dim) =>
    ({ z: Array.from({ length: dim }, (_, j) => noise(j)), part: Math.floor(TEN * place) }),
  mixture({ classes, radius, along, across }, place, noise) {
    const part = Math.floor(place * classes);
    const [out, aside] = [radius + along * noise(0), across * noise(1)];
    const [cos, sin] = [Math.cos((part * TAU) / classes), Math.sin((part * TAU) / classes)];
    return { z: [out * cos - aside * sin, out * sin + aside * cos], part };
  },
  swiss_roll(source, place, noise) {
    const [x, y] = onRoll(source, place);
    return { z: [x + source.spread * noise(0), y + source.spread * noise(1)], part: Math.floor(place * source.classes) };
  },
  disc({ classes, radius }, place, noise, dim, even) {
    const out = radius * Math.sqrt(even);
    return { z: [out * Math.cos(place * TAU), out * Math.sin(place * TAU)], part: Math.floor(place * classes) };
  },
  gaussians({ weights, means, covariances }, place, noise) {
    let part = 0;
    for (let sum = weights[0]; part < weights.length - 1 && sum <= place; sum += weights[part]) part++;
    const root = cholesky(covariances[part]);
    const z = means[part].map((mean, i) => root[i].reduce((sum, v, j) => sum + v * noise(j), mean));
    return { z, part };
  },
};

/**
 * The draw of this number from a source, the same for the same seed.
 * @param {Source} source @param {number} dim of a code @param {number} seed @param {number} i
 * @returns {Draw}
 */
export function drawOf(source, dim, seed, i) {
  return DRAWS[source.kind](source, uniform(seed, i, PLACE), (j) => normal(seed, i, j), dim, uniform(seed, i, EVEN));
}

/** The lower root L of a covariance L Lᵀ. @param {number[][]} matrix */
function cholesky(matrix) {
  const root = matrix.map((row) => row.map(() => 0));
  for (let i = 0; i < matrix.length; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i][j];
      for (let k = 0; k < j; k++) sum -= root[i][k] * root[j][k];
      root[i][j] = i === j ? Math.sqrt(Math.max(sum, 0)) : root[j][j] && sum / root[j][j];
    }
  }
  return root;
}

/** A Gaussian on the plane: its middle, its standard deviations along its axes, and their angle. */
function ellipseOf(mean, [[xx, xy], [, yy]]) {
  const [middle, half] = [(xx + yy) / 2, Math.hypot((xx - yy) / 2, xy)];
  return { at: mean, rx: Math.sqrt(middle + half), ry: Math.sqrt(Math.max(middle - half, 0)), angle: Math.atan2(2 * xy, xx - yy) / 2 };
}

/** The Gaussians that a source is made of, none of one that is not. @param {Source} source */
export function ellipses(source) {
  if (source.kind === "gaussians") return source.means.map((mean, k) => ellipseOf(mean, source.covariances[k]));
  if (source.kind !== "mixture") return [];
  const { classes, radius, along, across } = source;
  return Array.from({ length: classes }, (_, k) => {
    const angle = (k * TAU) / classes;
    return { at: [radius * Math.cos(angle), radius * Math.sin(angle)], rx: along, ry: across, angle };
  });
}

/**
 * Where the class of each of a prior's Gaussians is named: beyond its far end.
 * @param {Source} source @param {{ angle: number }[]} round its Gaussians @returns {[number, number][]}
 */
export const farEnds = ({ kind, radius, along }, round) => (kind !== "mixture" ? [] : round.map(({ angle }) =>
  [(radius + BEYOND * along) * Math.cos(angle), (radius + BEYOND * along) * Math.sin(angle)]));

/** How far from 0 a source goes, its discs counted in; 0 where its codes say that. @param {Source} source */
export function reachOf({ kind, radius, along }) {
  if (kind === "mixture") return radius + (BEYOND + 1) * along;
  if (kind === "standard_normal") return NORMAL;
  return kind === "gaussians" ? 0 : 1.2 * radius;
}

/** A layer that draws a source on a plane of two dimensions. @param {Source} source @returns {import("../../plane/plane.js").Layer} */
export function sourceLayer(source) {
  const round = ellipses(source);
  const ends = farEnds(source, round);
  return {
    draw(context, plane, colours) {
      const { unit } = plane.window;
      Object.assign(context, { strokeStyle: colours.sigma, lineWidth: 1, globalAlpha: 0.7 });
      context.setLineDash([4, 4]);
      for (const { at, rx, ry, angle } of round) {
        const [x, y] = plane.toScreen(...at);
        for (const k of [1, 2]) {
          context.beginPath();
          context.ellipse(x, y, (k * rx) / unit, (k * ry) / unit, -angle, 0, TAU);
          context.stroke();
        }
      }
      if (source.kind === "swiss_roll") {
        context.beginPath();
        for (let k = 0; k <= 200; k++) {
          const [x, y] = plane.toScreen(...onRoll(source, k / 200));
          context.lineTo(x, y);
        }
        context.setLineDash([]);
        Object.assign(context, { strokeStyle: colours.plane, lineWidth: 4 }); // the codes lie on it
        context.stroke();
        context.setLineDash([4, 4]);
        Object.assign(context, { strokeStyle: colours.sigma, lineWidth: 1.6, globalAlpha: 1 });
        context.stroke();
      }
      if (source.kind === "disc") {
        const [x, y] = plane.toScreen(0, 0);
        circle(context, x, y, source.radius / unit);
        context.stroke();
      }
      context.setLineDash([]);
      context.globalAlpha = 1;
      ends.forEach((end, label) => {
        const [x, y] = plane.toScreen(...end);
        disc(context, colours, label, x, y, plane.discRadius);
      });
    },
  };
}
