// What Streamlit's controls hold, written to the address.

import assert from "node:assert/strict";
import { test } from "node:test";

import write from "../../assets/live/components/address/address.js";

/** The address that is left at such a page after these were written. */
function written(address, data) {
  globalThis.location = { href: address };
  globalThis.history = { state: null, replaceState: (state, title, url) => (location.href = url.href) };
  write({ data });
  return location.href;
}

const HOME = "https://lab.test/compare";

test("texts are written, others and the rest stay", () => {
  assert.equal(written(`${HOME}?w=1&show=gaps`, { page: "compare", query: { show: ["grid", "prior"] } }), `${HOME}?w=1&show=grid&show=prior`);
});

test("nothing chosen is an empty text, and no text is none", () => {
  assert.equal(written(HOME, { page: "compare", query: { show: [""] } }), `${HOME}?show=`);
  assert.equal(written(`${HOME}?show=`, { page: "compare", query: { show: [] } }), HOME);
});

test("texts with commas are told from several", () => {
  assert.equal(written(`${HOME}?also=a%2Cb`, { page: "compare", query: { also: ["a", "b"] } }), `${HOME}?also=a&also=b`);
});

test("another page's address is left alone", () => {
  assert.equal(written(HOME, { page: "decode", query: { show: [""] } }), HOME);
});
