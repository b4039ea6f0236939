// What Streamlit loads for each component: it fetches the one script they share, and hands over.

export default function (component) {
  const root = component.parentElement.querySelector("[data-root]");
  if (!root.module) foldMenu();
  root.module ??= import(new URL(component.data.script, document.baseURI).href);
  root.module.then(
    (live) => {
      live.dress(root);
      live.FUNCTION(component, root);
    },
    () => {
      root.module = null; // the next run of the page tries again
      root.textContent = "The page’s script did not arrive. Reload the page to try again.";
    },
  );
}

// On a phone Streamlit leaves its menu open over the page that was chosen in it.
function foldMenu() {
  const menu = document.querySelector('[data-testid="stSidebar"][data-collapsed="false"]');
  if (innerWidth < 768) menu?.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
}
