// A page's view in the address: fields that parse and print themselves, the same as those of
// `aecore/ui/state.py`. The browser writes the address; no script runs for it, and no entry is added
// to the history.

const NUMBER = /^-?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?$/;
const AXES = /^[1-9][0-9]?\.[1-9][0-9]?$/;
const STOP = /^(?:([a-z_]{1,20})\.)?([0-9]{1,6})$/;
const LONGEST = 24; // characters of one number
const TINY = 1e-6; // of smaller ones, 0 is written
const TOKEN = "w"; // the visitor's workspace: on every page, and not part of its view
const PAUSE = 350; // milliseconds between writes: browsers take about three a second for long
const HELD = 3000; // for as long a write waits for a pointer to let go: it takes a frame

/**
 * A field as Python describes it (`Field.spec`).
 * @typedef {{ kind: string, name: string, default: any, [more: string]: any }} Field
 */

/**
 * A finite decimal number; null for any other text.
 * @param {string} text @returns {number | null}
 */
export function numberOf(text) {
  if (text.length > LONGEST || !NUMBER.test(text)) return null;
  return Number.isFinite(Number(text)) ? Number(text) : null;
}

/**
 * A number as text of so many significant digits, never with an exponent.
 * @param {number} value @param {number} [digits] @returns {string}
 */
export function digitsOf(value, digits = 5) {
  if (Math.abs(value) < TINY) return "0";
  return String(Number(value.toPrecision(digits)));
}

/** @param {string} text @param {{ least: number, most: number, reach: number }} field */
function pointOf(text, { least, most, reach }) {
  if (text.length > most * (LONGEST + 1)) return null;
  const values = text.split(",").map(numberOf);
  const sensible = values.every((value) => value !== null && Math.abs(value) <= reach);
  return sensible && values.length >= least && values.length <= most ? values : null;
}

/**
 * For each kind of field how its text is read (null for what makes no sense) and written.
 * @type {Record<string, { parse: (text: string, field: any) => any, text: (value: any, field: any) => string }>}
 */
const KINDS = {
  whole: {
    parse: (text, { low, end }) => (/^[0-9]{1,9}$/.test(text) && Number(text) >= low && Number(text) < end ? Number(text) : null),
    text: String,
  },
  number: {
    parse(text, { low, high, nearest }) {
      const value = numberOf(text);
      if (value !== null && nearest) return Math.min(Math.max(value, low), high);
      return value !== null && value >= low && value <= high ? value : null;
    },
    text: (value, { digits }) => digitsOf(value, digits),
  },
  point: {
    parse: pointOf,
    text: (value, { digits }) => Array.from(value, (v) => digitsOf(v, digits)).join(),
  },
  choice: {
    parse: (text, { options }) => options.find((word) => word === text.toLowerCase()) ?? null,
    text: String,
  },
  flag: {
    parse: (text) => (text === "1" ? true : null),
    text: (value) => (value ? "1" : ""),
  },
  classes: {
    parse: (text) => (/^[0-9]{0,99}$/.test(text) ? [...new Set([...text].map(Number))].sort() : null),
    text: (value) => [...value].sort().join(""),
  },
  planes: {
    parse(text, { most, names }) {
      const parts = text.split(",");
      if (parts.length > most || !parts.every((part) => names.includes(part) || AXES.test(part))) return null;
      return parts.map((part) => (names.includes(part) ? part : part.split(".").map((axis) => Number(axis) - 1)));
    },
    text: (value) => value.map((plane) => (Array.isArray(plane) ? plane.map((axis) => axis + 1).join(".") : plane)).join(),
  },
  stops: {
    parse(text, { least, most }) {
      const found = text.split(",").map((part) => STOP.exec(part));
      if (found.length < least || found.length > most) return null;
      const stops = found.map((stop) => stop && { from: stop[1] ?? null, i: Number(stop[2]) });
      return stops.every(Boolean) ? stops : null;
    },
    text: (value) => value.map(({ from, i }) => (from ? `${from}.${i}` : `${i}`)).join(),
  },
  path: {
    parse(text, { most }) {
      const colon = text.indexOf(":");
      const plane = colon < 0 ? text : text.slice(0, colon);
      const values = colon < 0 ? null : pointOf(text.slice(colon + 1), { least: 4, most: 2 * most, reach: 1000 });
      if ((plane !== "0" && plane !== "1") || !values || values.length % 2) return null;
      const points = Array.from({ length: values.length / 2 }, (_, k) => values.slice(2 * k, 2 * k + 2));
      const moves = points.some(([x, y]) => x !== points[0][0] || y !== points[0][1]);
      return moves ? { m: Number(plane), points } : null;
    },
    text: ({ m, points }, { digits }) => `${m}:${points.flatMap((point) => Array.from(point, (v) => digitsOf(v, digits))).join()}`,
  },
  text: {
    parse: (text, { pattern }) => (new RegExp(`^(?:${pattern})$`).test(text) ? text : null),
    text: String,
  },
};

/** The value that a text means to a field, or null. @param {Field} field @param {string} text */
export const parse = (field, text) => KINDS[field.kind].parse(text, field);

