"""How long a training will take: a few of its steps are timed in the background."""

import json
import threading
import time

import streamlit as st

from aecore import jobs
from aecore.errors import LabError
from aecore.jobs import Spec
from aecore.runs.limits import limit
from aecore.ui import page, router
from aecore.ui.text import train as words

PATIENCE = 30.0  # seconds that a measurement for an estimate may take
EVERY = 2.0  # seconds between two looks at a timing, which takes a few and comes once for a shape

_asked: dict[str, tuple[float, "Asked"]] = {}
_lock = threading.Lock()


class Asked:
    """A measurement for an estimate, made in the background."""

    def __init__(self, spec: Spec) -> None:
        self.seconds: float | None = None
        self.wrong = ""
        self.busy = jobs.at_work()
        self.done = threading.Event()
        threading.Thread(target=self._measure, args=(spec,), daemon=True).start()

    def _measure(self, spec: Spec) -> None:
        try:
            self.seconds = jobs.estimate(spec, wait=PATIENCE)
        except LabError as error:
            self.wrong = str(error)
        finally:
            self.done.set()


def show(spec: Spec) -> None:
    """How long it will take, once a few of its steps were timed here."""
    asked = ask(spec)
    waits = not asked.done.is_set()
    st.fragment(_estimate, run_every=EVERY if waits else None)(spec, waits)


@router.guard()
def _estimate(spec: Spec, waited: bool) -> None:
    asked = ask(spec)
    if not asked.done.is_set():
        st.caption("Timing a few steps on this machine …")
        return
    if asked.wrong:
        st.error(page.plain(asked.wrong), icon=":material/error:")
    else:
        seconds = None
        if asked.seconds is not None:
            seconds = jobs.estimate(spec, wait=0)
        waiting = sum(not place.running for place in jobs.queue())
        st.caption(page.plain(words.estimate(seconds, waiting, limit("minutes"))))
    if trouble := jobs.trouble():
        st.error(page.plain(trouble), icon=":material/error:")
    if waited:
        st.rerun()


def ask(spec: Spec) -> Asked:
    """The measurement for this shape of training, begun when it is first asked for."""
    # What is wrong may lie in any setting; the timing depends on the shape alone.
    key = json.dumps([spec.shape, spec.fit["epochs"]])
    with _lock:
        since, asked = _asked.get(key, (0.0, None))
        old = time.monotonic() - since > jobs.KNOWN_FOR
        old = old or bool(asked and asked.busy and not jobs.at_work())
        if asked is None or (old and asked.done.is_set()):
            for gone in [k for k, (then, _) in _asked.items() if time.monotonic() - then > 900]:
                del _asked[gone]
            asked = Asked(spec)
            _asked[key] = time.monotonic(), asked
        return asked
