// What the models met on their way, in words.

import { list, percent, wordsOf } from "../../core/words.js";

const { say } = wordsOf("components/interpolate/sentences");

/**
 * A leg in words. from, to: classes at its ends; met: [{ call, digit, share, gap }], digit the
 * third one that is read most, or null; read: whether there are readings at all.
 */
export function legText(from, to, met, read) {
  const ends = [from, to].map((label) => (read ? label : say("image", { label })));
  const way = say(from === to ? "back" : "way", { from: ends[0], to: ends[1] });
  const passing = met.filter((one) => one.digit !== null).sort((p, q) => q.share - p.share);
  const gaps = gapsText(met, read, passing.length > 0);
  return read ? say("leg", { way, digits: digitsText(met, passing), gaps }) : say("leg_unread", { way, gaps });
}

/** Which other digits are read on the way. */
function digitsText(met, passing) {
  if (!passing.length) return say(`none_${met.length}`, { name: met[0].call });
  const digit = (one) => say(`digit_${one.digit}`);
  if (met.length > 1 && passing.length === met.length && passing.every((one) => one.digit === passing[0].digit)) {
    const shares = passing.map(({ call, share }, i) => say(i ? "share" : "share_first", { name: call, share: percent(share) }));
    return say(`all_${met.length}`, { digit: digit(passing[0]), shares: list(shares) });
  }
  const parts = passing.map((one, i) =>
    say(i ? "passes" : "passes_first", { name: one.call, digit: digit(one), share: percent(one.share) }));
  const others = met.filter((one) => one.digit === null).map(({ call }) => say("passes_none", { name: call }));
  return list([...parts, ...others]);
}

/** A drawn path in words; the first of `met` is the model that it was drawn for. */
export function drawnText(met, read) {
  const gaps = gapsText(met, read, false);
  if (!read) return say("drawn_unread", { gaps });
  const digits = met[0].shares.map(([digit]) => say(`digit_${digit}`));
  return say(digits.length === 1 ? "drawn_one" : "drawn", { name: met[0].call, digits: list(digits), gaps });
}

/** How long each is in a gap; wayNamed: whether "of the way" was said before. */
function gapsText(met, read, wayNamed) {
  const crossing = met.filter((one) => one.gap > 0).sort((p, q) => q.gap - p.gap);
  const named = read ? "" : "_models"; // with readings, the models were named before
  if (!crossing.length) return say(`never${named}_${met.length}`, { name: met[0].call });
  const first = `gap${met.length === 1 ? `${named}_1` : ""}${wayNamed ? "" : "_way"}`;
  const parts = crossing.map(({ call, gap }, i) => say(i ? "share" : first, { name: call, share: percent(gap) }));
  return list([...parts, ...met.filter((one) => !one.gap).map(({ call }) => say("gap_never", { name: call }))]);
}
