// The training images nearest to images that were drawn here, found by the server (aecore/web/nearest.py).

const PIXELS = 784;

/** A training image: its number, its class, how far it is, and its values in [0, 1].
 * @typedef {{ row: number, label: number, distance: number, image: Float32Array }} Neighbour
 */

/**
 * The nearest training image to each image; null where the dataset is not at hand, or no answer comes.
 * @param {string} url @param {Float32Array[]} images @param {AbortSignal} [signal]
 * @returns {Promise<Neighbour[] | null>}
 */
export async function nearestTraining(url, images, signal) {
  const sent = new Float32Array(images.length * PIXELS);
  images.forEach((image, i) => sent.set(image.map((v) => Math.min(Math.max(v, 0), 1)), i * PIXELS));
  const headers = { "Content-Type": "application/octet-stream" };
  try {
    const answer = await fetch(new URL(url, document.baseURI), { method: "POST", body: sent, headers, signal });
    const found = answer.ok ? await answer.json() : null;
    if (!found) return null;
    const bytes = Uint8Array.from(atob(found.images), (c) => c.charCodeAt(0));
    return images.map((_, i) => ({
      row: found.rows[i], label: found.labels[i], distance: found.distances[i],
      image: Float32Array.from(bytes.subarray(i * PIXELS, (i + 1) * PIXELS), (v) => v / 255),
    }));
  } catch {
    return null; // a picture less
  }
}
