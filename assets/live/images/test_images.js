// Test images of a dataset, one at a time.

import { Cache } from "../core/cache.js";
import { content } from "../core/content.js";
import { bytesOf } from "../core/nn.js";

const MOST = 8e6; // bytes of images that a tab holds: all of MNIST's test images
const PIXELS = 784;

/** @type {Cache<Uint8Array>} */
const pieces = new Cache(MOST, (bytes) => bytes.length);

/** Test images, fetched in pieces as they are needed and held for all pages. */
export class Images {
  /** Pieces of `per` images each, from byte `starts[i]` to `starts[i + 1]` of what is at `url`. */
  constructor({ url, starts, per }) {
    this.url = url;
    this.starts = starts;
    this.per = per;
  }

  /** An image as 784 values in [0, 1]; null where there is none, or it does not arrive. */
  async get(i) {
    const piece = Math.floor(i / this.per);
    if (!(piece >= 0 && piece < this.starts.length - 1)) return null;
    try {
      const bytes = await pieces.get(`${this.url} ${piece}`, () => this.#fetch(piece));
      const at = (i - piece * this.per) * PIXELS;
      return Float32Array.from(bytes.subarray(at, at + PIXELS), (v) => v / 255);
    } catch {
      return null; // a picture less, until the pointer comes by again
    }
  }

  async #fetch(piece) {
    const range = `bytes=${this.starts[piece]}-${this.starts[piece + 1] - 1}`;
    return new Uint8Array(await content(this.url, bytesOf, { headers: { Range: range } }));
  }
}
