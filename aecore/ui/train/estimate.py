"""How long a training will take: a few of its steps are timed in the background."""

import json
import threading
import time

import streamlit as st

from aecore import jobs
from aecore.errors import LabError, for_visitor
from aecore.jobs import Spec
from aecore.runs.limits import limit
from aecore.ui import page, router
from aecore.ui.text import train as words

PATIENCE = 30.0  # seconds that a measurement for an estimate may take
EVERY = 2.0  # seconds between two looks at a timing, which takes a few and comes once for a shape

_timings: dict[str, tuple[float, "Timing"]] = {}
_lock = threading.Lock()


class Timing:
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
            self.wrong = for_visitor(error)
        finally:
            self.done.set()


def show(spec: Spec) -> None:
    """How long it will take, once a few of its steps were timed here."""
    timing = timing_of(spec)
    waits = not timing.done.is_set()
    st.fragment(_estimate, run_every=EVERY if waits else None)(spec, waits)


@router.guard()
def _estimate(spec: Spec, waited: bool) -> None:
    timing = timing_of(spec)
    if not timing.done.is_set():
        st.caption("Timing a few steps on this machine …")
        return
    if timing.wrong:
        st.error(page.plain(timing.wrong), icon=":material/error:")
    else:
        seconds = None
        if timing.seconds is not None:
            seconds = jobs.estimate(spec, wait=0)
        waiting = sum(not place.running for place in jobs.queue())
        st.caption(page.plain(words.estimate(seconds, waiting, limit("minutes"))))
    if trouble := jobs.trouble():
        st.error(page.plain(trouble), icon=":material/error:")
    if waited:
        st.rerun()


def timing_of(spec: Spec) -> Timing:
    """The measurement for this shape of training, begun when it is first needed."""
    # What is wrong may lie in any setting; the timing depends on the shape alone.
    key = json.dumps([spec.shape, spec.fit["epochs"]])
    with _lock:
        since, timing = _timings.get(key, (0.0, None))
        old = time.monotonic() - since > jobs.KNOWN_FOR
        old = old or bool(timing and timing.busy and not jobs.at_work())
        if timing is None or (old and timing.done.is_set()):
            for gone in [k for k, (then, _) in _timings.items() if time.monotonic() - then > 900]:
                del _timings[gone]
            timing = Timing(spec)
            _timings[key] = time.monotonic(), timing
        return timing
