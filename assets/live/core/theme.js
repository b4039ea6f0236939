// The theme in force: its colours, read from the CSS tokens, and the fonts of symbols.

const FONT = '"Source Sans", "Source Sans 3", "Source Sans Pro", sans-serif';
const NAMES = ["plane", "gap", "border", "hairline", "text", "muted", "faint", "x", "xt", "xh", "z", "mu",
  "sigma", "ink0", "ink1", "on-primary", "bg"];

const CLASSES = Array.from({ length: 10 }, (_, digit) => `c${digit}`);

/** The font of symbols on a canvas. */
export const SYMBOL = 'KaTeX_Math, "STIX Two Math", "Cambria Math", "Times New Roman", serif';

/** Colours of the theme in force where an element stands.
 * @param {Element} element @returns {any}
 */
export function readColours(element) {
  const style = getComputedStyle(element);
  const host = document.createElement("i");
  host.innerHTML = [...NAMES, ...CLASSES].map((name) => `<i style="color: var(--${name})"></i>`).join("");
  element.append(host); // all at once: their styles are computed together
  const read = Array.from(host.children, (probe) => getComputedStyle(probe).color);
  host.remove();
  const named = Object.fromEntries(NAMES.map((name, i) => [name, read[i]]));
  const classes = read.slice(NAMES.length);
  return { ...named, classes, dark: luminance(rgb(named.bg)) < 0.5, ink: [rgb(named.ink0), rgb(named.ink1)],
    font: style.fontFamily || FONT };
}

/** The three channels of a computed colour. */
export function rgb(text) {
  const numbers = text.match(/[\d.]+/g).map(Number);
  return text.startsWith("color(") ? numbers.slice(0, 3).map((v) => v * 255) : numbers.slice(0, 3);
}

const luminance = ([r, g, b]) => (0.3 * r + 0.59 * g + 0.11 * b) / 255;

/** Resolves once the symbols' fonts are there; a canvas does not wait for them by itself. */
export const symbolFonts = () =>
  Promise.all(["italic 600 15px KaTeX_Math", "11px KaTeX_Main"].map((font) => document.fonts.load(font, "z1")));
