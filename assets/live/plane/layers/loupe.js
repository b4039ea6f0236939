// The decoded image beside the pointer, so that the eye need not leave the plane.

import { circle, line } from "../../core/canvas.js";

const SIZE = 76;

/** @type {import("../plane.js").Layer} */
export const loupe = {
  free: true,
  draw(context, plane, colours) {
    const { place: [px, py], image, touch } = plane.cursor;
    const [x, y] = corner(plane.inner, [px, py], touch);
    const box = () => {
      context.beginPath();
      context.roundRect(x, y, SIZE, SIZE, 6);
    };
    context.strokeStyle = colours.xh;
    context.lineWidth = 2;
    line(context, px, py, Math.min(Math.max(px, x), x + SIZE), Math.min(Math.max(py, y), y + SIZE));
    context.save();
    context.shadowColor = colours.dark ? "rgba(0,0,0,.5)" : "rgba(0,0,0,.12)";
    context.shadowBlur = 16;
    context.shadowOffsetY = 5;
    box();
    context.fillStyle = colours.ink0;
    context.fill();
    context.restore();
    context.save();
    box();
    context.clip();
    context.imageSmoothingQuality = "high";
    context.drawImage(image, x + 3, y + 3, SIZE - 6, SIZE - 6);
    context.restore();
    box();
    context.stroke();
    circle(context, px, py, 7);
    context.fillStyle = colours.z;
    context.fill();
    context.strokeStyle = colours.plane;
    context.stroke();
  },
};

// Its top left corner: beside the pointer, above a finger, and on the plane.
function corner(inner, [px, py], touch) {
  const away = touch ? 62 : 26;
  let x = px - away - SIZE;
  let y = py + (touch ? -away - SIZE / 2 : 18);
  if (x < inner.x + 6) x = px + away;
  if (y + SIZE > inner.y + inner.h - 6) y = py - away - SIZE;
  if (y < inner.y + 6) y = Math.min(py + away, inner.y + inner.h - SIZE - 6);
  return [x, y];
}
