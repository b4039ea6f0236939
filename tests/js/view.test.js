// A component's view, as pages come and go under it.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { View } from "../../assets/live/core/view.js";

const FIELDS = [{ kind: "whole", name: "at", default: 0, low: 0, end: 3 }, { kind: "text", name: "z", default: null, pattern: "[0-9]+" }];

const stored = new Map();
globalThis.sessionStorage = {
  getItem: (key) => stored.get(key) ?? null,
  setItem: (key, text) => stored.set(key, text),
};
const events = new EventTarget();
globalThis.addEventListener = events.addEventListener.bind(events);
globalThis.history = { state: null, replaceState: (state, title, url) => go(url) };

/** The browser is at an address. */
function go(address) {
  const url = new URL(address, "http://lab");
  globalThis.location = { href: url.href, pathname: url.pathname, search: url.search };
  globalThis.document = { baseURI: url.href };
}

/** The browser's history leads to an address. */
function back(address) {
  go(address);
  events.dispatchEvent(new Event("popstate"));
}

beforeEach(() => stored.clear());

for (const base of ["/", "/teach/latent/"]) {
  test(`a component that the browser has left already spoils no other page's address, below ${base}`, () => {
    const compare = `${base}compare?at=1&z=22`;
    go(compare);
    const decode = new View(FIELDS, "decode", "decode");
    assert.deepEqual(decode.values, { at: 0, z: null });
    decode.set({ z: "7" });
    decode.write();
    assert.equal(location.href, new URL(compare, "http://lab").href);
    assert.deepEqual(new View(FIELDS, "compare", "compare").values, { at: 1, z: "22" });

    go(`${base}decode`);
    assert.deepEqual(new View(FIELDS, "decode", "decode").values, { at: 0, z: "7" });
    assert.ok(location.href.endsWith("/decode?z=7"));
    go(base);
    const home = new View(FIELDS, "home", "");
    home.set({ z: "3" });
    home.write();
    assert.ok(location.href.endsWith(`${base}?z=3`));
  });
}

test("where Back leads to the same page, what it showed is not written over what is asked", () => {
  go("/compare?at=1");
  const view = new View(FIELDS, "compare", "compare");
  back("/compare?at=2&z=5");
  view.set({ at: 0 });
  view.destroy(); // Streamlit makes the component anew
  assert.ok(location.href.endsWith("?at=2&z=5"));
  assert.deepEqual(new View(FIELDS, "compare", "compare").values, { at: 2, z: "5" });
});

test("a page that stays, because it was chosen again at once, writes what it shows", () => {
  go("/compare?at=1");
  const view = new View(FIELDS, "compare", "compare");
  back("/decode?z=3");
  go("/compare?z=3"); // as Streamlit leaves it
  view.confirm();
  assert.ok(location.href.endsWith("/compare?at=1"));
  back("/compare?at=1"); // to another place of the same page: no run follows
  view.set({ at: 2 });
  view.write();
  assert.ok(location.href.endsWith("/compare?at=2"));
});

test("what was done last is in the address before a click leads to another page", () => {
  go("/compare");
  const view = new View(FIELDS, "compare", "compare");
  for (const at of [1, 2]) view.set({ at });
  assert.ok(location.href.endsWith("/compare")); // it waits
  events.dispatchEvent(new Event("click"));
  assert.ok(location.href.endsWith("/compare?at=2"));
});

test("while a pointer is held down the address waits for it to let go", () => {
  go("/compare");
  const view = new View(FIELDS, "compare", "compare");
  view.written = -Infinity;
  events.dispatchEvent(new Event("pointerdown"));
  for (const at of [1, 2]) view.set({ at });
  assert.ok(location.href.endsWith("/compare"));
  events.dispatchEvent(new Event("pointerup"));
  assert.ok(location.href.endsWith("/compare?at=2"));
  view.written = -Infinity;
  view.set({ at: 1 });
  assert.ok(location.href.endsWith("/compare?at=1"));
  view.destroy();
});

// A field of each kind, a text that it reads, and one that makes no sense.
const EACH = [
  [{ kind: "whole", default: 0, low: 0, end: 300 }, "299", "300"],
  [{ kind: "number", default: 0.5, low: 0, high: 1, digits: 5 }, "0.25", "2"],
  [{ kind: "point", default: null, least: 1, most: 2, reach: 9, digits: 5 }, "1,2", "1,2,3"],
  [{ kind: "choice", default: "a", options: ["a", "b"] }, "b", "c"],
  [{ kind: "flag", default: false }, "1", "yes"],
  [{ kind: "classes", default: [] }, "27", "x"],
  [{ kind: "planes", default: [], most: 3, names: ["pca"] }, "pca", "0.1"],
  [{ kind: "stops", default: [], least: 2, most: 8 }, "1,2", "1"],
  [{ kind: "path", default: null, most: 48, digits: 4 }, "0:0,0,1,1", "0:1,1,1,1"],
  [{ kind: "text", default: null, pattern: "[a-z]{1,4}" }, "abc", "ABCDE"],
];

test("a value of no use stands in no address, whichever kind of field it is: not as text, nor beyond what is there", () => {
  for (const [kind, good, spoiled] of EACH) {
    const field = { name: "own", ...kind };
    const open = (text) => {
      stored.clear();
      go(`/compare?own=${text}&other=1`);
      return new View([field], "compare", "compare");
    };
    const query = () => new URLSearchParams(location.search);
    open(spoiled);
    assert.equal(query().has("own"), false, field.kind);
    const view = open(good);
    view.within({ own: () => true });
    view.write();
    assert.equal(query().get("own"), good, field.kind);
    view.within({ own: () => false, more: () => false });
    view.write();
    assert.equal(query().has("own"), false, field.kind);
    assert.deepEqual(view.values.own, field.default);
    view.within({ own: () => assert.fail("a default needs no range") });
    assert.equal(query().get("other"), "1");
  }
});
