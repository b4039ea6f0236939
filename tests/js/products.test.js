// Products of matrices and vectors: WebAssembly's are those of the loop.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BYTES } from "../../assets/live/core/matvec.js";
import { loop, Products } from "../../assets/live/core/products.js";

const wave = (count, pitch) => Float32Array.from({ length: count }, (_, i) => Math.sin(pitch * (i + 1)));

test("the module is one, and Node runs it", () => {
  assert.ok(WebAssembly.validate(BYTES));
});

test("products of any shape are those of the loop, side by side in one memory", () => {
  const products = new Products();
  const shapes = [[1, 1], [2, 3], [4, 4], [5, 2], [7, 16], [16, 7], [33, 65], [256, 784], [784, 2]];
  const pairs = shapes.map(([rows, columns]) => {
    const [weights, bias] = [wave(rows * columns, 1.7), wave(rows, 0.3)];
    return [products.add(weights, bias, rows, columns), loop(weights, bias, rows, columns), wave(columns, 2.9)];
  });
  for (let twice = 0; twice < 2; twice++) {
    pairs.forEach(([quick, slow, vector], i) => {
      const [found, expected] = [quick(vector), slow(vector)];
      assert.equal(found.length, shapes[i][0]);
      found.forEach((value, row) => assert.ok(Math.abs(value - expected[row]) < 1e-6 * (1 + Math.abs(expected[row])), `${shapes[i]}, row ${row}`));
    });
  }
  assert.ok(products.memory.buffer.byteLength >= 4 * 256 * 784);
});

test("where WebAssembly has no room left the loop stands in", () => {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = /** @type {any} */ (class {
    constructor() {
      throw new RangeError("no room");
    }
  });
  try {
    assert.deepEqual([...new Products().add(Float32Array.of(1, 2, 3, 4), Float32Array.of(1, 1), 2, 2)([1, 10])], [22, 44]);
  } finally {
    WebAssembly.Memory = Memory;
  }
});
