// Products of matrices and vectors: by WebAssembly where the browser has its vectors, else in a loop.

import { BYTES } from "./matvec.js";

/**
 * What a matrix and a bias make of a vector; overwritten by the next call.
 * @typedef {(x: ArrayLike<number>) => Float32Array} Product
 */

const PAGE = 65536; // bytes, by which a memory grows
const MOST = 2 ** 31; // bytes: addresses are numbers of 32 bits with a sign

/**
 * What a matrix and a bias make of vectors.
 * @param {Float32Array} weights row after row @param {Float32Array} bias a number for each row
 * @param {number} rows @param {number} columns @returns {Product}
 */
export function productOf(weights, bias, rows, columns) {
  try {
    return theRoom()?.product(weights, bias, rows, columns) ?? loop(weights, bias, rows, columns);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the memory cannot grow so far
    return loop(weights, bias, rows, columns);
  }
}

/** @type {Room | null | undefined} null where there can be none */
let room;

function theRoom() {
  try {
    return room === undefined ? (room = new Room()) : room;
  } catch { // an old browser, a site that forbids it, or no memory of this kind is left
    return (room = null);
  }
}

/**
 * The memory of WebAssembly in which all networks of a document have their numbers, the same weights once.
 * Each memory takes ten gigabytes of a tab's addresses: at about a hundred of them the browser collects
 * all garbage, again and again, for each one more.
 */
class Room {
  constructor() {
    this.memory = new WebAssembly.Memory({ initial: 1 });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(BYTES), { room: { memory: this.memory } });
    this.multiply = /** @type {(...parameters: number[]) => void} */ (exports.multiply);
    this.end = 0; // behind it nothing was taken yet
    /** Pieces before the end that are free: address and bytes. @type {[number, number][]} */
    this.free = [];
    /** @type {WeakMap<Float32Array, { weights: Float32Array, bias: Float32Array, w: number, b: number }>} */
    this.placed = new WeakMap();
    this.left = new FinalizationRegistry((/** @type {[number, number]} */ piece) => this.#give(piece));
    // One vector goes in and one comes out at a time. Views of them are made anew at each change.
    this.vector = this.result = /** @type {[number, number]} */ ([0, 0]);
    this.changes = 0;
  }

  /** @param {Float32Array} weights @param {Float32Array} bias @param {number} rows @param {number} columns @returns {Product} */
  product(weights, bias, rows, columns) {
    const [high, wide] = [4 * Math.ceil(rows / 4), 2 * Math.ceil(columns / 2)]; // what is added is 0
    let placed = this.placed.get(weights);
    if (placed?.bias !== bias) placed = this.#place(weights, bias, rows, columns, high, wide);
    this.vector = this.#atLeast(this.vector, 8 * wide);
    this.result = this.#atLeast(this.result, 4 * high);
    const y = new Float32Array(rows);
    let seen = -1;
    let vector = new Float64Array();
    let result = y;
    return (values) => {
      if (seen !== this.changes) {
        vector = new Float64Array(this.memory.buffer, this.vector[0], wide);
        result = new Float32Array(this.memory.buffer, this.result[0], rows);
        seen = this.changes;
      }
      vector.set(values);
      if (columns < wide) vector[columns] = 0;
      this.multiply(placed.w, this.vector[0], placed.b, this.result[0], high, 4 * wide);
      y.set(result);
      return y;
    };
  }

  /** The weights and the bias, in the memory for as long as the weights are anyone's. */
  #place(weights, bias, rows, columns, high, wide) {
    const piece = this.#take(8 * high + 4 * high * wide);
    const [b, w] = [piece[0], piece[0] + 8 * high];
    const biases = new Float64Array(this.memory.buffer, b, high).fill(0);
    biases.set(bias);
    const matrix = new Float32Array(this.memory.buffer, w, high * wide).fill(0);
    for (let row = 0; row < rows; row++) matrix.set(weights.subarray(row * columns, (row + 1) * columns), row * wide);
    const placed = { weights, bias, w, b };
    this.placed.set(weights, placed);
    this.left.register(weights, piece);
    return placed;
  }

  /** @param {[number, number]} piece @param {number} bytes */
  #atLeast(piece, bytes) {
    if (piece[1] >= bytes) return piece;
    const larger = this.#take(bytes);
    this.#give(piece);
    this.changes++;
    return larger;
  }

  /** A piece of at least so many bytes, multiples of 8. @param {number} bytes @returns {[number, number]} */
  #take(bytes) {
    const size = 8 * Math.ceil(bytes / 8);
    const k = this.free.findIndex(([, free]) => free >= size);
    if (k >= 0) {
      const [at, free] = this.free[k];
      this.free.splice(k, 1, ...(free > size ? [/** @type {[number, number]} */ ([at + size, free - size])] : []));
      return [at, size];
    }
    if (this.end + size > MOST) throw new RangeError("no addresses are left");
    const pages = Math.ceil((this.end + size) / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (pages > 0) {
      this.memory.grow(pages);
      this.changes++;
    }
    this.end += size;
    return [this.end - size, size];
  }

  /** A piece is free; with its neighbours it is one. @param {[number, number]} piece */
  #give(piece) {
    this.free = [...this.free, piece].filter(([, bytes]) => bytes).sort(([one], [other]) => one - other)
      .reduce((/** @type {[number, number][]} */ pieces, [at, bytes]) => {
        const last = pieces.at(-1);
        if (last && last[0] + last[1] === at) last[1] += bytes;
        else pieces.push([at, bytes]);
        return pieces;
      }, []);
  }
}

/**
 * The same in JavaScript. Four rows at a time: each number of the vector is loaded once for four products.
 * @param {Float32Array} w @param {Float32Array} bias @param {number} outputs @param {number} inputs @returns {Product}
 */
export function loop(w, bias, outputs, inputs) {
  const y = new Float32Array(outputs);
  return (x) => {
    let row = 0;
    for (; row + 4 <= outputs; row += 4) {
      const a = row * inputs;
      const b = a + inputs;
      const c = b + inputs;
      const d = c + inputs;
      let p = bias[row];
      let q = bias[row + 1];
      let r = bias[row + 2];
      let s = bias[row + 3];
      for (let j = 0; j < inputs; j++) {
        const v = x[j];
        p += w[a + j] * v;
        q += w[b + j] * v;
        r += w[c + j] * v;
        s += w[d + j] * v;
      }
      y[row] = p;
      y[row + 1] = q;
      y[row + 2] = r;
      y[row + 3] = s;
    }
    for (; row < outputs; row++) {
      let sum = bias[row];
      for (let j = 0, k = row * inputs; j < inputs; j++, k++) sum += w[k] * x[j];
      y[row] = sum;
    }
    return y;
  };
}
