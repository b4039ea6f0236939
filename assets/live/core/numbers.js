// Numbers as they are written on the page.

/** A number with a true minus sign, and none before zero. */
export const number = (value, digits = 2) => value.toFixed(digits).replace("-", "−").replace(/^−(0\.?0*)$/, "$1");
