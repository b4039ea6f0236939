// The family's map, the two runs that are compared, and the order of units on a grid.

import assert from "node:assert/strict";
import { test } from "node:test";

import { follow, memberOf, sidesOf, usualAgainst } from "../../assets/live/components/family/kinship.js";
import { measured, tightness } from "../../assets/live/components/family/bounds.js";
import { copied, noiseOf } from "../../assets/live/components/family/noise.js";
import { ends, errorAt, told } from "../../assets/live/components/family/pretraining.js";
import { placeOf, tradeAt, usedOf } from "../../assets/live/components/family/trade.js";
import { beginnings, firing, histogram, nearestStop, orderOf } from "../../assets/live/components/family/units.js";

const member = (name, parent, column, row, more = {}) => ({
  name, parent, place: [column, row], figure: "door", title: name, short: name, idea: "", formula: "",
  runs: [`${name}-run`], stops: [], kinds: false, usual: 0, plain: [], slider: { label: "", symbol: "" }, door: null, ...more,
});

const MEMBERS = [
  member("line", "root", 0, 0),
  member("root", null, 1, 0),
  member("few", "root", 2, 0, { runs: ["few-off", "few-2", "few-1"], stops: ["off", ".2", ".1"], usual: 2, plain: ["few-off"] }),
  member("calm", "root", 3, 0, { plain: ["calm-0"] }),
  member("cloud", "root", 1, 1, { runs: ["cloud-2", "cloud-16"], stops: ["2", "16"], plain: ["root-2", "root-16"] }),
  member("told", "cloud", 2, 1),
  member("critic", "root", 4, 1, { runs: [] }),
  member("both", "cloud", 3, 1, { runs: ["both-a", "both-b"], stops: ["A", "A+B"], kinds: true, usual: 1 }),
  member("heavy", "cloud", 4, 1, { runs: [null, "cloud-2"], stops: [".5", "1"], usual: 1, plain: ["cloud-2"] }),
];

test("arrow keys follow the lines", () => {
  const walk = (from, ...keys) => keys.map((key) => (from = follow(MEMBERS, memberOf(MEMBERS, from), key)?.name ?? from)).join(" ");
  assert.equal(walk("line", "ArrowRight", "ArrowLeft", "ArrowUp"), "root line root");
  assert.equal(walk("root", "ArrowRight", "ArrowRight", "ArrowRight"), "few calm calm");
  assert.equal(walk("root", "ArrowDown", "ArrowRight", "ArrowUp", "ArrowUp"), "cloud told cloud root");
  assert.equal(walk("critic", "ArrowLeft"), "cloud");
  assert.equal(walk("heavy", "ArrowRight", "ArrowDown"), "heavy heavy"); // an aunt is no kin on its line
  assert.equal(walk("root", "ArrowUp", "Home"), "root root");
});

const sides = (values) => {
  const { chosen, against, stop } = sidesOf(MEMBERS, { member: "few", against: null, option: null, ...values });
  return [chosen.run, against.run, stop, against.member.name];
};

test("a child stands against a run that lacks its idea alone, at each stop of its slider", () => {
  assert.deepEqual(sides({}), ["few-1", "few-off", 2, "root"]);
  assert.deepEqual(sides({ option: ".2" }), ["few-2", "few-off", 1, "root"]);
  assert.deepEqual(sides({ option: "nothing" }), ["few-1", "few-off", 2, "root"]);
  assert.deepEqual(sides({ member: "cloud", option: "16" }), ["cloud-16", "root-16", 1, "root"]);
  assert.deepEqual(sides({ member: "root", against: "calm" }), ["calm-0", "calm-run", -1, "calm"]);
});

test("where there is no such run, each shows its own, or none", () => {
  assert.deepEqual(sides({ member: "line" }), ["line-run", "root-run", -1, "root"]);
  assert.deepEqual(sides({ against: "told" }), ["few-1", "told-run", 2, "told"]);
  assert.deepEqual(sides({ member: "critic" }), [null, "root-run", -1, "root"]);
  assert.deepEqual(sides({ member: "root", against: "root" }), ["root-run", "line-run", -1, "line"]);
  assert.equal(usualAgainst(MEMBERS, memberOf(MEMBERS, "told")).name, "cloud");
});

test("a stop may have no run, and where stops are kinds, each is called by its own name", () => {
  assert.deepEqual(sides({ member: "heavy" }), ["cloud-2", "cloud-2", 1, "cloud"]);
  assert.deepEqual(sides({ member: "heavy", option: ".5" }), [null, "cloud-2", 0, "cloud"]);
  const short = (values) => {
    const { chosen, against } = sidesOf(MEMBERS, { against: null, option: null, ...values });
    return [chosen.short, against.short];
  };
  assert.deepEqual(short({ member: "both" }), ["A+B", "cloud"]);
  assert.deepEqual(short({ member: "both", option: "A" }), ["A", "cloud"]);
  assert.deepEqual(short({ member: "few", against: "both" }), ["few", "A+B"]);
});

