// Ticks of axes, and numbers as they are written.

import assert from "node:assert/strict";
import { test } from "node:test";

import { number } from "../../assets/live/core/numbers.js";
import { digitsOf, multiples, niceStep, powers } from "../../assets/live/core/ticks.js";

test("a step is 1, 2 or 5 times a power of ten and hardly below what is asked", () => {
  for (let least = 1e-6; least < 1e6; least *= 1.07) {
    const step = niceStep(least);
    const lead = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
    assert.ok([1, 2, 5].some((k) => Math.abs(lead - k) < 1e-6), `${step}`);
    assert.ok(step >= least * 0.999 && step <= least * 2.51, `${step} for ${least}`);
  }
  assert.deepEqual([0.2, 0.25, 3, 5.001, 7, 1].map(niceStep), [0.2, 0.5, 5, 5, 10, 1]);
});

test("multiples count both ends in, and none is off by rounding", () => {
  assert.deepEqual(multiples(0.1, 0, 0.3).map((v) => v.toFixed(12)), ["0", ".1", ".2", ".3"].map((v) => Number(v).toFixed(12)));
  assert.deepEqual(multiples(2, -3, 3), [-2, 0, 2]);
  assert.deepEqual(multiples(5, 1, 4), []);
  assert.equal(multiples(0.01, 0, 100).at(-1), 100);
});

test("a logarithmic axis has powers, and 2 and 5 of them where there is room", () => {
  assert.deepEqual(powers(0.5, 30, false), [1, 10]);
  assert.deepEqual(powers(1, 30, true), [1, 2, 5, 10, 20]);
  assert.deepEqual(powers(130.12, 180.4, false), [130, 180]);
});

test("a step knows its digits", () => {
  assert.deepEqual([5, 1, 0.5, 0.2, 0.05, 0.001].map(digitsOf), [0, 0, 1, 1, 2, 3]);
});

test("a number has a true minus, and zero has none", () => {
  assert.deepEqual([-1.234, -0.001, 0, 12.5].map((v) => number(v)), ["−1.23", "0.00", "0.00", "12.50"]);
  assert.deepEqual([-0.4, -0.6, 3].map((v) => number(v, 0)), ["0", "−1", "3"]);
});
