"""The images to train on: what they look like, and how missing ones are fetched.

A download runs in a thread of the server, one for all visitors, whatever becomes of their pages.
"""

import base64
import io
import logging
import shutil
import threading
import time
from functools import lru_cache
from html import escape
from pathlib import Path

import numpy as np
import streamlit as st

from aecore.data import (
    Dataset,
    DatasetInfo,
    available_datasets,
    data_folder,
    download_dataset,
    load_dataset,
)
from aecore.errors import LabError, for_visitor
from aecore.runs.limits import MEGABYTE, limit
from aecore.runs.snapshots import examples
from aecore.runs.workspaces import Workspace
from aecore.ui import page, router
from aecore.ui.text import train as text

EVERY = 2.0  # seconds between two looks at a download: it takes minutes, and happens once
PRESENT = (
    90.0  # seconds since its last look for which a page waits; one in the background looks less
)
TILE = 28 + 2  # pixels from one sample to the next

log = logging.getLogger(__name__)
_downloads: dict[tuple[Path, str], "Download"] = {}
_lock = threading.Lock()


def here(info: DatasetInfo, workspace: Workspace) -> bool:
    """Ten of a dataset's images; or that it is missing, and a button that fetches it."""
    if not info.on_disk:
        _missing(info, workspace.folder.name)
        return False
    try:
        data = load_dataset(info.name)
    except LabError:
        return True  # its files are damaged, which whoever starts a training is told
    label = escape(text.samples(info.title, data.classes))
    st.html(
        f'<div class="lab-samples" role="img" aria-label="{label}" '
        f'style="--images: url({_samples(data)})"></div>'
    )
    return True


@lru_cache(maxsize=8)
def _samples(data: Dataset) -> str:
    """The first test image of each class in a row, as opacity, for the theme's own ink."""
    from PIL import Image

    images = data.test.images[examples(data)]
    row = np.pad(images, ((0, 0), (1, 1), (1, 1))).transpose(1, 0, 2).reshape(TILE, -1)
    picture = Image.merge("LA", [Image.new("L", row.shape[::-1]), Image.fromarray(row)])
    content = io.BytesIO()
    picture.save(content, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"


# Downloads


class Cancelled(Exception):
    """Nobody waits for the download any more."""


class Download:
    """A dataset on its way here, for all whose page shows it: it goes on while one of them waits.

    Attributes:
        done, total: bytes.
        wrong: why it failed, in one sentence; else empty.
        ended: set when its thread has come to an end.
    """

    def __init__(self, info: DatasetInfo) -> None:
        self.info, self.total = info, info.packed_bytes
        self.done, self.wrong = 0, ""
        self._looks: dict[str, float] = {}  # when each that waits looked last
        self._left: set[str] = set()  # those that wait no more
        self._files: dict[str, int] = {}
        self._since = 0.0
        self.ended, self._cancelled = threading.Event(), threading.Event()
        threading.Thread(target=self._work, daemon=True).start()

    @property
    def running(self) -> bool:
        """Whether it goes on; one that was cancelled may still be waiting for an answer."""
        return not (self._cancelled.is_set() or self.ended.is_set())

    @property
    def share(self) -> float:
        """How much of it is here, from 0 to 1."""
        return min(1.0, self.done / max(1, self.total))

    def join(self, visitor: str) -> None:
        """Wait for it; also again after `cancel`."""
        self._left.discard(visitor)
        self._looks[visitor] = time.monotonic()

    def waits(self, visitor: str) -> bool:
        """Whether it goes on for this visitor; one who looks and has not cancelled waits."""
        if not self.running or visitor in self._left:
            return False
        self.join(visitor)
        return True

    def cancel(self, visitor: str) -> None:
        """Wait for it no more. When nobody does, it ends, and nothing of it is kept."""
        self._left.add(visitor)
        self._looks.pop(visitor, None)
        now = time.monotonic()
        if all(now - look > PRESENT for look in list(self._looks.values())):
            self._cancelled.set()

    def says(self) -> str:
        """How far it is, in words."""
        spent = time.monotonic() - self._since if self._since else 0.0
        return text.download(self.done, self.total, spent)

    def _work(self) -> None:
        try:
            self._check_room()
            download_dataset(self.info.name, self._progress)
        except Cancelled:
            pass
        except LabError as error:
            self.wrong = for_visitor(error)
        except Exception:
            log.exception("A download failed")
            self.wrong = text.download_failed(self.info.title)
        finally:
            self.ended.set()

    def _check_room(self) -> None:
        folder = data_folder()
        there = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(there).free
        needed = self.info.packed_bytes + self.info.bytes_on_disk
        if free < limit("free_mb") * MEGABYTE + needed:
            raise LabError(text.disk_full(self.info.title, free))

    def _progress(self, done: int, total: int, file: str) -> None:
        if self._cancelled.is_set():
            raise Cancelled
        self._since = self._since or time.monotonic()
        self._files[file] = done
        self.done = sum(self._files.values())


def current(name: str) -> Download | None:
    """The latest download of a dataset, running or failed; None when there was none."""
    return _downloads.get((data_folder(), name))


def begin(info: DatasetInfo, visitor: str) -> Download:
    """Fetch a dataset in the background, or join those who wait for it already."""
    key = (data_folder(), info.name)
    with _lock:
        found = _downloads.get(key)
        if found is None or not found.running:
            found = _downloads[key] = Download(info)
        found.join(visitor)
        return found


def _missing(info: DatasetInfo, visitor: str) -> None:
    """A button that fetches a dataset, or how far that is."""
    download = current(info.name)
    running = download is not None and download.waits(visitor)
    st.fragment(_fetching, run_every=EVERY if running else None)(info, visitor, running)


@router.guard()
def _fetching(info: DatasetInfo, visitor: str, was_running: bool) -> None:
    download = current(info.name)
    running = download is not None and download.waits(visitor)
    here = {one.name for one in available_datasets() if one.on_disk}
    if info.name in here or running != was_running:
        st.rerun()
    with st.container(key="lab-missing"):
        if running:
            st.progress(download.share, download.says())
            if st.button("Cancel", width="stretch"):
                download.cancel(visitor)
                st.rerun()
            return
        if download and download.wrong:
            st.error(page.plain(download.wrong), icon=":material/error:")
        else:
            st.caption(page.plain(text.missing(info.title)))
        label = page.plain(text.fetch(info.title, info.packed_bytes))
        if st.button(label, width="stretch"):
            begin(info, visitor)
            st.rerun()
