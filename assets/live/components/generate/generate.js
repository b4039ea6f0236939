// Generate: one point of a plane of styles decoded as each class at once.

import { mounting } from "../../core/component.js";
import { imageCanvas, paint } from "../../core/canvas.js";
import { compose, element, icon, symbolOf, write } from "../../core/dom.js";
import { loadBlock } from "../../core/nn.js";
import { Sheet } from "../../core/sheet.js";
import { digitsOf } from "../../core/view.js";
import { group, wordsOf } from "../../core/words.js";
import { Panel } from "../panel/panel.js";
import { OwnImage } from "./own_image.js";
import { factsOf, leakageText, leanText } from "./sentences.js";
import { StyleView } from "./style_view.js";

const { say, fill } = wordsOf("components/generate/generate");

const VIEWS = ["points", "grid"];
const SAME = 1e-4; // of a number of z: so much the address leaves off

/**
 * The component: one conditional model, the `leakage` of the class into its code, and its encoder's
 * block, which is fetched once an image of one's own is to be encoded.
 */
class Generate extends Panel {
  viewOf(row, model, block, index) {
    return new StyleView(this, row, model, block, index);
  }

  build(loaded) {
    this.answer = element("p", { class: "answer" });
    this.strip = this.buildStrip();
    this.own = new OwnImage(this.view, { onImage: (image) => this.takeOwn(image), onOpen: (open) => this.makeRoom(open) });
    this.encoded = null;
    super.build(loaded);
    this.models[0].planeColumn.append(this.own.host);
    this.root.append(this.strip.host, this.answer);
    this.own.restore();
  }

  complete() {
    this.models[0].findTogether();
  }

  get shows() {
    const { view, circles } = this.view.values;
    return [...(view === "grid" ? ["grid"] : []), ...(circles === "on" ? ["prior"] : [])];
  }

  // ------------------------------------------------------------------ building

  buildToolbar() {
    this.views = VIEWS.map((name) => {
      const button = element("button", { type: "button" }, say(name));
      button.onclick = () => {
        this.own.close();
        this.choose({ view: name });
      };
      return button;
    });
    this.circles = element("button", { type: "button", class: "pill" }, icon("done"), say("prior"));
    this.circles.onclick = () => this.choose({ circles: this.view.values.circles === "on" ? "off" : "on" });
    return element("div", { class: "toolbar" },
      element("div", { class: "row" },
        element("div", { class: "kinds", role: "group", "aria-label": say("views") }, ...this.views), this.circles),
      this.buildHint());
  }

  buildStrip() {
    const x = imageCanvas();
    const drawn = imageCanvas();
    const name = element("b");
    const number = element("span");
    const hand = element("span");
    const button = (glyph, key, act) => {
      const node = element("button", { type: "button", title: say(`title_${key}`) }, icon(glyph), say(key));
      node.onclick = act;
      return node;
    };
    const other = button("shuffle", "another", () => this.takeAnother());
    const draw = button("pen", "draw", () => this.own.toggle());
    const source = element("div", { class: "source" },
      element("div", { class: "tile of-x", style: "--size: 52px" }, x), element("div", {}, name, number));
    const host = element("div", { class: "link" }, source, icon("arrow"),
      element("div", { class: "rebuild" },
        element("div", { class: "tile of-xh", style: "--size: 52px" }, drawn),
        element("div", {}, element("b", {}, ...fill("from_its_own", { z: symbolOf("z") })), hand)),
      element("div", { class: "keep" }, other, draw));
    return { host, x, drawn, name, number, hand, draw };
  }

  // ------------------------------------------------------------------ what is shown

  /** Change what the plane shows. */
  choose(values) {
    this.view.set(values);
    this.showChoice();
    this.setShown(this.shows);
  }

  /** One's own image takes the place of the plane, beside the ten that are drawn. @param {boolean} open */
  makeRoom(open) {
    this.root.classList.toggle("drawing", open);
    this.strip.draw.setAttribute("aria-expanded", String(open));
    this.strip.draw.lastChild.textContent = say(open ? "plane" : "draw");
    if (this.built) this.showChoice();
  }

  setShown(show) {
    this.showChoice();
    super.setShown(show);
  }

  showChoice() {
    const { view, circles, own } = this.view.values;
    this.views.forEach((button, k) => button.setAttribute("aria-pressed", String(!own && view === VIEWS[k])));
    this.circles.setAttribute("aria-pressed", String(circles === "on"));
    this.circles.hidden = Boolean(own) || !this.models[0].space.prior; // an image of one's own has no circles
    Object.assign(this.models[0].plane.show, { discs: false });
    this.models[0].network.assume(this.view.values.class);
    this.hide();
  }

  /** In the legend: the classes that are shown as points, or the one that the images are of. */
  hide() {
    super.hide();
    const { view, class: chosen } = this.view.values;
    this.legend.classList.toggle("one", view === "grid");
    if (view !== "grid") return;
    this.legend.querySelectorAll(".class").forEach((button, label) => button.setAttribute("aria-pressed", String(label === chosen)));
  }

