// A picture of a digit from a file: chosen or dropped, and prepared by the server.

import { element, icon } from "../core/dom.js";
import { wordsOf } from "../core/words.js";

const { say } = wordsOf("images/upload");

const ADDRESS = "lab/picture"; // aecore/web/pictures.py
const MOST_BYTES = 16_000_000; // as the server's

export class Upload {
  /**
   * A sentence says what is wrong with a file; the last image then stays.
   * @param {{ onImage: (image: Uint8Array<ArrayBuffer>) => void }} events onImage: 784 grey values
   */
  constructor({ onImage }) {
    this.onImage = onImage;
    this.turn = 0;
    this.input = element("input", { type: "file", accept: ".png,.jpg,.jpeg,image/png,image/jpeg" });
    this.input.onchange = () => {
      const [file] = this.input.files;
      if (file) this.take(file);
      this.input.value = ""; // the same file can be chosen again once it was changed
    };
    this.name = element("span", { class: "caption" }, say("limits"));
    this.message = element("p", { class: "refusal", role: "alert", hidden: "" });
    const area = element("label", { class: "drop" }, icon("image"),
      element("span", {}, element("b", {}, say("choose")), " ", say("drop")), this.input, this.name);
    area.ondragover = (event) => event.preventDefault();
    area.ondrop = (event) => {
      event.preventDefault();
      const [file] = event.dataTransfer.files;
      if (file) this.take(file);
    };
    this.host = element("div", { class: "upload" }, area, this.message);
  }

  /** @param {File} file */
  async take(file) {
    const turn = ++this.turn;
    this.message.hidden = true;
    if (file.size > MOST_BYTES) return this.refuse(file, say("too_large", { size: (file.size / 1e6).toFixed(1) }));
    const { image, refused } = await prepared(file).catch(() => ({ image: null, refused: say("lost") }));
    if (turn !== this.turn) return; // another file came meanwhile
    if (refused) return this.refuse(file, refused);
    this.name.textContent = file.name;
    this.onImage(Uint8Array.from(atob(image), (c) => c.charCodeAt(0)));
  }

  /** Say why a file is not taken; picture and name stay those of the last one. @param {File} file @param {string} reason */
  refuse(file, reason) {
    this.message.textContent = say("refused", { name: file.name, reason });
    this.message.hidden = false;
  }
}

/** The server's answer: one of the two. @param {File} file @returns {Promise<{ image: string, refused: string }>} */
async function prepared(file) {
  const headers = { "Content-Type": "application/octet-stream" };
  const answer = await fetch(new URL(ADDRESS, document.baseURI), { method: "POST", body: file, headers });
  return answer.json();
}
