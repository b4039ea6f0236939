// Products of matrices and vectors: by WebAssembly where the browser has its vectors, else in a loop.

import { BYTES } from "./matvec.js";

/**
 * What a matrix and a bias make of a vector; overwritten by the next call.
 * @typedef {(x: ArrayLike<number>) => Float32Array} Product
 */

const PAGE = 65536; // bytes, by which a memory grows

/** @type {WebAssembly.Module | null | undefined} null where there can be none */
let module;

function compiled() {
  try {
    return (module ??= new WebAssembly.Module(BYTES));
  } catch { // an old browser, or a site that forbids it
    return (module = null);
  }
}

/** The products of one network: their numbers lie side by side in a memory of WebAssembly. */
export class Products {
  constructor() {
    this.taken = 0;
  }

  /**
   * @param {Float32Array} weights row after row @param {Float32Array} bias a number for each row
   * @param {number} rows @param {number} columns @returns {Product}
   */
  add(weights, bias, rows, columns) {
    if (module !== null && compiled()) {
      try {
        return this.#quick(weights, bias, rows, columns);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error; // no memory of this kind is left
      }
    }
    return loop(weights, bias, rows, columns);
  }

  #quick(weights, bias, rows, columns) {
    const [high, wide] = [4 * Math.ceil(rows / 4), 2 * Math.ceil(columns / 2)]; // what is added is 0
    const [x, b, w, y] = this.#take(8 * wide, 8 * high, 4 * high * wide, 4 * high);
    const room = () => this.memory.buffer;
    const matrix = new Float32Array(room(), w, high * wide);
    for (let row = 0; row < rows; row++) matrix.set(weights.subarray(row * columns, (row + 1) * columns), row * wide);
    new Float64Array(room(), b, high).set(bias);
    let vector = new Float64Array(room(), x, columns);
    let result = new Float32Array(room(), y, rows);
    return (values) => {
      if (!vector.length) { // the memory has grown
        vector = new Float64Array(room(), x, columns);
        result = new Float32Array(room(), y, rows);
      }
      vector.set(values);
      this.multiply(w, x, b, y, high, 4 * wide);
      return result;
    };
  }

  /** Addresses of so many bytes each, which are multiples of 8. @param {...number} sizes */
  #take(...sizes) {
    const places = sizes.map((bytes) => (this.taken += 8 * Math.ceil(bytes / 8)) - 8 * Math.ceil(bytes / 8));
    const pages = Math.ceil(this.taken / PAGE);
    if (this.memory) {
      this.memory.grow(Math.max(0, pages - this.memory.buffer.byteLength / PAGE));
    } else {
      this.memory = new WebAssembly.Memory({ initial: pages });
      const { exports } = new WebAssembly.Instance(module, { room: { memory: this.memory } });
      this.multiply = /** @type {(...parameters: number[]) => void} */ (exports.multiply);
    }
    return places;
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
