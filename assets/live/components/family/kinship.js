// Who stands where in the family: where arrow keys lead on its map, and which two runs are compared.

/**
 * A member as Python describes it (`aecore.ui.family.stage.described`).
 * @typedef {{ name: string, parent: string | null, place: [number, number], figure: string, title: string, short: string,
 *   idea: string, formula: string, runs: string[], stops: string[], usual: number, plain: string[],
 *   slider: { label: string, symbol: string }, door: { page: string, title: string } | null }} Member
 * @typedef {{ member: Member, run: string | null }} Side
 */

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

/** @param {Member[]} members @param {string | null} name */
export const memberOf = (members, name) => members.find((member) => member.name === name);

/** Those that add an idea to a member, in the order of the map. @param {Member[]} members @param {Member} parent */
export const childrenOf = (members, parent) => members.filter((member) => member.parent === parent.name);

/**
 * Where an arrow key leads along the lines: left and right to the nearest of the row that is a
 * sibling, parent or child; up to the parent, down to the first child, of a lower row if there is one.
 * @param {Member[]} members @param {Member} from @param {string} key @returns {Member | undefined}
 */
export function follow(members, from, key) {
  const parent = memberOf(members, from.parent);
  const children = childrenOf(members, from);
  if (key === "ArrowUp") return parent;
  if (key === "ArrowDown") return children.find(({ place }) => place[1] > from.place[1]) ?? children[0];
  const side = STEPS[key];
  if (!side) return undefined;
  const kin = members.filter((one) => one.place[1] === from.place[1] && side * (one.place[0] - from.place[0]) > 0 &&
    (one === parent || children.includes(one) || (one.parent && one.parent === from.parent)));
  return kin.sort((a, b) => side * (a.place[0] - b.place[0]))[0];
}

/** Whom a member is held against where nobody was chosen: its parent; the first its first child. */
export const usualAgainst = (members, member) => memberOf(members, member.parent) ?? childrenOf(members, member)[0];

/**
 * The two sides that the view asks for. A child stands against a run of its parent's kind that lacks
 * its idea alone, where there is one.
 * @param {Member[]} members
 * @param {{ member: string, against: string | null, option: string | null }} view
 * @returns {{ chosen: Side, against: Side, stop: number }} stop: of the chosen one's slider; -1 where it has none
 */
export function sidesOf(members, view) {
  const member = memberOf(members, view.member) ?? members[0];
  const asked = memberOf(members, view.against);
  const other = asked && asked !== member ? asked : usualAgainst(members, member);
  const slides = member.stops.length > 1 && other.parent !== member.name;
  const at = member.stops.indexOf(view.option ?? "");
  const stop = slides ? (at < 0 ? member.usual : at) : -1;
  const own = (one, i = one.usual) => one.runs[i] ?? null;
  const plain = (child, i) => child.plain[child.plain.length > 1 ? i : 0] ?? null;
  const run = own(member, slides ? stop : undefined);
  if (other.name === member.parent) {
    return { chosen: { member, run }, against: { member: other, run: plain(member, slides ? stop : member.usual) ?? own(other) }, stop };
  }
  if (other.parent === member.name) {
    return { chosen: { member, run: plain(other, other.usual) ?? run }, against: { member: other, run: own(other) }, stop };
  }
  return { chosen: { member, run }, against: { member: other, run: own(other) }, stop };
}
