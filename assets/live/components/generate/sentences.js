// What the ten images of one point show, as facts and in words.

import { share, symbolOf } from "../../core/dom.js";
import { list, wordsOf } from "../../core/words.js";

const { say, fill } = wordsOf("components/generate/sentences");

const TOLD = 0.25; // accuracy of a reader of the class from z from which some of the class is left in it
const FEW = 2; // misread classes that are named
const MOST = 6; // classes that agree, and are most of ten

/**
 * What is seen at a point.
 * @typedef {{ low: number, high: number, out: { digit: number, lean: number }[], agree: number | null,
 *   wrong: { asked: number, digit: number }[] }} Facts
 *   whole degrees of those that lean together, the others, how many agree (null: not known yet), and
 *   the classes that are read as another
 */

/**
 * @param {{ digit: number, lean: number }[]} reads for each class
 * @param {boolean[] | null} together for each class whether it leans as the others do
 * @returns {Facts}
 */
export function factsOf(reads, together) {
  const agree = together && together.filter(Boolean).length;
  const apart = together && agree >= MOST;
  const leans = reads.map(({ lean }) => Math.round(lean) || 0);
  const inside = leans.filter((_, k) => !apart || together[k]);
  return {
    low: Math.min(...inside),
    high: Math.max(...inside),
    out: leans.map((lean, digit) => ({ digit, lean })).filter((_, k) => apart && !together[k]),
    agree,
    wrong: reads.map(({ digit }, asked) => ({ asked, digit })).filter(({ asked, digit }) => asked !== digit),
  };
}

/** The facts in words. @param {Facts} facts @param {number} count of classes */
export function leanText({ low, high, out, agree, wrong }, count) {
  const side = low >= 0 ? "right" : high <= 0 ? "left" : "both";
  const [from, to] = [low, high].map(Math.abs).sort((a, b) => (side === "both" ? 0 : a - b));
  const leans = say(from === to && side !== "both" ? `alike_${side}` : side, { low: from, high: to });
  let text = out.length ? say("some", { number: say(`number_${count - out.length}`), leans }) : say("all", { leans });
  if (out.length === 1) {
    const [{ digit, lean }] = out;
    const other = lean < 0 ? "left" : "right";
    text += say(other === side ? "one_out" : `one_out_${other}`, { digit, angle: Math.abs(lean) });
  } else if (out.length) text += say("out", { digits: list(out.map(({ digit }) => say("the", { digit }))) });
  if (agree !== null) text += say(agree === count ? "agree_all" : agree >= MOST ? "agree_most" : "agree_few");
  if (wrong.length > FEW) text += say("wrong_many", { number: say(`number_${wrong.length}`) });
  else if (wrong.length) {
    text += say("wrong", { readings: list(wrong.map(({ asked, digit }, k) =>
      say(k ? "read_too" : "read", { asked, digit: say(`digit_${digit}`) }))) });
  }
  return `${text}.`;
}

/** How much of the class a linear reader finds in z of so many dimensions, as pieces of a page. */
export function leakageText(leakage, count, dim) {
  return fill(leakage > TOLD ? "told" : dim > 2 ? "untold_many" : "untold", { z: symbolOf("z"), leakage: share(leakage), chance: share(1 / count) });
}
