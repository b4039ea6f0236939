// What hands on a plane mean: presses, drags, clicks, pans and pinches from pointer events.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Gestures, Pointers } from "../../assets/live/plane/gestures.js";

/** Pointers that note every intent as [name, ...arguments]; `holds`: what a press answers. */
function noted(holds = false) {
  const found = [];
  const note = (name, answer) => (...what) => {
    found.push([name, ...what]);
    return answer;
  };
  const names = ["hover", "leave", "drag", "release", "cancel", "pan", "pinch"];
  const intents = Object.fromEntries(names.map((name) => [name, note(name)]));
  const pointers = new Pointers({ ...intents, press: note("press", holds) });
  return { pointers, take: () => found.splice(0) };
}

const mouse = (x, y, time = 0) => ({ id: 1, at: [x, y], kind: "mouse", time });
const finger = (id, x, y, time = 0) => ({ id, at: [x, y], kind: "touch", time });

test("a mouse hovers while nothing is pressed, a finger never does", () => {
  const { pointers, take } = noted();
  pointers.move(mouse(1, 2));
  pointers.move(finger(7, 1, 2));
  pointers.leave(finger(7, 0, 0));
  pointers.leave(mouse(0, 0));
  pointers.move({ ...mouse(3, 4), kind: "pen" });
  assert.deepEqual(take(), [["hover", [1, 2]], ["leave"], ["hover", [3, 4]]]);
});

test("a press that holds nothing pans the plane once it has moved four pixels", () => {
  const { pointers, take } = noted(false);
  pointers.press(mouse(10, 10));
  pointers.move(mouse(13, 10));
  assert.deepEqual(take(), [["press", [10, 10], false]]);
  pointers.move(mouse(14, 10));
  pointers.move(mouse(10, 12));
  pointers.leave(mouse(10, 12));
  pointers.lift(mouse(10, 12));
  assert.deepEqual(take(), [["pan", 4, 0], ["pan", -4, 2]]);
  pointers.move(mouse(11, 12));
  assert.deepEqual(take(), [["hover", [11, 12]]]);
});

test("clicks in a row are counted, and a late one begins anew", () => {
  const { pointers, take } = noted(false);
  for (const time of [1000, 1300, 2000]) {
    pointers.press(mouse(5, 5, time));
    pointers.lift(mouse(6, 5, time + 10));
  }
  const clicks = take().filter(([name]) => name === "release").map((intent) => intent[3]);
  assert.deepEqual(clicks, [1, 2, 1]);
});

test("what is held is dragged and released; a drag is no click", () => {
  const { pointers, take } = noted(true);
  pointers.press(finger(1, 0, 0));
  pointers.move(finger(1, 2, 0));
  pointers.move(finger(1, 30, 0));
  pointers.lift(finger(1, 31, 0));
  assert.deepEqual(take(), [["press", [0, 0], true], ["drag", [2, 0], true], ["drag", [30, 0], true], ["release", [31, 0], true, 0]]);
});

test("a second finger cancels what is held, and two pan and pinch", () => {
  const { pointers, take } = noted(true);
  pointers.press(finger(1, 0, 0));
  pointers.press(finger(2, 10, 0));
  assert.deepEqual(take().at(-1), ["cancel"]);
  pointers.move(finger(2, 20, 0));
  assert.deepEqual(take(), [["pinch", [5, 0], [10, 0], 2]]);
  pointers.lift(finger(1, 0, 0));
  pointers.move(finger(2, 50, 0));
  pointers.lift(finger(2, 50, 0));
  assert.deepEqual(take(), []); // the finger that is left neither drags nor pins
  pointers.press(finger(3, 1, 1));
  assert.deepEqual(take(), [["press", [1, 1], true]]);
});

test("fingers on one spot do not zoom without end", () => {
  const { pointers, take } = noted();
  pointers.press(finger(1, 3, 3));
  pointers.press(finger(2, 3, 3));
  pointers.move(finger(2, 3, 3));
  assert.equal(take().at(-1)[3], 1);
});

