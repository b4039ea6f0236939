// When the screen has shown something, or has not in time.

const HIDDEN = 200; // milliseconds: a page that nobody sees is not painted

/** Resolves once what was drawn until now is on the screen. @returns {Promise<void>} */
export function painted() {
  return within(HIDDEN, new Promise((done) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel(); // a frame's callbacks run before it is painted, a message comes after
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(null);
  })));
}

const LATEST = 1000; // milliseconds for which what stands below waits for a page's first image

let announce;
const first = new Promise((done) => (announce = done));

/** A page's first image is on the screen. @param {string} [token] by which the server is told */
export function firstImage(token) {
  announce();
  if (token) fetch(new URL(`lab/shown/${token}`, document.baseURI), { method: "POST" }).catch(() => {});
}

/** Resolves when the page has time for what stands below its first image. @returns {Promise<void>} */
export async function afterFirstImage() {
  await within(LATEST, first);
  await new Promise((done) =>
    (globalThis.requestIdleCallback ? requestIdleCallback(done, { timeout: LATEST }) : setTimeout(done, 100)));
}

/**
 * What a promise gives; undefined where it takes longer than so many milliseconds.
 * @template Value
 * @param {number} most @param {Promise<Value>} promise @returns {Promise<Value | undefined>}
 */
export function within(most, promise) {
  return Promise.race([promise, new Promise((done) => setTimeout(done, most))]);
}
