// Train: runs under way and finished ones, their losses and planes, and the time machine.

import { loadBlock } from "./nn.js";
import { readColours, symbolFonts } from "./plane.js";
import { element } from "./dom.js";
import { paintThumb } from "./moments.js";
import { Reel } from "./reel.js";

const TWEEN = 400; // milliseconds from one moment to the next while a run is watched
const THUMBS = 10;

/** The component: called at every look at the runs, on the same element. */
export function studio(component, root) {
  root.live ??= new Studio(root);
  root.live.update(component);
}

class Studio {
  constructor(root) {
    Object.assign(this, { root, reels: [], at: 0, following: true, images: false, log: false });
    root.className = "panel studio";
    root.addEventListener("transitionend", (event) => {
      if (event.target === root && event.propertyName === "color") this.recolour();
    });
    this.colours = readColours(root);
    symbolFonts().then(() => this.recolour(), () => {});
  }

  update({ data, setTriggerValue }) {
    this.stop = (name) => setTriggerValue("stop", name);
    const key = JSON.stringify(data.runs.map((run) => run.name));
    if (this.key !== key) {
      this.key = key;
      this.build(data.runs);
    }
    this.fetchImages(data.images);
    data.runs.forEach((run, i) => this.reels[i].update(run));
    if (this.reels.length) this.measure();
    if (!data.runs.length || data.runs.every((run) => !run.moments.length)) this.root.dataset.ready = "true";
  }

  async fetchImages(url) {
    if (this.imagesUrl === url) return;
    this.imagesUrl = url;
    if (!url) return;
    try {
      const { arrays } = await loadBlock(url);
      if (this.imagesUrl !== url) return;
      Object.assign(this, { labels: arrays.labels.values, fixed: arrays.fixed.values });
      this.recolour();
    } catch {
      this.imagesUrl = null; // the next look tries again
    }
  }

  // ------------------------------------------------------------------ building

  build(runs) {
    Object.assign(this, { at: 0, following: true, goal: null });
    delete this.root.dataset.ready;
    if (!runs.length) {
      this.reels = [];
      this.root.replaceChildren(element("div", { class: "empty" }, element("p", {}, "No run yet. Choose a model on this page and press Train.")));
      return;
    }
    const small = runs.length > 1;
    this.reels = runs.map((_, i) => new Reel(this, i, small));
    const reels = element("div", { class: small ? "reels several" : "reels", style: `--runs: ${runs.length}` }, ...this.reels.map((reel) => reel.host));
    this.root.replaceChildren(reels, this.buildMachine(), this.buildPictures(small));
  }