test("what the studies of beta and of many draws say", () => {
  const study = { latent_dim: 3, betas: [0.5, 1], kl: [9, 5], reconstruction: [80, 85], per_dimension: [[5, 4, 0.02], [4, 1, 0.01]], squared_error: [9, 11] };
  assert.deepEqual(study.per_dimension.map(usedOf), [3, 2]);
  assert.deepEqual([placeOf(study, ".50"), placeOf(study, 1), placeOf(study, "8")], [0, 1, -1]);
  assert.deepEqual(tradeAt(study, 1), { beta: 1, used: 2, kl: 5, nats: 85, error: 11 });
  assert.equal(tradeAt(study, -1), null);

  const models = { many: { draws: 50, bound: [95, 86] }, one: { draws: 1, bound: [93, 88] }, begun: { draws: 5, bound: [90] } };
  const found = measured(/** @type {any} */ ({ k: [1, 500], models }));
  assert.deepEqual(found.map(({ name }) => name), ["one", "many"]);
  assert.deepEqual(tightness(found), { fall: 5, lead: 2 });
  assert.equal(tightness(found.slice(0, 1)).lead, null);
});

test("units stand by the class that they answer to most, the most selective first", () => {
  const byClass = [[0, 0.9, 0], [0.5, 0.1, 0.1], [0.2, 0.9, 0.9], [0.9, 0, 0], [0, 0.3, 0.2]];
  const { order, most } = orderOf(byClass, 5);
  assert.deepEqual(most, [1, 0, 1, 0, 1]);
  assert.deepEqual(order, [3, 1, 0, 2, 4]);
  assert.deepEqual(beginnings(order, most, 3), [[0, 1], []]);
  assert.deepEqual(orderOf(undefined, 3), { order: [0, 1, 2], most: [null, null, null] });
  assert.deepEqual(orderOf(byClass, 4).order, [0, 1, 2, 3]); // of another layer
});

test("what fires, how many are how active, and the stop that is meant", () => {
  assert.equal(firing([0.5, 0.51, 1, 0]), 2);
  const counts = histogram([0, 0.019, 0.02, 1, 0.999]);
  assert.deepEqual([counts[0], counts[1], counts[49], counts.length], [2, 1, 2, 50]);
  assert.deepEqual([0, 0.14, 0.16, 1].map((value) => nearestStop(["off", ".20", ".10"], value)), [2, 2, 1, 1]);
});

test("what the study of pretraining says", () => {
  const curves = {
    none: { step: [0, 100, 200, 300], error: [70, 50, 40, 30] },
    ae: { step: [150, 200, 300], error: [45, 20, 10] },
  };
  const phases = { ae: [["first", 80], ["second", 150], ["all", 300]] };
  assert.deepEqual(told({ curves, phases }), { step: 300, stacked: 10, scratch: 30, pretrained: { step: 150, error: 45 }, reached: 200 });
  curves.none.error = [70, 69, 68, 67];
  assert.equal(told({ curves, phases }).reached, null);
  assert.equal(told({ curves }).pretrained, null);
  assert.equal(told({ curves: { none: curves.none } }).stacked, null);
  assert.equal(ends({}), null);
  assert.deepEqual(ends({ long: { curves, error: { none: 12.9, ae: 3 } } }), { step: 300, stacked: 3, scratch: 12.9 });
  assert.deepEqual([0, 150, 250, 999].map((step) => errorAt(curves.ae, step)), [45, 45, 20, 10]);
});

test("noise is on in the middle alone, and a copy of it is all of it", () => {
  const noise = noiseOf(3);
  const on = noise.reduce((a, b) => a + b) / 400;
  assert.ok(on > 0.2 && on < 0.4);
  assert.ok(noise.every((v, i) => !v || (i % 28 > 3 && i % 28 < 24 && i > 4 * 28 && i < 24 * 28)));
  const model = (draw) => ({ encode: (x) => x, decode: draw });
  assert.equal(copied(model((z) => z)), 1);
  assert.equal(copied(model((z) => z.map((v) => 1 - v))), 0);
  const half = copied(model((z) => z.map((v, i) => (v + 0.3 * Number(i % 28 > 3 && i % 28 < 24 && i >= 4 * 28 && i < 24 * 28)) / 2)));
  assert.ok(Math.abs(half - 0.75) < 0.01); // half of the way to the mean leaves a quarter of the energy
});
