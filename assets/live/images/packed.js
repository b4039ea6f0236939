// An image of 784 grey values as text that an address can hold: zlib, then base64 of URLs.

const PIXELS = 784;
const MOST_TEXT = 1200; // characters; what does not compress has 1,060

/** An image as text. @param {Uint8Array<ArrayBuffer>} image @returns {Promise<string>} */
export async function packed(image) {
  const bytes = await collect(new Blob([image]).stream().pipeThrough(new CompressionStream("deflate")), MOST_TEXT);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * The image of a text; null for all else. Never much more than an image is decompressed.
 * @param {string} text @returns {Promise<Uint8Array<ArrayBuffer> | null>}
 */
export async function unpacked(text) {
  if (!/^[\w-]+$/.test(text) || text.length > MOST_TEXT) return null;
  try {
    const content = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(content, (c) => c.charCodeAt(0));
    const image = await collect(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")), PIXELS);
    return image.length === PIXELS ? image : null;
  } catch {
    return null; // no base64, no zlib, more than one image, or something behind it
  }
}

/** All bytes of a stream; it fails at more than `most`. */
async function collect(stream, most) {
  const parts = [];
  let count = 0;
  for (const reader = stream.getReader(); ;) {
    const { value, done } = await reader.read();
    if (done) break;
    parts.push(value);
    count += value.length;
    if (count > most) {
      await reader.cancel();
      throw new RangeError(`More than ${most} bytes.`);
    }
  }
  const bytes = new Uint8Array(count);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
