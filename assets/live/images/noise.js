// What spoils an image: aecore/data/noise.py in the browser. The same seed gives the same noise: all
// chance comes from whole numbers of 32 bits, which both find alike.

const STREAM = { radius: 0, angle: 1, hit: 2, salt: 3, place: 4 };
const TWO_32 = 2 ** 32;

/** A whole number in [0, 2^32) for every combination of counters, as good as drawn at random. */
export function randomBits(...counters) {
  return counters.reduce(fold, 0);
}

/** Spoil one image of 28x28 values in [0, 1]; the index is its number, by which its noise differs. */
export function corrupt(image, kind, level, seed = 0, index = 0, result = new Float32Array(784)) {
  const spoil = CORRUPTIONS[kind];
  if (!spoil) throw new Error(`There is no corruption "${kind}".`);
  const block = kind === "occlusion";
  if (!(level >= 0 && level <= (block ? 28 : 1)) || (block && level % 1)) {
    throw new Error(`A level of ${kind} noise cannot be ${level}.`);
  }
  result.set(image);
  if (level > 0) spoil(result, level, (stream) => randomBits(seed, stream, index));
  return result;
}

const CORRUPTIONS = {
  gaussian(x, level, key) {
    const radius = key(STREAM.radius);
    const angle = key(STREAM.angle);
    for (let i = 0; i < x.length; i++) {
      const r = Math.sqrt(-2 * Math.log((fold(radius, i) + 1) / TWO_32)); // Box & Muller
      const normal = r * Math.cos(fold(angle, i) * ((2 * Math.PI) / TWO_32));
      x[i] = Math.min(Math.max(x[i] + level * normal, 0), 1);
    }
  },

  salt_and_pepper(x, level, key) {
    const salt = key(STREAM.salt);
    setPixels(x, level, key, (i) => fold(salt, i) >>> 31);
  },

  masking: (x, level, key) => setPixels(x, level, key, () => 0),

  occlusion(x, level, key) {
    const place = key(STREAM.place);
    const [top, left] = [0, 1].map((k) => Math.floor((fold(place, k) * (29 - level)) / TWO_32));
    for (let row = top; row < top + level; row++) {
      x.fill(0, row * 28 + left, row * 28 + left + level);
    }
  },
};

function setPixels(x, level, key, value) {
  const chance = key(STREAM.hit);
  const below = Math.floor(level * TWO_32);
  for (let i = 0; i < x.length; i++) if (fold(chance, i) < below) x[i] = value(i);
}

const fold = (h, counter) => scramble(h ^ scramble(counter + 0x9e3779b9)) >>> 0;

function scramble(h) {
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}
