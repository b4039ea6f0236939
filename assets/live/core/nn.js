// Models in the browser: read a block of weights and codes, run its layers. No dependency.

import { Cache } from "./cache.js";
import { content } from "./content.js";
import { productOf } from "./products.js";
import { Refusal } from "./refusal.js";
import { wordsOf } from "./words.js";

const { say } = wordsOf("core/nn");

const MOST = 96e6; // bytes of unpacked blocks that a tab holds: about twenty models

/** @type {Cache<any>} */
const blocks = new Cache(MOST, ({ arrays }) =>
  Object.values(arrays).reduce((sum, { values }) => sum + values.byteLength, 0));

/** A model's block by URL; fetched and unpacked once for all that ask, as long as it is held. */
export const loadBlock = (url) => blocks.get(url, async () => unpack(await content(url, bytesOf, { sentence: () => say("missing") })));

/** The bytes that an answer holds compressed; the browser has unpacked a whole one, not a part. @param {Response} answer */
export async function bytesOf(answer) {
  const bytes = await answer.arrayBuffer();
  return answer.headers.has("Content-Encoding") ? bytes : gunzip(bytes);
}

/** Decompress gzip bytes (ArrayBuffer to ArrayBuffer). */
export async function gunzip(buffer) {
  const stream = new Blob([buffer]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** The inverse of aecore.web.blocks.pack: JSON, then arrays stored as byte planes. */
export function unpack(buffer) {
  const headBytes = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, headBytes)));
  const arrays = {};
  let offset = 4 + headBytes;
  for (const { name, type, shape } of head.arrays) {
    const count = shape.reduce((a, b) => a * b, 1);
    const width = Number(type.slice(1));
    const planes = new Uint8Array(buffer, offset, count * width);
    offset += count * width;
    const bytes = new Uint8Array(count * width);
    for (let plane = 0; plane < width; plane++) {
      for (let i = 0; i < count; i++) bytes[i * width + plane] = planes[plane * count + i];
    }
    arrays[name] = { shape, values: typed(type, bytes.buffer) };
  }
  return { ...head, arrays };
}

function typed(type, buffer) {
  if (type === "u1") return new Uint8Array(buffer);
  if (type === "u2") return new Uint16Array(buffer);
  if (type === "f4") return new Float32Array(buffer);
  if (type === "f2") return fromHalf(new Uint16Array(buffer));
  throw new Error(`Unknown array type ${type}.`);
}

let halfValues; // of every float16

function fromHalf(halves) {
  const table = (halfValues ??= halfTable());
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) floats[i] = table[halves[i]];
  return floats;
}

function halfTable() {
  return Float32Array.from({ length: 65536 }, (_, h) => {
    const sign = h & 0x8000 ? -1 : 1;
    const exponent = (h >> 10) & 31;
    const fraction = h & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    return sign * (exponent === 31 ? Infinity : (1 + fraction / 1024) * 2 ** (exponent - 15));
  });
}

/** Codes stored as levels, column by column, back to numbers row by row: low + step * level. */
export function dequantise(arrays, name) {
  const { shape: [columns, rows], values: levels } = arrays[name];
  const low = arrays[`${name}_low`].values;
  const step = arrays[`${name}_step`].values;
  const values = new Float32Array(rows * columns);
  for (let j = 0, k = 0; j < columns; j++) {
    for (let i = 0; i < rows; i++, k++) values[i * columns + j] = low[j] + step[j] * levels[k];
  }
  return values;
}

/** @typedef {{op: string, weight?: string, bias?: string, [more: string]: any}} Layer */
/** @typedef {{inputs: [string, number][], layers: Layer[], outputs: [string, number][]}} Net */
/** @typedef {Record<string, {shape: number[], values: any}>} Arrays */
/** @typedef {{networks: Record<string, Net>, arrays: Arrays, [more: string]: any}} Block */

/**
 * A network as Python describes it (`aecore.families.networks.Net`): named inputs, which are laid end
 * to end, layers with one output buffer each, and named outputs, which lie end to end in the last.
 */
export class Network {
  /**
   * @param {Net} net
   * @param {Arrays} arrays weights by name
   * @throws {Refusal} for layers that it cannot run, or whose shapes do not fit
   */
  constructor(net, arrays) {
    const shapes = shapesOf(net, arrays);
    if (!shapes) throw new Refusal(say("unusable"));
    const { inputs, layers, outputs } = net;
    this.inputs = inputs;
    this.outputs = outputs;
    this.joined = inputs.length > 1 ? new Float32Array(total(inputs)) : null;
    this.steps = layers.map((layer, i) =>
      OPS[layer.op](layer, shapes[i], arrays[layer.weight], arrays[layer.bias]?.values));
    this.size = total(outputs);
  }