/** A value as the address holds it. @param {Field} field @param {any} value @returns {string} */
export const print = (field, value) => (value === null || value === undefined ? "" : KINDS[field.kind].text(value, field));

/** The path that this document was loaded for; "" once another page was shown. */
let landing = null;

/** The view of one component, in the address and, for as long as the tab lives, in its memory. */
export class View {
  /**
   * @param {Field[]} fields
   * @param {string} name of the component, one on its page
   * @param {string} page whose view it is: the address may be another page's, before this one has left
   * @param {string} [about] what the view is of, such as the models: a view that the tab remembers
   *   counts only for the same
   */
  constructor(fields, name, page, about = "") {
    this.fields = fields;
    this.about = about;
    this.path = new URL(page || ".", document.baseURI).pathname;
    this.key = `view ${this.path} ${name}`;
    this.written = -Infinity;
    /** Whether Back or Forward led to an address that the page has not been run for yet. */
    this.astray = false;
    const stop = new AbortController();
    this.stop = () => stop.abort();
    /** Aborted when the component has left: what was still under way then writes nothing. */
    this.signal = stop.signal;
    const { signal } = this;
    this.held = false;
    addEventListener("pointerdown", () => (this.held = true), { capture: true, signal });
    for (const end of ["pointerup", "pointercancel"]) {
      addEventListener(end, () => {
        this.held = false;
        if (this.timer) this.write();
      }, { capture: true, signal });
    }
    addEventListener("popstate", () => (this.astray ||= this.#address() !== location.href), { signal });
    // A click may lead to another page: what was done last is in this one's address then.
    addEventListener("click", () => this.timer && this.write(), { capture: true, signal });
    landing ??= this.path;
    if (this.path !== landing) landing = "";
    const query = new URLSearchParams(this.here ? location.search : "");
    const named = fields.some((field) => query.has(field.name));
    const linked = this.path === landing && [...query.keys()].some((name) => name !== TOKEN);
    const found = named || linked ? query : this.#remembered();
    /** @type {Record<string, any>} */
    this.values = {};
    /** Names of fields whose text made no sense. @type {string[]} */
    this.spoiled = [];
    for (const field of fields) {
      const text = found.getAll(field.name).at(-1);
      const value = text === undefined ? null : parse(field, text);
      this.values[field.name] = value ?? field.default;
      if (text && value === null) this.spoiled.push(field.name);
    }
    this.write();
  }

  /** Whether the address is its to read and to write. */
  get here() {
    return location.pathname === this.path && !this.astray;
  }

  /** The page was run and still shows this view. */
  confirm() {
    this.astray = false;
    this.write();
  }

  /** Change some of the values; null is a field's default. @param {Record<string, any>} values */
  set(values) {
    for (const field of this.fields) {
      if (field.name in values) this.values[field.name] = values[field.name] ?? field.default;
    }
    if (this.signal.aborted) return;
    this.#remember();
    if (this.timer) return;
    const wait = this.held ? HELD : this.written + PAUSE - performance.now();
    if (wait <= 0) this.write();
    else this.timer = setTimeout(() => this.write(), wait);
  }

  /**
   * Values whose range is known only now, when what they are of is here: one beyond it becomes its
   * field's default, in the address, too.
   * @param {Record<string, (value: any) => boolean>} ranges
   */
  within(ranges) {
    const beyond = this.fields.filter(({ name, default: usual }) => {
      const value = this.values[name];
      return name in ranges && value !== usual && !ranges[name](value);
    });
    if (beyond.length) this.set(Object.fromEntries(beyond.map(({ name }) => [name, null])));
  }

  /** Bring the address to the values; those by default are not in it. */
  write() {
    clearTimeout(this.timer);
    this.timer = null;
    if (!this.here) return;
    this.written = performance.now();
    this.#remember();
    const address = this.#address();
    if (address !== location.href) history.replaceState(history.state, "", address);
  }

  /** The component has left the page. */
  destroy() {
    this.stop();
    this.write();
  }

  /** The address with the values in it. */
  #address() {
    const url = new URL(location.href);
    url.pathname = this.path;
    for (const [name, text] of this.#texts()) {
      if (text) url.searchParams.set(name, text);
      else url.searchParams.delete(name);
    }
    return url.href;
  }

  /** @returns {[string, string][]} */
  #texts() {
    return this.fields.map((field) => {
      const text = print(field, this.values[field.name]);
      return [field.name, text === print(field, field.default) ? "" : text];
    });
  }

  #remember() {
    const query = new URLSearchParams(this.#texts().filter(([, text]) => text));
    try {
      sessionStorage.setItem(this.key, JSON.stringify([this.about, query.toString()]));
    } catch {
      // no room, or not allowed: the address still holds it
    }
  }

  #remembered() {
    try {
      const [about, query] = JSON.parse(sessionStorage.getItem(this.key) ?? "[]");
      return new URLSearchParams(about === this.about ? query : "");
    } catch {
      return new URLSearchParams();
    }
  }
}
