// The family as a map: a card for each member, lines from each parent to those that add one idea to it.

import { element, vector } from "../../core/dom.js";
import { wordsOf } from "../../core/words.js";
import { childrenOf, follow, memberOf } from "./kinship.js";
import { Thumbnail } from "./thumbnail.js";

const { say, fill } = wordsOf("components/family/family_map");

/** @typedef {import("./kinship.js").Member} Member */

const BUS = 14; // pixels above the cards of the first row
const ROUND = 8;

export class FamilyMap {
  /**
   * @param {Member[]} members
   * @param {{ onChosen: (name: string) => void, onAgainst: (name: string) => void }} events
   */
  constructor(members, { onChosen, onAgainst }) {
    this.members = members;
    this.onChosen = onChosen;
    this.onAgainst = onAgainst;
    this.rest = vector("path", { class: "line" });
    this.way = vector("path", { class: "way" });
    this.lines = vector("svg", { class: "lines", "aria-hidden": "true" }, this.rest, this.way);
    this.cards = new Map(members.map((member) => [member.name, this.#card(member)]));
    const keys = element("span", { class: "keys" }, ...["←", "→", "↑", "↓"].map((key) => element("kbd", {}, key)));
    const hint = element("p", { class: "caption map-hint" }, say("line"), ...fill("follow", { keys }));
    this.cardList = element("div", { class: "cards", role: "group", "aria-label": say("family") },
      ...[...this.cards.values()].map(({ button }) => button));
    this.unfold = element("button", { type: "button", class: "unfold" });
    this.unfold.onclick = () => this.#open(!this.host.classList.contains("open"));
    this.host = element("div", { class: "map" }, this.lines, this.cardList, hint, this.unfold);
    this.#open(false);
    this.cardList.addEventListener("keydown", (event) => this.#key(event));
  }

  #open(open) {
    this.host.classList.toggle("open", open);
    this.unfold.textContent = say(open ? "fewer" : "all");
  }

  /** @param {Member} member */
  #card(member) {
    const { name, title, idea, parent, place: [column, row] } = member;
    const small = `${idea.slice(0, 1).toLowerCase()}${idea.slice(1)}`;
    const of = memberOf(this.members, parent);
    const depth = of ? (of.parent ? 2 : 1) : 0;
    const label = of ? say("child", { title, idea: small, parent: of.title }) : say("root", { title, idea: small });
    const thumbnail = new Thumbnail();
    const flag = element("span", { class: "flag", "aria-hidden": "true" });
    const button = element("button", {
      type: "button", class: "card", "data-member": name, "aria-label": label, tabindex: "-1",
      style: `--column: ${column + 1}; --row: ${row + 1}; --depth: ${depth}`,
    }, flag, thumbnail.host, element("b", {}, title), element("span", { class: "idea" }, idea));
    button.onclick = (event) => (event.shiftKey ? this.onAgainst(name) : this.onChosen(name));
    return { member, button, flag, thumbnail };
  }

  #key(event) {
    const { target, key, shiftKey } = event;
    const from = memberOf(this.members, /** @type {HTMLElement} */ (target).closest("button")?.dataset.member);
    if (!from || event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === "Enter" && shiftKey) {
      event.preventDefault();
      return this.onAgainst(from.name);
    }
    if (!key.startsWith("Arrow")) return;
    event.preventDefault();
    const to = follow(this.members, from, key);
    if (to) this.#focus(to.name);
  }

  /** The one card that the Tab key stops at. */
  #focus(name) {
    this.#stopAt(name);
    this.cards.get(name).button.focus();
  }

  #stopAt(name) {
    for (const [one, { button }] of this.cards) button.tabIndex = one === name ? 0 : -1;
  }

  /** @param {{ chosen: { member: Member }, against: { member: Member } }} sides */
  show({ chosen, against }) {
    const before = this.sides;
    this.sides = { chosen, against };
    const own = chosen.member;
    if (before?.chosen.member === own && before.against.member === against.member) return; // a slider moved
    for (const [name, { member, button, flag }] of this.cards) {
      const mark = name === own.name ? "chosen" : name === against.member.name ? "against" : "";
      const near = mark || member.parent === own.parent || member === memberOf(this.members, own.parent) || member.parent === own.name;
      button.setAttribute("aria-pressed", String(mark === "chosen"));
      button.classList.toggle("chosen", mark === "chosen");
      button.classList.toggle("against", mark === "against");
      button.classList.toggle("near", Boolean(near));
      flag.textContent = mark && say(mark);
    }
    this.#stopAt(own.name);
    this.layout();
  }

  /** Draw the lines at the width that there is. */
  layout() {
    const width = this.cardList.clientWidth;
    if (!width || !this.sides) return;
    const cards = new Map([...this.cards].map(([name, { button }]) =>
      [name, { x: button.offsetLeft, y: button.offsetTop, w: button.offsetWidth, h: button.offsetHeight }]));
    const ways = new Map(this.members.filter(({ parent }) => parent).map((member) =>
      [member.name, this.#path(cards, memberOf(this.members, member.parent), member)]));
    this.lines.setAttribute("viewBox", `0 0 ${width} ${this.cardList.clientHeight}`);
    this.rest.setAttribute("d", [...ways.values()].join(""));
    const { chosen, against } = this.sides;
    const between = [chosen, against].find(({ member }, i) => member.parent === [against, chosen][i].member.name);
    this.way.setAttribute("d", ways.get((between ?? chosen).member.name) ?? "");
  }

  /** The way from a parent's card to a child's. @param {Map<string, any>} cards @param {Member} parent @param {Member} child */
  #path(cards, parent, child) {
    const [from, to] = [cards.get(parent.name), cards.get(child.name)];
    const [x, end] = [from.x + from.w / 2, to.x + to.w / 2];
    const turn = (bus, start, finish, x0) => {
      const side = Math.sign(end - x0);
      if (!side) return `M${x0} ${start}V${finish}`;
      const up = Math.sign(bus - start);
      return `M${x0} ${start}V${bus - up * ROUND}q0 ${up * ROUND} ${side * ROUND} ${up * ROUND}` +
        `H${end - side * ROUND}q${side * ROUND} 0 ${side * ROUND} ${ROUND}V${finish}`;
    };
    const beside = Math.abs(parent.place[0] - child.place[0]) === 1 && childrenOf(this.members, parent)[0] === child;
    if (parent.place[1] === child.place[1] && parent.place[1] === 0) {
      if (beside) return `M${Math.min(from.x, to.x) + from.w} ${from.y + from.h / 2}H${Math.max(from.x, to.x)}`;
      return turn(from.y - BUS + 1, from.y, to.y, x);
    }
    if (parent.place[1] === child.place[1]) { // from its side to the lower bus
      const out = from.x + from.w;
      return `M${out} ${from.y + from.h / 3}h${ROUND / 2}q4 0 4 -4` + turn(from.y - BUS, from.y + from.h / 3 - 4, to.y, out + ROUND);
    }
    return turn((from.y + from.h + to.y) / 2 - 4, from.y + from.h, to.y, x);
  }

  /** @param {Block} block of thumbnails @param {any} colours */
  paint(block, colours) {
    for (const [name, { thumbnail }] of this.cards) thumbnail.paint(block.thumbnails[name], block.arrays, colours);
  }
}