  /** One Float32Array for each input in, one out: the outputs, overwritten by the next call. */
  run(...values) {
    let x = this.joined ? this.join(values) : values[0];
    const given = x;
    for (const step of this.steps) x = step.run(x, given);
    return x;
  }

  join(values) {
    let at = 0;
    for (const [i, [, size]] of this.inputs.entries()) {
      this.joined.set(values[i], at);
      at += size;
    }
    return this.joined;
  }

  /** Where an output lies in what `run` gives: [begin, end]; null where there is none of the name. */
  place(name) {
    const at = this.outputs.findIndex(([other]) => other === name);
    if (at < 0) return null;
    const begin = total(this.outputs.slice(0, at));
    return [begin, begin + this.outputs[at][1]];
  }
}

const total = (parts) => parts.reduce((sum, [, size]) => sum + size, 0);
const product = (shape) => shape.reduce((a, b) => a * b, 1);

const LARGEST = 2 ** 24; // numbers between two layers

/**
 * The shape that enters each layer, and last what comes out; null where layers do not fit together.
 * Nothing is allocated here, so a description can be looked at before it is believed.
 * @param {any} net @param {Arrays} arrays @returns {number[][] | null}
 */
function shapesOf(net, arrays) {
  const lists = [net?.inputs, net?.outputs];
  const named = (/** @type {any} */ [name, size]) => typeof name === "string" && Number.isInteger(size) && size > 0;
  if (!lists.every((list) => Array.isArray(list) && list.length && list.every((part) => Array.isArray(part) && named(part)))) return null;
  if (!Array.isArray(net.layers) || total(net.inputs) > LARGEST) return null;
  const shapes = [[total(net.inputs)]];
  for (const layer of net.layers) {
    const shape = Object.hasOwn(SHAPES, layer?.op) ? SHAPES[layer.op](layer, shapes.at(-1), arrays, shapes[0][0]) : null;
    if (!shape?.every((n) => Number.isInteger(n) && n > 0) || product(shape) > LARGEST) return null;
    shapes.push(shape);
  }
  return product(shapes.at(-1)) === total(net.outputs) ? shapes : null;
}

/** The shape of a layer's weight, where it has so many axes and its bias as many numbers as asked. */
function weightOf({ weight, bias }, arrays, axes, outputs) {
  const has = (name) => typeof name === "string" && Object.hasOwn(arrays, name);
  if (!has(weight) || !has(bias)) return null;
  const { shape } = arrays[weight];
  return shape.length === axes && product(arrays[bias].shape) === outputs(shape) ? shape : null;
}

const step = ({ stride, pad }) => Number.isInteger(stride) && stride > 0 && Number.isInteger(pad) && pad >= 0;
const same = (layer, shape) => shape;
const count = (n) => Number.isInteger(n) && n > 0;

/**
 * What comes out of each kind of layer, by what enters; null where that does not fit.
 * @type {Record<string, (layer: any, shape: number[], arrays: Arrays, given: number) => number[] | null>}
 */
const SHAPES = {
  linear(layer, shape, arrays) {
    const [outputs, inputs] = layer.transpose ? [1, 0] : [0, 1];
    const weight = weightOf(layer, arrays, 2, (w) => w[outputs]);
    return weight?.[inputs] === product(shape) ? [weight[outputs]] : null;
  },
  conv(layer, shape, arrays) {
    const weight = weightOf(layer, arrays, 4, (w) => w[0]);
    if (!weight || !step(layer) || shape.length !== 3 || weight[1] !== shape[0]) return null;
    const after = (size) => Math.floor((size + 2 * layer.pad - weight[2]) / layer.stride) + 1;
    return [weight[0], after(shape[1]), after(shape[2])];
  },
  deconv(layer, shape, arrays) {
    const weight = weightOf(layer, arrays, 4, (w) => w[1]);
    if (!weight || !step(layer) || shape.length !== 3 || weight[0] !== shape[0]) return null;
    const after = (size) => (size - 1) * layer.stride - 2 * layer.pad + weight[2];
    return [weight[1], after(shape[1]), after(shape[2])];
  },
  reshape: (layer, shape) =>
    (Array.isArray(layer.shape) && product(layer.shape) === product(shape) ? layer.shape : null),
  take: ({ size }, shape) => (count(size) && size <= product(shape) ? [size] : null),
  join: ({ begin, size }, shape, _, given) =>
    (count(size) && count(begin + 1) && begin + size <= given ? [product(shape) + size] : null),
  relu: same,
  tanh: same,
  sigmoid: same,
  silu: same,
  gelu: same,
};

const pointwise = (f) => (_, shape) => {
  const y = new Float32Array(product(shape));
  return {
    shape,
    run(x) {
      for (let i = 0; i < y.length; i++) y[i] = f(x[i]);
      return y;
    },
  };
};

