// Test images, one at a time.

import { gunzip } from "../core/nn.js";

/** Test images, fetched in pieces as they are needed. */
export class Images {
  constructor({ url, starts, per }) {
    Object.assign(this, { url, starts, per, pieces: new Map() });
  }

  async get(i) {
    const piece = Math.floor(i / this.per);
    if (!this.pieces.has(piece)) this.pieces.set(piece, this.fetch(piece));
    try {
      const bytes = await this.pieces.get(piece);
      const at = (i - piece * this.per) * 784;
      return Float32Array.from(bytes.subarray(at, at + 784), (v) => v / 255);
    } catch {
      this.pieces.delete(piece); // a picture less, until the pointer comes by again
      return null;
    }
  }

  async fetch(piece) {
    const range = `bytes=${this.starts[piece]}-${this.starts[piece + 1] - 1}`;
    const answer = await fetch(this.url, { headers: { Range: range } });
    return new Uint8Array(await gunzip(await answer.arrayBuffer()));
  }
}
