// An image as text of an address, and texts that are none.

import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";

import { packed, unpacked } from "../../assets/live/images/packed.js";

const ramp = Uint8Array.from({ length: 784 }, (_, i) => i & 255);
const text = (bytes) => Buffer.from(bytes).toString("base64url");

test("every image comes back, and fits into an address", async () => {
  let state = 7;
  const noise = Uint8Array.from({ length: 784 }, () => (state = (state * 1103515245 + 12345) >>> 0) >>> 24);
  for (const image of [new Uint8Array(784), ramp, noise]) {
    const address = await packed(image);
    assert.match(address, /^[A-Za-z0-9_-]{1,1200}$/);
    assert.deepEqual(await unpacked(address), image);
  }
});

test("links that Python made before open", async () => {
  assert.deepEqual(await unpacked("eNpjYBgFo2AUwAAAAxAAAQ"), new Uint8Array(784));
  assert.deepEqual(await unpacked(text(zlib.deflateSync(ramp, { level: 9 }))), ramp);
});

const none = {
  "a word": "seven", "no ASCII": "é".repeat(8), padding: "=", nothing: "", "far too long": "A".repeat(100_000), "a path": "/etc/passwd",
  "a pixel less": text(zlib.deflateSync(new Uint8Array(783))), "a pixel more": text(zlib.deflateSync(new Uint8Array(785))),
  "a bomb": text(zlib.deflateSync(new Uint8Array(10_000_000), { level: 9 })).slice(0, 1200),
  "a bomb that fits": text(zlib.deflateSync(new Uint8Array(500_000), { level: 9 })),
  "cut short": text(zlib.deflateSync(ramp).subarray(0, -3)), "a pickle": text([0x80, 4, 46, ...new Array(50).fill(0)]),
};
for (const [what, address] of Object.entries(none)) {
  test(`${what} is no image`, async () => assert.equal(await unpacked(address), null));
}
