// A button that copies the page's address, less what Python says to leave out. Where the clipboard
// is out of reach (a page that came over plain http from another machine), the address is shown,
// selected, to be copied by hand.
//
// It is no `Component`: it comes whole with the page's own message, so that the header stands at once
// and does not move when the rest is fetched; and it draws, fetches and keeps in the address nothing.

const SHOWN_FOR = 1500; // milliseconds

export default function ({ parentElement, data }) {
  const button = parentElement.querySelector("button");
  const field = parentElement.querySelector("input");
  const status = parentElement.querySelector(".status");
  const [icon, word] = button.children;
  let timer = 0;
  button.title = data.warning;

  const address = () => {
    const url = new URL(window.location.href);
    for (const name of data.leaveOut) {
      if (url.searchParams.has(name)) url.searchParams.delete(name); // else it would spell the rest anew
    }
    return url.href;
  };

  const show = (done) => {
    button.classList.toggle("done", done);
    icon.textContent = done ? "check" : "link";
    word.textContent = done ? "Copied" : "Copy link";
    status.textContent = done ? "Copied" : "";
  };

  const byHand = () => {
    field.value = address();
    field.hidden = false;
    button.hidden = true;
    field.focus();
    field.select();
    return document.execCommand("copy"); // old, but it works without https
  };

  const back = () => {
    const had = field.matches(":focus");
    field.hidden = true;
    button.hidden = false;
    if (had) button.focus();
  };

  button.onclick = async () => {
    let done = false;
    try {
      await navigator.clipboard.writeText(address());
      done = true;
    } catch {
      done = byHand();
      if (done) back();
    }
    if (!done) return;
    show(true);
    clearTimeout(timer);
    timer = setTimeout(() => show(false), SHOWN_FOR);
  };
  field.onblur = () => { if (!field.hidden) back(); };
  field.onkeydown = (event) => { if (event.key === "Escape" || event.key === "Enter") back(); };

  return () => clearTimeout(timer);
}
