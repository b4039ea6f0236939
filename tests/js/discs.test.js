// The signs on a plane: discs of classes, and names of the prior's circles beside them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { densest, discs } from "../../assets/live/plane/layers/discs.js";
import { priorNames } from "../../assets/live/plane/layers/prior.js";

/** A plane of 400 x 400 pixels from −2 to 2 with points [x, y, label]. */
function planeOf(points) {
  const inner = { x: 0, y: 0, w: 400, h: 400 };
  const toScreen = (x, y) => [200 + 100 * x, 200 - 100 * y];
  return {
    inner, toScreen, discRadius: 11, discs: [], hidden: new Set(), window: { unit: 0.01 },
    contains: (x, y) => x >= 0 && x <= 400 && y >= 0 && y <= 400,
    at: (z) => toScreen(...z),
    space: { dim: 2, count: points.length, labels: points.map((point) => point[2]) },
    projection: { places: points.flatMap(([x, y]) => [x, y]) },
  };
}

/** A context that keeps what is written on it. */
function paper() {
  const texts = [];
  const nothing = () => {};
  return new Proxy({ texts, fillText: (text, x, y) => texts.push({ text: `${text}`, x, y }) },
    { get: (own, name) => own[name] ?? nothing });
}

const colours = { classes: Array(10).fill("red"), plane: "white", text: "black", sigma: "blue", font: "sans" };
const cloud = (x, y, label, count, width) =>
  Array.from({ length: count }, (_, i) => [x + width * Math.cos(i * 2.4), y + width * Math.sin(i * 1.7), label]);

test("a class of few, scattered points has a disc; a few strays of a large class have none", () => {
  const few = planeOf([...cloud(-1, 0, 1, 44, 0.5), ...cloud(1, 0, 8, 20, 0.6)]);
  assert.deepEqual(densest(few).map(({ label }) => label), [1, 8]);
  const strays = planeOf([...cloud(50, 50, 3, 1000, 1), [0, 0, 3], [0.1, 0, 3], ...cloud(1, 1, 4, 1000, 0.4)]);
  assert.deepEqual(densest(strays).map(({ label }) => label), [4]);
});

test("discs that push each other stay whole in view", () => {
  const crowd = planeOf(Array.from({ length: 10 }, (_, label) => cloud(-1.97, 1.97, label, 40, 0.02)).flat());
  discs.draw(paper(), crowd, colours);
  assert.equal(crowd.discs.length, 10);
  for (const { x, y, r } of crowd.discs) assert.ok(x >= r && y >= r && x <= 400 - r && y <= 400 - r);
});

test("the names of the prior's circles stand clear of the discs", () => {
  const place = -0.707 - 0.14;
  const plane = planeOf(cloud(place, -place, 5, 60, 0.05));
  const context = paper();
  discs.draw(paper(), plane, colours);
  priorNames.draw(context, plane, colours);
  const names = context.texts.map(({ text }) => text);
  assert.deepEqual(names, ["1 σ", "2 σ", "3 σ"]);
  const [disc] = plane.discs;
  for (const { x, y } of context.texts) assert.ok(Math.hypot(x - disc.x, y - 4 - disc.y) > disc.r + 8);
});
