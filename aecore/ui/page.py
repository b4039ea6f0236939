"""The parts every page shares: question, answer, sections, folded details, a link to copy."""

import re
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aecore.runs import Run
from aecore.ui import session
from aecore.web.scripts import text

OWN_RUNS = "Whoever has this link can see, change and delete your runs."

# What each symbol is in LaTeX, and its colour in the light theme; page.css turns that colour into
# the theme's own.
SYMBOLS = {
    "x": ("x", "#1D5FBF"),
    "xt": (r"\tilde{x}", "#8F5600"),
    "z": ("z", "#C2185B"),
    "mu": (r"\mu", "#1A7A4A"),
    "sigma": (r"\sigma", "#6A3FC4"),
    "eps": (r"\varepsilon", "#5B6672"),
    "xh": (r"\hat{x}", "#00767D"),
}
TINT = "#FBEAF1"  # of the light theme, too


def style() -> None:
    """Bring Streamlit's layout to the app's look; the router calls it once for every page."""
    st.html(f"<style>{text('styles/tokens.css')}\n{text('styles/page.css')}</style>")


def header(question: str, lede: str = "") -> DeltaGenerator:
    """Open the page with its question and one muted line below it.

    Args:
        question: the page's question, plain text.
        lede: one sentence, Markdown.

    Returns:
        The place for the page's controls: on one line at the right where there is room, below the
        lede on a phone. Controls stand in a row; leave their width as it is.

    Example::

        with page.header("What lives in the gaps?", "Move over either plane."):
            st.selectbox("Autoencoder", names)
            page.copy_link()
    """
    with st.container(key="lab-header", horizontal=True, gap=None):
        with st.container(key="lab-question", gap=None):
            st.title(plain(question), anchor=False)
            if lede:
                st.markdown(lede)
        return st.container(
            key="lab-controls", horizontal=True, vertical_alignment="bottom", gap=None
        )


def formulas(text: str) -> None:
    """Markdown with formulas, whose symbols have their colours (see `details`)."""
    st.markdown(_display(symbols(text)))


def answer(text: str, key: str = "answer") -> None:
    """Say the short answer, Markdown, beside a bar in the colour of z; a second one needs a key."""
    with st.container(key=f"lab-answer-{key}"):
        st.markdown(text)


def section(title: str, note: str = "") -> None:
    """Open a section: its title, plain text, and one muted line below it, Markdown."""
    slug = re.sub(r"\W+", "-", title.lower()).strip("-")
    with st.container(key=f"lab-section-{slug}", gap=None):
        st.subheader(plain(title), anchor=False)
        if note:
            st.markdown(note)


def details(mathematics: str = "", code: str = "", try_: str = "") -> None:
    """Fold away what a class may open: an expander each for what is given.

    Args:
        mathematics: Markdown; LaTeX between `$` in a line, between `$$` on a line of its own;
            `\\sym{z}` writes a symbol in its colour.
        code: Python source, shown as it stands.
        try_: Markdown, as a rule a list of things to do on this page.
    """
    folded = {
        "The mathematics": (mathematics, lambda: formulas(mathematics)),
        "The code": (code, lambda: st.code(code.strip("\n"), language="python")),
        "What to try": (try_, lambda: st.markdown(symbols(try_))),
    }
    with st.container(key="lab-details", gap=None):
        for title, (given, show) in folded.items():
            if not given:
                continue
            # Filled when it is opened: formulas and code would hold up the page's first picture.
            with st.expander(title, on_change="rerun", key=f"lab-{title}") as expander:
                if expander.open:
                    show()


def _display(text: str) -> str:
    r"""Put the `$$` around a paragraph on lines of their own, or Streamlit sets it within a line.

    Example:
        >>> _display("$$a\n= b$$")
        '\n$$\na\n= b\n$$\n'
    """
    return re.sub(r"(?ms)^[ \t]*\$\$\s*(.+?)\s*\$\$[ \t]*$", r"\n$$\n\1\n$$\n", text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], chosen: int | None = None) -> None:
    """A small table: the first column names, those between are numbers, the last is words.

    A phone leaves the last one out. The ``chosen`` column, if any, stands on a tint.
    """
    st.html(_table(head, rows, chosen))


