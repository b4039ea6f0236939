// The queue: a visitor's runs that wait or are trained, and how far they are.

import { Component, mounting } from "../../core/component.js";
import { element } from "../../core/dom.js";
import { follow } from "../../core/events.js";
import { wordsOf } from "../../core/words.js";

const { say } = wordsOf("components/train/queue");

/** The component: the `queue` as it was when the page was drawn, and whom to `follow`. */
class Queue extends Component {
  constructor(root) {
    super(root);
    root.className = "queue";
  }

  keyOf({ follow: { stream } }) {
    return stream;
  }

  build() {
    this.feed?.stop();
    this.show(this.data.queue);
    this.feed = follow(this.data.follow, { queue: (of, newest) => this.show(newest) });
  }

  update() {
    this.show(this.data.queue);
    this.feed.again();
  }

  show({ ahead, rows }) {
    const items = rows.map(({ title, turn, what, share }) => element("li", {},
      element("p", {}, element("b", {}, title), " ", element("span", {}, turn)),
      element("p", {}, what),
      ...(share == null ? [] : [bar(share)])));
    this.root.replaceChildren(element("p", { class: "caption" }, ahead), element("ul", {}, ...items));
    this.root.firstChild.hidden = !ahead;
  }

  destroy() {
    this.feed?.stop();
  }
}

export const mount = mounting(Queue);

function bar(share) {
  const percent = Math.round(100 * share);
  return element("div", { role: "progressbar", "aria-label": say("trained"), "aria-valuenow": percent, "aria-valuemin": 0, "aria-valuemax": 100 },
    element("i", { style: `width: ${percent}%` }));
}
