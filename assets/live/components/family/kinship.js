// Who stands where in the family: where arrow keys lead on its map, and which two runs are compared.

/**
 * A member as Python describes it (`aecore.ui.family.stage.described`).
 * @typedef {{ name: string, parent: string | null, place: [number, number], figure: string, title: string, short: string,
 *   idea: string, formula: string, runs: (string | null)[], stops: string[], kinds: boolean, usual: number, plain: string[],
 *   slider: { label: string, symbol: string }, door: { page: string, title: string } | null }} Member
 * Its runs stand at its stops, where it has some; where those are kinds, they have names of their own.
 * @typedef {{ member: Member, run: string | null, short: string }} Side short: what stands above its images
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
  const side = (one, run, i = one.usual) => ({ member: one, run: run ?? null, short: one.kinds && one.runs[i] === run ? one.stops[i] : one.short });
  const own = (one, i = one.usual) => side(one, one.runs[i], i);
  const plain = (parent, child, i) => {
    const run = child.plain[child.plain.length > 1 ? i : 0];
    return run ? side(parent, run) : own(parent);
  };
  const chosen = own(member, slides ? stop : undefined);
  if (other.name === member.parent) return { chosen, against: plain(other, member, slides ? stop : member.usual), stop };
  if (other.parent === member.name) return { chosen: plain(member, other, other.usual), against: own(other), stop };
  return { chosen, against: own(other), stop };
}
