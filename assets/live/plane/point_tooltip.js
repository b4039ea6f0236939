// The test image whose point on a plane is pointed at, beside it.

import { imageCanvas, paint } from "../core/canvas.js";
import { element } from "../core/dom.js";
import { group, wordsOf } from "../core/words.js";
import { nearest } from "./latent_space.js";

const { say } = wordsOf("plane/point_tooltip");

const REACH = { mouse: 12, pen: 12, touch: 24 }; // pixels from a point that still mean it
const AWAY = 14; // pixels between the point and its picture
const WIDTH = 112; // pixels of the picture and its words

export class PointTooltip {
  /** component: has the `root` they stand in, the `tests` to ask for images (if at hand) and `colours`. */
  constructor(component) {
    this.component = component;
    this.canvas = imageCanvas();
    this.text = element("span");
    this.tip = element("div", { class: "tooltip", style: `width: ${WIDTH}px`, hidden: "" }, element("div", { class: "tile" }, this.canvas), this.text);
  }

  /** Follow the pointer over an element that holds a plane; planeOf(): the plane, once there is one. */
  watch(frame, planeOf) {
    for (const kind of ["pointermove", "pointerdown"]) frame.addEventListener(kind, (event) => this.follow(planeOf(), event));
    frame.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.hide()); // a finger leaves at once
  }

  hide() {
    this.shown = null;
    this.tip.hidden = true;
  }

  follow(plane, event) {
    const found = plane && this.find(plane, event);
    if (!found) return this.hide();
    const box = this.component.root.getBoundingClientRect();
    const right = found.x - box.left + AWAY;
    const left = right + WIDTH > box.width ? right - 2 * AWAY - WIDTH : right;
    Object.assign(this.tip.style, { left: `${left}px`, top: `${found.y - box.top - WIDTH / 3}px` });
    const name = say("image", { label: plane.space.labels[found.i], index: group(found.i) });
    if (this.shown !== name) this.show(found.i, name);
  }

  /** The point under the pointer, and where it stands in the window. */
  find(plane, { clientX, clientY, pointerType }) {
    const box = plane.host.getBoundingClientRect();
    const at = [clientX - box.left, clientY - box.top];
    if (!plane.contains(...at)) return null;
    const places = plane.projection.places.subarray(0, 2 * plane.space.count);
    const [i, squared] = nearest(places, 2, plane.toPlane(...at));
    if (Math.sqrt(squared) > (REACH[pointerType] ?? 12) * plane.window.unit) return null;
    const [x, y] = plane.toScreen(places[2 * i], places[2 * i + 1]);
    return { i, x: x + box.left, y: y + box.top };
  }

  async show(i, name) {
    this.shown = name;
    const { tests, colours } = this.component;
    const image = await tests?.get(i);
    if (this.shown !== name) return; // it points elsewhere by now
    this.text.textContent = name;
    this.canvas.parentElement.hidden = !image;
    if (image) paint(this.canvas, image, colours.ink);
    this.tip.hidden = false;
  }
}
