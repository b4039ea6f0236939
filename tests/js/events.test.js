// A page follows runs: what a cut loses (nothing), what a proxy holds back, and when it rests.

import assert from "node:assert/strict";
import { test } from "node:test";

import { EventReader, Follower, Store } from "../../assets/live/core/events.js";

const wire = (...events) => events.map(([name, data, id]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n${id ? `id: ${id}\n` : ""}\n`).join("");
const rows = (at, ...epochs) => ["records", { of: "a", at, rows: epochs.map((epoch) => [epoch]) }];

test("events are whole whatever the pieces they come in", () => {
  const text = `:\n\n${wire(["status", { of: "a", value: "é ≥" }, "1"], ["end", {}, "2"])}`;
  for (const size of [1, 2, 3, 7, 1000]) {
    const reader = new EventReader();
    const found = [];
    for (let at = 0; at < text.length; at += size) found.push(...reader.read(text.slice(at, at + size)));
    assert.deepEqual(found.map(({ name, data, id }) => [name, JSON.parse(data), id]),
      [["status", { of: "a", value: "é ≥" }, "1"], ["end", {}, "2"]], `${size}`);
  }
  assert.deepEqual(new EventReader().read("data: 1\r\ndata: 2\r\n\r\n")[0].data, "1\n2");
  assert.deepEqual(new EventReader().read("event: x\n\ndata: half"), []);
});

test("records take their place, sent once, twice or anew", () => {
  const store = new Store();
  store.take(...rows(0, 1, 2));
  store.take(...rows(2, 3));
  store.take(...rows(2, 3, 4));
  assert.deepEqual(store.rows.get("a"), [[1], [2], [3], [4]]);
  store.take(...rows(0, 1));
  store.take("status", { of: "a", value: 1 });
  store.take("status", { of: "b", value: 1 });
  store.take("status", { of: "a", value: 2 });
  assert.deepEqual(store.events, [["records", "a", [[1]]], ["status", "a", 2], ["status", "b", 1]]);
});

/** A page that can be hidden. */
function pageOf() {
  const page = new EventTarget();
  page.hidden = false;
  page.hide = (hidden) => {
    page.hidden = hidden;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  return page;
}

/**
 * A follower of a server that answers by a script: for each request a text to stream (which then
 * ends), a list of texts that stays open at its end, an object of JSON, a status, or an error.
 */
function served(...script) {
  const asked = [];
  const waits = [];
  const page = pageOf();
  const fetch = async (url, { signal }) => {
    asked.push(url);
    const next = script.shift();
    if (next === undefined) return new Promise((_, fail) => signal.addEventListener("abort", () => fail(new Error("aborted"))));
    if (next instanceof Error) throw next;
    if (typeof next === "number") return new Response("", { status: next });
    if (typeof next === "string") return new Response(next);
    if (!Array.isArray(next)) return Response.json(next);
    return new Response(new ReadableStream({
      start(controller) {
        for (const text of next) controller.enqueue(new TextEncoder().encode(text));
        signal.addEventListener("abort", () => controller.error(new Error("aborted")));
      },
    }));
  };
  const wait = async (ms) => void waits.push(ms);
  const follower = new Follower("/events?w=t", "/progress?w=t", { fetch, wait, page, limits: { first: 40, silence: 80 } });
  const found = [];
  const note = (name) => (of, value) => found.push([name, of, structuredClone(value)]);
  const handlers = Object.fromEntries(["records", "status", "end", "refused"].map((name) => [name, note(name)]));
  return { follower, handlers, found, asked, waits, page };
}

async function until(met) {
  for (let k = 0; k < 400 && !met(); k++) await new Promise((done) => setTimeout(done, 5));
  assert.ok(met());
}

test("after a cut it goes on from what it has seen, and stops at the end", async () => {
  const { follower, handlers, found, asked } = served(
    wire([...rows(0, 1, 2), "a.1"]) + "event: records\ndata: {\"of",
    new Error("offline"),
    wire([...rows(2, 3), "a.2"], ["end", {}, "a.3"]),
  );
  follower.add(handlers);
  await follower.running;
  assert.deepEqual(asked, ["/events?w=t", "/events?w=t&since=a.1", "/events?w=t&since=a.1"]);
  assert.deepEqual(found, [["records", "a", [[1], [2]]], ["records", "a", [[1], [2], [3]]], ["end", "", null]]);
  assert.equal(follower.seen, "a.3");
});

test("it goes on after an end when it is told to, and not twice at a time", async () => {
  const { follower, handlers, asked, found } = served(wire(["end", {}, "a.1"]), wire(["status", { of: "a", value: 1 }, "a.2"], ["end", {}, "a.2"]));
  follower.add(handlers);
  await follower.running;
  follower.start();
  follower.start();
  await follower.running;
  assert.deepEqual(asked, ["/events?w=t", "/events?w=t&since=a.1"]);
  assert.deepEqual(found.map(([name]) => name), ["end", "status", "end"]);
});

test("tries are ever farther apart, and soon again once something came", async () => {
  const down = Array.from({ length: 12 }, () => new Error("offline"));
  const { follower, handlers, waits } = served(...down, wire(["status", { of: "a", value: 1 }, "a.1"]), wire(["end", {}, "a.2"]));
  follower.add(handlers);
  await follower.running;
  assert.equal(waits[0], 800);
  assert.ok(waits.slice(1, 12).every((ms, k) => ms >= waits[k]));
  assert.equal(waits[11], 15000);
  assert.equal(waits[12], 500);
});

test("where a proxy holds the stream back, it asks now and then", async () => {
  const { follower, handlers, found, asked, waits } = served(
    [],
    { id: "a.1", end: false, events: [rows(0, 1)] },
    { id: "a.1", end: false, events: [] },
    { id: "a.2", end: true, events: [rows(1, 2)] },
  );
  follower.add(handlers);
  await follower.running;
  assert.deepEqual(asked, ["/events?w=t", "/progress?w=t", "/progress?w=t&since=a.1", "/progress?w=t&since=a.1"]);
  assert.deepEqual(found, [["records", "a", [[1]]], ["records", "a", [[1], [2]]], ["end", "", null]]);
  assert.ok(waits.at(-1) > waits.at(-2)); // calmer when nothing comes
});

test("a server with too many streams is asked", async () => {
  const { follower, handlers, asked } = served(503, { id: "a.1", end: true, events: [] });
  follower.add(handlers);
  await follower.running;
  assert.deepEqual(asked, ["/events?w=t", "/progress?w=t"]);
});

test("a stream that falls silent is cut and opened anew", async () => {
  const { follower, handlers, asked } = served([":\n\n"], wire(["end", {}, "a.1"]));
  follower.add(handlers);
  await follower.running;
  assert.equal(asked.length, 2);
  assert.equal(follower.asks, false);
});

test("who may not follow is told so once", async () => {
  const { follower, handlers, found, asked } = served(403);
  follower.add(handlers);
  await follower.running;
  assert.deepEqual([found, asked.length], [[["refused", "", "403"]], 1]);
});

test("a hidden page lets go of its stream, and takes it up again", async () => {
  const { follower, handlers, found, asked, page } = served([wire(["status", { of: "a", value: 1 }, "a.1"])], wire(["end", {}, "a.2"]));
  follower.add(handlers);
  await until(() => found.length === 1);
  page.hide(true);
  await until(() => follower.open === null);
  await new Promise((done) => setTimeout(done, 30));
  assert.equal(asked.length, 1);
  page.hide(false);
  await follower.running;
  assert.deepEqual(asked, ["/events?w=t", "/events?w=t&since=a.1"]);
});

test("one who comes later gets all that came; when nobody listens any more, it ends", async () => {
  const { follower, handlers, found } = served([wire([...rows(0, 1, 2), "a.1"], ["status", { of: "a", value: 5 }, "a.2"])]);
  follower.add(handlers);
  await until(() => found.length === 2);
  const late = [];
  const other = { records: (of, value) => late.push(value.length), status: (of, value) => late.push(value) };
  follower.add(other);
  assert.deepEqual(late, [2, 5]);
  follower.remove(handlers);
  assert.ok(follower.running);
  follower.remove(other);
  await follower.running;
  assert.equal(follower.open, null);
});
