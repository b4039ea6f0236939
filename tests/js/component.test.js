// A component that has left the page, in whatever state: it reads, builds, draws and says nothing more.

import assert from "node:assert/strict";
import { test } from "node:test";

const read = []; // colours that were read, and of what
Object.assign(globalThis, {
  ResizeObserver: class {
    observe() {}
    disconnect() {}
  },
  requestAnimationFrame: (act) => setTimeout(act),
  cancelAnimationFrame: clearTimeout,
  getComputedStyle: (of) => (read.push(of), { color: "rgb(1, 2, 3)", fontFamily: "x" }),
  document: {
    fonts: { load: async () => [] },
    createElement: () => ({ children: Array.from({ length: 40 }, () => ({})), remove() {}, setAttribute() {}, append() {} }),
  },
});
const { Component, mounting } = await import("../../assets/live/core/component.js");
const { use } = await import("../../assets/live/core/words.js");
use({ language: "en", modules: { "core/component": { again: "again", broken: "broken" } } });

/** A root of the page. */
const rootOf = () => Object.assign(new EventTarget(), {
  isConnected: true, dataset: {}, append() {}, replaceChildren(...parts) {
    this.parts = parts;
  },
});

/** A component whose loading and building end when they are told to, and what it did. */
function made() {
  const did = [];
  const waits = {};
  const promised = (name) => new Promise((done, fail) => (waits[name] = { done, fail }));
  class Kind extends Component {
    keyOf(data) {
      return JSON.stringify(data.key);
    }
    load() {
      return promised("load");
    }
    build() {
      did.push("build");
      return promised("build");
    }
    draw() {
      did.push("draw");
    }
    recolour() {
      did.push("recolour");
      this.schedule();
    }
    update() {
      did.push("update");
    }
  }
  const component = new Kind(rootOf());
  return { component, did, waits, call: { data: { key: 1 }, setTriggerValue() {} } };
}

const settled = () => new Promise((done) => setTimeout(done, 120));

/** How a component leaves: Streamlit says so, or its elements go a moment before that. */
const WAYS = {
  left: (component) => component.leave(),
  detached: (component) => (component.root.isConnected = false),
};

for (const [name, leave] of Object.entries(WAYS)) {
  for (const end of ["done", "fail"]) {
    test(`${name} while it loads, which then is ${end}`, async (t) => {
      const complain = t.mock.method(console, "error", () => {});
      const { component, did, waits, call } = made();
      component.receive(call);
      leave(component);
      read.length = 0;
      waits.load[end](new Error("aborted"));
      await settled();
      assert.deepEqual([did, read, component.root.parts], [[], [], undefined]);
      assert.equal(complain.mock.callCount(), 0);
    });

    test(`${name} while it is built, which then is ${end}`, async (t) => {
      const complain = t.mock.method(console, "error", () => {});
      const { component, did, waits, call } = made();
      component.receive(call);
      waits.load.done();
      await settled();
      leave(component);
      read.length = 0;
      waits.build[end](new Error("aborted"));
      await settled();
      assert.deepEqual([did, read, component.root.parts], [["build"], [], undefined]);
      assert.equal(complain.mock.callCount(), 0);
      assert.equal(component.root.dataset.ready, undefined);
    });
  }

  test(`${name} with a frame to draw, and more data`, async () => {
    const { component, did, waits, call } = made();
    component.receive(call);
    waits.load.done();
    await settled();
    waits.build.done();
    await settled();
    assert.deepEqual(did.slice(0, 2), ["build", "recolour"]);
    assert.equal(component.root.dataset.ready, "true");
    component.schedule();
    leave(component);
    did.length = read.length = 0;
    component.schedule();
    component.receive({ ...call, data: { key: 2 } });
    component.root.dispatchEvent(Object.assign(new Event("transitionend"), { propertyName: "color" }));
    component.fail(new Error("late"));
    await settled();
    assert.deepEqual([did, read, component.root.parts], [[], [], undefined]);
  });
}

test("mounted again on the element that it has left, it begins anew", async () => {
  const built = [];
  const mount = mounting(class extends Component {
    build() {
      built.push(this.data.key);
    }
  });
  const root = rootOf();
  const call = (key) => ({ data: { key }, setTriggerValue() {} });
  const leave = mount(call(1), root);
  await settled();
  assert.equal(root.dataset.ready, "true");
  const first = root.live;
  leave();
  mount(call(2), root);
  assert.equal(root.dataset.ready, undefined);
  await settled();
  assert.deepEqual([built, root.dataset.ready], [[1, 2], "true"]);
  mount(call(3), root);
  leave(); // said late, of the first
  await settled();
  assert.deepEqual([built, root.live === first, root.live.signal.aborted], [[1, 2, 3], false, false]);
});
