// Strokes of a pen: any size gives the same digit, and undo takes back the last thing that was done.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Drawing, PEN, SHEET } from "../../assets/live/images/drawing.js";

// Strokes in a box of one unit: an open one, corners, two strokes, rounds whose inside must stay free.
const round = (x, y, across, down) =>
  Array.from({ length: 25 }, (_, i) => [x + across * Math.sin(i * Math.PI / 12), y + down * Math.cos(i * Math.PI / 12)]);
const DIGITS = {
  0: [round(0.5, 0.5, 0.3, 0.5)],
  1: [[[0.5, 0], [0.5, 1]]],
  4: [[[0.3, 0], [0.1, 0.6], [0.9, 0.6]], [[0.7, 0], [0.7, 1]]],
  7: [[[0.1, 0], [0.8, 0], [0.3, 1]]],
  8: [round(0.5, 0.25, 0.25, 0.25), round(0.5, 0.75, 0.3, 0.25)],
};

/** A drawing of a digit whose box has its corner and its size there, with the events of a slow or a quick hand. */
function drawn(strokes, { left = 10, top = 10, size, steps = 6, drawing = new Drawing() }) {
  const place = ([x, y]) => ({ x: left + x * size, y: top + y * size });
  for (const stroke of strokes) {
    drawing.begin(place(stroke[0]));
    stroke.slice(1).forEach(([x, y], i) => {
      const [a, b] = stroke[i];
      for (let k = 1; k <= steps; k++) drawing.extend(place([a + (x - a) * k / steps, b + (y - b) * k / steps]));
    });
  }
  return drawing;
}

const apart = (a, b) => a.reduce((sum, v, i) => sum + Math.abs(v - b[i]), 0) / a.reduce((sum, v) => sum + v, 0);
const seven = (drawing) => drawn(DIGITS[7], { size: 80, drawing });

for (const [digit, strokes] of Object.entries(DIGITS)) {
  test(`a ${digit} of any size and place, drawn slowly or quickly, gives the same image`, () => {
    const large = drawn(strokes, { size: 120 }).image();
    for (const size of [80, 40, 30, 20]) {
      for (const steps of [1, 12]) {
        const small = drawn(strokes, { left: 130 - size, top: 20, size, steps }).image();
        assert.ok(apart(large, small) < 0.05, `${size}, ${steps}: ${apart(large, small)}`);
      }
    }
  });
}

test("a small round keeps its hole, and strokes are as broad as MNIST's", () => {
  const ring = drawn(DIGITS[0], { size: 20 }).image();
  const middle = ring.subarray(14 * 28, 15 * 28);
  assert.equal(middle[14], 0);
  const width = [...middle.subarray(0, 14)].reduce((a, b) => a + b, 0) / 255;
  assert.ok(width > 2 && width < 3.5, `${width}`);
});

test("undo takes back stroke by stroke, also what was cleared", () => {
  const drawing = seven(new Drawing());
  const [first, ink] = [drawing.image(), [...drawing.ink]];
  drawn(DIGITS[1], { size: 30, drawing });
  const both = drawing.image();
  assert.notDeepEqual(both, first);
  drawing.clear();
  drawing.clear(); // nothing: no second step back
  assert.equal(drawing.image(), null);
  drawing.undo();
  assert.deepEqual(drawing.image(), both);
  drawing.undo();
  assert.deepEqual(drawing.image(), first);
  assert.deepEqual([...drawing.ink], ink);
  drawing.undo();
  drawing.undo();
  assert.equal(drawing.image(), null);
  assert.ok(drawing.ink.every((v) => v === 0));
});

test("an image of a link is drawn on as it is shown, and undo leads back to it and no further", () => {
  const image = seven(new Drawing()).image();
  const drawing = new Drawing();
  seven(drawing);
  drawing.put(image);
  assert.deepEqual(drawing.image(), image);
  drawn([[[0, 0], [1, 0]]], { size: 100, left: 20, top: 130, drawing });
  assert.notDeepEqual(drawing.image(), image);
  drawing.undo();
  drawing.undo();
  assert.deepEqual(drawing.image(), image);
  drawing.clear();
  drawing.put(null); // the page comes to the empty pad again
  drawing.undo();
  assert.deepEqual(drawing.image(), image);
});

test("a dot is an image; beyond the sheet the pen leaves nothing", () => {
  const dot = new Drawing();
  dot.begin({ x: 3, y: 137 });
  assert.equal(Math.max(...dot.image()), 255);
  const across = new Drawing();
  across.begin({ x: 70, y: 20 });
  for (const [x, y] of [[180, 20], [180, 120], [70, 120], [20, 120]]) across.extend({ x, y });
  assert.deepEqual(across.strokes, [[[{ x: 70, y: 20 }, { x: SHEET, y: 20 }], [{ x: 70, y: 120 }, { x: 20, y: 120 }]]]);
  const right = across.ink[70 * SHEET + SHEET - PEN];
  assert.equal(right, 0);
});
