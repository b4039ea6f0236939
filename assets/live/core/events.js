// Runs that a page follows: one event stream for all of its components, resumed after a cut.

const FIRST = 6000; // milliseconds in which a stream that is not held back says something
const SILENCE = 35000; // milliseconds without a sign of life after which a stream is cut
const SOON = 500; // milliseconds until it is tried again after the first cut
const LATEST = 15000; // milliseconds until it is tried again at most
const ASK = 2000; // milliseconds between two questions while something comes

/**
 * What came of an event: `of` names the run, or is empty for what belongs to all of them.
 * @typedef {{ of: string, value?: any, at?: number, rows?: any[] }} Data
 */

/**
 * What a component does with events: by name, with whose it is and its newest value. `records` gives
 * all rows so far; `end` says that nothing follows, `refused` that the server does not let it follow.
 * @typedef {Record<string, (of: string, value: any) => void>} Handlers
 */

/** What has come so far: rows of records by run, of every other event the newest value. */
export class Store {
  constructor() {
    /** @type {Map<string, any[]>} */
    this.rows = new Map();
    /** @type {Map<string, [string, string, any]>} */
    this.newest = new Map();
  }

  /**
   * Take an event in; sent twice, it changes nothing.
   * @param {string} name
   * @param {Data} data
   * @returns {[string, string, any]} the event as handlers get it
   */
  take(name, data) {
    if (name !== "records") {
      /** @type {[string, string, any]} */
      const event = [name, data.of, data.value];
      this.newest.set(`${name} ${data.of}`, event);
      return event;
    }
    const rows = this.rows.get(data.of) ?? [];
    rows.splice(data.at, Infinity, ...data.rows);
    this.rows.set(data.of, rows);
    return ["records", data.of, rows];
  }

  /** All of it, for a handler that came later. @returns {[string, string, any][]} */
  get events() {
    const records = [...this.rows].map(([of, rows]) => /** @type {[string, string, any]} */ (["records", of, rows]));
    return [...records, ...this.newest.values()];
  }
}

/** Reads text/event-stream, in whatever pieces it comes. */
export class EventReader {
  constructor() {
    this.rest = "";
    this.name = "";
    this.data = "";
    this.id = "";
  }

  /**
   * Events that are whole with this piece.
   * @param {string} text
   * @returns {{ name: string, data: string, id: string }[]}
   */
  read(text) {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop();
    const found = [];
    for (const line of lines) {
      const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
      if (field === "event") this.name = value;
      else if (field === "data") this.data += (this.data && "\n") + value;
      else if (field === "id") this.id = value;
      else if (!line) {
        if (this.data) found.push({ name: this.name, data: this.data, id: this.id });
        this.name = this.data = "";
      }
    }
    return found;
  }
}

/** The stream could not be opened, and will not be. */
class Refused extends Error {}

/**
 * Follows one pair of addresses until nothing comes any more, or nobody listens.
 *
 * It reads the stream; where that says nothing, or the server has too many, it asks instead. While
 * the page is hidden it rests: a browser has few connections for all of its tabs.
 */
export class Follower {
  /**
   * @param {string} stream address of the stream
   * @param {string} answers address that answers at once
   * @param {{ fetch?: typeof fetch, wait?: (ms: number) => Promise<void>, page?: any, limits?: object }} [world]
   */
  constructor(stream, answers, world = {}) {
    this.stream = stream;
    this.answers = answers;
    this.fetch = world.fetch ?? ((url, options) => fetch(url, options));
    this.wait = world.wait ?? ((ms) => new Promise((done) => setTimeout(done, ms)));
    this.page = world.page ?? document;
    this.limits = { first: FIRST, silence: SILENCE, soon: SOON, latest: LATEST, ask: ASK, ...world.limits };
    this.store = new Store();
    /** @type {Set<Handlers>} */
    this.listeners = new Set();
    this.seen = "";
    this.asks = false;
    /** @type {AbortController | null} */
    this.open = null;
    this.rest = () => this.page.hidden && this.open?.abort();
  }

  /** Go on from what was seen last; nothing happens while it runs. */
  start() {
    if (this.running) return;
    this.running = this.run().finally(() => (this.running = null));
  }

  /** @param {Handlers} handlers */
  add(handlers) {
    this.listeners.add(handlers);
    for (const event of this.store.events) this.tell([handlers], event);
    this.start();
  }

