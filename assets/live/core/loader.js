// What Streamlit loads for each component: it imports the component's module, puts its style sheets
// on the shadow root, and hands over. It stands in the page itself, so it imports by full addresses.

const LEAVING = 5000; // milliseconds in which another page comes
const UNSENT = 200; // milliseconds in which Streamlit sends what it is told
const fetched = (globalThis.labFetched ??= new Map()); // of all components, by address

let here; // the page's path
let left = -Infinity; // when another page was chosen
let told = -Infinity; // when something was told

export default function (component) {
  const root = component.parentElement.querySelector("[data-root]");
  if (!root.module) {
    foldMenu();
    left = -Infinity; // a page has come
  }
  here = location.pathname;
  root.module ??= load(component.data, root);
  root.module.then(
    (module) => {
      const { setStateValue, setTriggerValue } = component;
      root.leave = module.mount({ ...component,
        setStateValue: unlessLeft(setStateValue), setTriggerValue: unlessLeft(setTriggerValue) }, root);
    },
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
async function load({ script, imports, styles, words }, root) {
  for (const address of imports) preload(absolute(address));
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

// What Streamlit hears after another page was chosen still names this page, and it would come back.
const unlessLeft = (tell) => (...what) => {
  if (performance.now() - left < LEAVING) return;
  told = performance.now();
  tell(...what);
};
const leave = (path) => {
  if (path !== here) left = performance.now();
};
addEventListener("popstate", () => leave(location.pathname));
addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest("a[href]");
  if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  leave(link.pathname);
  if (link.pathname === here || performance.now() - told > UNSENT) return;
  // What was just told may not be on its way yet: first that, then the page.
  event.preventDefault();
  event.stopImmediatePropagation();
  told = -Infinity;
  setTimeout(() => link.click(), 20);
}, true);

// On a phone Streamlit leaves its menu open over the page that was chosen in it.
function foldMenu() {
  const menu = document.querySelector('[data-testid="stSidebar"][data-collapsed="false"]');
  const fold = menu?.querySelector('[data-testid="stSidebarCollapseButton"] button');
  if (innerWidth < 768 && fold instanceof HTMLElement) fold.click();
}