  pressClass(label) {
    if (this.view.values.view !== "grid") return super.pressClass(label);
    this.view.set({ class: label });
    this.showChoice();
    this.models[0].fillGrid();
  }

  pressKey({ key }) {
    if (!/^[1-9]$/.test(key)) return false;
    this.pressClass(Number(key));
    return true;
  }

  onPoint() {
    const same = (v, j) => Math.abs(v - this.encoded.z[j]) < SAME * Math.max(1, Math.abs(v));
    const own = this.encoded && this.driver.z.every(same) ? this.encoded : null;
    this.showStrip(own);
  }

  /** Whose hand it is: one's own image, or the test image nearest to the point; and what its own code draws. */
  showStrip(own) {
    const { strip, linked: i, models: [view] } = this;
    const digit = own ? own.digit : view.space.labels[i];
    paint(strip.drawn, view.network.decode(own ? own.z : view.codeOf(i), view.labels[digit]), this.colours.ink);
    write(strip.hand, say("in_this_hand", { digit: say(`digit_${digit}`) }));
    compose(strip.name, ...fill(own ? "own" : "nearest", { x: symbolOf("x") }));
    const numbered = { index: group(i), digit: say(`digit_${digit}`) };
    write(strip.number, own ? say("own_class", numbered) : say(this.images ? "test_image" : "test_image_missing", numbered));
    const tile = strip.x.parentElement;
    tile.hidden = !own && !this.images;
    if (own) {
      paint(strip.x, own.image, this.colours.ink);
      Object.assign(strip.x, { asked: null, shown: null });
      tile.classList.remove("waiting");
    } else if (this.images) this.paintTest(strip.x, i);
  }

  /** Show a class at the pinned point on Decode, large. @param {number} digit */
  open(digit) {
    this.call.setTriggerValue("open", { digit, z: this.pinned.z.map((v) => digitsOf(v)).join() });
  }

  /** The images were read, or it was found which classes lean together. */
  onRead() {
    const { reads, together, labels, dim } = this.models[0];
    if (!reads.length) return;
    const { leakage } = this.data;
    compose(this.answer, leanText(factsOf(reads, together), labels.length),
      ...(leakage === null ? [] : [" ", ...leakageText(leakage, labels.length, dim)]));
  }

  speak() {
    super.speak();
    this.status.textContent += ` ${this.answer.textContent}`;
  }

  // ------------------------------------------------------------------ hands of others

  /** The style of a test image at random becomes the point. */
  takeAnother() {
    const [view] = this.models;
    this.pin(0, view.codeOf(Math.floor(Math.random() * view.space.count)), { remember: true });
  }

  /** The style of one's own image becomes the point. @param {import("./own_image.js").Own | null} own */
  async takeOwn(own) {
    this.turn = (this.turn ?? 0) + 1;
    if (!own) {
      this.encoded = null;
      return this.rest();
    }
    const { turn, models: [view] } = this;
    try {
      if (!view.network.has("encoder")) view.network.add(await loadBlock(this.data.encoder));
    } catch (error) {
      if (turn === this.turn && view === this.models[0]) this.fail(error);
      return;
    }
    if (turn !== this.turn || this.gone || view !== this.models[0]) return;
    const digit = own.digit ?? this.reader.classify(own.image).digit;
    this.own.showClass(digit);
    const z = Array.from(view.network.encode(own.image, view.labels[digit]));
    this.encoded = { image: own.image, digit, z };
    if (own.moved) return this.rest();
    this.pin(0, z, { remember: true });
  }

  recolour() {
    this.own?.recolour(this.colours.ink);
    super.recolour();
  }

  /** The plane, and the ten images with what is read in them. */
  picture() {
    const [{ plane, tiles, zText }] = this.models;
    const size = 112;
    const step = size + 16;
    const left = plane.width + 48;
    const sheet = new Sheet(left + 5 * step + 8, Math.max(plane.height + 130, 2 * (size + 60) + 110), this.colours, plane.scale);
    sheet.write(`${this.data.models[0].title} · ${this.data.name}`, 24 + plane.inner.x, 34, { size: 17, weight: 650 });
    for (const layer of [plane.base, plane.over]) sheet.put(layer, 24, 46, plane.width, plane.height);
    sheet.write(zText.textContent, left, 34, { size: 17, weight: 650 });
    tiles.forEach(({ canvas, digits, figures }, k) => {
      const [x, y] = [left + (k % 5) * step, 54 + Math.floor(k / 5) * (size + 60)];
      sheet.put(canvas, x, y, size, size, this.colours.xh);
      sheet.write(digits.textContent, x + size / 2, y + size + 22, { weight: 650, align: "center" });
      sheet.write(figures.textContent, x + size / 2, y + size + 40, { size: 12, colour: this.colours.muted, align: "center" });
    });
    return sheet.canvas;
  }
}

export const mount = mounting(Generate);
