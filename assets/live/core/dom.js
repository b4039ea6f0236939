// Small parts that every component builds its page from.

/** An element with attributes and children; null children are left out. */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children.filter((child) => child != null));
  return node;
}

/** Bring an element to a text. Words that are there already cost no layout. @param {Element} host */
export const write = (host, text) => compose(host, text);

/**
 * Bring an element to texts and nodes, of which those that are there already stay.
 * @param {Element} host @param {...(string | number | Node)} pieces
 */
export function compose(host, ...pieces) {
  const there = host.childNodes;
  const fits = there.length === pieces.length && pieces.every((piece, i) =>
    (piece instanceof Node ? there[i].isEqualNode(piece) : there[i] instanceof Text));
  if (!fits) return host.replaceChildren(...pieces.map((piece) => (piece instanceof Node ? piece : `${piece}`)));
  pieces.forEach((piece, i) => {
    if (!(piece instanceof Node) && there[i].nodeValue !== `${piece}`) there[i].nodeValue = `${piece}`;
  });
}

const MARKS = { x: "x", xt: "x", z: "z", zb: "z", p: "p", mu: "μ", sigma: "σ", xh: "x" };
const COLOURS = { p: "z", zb: "z" }; // a place on a plane stands for a code, and so does their mean
const ACCENTS = { xh: "ˆ", xt: "˜", zb: "ˉ" }; // set apart: the fonts of symbols have no combining accents

/** A symbol in its own colour, such as z, z₁ or x̂. */
export function symbolOf(name, index) {
  return element("span", { class: "symbol", style: `color: var(--${COLOURS[name] ?? name})` }, MARKS[name],
    ACCENTS[name] ? element("i", { class: "accent" }, ACCENTS[name]) : null,
    index ? element("sub", {}, `${index}`) : null);
}

const PATHS = {
  arrow: "M4 12h14m-5-5 5 5-5 5",
  info: "M12 11v6m0-9.5v.5M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0",
  check: "m8 12.5 3 3 5.5-6.5M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0",
  warning: "M12 10v4m0 2.5v.5M12 4 2.8 20h18.4z",
  plus: "M5 12h14M12 5v14",
  minus: "M5 12h14",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M9 12h6M12 9v6",
  image: "M4 5h16v14H4zm0 11 5-5 4 4 3-3 4 4",
  play: "M8 5.5v13l10.5-6.5z",
  pause: "M9 6v12M15 6v12",
  shuffle: "M4 6h3.5l9 12H20m-3-3 3 3-3 3M4 18h3.5l2.2-3M14 9l2.5-3H20m-3-3 3 3-3 3",
  film: "M4 5h16v14H4zM8 5v14M16 5v14M4 9.7h4M4 14.3h4M16 9.7h4M16 14.3h4",
  table: "M4 5h16v14H4zM4 10h16M4 14.5h16M10 10v9",
  done: "m5 12.5 4.5 4.5L19 7",
  pen: "M4 20l1-4.5L16.5 4 20 7.5 8.5 19zM13.5 7l3.5 3.5",
};

/** A node of SVG; attributes and children as in `element`. */
export function vector(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** A line icon, drawn in the text's colour. */
export const icon = (name) =>
  vector("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, vector("path", { d: PATHS[name] }));

/** A labelled slider; `show(value)` moves it and its number. */
export function field(mark, { min, max, label }) {
  const input = element("input", { type: "range", min, max, step: "any", "aria-label": label });
  const value = element("output");
  const row = element("label", { class: "slider" }, mark, input, value);
  const show = (v) => {
    if (Number(input.value) !== v) input.value = v;
    const share = `${((100 * (Math.min(Math.max(v, min), max) - min)) / (max - min)).toFixed(1)}%`;
    if (input.style.getPropertyValue("--share") !== share) input.style.setProperty("--share", share);
    write(value, v.toFixed(2).replace("-", "−").replace("−0.00", "0.00"));
  };
  return { row, input, show };
}

/** Offer a canvas as a PNG. Not by toBlob, which waits for idle moments, on a busy machine seconds. */
export function save(canvas, name) {
  const bytes = Uint8Array.from(atob(canvas.toDataURL().split(",")[1]), (c) => c.charCodeAt(0));
  offer(new Blob([bytes], { type: "image/png" }), name);
}

/** Offer a blob as a file to keep. */
export function offer(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A probability as the look asks: ".55", "1.00". */
export const share = (p) => p.toFixed(2).replace(/^0/, "");
