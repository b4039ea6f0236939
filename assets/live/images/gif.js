// A small writer of animated GIFs (GIF89a): frames of up to 256 colours, LZW, played for ever.

/** Colours for pictures of ink on paper with accents: blends from paper to each, [[r, g, b], ...]. */
export function blends(paper, ink, accents) {
  const mix = (to, steps) => Array.from({ length: steps }, (_, i) =>
    paper.map((v, c) => Math.round(v + ((to[c] - v) * (i + 1)) / steps)));
  const each = Math.floor(160 / Math.max(1, accents.length));
  return [paper.map(Math.round), ...mix(ink, 95), ...accents.flatMap((accent) => mix(accent, each))].slice(0, 256);
}

/** One animation: `add` its frames (pixels as RGBA bytes), then take its `bytes`. */
export class Gif {
  constructor(width, height, palette) {
    this.width = width;
    this.height = height;
    this.palette = palette;
    this.parts = [];
    this.known = new Map(); // the palette's nearest colour by RGB
    this.indices = new Uint8Array(width * height);
    const table = new Uint8Array(768);
    palette.forEach((colour, i) => table.set(colour, 3 * i));
    const screen = [...pair(width), ...pair(height), 0xf7, 0, 0];
    const forever = [0x21, 0xff, 11, ...letters("NETSCAPE2.0"), 3, 1, 0, 0, 0];
    this.parts.push(Uint8Array.from([...letters("GIF89a"), ...screen]), table, Uint8Array.from(forever));
  }

  /** Add a frame that is shown for some hundredths of a second. */
  add(pixels, hundredths) {
    const { indices } = this;
    for (let i = 0, k = 0; i < indices.length; i++, k += 4) {
      indices[i] = this.nearest(pixels[k], pixels[k + 1], pixels[k + 2]);
    }
    const control = [0x21, 0xf9, 4, 4, ...pair(hundredths), 0, 0];
    const place = [0x2c, 0, 0, 0, 0, ...pair(this.width), ...pair(this.height), 0];
    this.parts.push(Uint8Array.from([...control, ...place, 8]), blocks(lzw(indices)));
  }

  nearest(r, g, b) {
    const key = (r << 16) | (g << 8) | b;
    let found = this.known.get(key);
    if (found === undefined) {
      let least = Infinity;
      this.palette.forEach((colour, i) => {
        const distance = (colour[0] - r) ** 2 + (colour[1] - g) ** 2 + (colour[2] - b) ** 2;
        if (distance < least) [least, found] = [distance, i];
      });
      this.known.set(key, found);
    }
    return found;
  }

  get blob() {
    return new Blob([...this.parts, Uint8Array.of(0x3b)], { type: "image/gif" });
  }
}

const pair = (n) => [n & 255, n >> 8];
const letters = (text) => [...text].map((letter) => letter.charCodeAt(0));

/** LZW for bytes, in codes that grow from 9 to 12 bits and then start anew. */
function lzw(indices) {
  const CLEAR = 256;
  const END = 257;
  const bytes = [];
  const next = new Int16Array(4096 * 256); // the code of (a code, then a byte); 0 for none
  const used = [];
  let size = 9;
  let free = 258;
  let bits = 0;
  let count = 0;
  const put = (code) => {
    bits |= code << count;
    count += size;
    for (; count >= 8; count -= 8, bits >>>= 8) bytes.push(bits & 255);
  };
  put(CLEAR);
  let code = indices[0];
  for (let i = 1; i < indices.length; i++) {
    const at = (code << 8) | indices[i];
    if (next[at]) {
      code = next[at];
      continue;
    }
    put(code);
    if (free === 4096) {
      put(CLEAR);
      for (const place of used) next[place] = 0;
      used.length = 0;
      free = 258;
      size = 9;
    } else {
      if (free === 1 << size) size++;
      next[at] = free++;
      used.push(at);
    }
    code = indices[i];
  }
  put(code);
  if (free === 1 << size && size < 12) size++; // as the reader does after every code
  put(END);
  if (count) bytes.push(bits & 255);
  return bytes;
}

/** Bytes in blocks of up to 255, each led by its length; an empty one ends them. */
function blocks(bytes) {
  const result = new Uint8Array(bytes.length + Math.ceil(bytes.length / 255) + 1);
  for (let i = 0, at = 0; i < bytes.length; i += 255) {
    const block = bytes.slice(i, i + 255);
    result[at++] = block.length;
    result.set(block, at);
    at += block.length;
  }
  return result;
}
