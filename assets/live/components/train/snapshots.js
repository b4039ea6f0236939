// Moments of a training: where the codes lay, what was rebuilt, what the plane decodes to.

import { Cache } from "../../core/cache.js";
import { content } from "../../core/content.js";
import { bytesOf, dequantise, unpack } from "../../core/nn.js";

const SIDE = 15; // images along an edge of the decoded grid
const MOST = 24e6; // bytes of snapshots that are kept for a return: about a hundred

/** A block from Python as a moment: places (x, y, x, y, ...), the view that holds them, pictures. */
function readMoment({ arrays }) {
  const rebuilt = arrays.rebuilt;
  const moment = { rebuilt: rebuilt.values, count: rebuilt.shape[0] };
  if (arrays.places) {
    const places = dequantise(arrays, "places");
    const grid = arrays.grid.values;
    for (let i = 0; i < grid.length; i++) {
      if (Math.floor(i / 784) % SIDE) grid[i] += grid[i - 784]; // differences to the neighbour
    }
    Object.assign(moment, { places, home: homeOf(places), grid, extent: [...arrays.extent.values] });
  }
  return moment;
}

/** Where a projection put all test images at the end. */
function readEnd({ arrays }) {
  const places = dequantise(arrays, "places");
  return { places, labels: arrays.labels.values, home: homeOf(places) };
}

const load = async (url, read) => read(unpack(await content(url, bytesOf)));

// What is shown is held by those who show it; this is for those who come back.
const cache = new Cache(MOST, (one) => Object.values(one).reduce((sum, part) => sum + (part.byteLength ?? 0), 0));

/** A snapshot of a training, loaded once. */
export const loadMoment = (url) => cache.get(url, () => load(url, readMoment));

/** A plane of the codes at a run's end, loaded once. */
export const loadEnd = (url) => cache.get(url, () => load(url, readEnd));

/** The stretch of both axes that holds nearly all places. */
function homeOf(places) {
  return [0, 1].map((axis) => {
    const column = Float32Array.from({ length: places.length / 2 }, (_, i) => places[2 * i + axis]).sort();
    const [low, high] = [0.015, 0.985].map((share) => column[Math.floor(column.length * share)]);
    const margin = 0.08 * (high - low) || 0.5;
    return [low - margin, high + margin];
  });
}

/** The grid as one picture on a canvas, in the page's ink. */
export function paintGrid(canvas, grid, [paper, ink]) {
  const edge = SIDE * 28;
  canvas.width = canvas.height = edge;
  const picture = new ImageData(edge, edge);
  const shades = new Uint32Array(256).map((_, v) => {
    const [r, g, b] = paper.map((low, c) => Math.round(low + ((ink[c] - low) * v) / 252));
    return ((255 << 24) | (Math.min(b, 255) << 16) | (Math.min(g, 255) << 8) | Math.min(r, 255)) >>> 0;
  });
  const pixels = new Uint32Array(picture.data.buffer);
  for (let i = 0; i < grid.length; i++) {
    const tile = Math.floor(i / 784);
    const [row, column] = [Math.floor(tile / SIDE), tile % SIDE];
    const within = i % 784;
    pixels[(row * 28 + Math.floor(within / 28)) * edge + column * 28 + (within % 28)] = shades[Math.min(grid[i], 252)];
  }
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

/** A moment as a thumbnail of points, on a scale of its own. */
export function paintThumb(canvas, moment, labels, colours) {
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  context.fillStyle = colours.plane;
  context.fillRect(0, 0, width, height);
  if (!moment?.places) return;
  const [[x0, x1], [y0, y1]] = moment.home;
  const unit = Math.max((x1 - x0) / width, (y1 - y0) / height);
  context.globalAlpha = 0.7;
  for (let i = 0; i < moment.places.length / 2; i++) {
    const x = width / 2 + (moment.places[2 * i] - (x0 + x1) / 2) / unit;
    const y = height / 2 - (moment.places[2 * i + 1] - (y0 + y1) / 2) / unit;
    context.fillStyle = colours.classes[labels[i]];
    context.fillRect(x - 0.9, y - 0.9, 1.8, 1.8);
  }
  context.globalAlpha = 1;
}
