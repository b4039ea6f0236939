// Gestures on a plane: pointer, touch, wheel and keys, written once for every plane.

const CLICK = 4; // pixels that a press may move and still be a click
const AGAIN = 500; // milliseconds in which another click belongs to the one before
const STEP = 4; // pixels of an arrow key; ten times as far with Shift
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * A place in the frame, in CSS pixels from its top left corner.
 * @typedef {[number, number]} Place
 */

/**
 * What a page does with the gestures on its plane; each is optional.
 * @typedef {object} Handlers
 * @property {(at: Place) => void} [hover] the pointer moves over the plane, nothing pressed
 * @property {() => void} [leave] the pointer has left the plane
 * @property {(at: Place, touch: boolean) => boolean | void} [press] a mouse, or else a pen or finger
 *   (touch), comes down; true if it takes hold of something, which is then dragged. If not, a mouse
 *   that moves on moves the plane
 * @property {(at: Place, touch: boolean) => void} [drag] what is held moves
 * @property {(at: Place, touch: boolean, clicks: number) => void} [release] the hand lets go of what
 *   it held, or clicked; how many clicks that makes in a row, 0 after a drag
 * @property {() => void} [cancel] what is held is not to count: a second finger came, or the system
 * @property {(x: number, y: number, event: KeyboardEvent) => void} [arrow] an arrow key: how many
 *   pixels to the right and up
 * @property {(event: KeyboardEvent) => boolean | void} [key] another key; true if it meant something
 * @property {() => void} [moved] the plane shows another part. Without this handler it stands still
 * @property {() => void} [fit] all is to be shown: the key 0
 * @property {() => void} [double] a double click; its clicks were released before
 * @property {() => void} [focus] the frame took or lost the focus of the keyboard
 */

/**
 * A mouse, pen or finger at a moment; `kind` as an event's pointerType.
 * @typedef {{ id: number, at: Place, kind: string, time: number }} Pointer
 */

/**
 * Pointers in, intents out; no browser is needed. One pointer presses, drags, clicks or pans, two
 * pinch; after a pinch nothing counts until every finger is lifted.
 */
export class Pointers {
  /**
   * @param {Pick<Handlers, "hover" | "leave" | "press" | "drag" | "release" | "cancel"> & {
   *   pan?: (dx: number, dy: number) => void,
   *   pinch?: (from: Place, to: Place, factor: number) => void }} intents
   */
  constructor(intents) {
    this.intents = intents;
    /** @type {Map<number, Place>} */
    this.down = new Map();
    /** @type {"held" | "pressed" | "pan" | "pinch" | null} */
    this.state = null;
    /** @type {Place} */
    this.last = [0, 0];
    this.still = true;
    this.clicks = 0;
    this.clicked = -Infinity;
  }

  /** @param {Pointer} pointer */
  press({ id, at, kind }) {
    this.down.set(id, at);
    if (this.down.size === 1) {
      this.last = at;
      this.still = true;
      this.state = this.intents.press?.(at, kind !== "mouse") ? "held" : "pressed";
    } else {
      if (this.state === "held") this.intents.cancel?.();
      this.state = "pinch";
    }
  }

  /** @param {Pointer} pointer */
  move({ id, at, kind }) {
    if (!this.down.has(id)) {
      if (kind !== "touch" && !this.down.size) this.intents.hover?.(at);
      return;
    }
    const before = [...this.down.values()];
    this.down.set(id, at);
    if (this.state === "pinch") {
      if (this.down.size > 1) this.#pinch(before, [...this.down.values()]);
      return;
    }
    if (this.still && Math.hypot(at[0] - this.last[0], at[1] - this.last[1]) >= CLICK) this.still = false;
    if (this.state === "held") this.intents.drag?.(at, kind !== "mouse");
    else if (!this.still && kind === "mouse") {
      this.state = "pan";
      this.intents.pan?.(at[0] - this.last[0], at[1] - this.last[1]);
      this.last = at;
    }
  }

  /** @param {Pointer} pointer */
  lift({ id, at, kind, time }) {
    if (!this.down.delete(id)) return;
    if (this.state === "held" || (this.state === "pressed" && this.still)) {
      if (this.still) {
        this.clicks = time - this.clicked > AGAIN ? 1 : this.clicks + 1;
        this.clicked = time;
      }
      this.intents.release?.(at, kind !== "mouse", this.still ? this.clicks : 0);
    }
    if (!this.down.size) this.state = null;
  }