test("a pointer that the system takes away cancels what it held", () => {
  const { pointers, take } = noted(true);
  pointers.press(mouse(0, 0));
  pointers.lose(mouse(0, 0));
  pointers.lift(mouse(0, 0)); // too late
  pointers.lose(mouse(0, 0));
  assert.deepEqual(take(), [["press", [0, 0], false], ["cancel"]]);
});

/** A frame on which events are thrown by hand, with a plane that notes what it is told. */
function stage(handlers) {
  const listeners = {};
  const found = [];
  const frame = {
    addEventListener: (type, act, { signal }) => {
      listeners[type] = act;
      signal.addEventListener("abort", () => delete listeners[type]);
    },
    getBoundingClientRect: () => ({ left: 100, top: 50 }),
    setPointerCapture() {},
  };
  const plane = {
    window: { unit: 1, full: 2 },
    contains: (x, y) => x >= 0 && y >= 0 && x < 200 && y < 100,
    zoom: (...what) => found.push(["zoom", ...what]),
    pan: (...what) => found.push(["pan", ...what]),
  };
  const gestures = new Gestures(frame, plane, handlers(found));
  const send = (type, event) => {
    let prevented = false;
    listeners[type]?.({ button: 0, deltaY: 0, pointerId: 1, pointerType: "mouse", timeStamp: 0, preventDefault: () => (prevented = true), ...event });
    return prevented;
  };
  return { gestures, plane, listeners, send, take: () => found.splice(0) };
}

const all = (found) => Object.fromEntries(["hover", "leave", "arrow", "key", "moved", "fit", "release"].map((name) =>
  [name, (...what) => void found.push([name, ...what])]));

test("the wheel zooms about the pointer until all is shown, and then the page scrolls", () => {
  const { plane, send, take } = stage(all);
  assert.equal(send("wheel", { clientX: 110, clientY: 60, deltaY: -100 }), true);
  const [[name, factor, ...at], [moved]] = take();
  assert.deepEqual([name, at, moved], ["zoom", [10, 10], "moved"]);
  assert.ok(Math.abs(factor - Math.exp(0.15)) < 1e-12);
  plane.window.unit = plane.window.full;
  assert.equal(send("wheel", { clientX: 110, clientY: 60, deltaY: 100 }), false);
  assert.equal(send("wheel", { clientX: 90, clientY: 60, deltaY: -100 }), false); // beside the plane
  assert.deepEqual(take(), []);
});

test("keys zoom, show all and move; with a modifier they are the browser's", () => {
  const { send, take } = stage(all);
  for (const key of ["+", "=", "-", "0"]) assert.equal(send("keydown", { key }), true);
  assert.deepEqual(take().map(([name, factor]) => [name, factor]),
    [["zoom", 1.5], ["moved", undefined], ["zoom", 1.5], ["moved", undefined], ["zoom", 1 / 1.5], ["moved", undefined], ["fit", undefined]]);
  send("keydown", { key: "ArrowUp" });
  send("keydown", { key: "ArrowLeft", shiftKey: true });
  assert.deepEqual(take().map(([, x, y]) => [x, y]), [[0, 4], [-40, 0]]);
  assert.equal(send("keydown", { key: "Tab" }), false);
  assert.equal(take()[0][0], "key");
  for (const held of ["altKey", "ctrlKey", "metaKey"]) assert.equal(send("keydown", { key: "ArrowUp", [held]: true }), false);
  assert.deepEqual(take(), []);
});

test("a plane without `moved` stands still", () => {
  const { listeners, send, take } = stage((found) => ({ hover: (at) => found.push(["hover", at]), leave: () => found.push(["leave"]) }));
  assert.equal(listeners.wheel, undefined);
  assert.equal(send("keydown", { key: "+" }), false);
  send("pointermove", { clientX: 105, clientY: 55 });
  send("pointermove", { clientX: 50, clientY: 55 });
  send("pointerdown", { clientX: 105, clientY: 55 });
  send("pointermove", { clientX: 150, clientY: 55 });
  assert.deepEqual(take(), [["hover", [5, 5]], ["leave"]]);
});

test("all listeners are taken off", () => {
  const { gestures, listeners } = stage(all);
  assert.ok(Object.keys(listeners).length > 8);
  gestures.destroy();
  assert.deepEqual(listeners, {});
});
