// A chart as a picture to keep: its styles are written into a copy, which a canvas can draw.

const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "stroke-linecap",
  "paint-order", "opacity", "font-size", "font-weight", "font-style", "display"];

/**
 * An image of a chart as it stands.
 * @param {SVGSVGElement} svg @param {string} font of its words @returns {Promise<HTMLImageElement>}
 */
export async function chartPicture(svg, font) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const copies = copy.querySelectorAll("*");
  svg.querySelectorAll("*").forEach((part, i) => {
    const style = getComputedStyle(part);
    const own = STYLES.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";");
    copies[i].setAttribute("style", `${own};font-family:${font.replaceAll('"', "'")}`);
  });
  const { width, height } = svg.viewBox.baseVal;
  copy.setAttribute("width", `${2 * width}`);
  copy.setAttribute("height", `${2 * height}`);
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}
