// The queue: a visitor's runs that wait or are trained, and how far they are.

import { element } from "../../core/dom.js";
import { follow } from "../../core/events.js";

/** The component: called each time that the page is drawn, on the same element. */
export function mount({ data }, root) {
  root.live ??= new Queue(root);
  root.live.update(data);
}

class Queue {
  constructor(root) {
    this.root = root;
    root.className = "queue";
  }

  update({ follow: addresses, queue }) {
    this.draw(queue);
    if (this.followed === addresses.stream) return this.feed.again();
    this.feed?.stop();
    this.followed = addresses.stream;
    this.feed = follow(addresses, { queue: (of, newest) => (this.root.isConnected ? this.draw(newest) : this.destroy()) });
  }

  draw({ ahead, rows }) {
    const items = rows.map(({ title, turn, what, share }) => element("li", {},
      element("p", {}, element("b", {}, title), " ", element("span", {}, turn)),
      element("p", {}, what),
      ...(share == null ? [] : [bar(share)])));
    this.root.replaceChildren(element("p", { class: "caption" }, ahead), element("ul", {}, ...items));
    this.root.firstChild.hidden = !ahead;
  }

  destroy() {
    this.feed?.stop();
    this.root.live = null;
  }
}

function bar(share) {
  const percent = Math.round(100 * share);
  return element("div", { role: "progressbar", "aria-label": "Trained", "aria-valuenow": percent, "aria-valuemin": 0, "aria-valuemax": 100 },
    element("i", { style: `width: ${percent}%` }));
}
