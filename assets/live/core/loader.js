// What Streamlit loads for each component: it imports the component's module, puts its style sheets
// on the shadow root, and hands over. It stands in the page itself, so it imports by full addresses.

const fetched = (globalThis.labFetched ??= new Map()); // of all components, by address

export default function (component) {
  const root = component.parentElement.querySelector("[data-root]");
  if (!root.module) foldMenu();
  root.module ??= load(component.data, root);
  root.module.then(
    (module) => (root.leave = module.mount(component, root)),
    () => {
      root.module = null; // the next run of the page tries again
      const sentence = document.createElement("p");
      sentence.setAttribute("role", "alert");
      sentence.textContent = "A part of this page did not arrive. Reload the page to try again.";
      root.replaceChildren(sentence);
    },
  );
  return () => root.module?.then(() => root.leave?.(), () => {}); // the component has left the page
}

/** The component's module, once its sentences are there and the root wears its style sheets. */
async function load({ script, imports, styles, words, blocks }, root) {
  for (const address of imports) preload(absolute(address));
  if (blocks) ahead(blocks);
  const [module, { use }, sentences, ...worn] = await Promise.all([
    import(absolute(script)),
    import(absolute(words.script)),
    once(words.content, (answer) => answer.json()),
    ...styles.map((address) => once(address, async (answer) => new CSSStyleSheet().replace(await answer.text()))),
  ]);
  use(sentences);
  root.getRootNode().adoptedStyleSheets = worn;
  return module;
}

const absolute = (address) => new URL(address, document.baseURI).href;

/** A hint: modules that a script imports are asked for beside it, not one after the other. */
function preload(href) {
  if (document.head.querySelector(`link[href="${href}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
}

/** Weights and codes are fetched beside the scripts, not after them. */
function ahead({ script, addresses }) {
  const failed = () => {}; // who needs them asks again, and says so
  import(absolute(script)).then(({ loadBlock }) => addresses.forEach((address) => loadBlock(address).catch(failed)), failed);
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

// On a phone Streamlit leaves its menu open over the page that was chosen in it.
function foldMenu() {
  const menu = document.querySelector('[data-testid="stSidebar"][data-collapsed="false"]');
  const fold = menu?.querySelector('[data-testid="stSidebarCollapseButton"] button');
  if (innerWidth < 768 && fold instanceof HTMLElement) fold.click();
}
