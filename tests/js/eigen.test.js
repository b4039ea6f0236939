// Eigenvalues of symmetric matrices, and the singular values of a Jacobian from them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { singular } from "../../assets/live/components/family/jacobian.js";
import { eigen } from "../../assets/live/core/eigen.js";

/** Numbers that look drawn at random, from a seed. */
function drawn(seed) {
  return () => {
    seed = (1664525 * seed + 1013904223) % 2 ** 32;
    return seed / 2 ** 31 - 1;
  };
}

function symmetric(n, seed) {
  const [draw, matrix] = [drawn(seed), new Float64Array(n * n)];
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = draw();
  return matrix;
}

const times = (matrix, n, x) => Array.from({ length: n }, (_, i) => x.reduce((sum, v, j) => sum + matrix[i * n + j] * v, 0));

test("each vector is only stretched, by its value, and stands at right angles to the others", () => {
  for (const [n, seed] of [[1, 1], [2, 2], [3, 3], [17, 4], [60, 5]]) {
    const matrix = symmetric(n, seed);
    const { values, vectors } = eigen(matrix, n);
    assert.deepEqual([...values], [...values].sort((a, b) => b - a));
    vectors.forEach((vector, k) => {
      times(matrix, n, vector).forEach((v, i) => assert.ok(Math.abs(v - values[k] * vector[i]) < 1e-10));
      vectors.forEach((other, m) => {
        const dot = vector.reduce((sum, v, i) => sum + v * other[i], 0);
        assert.ok(Math.abs(dot - Number(k === m)) < 1e-10);
      });
    });
  }
});

test("zeros, equal values and a diagonal are no trouble", () => {
  assert.deepEqual([...eigen(new Float64Array(9), 3).values], [0, 0, 0]);
  assert.deepEqual([...eigen([2, 0, 0, 0, 5, 0, 0, 0, 2], 3).values], [5, 2, 2]);
  const ones = eigen(new Float64Array(16).fill(1), 4).values;
  [4, 0, 0, 0].forEach((value, i) => assert.ok(Math.abs(ones[i] - value) < 1e-12));
});

test("the squares of a Jacobian's singular values are its squared norm, and it keeps their directions", () => {
  const [units, pixels, draw] = [12, 40, drawn(7)];
  const weights = Float32Array.from({ length: units * pixels }, draw);
  const code = Float32Array.from({ length: units }, () => (draw() + 1) / 2);
  const { values, directions } = singular({ units, weights }, code, 3);
  const rows = Array.from({ length: units }, (_, i) =>
    Array.from({ length: pixels }, (__, p) => code[i] * (1 - code[i]) * weights[i * pixels + p]));
  const norm = rows.flat().reduce((sum, v) => sum + v * v, 0);
  assert.ok(Math.abs(values.reduce((sum, v) => sum + v * v, 0) - norm) < 1e-6 * norm);
  directions.forEach((direction, k) => {
    const moved = rows.map((row) => row.reduce((sum, v, p) => sum + v * direction[p], 0));
    assert.ok(Math.abs(Math.hypot(...moved) - values[k]) < 1e-5);
    assert.ok(Math.max(...direction) >= -Math.min(...direction) - 1e-6);
  });
});
