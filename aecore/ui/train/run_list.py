"""A visitor's runs: the queue, the list, and what can be done with each."""

from html import escape
from pathlib import PurePath

import streamlit as st

from aecore import jobs
from aecore.data import available_datasets
from aecore.errors import LabError, for_visitor
from aecore.runs import Run, open_run
from aecore.runs.limits import limit
from aecore.runs.status import Status
from aecore.runs.workspaces import LONGEST_NOTES, LONGEST_TITLE, Workspace
from aecore.ui import address, choosers, component, export, navigation, page, series, session
from aecore.ui.text import train as text
from aecore.ui.train import code, monitor, words

ERROR, SAVED = "lab-runs-error", "lab-runs-saved"
REFUSED = "lab-upload-refused"  # of a model file: what was refused, and why


def queue(workspace: Workspace, shown: list[Run]) -> None:
    """Those of the visitor's runs that wait or are trained."""
    if any(run.status.under_way for run in workspace.runs()):
        page.section("Queue")
        data = {"follow": monitor.addresses(shown), "queue": words.queue(workspace, jobs.queue())}
        component.mount("train/queue", "queue", data)


def show(workspace: Workspace, shown: list[Run]) -> None:
    """The list of runs; a run that moves on draws the page anew (see `monitor.stage`)."""
    runs, names = workspace.runs(), {run.name for run in shown}
    if message := st.session_state.pop(ERROR, ""):
        st.error(page.plain(message), icon=":material/error:")
    if not runs:
        st.markdown("None yet. Choose a model and press Train.")
    groups = {}
    for run in runs:
        groups.setdefault(workspace.note(run).group or run.name, []).append(run)
    for group, members in groups.items():
        if len(members) > 1:
            members = series.in_order(members)
            _group(group, members)
        for run in members:
            _row(workspace, run, names)


def _group(group: str, members: list[Run]) -> None:
    left, right = st.columns([5, 3], vertical_alignment="center")
    kinds = [run.about.short for run in members]
    setting = series.setting(members)
    what, count = text.group(kinds, len(members), setting.symbol if setting else None)
    left.markdown(f"**{page.plain(what)}**, {count}")
    if right.button("Open side by side", key=f"group-{group}", icon=":material/view_column:"):
        opened("group", group)


def _row(workspace: Workspace, run: Run, shown: set[str]) -> None:
    status = run.status
    left, right = st.columns([5, 3], vertical_alignment="center")
    here = " · shown above" if run.name in shown else ""
    left.html(
        f'<p class="lab-run"><b>{escape(workspace.title(run))}</b> '
        f"<span>{escape(state(status))}{here}</span><br>{escape(monitor.what(run))}"
        f"{escape(figures(run))}</p>"
    )
    with right.container(horizontal=True, gap="small"):
        if st.button("Open", key=f"open-{run.name}"):
            opened("run", run.name)
        if run.can_continue and st.button(
            "Continue", key=f"continue-{run.name}", icon=":material/play_arrow:"
        ):
            tried(lambda: jobs.resume(workspace, run))
            opened("run", run.name)
        if status.can_stop and st.button("Stop", key=f"stop-{run.name}", icon=":material/stop:"):
            tried(lambda: jobs.cancel(run))
            st.rerun()
        if not status.under_way:
            with st.popover("Delete", key=f"popover-{run.name}"):
                st.markdown("It cannot be brought back.")
                if st.button("Delete it", key=f"delete-{run.name}", icon=":material/delete:"):
                    tried(lambda: workspace.delete(run))
                    if shown == {run.name}:
                        address.put("run")
                        address.put("group")
                    st.rerun()


def opened(what: str, value: str) -> None:
    """Show a run, or a group."""
    monitor.show(what, value)
    st.rerun()


def tried(action: object) -> None:
    """Do something; should it fail, the sentence is shown when the list is drawn next."""
    try:
        action()
    except LabError as error:
        st.session_state[ERROR] = for_visitor(error)


def state(status: Status) -> str:
    """Where a run stands, in a word or two; the queue tells more of one under way."""
    return text.state(status.state, status.phase)


def figures(run: Run) -> str:
    """The error on test images, once it is measured."""
    status = run.status
    if not status.busy and (run.folder / "card.json").exists():
        try:
            found = run.card["figures"]
            loss = "negative_elbo" if "negative_elbo" in found else "reconstruction"
            return text.result(loss, found[loss], run.card["seconds"])
        except (LabError, KeyError, TypeError):
            return ""
    return ""


