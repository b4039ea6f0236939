// Where stops come from: the test images of a dataset, and their labels.

import { Images } from "../../images/test_images.js";

const LOST = "The test images did not arrive. Reload the page to try again.";

/** A dataset's test images; where they are is asked for once they are needed. */
export class Source {
  /** @param {{ name: string, title: string, url: string, first: number[] | null }} about */
  constructor({ name, title, url, first }) {
    this.name = name;
    this.title = title;
    this.url = url;
    /** Good images to begin with. */
    this.first = first;
    /** @type {Uint8Array | null} */
    this.labels = null;
    /** @type {Promise<{ images: Images | null, labels: string | null }> | null} */
    this.places = null;
  }

  /** Where images and labels are; null for a dataset that is not on disk. */
  find() {
    this.places ??= fetched(this.url).then((answer) => answer.json())
      .then(({ images, labels }) => ({ images: images && new Images(images), labels }));
    this.places.catch(() => (this.places = null)); // the next to ask tries again
    return this.places;
  }

  /** An image as 784 values in [0, 1]; null where it is not here. @param {number} i */
  async image(i) {
    const { images } = await this.find();
    return images && images.get(i);
  }

  /** Fetch the labels. */
  async fetchLabels() {
    const { labels } = await this.find();
    if (!labels) throw new Error(LOST);
    this.labels ??= new Uint8Array(await (await fetched(labels)).arrayBuffer());
  }
}

/** @param {string} url */
async function fetched(url) {
  const answer = await fetch(new URL(url, document.baseURI)).catch(() => null);
  if (!answer?.ok) throw new Error(LOST);
  return answer;
}
