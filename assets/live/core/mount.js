// What Streamlit loads for each component: it fetches `loader.js`, which brings the component's
// module, and hands over. It stands in the page itself, so it imports by a full address.

export default function (component) {
  const root = component.parentElement.querySelector("[data-root]");
  if (!root.module) foldMenu();
  const arrive = () => load(component.data, root);
  root.module ??= arrive().catch(() => soon().then(arrive)); // most of what does not come comes then
  root.module.then(
    (module) => root.isConnected && (root.leave = module.mount(component, root)),
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

async function load(data, root) {
  const { load } = await import(new URL(data.loader, document.baseURI).href);
  return load(data, root);
}

const soon = () => new Promise((done) => setTimeout(done, 500));

// On a phone Streamlit leaves its menu open over the page that was chosen in it.
function foldMenu() {
  const menu = document.querySelector('[data-testid="stSidebar"][data-collapsed="false"]');
  const fold = menu?.querySelector('[data-testid="stSidebarCollapseButton"] button');
  if (innerWidth < 768 && fold instanceof HTMLElement) fold.click();
}