def about(workspace: Workspace, run: Run) -> None:
    """Name, notes, file and code of the run that is shown, and ways to the other pages."""
    note = workspace.note(run)
    page.section(f"About {workspace.title(run)}", page.plain(monitor.what(run)))
    with st.container():  # it comes when the run is done, and moves nothing that is below
        links(workspace, run)
    left, right = st.columns(2, gap="large")
    with left, st.form(f"note-{run.name}", border=False):
        title = st.text_input("Name", note.title, max_chars=LONGEST_TITLE)
        notes = st.text_area("Notes", note.notes, max_chars=LONGEST_NOTES, height=104)
        if st.form_submit_button("Keep name and notes"):
            try:
                workspace.write_note(run, title=title, notes=notes)
            except LabError as error:
                st.error(page.plain(for_visitor(error)), icon=":material/error:")
            else:
                st.session_state[SAVED] = run.name
                st.rerun()
        if st.session_state.pop(SAVED, None) == run.name:
            st.success("Kept.", icon=":material/check:")
    with right:
        st.caption("The same run on your own machine, by command and in Python")
        st.code(code.command(run.config), language="bash", wrap_lines=True)
        st.code(code.python(run.config), language="python", wrap_lines=True)
        if run.weights.exists():
            st.download_button(
                "Model file",
                run.weights.read_bytes,
                file_name=f"{export.slug(workspace.title(run))}.safetensors",
                mime="application/octet-stream",
                icon=":material/download:",
                on_click="ignore",
            )


def links(workspace: Workspace, run: Run) -> None:
    """To the pages that show a finished run, with it chosen there."""
    if run.status.busy:
        return
    names = session.by_name(workspace, choosers.on_a_plane)
    name = next((name for name, folder in names.items() if folder == str(run.folder)), None)
    if name is None:
        return
    other = _partner(workspace, run, names)
    ways = {
        "Decode": {"model": name},
        "Compare": ({"left": other} if other else {}) | {"right": name},
    }
    with st.container(horizontal=True):
        for where, parameters in ways.items():
            st.page_link(
                navigation.page(where.lower()),
                label=f"{where} it",
                icon=":material/arrow_forward:",
                query_params=parameters,
            )


def _partner(workspace: Workspace, run: Run, names: dict[str, str]) -> str | None:
    """What to set beside a run: of the same images, best of its batch, then of another kind."""
    group = workspace.note(run).group
    batch = {str(one.folder) for one in workspace.runs() if group == workspace.note(one).group}
    others = {name: open_run(folder) for name, folder in names.items() if folder != str(run.folder)}

    def unlike(name: str) -> tuple[bool, ...]:
        one, own = others[name], group and names[name] in batch
        longer = one.config.fit.get("epochs") != run.config.fit.get("epochs")
        return not own, one.family == run.family, one.latent_dim != run.latent_dim, longer

    same = [name for name, one in others.items() if one.config.dataset == run.config.dataset]
    return min(same, key=unlike, default=None)


def upload(workspace: Workspace) -> None:
    """Take in a model file that was downloaded here or made by the command line."""
    number = st.session_state.setdefault("lab-uploads", 0)
    most = max(1, min(int(limit("upload_mb")), st.get_option("server.maxUploadSize")))
    with st.expander("Add a model file", key="upload"):
        file = st.file_uploader(
            "A model file that was downloaded here, or saved by Latent Lab elsewhere",
            type="safetensors",
            max_upload_size=most,
            key=f"upload-{number}",
        )
        titles = {info.name: info.title for info in available_datasets() if info.on_disk}
        dataset = st.selectbox(
            "Measured on", [None, *titles],
            format_func=lambda name: titles.get(name, "the images that the file names"),
        )  # fmt: skip
        if file is None:
            return
        asked = (file.file_id, dataset)
        run: Run | None = None
        if st.button("Add it", icon=":material/upload:", key="add"):
            title = PurePath(file.name).stem[:LONGEST_TITLE]
            st.session_state.pop(REFUSED, None)
            try:
                run = jobs.submit_upload(workspace, file.getvalue(), dataset=dataset, title=title)
            except LabError as error:
                st.session_state[REFUSED] = asked, f"{file.name}: {for_visitor(error)}"
        # The sentence stays through reruns, until another file or other images are chosen.
        refused, sentence = st.session_state.get(REFUSED, (None, ""))
        if refused == asked:
            st.error(page.plain(sentence), icon=":material/error:")
    if run:
        st.session_state["lab-uploads"] = number + 1
        opened("run", run.name)
