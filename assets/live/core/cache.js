// A cache bounded in bytes: what was used least recently goes first.

/**
 * Values by key, made once and shared by all who ask at the same time; at most `most` bytes are
 * held besides those still being made. What could not be made is not remembered.
 *
 * @template Value
 * @example
 *   const images = new Cache(4e6, (bytes) => bytes.length);
 *   const bytes = await images.get(url, () => fetchBytes(url));
 */
export class Cache {
  /** @param {number} most bytes @param {(value: Value) => number} sizeOf bytes of a value */
  constructor(most, sizeOf) {
    this.most = most;
    this.sizeOf = sizeOf;
    this.bytes = 0;
    /** @type {Map<string | number, { made: Promise<Value>, size: number }>} */
    this.entries = new Map(); // in order of their last use
  }

  /**
   * The value of a key, made by `make` where it is not here.
   * @param {string | number} key @param {() => Promise<Value>} make @returns {Promise<Value>}
   */
  get(key, make) {
    const found = this.entries.get(key);
    if (found) {
      this.entries.delete(key);
      this.entries.set(key, found);
      return found.made;
    }
    const entry = { made: make(), size: 0 };
    this.entries.set(key, entry);
    entry.made.then((value) => this.#count(key, entry, value), () => this.#drop(key, entry));
    return entry.made;
  }

  /** @param {string | number} key */
  has(key) {
    return this.entries.has(key);
  }

  clear() {
    this.entries.clear();
    this.bytes = 0;
  }

  #count(key, entry, value) {
    if (this.entries.get(key) !== entry) return; // taken out while it was made
    entry.size = this.sizeOf(value);
    this.bytes += entry.size;
    for (const [other, { size }] of this.entries) {
      if (this.bytes <= this.most) return;
      if (other !== key && size) this.#drop(other, this.entries.get(other));
    }
  }

  #drop(key, entry) {
    if (this.entries.get(key) !== entry) return;
    this.entries.delete(key);
    this.bytes -= entry.size;
  }
}
