"""When Kiro was last used on this machine, seen from outside: by when its session files were written to.

Cheap enough to be asked twice a minute all day. Folders are listed again only when their own time has changed; of the
files only those that were written to last are looked at, because a session that goes on is one of them. Now and then
everything is listed anew, which finds the old session that is taken up again.

Kiro has several homes: KIRO_HOME moves the CLI's sessions only, and the IDE's stay below ~/.kiro
(docs/kiro-cli.md, section 7). All of them are watched.

Must never open a file, follow a link below a root, or go deeper than Kiro's own two levels; and it never fails: what
cannot be seen was not written to.
"""

import asyncio
import os
import stat
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from heapq import nlargest
from itertools import islice
from pathlib import Path

from kiro_tui.clock import Clock

OF_V2 = "cli"
"""The folder of engine v2, with a file for each session; every other folder is a project's, with a folder for each."""
MESSAGES = "messages.jsonl"
MOST_FILES = 32
"""The files of one root that are looked at each time."""
MOST_ENTRIES = 20_000
"""Of one folder; what comes after them is not seen."""
MOST_PROJECTS = 1_000
LOOKS_UNTIL_ANEW = 20
AHEAD = 60.0
"""Seconds by which whoever dates the files, such as a file server, may be ahead of us."""


class SessionsActivity:
    """Kiro's use of the folders of its sessions; it is asked for one thing at a time."""

    def __init__(self, folders: Iterable[Path], clock: Clock) -> None:
        """The folders need not exist; the clock says which times lie far in the future, and are not believed."""
        self._roots = [_Root(str(folder)) for folder in folders]
        self._clock = clock
        self._looks = 0

    async def last_write(self) -> datetime | None:
        """Return when a session was last written to, aware UTC; None where none is seen."""
        return await asyncio.to_thread(self.look)

    def look(self) -> datetime | None:
        """Return the same, at once; it takes as long as the disk takes."""
        anew = self._looks % LOOKS_UNTIL_ANEW == 0
        self._looks += 1
        latest = self._clock.now().timestamp() + AHEAD
        written = [at for root in self._roots if (at := root.last_write(latest, anew=anew)) is not None]
        return datetime.fromtimestamp(max(written), UTC) if written else None


class _Root:
    """One folder of sessions."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._listed: int | None = None
        self._projects: dict[str, int | None] = {}
        """The folders in the root, and what each one's time was when it was last listed; None where it never was."""
        self._files: dict[str, float] = {}
        """The files that were written to last, and when: seconds of the wall clock."""

    def last_write(self, latest: float, *, anew: bool) -> float | None:
        """Return when a session was last written to, no later than `latest`; None where none is seen."""
        if anew:
            self._listed, self._projects = None, {}
        written = {path: at for path in self._files if (at := _written(path)) is not None}
        for folder in self._changed_folders():
            written.update(_sessions(folder, is_v2=folder == f"{self._path}/{OF_V2}"))
        believed = ((path, at) for path, at in written.items() if 0 < at <= latest)
        self._files = dict(nlargest(MOST_FILES, believed, key=lambda each: each[1]))
        return max(self._files.values()) if self._files else None

    def _changed_folders(self) -> Iterator[str]:
        listed = _changed(self._path, follow=True)  # the root itself may be a link to where there is more room
        if listed != self._listed:
            self._listed = listed
            folders = islice((entry.path for entry in _entries(self._path) if _is_folder(entry)), MOST_PROJECTS)
            self._projects = {path: self._projects.get(path) for path in folders}
        for path, before in self._projects.items():
            if (now := _changed(path)) != before:
                self._projects[path] = now
                yield path


def _sessions(folder: str, *, is_v2: bool) -> Iterator[tuple[str, float]]:
    """Yield the files with turns below one folder, and when each was written to."""
    for entry in _entries(folder):
        path = entry.path if is_v2 else f"{entry.path}/{MESSAGES}" if _is_folder(entry) else None
        if path is not None and (at := _written(path)) is not None:
            yield path, at


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from islice(entries, MOST_ENTRIES)
    except OSError:
        return  # it is gone, or not ours to read


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it may hold sessions; what is being imported lies in a hidden folder."""
    try:
        return entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
    except OSError:
        return False


def _changed(folder: str, *, follow: bool = False) -> int | None:
    status = _status(folder, follow=follow)
    return None if status is None else status.st_mtime_ns


def _written(path: str) -> float | None:
    status = _status(path)
    return status.st_mtime if status is not None and stat.S_ISREG(status.st_mode) else None


def _status(path: str, *, follow: bool = False) -> os.stat_result | None:
    try:
        return os.stat(path, follow_symlinks=follow)  # noqa: PTH116 - thousands of paths at once
    except OSError:
        return None
