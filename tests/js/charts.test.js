// Lines of charts: values between points, crossings, and what an axis spans.

import assert from "node:assert/strict";
import { test } from "node:test";

// The charts' base class draws in a browser; its parts that only compute need none of it.
import { rangeOf, valueAt } from "../../assets/live/charts/loss_chart.js";
import { crossings, handovers, onCurve } from "../../assets/live/charts/noise_chart.js";

const line = (...values) => ({ level: [0, 1, 2], values });

test("a line has values between its levels, and its ends beyond them", () => {
  const up = line(0, 2, 4);
  assert.deepEqual([0.25, 1, 1.5, 9, -1].map((x) => onCurve(up, x)), [0.5, 2, 3, 4, 0]);
});

test("lines cross where one takes the lead; to touch is not to cross", () => {
  const [up, down, flat] = [line(0, 2, 4), line(3, 1, 0), line(1.2, 1.2, 1.2)];
  assert.deepEqual(crossings(up, down), [0.75]);
  assert.deepEqual(crossings(flat, line(2, 2, 2)), []);
  assert.deepEqual(crossings(line(1, 0, 1), line(0, 0, 0)), []);
  assert.deepEqual(crossings(line(-1, 0, 1), line(0, 0, 0)), [1]);
  assert.deepEqual(crossings(up, up), []);
  const found = handovers([up, down, flat]).map(({ x }) => x).sort();
  assert.ok(Math.abs(found[0] - 0.6) < 1e-12 && Math.abs(found[1] - 0.9) < 1e-12 && found.length === 2);
});

test("a loss has a value between its epochs, none before the first", () => {
  const points = [[1, 10], [3, 20], [3, 30]];
  assert.deepEqual([0.5, 1, 2, 3, 9].map((epoch) => valueAt(points, epoch)), [null, 10, 15, 20, 30]);
  assert.equal(valueAt([], 1), null);
});

test("the steep start of a loss leaves the axis, unless it is logarithmic or begins at zero", () => {
  const losses = [500, ...Array.from({ length: 19 }, (_, i) => 120 - i)];
  const [low, high] = rangeOf(losses);
  assert.ok(low < 102 && low > 95 && high === 120);
  assert.deepEqual(rangeOf(losses, { zero: true }), [0, 500]);
  assert.deepEqual(rangeOf([0, -1, 2, 8], { log: true }), [2, 8 * 1.02]);
  assert.deepEqual(rangeOf([]), [0, 1]);
  assert.deepEqual(rangeOf([], { log: true }), [1, 10]);
  const [bottom, top] = rangeOf([5, 5]);
  assert.ok(top > bottom);
});