def folded_table(head: Sequence[str], groups: Mapping[str, Sequence[Sequence[str]]]) -> None:
    """The same with its rows folded by their titles; a title with a single row is that row.

    Args:
        head: as in `table`.
        groups: rows by title.
    """
    parts = [_table(head, ())]
    for title, rows in groups.items():
        if len(rows) == 1:
            parts.append(_table((), rows))
            continue
        names = escape(", ".join(row[0] for row in rows))
        summary = f"<b>{escape(title)}</b> <span>{len(rows)}: {names}</span>"
        parts.append(f"<details><summary>{summary}</summary>{_table((), rows)}</details>")
    st.html(f'<div class="lab-folded">{"".join(parts)}</div>')


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], chosen: int | None = None) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        tags = [f'{tag} class="chosen"' if i == chosen else tag for i in range(len(cells))]
        pairs = zip(tags, cells, strict=True)
        return "<tr>" + "".join(f"<{one}>{escape(cell)}</{tag}>" for one, cell in pairs) + "</tr>"

    heads = f"<thead>{row(head, 'th')}</thead>" if head else ""
    body = "".join(row(cells, "td") for cells in rows)
    return f'<table class="lab-table">{heads}<tbody>{body}</tbody></table>'


def symbols(text: str) -> str:
    r"""Write `\sym{...}` inside LaTeX as that symbol in its colour, in either theme, and
    `\tint{$...$}` as a formula on the tint of what is chosen.

    The names are those of `SYMBOLS`: x, xt, z, mu, sigma, eps, xh.

    Example:
        >>> symbols(r"$\sym{z} = 0$"), symbols(r"$$a \tint{$+ b$}$$")
        ('$\\textcolor{#C2185B}{z} = 0$', '$$a \\colorbox{#FBEAF1}{$+ b$}$$')
    """
    text = text.replace(r"\tint{", rf"\colorbox{{{TINT}}}{{")
    return re.sub(
        r"\\sym\{(\w+)\}",
        lambda m: r"\textcolor{{{1}}}{{{0}}}".format(*SYMBOLS[m[1]]),
        text,
    )


def plain(text: str) -> str:
    r"""Text in which Markdown sees nothing to act on.

    Example:
        >>> plain("my_run*, see [1]: a, b")
        'my_run\\*, see \\[1\\]: a, b'
    """
    return re.sub(r"[\\`*\[\]<$~]|^[#>]|(?<!\w)_|_(?!\w)|:(?=\w)", r"\\\g<0>", text)


def copy_link(*shown: Run, own: bool = False) -> None:
    """A button that copies the page's address, which holds the page's state.

    The link opens the visitor's workspace, and says so, only where the page shows it: one of the
    runs shown is the visitor's, or ``own`` says that the page is about them.
    """
    own = own or any(map(session.owns, shown))
    data = {"leaveOut": [] if own else [session.PARAMETER], "warning": OWN_RUNS if own else ""}
    _copy_link(key="copy_link", data=data, width="content", height="content")


def write_address(address: dict) -> None:
    """Have the browser bring the address to what is given (see `aecore.ui.address`)."""
    _address(key="address", data=address)


_address = st.components.v2.component(
    "latent_lab_address", html="<span></span>", js=text("components/address/address.js")
)

_copy_link = st.components.v2.component(
    "latent_lab_copy_link",
    html="""
<button type="button" aria-label="Copy link"><span class="icon" aria-hidden="true">link</span
><span class="word" aria-hidden="true">Copy link</span></button>
<input type="text" aria-label="Link to this page" readonly hidden>
<span class="status" role="status"></span>
""",
    css=text("styles/tokens.css") + text("styles/copy_link.css"),
    js=text("components/copy_link/copy_link.js"),
)
