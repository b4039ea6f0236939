// What every component shares: mounting, theme, loading, answers that come too late, errors, and
// leaving nothing behind.

import { element } from "./dom.js";
import { afterFirstImage, firstImage, painted, within } from "./frames.js";
import { Refusal } from "./refusal.js";
import { readColours, symbolFonts } from "./theme.js";
import { View } from "./view.js";
import { wordsOf } from "./words.js";

const { say } = wordsOf("core/component");

const FONTS = 300; // milliseconds for which a drawing waits for the fonts of its symbols

/**
 * What Streamlit gives at every run of the page.
 * @typedef {{ data: any, setTriggerValue: (name: string, value: any) => void }} Call
 */

/**
 * A component of a page. A kind of its own overrides what it needs of
 *   keyOf(data)     what has to be built anew when it changes,
 *   about(data)     what its view is of, such as the models (see `View`),
 *   load(data)      a promise of what has to be fetched,
 *   waiting(data)   what stands there while that is under way,
 *   build(loaded)   makes the page's elements; may be asynchronous,
 *   complete()      makes what the first image does not need, once that is on the screen,
 *   update(before)  other data came that need no building,
 *   draw(), recolour(), resize(), destroy().
 * Its element says `data-ready` once its first image is on the screen and hands work, and
 * `data-whole` once all around it is.
 */
export class Component {
  /** @param {any} root the element that the component fills */
  constructor(root) {
    this.root = root;
    /** @type {any} what it shows; newer data may be on their way */
    this.data = null;
    /** @type {string | null} of what is shown or on its way */
    this.key = null;
    this.built = false;
    /** Whether its first image has been on the screen: what stands around it is drawn after that. */
    this.seen = false;
    /** @type {any} */
    this.colours = null;
    /** @type {View | null} */
    this.view = null;
    this.frame = 0;
    const stop = new AbortController();
    this.stop = () => stop.abort();
    /** Of listeners and requests: aborted when the component has left the page. */
    this.signal = stop.signal;
    this.observer = new ResizeObserver(() => this.built && !this.gone && this.resize());
    // A change of theme changes this element's colour, and a transition tells us so.
    root.addEventListener("transitionend", (event) => {
      if (event.target === root && event.propertyName === "color") this.#paint();
    }, { signal: this.signal });
  }

  /** Whether it has left the page; its elements may go a moment before Streamlit says so. */
  get gone() {
    return this.signal.aborted || !this.root.isConnected;
  }

  /** A run of the page. @param {Call} call */
  async receive(call) {
    if (this.gone) return;
    const { data } = call;
    this.call = call;
    if (data.view) {
      if (this.view) this.view.confirm();
      else this.view = new View(data.view.fields, data.view.name, data.view.page, this.about(data));
      this.view.about = this.about(data);
    }
    const key = this.keyOf(data);
    if (key !== this.key) await this.#make(key, data);
    else if (this.built) {
      const before = this.data;
      this.data = data;
      this.update(before);
    }
  }

  async #make(key, data) {
    this.key = key;
    this.waiting(data);
    let loaded;
    try {
      if (this.below) await afterFirstImage();
      if (this.gone) return this.#forget(); // another page came first
      loaded = await this.load(data);
    } catch (error) {
      if (this.key === key) this.fail(error);
      return;
    }
    if (this.key !== key) return; // newer data overtook these
    if (this.gone) return this.#forget(); // another page did
    const before = this.built ? this.data : null;
    this.data = this.call.data; // what came meanwhile has the same key
    this.built = this.seen = false;
    this.observer.disconnect();
    this.colours = readColours(this.root);
    try {
      await this.build(loaded, before);
    } catch (error) {
      if (this.key === key) this.fail(error);
      return;
    }
    if (this.key !== key) return;
    if (this.gone) return this.#forget();
    this.built = true;
    this.drawFirst();
    if (this.call.data !== this.data) this.receive(this.call); // it came while this was built
    await painted();
    if (this.key !== key || !this.built || this.gone) return;
    this.seen = true;
    if (this.whole) this.root.dataset.ready = "true";
    if (!this.below) firstImage(this.data.shown);
    this.complete();
    this.#paintAll(key);
  }

  /** Paint all there is, once its symbols have their fonts; where those are late, once more with them. */
  async #paintAll(key) {
    const fonts = symbolFonts().then(() => true, () => false); // without them, the fallback stays
    const inTime = await within(FONTS, fonts);
    const paint = async () => {
      if (this.key !== key || !this.built || this.gone) return;
      this.#paint();
      await painted();
      this.root.dataset.whole = "true";
    };
    await paint();
    if (!inTime && (await fonts)) paint();
  }

  /** Say what went wrong, and offer to try again. @param {Error} error */
  fail(error) {
    this.#forget();
    if (this.gone) return;
    const refused = error instanceof Refusal;
    if (!refused) console.error(error);
    const again = element("button", { type: "button" }, say("again"));
    again.onclick = () => this.receive(this.call);
    this.root.replaceChildren(element("p", { class: "error", role: "alert" }, refused ? error.message : say("broken"), " ", again));
  }

  #forget() {
    this.key = null;
    this.built = false;
  }

  #paint() {
    if (!this.built || this.gone) return;
    this.colours = readColours(this.root);
    this.recolour();
  }

  /** Draw at the next frame of the screen, once however often it is asked for. */
  schedule() {
    if (this.gone) return;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (!this.gone) this.draw();
    });
  }

  /** Leave nothing behind: Streamlit has taken the component off the page. */
  leave() {
    this.#forget();
    this.stop();
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    this.view?.destroy();
    this.destroy();
  }

  // ------------------------------------------------------------------ for a kind to override

  /** Whether it stands below a page's first image, which it lets go first. */
  get below() {
    return false;
  }

  /** Whether all that it shows is there once it is built; where more follows, it says when itself. */
  get whole() {
    return true;
  }

  /** @param {any} data @returns {string} */
  keyOf(data) {
    return JSON.stringify(data);
  }

  /** @param {any} data @returns {string} */
  about(data) {
    return "";
  }

  /** @param {any} data @returns {Promise<any>} */
  async load(data) {}

  /** @param {any} data */
  waiting(data) {}

  /** @param {any} loaded @param {any} before the data that were shown, or null @returns {any} */
  build(loaded, before) {}

  /** @param {any} before the data until now */
  update(before) {}

  complete() {}

  /** Draw the first image; what stands around it is drawn when `seen`. */
  drawFirst() {
    this.recolour();
  }

  draw() {}

  recolour() {}

  resize() {}

  destroy() {}
}

/** What a component's module exports as `mount`. @param {new (root: any) => Component} Kind */
export const mounting = (Kind) => (/** @type {Call} */ call, /** @type {any} */ root) => {
  if (!root.live || root.live.signal.aborted) { // one that has left is not used again
    for (const state of ["ready", "whole"]) delete root.dataset[state];
    root.live = new Kind(root);
  }
  const { live } = root;
  live.receive(call);
  return () => live.leave();
};
