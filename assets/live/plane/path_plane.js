// A model's plane with a route on it; a drag moves along the path, picks stops, or draws a path.

import { CodePlane } from "./code_plane.js";
import { Gestures } from "./gestures.js";
import { element } from "../core/dom.js";
import { Chooser } from "./projection_select.js";
import { ring } from "./layers/linked.js";
import { nearest } from "./latent_space.js";
import { percent, wordsOf } from "../core/words.js";
import { inViewText, zoomButtons } from "./zoom_buttons.js";

const { say } = wordsOf("plane/path_plane");

export class PathPlane {
  constructor(owner, m) {
    this.owner = owner;
    this.m = m;
    this.model = owner.models[m];
    this.corners = [];
    this.held = null;
    /** The route on the plane, where it stands still. */
    this.way = null;
    const { title, dim, space } = this.model;
    this.title = title;
    this.legend = element("span", { class: "ways" });
    const zooms = zoomButtons(title, { zoom: (factor) => this.gestures.zoom(factor), fit: () => this.fit() });
    this.gaps = element("span", { class: "gaps" });
    this.count = element("span", { class: "count" });
    this.frame = element("div", { class: "frame", tabindex: "0", role: "application" });
    const head = this.head = element("div", { class: "head" }, element("h3", {}, title), this.legend);
    this.host = element("div", { class: "path-plane" }, head, this.frame,
      element("div", { class: "below" }, element("p", { class: "caption" }, this.gaps, this.count), zooms));
    this.plane = new CodePlane(this.frame, space, { pointRadius: 1.05, discRadius: 10, ratio: 1 });
    Object.assign(this.plane.show, { gaps: true, prior: true, path: true });
    if (dim > 2) {
      this.chooser = new Chooser(this.plane, title, (projection) => {
        this.project(projection);
        if (owner.drawn?.m === m) owner.leaveDrawn(); // it was drawn on another plane
        else this.focus(owner.route);
        owner.remember();
      });
      head.after(this.chooser.host);
    }
    this.listen();
  }

  project(projection) {
    this.plane.project(projection);
    this.chooser?.show();
    this.owner.schedule();
  }

  /** What pointer and keys do now, also as the plane's label. */
  setMode(mode) {
    Object.assign(this, { corners: [], cross: null, hovered: null });
    this.frame.setAttribute("aria-label", say(`keys_${mode}`, { title: this.model.title }));
    this.frame.classList.toggle("moves", mode === "move");
  }

  fit() {
    this.plane.fit();
    this.owner.schedule();
  }

  /** Move the view so that the path fills about half of it, or more where all codes are in view. */
  focus(route) {
    const { plane } = this;
    if (!plane.width || !route) return;
    const places = this.#placesOf(route);
    if (!places.length) return;
    const spans = [0, 1].map((axis) => places.map((place) => place[axis])).map((values) => [Math.min(...values), Math.max(...values)]);
    const view = plane.window;
    const [wide, high] = spans.map(([low, high]) => high - low);
    const unit = Math.max(wide / plane.inner.w, high / plane.inner.h);
    Object.assign(view, { x: (spans[0][0] + spans[0][1]) / 2, y: (spans[1][0] + spans[1][1]) / 2,
      unit: Math.max(Math.min(Math.max(unit / 0.55, view.full / 40), view.full), unit / 0.9) });
    plane.changed = true;
  }

