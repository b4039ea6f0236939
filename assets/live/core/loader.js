// Brings a component's module with all that it needs: what it imports, sentences, style sheets, and
// the weights and codes that it will ask for.

import { loadBlock } from "./nn.js";
import { use } from "./words.js";

/** @type {Map<string, Promise<any>>} of all components, by address */
const fetched = new Map();

/** The component's module, once its sentences are there and the root wears its style sheets. */
export async function load(data, root) {
  const [module, ...worn] = await bring(data);
  root.getRootNode().adoptedStyleSheets = worn;
  return module;
}

/** The component's module and its style sheets. @returns {Promise<[any, ...CSSStyleSheet[]]>} */
export async function bring({ script, imports, styles, words, blocks }) {
  for (const address of imports) preload(absolute(address));
  for (const address of blocks) loadBlock(address).catch(() => {}); // who needs it asks again, and says so
  const [sentences, ...rest] = await Promise.all([
    once(words, (answer) => answer.json()),
    import(absolute(script)),
    ...styles.map((address) => once(address, async (answer) => new CSSStyleSheet().replace(await answer.text()))),
  ]);
  use(sentences);
  return /** @type {any} */ (rest);
}

const absolute = (address) => new URL(address, document.baseURI).href;

/** A hint: modules that a script imports are asked for beside it, not one after the other. */
function preload(href) {
  if (document.head.querySelector(`link[href="${href}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
}

/** What is read at an address, fetched once for all components. */
function once(address, read) {
  if (!fetched.has(address)) {
    const ready = fetch(absolute(address)).then((answer) => {
      if (!answer.ok) throw new Error(`${answer.status}`);
      return read(answer);
    });
    ready.catch(() => fetched.delete(address));
    fetched.set(address, ready);
  }
  return fetched.get(address);
}
