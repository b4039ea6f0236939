// What Streamlit loads for each component: it fetches the one script they share, and hands over.

const LEAVING = 5000; // milliseconds in which another page comes
const UNSENT = 200; // milliseconds in which Streamlit sends what it is told

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
  const link = event.target.closest?.("a[href]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
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
  if (innerWidth < 768) menu?.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
}
