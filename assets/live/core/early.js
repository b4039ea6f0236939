// Brings what a page's components will need while Streamlit still starts and the page's script runs:
// the server says what that was when this address was opened before (`aecore/web/early.py`).

import { bring } from "./loader.js";

const known = JSON.parse(document.getElementById("lab-early")?.textContent ?? "[]");
for (const data of known) bring(data).catch(() => {}); // the component itself asks again, and says so