  buildMachine() {
    this.slider = element("input", { type: "range", min: 0, max: 1, step: "any", "aria-label": "Time machine: moment of the training" });
    this.slider.oninput = () => this.go(Number(this.slider.value));
    this.slider.onkeydown = (event) => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5, Home: -1e6, End: 1e6 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.go(Math.min(Math.max((step < 0 ? Math.ceil(this.at) : Math.floor(this.at)) + step, 0), this.most));
    };
    this.thumbs = Array.from({ length: THUMBS }, () => {
      const canvas = element("canvas", { width: 124, height: 108 });
      const caption = element("span");
      const button = element("button", { type: "button", class: "thumb" }, canvas, caption);
      button.onclick = () => this.go(button.index);
      return Object.assign(button, { canvas, caption });
    });
    this.moment = element("output", { class: "caption" });
    const toggle = (name, text, set) => {
      const button = element("button", { type: "button", class: "png", "aria-pressed": "false" }, text);
      button.onclick = () => {
        set();
        this.reels.forEach((reel) => reel.forget());
        this.press();
        this.repaint();
      };
      return (this[name] = button);
    };
    const kinds = element("div", { class: "kinds", role: "group", "aria-label": "What the plane shows" },
      toggle("asPoints", "Points", () => (this.images = false)), toggle("asImages", "Images", () => (this.images = true)));
    const logs = toggle("asLog", "Log scale", () => {
      this.log = !this.log;
      this.reels.forEach((reel) => reel.run && reel.drawCurves());
    });
    this.live = element("span", { class: "chip running" }, "live");
    this.machine = element("div", { class: "machine" },
      element("div", { class: "row spread" },
        element("div", { class: "row" }, element("h4", {}, "Time machine"), element("span", { class: "caption" }, "Drag back to any moment. Each picture has its own scale.")),
        element("div", { class: "row" }, this.live, this.moment, kinds, logs)),
      element("div", { class: "thumbs" }, ...this.thumbs), this.slider);
    this.press();
    return this.machine;
  }

  buildPictures(small) {
    if (small) {
      this.reels.forEach((reel) => reel.host.append(reel.pictures));
      return element("p", { class: "sr", "aria-live": "polite" });
    }
    return element("div", { class: "rebuilding" }, element("h4", {}, "Reconstructions"), this.reels[0].pictures);
  }

  press() {
    this.asPoints.setAttribute("aria-pressed", String(!this.images));
    this.asImages.setAttribute("aria-pressed", String(this.images));
    this.asLog.setAttribute("aria-pressed", String(this.log));
  }

  // ------------------------------------------------------------------ moving through time

  /** The last index there is. */
  get most() {
    return Math.max(0, ...this.reels.map((reel) => reel.moments.length - 1));
  }

  /** New moments may have come: the slider grows, and one who watches goes along. */
  measure() {
    const { most } = this;
    this.machine.hidden = this.reels.every((reel) => !reel.moments.length);
    this.slider.max = Math.max(most, 1e-9);
    const last = Math.max(0, ...this.reels.map((reel) => reel.last));
    if (this.following && last > this.at) this.tween(last);
    else if (this.at > most) this.at = most; // a run that goes on from before its last moment
    this.repaint();
  }

  arrived(reel) {
    if (this.reels.includes(reel)) this.measure();
  }

  /** By hand: at the end one watches again. */
  go(at) {
    cancelAnimationFrame(this.frame);
    this.frame = this.goal = null;
    this.at = at;
    this.following = at >= this.most - 0.01;
    this.repaint();
  }

  toEpoch(reel, epoch) {
    if (reel.moments.length) this.go(Math.min(reel.indexAt(epoch), this.most));
  }

  tween(goal) {
    if (this.goal === goal) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const first = !this.root.dataset.ready;
    if (still || first || goal - this.at > 4) {
      this.at = goal;
      return;
    }
    this.goal = goal;
    const [from, start] = [this.at, performance.now()];
    const step = (now) => {
      const share = Math.min(Math.max((now - start) / TWEEN, 0), 1);
      this.at = from + (goal - from) * (1 - (1 - share) ** 2);
      if (share < 1 && this.goal === goal) this.frame = requestAnimationFrame(step);
      else this.goal = null;
      this.paint();
    };
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(step);
  }

  // ------------------------------------------------------------------ drawing

  repaint() {
    this.painting ??= requestAnimationFrame(() => {
      this.painting = null;
      this.paint();
    });
  }

  paint() {
    if (!this.reels.length || !this.reels.some((reel) => reel.moments.length)) return;
    for (const reel of this.reels) if (reel.run) reel.show(this.at, this.colours);
    const first = this.reels.find((reel) => reel.moments.length === this.most + 1) ?? this.reels[0];
    const epoch = first.epochAt(this.at);
    const said = `epoch ${epoch.toFixed(epoch < 10 ? 2 : 1)} of ${first.run.epochs}`;
    this.moment.textContent = said;
    if (document.activeElement !== this.slider || Math.abs(Number(this.slider.value) - this.at) > 1e-6) this.slider.value = this.at;
    this.slider.style.setProperty("--share", `${(100 * this.at) / Math.max(this.most, 1)}%`);
    this.slider.setAttribute("aria-valuetext", said);
    this.live.hidden = !(this.following && this.reels.some((reel) => reel.run?.state === "running"));
    this.paintThumbs(first);
    if (this.labels && this.reels.some((reel) => reel.last >= 0)) this.root.dataset.ready = "true";
  }

  /** Ten of the moments, evenly picked. */
  paintThumbs(reel) {
    const count = Math.min(THUMBS, reel.moments.length);
    const apart = count > 1 ? (reel.moments.length - 1) / (count - 1) : 1;
    const shown = Math.round(this.at / apart);
    this.thumbs.forEach((thumb, k) => {
      thumb.hidden = k >= count;
      if (k >= count) return;
      const index = Math.round(k * apart);
      const moment = reel.moments[index];
      thumb.index = index;
      thumb.setAttribute("aria-pressed", String(k === shown));
      const key = `${moment.url} ${Boolean(moment.at)} ${this.colours.dark} ${Boolean(this.labels)}`;
      if (thumb.key === key) return;
      thumb.key = key;
      const name = index === 0 ? "start" : `${Number(moment.epoch.toPrecision(2))}`;
      thumb.caption.textContent = name;
      thumb.setAttribute("aria-label", index === 0 ? "Before training" : `Epoch ${name}`);
      if (this.labels) paintThumb(thumb.canvas, moment.at, this.labels, this.colours);
    });
  }

  recolour() {
    if (!this.root.isConnected) return; // taken off the page, it has no colours
    this.colours = readColours(this.root);
    this.reels.forEach((reel) => reel.forget());
    this.repaint();
  }
}
