// How far the ink of an image leans, and which classes lean together.

const SIDE = 28;
const TOGETHER = 0.8; // correlation from which a class is said to follow the others

/**
 * The lean of an image's ink in degrees, to the right positive: of the line through its middle on
 * which each row's ink is centred best. 0 where there is no ink, or no height of it.
 * @param {ArrayLike<number>} image 28 × 28 values
 */
export function lean(image) {
  let [mass, x, y] = [0, 0, 0];
  for (let i = 0; i < SIDE * SIDE; i++) {
    mass += image[i];
    x += image[i] * (i % SIDE);
    y += image[i] * Math.floor(i / SIDE);
  }
  let [across, down] = [0, 0];
  for (let i = 0; i < SIDE * SIDE; i++) {
    const below = Math.floor(i / SIDE) - y / mass;
    across += image[i] * below * ((i % SIDE) - x / mass);
    down += image[i] * below * below;
  }
  return down > 0 ? (-Math.atan(across / down) * 180) / Math.PI : 0;
}

/**
 * Which classes lean together: those whose lean at many points correlates with the mean of the
 * others' by more than .8.
 * @param {ArrayLike<number>[]} leans for each class its lean at each of the points
 * @returns {boolean[]}
 */
export function together(leans) {
  const count = leans[0].length;
  const sums = Float64Array.from({ length: count }, (_, i) => leans.reduce((sum, own) => sum + own[i], 0));
  return leans.map((own) => correlation(own, sums.map((sum, i) => sum - own[i])) > TOGETHER);
}

function correlation(a, b) {
  const middle = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [ma, mb] = [middle(a), middle(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) ** 2;
    bb += (b[i] - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb || 1);
}
