// What Streamlit loads for each component: it fetches the one script they share, and hands over.

let here; // the page's path
let left = -Infinity; // when another page was chosen

export default function (component) {
  const root = component.parentElement.querySelector("[data-root]");
  if (!root.module) {
    foldMenu();
    left = -Infinity; // a page has come
  }
  here = location.pathname;
  root.module ??= import(new URL(component.data.script, document.baseURI).href);
  root.module.then(
    (live) => {
      live.dress(root);
      const { setStateValue, setTriggerValue } = component;
      live.FUNCTION({ ...component,
        setStateValue: unlessLeft(setStateValue), setTriggerValue: unlessLeft(setTriggerValue) }, root);
    },
    () => {
      root.module = null; // the next run of the page tries again
      root.textContent = "The page’s script did not arrive. Reload the page to try again.";
    },
  );
}

// What is told after another page was chosen still names this page, and Streamlit would come back to it.
const unlessLeft = (tell) => (...what) => {
  if (performance.now() - left > 5000) tell(...what);
};
const leave = (path) => {
  if (path !== here) left = performance.now();
};
addEventListener("popstate", () => leave(location.pathname));
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) leave(link.pathname);
}, true);

// On a phone Streamlit leaves its menu open over the page that was chosen in it.
function foldMenu() {
  const menu = document.querySelector('[data-testid="stSidebar"][data-collapsed="false"]');
  if (innerWidth < 768) menu?.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
}
