// An image of one's own, drawn or from a file, and the class that it is of.

import { element } from "../../core/dom.js";
import { wordsOf } from "../../core/words.js";
import { Pad } from "../../images/drawing_pad.js";
import { packed, unpacked } from "../../images/packed.js";
import { Upload } from "../../images/upload.js";

const { say } = wordsOf("components/generate/own_image");

const WAYS = ["drawn", "uploaded"];

/**
 * An image, its class (null: as it is read), and whether the point was moved away from it since.
 * @typedef {{ image: Float32Array, digit: number | null, moved: boolean }} Own
 */

export class OwnImage {
  /**
   * @param {import("../../core/view.js").View} view has the fields own (open or not), image and taken
   * @param {{ onImage: (own: Own | null) => void, onOpen: (open: boolean) => void }} events
   */
  constructor(view, { onImage, onOpen }) {
    this.view = view;
    this.onImage = onImage;
    this.onOpen = onOpen;
    /** @type {Uint8Array<ArrayBuffer> | null} */
    this.image = null;
    this.pad = new Pad({ onImage: (image) => this.#take(image), onSettled: () => this.#keep() });
    this.upload = new Upload({ onImage: (image) => this.#uploaded(image) });
    this.ways = WAYS.map((way) => {
      const button = element("button", { type: "button" }, say(way));
      button.onclick = () => this.#open(way);
      return button;
    });
    this.classes = Array.from({ length: 10 }, (_, digit) => {
      const button = element("button", { type: "button", "aria-label": say("take", { digit }) }, `${digit}`);
      button.onclick = () => {
        this.view.set({ taken: digit });
        this.#tell();
      };
      return button;
    });
    this.host = element("div", { class: "own", hidden: "" },
      element("div", { class: "source-bar" },
        element("div", { class: "kinds", role: "group", "aria-label": say("ways") }, ...this.ways),
        element("span", {}, say("class")),
        element("div", { class: "kinds digits", role: "group", "aria-label": say("class") }, ...this.classes)),
      this.pad.host, this.upload.host);
  }

  /** Show the image that the view holds. */
  async restore() {
    const { image: text, z } = this.view.values;
    this.#show();
    if (!text) return;
    const image = await unpacked(text);
    if (this.image || this.view.values.image !== text) return; // another one came first
    if (!image) return this.view.set({ image: null });
    this.pad.put(image);
    this.image = image;
    this.#tell(z !== null); // the point was moved since
  }

  toggle() {
    this.#open(this.view.values.own ? null : "drawn");
  }

  close() {
    if (this.view.values.own) this.#open(null);
  }

  /** Mark the class that the image is taken for. @param {number} digit */
  showClass(digit) {
    this.classes.forEach((button, k) => button.setAttribute("aria-pressed", String(k === digit)));
  }

  #open(way) {
    this.view.set({ own: way });
    this.#show();
    if (way && this.image) this.#tell();
  }

  #show() {
    const { own } = this.view.values;
    this.host.hidden = !own;
    this.ways.forEach((button, k) => button.setAttribute("aria-pressed", String(own === WAYS[k])));
    this.pad.host.hidden = own !== "drawn";
    this.upload.host.hidden = own !== "uploaded";
    this.onOpen(Boolean(own));
  }

  #tell(moved = false) {
    const { image, view } = this;
    this.onImage(image && { image: Float32Array.from(image, (v) => v / 255), digit: view.values.taken, moved });
  }

  /** @param {Uint8Array<ArrayBuffer> | null} image */
  #take(image) {
    this.image = image;
    if (!image) this.view.set({ taken: null });
    this.#tell();
  }

  /** The pen has left the pad: keep the drawing in the view. */
  async #keep() {
    const { image } = this;
    const text = image ? await packed(image) : null;
    if (image === this.image) this.view.set({ image: text });
  }

  /** @param {Uint8Array<ArrayBuffer>} image */
  async #uploaded(image) {
    this.view.set({ taken: null });
    this.#take(image);
    this.pad.put(image);
    await this.#keep();
  }

  recolour(ink) {
    this.pad.paint(ink);
  }
}
