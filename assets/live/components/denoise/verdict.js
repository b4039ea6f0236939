// What curves of error and of movement say at a level: facts, which depend on figures only, and
// then sentences.

import { crossings, onCurve } from "../../charts/noise_chart.js";
import { number } from "../../core/numbers.js";
import { capital, wordsOf } from "../../core/words.js";

const { say } = wordsOf("components/denoise/verdict");

// Shares that have a name of their own; below half, one part of so many.
/** @type {[number, string][]} */
const BROAD = [[0.9, "nine_tenths"], [0.8, "four_fifths"], [0.75, "three_quarters"], [2 / 3, "two_thirds"]];
const MOST_PARTS = 12;

/** The line that is lowest at a level. */
export const lowestAt = (lines, level) => lines.reduce((a, b) => (onCurve(b, level) < onCurve(a, level) ? b : a));
const isDenoiser = ({ model }) => Boolean(model.trained?.level);
const isPlain = ({ model }) => !model.trained && !model.prior;
const nameOf = (line) => line.model.says;

/**
 * Which model is best at a level, by how much, and whether it is better to do nothing.
 *
 * lines: [{ model, level, values, trained }], one for each model that was measured, `trained` the
 * level of its training on this curve; noisy: the same of the spoiled images themselves.
 */
export function verdictAt(lines, noisy, level) {
  if (!lines.length) return { kind: "unmeasured" };
  const best = lowestAt(lines, level);
  const denoisers = lines.filter(isDenoiser);
  if (!level) {
    const most = denoisers.reduce((a, b) => (!a || b.values[0] > a.values[0] ? b : a), null);
    const other = most && most !== best ? { name: nameOf(most), error: most.values[0] } : null;
    return { kind: "clean", best: nameOf(best), error: best.values[0], most: other };
  }
  const [least, alone] = [onCurve(best, level), onCurve(noisy, level)];
  const strangers = denoisers.every((line) => line.trained == null) ? denoisers.map(nameOf) : [];
  if (alone <= least) {
    const turns = lines.flatMap((line) =>
      crossings(noisy, line).filter((x) => x > level).map((x) => ({ level: x, name: nameOf(line) })));
    const from = turns.reduce((a, b) => (!a || b.level < a.level ? b : a), null);
    return { kind: "leave", best: nameOf(best), error: least, alone, from, strangers };
  }
  const plain = lines.find(isPlain);
  const against = plain && plain !== best ? plain : null;
  return {
    kind: "best", best: nameOf(best), strangers,
    against: against && nameOf(against),
    share: least / (against ? onCurve(against, level) : alone),
    below: crossings(noisy, best).filter((x) => x < level).at(-1) ?? null,
    denoiser: isDenoiser(best),
  };
}

/** A verdict in words; `shown` writes a level. */
export function verdictText(facts, shown) {
  const { kind, best, strangers = [] } = facts;
  const sentences = [];
  if (kind === "unmeasured") sentences.push(say("unmeasured"));
  if (kind === "clean") {
    sentences.push(say("clean", { best: capital(best), error: number(facts.error, 1) }));
    if (facts.most) sentences.push(say("clean_most", { name: capital(facts.most.name), error: number(facts.most.error, 1) }));
  }
  if (kind === "leave") {
    sentences.push(say("leave", { best, error: number(facts.error, 1), alone: number(facts.alone, 1) }));
    if (facts.from) sentences.push(say("from", { name: facts.from.name, level: shown(facts.from.level) }));
  }
  if (kind === "best") {
    const whose = facts.against === null ? say("whose_noisy") : say("whose_model", { name: facts.against });
    sentences.push(say("best", { best, share: shareText(facts.share, whose) }));
    if (facts.below !== null) sentences.push(say(facts.denoiser ? "below_denoiser" : "below", { level: shown(facts.below) }));
  }
  if (strangers.length) sentences.push(say("strangers", { count: strangers.length, name: capital(strangers[0]) }));
  return sentences.join(" ");
}

/** A share of something: "a fifth of the error of the AE". */
function shareText(share, whose) {
  if (share >= 0.95) return share > 1.05 ? say("times", { times: number(share, 1), whose }) : say("as_large", { whose });
  if (share > 0.58) {
    const [, key] = BROAD.reduce((a, b) => (Math.abs(b[0] - share) < Math.abs(a[0] - share) ? b : a));
    return say(key, { whose });
  }
  const parts = Math.round(1 / share);
  return say(parts <= MOST_PARTS ? `part_${parts}` : "less", { whose });
}

/**
 * How far codes move at a level: a plain autoencoder's against the best denoiser's, else the least
 * and the most; null where nothing was measured.
 */
export function movementAt(moves, lines, level) {
  if (!moves.length) return null;
  if (!level) return { kind: "still" };
  const moved = (line) => {
    const move = moves.find(({ model }) => model === line.model);
    return move && { name: nameOf(line), far: onCurve(move, level) };
  };
  const plain = moves.find(isPlain);
  const denoisers = lines.filter((line) => isDenoiser(line) && moved(line));
  if (plain && denoisers.length) return { kind: "two", plain: moved(plain), best: moved(lowestAt(denoisers, level)) };
  const least = moved(lowestAt(moves, level));
  if (moves.length === 1) return { kind: "one", least };
  return { kind: "many", least, most: moved(moves.reduce((a, b) => (onCurve(b, level) > onCurve(a, level) ? b : a))) };
}

/** A movement in words. */
export function movementText(facts) {
  if (!facts) return "";
  const { kind, plain, best, least, most } = facts;
  const far = (one) => number(one.far, 2);
  if (kind === "still") return say("still");
  if (kind === "two") {
    const key = best.far < 0.8 * plain.far ? "moved_only" : "moved_two";
    return say(key, { plain: plain.name, far: far(plain), best: best.name, less: far(best) });
  }
  if (kind === "one") return say("moved_one", { name: least.name, far: far(least) });
  return say("moved_many", { least: least.name, less: far(least), most: most.name, far: far(most) });
}
