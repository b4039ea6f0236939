// From a drawing to an image as MNIST's are made: aecore.data.digit_image.from_ink in plain JavaScript.

const SIDE = 28;
const BOX = 20;
const CENTRE = 14;

/**
 * Fit ink (Float32Array of width * height, 0 to 1) into 20 x 20 pixels and centre it by mass.
 * Gives grey values, a Uint8Array of 28 * 28, or null where there is no ink.
 */
export function prepare(ink, width, height) {
  const box = inked(ink, width, height);
  if (!box) return null;
  const across = box.right - box.left;
  const down = box.bottom - box.top;
  const scale = BOX / Math.max(across, down);
  const columns = Math.ceil(across * scale - 1e-9);
  const rows = Math.ceil(down * scale - 1e-9);
  // Each pixel of the drawing is a square of side `scale` and leaves its ink where it lies.
  const small = new Float64Array(rows * columns);
  for (let y = 0; y < down; y++) {
    const wide = new Float64Array(columns);
    for (let x = 0; x < across; x++) {
      const value = ink[(box.top + y) * width + box.left + x];
      if (value) shares(x, scale, columns, (column, share) => (wide[column] += share * value));
    }
    shares(y, scale, rows, (row, share) => {
      for (let x = 0; x < columns; x++) small[row * columns + x] += share * wide[x];
    });
  }
  const most = small.reduce((a, b) => Math.max(a, b));
  const byRow = new Float64Array(rows);
  const byColumn = new Float64Array(columns);
  small.forEach((value, i) => {
    byRow[Math.floor(i / columns)] += value;
    byColumn[i % columns] += value;
  });
  const top = start(byRow);
  const left = start(byColumn);
  const image = new Uint8Array(SIDE * SIDE);
  small.forEach((value, i) => {
    const at = (top + Math.floor(i / columns)) * SIDE + left + (i % columns);
    image[at] = Math.floor((255 * value) / most + 0.5 + 1e-9);
  });
  return image;
}

/** The smallest box that holds all ink; its right and bottom lie outside. */
function inked(ink, width, height) {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!(ink[y * width + x] > 1 / 510)) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x + 1);
      box.top = Math.min(box.top, y);
      box.bottom = y + 1;
    }
  }
  return box.right ? box : null;
}

/** Tell the new pixels that old pixel `i` lies in, and how much of each it covers. */
function shares(i, scale, count, tell) {
  const low = i * scale;
  const high = (i + 1) * scale;
  for (let at = Math.floor(low); at < count && at < high; at++) {
    tell(at, Math.min(at + 1, high) - Math.max(at, low));
  }
}

/** Where to put a row of masses so that its centre is nearest to the middle. */
function start(mass) {
  let sum = 0;
  let moment = 0;
  mass.forEach((value, i) => {
    sum += value;
    moment += value * i;
  });
  const at = Math.floor(CENTRE - moment / sum + 0.5 + 1e-6);
  return Math.min(Math.max(at, 0), SIDE - mass.length);
}
