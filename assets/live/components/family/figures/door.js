// A member whose figure is a page of its own: the figure of its card, large, and a door to that page.

import { wordsOf } from "../../../core/words.js";
import { Thumbnail } from "../thumbnail.js";
import { Figure, headOf } from "./figure.js";

const { say } = wordsOf("components/family/figures/door");

const SHARP = 8;

export class Door extends Figure {
  set(shows) {
    super.set(shows);
    const { member } = shows.chosen;
    this.thumbnail = new Thumbnail(SHARP);
    this.thumbnail.host.hidden = true;
    this.host.replaceChildren(headOf(member), this.thumbnail.host,
      ...(member.door ? [this.page.doorTo(member.door, say("more", { page: member.door.title }))] : []));
    this.#paint();
  }

  recolour() {
    this.#paint();
  }

  async #paint() {
    const { thumbnail, shows: { chosen: { member } } } = this;
    const { thumbnails, arrays } = await this.page.thumbnails();
    if (this.page.gone || thumbnail !== this.thumbnail || !thumbnails[member.name]) return;
    thumbnail.host.hidden = false;
    thumbnail.paint(thumbnails[member.name], arrays, this.page.colours);
  }
}
