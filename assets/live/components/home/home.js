// The living figure of the start page: image, encoder, code, decoder, image.

import { Network, loadBlock } from "../../core/nn.js";
import { imageCanvas, paint } from "../../core/canvas.js";
import { element, symbolOf } from "../../core/dom.js";
import { Panel } from "../panel/panel.js";

/** The component: one model's plane between an image put in and the image that comes out. */
export function mount(component, root) {
  root.live ??= new Home(root);
  root.live.update(component);
}

const funnel = (name) => element("div", { class: `funnel ${name[0] === "d" ? "opens" : ""}` }, element("span", {}, name));

class Home extends Panel {
  async build(data) {
    await super.build(data);
    if (!this.seats.length) return; // the models did not arrive, and the panel says so
    const block = await loadBlock(data.encoder);
    this.encoder = new Network(block.networks.encoder, block.arrays, [1, 28, 28]);
    const bytes = Uint8Array.from(atob(data.inputs), (c) => c.charCodeAt(0));
    this.inputs = Array.from({ length: bytes.length / 784 }, (_, i) =>
      Float32Array.from(bytes.subarray(i * 784, (i + 1) * 784), (v) => v / 255));
    this.input = imageCanvas();
    this.note = element("p", { class: "caption" });
    this.buttons = this.inputs.map((image, i) => {
      const canvas = imageCanvas();
      const button = element("button", { type: "button", "aria-label": `Put in image ${i}` }, canvas);
      button.onclick = () => this.put(i);
      return Object.assign(button, { canvas, image });
    });
    this.stage = element("div", { class: "stage" },
      element("b", {}, symbolOf("x"), " an image"),
      element("div", { class: "tile of-x", style: "--size: 190px" }, this.input),
      this.note, element("div", { class: "picker" }, ...this.buttons));
    const seat = this.seats[0].frame.closest(".seat");
    seat.prepend(this.stage, funnel("encoder f"));
    seat.lastChild.before(funnel("decoder g"));
    this.put(data.first);
    this.paintInputs();
  }

  /** Encode one of the images: z is the (mean of the) code that the encoder gives it. */
  put(i) {
    this.chosen = i;
    this.putting = true;
    this.pin(0, this.encoder.run(this.inputs[i]).subarray(0, this.seats[0].dim));
    this.putting = false;
    paint(this.input, this.inputs[i], this.colours.ink);
  }

  paintInputs() {
    paint(this.input, this.inputs[this.chosen], this.colours.ink);
    for (const { canvas, image } of this.buttons) paint(canvas, image, this.colours.ink);
  }

  onPoint(how, seat) {
    if (!this.stage) return;
    // The pointer, and a point that it pinned, are chosen by hand; leaving restores what was put in.
    const pinned = this.pinned.z;
    if (this.putting) this.asked = pinned;
    this.byHand = how !== "pin" || pinned !== this.asked;
    this.stage.classList.toggle("by-hand", this.byHand);
    this.buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(!this.byHand && i === this.chosen)));
    this.note.textContent = this.byHand ? "Not asked: you chose z by hand." : "The encoder turned it into z.";
  }

  recolour() {
    super.recolour();
    if (this.stage) this.paintInputs();
  }
}
