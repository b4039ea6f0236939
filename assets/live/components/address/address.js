// The part of the address that Streamlit's own controls and Python hold. It has no picture, so it is no
// `Component`: it waits for no sentences and no style sheets.

/** @param {{ data: { page: string, query: Record<string, string[]> } }} component */
export default function write({ data: { page, query } }) {
  const url = new URL(location.href);
  if (!url.pathname.endsWith(`/${page}`)) return; // another page has come
  for (const [name, texts] of Object.entries(query)) {
    if (JSON.stringify(url.searchParams.getAll(name)) === JSON.stringify(texts)) continue; // [] is not [""]
    url.searchParams.delete(name);
    for (const text of texts) url.searchParams.append(name, text);
  }
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}
