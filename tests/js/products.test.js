// Products of matrices and vectors: WebAssembly's are those of the loop.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BYTES } from "../../assets/live/core/matvec.js";
import { loop, productOf } from "../../assets/live/core/products.js";

const wave = (count, pitch) => Float32Array.from({ length: count }, (_, i) => Math.sin(pitch * (i + 1)));

test("the module is one, and Node runs it", () => {
  assert.ok(WebAssembly.validate(BYTES));
});

test("products of any shape are those of the loop, side by side", () => {
  const shapes = [[1, 1], [2, 3], [4, 4], [5, 2], [7, 16], [16, 7], [33, 65], [256, 784], [784, 2]];
  const pairs = shapes.map(([rows, columns]) => {
    const [weights, bias] = [wave(rows * columns, 1.7), wave(rows, 0.3)];
    return [productOf(weights, bias, rows, columns), loop(weights, bias, rows, columns), wave(columns, 2.9)];
  });
  for (let twice = 0; twice < 2; twice++) {
    pairs.forEach(([quick, slow, vector], i) => {
      const [found, expected] = [quick(vector), slow(vector)];
      assert.equal(found.length, shapes[i][0]);
      found.forEach((value, row) => assert.ok(Math.abs(value - expected[row]) < 1e-6 * (1 + Math.abs(expected[row])), `${shapes[i]}, row ${row}`));
    });
  }
});

/** A fresh module whose memories are of another kind. @param {any} Memory @param {(productOf: any) => any} use */
async function withMemory(Memory, use) {
  const own = WebAssembly.Memory;
  WebAssembly.Memory = Memory;
  try {
    return use((await import(`../../assets/live/core/products.js?${Memory.name}`)).productOf);
  } finally {
    WebAssembly.Memory = own;
  }
}

test("all networks of a document share one memory, and the same weights stand in it once", async () => {
  /** @type {WebAssembly.Memory[]} */
  const made = [];
  class Counted extends WebAssembly.Memory {
    constructor(/** @type {WebAssembly.MemoryDescriptor} */ descriptor) {
      super(descriptor);
      made.push(this);
    }
  }
  await withMemory(Counted, (productOf) => {
    const [weights, bias] = [wave(256 * 784, 1.7), wave(256, 0.3)];
    const first = productOf(weights, bias, 256, 784);
    const before = [...first(wave(784, 2.9))];
    for (let k = 0; k < 300; k++) productOf(weights, bias, 256, 784);
    const wider = productOf(wave(3 * 4000, 0.7), wave(3, 0.2), 3, 4000); // the vectors move, the memory grows
    wider(Float32Array.of(...Array(4000).fill(NaN)));
    const odd = productOf(Float32Array.of(1, 2, 3), Float32Array.of(5), 1, 3);
    assert.deepEqual([...odd([1, 1, 1])], [11]); // whatever the last vector left behind
    assert.deepEqual([...first(wave(784, 2.9))], before);
  });
  assert.equal(made.length, 1);
  assert.ok(made[0].buffer.byteLength < 2 * 4 * 256 * 784);
});

test("where WebAssembly has no room left the loop stands in", async () => {
  class None {
    constructor() {
      throw new RangeError("no room");
    }
  }
  await withMemory(None, (productOf) => {
    assert.deepEqual([...productOf(Float32Array.of(1, 2, 3, 4), Float32Array.of(1, 1), 2, 2)([1, 10])], [22, 44]);
  });
});