  /** @param {Handlers} handlers */
  remove(handlers) {
    this.listeners.delete(handlers);
    if (!this.listeners.size) this.open?.abort();
  }

  async run() {
    let pause = this.limits.soon;
    this.page.addEventListener("visibilitychange", this.rest);
    try {
      while (this.listeners.size) {
        await this.visible();
        const before = this.seen;
        try {
          if (await (this.asks ? this.ask() : this.read())) return;
        } catch (error) {
          if (error instanceof Refused) return this.tell(this.listeners, ["refused", "", error.message]);
        }
        if (!this.listeners.size) return;
        const least = this.asks ? this.limits.ask : this.limits.soon;
        pause = this.seen !== before ? least : Math.min(Math.max(least, 1.6 * pause), this.limits.latest);
        if (!this.page.hidden) await this.wait(pause);
      }
    } finally {
      this.page.removeEventListener("visibilitychange", this.rest);
    }
  }

  /** Wait until the page is to be seen. */
  async visible() {
    while (this.page.hidden && this.listeners.size) {
      await new Promise((done) => this.page.addEventListener("visibilitychange", done, { once: true }));
    }
  }

  /** Read the stream until it is cut; true when nothing will follow. */
  async read() {
    const open = (this.open = new AbortController());
    let timer = setTimeout(() => {
      this.asks = true; // something on the way holds it back
      open.abort();
    }, this.limits.first);
    try {
      const answer = await this.get(this.stream, open);
      const pieces = answer.body.getReader();
      const text = new TextDecoder();
      const reader = new EventReader();
      for (;;) {
        const { done, value } = await pieces.read();
        if (done) return false;
        clearTimeout(timer);
        timer = setTimeout(() => open.abort(), this.limits.silence);
        for (const { name, data, id } of reader.read(text.decode(value, { stream: true }))) {
          if (this.take(name, JSON.parse(data), id)) return true;
        }
      }
    } finally {
      clearTimeout(timer);
      open.abort();
      if (this.open === open) this.open = null;
    }
  }

  /** Ask once; true when nothing will follow. */
  async ask() {
    const open = (this.open = new AbortController());
    const timer = setTimeout(() => open.abort(), this.limits.silence);
    try {
      const { id, end, events } = await (await this.get(this.answers, open)).json();
      for (const [name, data] of events) this.take(name, data, "");
      this.seen = id;
      return end && this.take("end", { of: "" }, id);
    } finally {
      clearTimeout(timer);
      if (this.open === open) this.open = null;
    }
  }

  /**
   * @param {string} url
   * @param {AbortController} open
   */
  async get(url, open) {
    const since = this.seen && `${url.includes("?") ? "&" : "?"}since=${encodeURIComponent(this.seen)}`;
    const answer = await this.fetch(url + since, { signal: open.signal, cache: "no-store" });
    if (answer.status >= 400 && answer.status < 500) throw new Refused(`${answer.status}`);
    if (answer.status === 503) this.asks = true; // too many streams are open
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer;
  }

  /**
   * @param {string} name
   * @param {Data} data
   * @param {string} id
   */
  take(name, data, id) {
    if (name === "end") this.tell(this.listeners, ["end", "", null]);
    else this.tell(this.listeners, this.store.take(name, data));
    if (id) this.seen = id;
    return name === "end";
  }

  /**
   * @param {Iterable<Handlers>} listeners
   * @param {[string, string, any]} event
   */
  tell(listeners, [name, of, value]) {
    for (const handlers of [...listeners]) handlers[name]?.(of, value);
  }
}

/** @type {Map<string, Follower>} */
const followers = new Map(); // by address: the components of a page share a stream

/**
 * Follow what is at these addresses.
 *
 * `again()` goes on after an end, as when a run is continued; `stop()` once it is no longer shown.
 * @param {{ stream: string, answers: string }} addresses relative to the app's
 * @param {Handlers} handlers
 */
export function follow({ stream, answers }, handlers) {
  const key = new URL(stream, document.baseURI).href;
  const follower = followers.get(key) ?? new Follower(key, new URL(answers, document.baseURI).href);
  followers.set(key, follower);
  follower.add(handlers);
  return {
    again: () => follower.start(),
    stop() {
      follower.remove(handlers);
      if (!follower.listeners.size) followers.delete(key);
    },
  };
}
