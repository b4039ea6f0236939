// A sheet on which a picture to keep is composed: canvases and words on the page's background.

export class Sheet {
  /**
   * @param {number} width in pixels, times `scale`
   * @param {number} height
   * @param {any} colours as `readColours` gives them
   * @param {number} [scale] how much sharper than one pixel a unit
   */
  constructor(width, height, colours, scale = 1) {
    this.canvas = document.createElement("canvas");
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.context = this.canvas.getContext("2d");
    this.colours = colours;
    this.context.scale(scale, scale);
    this.context.fillStyle = colours.bg;
    this.context.fillRect(0, 0, width, height);
  }

  /**
   * Words from (x, y) on, the end of their line of writing at y.
   * @param {string} text @param {number} x @param {number} y
   * @param {{ size?: number, weight?: number, colour?: string, align?: CanvasTextAlign, most?: number }} [look]
   *   `most`: pixels into which they are squeezed
   */
  write(text, x, y, { size = 15, weight = 400, colour = this.colours.text, align = "left", most } = {}) {
    const { context } = this;
    context.font = `${weight} ${size}px ${this.colours.font}`;
    context.fillStyle = colour;
    context.textAlign = align;
    context.fillText(text, x, y, most);
  }

  /**
   * A canvas with its top left corner at (x, y), each of its pixels a square.
   * @param {HTMLCanvasElement} canvas @param {number} x @param {number} y
   * @param {number} width @param {number} [height] @param {string} [border] colour of a line about it
   */
  put(canvas, x, y, width, height = width, border) {
    const { context } = this;
    context.imageSmoothingEnabled = false;
    context.drawImage(canvas, x, y, width, height);
    if (!border) return;
    context.lineWidth = 4;
    context.strokeStyle = border;
    context.strokeRect(x, y, width, height);
  }
}
