"""Where Kiro's session files are, and whether one has changed since it was last seen.

Only looks at folders and sizes; opens no file. It follows no symbolic link below the root and goes two folders deep,
so that it ends in whatever tree it is given, and reads nothing outside of it.
"""

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from kiro_tui.spend.turns import Reason

OF_V2 = "cli"
MESSAGES = "messages.jsonl"
DESCRIPTION = "session.json"


class Stamp(NamedTuple):
    """What a file looked like from outside; equal stamps mean that nothing has changed."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Place:
    """One session's files."""

    name: str
    """The document or folder, below the root."""
    path: str
    """The file with the turns."""
    stamp: Stamp
    description: str | None = None
    """The file that says what the session is about; None for engine v2, and where there is none."""
    description_stamp: Stamp | None = None

    @property
    def id(self) -> str:
        """The session's id, as Kiro writes it."""
        return self.name.rpartition("/")[2].removesuffix(".json")

    @property
    def is_document(self) -> bool:
        """Whether it is one JSON document (engine v2), not a file of lines (v3)."""
        return self.name.endswith(".json")


@dataclass(slots=True)
class Tree:
    """What was found."""

    places: list[Place] = field(default_factory=list)
    skipped: Counter[Reason] = field(default_factory=Counter)


def find(root: Path) -> Tree:
    """Return all sessions below the root, ordered by name; none where there is no root."""
    tree = Tree()
    for name, folder in sorted(_entries(str(root), tree.skipped, os.DirEntry.is_dir)):
        if name == OF_V2:
            tree.places += _documents(folder.path, tree.skipped)
        else:
            tree.places += _folders(folder, tree.skipped)
    return tree


def open_file(path: str) -> int:
    """Open a file of Kiro's for reading only; raises OSError, also for what is no regular file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe must not hold us
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a regular file")
    return descriptor


def stamp_of(status: os.stat_result) -> Stamp:
    """Return the stamp of a file."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ino)


def _documents(folder: str, skipped: Counter[Reason]) -> Iterator[Place]:
    for name, entry in sorted(_entries(folder, skipped, os.DirEntry.is_file)):
        if name.endswith(".json") and (stamp := _stamp(entry, skipped)):
            yield Place(f"{OF_V2}/{name}", entry.path, stamp)


def _folders(folder: os.DirEntry[str], skipped: Counter[Reason]) -> Iterator[Place]:
    for name, session in sorted(_entries(folder.path, skipped, os.DirEntry.is_dir)):
        if not name.startswith("sess_"):
            continue
        files = dict(_entries(session.path, skipped, os.DirEntry.is_file))
        if MESSAGES not in files or not (stamp := _stamp(files[MESSAGES], skipped)):
            continue
        description = files.get(DESCRIPTION)
        yield Place(
            f"{folder.name}/{name}",
            files[MESSAGES].path,
            stamp,
            description.path if description else None,
            _stamp(description, skipped) if description else None,
        )


def _entries(
    folder: str, skipped: Counter[Reason], wanted: Callable[..., bool]
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield the entries of the wanted kind; links are counted, other kinds are nobody's business."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if wanted(entry, follow_symlinks=False):
                    yield entry.name, entry
                elif entry.is_symlink():
                    skipped[Reason.LINK] += 1
    except FileNotFoundError:
        pass  # there is none (yet, or any more)
    except OSError:
        skipped[Reason.FOLDER] += 1


def _stamp(entry: os.DirEntry[str], skipped: Counter[Reason]) -> Stamp | None:
    try:
        return stamp_of(entry.stat(follow_symlinks=False))
    except OSError:
        skipped[Reason.FILE] += 1
        return None
