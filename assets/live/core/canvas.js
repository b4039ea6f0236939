// Small drawings on a canvas, and images of 28x28 values.

import { SYMBOL } from "./theme.js";

/** A canvas of 28x28 for `paint`. */
export function imageCanvas() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 28;
  return canvas;
}

/** Paint an image of 784 values in [0, 1] on a 28x28 canvas, from paper (0) to ink (1). */
export function paint(canvas, image, [paper, ink]) {
  const context = canvas.getContext("2d");
  const pixels = (canvas.picture ??= context.createImageData(28, 28));
  for (let i = 0, k = 0; i < 784; i++, k += 4) {
    const v = image[i];
    for (let c = 0; c < 3; c++) pixels.data[k + c] = paper[c] + (ink[c] - paper[c]) * v + 0.5;
    pixels.data[k + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  canvas.pixels = (canvas.pixels ?? new Float32Array(784));
  canvas.pixels.set(image);
}

/** The pixels that bytes from 0 to 255 become, from paper to ink. @param {any} ink @returns {Uint32Array} */
export function shadesOf([paper, ink]) {
  const shades = new Uint8ClampedArray(4 * 256);
  for (let byte = 0, k = 0; byte < 256; byte++, k += 4) {
    for (let c = 0; c < 3; c++) shades[k + c] = paper[c] + (ink[c] - paper[c]) * (byte / 255) + 0.5;
    shades[k + 3] = 255;
  }
  return new Uint32Array(shades.buffer);
}

/** Paint 784 weights in grey on a 28x28 canvas: 0 is the middle, white is `most`, black its negative. */
export function paintWeights(canvas, weights, most = weights.reduce((a, w) => Math.max(a, Math.abs(w)), 1e-30)) {
  const context = canvas.getContext("2d");
  const { data } = (canvas.picture ??= context.createImageData(28, 28));
  for (let i = 0, k = 0; i < 784; i++, k += 4) {
    data[k] = data[k + 1] = data[k + 2] = 128 + 127 * Math.min(Math.max(weights[i] / most, -1), 1);
    data[k + 3] = 255;
  }
  context.putImageData(canvas.picture, 0, 0);
}

/** The i-th of many pictures of 784 grey values from 0 to 255. @param {ArrayLike<number>} values @param {number} i */
export function greyPicture(values, i) {
  const canvas = imageCanvas();
  const context = canvas.getContext("2d");
  const picture = context.createImageData(28, 28);
  for (let p = 0, k = 0; p < 784; p++, k += 4) {
    picture.data.fill(values[784 * i + p], k, k + 3);
    picture.data[k + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
  return canvas;
}

/**
 * An image that stands still: `canvas` is painted on and read, `picture` is what the page shows of it
 * after `reveal`. A canvas on the page is a layer of its own, and costs time at every frame.
 */
export function stillImage() {
  const canvas = imageCanvas();
  canvas.getContext("2d", { willReadFrequently: true }); // a picture of it is asked for
  const picture = new Image();
  Object.assign(picture, { alt: "", draggable: false, decoding: "sync" });
  const reveal = () => (picture.src = canvas.toDataURL());
  return { canvas, picture, reveal };
}

/** The path of a circle. */
export function circle(context, x, y, r) {
  context.beginPath();
  context.arc(x, y, r, 0, 2 * Math.PI);
}

/** A straight line from one place to another. */
export function line(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/** A text in a box of its own about (x, y), not beyond `most` pixels across. */
export function tag(context, colours, text, x, y, background, colour, border, most = Infinity) {
  context.font = `600 11.5px ${colours.font}`;
  const width = context.measureText(text).width + 12;
  x = Math.min(Math.max(x, width / 2 + 1), most - width / 2 - 1);
  context.beginPath();
  context.roundRect(x - width / 2, y - 9, width, 18, 4);
  context.fillStyle = background;
  context.fill();
  if (border) {
    context.strokeStyle = border;
    context.lineWidth = 1;
    context.stroke();
  }
  context.fillStyle = colour;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x, y + 0.5);
  context.textBaseline = "alphabetic";
}

/** A text in the context's font, set off from what is below it. */
export function written(context, text, x, y, colour, paper) {
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = paper;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

/** A symbol with its index, in its own colour where it has one, else in that of a code. */
export function symbol(context, colours, mark, index, x, y) {
  context.fillStyle = colours[mark] ?? colours.z;
  context.textAlign = "left";
  context.font = `italic 600 15px ${SYMBOL}`;
  context.fillText(mark, x, y);
  context.font = '11px KaTeX_Main, "Times New Roman", serif';
  context.fillText(index, x + 9, y + 4);
}
