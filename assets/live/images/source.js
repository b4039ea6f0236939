// Where images come from, as Python describes it (`aecore/ui/sources.py`).

import { content } from "../core/content.js";
import { Refusal } from "../core/refusal.js";
import { wordsOf } from "../core/words.js";
import { Images } from "./test_images.js";

const { say } = wordsOf("images/source");

/**
 * A description of a source.
 * @typedef {{ way: "dataset" | "drawn" | "uploaded", name: string, title: string, url: string, stops: number[], here: boolean,
 *   places?: Places }} About
 * @typedef {{ images: any, labels: string | null }} Places where images and labels are; null for a dataset that is not on disk
 */

/** A dataset's test images and their labels; where they are is asked for once they are needed. */
export class TestImages {
  /** @param {About} about @param {AbortSignal} [signal] that nobody waits for them any more */
  constructor({ name, title, url, stops, places }, signal) {
    this.signal = signal;
    this.name = name;
    this.title = title;
    this.url = url;
    /** Good images to begin with. */
    this.stops = stops;
    /** @type {Uint8Array | null} */
    this.labels = null;
    /** @type {Promise<{ images: Images | null, labels: string | null }> | null} */
    this.places = places ? Promise.resolve(opened(places)) : null;
  }

  /** Where images and labels are; null for a dataset that is not on disk. */
  find() {
    this.places ??= this.#content(this.url, (answer) => answer.json()).then(opened);
    this.places.catch(() => (this.places = null)); // the next to ask tries again
    return this.places;
  }

  /** An image as 784 values in [0, 1]; null where it is not here. @param {number} i */
  async image(i) {
    const { images } = await this.find();
    this.signal?.throwIfAborted();
    return images && images.get(i);
  }

  /** Several images, all of which have to be here. @param {number[]} numbers @returns {Promise<Float32Array[]>} */
  async images(numbers) {
    const images = await Promise.all(numbers.map((i) => this.image(i)));
    if (images.some((image) => !image)) throw new Refusal(say("lost"));
    return images;
  }

  /** One label for each image; fetched once. */
  async fetchLabels() {
    const { labels } = await this.find();
    if (!labels) throw new Refusal(say("lost"));
    return (this.labels ??= new Uint8Array(await this.#content(labels, (answer) => answer.arrayBuffer())));
  }

  #content(url, read) {
    return content(url, read, { sentence: () => say("lost"), signal: this.signal });
  }
}

/** @param {Places} places */
const opened = ({ images, labels }) => ({ images: images && new Images(images), labels });
