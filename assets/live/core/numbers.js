// Numbers as they are written on the page, and the error of an image.

/** A number with a true minus sign, and none before zero. */
export const number = (value, digits = 2) => value.toFixed(digits).replace("-", "−").replace(/^−(0\.?0*)$/, "$1");

/** The squared error of two images, summed over their pixels. */
export function squaredError(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}