  /** Where a route's codes stand on this plane, as far as they are known. */
  #placesOf(route) {
    return route.rows.filter((row) => row.m === this.m).flatMap((row) => route.places(this.plane, row)).filter(Boolean);
  }

  /** A new route: say which of its lines is which. */
  take(route) {
    const kinds = route.rows.filter((row) => row.m === this.m).map(({ kind }) => kind);
    this.gaps.textContent = "";
    this.legend.replaceChildren(...(kinds.length > 1 ? kinds.map((kind) => element("span", { class: kind }, kind)) : []));
  }

  /** Say how much of the way lies in a gap; show all of a path whose codes were not known before. */
  finish(route) {
    const rows = route.rows.filter((row) => row.m === this.m);
    const shares = rows.map((row) => `${rows.length > 1 ? `${row.kind} ` : ""}${percent(route.gapShare(row))}`);
    this.gaps.textContent = say("gaps", { shares: shares.join(", ") });
    const outside = (place) => !this.plane.contains(...this.plane.toScreen(...place));
    if (rows.some(({ kind }) => kind === "follows") && this.#placesOf(route).some(outside)) this.focus(route);
  }

  /** A way that is known stands still: it is drawn once, under what moves. */
  drawBase(colours, route) {
    const { plane } = this;
    const way = route.done && !this.corners.length ? route : null;
    if (way !== this.way) {
      this.way = way;
      plane.still = way ? [{ draw: (context) => way.drawWay(context, plane, this.m, colours) }] : [];
      plane.changed = true;
    }
    if (!plane.changed || !plane.width) return;
    plane.drawBase(colours);
    this.count.textContent = inViewText(this.plane.inView, this.model.space.count);
  }

  drawOver(colours, route, position) {
    if (!this.plane.width) return;
    const draw = (context) => {
      if (this.corners.length) this.#drawCorners(context, colours);
      else {
        if (!this.way) route.drawWay(context, this.plane, this.m, colours);
        route.drawPosition(context, this.plane, this.m, colours, position);
      }
      if (this.hovered !== null) ring(context, this.#onScreen(this.hovered), colours.x, colours.plane);
      if (this.cross && this.frame.matches(":focus")) this.#drawCross(context, colours);
    };
    this.plane.drawOver(colours, [{ draw }]);
  }

  #drawCorners(context, colours) {
    const corners = this.corners.map(([x, y]) => this.plane.toScreen(x, y));
    if (this.cross) corners.push(this.plane.toScreen(...this.cross));
    context.lineCap = context.lineJoin = "round";
    for (const [colour, width] of [[colours.plane, 6], [colours.z, 2.6]]) {
      Object.assign(context, { strokeStyle: colour, lineWidth: width });
      context.beginPath();
      for (const [x, y] of corners) context.lineTo(x, y);
      context.stroke();
    }
  }

  #drawCross(context, colours) {
    const [x, y] = this.plane.toScreen(...this.cross);
    for (const [colour, width] of [[colours.plane, 5], [colours.z, 2]]) {
      Object.assign(context, { strokeStyle: colour, lineWidth: width });
      context.beginPath();
      context.moveTo(x - 9, y);
      context.lineTo(x + 9, y);
      context.moveTo(x, y - 9);
      context.lineTo(x, y + 9);
      context.stroke();
    }
  }

  #onScreen(i) {
    const { places } = this.plane.projection;
    return this.plane.toScreen(places[2 * i], places[2 * i + 1]);
  }

  /** The test image whose code is nearest to a place of the plane, as it is seen. */
  nearestImage(place) {
    return nearest(this.plane.projection.places, 2, place)[0];
  }

  /** The stop whose disc is under a point of the screen, or −1. */
  stopUnder(px, py) {
    const { route } = this.owner;
    if (route.drawn) return -1;
    return route.stops.findLastIndex((stop) => {
      const [x, y] = route.placeOf(this.plane, this.m, stop);
      return Math.hypot(px - x, py - y) < 12;
    });
  }

  // ------------------------------------------------------------------ pointer, touch, keys

  listen() {
    const { frame, plane, owner } = this;
    const hover = (at) => {
      const { hovered } = this;
      this.hovered = owner.mode === "pick" && at && plane.contains(...at) ? this.nearestImage(plane.toPlane(...at)) : null;
      if (hovered !== this.hovered) owner.schedule();
    };
    const move = (at) => {
      if (owner.mode === "move") owner.goTo(owner.route.nearestPosition(plane, this.m, ...at));
      else if (owner.mode === "pick") {
        hover(at);
        if (this.held >= 0 && this.hovered !== null) owner.moveStop(this.held, this.m, this.hovered);
      } else {
        const [x, y] = plane.toScreen(...this.corners.at(-1));
        if (Math.hypot(at[0] - x, at[1] - y) > 3) this.corners.push(plane.toPlane(...at));
        owner.schedule();
      }
    };
    this.gestures = new Gestures(frame, plane, {
      hover,
      leave: () => hover(null),
      focus: () => owner.schedule(),
      press: (at) => {
        if (!owner.route || !plane.contains(...at)) return false;
        this.cross = null;
        this.held = owner.mode === "pick" ? this.stopUnder(...at) : -1;
        if (owner.mode === "draw") this.corners = [plane.toPlane(...at)];
        move(at);
        return true;
      },
      drag: move,
      release: (at, touch) => {
        if (this.held === null) return;
        if (owner.mode === "pick" && this.held < 0 && this.hovered !== null) owner.addStop(this.m, this.hovered);
        else if (owner.mode === "draw") this.endPath();
        this.held = null;
        owner.remember();
        if (touch) hover(null);
      },
      cancel: () => {
        this.held = null;
        this.corners = [];
        hover(null);
        owner.schedule();
      },
      arrow: (x, y, { shiftKey }) => {
        if (!owner.route) return;
        if (owner.mode !== "move") return this.moveCross(x, y);
        owner.goTo(owner.position + Math.sign(x + y) * (shiftKey ? 0.1 : 0.02));
        owner.remember();
      },
      key: ({ key }) => Boolean(owner.route) && (owner.mode === "move" ? this.moveByKey(key) : this.crossByKey(key)),
      moved: () => owner.schedule(),
      fit: () => this.fit(),
    });
  }

  moveByKey(key) {
    if (key !== "Home" && key !== "End") return false;
    this.owner.goTo(key === "Home" ? 0 : Infinity);
    this.owner.remember();
    return true;
  }

  /** Move the cross by CSS pixels; at first it is in the middle. */
  moveCross(dx, dy) {
    const { owner, plane } = this;
    const { inner, window: { unit } } = plane;
    const [x, y] = this.cross ?? plane.toPlane(inner.x + inner.w / 2, inner.y + inner.h / 2);
    this.cross = [x + dx * unit, y + dy * unit];
    plane.reveal(...this.cross);
    if (owner.mode === "pick") this.hovered = this.nearestImage(this.cross);
    owner.schedule();
  }

  crossByKey(key) {
    const { owner } = this;
    if (key === "Enter" && this.cross && owner.mode === "pick") {
      owner.addStop(this.m, this.nearestImage(this.cross));
    } else if (key === "Enter" && this.cross) {
      this.corners.push(this.cross);
      owner.announce(say("corner", { number: this.corners.length }));
      owner.schedule();
    } else if (key === "Escape" && owner.mode === "draw" && this.corners.length) {
      this.cross = null;
      this.endPath();
    } else return false;
    return true;
  }

  /** Take what was drawn as the path; a mere click is none. */
  endPath() {
    const points = this.corners.map(([x, y]) => this.plane.toScreen(x, y));
    const length = points.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - points[i][0], y - points[i][1]), 0);
    const corners = this.corners;
    this.corners = [];
    if (length > 12) this.owner.drawPath(this.m, corners);
    this.owner.schedule();
  }
}
