// Content that does not come is asked for once more, then there is a sentence.

import assert from "node:assert/strict";
import { test } from "node:test";

import { content } from "../../assets/live/core/content.js";
import { Refusal } from "../../assets/live/core/refusal.js";

globalThis.document = { baseURI: "http://lab/teach/compare" };

const text = (answer) => answer.text();
const whole = () => new Response("whole");
const cut = () => {
  throw new TypeError("network error");
};
const broken = () => new Response(new ReadableStream({ pull: (stream) => stream.error(new TypeError("cut off")) }));
const missing = () => new Response("no such page", { status: 404 });

/** A server that answers so, one after the other; what it was asked for. */
function server(...answers) {
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url.href);
    return answers[asked.length - 1]();
  };
  return asked;
}

for (const fault of [cut, broken, missing]) {
  test(`what comes at the second time is there: ${fault.name}`, async () => {
    const asked = server(fault, whole);
    assert.equal(await content("lab/block/1", text), "whole");
    assert.deepEqual(asked, Array(2).fill("http://lab/teach/lab/block/1"));
  });

  test(`what does not come is refused in a sentence: ${fault.name}`, async () => {
    const asked = server(fault, fault);
    await assert.rejects(content("lab/block/1", text, { sentence: () => "Gone." }), new Refusal("Gone."));
    assert.equal(asked.length, 2);
  });
}

test("weights are brought before the sentences are there", async () => {
  const { loadBlock } = await import("../../assets/live/core/nn.js");
  const block = new Blob([new Uint32Array([13]), '{"arrays":[]}']); // as the browser has unpacked it
  server(() => new Response(block, { headers: { "Content-Encoding": "gzip" } }));
  assert.deepEqual((await loadBlock("lab/block/early")).arrays, {});
});
