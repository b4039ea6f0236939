// Eigenvalues and eigenvectors of a symmetric matrix: Householder's reduction to three diagonals,
// then QL steps with implicit shifts (Bowdler, Martin, Reinsch and Wilkinson, 1968; EISPACK's tred2 and
// tql2). 200 rows take some 20 milliseconds.

const EPSILON = 2 ** -52;

/**
 * @param {ArrayLike<number>} matrix symmetric, row after row @param {number} n its rows
 * @returns {{ values: Float64Array, vectors: Float64Array[] }} values in descending order, and their vectors of length 1
 */
export function eigen(matrix, n) {
  const columns = Array.from({ length: n }, (_, j) => Float64Array.from({ length: n }, (__, i) => matrix[i * n + j]));
  const [d, e] = [new Float64Array(n), new Float64Array(n)];
  tridiagonal(columns, d, e, n);
  diagonal(columns, d, e, n);
  const order = Array.from(d, (_, i) => i).sort((a, b) => d[b] - d[a]);
  return { values: Float64Array.from(order, (i) => d[i]), vectors: order.map((i) => columns[i]) };
}

/** To a diagonal d and one beside it, e; the columns become the product of the reflections. */
function tridiagonal(v, d, e, n) {
  for (let j = 0; j < n; j++) d[j] = v[j][n - 1];
  for (let i = n - 1; i > 0; i--) {
    let [scale, h] = [0, 0];
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]);
    if (scale === 0) {
      e[i] = d[i - 1];
      for (let j = 0; j < i; j++) {
        d[j] = v[j][i - 1];
        v[j][i] = v[i][j] = 0;
      }
    } else {
      for (let k = 0; k < i; k++) {
        d[k] /= scale;
        h += d[k] * d[k];
      }
      const f = d[i - 1];
      const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      e[i] = scale * g;
      h -= f * g;
      d[i - 1] = f - g;
      e.fill(0, 0, i);
      for (let j = 0; j < i; j++) {
        const column = v[j];
        const dj = d[j];
        v[i][j] = dj;
        let sum = e[j] + column[j] * dj;
        for (let k = j + 1; k < i; k++) {
          sum += column[k] * d[k];
          e[k] += column[k] * dj;
        }
        e[j] = sum;
      }
      let along = 0;
      for (let j = 0; j < i; j++) {
        e[j] /= h;
        along += e[j] * d[j];
      }
      const half = along / (h + h);
      for (let j = 0; j < i; j++) e[j] -= half * d[j];
      for (let j = 0; j < i; j++) {
        const column = v[j];
        const dj = d[j];
        const ej = e[j];
        for (let k = j; k < i; k++) column[k] -= dj * e[k] + ej * d[k];
        d[j] = column[i - 1];
        column[i] = 0;
      }
    }
    d[i] = h;
  }
  for (let i = 0; i < n - 1; i++) {
    v[i][n - 1] = v[i][i];
    v[i][i] = 1;
    const [next, h] = [v[i + 1], d[i + 1]];
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = next[k] / h;
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        const column = v[j];
        for (let k = 0; k <= i; k++) sum += next[k] * column[k];
        for (let k = 0; k <= i; k++) column[k] -= sum * d[k];
      }
    }
    next.fill(0, 0, i + 1);
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[j][n - 1];
    v[j][n - 1] = 0;
  }
  v[n - 1][n - 1] = 1;
  e[0] = 0;
}

/** To the diagonal alone; the columns become its vectors. */
function diagonal(v, d, e, n) {
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  let [shifted, largest] = [0, 0];
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l]) + Math.abs(e[l]));
    let m = l;
    while (m < n - 1 && Math.abs(e[m]) > EPSILON * largest) m++;
    while (m > l) {
      let p = (d[l + 1] - d[l]) / (2 * e[l]);
      const r = p < 0 ? -Math.hypot(p, 1) : Math.hypot(p, 1);
      const first = d[l];
      d[l] = e[l] / (p + r);
      d[l + 1] = e[l] * (p + r);
      const [second, shift, beside] = [d[l + 1], first - d[l], e[l + 1]];
      for (let i = l + 2; i < n; i++) d[i] -= shift;
      shifted += shift;
      p = d[m];
      let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0];
      for (let i = m - 1; i >= l; i--) {
        c3 = c2;
        c2 = c;
        s2 = s;
        const g = c * e[i];
        const h = c * p;
        const length = Math.sqrt(p * p + e[i] * e[i]);
        e[i + 1] = s * length;
        s = e[i] / length;
        c = p / length;
        p = c * d[i] - s * g;
        d[i + 1] = h + s * (c * g + s * d[i]);
        const one = v[i];
        const other = v[i + 1];
        for (let k = 0; k < n; k++) {
          const a = one[k];
          const b = other[k];
          other[k] = s * a + c * b;
          one[k] = c * a - s * b;
        }
      }
      p = (-s * s2 * c3 * beside * e[l]) / second;
      e[l] = s * p;
      d[l] = c * p;
      if (Math.abs(e[l]) <= EPSILON * largest) break;
    }
    d[l] += shifted;
    e[l] = 0;
  }
}
