// A cache that holds no more bytes than it may.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Cache } from "../../assets/live/core/cache.js";

const bytes = (size) => async () => ({ size });
const cache = (most) => new Cache(most, ({ size }) => size);

test("a value is made once for all who ask", async () => {
  const held = cache(10);
  let made = 0;
  const make = async () => ({ size: ++made });
  const [a, b] = await Promise.all([held.get("k", make), held.get("k", make)]);
  assert.equal(a, b);
  assert.equal(await held.get("k", make), a);
  assert.equal(made, 1);
});

test("what was used least recently goes first", async () => {
  const held = cache(30);
  for (const key of ["a", "b", "c"]) await held.get(key, bytes(10));
  await held.get("a", bytes(10));
  await held.get("d", bytes(10));
  assert.deepEqual([...held.entries.keys()], ["c", "a", "d"]);
  assert.equal(held.bytes, 30);
});

test("it never holds more than it may, except the one value that is larger", async () => {
  const held = cache(100);
  for (let i = 0; i < 500; i++) {
    await held.get(i, bytes((i * 37) % 60));
    assert.ok(held.bytes <= 100);
  }
  await held.get("large", bytes(500));
  assert.deepEqual([held.bytes, held.has("large")], [500, true]);
  await held.get("next", bytes(1));
  assert.deepEqual([held.bytes, held.has("large")], [1, false]);
});

test("what failed is made again", async () => {
  const held = cache(10);
  await assert.rejects(held.get("k", async () => { throw new Error("no way"); }), /no way/);
  assert.equal(held.has("k"), false);
  assert.deepEqual(await held.get("k", bytes(3)), { size: 3 });
  assert.equal(held.bytes, 3);
});

test("what is made while the cache is cleared is not counted", async () => {
  const held = cache(10);
  const made = held.get("k", bytes(3));
  held.clear();
  await made;
  assert.deepEqual([held.bytes, held.has("k")], [0, false]);
});
