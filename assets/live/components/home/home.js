// The living figure of the start page: image, encoder, code, decoder, image.

import { mounting } from "../../core/component.js";
import { loadBlock } from "../../core/nn.js";
import { imageCanvas, paint } from "../../core/canvas.js";
import { element, symbolOf } from "../../core/dom.js";
import { wordsOf } from "../../core/words.js";
import { Panel } from "../panel/panel.js";

const { say, fill } = wordsOf("components/home/home");

const funnel = (shape, name) => element("div", { class: `funnel ${shape}` }, element("span", {}, name));

class Home extends Panel {
  load(data) {
    return Promise.all([super.load(data), loadBlock(data.encoder), loadBlock(data.inputs)]);
  }

  build([loaded, block, { arrays: { images } }]) {
    super.build(loaded);
    this.models[0].network.add(block);
    const [count, pixels] = images.shape;
    this.inputs = Array.from({ length: count }, (_, i) =>
      Float32Array.from(images.values.subarray(i * pixels, (i + 1) * pixels), (v) => v / 255));
    this.input = imageCanvas();
    this.note = element("p", { class: "caption" });
    this.buttons = this.inputs.map((image, i) => {
      const canvas = imageCanvas();
      const button = element("button", { type: "button", "aria-label": say("put", { index: i }) }, canvas);
      button.onclick = () => {
        this.put(i);
        this.view.set({ image: i, z: null });
      };
      return Object.assign(button, { canvas, image });
    });
    this.stage = element("div", { class: "stage" },
      element("b", {}, ...fill("image", { x: symbolOf("x") })),
      element("div", { class: "tile of-x", style: "--size: 190px" }, this.input),
      this.note, element("div", { class: "picker" }, ...this.buttons));
    const host = this.models[0].frame.closest(".model");
    host.prepend(this.stage, funnel("narrows", say("encoder")));
    host.lastChild.before(funnel("opens", say("decoder")));
    this.restore(this.view.values);
    this.paintInputs();
  }

  /** Put in the image that the view names; where it holds a point too, that was chosen by hand. */
  restore(values) {
    if (!this.stage) return; // it is still being built
    this.put(values.image);
    super.restore(values);
  }

  /** Encode one of the images: z is the (mean of the) code that the encoder gives it. */
  put(i) {
    this.chosen = i;
    this.putting = true;
    this.pin(0, this.models[0].network.encode(this.inputs[i]));
    this.putting = false;
    paint(this.input, this.inputs[i], this.colours.ink);
  }

  paintInputs() {
    paint(this.input, this.inputs[this.chosen], this.colours.ink);
    for (const { canvas, image } of this.buttons) paint(canvas, image, this.colours.ink);
  }

  onPoint(how) {
    if (!this.stage) return;
    // The pointer, and a point that it pinned, are chosen by hand; leaving restores what was put in.
    const pinned = this.pinned.z;
    if (this.putting) this.encoded = pinned;
    this.byHand = how !== "pin" || pinned !== this.encoded;
    this.stage.classList.toggle("by-hand", this.byHand);
    this.buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(!this.byHand && i === this.chosen)));
    this.note.textContent = say(this.byHand ? "by_hand" : "encoded");
  }

  recolour() {
    super.recolour();
    if (this.stage) this.paintInputs();
  }
}

export const mount = mounting(Home);
