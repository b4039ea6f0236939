// Overcomplete: noise that was never seen, and a digit, through a narrow code, a wide one, and one that
// learned to fill in what was masked.

import { imageCanvas, paint } from "../../../core/canvas.js";
import { element, icon, symbolOf, write } from "../../../core/dom.js";
import { number, squaredError } from "../../../core/numbers.js";
import { percent, wordsOf } from "../../../core/words.js";
import { copied, noiseOf } from "../noise.js";
import { Figure, headOf } from "./figure.js";

const { say, fill } = wordsOf("components/family/figures/overcomplete");

const HALF = 0.5;

export class Overcomplete extends Figure {
  constructor(page) {
    super(page);
    this.seed = 0;
    this.head = element("div");
    this.grid = element("div", { class: "noise-grid" });
    const again = element("button", { type: "button", class: "again" }, icon("shuffle"), say("again"));
    again.onclick = () => {
      this.seed += 1;
      if (this.row) this.show(this.row);
    };
    this.host.append(this.head, this.grid, again);
    /** @type {{ run: import("./figure.js").ShippedRun, copied: number, cells: any[] }[]} */
    this.columns = [];
  }

  set(shows) {
    super.set(shows);
    this.head.replaceChildren(headOf(shows.chosen.member, say("unseen")));
    this.#load();
  }

  /** The narrow run, the wide one and the masked one, of those that are there. */
  async #load() {
    const { member } = this.shows.chosen;
    const names = [member.plain[0], ...member.runs].filter(Boolean);
    const runs = await Promise.all(names.map((name) => this.page.runs.get(name)));
    if (this.page.gone || this.page.figure !== this) return;
    this.columns = runs.map((run) => ({ run, copied: run.figures.noise_copied ?? copied(run.model), cells: [cell("xh"), cell("xh")] }));
    this.given = [cell("x"), cell("x")];
    this.wide = this.columns[member.plain.length ? 1 : 0];
    this.masked = this.columns[member.plain.length ? 2 : 1];
    const heads = [[symbolOf("x"), say("shown"), ""], ...this.columns.map((column) => {
      const size = column.run.model.networks.decoder.inputs[0][1];
      const note = column === this.wide ? say("overcomplete") : column === this.masked ? say("masked") : say("narrow");
      return [symbolOf("xh"), say("numbers", { count: size }), note];
    })];
    this.grid.style.setProperty("--columns", String(heads.length));
    this.grid.replaceChildren(...heads.map(([mark, title, note]) => element("p", { class: "column-head" }, mark, ` ${title}`, element("small", {}, note))),
      ...[0, 1].flatMap((line) => [this.given[line], ...this.columns.map(({ cells }) => cells[line])].map(({ host }) => host)));
    if (this.row) this.page.schedule();
  }

  show(row) {
    super.show(row);
    if (!this.columns.length) return;
    const { ink } = this.page.colours;
    const images = [noiseOf(this.seed), row.x];
    images.forEach((image, line) => paint(this.given[line].canvas, image, ink));
    write(this.given[0].words, say("noise"));
    write(this.given[1].words, say("digit", { digit: row.digit, index: row.index }));
    for (const { run, cells, copied: share } of this.columns) {
      images.forEach((image, line) => {
        const drawn = run.model.decode(run.model.encode(image));
        paint(cells[line].canvas, drawn, ink);
        const said = line ? fill("error", { error: element("b", {}, number(squaredError(drawn, image), 1)) }) : fill("copied", { share: element("b", {}, percent(share)) });
        cells[line].words.replaceChildren(...said);
      });
    }
  }

  answer() {
    if (!this.wide) return "";
    const said = [say(this.wide.copied > HALF ? "copies" : "some", { share: percent(this.wide.copied) })];
    if (this.masked) said.push(say(this.masked.copied < this.wide.copied / 2 ? "cured" : "still", { share: percent(this.masked.copied) }));
    return said.join(" ");
  }
}

/** A tile and the words below it. */
function cell(mark) {
  const canvas = imageCanvas();
  canvas.className = "decoded";
  const words = element("span", { class: "caption" });
  return { canvas, words, host: element("div", {}, element("div", { class: `tile of-${mark}` }, canvas), words) };
}
