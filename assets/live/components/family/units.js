// What is known of the units of a code: in which order they stand on a grid, and how many do what.

export const FIRES = 0.5; // a unit fires above this
const BINS = 50;

/**
 * The order of units on a grid: by the class that each answers to most, within a class the most
 * selective first, which is by how much that class leads the mean of the others.
 * @param {number[][] | undefined} byClass mean activations, a row of classes for each unit
 * @param {number} count of units, which stand as they come where nothing is known of them
 * @returns {{ order: number[], most: (number | null)[] }} most: the class of each unit
 */
export function orderOf(byClass, count) {
  const units = Array.from({ length: count }, (_, unit) => unit);
  if (byClass?.length !== count) return { order: units, most: units.map(() => null) };
  const most = byClass.map((row) => row.indexOf(Math.max(...row)));
  const lead = byClass.map((row, unit) => {
    const rest = row.reduce((a, b) => a + b, 0) - row[most[unit]];
    return row[most[unit]] - rest / Math.max(1, row.length - 1);
  });
  return { order: units.sort((a, b) => most[a] - most[b] || lead[b] - lead[a] || a - b), most };
}

/** The classes whose units begin in each row of a grid. @param {number[]} order @param {(number | null)[]} most @param {number} across */
export function beginnings(order, most, across) {
  const rows = Array.from({ length: Math.ceil(order.length / across) }, () => []);
  order.forEach((unit, i) => {
    if (most[unit] !== null && (!i || most[order[i - 1]] !== most[unit])) rows[Math.floor(i / across)].push(most[unit]);
  });
  return rows;
}

/** How many units fire. @param {ArrayLike<number>} code */
export const firing = (code) => Array.from(code).filter((value) => value > FIRES).length;

/** How many values lie in each of fifty parts of the way from 0 to 1. @param {number[]} values */
export function histogram(values) {
  const counts = Array(BINS).fill(0);
  for (const value of values) counts[Math.min(Math.max(Math.floor(value * BINS), 0), BINS - 1)] += 1;
  return counts;
}

/** The stop whose number is nearest to a value; stops that are no numbers have no place. @param {string[]} stops @param {number} value */
export function nearestStop(stops, value) {
  const away = (stop) => (Number.isNaN(Number(stop)) ? Infinity : Math.abs(Number(stop) - value));
  return stops.reduce((best, stop, i) => (away(stop) < away(stops[best]) ? i : best), 0);
}