const OPS = {
  linear({ transpose }, shape, weight, bias) {
    const { shape: [outputs, inputs], values } = transpose ? flipped(weight) : weight;
    return { shape: [outputs], run: productOf(values, bias, outputs, inputs) };
  },
  conv: convolution,
  deconv: transposed,
  reshape: (layer) => ({ shape: layer.shape, run: (x) => x }),
  take: ({ size }) => ({ shape: [size], run: (x) => x.subarray(0, size) }), // the first so many
  join: ({ begin, size }, shape) => { // behind them, some of what entered the network
    const y = new Float32Array(product(shape) + size);
    const run = (x, given) => {
      y.set(x);
      y.set(given.subarray(begin, begin + size), y.length - size);
      return y;
    };
    return { shape: [y.length], run };
  },
  relu: pointwise((v) => (v > 0 ? v : 0)),
  tanh: pointwise(Math.tanh),
  sigmoid: pointwise((v) => 1 / (1 + Math.exp(-v))),
  silu: pointwise((v) => v / (1 + Math.exp(-v))),
  // tanh(u) through one exponential: twice as fast as Math.tanh
  gelu: pointwise((v) => v - v / (1 + Math.exp(1.5957691216057308 * (v + 0.044715 * v * v * v)))),
};

/** Of the same weights it is the same one. @type {WeakMap<Float32Array, Float32Array>} */
const turnedOf = new WeakMap();

function flipped({ shape: [rows, columns], values }) {
  const known = turnedOf.get(values);
  if (known) return { shape: [columns, rows], values: known };
  const turned = new Float32Array(values.length);
  turnedOf.set(values, turned);
  for (let i = 0, k = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, k++) turned[j * rows + i] = values[k];
  }
  return { shape: [columns, rows], values: turned };
}

/** One product for each place: of the weights, and of what the kernel covers there. */
function convolution({ stride, pad }, [channels, height, width], weight, bias) {
  const [outputs, , side] = weight.shape;
  const [high, wide] = [height + 2 * pad, width + 2 * pad];
  const rows = Math.floor((high - side) / stride) + 1;
  const columns = Math.floor((wide - side) / stride) + 1;
  const framed = new Float32Array(channels * high * wide); // zeros about the image
  const covered = new Float32Array(channels * side * side);
  const offsets = Int32Array.from(covered, (_, k) => {
    const [channel, row, column] = [Math.floor(k / (side * side)), Math.floor(k / side) % side, k % side];
    return (channel * high + row) * wide + column;
  });
  const product = productOf(weight.values, bias, outputs, covered.length);
  const y = new Float32Array(outputs * rows * columns);
  const run = (x) => {
    for (let i = 0; i < channels * height; i++) {
      const row = Math.floor(i / height) * high + pad + (i % height);
      for (let j = 0, from = i * width, to = row * wide + pad; j < width; j++) framed[to + j] = x[from + j];
    }
    for (let r = 0, at = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++, at++) {
        const corner = (r * wide + c) * stride;
        for (let k = 0; k < covered.length; k++) covered[k] = framed[corner + offsets[k]];
        const sums = product(covered);
        for (let o = 0; o < outputs; o++) y[o * rows * columns + at] = sums[o];
      }
    }
    return y;
  };
  return { shape: [outputs, rows, columns], run };
}

function transposed({ stride, pad }, [channels, height, width], weight, bias) {
  const [, outputs, side] = weight.shape;
  const rows = (height - 1) * stride - 2 * pad + side;
  const columns = (width - 1) * stride - 2 * pad + side;
  const w = weight.values;
  const y = new Float32Array(outputs * rows * columns);
  const run = (x) => {
    for (let o = 0; o < outputs; o++) y.fill(bias[o], o * rows * columns, (o + 1) * rows * columns);
    for (let i = 0, at = 0; i < channels; i++) {
      for (let r = 0; r < height; r++) {
        const top = r * stride - pad;
        const firstRow = Math.max(0, -top);
        const lastRow = Math.min(side, rows - top);
        for (let c = 0; c < width; c++, at++) {
          const value = x[at];
          if (value === 0) continue;
          const left = c * stride - pad;
          const first = Math.max(0, -left);
          const last = Math.min(side, columns - left);
          for (let o = 0; o < outputs; o++) {
            for (let u = firstRow; u < lastRow; u++) {
              const target = (o * rows + top + u) * columns + left;
              const kernel = ((i * outputs + o) * side + u) * side;
              for (let v = first; v < last; v++) y[target + v] += value * w[kernel + v];
            }
          }
        }
      }
    }
    return y;
  };
  return { shape: [outputs, rows, columns], run };
}