  /** The system took a pointer away. @param {{ id: number }} pointer */
  lose({ id }) {
    if (!this.down.delete(id)) return;
    if (this.state === "held") this.intents.cancel?.();
    this.state = this.down.size ? "pinch" : null;
  }

  /** The pointer is no longer over the frame. @param {{ kind: string }} pointer */
  leave({ kind }) {
    if (kind !== "touch" && !this.down.size) this.intents.leave?.();
  }

  /** @param {Place[]} before @param {Place[]} now */
  #pinch(before, now) {
    const [[from, apart], [to, wider]] = [spanOf(before), spanOf(now)];
    this.intents.pinch?.(from, to, wider / apart);
  }
}

/** The middle of two places, and how far apart they are.
 * @param {Place[]} places @returns {[Place, number]}
 */
function spanOf([[x0, y0], [x1, y1]]) {
  return [[(x0 + x1) / 2, (y0 + y1) / 2], Math.max(1, Math.hypot(x1 - x0, y1 - y0))];
}

/** The listeners of a frame that holds a plane; they call the page's handlers, and move the plane. */
export class Gestures {
  /**
   * @param {HTMLElement} frame
   * @param {import("./plane.js").Plane} plane
   * @param {Handlers} handlers
   */
  constructor(frame, plane, handlers) {
    this.frame = frame;
    this.plane = plane;
    this.handlers = handlers;
    const stop = new AbortController();
    /** Take all listeners off the frame. */
    this.destroy = () => stop.abort();
    const moves = Boolean(handlers.moved);
    const pointers = new Pointers({
      ...handlers,
      hover: (at) => (plane.contains(...at) ? handlers.hover?.(at) : handlers.leave?.()),
      pan: moves ? (dx, dy) => this.#show(() => plane.pan(dx, dy)) : undefined,
      pinch: moves ? (from, to, factor) => this.#show(() => {
        plane.pan(to[0] - from[0], to[1] - from[1]);
        plane.zoom(factor, ...to);
      }) : undefined,
    });
    const on = (type, act, options = {}) => frame.addEventListener(type, act, { ...options, signal: stop.signal });
    const pointer = (event) => ({ id: event.pointerId, at: this.place(event), kind: event.pointerType, time: event.timeStamp });
    on("pointerdown", (event) => {
      if (event.button !== 0) return;
      frame.setPointerCapture(event.pointerId);
      pointers.press(pointer(event));
    });
    on("pointermove", (event) => pointers.move(pointer(event)));
    on("pointerup", (event) => pointers.lift(pointer(event)));
    on("pointercancel", (event) => {
      pointers.lose(pointer(event));
      handlers.leave?.();
    });
    on("pointerleave", (event) => pointers.leave(pointer(event)));
    on("keydown", (event) => this.#key(event));
    for (const type of ["focus", "blur"]) on(type, () => handlers.focus?.());
    if (!moves) return;
    on("wheel", (event) => this.#wheel(event), { passive: false });
    on("dblclick", () => handlers.double?.());
  }

  /** Where an event is in the frame. @returns {Place} */
  place({ clientX, clientY }) {
    const box = this.frame.getBoundingClientRect();
    return [clientX - box.left, clientY - box.top];
  }

  /** Zoom by a factor about a place, or the middle. */
  zoom(factor, ...at) {
    this.#show(() => this.plane.zoom(factor, ...at));
  }

  #show(change) {
    change();
    this.handlers.moved?.();
  }

  #wheel(event) {
    const { plane } = this;
    const at = this.place(event);
    if (!plane.contains(...at)) return;
    // Nothing more to show: the page scrolls on.
    if (event.deltaY > 0 && !event.ctrlKey && plane.window.unit >= plane.window.full * 0.999) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), ...at);
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { handlers } = this;
    const way = handlers.arrow && ARROWS[event.key];
    const step = event.shiftKey ? 10 * STEP : STEP;
    if (way) handlers.arrow(way[0] * step, way[1] * step, event);
    else if (handlers.moved && (event.key === "+" || event.key === "=")) this.zoom(1.5);
    else if (handlers.moved && event.key === "-") this.zoom(1 / 1.5);
    else if (handlers.moved && event.key === "0") handlers.fit?.();
    else if (!handlers.key?.(event)) return;
    event.preventDefault();
  }
}
