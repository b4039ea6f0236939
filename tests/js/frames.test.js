import assert from "node:assert/strict";
import test from "node:test";

import { afterFirstImage, firstImage, painted, within } from "../../assets/live/core/frames.js";

test("a promise in time gives its value, a late one nothing", async () => {
  assert.equal(await within(1000, Promise.resolve(3)), 3);
  assert.equal(await within(1, new Promise(() => {})), undefined);
});

test("what was drawn is on the screen after the next frame, and a page that nobody sees does not wait for one", async () => {
  const order = [];
  globalThis.requestAnimationFrame = (callback) => {
    setImmediate(() => {
      callback();
      order.push("painted");
    });
    return 0;
  };
  await painted();
  assert.deepEqual(order, ["painted"]);
  globalThis.requestAnimationFrame = () => 0;
  await painted();
});

test("what stands below waits for the first image", async () => {
  const order = [];
  const later = afterFirstImage().then(() => order.push("below"));
  setImmediate(() => {
    order.push("first");
    firstImage();
  });
  await later;
  assert.deepEqual(order, ["first", "below"]);
});

test("the server is told of the first image where it asked to be, and a failure does no harm", async () => {
  const told = [];
  globalThis.document = { baseURI: "http://lab/teach/compare" };
  globalThis.fetch = async (url, { method }) => {
    told.push(`${method} ${url}`);
    throw new TypeError("network error");
  };
  firstImage();
  assert.deepEqual(told, []);
  firstImage("a-token");
  await new Promise(setImmediate);
  assert.deepEqual(told, ["POST http://lab/teach/lab/shown/a-token"]);
});
